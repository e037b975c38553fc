//! One spike in one lab, with everything that may go wrong.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures::FutureExt;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use zenith_core::catalog::Trouble;

use super::panic::{Place, message};
use super::{Event, Runner};
use crate::backend::Backend;
use crate::evidence::{Evidence, Kept};
use crate::lab::{Lab, LabError};
use crate::outcome::{Ending, Outcome};
use crate::spike::{Fault, Spike, Trial};
use crate::text::clean_line;

/// How long a spike that was cut may take to let go; one that blocks its thread never does.
const LET_GO_MAX: Duration = Duration::from_secs(2);
/// A deadline that no clock can tell is as good as none.
const DEADLINE_MAX: Duration = Duration::from_secs(365 * 24 * 3600);
/// How long a lab may take to close.
const CLOSE_MAX: Duration = Duration::from_secs(30);

impl Runner {
    pub(super) async fn try_one(
        &self,
        spike: &'static Spike,
        backend: Backend,
        fault: Option<&'static Fault>,
        events: &UnboundedSender<Event>,
        cancel: &CancellationToken,
    ) -> Outcome {
        let at = Utc::now();
        let now = Instant::now();
        let deadline = now.checked_add(self.deadline).unwrap_or(now + DEADLINE_MAX);
        let lab = match self.start_lab(backend, deadline, cancel).await {
            Ok(lab) => lab,
            Err(ending) => return Outcome::derive(spike, backend, fault, at, 0.0, ending),
        };
        let mut trial =
            Trial::new(spike.id, backend, lab.clone(), fault.map(|fault| fault.name), events.clone());
        trial.is_brief = self.is_brief;
        let (ending, time) = self.perform(spike, trial, deadline, cancel).await;
        let seconds = time.as_secs_f64();
        let mut outcome = Outcome::derive(spike, backend, fault, at, seconds, ending);
        // A planted defect is known, and a run that the user stopped is not to be looked at.
        let keep = self.keep_failed && fault.is_none() && outcome.failed();
        self.close_lab(lab, keep, &mut outcome).await;
        outcome
    }

    async fn start_lab(
        &self,
        backend: Backend,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Arc<Lab>, Ending> {
        let start = AssertUnwindSafe(self.labs.start(backend)).catch_unwind();
        let started = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(stopped()),
            started = start => started,
            () = sleep_until(deadline) => {
                let why = format!("its lab did not start within {}", seconds(self.deadline));
                return Err(Ending::Broken(why, Evidence::new()));
            }
        };
        match started {
            Ok(Ok(lab)) => Ok(lab),
            Ok(Err(LabError::Absent { because })) => Err(Ending::NotRun(because)),
            Ok(Err(LabError::Failed(error))) => {
                let why = format!("its lab did not start: {}", told(&error));
                Err(Ending::Broken(why, Evidence::new()))
            }
            Err(panic) => {
                let why = format!("its lab panicked while starting: {}", message(&*panic));
                Err(Ending::Broken(why, Evidence::new()))
            }
        }
    }

    /// Runs the spike in a task of its own, so that its panic is caught and its deadline is kept even
    /// where it blocks its thread, and says how long it took. The set aborts the task if this future is
    /// dropped.
    async fn perform(
        &self,
        spike: &'static Spike,
        trial: Trial,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> (Ending, Duration) {
        let start = Instant::now();
        let mut task = JoinSet::new();
        let place = Place::default();
        let kept = trial.kept();
        task.spawn(place.watch(async move { (spike.run)(trial).await }));
        let cut = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            Some(ended) = task.join_next() => return (ending(ended, &place, &kept), start.elapsed()),
            () = sleep_until(deadline) => Some(format!("it did not end within {}", seconds(self.deadline))),
        };
        let time = start.elapsed();
        // Its handles go before its lab does, and leave what they found.
        task.abort_all();
        let _ = timeout(LET_GO_MAX, task.join_next()).await;
        (cut.map_or_else(stopped, |why| Ending::Broken(why, kept.take())), time)
    }

    async fn close_lab(&self, lab: Arc<Lab>, keep: bool, outcome: &mut Outcome) {
        let close = AssertUnwindSafe(self.labs.close(lab, keep)).catch_unwind();
        match timeout(CLOSE_MAX, close).await {
            Ok(Ok(kept)) => outcome.kept = kept.as_deref().map(clean_line),
            Ok(Err(panic)) => {
                outcome
                    .notes
                    .push(format!("its lab panicked while closing: {}", clean_line(&message(&*panic))));
            }
            Err(_) => outcome.notes.push(format!("its lab did not close within {}", seconds(CLOSE_MAX))),
        }
    }
}

fn ending(ended: Result<anyhow::Result<Evidence>, JoinError>, place: &Place, kept: &Kept) -> Ending {
    let why = match ended {
        Ok(Ok(evidence)) => return Ending::Evidence(evidence),
        Ok(Err(error)) => match error.downcast_ref::<LabError>() {
            // A component that is asked for only when it is needed is absent as any other.
            Some(LabError::Absent { because }) => return Ending::NotRun(because.clone()),
            _ => told(&error),
        },
        Err(error) => match error.try_into_panic() {
            Ok(panic) => format!("it panicked{place}: {}", message(&*panic)),
            Err(error) => format!("its task ended: {error}"),
        },
    };
    Ending::Broken(why, kept.take())
}

/// An error and its causes. What libSQL quotes of a server's answer, which may be a token, is not among it.
fn told(error: &anyhow::Error) -> String {
    let cause = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<libsql::Error>() {
        Some(error) => Trouble::from(error).to_string(),
        None => cause.to_string(),
    };
    error.chain().map(cause).collect::<Vec<_>>().join(": ")
}

fn stopped() -> Ending {
    Ending::NotRun("it was stopped before its end".to_string())
}

fn seconds(time: Duration) -> String {
    crate::measure::Unit::Seconds.show(time.as_secs_f64())
}
