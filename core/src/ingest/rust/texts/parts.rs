//! Long functions of one's own code are found by their parts.

use super::put;
use crate::ingest::{Symbol, SymbolKind};

/// The lines of a piece.
const LINES_MIN: usize = 20;
const LINES_MAX: usize = 40;
/// Pieces of one function, and of a package.
const PARTS_MAX: usize = 60;
const PACKAGE_MAX: usize = 20_000;

/// Adds to the metadata of long functions where their pieces begin, in lines from the first.
pub(super) fn note(symbols: &mut [Symbol]) {
    let mut left = PACKAGE_MAX;
    for symbol in symbols {
        let function = matches!(symbol.kind, SymbolKind::Fn | SymbolKind::Method);
        if !function || symbol.metadata.contains_key("declared_in") {
            continue;
        }
        let lines: Vec<&str> = symbol.source.lines().collect();
        if lines.len() <= LINES_MAX {
            continue;
        }
        let mut parts = starts(&lines);
        parts.truncate(PARTS_MAX.min(left));
        left -= parts.len();
        if !parts.is_empty() {
            put(symbol, "parts", parts.into());
        }
    }
}

/// Cuts where the text itself makes a break: at an empty line, else before the line that is indented least.
fn starts(lines: &[&str]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut start = 0;
    while lines.len() - start > LINES_MAX {
        let within = start + LINES_MIN..=start + LINES_MAX;
        let cost = |at: &usize| {
            let before = lines.get(at - 1).copied().unwrap_or_default();
            let line = lines.get(*at).copied().unwrap_or_default();
            let indent = line.len() - line.trim_start().len();
            let closes = line.trim_start().starts_with(['}', ')', ']']) || line.trim().is_empty();
            (closes, !before.trim().is_empty(), indent, std::cmp::Reverse(*at))
        };
        start = within.min_by_key(cost).unwrap_or(start + LINES_MAX);
        starts.push(start);
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_begin_where_the_text_breaks() {
        let mut lines = vec!["    x();"; 100];
        lines[29] = "";
        assert_eq!(starts(&lines), [0, 30, 70]);
        let flat = starts(&["        y();"; 1000]);
        assert!(flat.windows(2).all(|pair| (LINES_MIN..=LINES_MAX).contains(&(pair[1] - pair[0]))));
        assert!(1000 - flat.last().unwrap() <= LINES_MAX);
    }
}
