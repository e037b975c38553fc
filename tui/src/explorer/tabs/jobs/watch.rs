//! When what shows may be another: it is read when the tab comes to the front, after each change, when another process
//! wrote it, on a server now and then, and where somebody runs jobs: when one is due, while one runs, and when the runner's
//! lease ends. In between nothing is done.

use std::time::Duration;

use zenith_core::jobs::RunStatus;

use super::desk::Desk;
use super::told::within_changes_in;
use super::{Effect, Jobs};
use crate::explorer::parts::out::Out;
use crate::explorer::tabs::Seen;

/// While something runs: a file is asked for nothing, a server by a request.
const STEP_HERE_MS: i64 = 1_000;
const STEP_SERVED_MS: i64 = 3_000;
/// A runner takes a moment to begin what is due.
const AFTER_DUE_MS: i64 = 500;
/// On a server nobody tells what others write: they are read again after so long, while they show.
const SERVED_EACH_MS: i64 = 15_000;
/// After the jobs could not be read.
const AGAIN_MS: i64 = 15_000;

impl Jobs {
    /// When they are to be read again, in milliseconds since 1970.
    pub fn next_look(&self) -> Option<i64> {
        if self.look.value().is_some_and(Result::is_err) {
            return Some(self.answered_ms + AGAIN_MS);
        }
        let looked = self.looked.as_ref()?;
        let at = self.answered_ms;
        let step = at + if looked.is_here { STEP_HERE_MS } else { STEP_SERVED_MS };
        let mut next: Vec<i64> = Vec::new();
        next.extend((!looked.is_here).then_some(at + SERVED_EACH_MS));
        for job in &looked.jobs {
            if self.runner(job.given.action.place()).is_none() {
                continue;
            }
            let is_open = |status| matches!(status, RunStatus::Running | RunStatus::Queued);
            if self.recent(job).iter().any(|run| is_open(run.status)) {
                next.push(step);
            }
            next.extend(job.next_due_ms.map(|due| step.max(due + AFTER_DUE_MS)));
        }
        let leases = [&looked.machine, &looked.service].into_iter().flatten();
        next.extend(leases.map(|watch| step.max(at + watch.lease_ms + AFTER_DUE_MS)));
        next.into_iter().min()
    }

    /// When something of what shows is told in other words, since time passes.
    fn next_words(&self, now_ms: i64) -> Option<i64> {
        let due = self.jobs().iter().filter_map(|job| job.next_due_ms);
        let changes = due.filter_map(|due| within_changes_in(due - now_ms));
        changes.min().map(|changes| now_ms + changes)
    }

    /// The jobs of somebody else are others: what shows goes, and whoever ran them here leaves off.
    pub fn follow_session(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let is_other = |(_, since): &(usize, Option<String>)| *since != session(seen);
        if self.look.wanted().is_some_and(is_other) {
            self.leave_off(out);
            self.look.clear();
            (self.looked, self.opened, self.form, self.desk) = (None, None, None, Desk::default());
            self.refresh(None);
        }
    }

    /// Asks for what shows, where it is not as it was asked for last, and to be woken when it may be another.
    pub fn keep_up(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if !self.is_shown {
            self.looks += 1;
        }
        let since = session(seen);
        if let Some(generation) = self.look.want((self.looks, since)) {
            out.work(Effect::Look { generation, desk: self.desk.clone() });
        }
        if !self.is_watching && self.looked.as_ref().is_some_and(|looked| looked.is_here) {
            self.is_watching = true;
            out.work(Effect::Watch(seen.world.home.data_dir.join("jobs.db")));
        }
        self.want_runs(out);
        self.want_waking(seen.wall_ms, out);
    }

    fn want_runs(&mut self, out: &mut Out<Effect>) {
        let Some(opened) = &self.opened else { return };
        let Some(job) = self.job(&opened.job) else {
            self.opened = None;
            return;
        };
        let recent = self.recent(job).to_vec();
        if let Some(opened) = &mut self.opened
            && let Some(generation) = opened.runs.want(recent)
        {
            out.work(Effect::Runs { generation, desk: self.desk.clone(), job: opened.job.clone() });
        }
    }

    fn want_waking(&mut self, now_ms: i64, out: &mut Out<Effect>) {
        let look = self.next_look().filter(|_| !self.look.is_pending());
        let wakes = look.into_iter().chain(self.next_words(now_ms)).min();
        if wakes != self.wakes_ms {
            self.wakes_ms = wakes;
            if let Some(wakes) = wakes {
                let after = u64::try_from(wakes - now_ms).unwrap_or(0);
                out.work(Effect::Wake(Duration::from_millis(after)));
            }
        }
    }

    /// The time came that it waited for; whether anything changed.
    pub fn take_waking(&mut self, seen: &Seen<'_>) -> bool {
        self.wakes_ms = None;
        if seen.is_shown
            && self.next_look().is_some_and(|look| look <= seen.wall_ms)
            && !self.look.is_pending()
        {
            self.looks += 1;
        }
        seen.is_shown
    }
}

/// By which session whoever asks is signed in, if anybody is.
fn session(seen: &Seen<'_>) -> Option<String> {
    seen.world.home.session.as_ref().map(|session| session.id.clone())
}
