//! When a base is brought up to date: a function of what happened when, with no clock in it.

use std::time::Duration;

use tokio::time::Instant;

/// How long nothing is to change before the base is brought up to date.
pub(super) const DEBOUNCE: Duration = Duration::from_millis(100);
/// The longest that the first change waits, however many follow.
pub const WAIT_MAX: Duration = Duration::from_secs(1);
/// How long after the first failure it is tried again; doubled with each.
const RETRY_MIN: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// What is to be done, and since when. One run at a time: what comes while one runs waits, all of it for one next run.
#[derive(Debug, Default)]
pub(super) struct Timing {
    first: Option<Instant>,
    last: Option<Instant>,
    /// Somebody waits for it.
    is_asked: bool,
    is_running: bool,
    failures: u32,
    not_before: Option<Instant>,
}

impl Timing {
    pub fn changed(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// Somebody waits: at once, also where the last run failed.
    pub fn asked(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.is_asked = true;
    }

    /// When the next run is due; never while one runs.
    pub fn due(&self) -> Option<Instant> {
        let first = self.first.filter(|_| !self.is_running)?;
        if self.is_asked {
            return Some(first);
        }
        let quiet = self.last.map_or(first, |last| last + DEBOUNCE);
        let due = quiet.min(first + WAIT_MAX);
        Some(self.not_before.map_or(due, |not_before| due.max(not_before)))
    }

    /// A run begins, with all that changed so far.
    pub fn began(&mut self) {
        self.first = None;
        self.last = None;
        self.is_asked = false;
        self.is_running = true;
    }

    pub fn succeeded(&mut self) {
        self.is_running = false;
        self.failures = 0;
        self.not_before = None;
    }

    /// It is tried again by itself, later each time. Returns when.
    pub fn failed(&mut self, now: Instant) -> Instant {
        self.is_running = false;
        let wait = RETRY_MIN.saturating_mul(2_u32.saturating_pow(self.failures)).min(RETRY_MAX);
        self.failures = self.failures.saturating_add(1);
        let at = now + wait;
        self.not_before = Some(at);
        self.first.get_or_insert(now);
        at
    }

    pub fn is_running(&self) -> bool {
        self.is_running
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn it_waits_for_quiet_and_not_for_ever() {
        let (start, mut timing) = (Instant::now(), Timing::default());
        assert_eq!(timing.due(), None, "nothing changed");
        timing.changed(start);
        assert_eq!(timing.due(), Some(start + DEBOUNCE));
        for step in 1..=95 {
            timing.changed(start + ms(10 * step));
        }
        assert_eq!(timing.due(), Some(start + WAIT_MAX), "typing never settles");
    }

    #[test]
    fn what_comes_while_one_runs_is_one_run_after_it() {
        let (start, mut timing) = (Instant::now(), Timing::default());
        timing.changed(start);
        timing.began();
        for step in 1..=3 {
            timing.changed(start + ms(10 * step));
            assert_eq!(timing.due(), None, "never two at once");
        }
        timing.succeeded();
        assert_eq!(timing.due(), Some(start + ms(30) + DEBOUNCE));
        timing.began();
        timing.succeeded();
        assert_eq!(timing.due(), None, "one was enough");
    }

    #[test]
    fn who_waits_does_not_wait_for_quiet() {
        let (start, mut timing) = (Instant::now(), Timing::default());
        timing.changed(start);
        timing.asked(start + ms(20));
        assert!(timing.due().is_some_and(|due| due <= start + ms(20)));
        timing.began();
        timing.asked(start + ms(30));
        assert_eq!(timing.due(), None);
        timing.succeeded();
        assert!(timing.due().is_some_and(|due| due <= start + ms(30)));
    }

    #[test]
    fn what_fails_is_tried_again_later_each_time_and_at_once_for_who_waits() {
        let (mut now, mut timing) = (Instant::now(), Timing::default());
        timing.changed(now);
        let mut waits = Vec::new();
        for _ in 0..9 {
            timing.began();
            let at = timing.failed(now);
            assert_eq!(timing.due(), Some(at), "without another change");
            waits.push((at - now).as_millis());
            now = at;
        }
        assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        timing.changed(now - ms(29_000));
        assert_eq!(timing.due(), Some(now), "a change does not hurry it");
        timing.asked(now - ms(28_000));
        assert!(timing.due().is_some_and(|due| due < now));
        timing.began();
        timing.succeeded();
        timing.changed(now);
        assert_eq!(timing.due(), Some(now + DEBOUNCE), "and all is well again");
    }
}
