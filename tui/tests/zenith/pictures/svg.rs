//! A terminal's cells as SVG.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Of a cell, in units of the picture.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const BASELINE: f64 = 13.5;
const MARGIN: f64 = 10.0;

/// What a terminal has where a program says nothing.
#[derive(Clone, Copy)]
pub struct Ground {
    pub text: Rgb,
    pub background: Rgb,
}

type Rgb = [u8; 3];

/// How the cells of a run look.
#[derive(Clone, PartialEq)]
struct Look {
    text: Rgb,
    background: Rgb,
    is_bold: bool,
    is_italic: bool,
    is_underlined: bool,
}

/// Cells side by side that look the same: where they begin, how many they are, and what they say.
struct Run {
    column: u16,
    columns: u16,
    text: String,
    look: Look,
}

/// The screen as a picture with a title.
pub fn svg(screen: &vt100::Screen, ground: Ground, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) =
        (f64::from(columns) * WIDTH + 2.0 * MARGIN, f64::from(rows) * HEIGHT + 2.0 * MARGIN);
    let (mut classes, mut body) = (BTreeMap::new(), String::new());
    for row in 0..rows {
        for run in runs(screen, row, columns, ground) {
            draw(&run, row, ground, &mut classes, &mut body);
        }
    }
    let mut styles = String::new();
    for (colour, class) in classes {
        let _ = write!(styles, ".{class}{{fill:{colour}}}");
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         <title>{}</title>\n\
         <style>text{{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}}\
         .b{{font-weight:bold}}.i{{font-style:italic}}.u{{text-decoration:underline}}{styles}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n{body}</svg>\n",
        escaped(title),
        hex(ground.background),
    )
}

/// The cells of a row, those together that look the same. Blanks on the terminal's own background are left out.
fn runs(screen: &vt100::Screen, row: u16, columns: u16, ground: Ground) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else {
            continue;
        };
        let (look, columns) = (look(cell, ground), if cell.is_wide() { 2 } else { 1 });
        let text = if cell.has_contents() { cell.contents() } else { " " };
        // A blank has no colour of its own, so that words do not fall apart at it.
        let joins = |run: &Run| {
            let lines = run.look.is_underlined || look.is_underlined;
            run.look == look || (text == " " && !lines && run.look.background == look.background)
        };
        match runs.last_mut() {
            Some(run) if joins(run) => {
                run.text.push_str(text);
                run.columns += columns;
            }
            _ => runs.push(Run { column, columns, text: text.to_string(), look }),
        }
    }
    runs.retain(|run| !run.text.trim().is_empty() || run.look.background != ground.background);
    runs
}

fn draw(run: &Run, row: u16, ground: Ground, classes: &mut BTreeMap<String, String>, body: &mut String) {
    let mut class = |colour: Rgb| {
        let next = format!("c{}", classes.len());
        classes.entry(hex(colour)).or_insert(next).clone()
    };
    let at = |column: u16| MARGIN + f64::from(column) * WIDTH;
    let (x, top) = (at(run.column), MARGIN + f64::from(row) * HEIGHT);
    if run.look.background != ground.background {
        let (width, class) = (f64::from(run.columns) * WIDTH, class(run.look.background));
        let _ = writeln!(
            body,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\"/>"
        );
    }
    let text = run.text.trim_end();
    if text.is_empty() {
        return;
    }
    // What stands before the text is not stretched with it.
    let blanks = u16::try_from(text.len() - text.trim_start().len()).unwrap();
    let behind = u16::try_from(run.text.len() - text.len()).unwrap();
    let (x, columns) = (at(run.column + blanks), run.columns - blanks - behind);
    let mut classes = class(run.look.text);
    for (is, name) in [(run.look.is_bold, " b"), (run.look.is_italic, " i"), (run.look.is_underlined, " u")] {
        classes.push_str(if is { name } else { "" });
    }
    let (y, width) = (top + BASELINE, f64::from(columns) * WIDTH);
    let _ = writeln!(
        body,
        "<text class=\"{classes}\" x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
        escaped(text.trim_start())
    );
}

fn look(cell: &vt100::Cell, ground: Ground) -> Look {
    let (text, background) = (rgb(cell.fgcolor(), ground.text), rgb(cell.bgcolor(), ground.background));
    let (text, background) = if cell.inverse() { (background, text) } else { (text, background) };
    Look { text, background, is_bold: cell.bold(), is_italic: cell.italic(), is_underlined: cell.underline() }
}

/// The colours of the xterm palette from 16 on; those below are the user's own, and the screen uses none.
fn rgb(colour: vt100::Color, default: Rgb) -> Rgb {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match colour {
        vt100::Color::Default => default,
        vt100::Color::Rgb(red, green, blue) => [red, green, blue],
        vt100::Color::Idx(number) => {
            match number.checked_sub(16).expect("one of the user's own 16 colours") {
                cube @ 0..=215 => [level(cube / 36), level(cube / 6 % 6), level(cube % 6)],
                grey => [8 + 10 * (grey - 216); 3],
            }
        }
    }
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
