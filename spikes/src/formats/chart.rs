//! The chart of the report: cold vector queries by distance and by size. Its background is whatever the page has, its
//! ink a grey that is read on white and on black.

use anyhow::Context;
use plotters::coord::Shift;
use plotters::prelude::*;
use zenith_harness::Unit;
use zenith_harness::text::grouped;

use super::axes::{State, Way};
use super::conclusion::{FAR_MS, far_ms};
use super::data::{Report, Size};

const INK: RGBColor = RGBColor(0x84, 0x88, 0x92);
const TITLE_POINTS: u32 = 20;
const TEXT_POINTS: u32 = 16;

const fn colour(way: Way) -> RGBColor {
    match way {
        Way::Parquet => RGBColor(0x2f, 0x81, 0xc7),
        Way::LanceIndex => RGBColor(0xd1, 0x4d, 0x41),
        Way::LanceHeld => RGBColor(0x2f, 0x9e, 0x58),
    }
}

/// An SVG of 960 by 400.
pub fn svg(report: &Report) -> anyhow::Result<String> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (960, 400)).into_drawing_area();
        let (left, right) = root.split_horizontally(480);
        let size = report.sizes.iter().find(|size| size.rows == 10_000).or(report.sizes.last());
        by_distance(&left, size.context("nothing was measured")?)?;
        by_size(&right, report)?;
        root.present()?;
    }
    Ok(text)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// A line each way: what stands to the right, seconds upwards.
type Lines = [(Way, Vec<(f64, f64)>); 3];

fn by_distance(area: &Area, size: &Size) -> anyhow::Result<()> {
    let lines = Way::ALL.map(|way| {
        let points = size.measurements.iter().filter(|found| {
            found.format == way.format() && found.operation == way.operation() && found.state == State::Cold
        });
        (way, points.map(|found| (found.delay_ms as f64, found.ms / 1e3)).collect())
    });
    let caption = format!("Cold vector query over {} rows", grouped(size.rows));
    draw(area, &caption, "ms a request", 0.0..150.0, &lines, &|ms| format!("{ms}"))
}

fn by_size(area: &Area, report: &Report) -> anyhow::Result<()> {
    let lines = Way::ALL.map(|way| {
        let point = |size: &Size| {
            let found = size.way(way, State::Cold, FAR_MS)?;
            Some(((size.rows as f64).log10(), far_ms(found) / 1e3))
        };
        (way, report.sizes.iter().filter_map(point).collect())
    });
    let caption = format!("The same, {FAR_MS} ms a request and 100 Mbit/s");
    let rows = |power: &f64| match power.fract() == 0.0 {
        true => Unit::Count.show(10f64.powf(*power)),
        false => String::new(),
    };
    draw(area, &caption, "rows", 2.0..5.2, &lines, &rows)
}

fn draw(
    area: &Area,
    caption: &str,
    across: &str,
    range: std::ops::Range<f64>,
    lines: &Lines,
    label: &dyn Fn(&f64) -> String,
) -> anyhow::Result<()> {
    let text = |points: u32| ("sans-serif", points).into_font().color(&INK);
    let top = lines.iter().flat_map(|line| &line.1).map(|point| point.1).fold(0.1, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(caption, text(TITLE_POINTS))
        .margin(14)
        .x_label_area_size(46)
        .y_label_area_size(58)
        .build_cartesian_2d(range, 0.0..top * 1.25)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.25))
        .axis_style(INK)
        .label_style(text(TEXT_POINTS))
        .axis_desc_style(text(TEXT_POINTS))
        .x_desc(across)
        .y_desc("seconds")
        .x_label_formatter(label)
        .draw()?;
    for (way, points) in lines {
        let ink = colour(*way);
        chart
            .draw_series(LineSeries::new(points.clone(), ink.stroke_width(2)).point_size(3))?
            .label(way.as_str())
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 14, y)], ink.stroke_width(3)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(text(TEXT_POINTS))
        .border_style(TRANSPARENT)
        .draw()?;
    Ok(())
}
