//! One tenant's jobs, looked after for as long as something of them is due or runs.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{SemaphorePermit, mpsc};

use super::{AGAIN_AFTER, Scheduling, later, now_ms};
use crate::jobs::execute::Statements;
use crate::jobs::{JobError, Round, Scheduler, Store};
use crate::tenancy::{Entry, Tenant};

/// How often one asks a database again whose runs go on.
const FAILURES_MAX: u32 = 3;
/// Runs of one of them that ask its database at one time; with the one that writes rows, 96 questions of a server that
/// takes 128.
const ASKING_MAX: usize = 2;

/// By which right a tenant's jobs are looked at: it is their turn, or they are one of the slow.
enum Seat<'a> {
    Turn { _held: SemaphorePermit<'a> },
    Slow { _held: SemaphorePermit<'a> },
}

/// What a look at a tenant's jobs came to.
enum Step {
    /// Nothing runs any more.
    Settled(Round),
    /// Something takes longer.
    Runs,
    /// The service ends.
    Ended,
}

impl Scheduling {
    /// Does rounds for a tenant until nothing is due or runs. Returns when there is something again.
    pub(super) async fn run<'a>(
        &'a self,
        entry: &Entry,
        turn: SemaphorePermit<'a>,
    ) -> Result<Option<i64>, Box<dyn Error + Send + Sync>> {
        let Tenant::User(subject) = &entry.tenant else { return Ok(None) };
        let tenancy = &self.service.tenancy;
        let Some(opened) = self.unless_ended(tenancy.open_entry(entry)).await else {
            return Ok(entry.next_due_at);
        };
        let mut opened = opened?;
        // A run may take longer than a server remembers a connection that rests.
        let store = Store::on_server(opened.database(), subject)?;
        let executor = Arc::new(Statements::over(opened.database(), ASKING_MAX));
        let (events, _) = mpsc::unbounded_channel();
        let lease = self.service.bounds.run_lease;
        let mut scheduler = Scheduler::new(store.clone(), executor.clone(), "the service", events)
            .with_holder(self.holder.clone())
            .with_lease(lease);
        let began = Instant::now();
        let (mut seat, mut opened_at, mut failures) = (Seat::Turn { _held: turn }, began, 0);
        loop {
            match self.step(&mut scheduler, lease).await {
                Ok(Step::Settled(round)) if !round.is_mine => {
                    // Another scheduler holds it: it is looked at again when its lease could be over.
                    return Ok(Some(later(AGAIN_AFTER)));
                }
                Ok(Step::Settled(round)) => {
                    let is_due = round.next_ms.is_some_and(|next| next <= now_ms());
                    if !is_due || began.elapsed() > lease {
                        return Ok(round.next_ms);
                    }
                    failures = 0;
                }
                Ok(Step::Runs) => {
                    failures = 0;
                    if let (Seat::Turn { .. }, Ok(slow)) = (&seat, self.slow.try_acquire()) {
                        seat = Seat::Slow { _held: slow };
                    }
                }
                Ok(Step::Ended) => {
                    // What cannot be stopped in time has its lease: that is noted before it is waited for.
                    if scheduler.is_busy() {
                        self.note(entry, Some(later(lease))).await;
                    }
                    scheduler.close().await;
                    return Ok(entry.next_due_at);
                }
                Err(error) => {
                    if let JobError::Store(trouble) = &error {
                        opened.tell(trouble);
                    }
                    failures += 1;
                    if failures > FAILURES_MAX || !scheduler.is_busy() {
                        scheduler.close().await;
                        return Err(error.into());
                    }
                    self.unless_ended(tokio::time::sleep(lease / 10)).await;
                }
            }
            // Before the token ends that it was opened with, and at once where that is taken back: what is begun has one
            // that lives for longer than the longest run.
            if failures > 0 || opened_at.elapsed() > lease {
                let anew = tokio::time::timeout(lease / 3, tenancy.open_anew(&mut opened));
                // Else it goes on with what it has, for as long as that is taken.
                if let Some(Ok(Ok(()))) = self.unless_ended(anew).await {
                    store.reach_by(opened.database()).await?;
                    executor.reach_by(opened.database());
                    opened_at = Instant::now();
                }
            }
        }
    }

    /// A round, and a while for what it began: a run may be longer than its lease, and rounds in between keep it, and hear
    /// who wants it stopped.
    async fn step(&self, scheduler: &mut Scheduler<Statements>, lease: Duration) -> Result<Step, JobError> {
        let Some(round) = scheduler.round_until(&self.end).await else { return Ok(Step::Ended) };
        let round = round?;
        match self.unless_ended(tokio::time::timeout(lease / 3, scheduler.settle())).await {
            Some(Ok(settled)) => settled.map(|()| Step::Settled(round)),
            Some(Err(_)) => Ok(Step::Runs),
            None => Ok(Step::Ended),
        }
    }
}
