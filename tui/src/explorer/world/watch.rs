//! Noticing that the project changed while the screen is open.
//!
//! A lockfile that is written is looked at at once: what it gained is to be searched. A key, a click, or the terminal
//! that comes to the front says that somebody is here, and lets a task look at the project's stamp; what is not
//! indexed as it is, is indexed beside the screen, and told in a line.
//!
//! # Decisions
//!
//! - **The lockfile's folder is watched, and no other.** No thread, one handle, and no run at each save of an editor
//!   beside `cargo check`: one's own code is looked at when somebody is here. A look costs some milliseconds, in a
//!   task; it works on network file systems too, which tell nothing.
//! - **A state is acted on once.** A run that fails, or that the user stops, is not begun again by the next key.

use std::time::{Duration, Instant};

use zenith_core::index::Freshness;

use super::{Effect, World};
use crate::explorer::parts::out::Out;
use crate::stale;
use crate::text::counted;

/// At most one look in this time.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What is known of the project's changes.
#[derive(Debug, Default)]
pub struct Watch {
    /// When the project was looked at, or indexed, last.
    last: Option<Instant>,
    is_looking: bool,
    /// Whether the lockfile was written since it was looked at.
    is_written: bool,
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
            (self.watch.is_looking, self.watch.last, self.watch.is_written) = (true, Some(now), false);
            out.work(Effect::Look(lockfile.clone()));
        }
    }

    /// The lockfile was written, and so is another matter than what a run left undone.
    pub fn take_written(&mut self, now: Instant, out: &mut Out<Effect>) {
        (self.watch.is_written, self.watch.was_stopped) = (true, false);
        self.look_at_what_was_written(now, out);
    }

    /// Looks at a lockfile that was written, once nothing is in the way.
    pub fn look_at_what_was_written(&mut self, now: Instant, out: &mut Out<Effect>) {
        if self.watch.is_written && !self.watch.is_looking {
            self.watch.last = None;
            self.want_look(now, out);
        }
    }

    /// Takes what a look found: what is not indexed as it is, is indexed.
    pub fn take_look(
        &mut self,
        looked: Result<Freshness, String>,
        now: Instant,
        out: &mut Out<Effect>,
    ) -> bool {
        self.watch.is_looking = false;
        self.look_at_what_was_written(now, out);
        // A lockfile may be read while cargo writes it; the next look sees it whole.
        let Ok(freshness) = looked else { return false };
        let Some(what) = stale::told(&freshness).filter(|_| freshness != self.watch.acted_on) else {
            return false;
        };
        if self.indexing.is_active() || self.is_closing {
            return false;
        }
        self.watch.acted_on = freshness.clone();
        if std::mem::take(&mut self.watch.was_stopped) {
            return false;
        }
        if self.home.is_read_only {
            out.wrong(&format!("{what}; the data folder can only be read"));
            return true;
        }
        match freshness.missing.len() {
            0 => out.done(format!("{what}; indexing it")),
            missing => out.done(format!("{} to index: {what}", counted(missing, "package"))),
        }
        self.start_indexing(out);
        true
    }
}
