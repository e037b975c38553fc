//! The tree-sitter parser, bounded in work.

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Point, Range, Tree};

use super::mend;
use super::scan::outside;

/// Error recovery may take time out of all proportion to the text. tree-sitter reports after every
/// hundred operations; well-formed Rust takes a report for some hundred bytes.
const REPORTS_MIN: usize = 20_000;
const BYTES_PER_REPORT_MIN: usize = 8;

/// A parser of Rust.
pub struct Syntax {
    parser: Parser,
}

impl Syntax {
    /// None where the grammar and the library do not fit together.
    pub fn new() -> Option<Syntax> {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_rust::LANGUAGE.into()).ok()?;
        Some(Syntax { parser })
    }

    /// The tree of a whole text, with the bodies of its functions. None where it took too much work.
    pub fn parse_whole(&mut self, text: &str) -> Option<Tree> {
        let end = text.len();
        let end_point = Point::new(text.bytes().filter(|&byte| byte == b'\n').count(), 0);
        let start_point = Point::new(0, 0);
        self.parse(text, &[], Range { start_byte: 0, end_byte: end, start_point, end_point })
    }

    /// The tree of `within`, with the gaps left out and with what the grammar does not know mended.
    /// None where it took too much work.
    pub(super) fn parse(&mut self, text: &str, gaps: &[Range], within: Range) -> Option<Tree> {
        self.parser.set_included_ranges(&outside(gaps, within)).ok()?;
        let bytes = within.end_byte.saturating_sub(within.start_byte);
        let start = within.start_byte;
        let inside = gaps.get(gaps.partition_point(|gap| gap.start_byte < start)..).unwrap_or_default();
        let inside = inside.iter().map(|gap| gap.start_byte - start..gap.end_byte.saturating_sub(start));
        let mended = mend::mended(text.get(start..within.end_byte)?, inside);
        let read = |at: usize| match (&mended, at.checked_sub(start)) {
            (Some(mended), Some(at)) => mended.get(at..),
            _ => text.as_bytes().get(at..),
        };
        let mut reports = REPORTS_MIN + bytes / BYTES_PER_REPORT_MIN;
        let mut work = |_: &ParseState| match reports.checked_sub(1) {
            Some(left) => {
                reports = left;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        };
        let tree = self.parser.parse_with_options(
            &mut |at, _| read(at).unwrap_or_default(),
            None,
            Some(ParseOptions::new().progress_callback(&mut work)),
        );
        if tree.is_none() {
            self.parser.reset();
        }
        tree
    }
}
