//! Results of one file or of one type do not crowd out what comes second: at most some of them in a row.
//! Those beyond wait until another result came; none is lost.

use std::collections::VecDeque;

/// How many results of one place may stand in a row.
const ROW_MAX: usize = 3;
/// How many may wait. With more, what is left is of one place anyway, and each costs a look into the store.
const WAITING_MAX: usize = 30;

/// The places that a result belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    /// The type or module that it belongs to.
    pub owner: String,
}

/// Puts results, which come best first, in an order without long rows.
pub struct Spread<T> {
    waiting: VecDeque<(Place, T)>,
    last: Vec<Place>,
    pub list: Vec<T>,
}

impl<T> Spread<T> {
    pub fn new() -> Spread<T> {
        Spread { waiting: VecDeque::new(), last: Vec::new(), list: Vec::new() }
    }

    /// The next best result.
    pub fn push(&mut self, place: Place, item: T) {
        if self.waiting.len() >= WAITING_MAX {
            self.flush();
        }
        if self.is_too_long(&place) {
            self.waiting.push_back((place, item));
            return;
        }
        self.put(place, item);
        // What waited and may come now stands before what is yet to come.
        while let Some(at) = self.waiting.iter().position(|(place, _)| !self.is_too_long(place)) {
            let Some((place, item)) = self.waiting.remove(at) else { return };
            self.put(place, item);
        }
    }

    /// A result that stands where it comes, whatever came before it.
    pub fn put_at_once(&mut self, item: T) {
        self.list.push(item);
    }

    /// Lets all come that still wait: what follows may not stand before them.
    pub fn flush(&mut self) {
        while let Some((place, item)) = self.waiting.pop_front() {
            self.put(place, item);
        }
    }

    fn put(&mut self, place: Place, item: T) {
        self.last.push(place);
        self.list.push(item);
    }

    fn is_too_long(&self, place: &Place) -> bool {
        let Some(start) = self.last.len().checked_sub(ROW_MAX) else { return false };
        let row = self.last.get(start..).unwrap_or_default();
        row.iter().all(|last| last.file == place.file) || row.iter().all(|last| last.owner == place.owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(files: &str) -> String {
        let mut spread = Spread::new();
        for (at, file) in files.chars().enumerate() {
            spread.push(Place { file: file.to_string(), owner: at.to_string() }, file);
        }
        spread.flush();
        spread.list.into_iter().collect()
    }

    #[test]
    fn no_more_than_some_of_one_file_stand_in_a_row_and_none_is_lost() {
        assert_eq!(spread("aaaaabab"), "aaabaaab");
        assert_eq!(spread("aaaab"), "aaaba");
        assert_eq!(spread("aaaaaa"), "aaaaaa");
        assert_eq!(spread("abcabc"), "abcabc");
    }
}
