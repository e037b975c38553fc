//! The rows of the list: results, and the line where words end.

use zenith_core::search::FoundBy;

/// Which rows there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    hits: usize,
    /// The first result that meaning alone found, where words found others or were to find them: a line stands before
    /// it.
    pub ends_at: Option<usize>,
}

impl Rows {
    /// The rows of results by what found them; `has_words` says that there were words to find.
    pub fn of(
        mut found_by: impl ExactSizeIterator<Item = FoundBy> + DoubleEndedIterator,
        has_words: bool,
    ) -> Rows {
        let hits = found_by.len();
        let by_words = found_by.rposition(|found_by| found_by != FoundBy::Meaning);
        let first = by_words.map_or(0, |last| last + 1);
        Rows { hits, ends_at: Some(first).filter(|first| has_words && *first < hits) }
    }

    /// Rows of anything else.
    pub fn plain(len: usize) -> Rows {
        Rows { hits: len, ends_at: None }
    }

    pub fn len(&self) -> usize {
        self.hits + usize::from(self.ends_at.is_some())
    }

    /// The row of a result.
    pub fn row(&self, hit: usize) -> usize {
        hit + usize::from(self.ends_at.is_some_and(|first| hit >= first))
    }

    /// The result of a row; none where the line stands.
    pub fn hit(&self, row: usize) -> Option<usize> {
        let hit = match self.ends_at {
            Some(first) if row == first => return None,
            Some(first) if row > first => row - 1,
            _ => row,
        };
        Some(hit).filter(|hit| *hit < self.hits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(found_by: &[FoundBy]) -> Rows {
        Rows::of(found_by.iter().copied(), true)
    }

    #[test]
    fn a_line_stands_where_words_end() {
        use FoundBy::{LikeName, Meaning, Words};
        assert_eq!(rows(&[Words, Meaning, Words, Meaning, Meaning]).ends_at, Some(3));
        assert_eq!(rows(&[LikeName, Meaning]).ends_at, Some(1));
        assert_eq!(rows(&[Meaning, Meaning]).ends_at, Some(0));
        assert_eq!(rows(&[Words, Words]).ends_at, None);
        assert_eq!(rows(&[]).ends_at, None);
        assert_eq!(Rows::of([Meaning].into_iter(), false).ends_at, None);
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
}
