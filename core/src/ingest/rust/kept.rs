//! What was read of a set's packages, kept as long as one that may need it is still to be ingested: together they
//! would take a gigabyte of a large lockfile.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// One value a package, made by whoever needs it first. What is asked for again after it was let go is made again.
pub(super) struct Kept<T> {
    /// By package: those that it names.
    below: Vec<Vec<usize>>,
    slots: Vec<Mutex<Option<Arc<T>>>>,
    /// By package: how many are to be ingested that may need it, itself among them.
    waiting: Vec<AtomicUsize>,
    ingested: Vec<AtomicBool>,
}

impl<T> Kept<T> {
    pub fn of(below: Vec<Vec<usize>>) -> Kept<T> {
        let kept = Kept {
            slots: below.iter().map(|_| Mutex::default()).collect(),
            waiting: below.iter().map(|_| AtomicUsize::new(0)).collect(),
            ingested: below.iter().map(|_| AtomicBool::new(false)).collect(),
            below,
        };
        for package in 0..kept.below.len() {
            for below in kept.within(package) {
                if let Some(waiting) = kept.waiting.get(below) {
                    waiting.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        kept
    }

    /// The value of a package; `None` for one that the set does not have. Who asks while another makes it waits.
    pub fn get_or_make(&self, package: usize, make: impl FnOnce() -> T) -> Option<Arc<T>> {
        let mut slot = self.slots.get(package)?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(slot.get_or_insert_with(|| Arc::new(make())).clone())
    }

    /// A package is ingested: what nobody needs any more goes.
    pub fn ingested(&self, package: usize) {
        let again = self.ingested.get(package).is_none_or(|done| done.swap(true, Ordering::Relaxed));
        if again {
            return;
        }
        for below in self.within(package) {
            let last = self.waiting.get(below).is_some_and(|one| one.fetch_sub(1, Ordering::Relaxed) == 1);
            if let Some(slot) = self.slots.get(below).filter(|_| last) {
                slot.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        }
    }

    /// A package, and all that it leads to.
    fn within(&self, package: usize) -> Vec<usize> {
        let mut seen = vec![false; self.below.len()];
        let (mut found, mut next) = (Vec::new(), vec![package]);
        while let Some(at) = next.pop() {
            if let Some(seen) = seen.get_mut(at).filter(|seen| !**seen) {
                *seen = true;
                found.push(at);
                next.extend(self.below.get(at).into_iter().flatten());
            }
        }
        found
    }

    #[cfg(test)]
    fn held(&self) -> Vec<usize> {
        let is_held = |slot: &Mutex<Option<Arc<T>>>| slot.lock().is_ok_and(|slot| slot.is_some());
        self.slots.iter().enumerate().filter(|(_, slot)| is_held(slot)).map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_stays_and_what_nobody_needs_goes() {
        // The first builds on the second, which builds on the third; the fourth on the third.
        let kept = Kept::of(vec![vec![1], vec![2], vec![], vec![2]]);
        let all = || (0..4).filter_map(|at| kept.get_or_make(at, || at)).map(|one| *one).collect::<Vec<_>>();
        assert_eq!(all(), [0, 1, 2, 3]);
        kept.ingested(2);
        assert_eq!(kept.held(), [0, 1, 2, 3], "others need it still");
        kept.ingested(0);
        kept.ingested(0);
        assert_eq!(kept.held(), [1, 2, 3]);
        kept.ingested(1);
        assert_eq!(kept.held(), [2, 3]);
        kept.ingested(3);
        assert_eq!(kept.held(), [0; 0]);
        assert_eq!(all(), [0, 1, 2, 3], "what is asked for again is made again");
        assert!(kept.get_or_make(4, || 4).is_none());
    }
}
