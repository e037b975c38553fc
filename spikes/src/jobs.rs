//! What the spikes of scheduled jobs share: a user's jobs in a database of the lab, at a time of the spike's own, and an
//! executor that ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use tokio::sync::mpsc;
use zenith_core::jobs::{
    Action, Executor, JOBS_MAX, MachineWork, NewJob, Outcome, RunStatus, Scheduler, Store, Task, schema,
};
use zenith_harness::lab::LabDatabase;

pub const USER: &str = "user_olive";

/// A clock that a spike moves.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn at(ms: i64) -> Hands {
        Hands(Arc::new(AtomicI64::new(ms)))
    }

    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    pub fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

/// A user's jobs in a database, by a clock.
pub async fn store(database: &LabDatabase, hands: &Hands) -> anyhow::Result<Store> {
    let connection = database.open().await?.connect()?;
    schema::ensure(&connection).await?;
    let hands = hands.clone();
    Ok(Store::new(connection, USER).with_clock(Arc::new(move || hands.now())))
}

pub fn job(name: &str, schedule: &str) -> NewJob {
    let argv = vec!["true".to_string()];
    NewJob::new(name, schedule, Action::Program { argv, folder: None, variables: Default::default() })
}

/// Counts what it is given, and ends at once.
#[derive(Default)]
pub struct AtOnce {
    pub runs: AtomicU64,
}

#[async_trait]
impl Executor for AtOnce {
    type Work = MachineWork;

    async fn run(&self, _: Task<MachineWork>) -> Outcome {
        self.runs.fetch_add(1, Ordering::SeqCst);
        Outcome { status: RunStatus::Succeeded, exit: Some(0), output: Default::default(), why: None }
    }

    fn at_once(&self) -> usize {
        JOBS_MAX
    }
}

pub fn scheduler(store: Store, executor: &Arc<AtOnce>) -> Scheduler<AtOnce> {
    let (events, _) = mpsc::unbounded_channel();
    Scheduler::new(store, executor.clone(), "a spike", events)
}
