//! Modules whose file a build chooses, and files that are not there.
//!
//! `#[cfg_attr(custom, path = "a.rs")] mod m;` hangs on what a build script prints, which nobody
//! knows without running it. Every file that is there is read: the usual one is what the module is,
//! or else the likeliest, and the others add what only they declare.

use std::path::PathBuf;
use std::sync::Arc;

use super::super::cfg;
use super::super::fragment::Pending;
use super::super::model::{Cfg, Guard};
use super::{Loader, Piece};
use crate::ingest::SkipReason;

impl Loader<'_> {
    /// The files of a module, of which the first is what it is.
    pub(super) fn chosen(
        &mut self,
        pending: &Pending,
        usual: &[PathBuf],
        others: &[(Box<str>, PathBuf)],
    ) -> Vec<Piece> {
        let mut others: Vec<_> = others.iter().filter(|(_, path)| path.is_file()).collect();
        let mut pieces = Vec::new();
        if others.is_empty() || usual.iter().any(|path| path.is_file()) {
            pieces.extend(self.file(pending, usual, true));
        }
        others.sort_by_key(|(condition, _)| self.likelihood(condition));
        for (condition, path) in others {
            let guard =
                Guard { outer: pending.context.guard.clone(), cfg: Cfg::Predicate(condition.clone()) };
            let mut context = pending.context.clone();
            context.guard = Some(Arc::new(guard));
            let first = pieces.is_empty();
            context.off |= !first;
            context.off_anyway |= !first;
            let other = Pending { context, what: super::Wanted::Generated, ..*pending };
            pieces.extend(self.file(&other, std::slice::from_ref(path), first));
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

    /// Counts a module that has no file, unless it may be no module (a macro's argument) or is not
    /// built here.
    pub(super) fn count_missing(&mut self, pending: &Pending) {
        let mut guard = pending.context.guard.as_deref();
        while let Some(one) = guard {
            if let Cfg::Macro(_) = one.cfg {
                return;
            }
            guard = one.outer.as_deref();
        }
        if !pending.context.off {
            *self.skipped.entry(SkipReason::NoFile).or_default() += 1;
        }
    }
}
