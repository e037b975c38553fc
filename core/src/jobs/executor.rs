//! Who runs what: the boundary between rows and processes.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use std::time::Duration;

use super::action::{Action, Place, Verb};
use super::run::{Outcome, RunKey};

/// Work that one place does. What a place must never do has no value of its type: a row that asks for it stays
/// unclaimed there.
pub trait Work: Sized + Send + 'static {
    const PLACE: Place;

    /// The work of an action; `None` where it is another place's.
    fn of(action: &Action) -> Option<Self>;
}

/// What a machine of the user's own runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MachineWork {
    Program { argv: Vec<String>, folder: Option<String>, variables: Vec<(String, String)> },
    Zenith { verb: Verb, arguments: Vec<String>, folder: Option<String> },
}

/// What a service's machine runs: statements in the tenant's own database. No row of a tenant becomes a process
/// there, since this type has no process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceWork {
    pub statements: Vec<String>,
}

impl Work for MachineWork {
    const PLACE: Place = Place::Machine;

    fn of(action: &Action) -> Option<MachineWork> {
        match action.clone() {
            Action::Program { argv, folder, variables } => {
                Some(MachineWork::Program { argv, folder, variables: variables.into_iter().collect() })
            }
            Action::Zenith { verb, arguments, folder } => {
                Some(MachineWork::Zenith { verb, arguments, folder })
            }
            Action::Sql { .. } => None,
        }
    }
}

impl Work for ServiceWork {
    const PLACE: Place = Place::Service;

    fn of(action: &Action) -> Option<ServiceWork> {
        match action.clone() {
            Action::Sql { statements } => Some(ServiceWork { statements }),
            Action::Program { .. } | Action::Zenith { .. } => None,
        }
    }
}

/// One run to be done.
#[derive(Clone, Debug)]
pub struct Task<W> {
    pub key: RunKey,
    /// The job's name.
    pub name: String,
    pub timezone: String,
    pub work: W,
    /// One deadline, from when it has its turn.
    pub timeout: Duration,
    /// Cancelled when the run is to stop: by its user, by the next one, or since its scheduler ends.
    pub stop: CancellationToken,
    /// Cancelled when there is no time left to stop in good order.
    pub end: CancellationToken,
}

/// Runs work. It always comes back, a little after the timeout at the latest.
#[async_trait]
pub trait Executor: Send + Sync + 'static {
    type Work: Work;

    async fn run(&self, task: Task<Self::Work>) -> Outcome;

    /// Ends what is left here of runs whose scheduler is gone, before they are declared lost and perhaps begun again.
    async fn end_left(&self, _keys: &[RunKey]) {}

    /// Runs that it takes at one time; what is due beyond them waits for its turn.
    fn at_once(&self) -> usize;

    /// What must not be in a run's output.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}
