//! The piece of code around a use: a whole function or item if it is short, else whole statements.

use super::Spotted;
use super::find::{How, Spot};
use super::sheet::{NONE, Role, Sheet, Unit};

/// A longer function is shown by its statements.
const LINES_MAX: usize = 24;
/// Of a statement that is longer still, lines before and after the use.
const LINES_BEFORE: usize = 3;
const LINES_AFTER: usize = 8;
const LINE_CHARS_MAX: usize = 300;

/// Code as it stands in a text, without the indentation that all of it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// 0-based, inclusive.
    pub row_start: usize,
    pub row_end: usize,
    /// Whether it is a whole item: a function, an impl, a type.
    pub whole: bool,
    pub code: String,
}

/// What is told of a use. None where it stands in no item and no statement.
pub(super) fn around(sheet: &Sheet<'_>, spot: Spot) -> Option<Spotted> {
    let leaf = sheet.leaves.get(spot.leaf)?;
    let innermost = sheet.units.get(leaf.unit)?;
    let lines = |unit: &Unit| unit.row_end.saturating_sub(unit.row_start) + 1;
    let mut chosen: Option<&Unit> = Some(innermost).filter(|unit| lines(unit) <= LINES_MAX);
    let (mut within, mut at) = (None, leaf.unit);
    while let Some(unit) = sheet.units.get(at) {
        let is_function = unit.kind == Role::Function;
        if within.is_none() && (is_function || spot.how == How::Derive) {
            within = unit.name.clone();
        }
        if lines(unit) <= LINES_MAX && !chosen.is_some_and(|chosen| chosen.kind == Role::Function) {
            chosen = Some(unit);
        }
        if is_function || unit.parent == NONE {
            break;
        }
        at = unit.parent;
    }
    if spot.how == How::Implementation {
        let on_type = sheet.implementations.get(leaf.implementation).map(|one| one.on_type);
        let text = on_type.and_then(|(start, end)| sheet.text.get(start..end));
        within = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    let (row_start, row_end, whole) = match chosen {
        Some(unit) => (unit.row_start, unit.row_end, unit.kind != Role::Statement),
        None => {
            let last = innermost.row_end.min(leaf.row + LINES_AFTER);
            (innermost.row_start.max(leaf.row.saturating_sub(LINES_BEFORE)), last, false)
        }
    };
    let lines: Vec<&str> = sheet.text.lines().skip(row_start).take(row_end - row_start + 1).collect();
    let code = dedent(&lines);
    Some(Spotted {
        how: spot.how,
        certain: spot.certain,
        in_test: innermost.is_test,
        row: leaf.row,
        within,
        snippet: Snippet { row_start, row_end, whole, code },
    })
}

/// Lines without the indentation that they share, each of bounded length.
pub fn dedent(lines: &[&str]) -> String {
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let shown = lines.iter().map(|line| {
        let line = line.get(shared..).unwrap_or_default().trim_end();
        match line.char_indices().nth(LINE_CHARS_MAX) {
            Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
            None => line.to_owned(),
        }
    });
    shown.collect::<Vec<_>>().join("\n")
}
