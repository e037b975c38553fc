//! Parquet beside Lance as a chart: what the last run of F5 measured or, before any, the committed report.

use ratatui::text::{Line, Span};
use zenith_harness::{Outcome, Unit};
use zenith_spikes::formats::axes::{State, Way};
use zenith_spikes::formats::comparison::{Bar, Comparison, ROWS, committed};
use zenith_spikes::formats::conclusion::{FAR_MS, best, far_ms};
use zenith_spikes::formats::data::Size;

use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::clock::ago;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::text::counted;

/// Where the committed figures and the whole of them are.
const REPORT: &str = "benches/reports/parquet-lance.md";

const STATE_COLUMNS: usize = 5;
const WAY_COLUMNS: usize = 12;
const TIME_COLUMNS: usize = 8;
const STEPS_COLUMNS: usize = 10;
const GETS_COLUMNS: usize = 9;
const BYTES_COLUMNS: usize = 11;
/// Narrower bars tell nothing: what stands behind them goes first.
const BAR_COLUMNS_MIN: usize = 20;
const BAR_COLUMNS_MAX: usize = 48;
const ROWS_COLUMNS: usize = 9;
const CELL_COLUMNS: usize = 14;

/// The chart, out of the newest of these outcomes that has its figures.
pub fn chart(outcomes: &[&Outcome], now_ms: i64, painter: &Painter, page: &mut Builder<'_>) {
    let runs =
        outcomes.iter().filter_map(|outcome| Some((outcome, Comparison::of_figures(&outcome.figures)?)));
    let run = runs.max_by_key(|(outcome, _)| outcome.at);
    let shown = match run {
        Some((outcome, comparison)) => {
            let when = ago(outcome.at.timestamp_millis(), now_ms);
            Some((comparison, format!("measured on {}, {when}", outcome.backend)))
        }
        None => committed()
            .and_then(Comparison::of_report)
            .map(|comparison| (comparison, format!("not run here yet, so from {REPORT}"))),
    };
    let Some((comparison, source)) = shown else { return };
    page.blank();
    page.text("Parquet beside Lance", Role::Heading);
    let rows = Unit::Count.show(ROWS as f64);
    page.text(
        &format!("the ten nearest of {rows} rows on a bucket, {FAR_MS} ms a request; {source}"),
        Role::Quiet,
    );
    bars(&comparison, painter, page);
    if let Some(report) = committed() {
        by_size(&report.sizes, painter, page);
    }
}

fn bars(comparison: &Comparison, painter: &Painter, page: &mut Builder<'_>) {
    let longest = comparison.bars.iter().map(|bar| bar.seconds).fold(0.0, f64::max);
    let room = painter.width.saturating_sub(STATE_COLUMNS + WAY_COLUMNS + 1 + TIME_COLUMNS);
    let details = [STEPS_COLUMNS, GETS_COLUMNS, BYTES_COLUMNS];
    // As many details as leave the bar its room.
    let fits = |count: usize| details[..count].iter().sum::<usize>() + BAR_COLUMNS_MIN <= room;
    let count = (1..=details.len()).rev().find(|count| fits(*count)).unwrap_or(0);
    let columns = room.saturating_sub(details[..count].iter().sum()).min(BAR_COLUMNS_MAX);
    for state in State::BOTH {
        let of_state: Vec<&Bar> = comparison.bars.iter().filter(|bar| bar.state == state).collect();
        let least = of_state.iter().map(|bar| bar.seconds).fold(f64::INFINITY, f64::min);
        for (index, bar) in of_state.iter().enumerate() {
            let name = if index == 0 { state.as_str() } else { "" };
            let role = if bar.seconds <= least { Role::Good } else { Role::Accent };
            let mut line = Line::from(vec![
                painter.span(format!("{name:STATE_COLUMNS$}"), Role::Quiet),
                painter.span(format!("{:>WAY_COLUMNS$} ", bar.way.as_str()), Role::Text),
                painter.span(format!("{:columns$}", drawn(bar.seconds / longest, columns)), role),
                painter.span(format!("{:>TIME_COLUMNS$}", Unit::Seconds.show(bar.seconds)), Role::Strong),
            ]);
            let details = [
                format!("{:>STEPS_COLUMNS$}", counted(bar.steps, "step")),
                format!("{:>GETS_COLUMNS$}", counted(bar.gets, "GET")),
                format!("{:>BYTES_COLUMNS$}", Unit::Bytes.show(bar.bytes_read as f64)),
            ];
            line.spans.extend(details.into_iter().take(count).map(|told| painter.span(told, Role::Quiet)));
            page.lines.push(line);
        }
    }
}

/// A bar to an eighth of a column. What is there shows, however little it is.
fn drawn(share: f64, columns: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let most = u32::try_from(columns * 8).unwrap_or(u32::MAX);
    let eighths =
        (1..=most).take_while(|eighth| f64::from(*eighth) <= share * f64::from(most)).count().max(1);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// The committed report's answer for each size.
fn by_size(sizes: &[Size], painter: &Painter, page: &mut Builder<'_>) {
    page.blank();
    page.text(&format!("cold, with what the bytes take at 100 Mbit/s; from {REPORT}"), Role::Quiet);
    let mut head = format!("{:>ROWS_COLUMNS$}", "rows");
    Way::ALL.iter().for_each(|way| head.push_str(&format!("{:>CELL_COLUMNS$}", way.as_str())));
    page.lines.push(Line::from(painter.span(head, Role::Quiet)));
    for size in sizes {
        let rows = Unit::Count.show(size.rows as f64);
        let mut line = Line::from(painter.span(format!("{rows:>ROWS_COLUMNS$}"), Role::Text));
        line.spans.extend(Way::ALL.map(|way| cell(size, way, painter)));
        page.lines.push(line);
    }
    page.text("✓ what the report chooses: the fastest, of equals the simplest", Role::Quiet);
}

fn cell(size: &Size, way: Way, painter: &Painter) -> Span<'static> {
    let time = size.way(way, State::Cold, FAR_MS).map(|found| Unit::Seconds.show(far_ms(found) / 1e3));
    let time = time.unwrap_or_default();
    match best(size) == Some(way) {
        true => painter.span(format!("{:>CELL_COLUMNS$}", format!("✓ {time}")), Role::Good),
        false => painter.span(format!("{time:>CELL_COLUMNS$}"), Role::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_nothing() {
        let drawn: Vec<String> = [0.0, 0.5, 0.54, 1.0].iter().map(|share| drawn(*share, 4)).collect();
        assert_eq!(drawn, ["▏", "██", "██▏", "████"]);
        assert_eq!(super::drawn(f64::NAN, 4), "▏");
        assert_eq!(super::drawn(9.0, 2), "██");
    }
}
