//! What a screen shows, cell by cell and in every theme, against the files in `snapshots/`.
//!
//! A file has the text once, and for each theme the style of every run of cells that is not the terminal's own:
//! columns, then foreground, background and weight. `ZENITH_BLESS=1 scripts/test looks` writes the files anew; read
//! the difference before you commit it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::super::parts::theme::{Appearance, Depth, Theme};
use super::Screen;

/// Every theme, by the name that a file has for it.
pub const THEMES: [(&str, Appearance); 5] = [
    ("dark", Appearance::Dark),
    ("light", Appearance::Light),
    ("high contrast, dark", Appearance::HighContrastDark),
    ("high contrast, light", Appearance::HighContrastLight),
    ("without colour", Appearance::Monochrome),
];

/// Compares what a screen shows in each theme with the file of a name. `screen` makes it in a theme, in which its
/// pages are laid out too.
#[track_caller]
pub fn assert_snapshot(name: &str, screen: impl Fn(Theme) -> Screen) {
    let mut found = String::new();
    let mut text = String::new();
    for (theme, appearance) in THEMES {
        let screen = screen(Theme { appearance, depth: Depth::Full });
        assert_eq!(screen.app.theme.appearance, appearance, "{name}: the screen is to be in the theme");
        let buffer = screen.buffer();
        // The text is the same in all themes, or shows again where it is not.
        let shown = framed(&buffer);
        if shown != text {
            let _ = write!(found, "{} × {}\n{shown}", buffer.area.width, buffer.area.height);
            text = shown;
        }
        let _ = write!(found, "\n{theme}\n{}", styles(&buffer));
    }
    compare(name, &found);
}

#[track_caller]
fn compare(name: &str, found: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explorer/tests/snapshots");
    let path = folder.join(format!("{name}.txt"));
    if std::env::var_os("ZENITH_BLESS").is_some() {
        fs::write(&path, found).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let kept_lines = kept.lines().chain(std::iter::repeat("(nothing)"));
    for (number, (found, kept)) in (1..).zip(found.lines().zip(kept_lines)) {
        assert_eq!(found, kept, "{name}, line {number}; ZENITH_BLESS=1 keeps what shows now");
    }
    assert_eq!(found.lines().count(), kept.lines().count(), "lines of {name}");
}

/// The text, between bars, so that blanks at the end are seen.
fn framed(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in rows(buffer) {
        let line: String = row.iter().map(Cell::symbol).collect();
        let _ = writeln!(text, "│{line}│");
    }
    text
}

/// The style of each run of cells, a row each.
fn styles(buffer: &Buffer) -> String {
    let mut styles = String::new();
    for (number, row) in rows(buffer).enumerate() {
        let mut runs: Vec<(usize, usize, String)> = Vec::new();
        for (column, cell) in row.iter().enumerate() {
            let style = style(cell);
            match runs.last_mut().filter(|(_, _, before)| *before == style) {
                Some((_, end, _)) => *end = column,
                None => runs.push((column, column, style)),
            }
        }
        runs.retain(|(_, _, style)| style != "-");
        if !runs.is_empty() {
            let runs: Vec<String> =
                runs.into_iter().map(|(start, end, style)| format!("{start}–{end} {style}")).collect();
            let _ = writeln!(styles, "{number:>3}: {}", runs.join(", "));
        }
    }
    styles
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1))
}

/// How a cell looks, in a word; `-` where it is as the terminal is.
fn style(cell: &Cell) -> String {
    let mut style = colour(cell.fg);
    if cell.bg != Color::Reset {
        let _ = write!(style, "/{}", colour(cell.bg));
    }
    for (modifier, name) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
        (Modifier::CROSSED_OUT, "crossed"),
    ] {
        if cell.modifier.contains(modifier) {
            let _ = write!(style, "+{name}");
        }
    }
    style
}

fn colour(colour: Color) -> String {
    match colour {
        Color::Reset => "-".to_string(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        other => other.to_string(),
    }
}
