//! Noticing that the project changed while the screen is open.
//!
//! A key, a click, or the terminal that comes to the front says that somebody is here, and lets a task look at
//! the project's stamp; what is not indexed as it is, is indexed beside the screen, and told in a line.
//!
//! # Decisions
//!
//! - **No file system is watched.** Nobody reads an index that nobody looks at, so between keys there is nothing to
//!   notice: no thread, no handle a folder, and no run at each save of an editor beside `cargo check`. A look costs
//!   some milliseconds, in a task; it works on network file systems too.
//! - **A state is acted on once.** A run that fails, or that the user stops, is not begun again by the next key.

use std::time::{Duration, Instant};

use zenith_core::index::Freshness;

use super::{Effect, World};
use crate::explorer::parts::out::Out;
use crate::stale;

/// At most one look in this time.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What is known of the project's changes.
#[derive(Debug, Default)]
pub struct Watch {
    /// When the project was looked at, or indexed, last.
    last: Option<Instant>,
    is_looking: bool,
    /// The state that the last run was begun for.
    acted_on: Freshness,
    /// Whether the last run left work undone.
    was_stopped: bool,
}

impl Watch {
    /// A run over the project is over, or was stopped before.
    pub fn settle(&mut self, was_stopped: bool, now: Instant) {
        (self.last, self.was_stopped) = (Some(now), was_stopped);
    }
}

impl World {
    /// Asks for a look where somebody is here.
    pub fn want_look(&mut self, now: Instant, out: &mut Out<Effect>) {
        let is_due = self.watch.last.is_none_or(|last| now.saturating_duration_since(last) >= LOOK_EVERY);
        let is_busy = self.watch.is_looking || self.indexing.is_active() || self.is_closing;
        if let Some(lockfile) = self.indexing.lockfile.as_ref().filter(|_| is_due && !is_busy)
            && self.is_open()
        {
            (self.watch.is_looking, self.watch.last) = (true, Some(now));
            out.work(Effect::Look(lockfile.clone()));
        }
    }

    /// Takes what a look found: what is not indexed as it is, is indexed.
    pub fn take_look(&mut self, looked: Result<Freshness, String>, out: &mut Out<Effect>) -> bool {
        self.watch.is_looking = false;
        // A lockfile may be read while cargo writes it; the next look sees it whole.
        let Ok(freshness) = looked else { return false };
        let Some(what) = stale::told(&freshness).filter(|_| freshness != self.watch.acted_on) else {
            return false;
        };
        if self.indexing.is_active() || self.is_closing {
            return false;
        }
        self.watch.acted_on = freshness;
        if std::mem::take(&mut self.watch.was_stopped) {
            return false;
        }
        out.done(format!("{what}; indexing it"));
        self.start_indexing(out);
        true
    }
}
