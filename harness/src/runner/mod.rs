//! Runs spikes one after another, since their times matter, each in a lab of its own.
//!
//! Whatever a spike does (return, fail, panic, never end) its lab is closed before the next begins.

mod faults;
mod labs;
mod panic;
#[cfg(test)]
mod tests;
mod trial;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::lab::LabOptions;
use crate::outcome::Outcome;
use crate::report::history::History;
use crate::run_report::RunReport;
use crate::spike::{Fault, Spike};
pub use labs::{Labs, RealLabs};
pub use panic::{hold_back_panics, is_running_spike};

/// What a run is doing, for whoever watches.
#[derive(Clone, Debug)]
pub enum Event {
    /// What will run, in order.
    Planned {
        trials: Vec<(&'static str, Backend)>,
    },
    Started {
        id: &'static str,
        backend: Backend,
        fault: Option<&'static str>,
    },
    Progress {
        id: &'static str,
        text: String,
    },
    Finished(Box<Outcome>),
}

/// What to run: spikes and the backends to run them on.
pub type Selection = Vec<(&'static Spike, Backend)>;

/// How spikes are run.
pub struct Runner {
    /// Starts and closes labs.
    pub labs: Arc<dyn Labs>,
    /// How long a spike may take, with the start of its lab.
    pub deadline: Duration,
    /// Where runs are kept; nowhere if none.
    pub history: Option<History>,
    /// The backends whose absence is a failure.
    pub require: Vec<Backend>,
    /// Whether the lab of a spike that was not as expected is kept to be looked at.
    pub keep_failed: bool,
    /// Whether spikes leave out what only takes time: a test shows as much by fewer of the same, a run measures it all.
    pub is_brief: bool,
}

impl Runner {
    /// How long a spike may take unless told otherwise.
    pub const DEADLINE: Duration = Duration::from_secs(300);

    /// A runner over real labs that keeps no history and requires nothing.
    pub fn new(options: LabOptions) -> Runner {
        Runner::with_labs(Arc::new(RealLabs(options)))
    }

    /// The same over labs of another kind.
    pub fn with_labs(labs: Arc<dyn Labs>) -> Runner {
        let (deadline, require) = (Runner::DEADLINE, Vec::new());
        Runner { labs, deadline, history: None, require, keep_failed: false, is_brief: false }
    }

    /// Runs every spike of the selection, with the fault of this name planted where one is named.
    ///
    /// Spikes that do not declare the fault are left out. A run that is cancelled stops at once and
    /// reports what it has. Runs with a fault are not kept in the history.
    ///
    /// Whoever watches stops when this returns, not when the channel ends: a spike that was cut while
    /// it blocked its thread still holds on to it.
    pub async fn run(
        &self,
        selection: Selection,
        fault: Option<&str>,
        events: UnboundedSender<Event>,
        cancel: CancellationToken,
    ) -> RunReport {
        let planted = |(spike, backend): (&'static Spike, Backend)| match fault {
            None => Some((spike, backend, None)),
            Some(name) => spike.fault(name).map(|fault| (spike, backend, Some(fault))),
        };
        let trials: Vec<_> = selection.into_iter().filter_map(planted).collect();
        plan(&events, trials.iter().map(|(spike, backend, _)| (spike.id, *backend)));
        let (at, start) = (Utc::now(), Instant::now());
        let mut outcomes = Vec::new();
        for (spike, backend, fault) in trials {
            if cancel.is_cancelled() {
                break;
            }
            outcomes.push(self.one(spike, backend, fault, &events, &cancel).await);
        }
        let mut report = RunReport {
            run: History::name(at),
            at,
            seconds: start.elapsed().as_secs_f64(),
            outcomes,
            stopped: cancel.is_cancelled(),
            kept: None,
            not_kept: None,
        };
        if fault.is_none() {
            self.keep(&mut report).await;
        }
        report
    }

    /// Runs one spike and tells of it.
    async fn one(
        &self,
        spike: &'static Spike,
        backend: Backend,
        fault: Option<&'static Fault>,
        events: &UnboundedSender<Event>,
        cancel: &CancellationToken,
    ) -> Outcome {
        let name = fault.map(|fault| fault.name);
        // Nobody may be watching; so with each event.
        let _ = events.send(Event::Started { id: spike.id, backend, fault: name });
        let mut outcome = self.try_one(spike, backend, fault, events, cancel).await;
        outcome.required = self.require.contains(&backend);
        let _ = events.send(Event::Finished(Box::new(outcome.clone())));
        outcome
    }

    async fn keep(&self, report: &mut RunReport) {
        let reached = report.outcomes.iter().any(|outcome| outcome.verdict.is_reached());
        let Some(history) = self.history.clone().filter(|_| reached) else { return };
        let (run, at, outcomes) = (report.run.clone(), report.at, report.outcomes.clone());
        // The disk may be slow, and the runtime has others to serve.
        let kept = tokio::task::spawn_blocking(move || history.keep(&run, at, &outcomes)).await;
        match kept {
            Ok(Ok(path)) => report.kept = Some(path),
            Ok(Err(error)) => report.not_kept = Some(error.to_string()),
            Err(error) => report.not_kept = Some(error.to_string()),
        }
    }
}

fn plan(events: &UnboundedSender<Event>, trials: impl Iterator<Item = (&'static str, Backend)>) {
    let _ = events.send(Event::Planned { trials: trials.collect() });
}
