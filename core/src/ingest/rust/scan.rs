//! One pass over a file's bytes before it is parsed.
//!
//! Function bodies make up most of Rust's text and hold no items, and data in long arrays and
//! strings can cost the parser gigabytes. It is told to pass over both; that halves its work and
//! keeps what is odd inside a body from disturbing the items around it. The pass also measures how
//! deep brackets nest outside these gaps.

use std::ops::Range;

use tree_sitter::Point;

use super::lex::{Token, token};

/// A shorter body is left in: a gap costs the parser more than its text.
const BODY_BYTES_MIN: usize = 48;
/// A shorter array or string may be part of a signature.
const DATA_BYTES_MIN: usize = 1_024;

pub(super) struct Scan {
    /// The insides of function bodies, long arrays and long strings, in order, without what
    /// encloses them.
    pub gaps: Vec<tree_sitter::Range>,
    pub depth_max: usize,
    pub lines: u32,
}

/// A bracket whose inside may become a gap.
struct Opening {
    depth: usize,
    start: usize,
    point: Point,
    bytes_min: usize,
}

pub(super) fn scan(text: &[u8]) -> Scan {
    let mut scan = Scan { gaps: Vec::new(), depth_max: 0, lines: 1 };
    let (mut at, mut depth) = (0, 0_usize);
    let (mut row, mut line_start) = (0, 0);
    let mut head: Option<usize> = None;
    let mut opening: Option<Opening> = None;
    while at < text.len() {
        let (kind, end) = token(text, at);
        let byte = text.get(at).copied().unwrap_or(0);
        match kind {
            Token::Space | Token::Comment | Token::Literal => {
                let long =
                    kind == Token::Literal && opening.is_none() && byte == b'"' && end - at > DATA_BYTES_MIN;
                let start = Point::new(row, at + 1 - line_start);
                let inside = text.get(at..end).unwrap_or_default();
                for (n, _) in inside.iter().enumerate().filter(|(_, b)| **b == b'\n') {
                    row += 1;
                    line_start = at + n + 1;
                }
                if long && text.get(end - 1) == Some(&b'"') {
                    scan.gap(at + 1, start, end - 1, Point::new(row, end - 1 - line_start));
                }
            }
            Token::Word
                if opening.is_none() && text.get(at..end) == Some(b"fn") && names_follow(text, end) =>
            {
                head = Some(depth);
            }
            Token::Open => {
                let body = byte == b'{' && head == Some(depth);
                let data = byte == b'[' && !opens_attribute(text, at);
                if opening.is_none() && (body || data) {
                    let bytes_min = if body { BODY_BYTES_MIN } else { DATA_BYTES_MIN };
                    let point = Point::new(row, end - line_start);
                    opening = Some(Opening { depth, start: end, point, bytes_min });
                    head = head.filter(|_| data);
                }
                depth += 1;
                if opening.as_ref().is_none_or(|one| one.bytes_min == DATA_BYTES_MIN) {
                    scan.depth_max = scan.depth_max.max(depth);
                }
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                if head.is_some_and(|head| depth < head) {
                    head = None;
                }
                if let Some(one) = opening.take_if(|one| depth <= one.depth)
                    && at - one.start >= one.bytes_min
                {
                    scan.gap(one.start, one.point, at, Point::new(row, at - line_start));
                }
            }
            Token::Punct if byte == b';' && head == Some(depth) => head = None,
            _ => {}
        }
        at = end;
    }
    scan.lines = u32::try_from(row + usize::from(line_start < text.len())).unwrap_or(u32::MAX).max(1);
    scan
}

impl Scan {
    fn gap(&mut self, start_byte: usize, start_point: Point, end_byte: usize, end_point: Point) {
        self.gaps.push(tree_sitter::Range { start_byte, end_byte, start_point, end_point });
    }
}

/// `#[` and `#![`.
fn opens_attribute(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.ends_with(b"#") || before.ends_with(b"#!")
}

/// `fn` begins an item only before a name: `fn(u8)` is a type.
fn names_follow(text: &[u8], at: usize) -> bool {
    let mut rest = text.get(at..).unwrap_or_default().iter();
    rest.find(|b| !b.is_ascii_whitespace())
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80)
}

/// What is left of `within` after taking out the gaps.
pub(super) fn outside(gaps: &[tree_sitter::Range], within: tree_sitter::Range) -> Vec<tree_sitter::Range> {
    let span: Range<usize> = within.start_byte..within.end_byte;
    let first = gaps.partition_point(|gap| gap.start_byte < span.start);
    let mut ranges = Vec::new();
    let mut rest = within;
    for gap in gaps.get(first..).unwrap_or_default().iter().take_while(|gap| gap.end_byte <= span.end) {
        ranges.push(tree_sitter::Range { end_byte: gap.start_byte, end_point: gap.start_point, ..rest });
        rest = tree_sitter::Range { start_byte: gap.end_byte, start_point: gap.end_point, ..rest };
    }
    ranges.push(rest);
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<&str> {
        scan(text.as_bytes()).gaps.iter().map(|r| &text[r.start_byte..r.end_byte]).collect()
    }

    #[test]
    fn only_the_bodies_of_functions_are_passed_over() {
        let body = "x".repeat(BODY_BYTES_MIN);
        let text = format!(
            "impl T<fn()> for X {{ fn a(&self) {{{body}}} const F: fn(u8) = f; struct S {{ {body}: u8 }} }}"
        );
        assert_eq!(bodies(&text), [body.as_str()]);
        assert_eq!(
            bodies(&format!("trait T {{ fn a(); type X where [(); {{1}}]:; mod m {{ {body} }} }}")),
            [""; 0]
        );
    }

    #[test]
    fn long_data_is_passed_over_and_attributes_are_not() {
        let data = "1, ".repeat(DATA_BYTES_MIN);
        assert_eq!(bodies(&format!("static A: &[u8] = &[{data}];")), [data.as_str()]);
        assert_eq!(bodies(&format!("static A: &str = \"{data}\";")), [data.as_str()]);
        assert_eq!(bodies(&format!("#[a({data})] fn f() -> [u8; 4] {{}}")), [""; 0]);
    }

    #[test]
    fn depth_counts_outside_bodies() {
        assert_eq!(scan(b"mod a { mod b { fn c() { {{{{}}}} } } }").depth_max, 3);
        assert_eq!(scan(&b"(".repeat(1000)).depth_max, 1000);
    }
}
