//! One run of a driver: what is asked of the provider, on a thread that may block.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::Counts;
use crate::workspace::base::{BaseError, Dump};
use crate::workspace::provider::Provider;
use crate::workspace::snapshot::{Changes, Snapshot};

/// Where more than this share of the rows changed, making anew is cheaper, and no less right.
const REBUILT_FROM: usize = 10;
/// So few changes are always brought one by one.
const BROUGHT_ALWAYS: usize = 100;

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Looks at what lies in the base, and brings what differs.
    Resume,
    /// The same, where the base should hold the moment that was applied: what differs was changed behind our back.
    Check,
    /// Brings what changed since the moment that was applied.
    Apply,
    Rebuild,
}

impl Step {
    /// With a look at the base, where none is due anyway.
    pub fn or_check(self) -> Step {
        if self == Step::Apply { Step::Check } else { self }
    }

    /// What cannot be looked at is made anew.
    pub fn after_failure(self) -> Step {
        match self {
            Step::Apply => Step::Resume,
            Step::Resume | Step::Check | Step::Rebuild => Step::Rebuild,
        }
    }
}

/// What became of a run.
pub(super) struct Done {
    /// The moment that it brought.
    pub generation: u64,
    pub counts: Counts,
    pub outcome: Result<(), BaseError>,
}

/// A provider, and the moment that its base holds.
pub(super) struct Worker<P> {
    name: String,
    held: Arc<Mutex<Held<P>>>,
    running: Option<(u64, JoinHandle<Done>)>,
}

struct Held<P> {
    provider: P,
    applied: Option<Arc<Snapshot>>,
}

impl<P: Provider> Worker<P> {
    pub fn new(provider: P) -> Worker<P> {
        let name = provider.name();
        Worker { name, held: Arc::new(Mutex::new(Held { provider, applied: None })), running: None }
    }

    /// Begins a run. The one before has ended.
    pub fn begin(&mut self, step: Step, snapshot: Arc<Snapshot>) {
        let (held, runtime) = (self.held.clone(), Handle::current());
        let generation = snapshot.generation;
        let run = tokio::task::spawn_blocking(move || {
            runtime.block_on(async { held.lock().await.run(step, &snapshot).await })
        });
        self.running = Some((generation, run));
    }

    /// The moment that the run which goes on brings.
    pub fn brings(&self) -> Option<u64> {
        self.running.as_ref().map(|(generation, _)| *generation)
    }

    /// Waits for the run to end; for ever where there is none. May be asked again where the wait was given up.
    pub async fn done(&mut self) -> Done {
        let Some((generation, run)) = &mut self.running else { return std::future::pending().await };
        let done = run.await.unwrap_or_else(|_| Done {
            generation: *generation,
            counts: Counts::default(),
            outcome: Err(BaseError::Stopped { name: self.name.clone() }),
        });
        self.running = None;
        done
    }

    /// Lets go of the base. No run goes on.
    pub async fn close(&mut self) {
        let (held, runtime) = (self.held.clone(), Handle::current());
        let close = move || runtime.block_on(async { held.lock().await.provider.close().await });
        // A provider that panics while it lets go has let go.
        let _ = tokio::task::spawn_blocking(close).await;
    }
}

impl<P: Provider> Held<P> {
    async fn run(&mut self, step: Step, snapshot: &Arc<Snapshot>) -> Done {
        let mut counts = Counts::default();
        let applied = self.applied.take();
        let outcome = match (step, applied) {
            (Step::Apply, Some(applied)) => {
                let changes = snapshot.changes_since(&applied);
                self.bring(&changes, snapshot, &mut counts).await
            }
            (Step::Check, Some(applied)) => self.look(Some(&applied), snapshot, &mut counts).await,
            (Step::Rebuild, _) => self.rebuild(snapshot, &mut counts).await,
            _ => self.look(None, snapshot, &mut counts).await,
        };
        if outcome.is_ok() {
            self.applied = Some(snapshot.clone());
        }
        Done { generation: snapshot.generation, counts, outcome }
    }

    /// Looks at the base; where it should hold a moment, whether it does.
    async fn look(
        &mut self,
        applied: Option<&Snapshot>,
        snapshot: &Snapshot,
        counts: &mut Counts,
    ) -> Result<(), BaseError> {
        counts.checks += 1;
        let found = self.provider.check(applied.unwrap_or(snapshot)).await?;
        if let Some(applied) = applied {
            counts.mismatches += u64::from(found.as_ref() != Some(&Dump::of(applied)));
        }
        match found {
            Some(found) => {
                let changes = found.changes_to(&Dump::of(snapshot));
                self.bring(&changes, snapshot, counts).await
            }
            None => self.rebuild(snapshot, counts).await,
        }
    }

    async fn bring(
        &mut self,
        changes: &Changes,
        snapshot: &Snapshot,
        counts: &mut Counts,
    ) -> Result<(), BaseError> {
        if changes.rows.len() > (snapshot.row_count() / REBUILT_FROM).max(BROUGHT_ALWAYS) {
            return self.rebuild(snapshot, counts).await;
        }
        self.provider.apply(changes, snapshot).await?;
        counts.applies += 1;
        Ok(())
    }

    async fn rebuild(&mut self, snapshot: &Snapshot, counts: &mut Counts) -> Result<(), BaseError> {
        self.provider.rebuild(snapshot).await?;
        counts.rebuilds += 1;
        Ok(())
    }
}
