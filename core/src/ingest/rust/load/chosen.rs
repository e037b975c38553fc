//! Modules whose file a build chooses, and files that are not there.
//!
//! `#[cfg_attr(custom, path = "a.rs")] mod m;` hangs on what a build script prints, which nobody
//! knows without running it. Every file that is there is read: the usual one is what the module is,
//! or else the likeliest, and the others add what only they declare.

use std::path::PathBuf;
use std::sync::Arc;

use super::super::cfg;
use super::super::fragment::Context;
use super::super::model::Guard;
use super::{Loader, Piece, Place};
use crate::ingest::SkipReason;

impl Loader<'_> {
    /// The files of a module, of which the first is what it is.
    pub(super) fn chosen(
        &mut self,
        place: &Place,
        usual: &[PathBuf],
        others: &[(Box<str>, PathBuf)],
    ) -> Vec<Piece> {
        let mut others: Vec<_> = others.iter().filter(|(_, path)| path.is_file()).collect();
        let mut pieces = Vec::new();
        if others.is_empty() || usual.iter().any(|path| path.is_file()) {
            pieces.extend(self.file(place.clone(), usual, true));
        }
        others.sort_by_key(|(condition, _)| self.likelihood(condition));
        for (condition, path) in others {
            let mut place = place.clone();
            let context = &mut place.context;
            context.guard = Some(Arc::new(Guard { outer: context.guard.clone(), cfg: condition.clone() }));
            let first = pieces.is_empty();
            context.off |= !first;
            context.off_anyway |= !first;
            pieces.extend(self.file(place, std::slice::from_ref(path), first));
        }
        pieces
    }

    /// Smaller for what is likelier to hold here.
    fn likelihood(&self, condition: &str) -> u8 {
        match cfg::certain(condition, self.wish.features) {
            Some(true) => 0,
            None => 1,
            Some(false) => 2,
        }
    }

    /// Counts a module that has no file, unless it may be no module (an unknown macro's argument) or
    /// is not built here.
    pub(super) fn count_missing(&mut self, context: &Context) {
        if !context.off && !context.guessed {
            *self.skipped.entry(SkipReason::NoFile).or_default() += 1;
        }
    }
}
