//! How far a run of spikes has come.

use std::time::Instant;

use zenith_harness::{Backend, Event};

use crate::text::clean_line;

/// What turns while something is at work.
const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠹"];
/// A step of it.
const STEP_MS: u128 = 250;

/// A run that is going on.
#[derive(Debug)]
pub struct SpikeRun {
    /// What runs, in order.
    trials: Vec<(&'static str, Backend)>,
    pub finished: usize,
    pub current: Option<Current>,
    /// Told to stop; its lab is being closed.
    pub is_stopping: bool,
}

/// The spike that runs now.
#[derive(Debug)]
pub struct Current {
    pub id: &'static str,
    pub backend: Backend,
    /// The step that it is at.
    pub doing: String,
    since: Instant,
}

impl SpikeRun {
    pub fn new(trials: Vec<(&'static str, Backend)>) -> SpikeRun {
        SpikeRun { trials, finished: 0, current: None, is_stopping: false }
    }

    pub fn planned(&self) -> usize {
        self.trials.len()
    }

    pub fn take(&mut self, event: Event, now: Instant) {
        match event {
            Event::Planned { trials } => self.trials = trials,
            Event::Started { id, backend, .. } => {
                self.current = Some(Current { id, backend, doing: String::new(), since: now });
            }
            Event::Progress { id, text } => {
                // One that was cut may still speak.
                if let Some(current) = self.current.as_mut().filter(|current| current.id == id) {
                    current.doing = clean_line(&text);
                }
            }
            Event::Finished(_) => {
                self.finished = (self.finished + 1).min(self.trials.len());
                self.current = None;
            }
        }
    }

    /// Whether a spike is still to run, after the one that runs now.
    pub fn is_waiting(&self, id: &str) -> bool {
        let begun = self.finished + usize::from(self.current.is_some());
        !self.is_stopping && self.trials.iter().skip(begun).any(|(waiting, _)| *waiting == id)
    }
}

impl Current {
    /// Whole seconds since it began.
    pub fn elapsed(&self, now: Instant) -> String {
        elapsed(self.since, now)
    }

    pub fn spinner(&self, now: Instant) -> &'static str {
        spinner(self.since, now)
    }
}

/// Whole seconds between two moments: `12 s`, `2 min 5 s`.
pub fn elapsed(since: Instant, now: Instant) -> String {
    let seconds = now.saturating_duration_since(since).as_secs();
    match seconds / 60 {
        0 => format!("{seconds} s"),
        minutes => format!("{minutes} min {} s", seconds % 60),
    }
}

pub fn spinner(since: Instant, now: Instant) -> &'static str {
    let steps = now.saturating_duration_since(since).as_millis() / STEP_MS;
    SPINNER[usize::try_from(steps % 8).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_is_told_in_whole_seconds_and_turns_the_spinner() {
        let now = Instant::now();
        let after = |seconds| elapsed(now, now + Duration::from_secs(seconds));
        assert_eq!([after(0), after(59), after(125)], ["0 s", "59 s", "2 min 5 s"]);
        assert_ne!(spinner(now, now), spinner(now, now + Duration::from_millis(300)));
        assert_eq!(elapsed(now + Duration::from_secs(1), now), "0 s", "a clock never goes back");
    }
}
