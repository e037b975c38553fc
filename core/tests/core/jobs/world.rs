//! What tests of the store and the scheduler share: a database in a file, a clock that a test moves, and an executor
//! whose runs end when a test says so.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc;
use zenith_core::jobs::{
    Action, Executor, Job, MachineWork, NewJob, Outcome, Output, Run, RunStatus, Scheduler, SchedulerEvent,
    Store, Task,
};

/// A user's jobs, at a time that a test gives.
pub struct World {
    pub folder: tempfile::TempDir,
    pub store: Store,
    clock: Arc<AtomicI64>,
}

pub fn ms(at: &str) -> i64 {
    at.parse::<Timestamp>().unwrap().as_millisecond()
}

impl World {
    pub async fn at(time: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(ms(time)));
        let store = open(folder.path(), &clock, "user_olive").await;
        store.ensure().await.unwrap();
        World { folder, store, clock }
    }

    /// The same jobs through a connection of its own, as another process has them.
    pub async fn again(&self) -> Store {
        open(self.folder.path(), &self.clock, "user_olive").await
    }

    pub async fn of_user(&self, user: &str) -> Store {
        open(self.folder.path(), &self.clock, user).await
    }

    pub fn set(&self, time: &str) {
        self.clock.store(ms(time), Ordering::SeqCst);
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub async fn connection(&self) -> libsql::Connection {
        connect(self.folder.path()).await
    }

    pub async fn add(&self, name: &str, schedule: &str, more: impl FnOnce(&mut NewJob)) -> Job {
        let mut job = NewJob::new(name, schedule, program(&["true"]));
        more(&mut job);
        self.store.create(&job).await.unwrap()
    }

    /// The history of a job, oldest first: when it was due, and what became of it.
    pub async fn history(&self, job: &str) -> Vec<(String, RunStatus)> {
        let mut runs = self.store.runs(job, 1000).await.unwrap();
        runs.reverse();
        runs.iter().map(|run| (minute(run.key.scheduled_ms), run.status)).collect()
    }

    /// The name of a job that runs.
    pub async fn running(&self) -> String {
        let runs = self.store.recent(1).await.unwrap();
        let run = runs.iter().find(|run| run.status == RunStatus::Running).unwrap();
        self.store.get(&run.key.job_id).await.unwrap().given.name
    }

    pub async fn last(&self, job: &str) -> Run {
        self.store.runs(job, 1).await.unwrap().remove(0)
    }
}

pub fn minute(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).unwrap().strftime("%d %H:%M").to_string()
}

pub fn program(argv: &[&str]) -> Action {
    let argv = argv.iter().map(|word| word.to_string()).collect();
    Action::Program { argv, folder: None, variables: Default::default() }
}

async fn connect(folder: &std::path::Path) -> libsql::Connection {
    let database = libsql::Builder::new_local(folder.join("jobs.db")).build().await.unwrap();
    database.connect().unwrap()
}

async fn open(folder: &std::path::Path, clock: &Arc<AtomicI64>, user: &str) -> Store {
    let clock = clock.clone();
    Store::new(connect(folder).await, user).with_clock(Arc::new(move || clock.load(Ordering::SeqCst)))
}

/// Runs at one time.
pub const AT_ONCE: usize = 8;

/// Runs that end when a test says so, each once it began.
#[derive(Default)]
pub struct ByHand {
    begun: Mutex<Vec<(String, tokio::sync::oneshot::Sender<RunStatus>)>>,
    changed: tokio::sync::Notify,
}

#[async_trait]
impl Executor for ByHand {
    type Work = MachineWork;

    async fn run(&self, task: Task<MachineWork>) -> Outcome {
        let (sender, end) = tokio::sync::oneshot::channel();
        self.begun.lock().unwrap().push((task.name.clone(), sender));
        self.changed.notify_waiters();
        tokio::select! {
            status = end => Outcome { output: Output::of("done"), ..Outcome::new(status.unwrap(), "by hand") },
            () = task.stop.cancelled() => Outcome::new(RunStatus::Stopped, "asked to"),
        }
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }
}

impl ByHand {
    /// The names of what runs.
    pub fn running(&self) -> Vec<String> {
        let begun = self.begun.lock().unwrap();
        begun.iter().filter(|(_, end)| !end.is_closed()).map(|(name, _)| name.clone()).collect()
    }

    /// Ends what runs of a job, once it began.
    pub async fn end(&self, job: &str, status: RunStatus) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let found = {
                let mut begun = self.begun.lock().unwrap();
                let at = begun.iter().position(|(name, end)| name == job && !end.is_closed());
                at.map(|at| begun.remove(at))
            };
            match found {
                Some((_, end)) => return end.send(status).unwrap(),
                None => changed.await,
            }
        }
    }
}

/// A scheduler over a store, with its executor and what it tells.
pub struct Hand {
    pub scheduler: Scheduler<ByHand>,
    pub executor: Arc<ByHand>,
    pub events: mpsc::UnboundedReceiver<SchedulerEvent>,
}

impl Hand {
    pub fn over(store: Store) -> Hand {
        let (sender, events) = mpsc::unbounded_channel();
        let executor = Arc::new(ByHand::default());
        Hand { scheduler: Scheduler::new(store, executor.clone(), "a test", sender), executor, events }
    }

    pub async fn round(&mut self) {
        // What starts in one round is queued by the one before at most.
        self.scheduler.round().await.unwrap();
        self.scheduler.round().await.unwrap();
    }

    /// Ends what runs of a job, and writes it.
    pub async fn end(&mut self, job: &str, status: RunStatus) {
        self.executor.end(job, status).await;
        self.scheduler.settle().await.unwrap();
    }

    pub fn told(&mut self) -> Vec<SchedulerEvent> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }
}
