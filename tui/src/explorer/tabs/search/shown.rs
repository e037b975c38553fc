//! The rows of the list: results, each on one line or on two, and the line where words end.

use zenith_core::search::FoundBy;

/// Which rows there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    hits: usize,
    /// The first result that meaning alone found, where words found others or were to find them: a line stands before
    /// it.
    pub ends_at: Option<usize>,
    /// Lines of a result.
    pub lines: usize,
}

impl Rows {
    /// The rows of results by what found them; `has_words` says that there were words to find.
    pub fn of(
        mut found_by: impl ExactSizeIterator<Item = FoundBy> + DoubleEndedIterator,
        has_words: bool,
        lines: usize,
    ) -> Rows {
        let hits = found_by.len();
        let by_words = found_by.rposition(|found_by| found_by != FoundBy::Meaning);
        let first = by_words.map_or(0, |last| last + 1);
        Rows { hits, ends_at: Some(first).filter(|first| has_words && *first < hits), lines }
    }

    /// Rows of anything else.
    pub fn plain(len: usize) -> Rows {
        Rows { hits: len, ends_at: None, lines: 1 }
    }

    pub fn len(&self) -> usize {
        self.hits * self.lines + usize::from(self.ends_at.is_some())
    }

    /// The first row of a result.
    pub fn row(&self, hit: usize) -> usize {
        hit * self.lines + usize::from(self.ends_at.is_some_and(|first| hit >= first))
    }

    /// The result of a row; none where the line stands.
    pub fn hit(&self, row: usize) -> Option<usize> {
        let end = self.ends_at.map(|first| first * self.lines);
        let row = match end {
            Some(end) if row == end => return None,
            Some(end) if row > end => row - 1,
            _ => row,
        };
        Some(row / self.lines.max(1)).filter(|hit| *hit < self.hits)
    }

    /// How many results show at once.
    pub fn page(&self, height: usize) -> usize {
        (height / self.lines.max(1)).max(1)
    }

    /// The row at which what stands at a row begins: no result shows without its first line.
    pub fn beginning(&self, row: usize) -> usize {
        self.hit(row).map_or(row, |hit| self.row(hit))
    }

    /// The row, or where that is in the middle of a result, the beginning of the next.
    pub fn next_beginning(&self, row: usize) -> usize {
        if self.beginning(row) < row { row + 1 } else { row }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(found_by: &[FoundBy]) -> Rows {
        Rows::of(found_by.iter().copied(), true, 1)
    }

    #[test]
    fn a_line_stands_where_words_end() {
        use FoundBy::{LikeName, Meaning, Words};
        assert_eq!(rows(&[Words, Meaning, Words, Meaning, Meaning]).ends_at, Some(3));
        assert_eq!(rows(&[LikeName, Meaning]).ends_at, Some(1));
        assert_eq!(rows(&[Meaning, Meaning]).ends_at, Some(0));
        assert_eq!(rows(&[Words, Words]).ends_at, None);
        assert_eq!(rows(&[]).ends_at, None);
        assert_eq!(Rows::of([Meaning].into_iter(), false, 1).ends_at, None);
    }

    #[test]
    fn rows_and_results_lead_to_each_other_past_the_line() {
        let rows = rows(&[FoundBy::Words, FoundBy::Meaning, FoundBy::Meaning]);
        assert_eq!(rows.len(), 4);
        assert_eq!(
            (0..5).map(|row| rows.hit(row)).collect::<Vec<_>>(),
            [Some(0), None, Some(1), Some(2), None]
        );
        assert!((0..3).all(|hit| rows.hit(rows.row(hit)) == Some(hit)));
    }
    #[test]
    fn a_result_on_two_lines_is_found_at_both_and_shows_from_its_first() {
        let two = Rows { lines: 2, ..rows(&[FoundBy::Words, FoundBy::Meaning, FoundBy::Meaning]) };
        assert_eq!(two.len(), 7);
        let hits: Vec<_> = (0..8).map(|row| two.hit(row)).collect();
        assert_eq!(hits, [Some(0), Some(0), None, Some(1), Some(1), Some(2), Some(2), None]);
        assert_eq!((0..7).map(|row| two.beginning(row)).collect::<Vec<_>>(), [0, 0, 2, 3, 3, 5, 5]);
        assert_eq!((0..7).map(|row| two.next_beginning(row)).collect::<Vec<_>>(), [0, 2, 2, 3, 5, 5, 7]);
        assert_eq!((two.page(25), two.page(1)), (12, 1));
    }
}
