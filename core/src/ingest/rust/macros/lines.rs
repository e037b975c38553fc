//! Which lines of a file a text was made from.

/// A part of a text that stands on one line of the file that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Part {
    pub start: u32,
    pub end: u32,
    /// 1-based.
    pub line: u32,
}

/// In order, without overlaps. What no part covers comes from elsewhere: a macro's own body.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Lines {
    parts: Vec<Part>,
}

impl Lines {
    /// Those of a text that stands in a file from this line on.
    pub fn of(text: &str, mut line: u32) -> Lines {
        let (mut parts, mut start) = (Vec::new(), 0);
        for (at, _) in text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n') {
            let end = at as u32 + 1;
            // Nothing is asked of an empty line.
            if end > start + 1 {
                parts.push(Part { start, end, line });
            }
            (start, line) = (end, line + 1);
        }
        parts.push(Part { start, end: text.len() as u32, line });
        Lines { parts }
    }

    pub fn at(&self, position: u32) -> Option<u32> {
        let next = self.parts.partition_point(|part| part.end <= position);
        self.parts.get(next).filter(|part| part.start <= position).map(|part| part.line)
    }

    /// Notes that `start..end` of `from` was copied to `to` of this text.
    pub fn copy(&mut self, from: &Lines, start: u32, end: u32, to: u32) {
        let first = from.parts.partition_point(|part| part.end <= start);
        for part in from.parts.get(first..).unwrap_or_default().iter().take_while(|part| part.start < end) {
            let (from, until) =
                (part.start.max(start) - start + to, part.end.min(end).saturating_sub(start) + to);
            match self.parts.last_mut() {
                Some(last) if last.line == part.line && last.end == from => last.end = until,
                _ => self.parts.push(Part { start: from, end: until, line: part.line }),
            }
        }
    }

    /// Those of a part of the text.
    pub fn slice(&self, start: u32, end: u32) -> Lines {
        let mut lines = Lines::default();
        lines.copy(self, start, end, 0);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_what_is_copied() {
        let of = Lines::of("a\nbc\nd", 7);
        assert_eq!([0, 1, 2, 4, 5].map(|at| of.at(at)), [7, 7, 8, 8, 9].map(Some));
        let mut made = Lines::default();
        made.copy(&of, 3, 6, 10);
        assert_eq!([9, 10, 11, 12, 13].map(|at| made.at(at)), [None, Some(8), Some(8), Some(9), None]);
        assert_eq!(made.slice(11, 13).at(1), Some(9));
    }
}
