//! What differs between two texts, by words: what is kept of a text is what merges.

use std::ops::Range;
use std::time::Duration;

use similar::{DiffOp, TextDiff};

/// How long a difference is looked for; after that it is told in larger pieces.
const PATIENCE: Duration = Duration::from_millis(500);

/// A part of a text, and what takes its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Bytes of the old text, at the borders of letters.
    pub at: Range<usize>,
    pub put: String,
}

/// What to do to `old` for it to be `new`, in the order of the text.
pub(super) fn changes(old: &str, new: &str) -> Vec<Change> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_words(old, new);
    let (old_at, new_at) = (places(diff.iter_old_slices()), places(diff.iter_new_slices()));
    let part = |at: &[usize], range: Range<usize>| {
        let place = |word: usize| at.get(word).copied().unwrap_or_default();
        place(range.start)..place(range.end)
    };
    let changed = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed
        .map(|op| Change {
            at: part(&old_at, op.old_range()),
            put: new.get(part(&new_at, op.new_range())).unwrap_or_default().to_owned(),
        })
        .collect()
}

/// Where each word begins, and where the last one ends.
fn places<'a>(words: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut places = vec![0];
    let mut at = 0;
    for word in words {
        at += word.len();
        places.push(at);
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn changed(old: &str, new: &str) -> String {
        let mut text = old.to_owned();
        for change in changes(old, new).into_iter().rev() {
            text.replace_range(change.at, &change.put);
        }
        text
    }

    #[test]
    fn what_did_not_change_is_left() {
        let found = changes("one two three\n", "one too three\n");
        assert_eq!(found, [Change { at: 4..7, put: "too".to_owned() }]);
    }

    proptest! {
        #[test]
        fn the_changes_lead_from_one_text_to_the_other(old in "[a-cäß🦀 \n]{0,40}", new in "[a-cäß🦀 \n]{0,40}") {
            prop_assert_eq!(changed(&old, &new), new);
        }
    }
}
