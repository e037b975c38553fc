//! How far a run of spikes has come.

use std::time::Instant;

use zenith_harness::{Backend, Event};

use super::keys::CANCEL;
use crate::explorer::tabs::Task;
use crate::text::clean_line;

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
    pub since: Instant,
}

impl SpikeRun {
    pub fn new(trials: Vec<(&'static str, Backend)>) -> SpikeRun {
        SpikeRun { trials, finished: 0, current: None, is_stopping: false }
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

    /// As the rest of the screen tells it.
    pub fn task(&self) -> Task {
        let current = self.current.as_ref();
        Task {
            name: "Spikes",
            done: Some((self.finished, self.trials.len())),
            at: current.map(|current| (format!("{} on {}", current.id, current.backend), current.since)),
            doing: current.map(|current| current.doing.clone()).unwrap_or_default(),
            stopping: self.is_stopping.then_some("its lab is being closed"),
            holds: Some("labs are being closed"),
            stop: Some(CANCEL),
        }
    }

    /// Whether a spike is still to run, after the one that runs now.
    pub fn is_waiting(&self, id: &str) -> bool {
        let begun = self.finished + usize::from(self.current.is_some());
        !self.is_stopping && self.trials.iter().skip(begun).any(|(waiting, _)| *waiting == id)
    }
}
