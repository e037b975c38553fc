//! Running what tenants' jobs ask for on the service's machine: statements in each tenant's own database, and nothing
//! else. The registry says whom to ask; the tenant's own table is the truth.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Service;
use crate::catalog::Trouble;
use crate::jobs::execute::Statements;
use crate::jobs::{JobError, Place, Scheduler, Store};
use crate::tenancy::{Entry, Standing, TenancyError, Tenant};

/// The longest between two questions to the registry.
const SLEEP_MAX: Duration = Duration::from_secs(15);
/// Tenants that are asked of the registry at once.
const DUE_MAX: u64 = 256;
const PAGE: u64 = 256;
/// Tenants whose jobs are looked at side by side.
const ROUNDS_MAX: usize = 32;
/// Those of them whose runs take long, beside the ones that are looked at: nobody waits for them.
const SLOW_MAX: usize = 16;
/// After so long a tenant's database is opened anew, with a token that lives long enough for the longest run.
const ANEW_AFTER: Duration = Duration::from_secs(30);
/// How often one asks a database again whose runs go on.
const FAILURES_MAX: u32 = 3;
/// Runs of one of them that ask its database at one time; with the one that writes rows, 96 questions of a server that
/// takes 128.
const ASKING_MAX: usize = 2;
/// Before a tenant whose database did not answer is looked at again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

impl Service {
    /// Runs what is due until `end`: first it looks through all tenants once, then it asks the registry alone.
    pub async fn schedule(self: Arc<Service>, end: CancellationToken) {
        tokio::select! {
            () = self.sweep_due() => {}
            () = end.cancelled() => return,
        }
        self.schedule_at_once(end).await;
    }

    /// The same without that first look: what the registry says is all that is known.
    pub async fn schedule_at_once(self: Arc<Service>, end: CancellationToken) {
        let scheduling = Arc::new(Scheduling {
            service: self,
            holder: Uuid::new_v4().simple().to_string(),
            busy: Mutex::default(),
            rounds: Semaphore::new(ROUNDS_MAX),
            slow: Semaphore::new(SLOW_MAX),
            end: end.clone(),
        });
        let mut rounds = JoinSet::new();
        loop {
            while rounds.try_join_next().is_some() {}
            let sleep = scheduling.look(&mut rounds).await;
            tokio::select! {
                () = end.cancelled() => break,
                () = tokio::time::sleep(sleep) => {}
                () = scheduling.service.due.notified() => {}
            }
        }
        while rounds.join_next().await.is_some() {}
    }

    /// Something may be due earlier than was known.
    pub fn look_again(&self) {
        self.due.notify_one();
    }

    /// Looks through all tenants once: what their own programs wrote while no service ran is found.
    async fn sweep_due(&self) {
        let mut after = String::new();
        while let Ok(page) = self.tenancy.registry().page(&after, PAGE).await {
            let Some(last) = page.last() else { return };
            after = last.tenant.key();
            for entry in page.iter().filter(|entry| entry.standing == Standing::Ready) {
                // One that does not answer is found when it signs in, or changes its jobs.
                let _ = self.note_due(entry).await;
            }
        }
    }

    /// Keeps in the registry when a tenant's next job of the service's is due. Their own programs may have written it.
    pub(super) async fn note_due(&self, entry: &Entry) -> Result<(), TenancyError> {
        let Tenant::User(subject) = &entry.tenant else { return Ok(()) };
        let opened = self.tenancy.open_entry(entry).await?;
        let found = opened
            .run(
                |connection| {
                    let store = Store::new(connection, subject);
                    async move { store.next_due(Place::Service).await }
                },
                away,
            )
            .await?;
        // What cannot be read now is read when the tenant changes something.
        if let Ok(due) = found
            && due != entry.next_due_at
        {
            self.tenancy.registry().set_next_due(&entry.tenant, due).await?;
            self.due.notify_one();
        }
        Ok(())
    }
}

struct Scheduling {
    service: Arc<Service>,
    /// One for all of this service's rounds, so that each takes up the lease of the one before.
    holder: String,
    /// Tenants that a round is done for.
    busy: Mutex<HashSet<Tenant>>,
    rounds: Semaphore,
    slow: Semaphore,
    end: CancellationToken,
}

impl Scheduling {
    /// Begins a round for each tenant that is due. Returns how long there is nothing to do.
    async fn look(self: &Arc<Self>, rounds: &mut JoinSet<()>) -> Duration {
        let now = now_ms();
        let horizon = now.saturating_add(i64::try_from(SLEEP_MAX.as_millis()).unwrap_or(0));
        let found = match self.service.tenancy.registry().due(horizon, DUE_MAX).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(error = %error, "the registry cannot be asked what is due");
                return SLEEP_MAX;
            }
        };
        let mut sleep = SLEEP_MAX;
        for entry in found {
            let due = entry.next_due_at.unwrap_or(now);
            if due > now {
                let until = Duration::from_millis(u64::try_from(due.saturating_sub(now)).unwrap_or(0));
                sleep = sleep.min(until);
            } else if self.busy().insert(entry.tenant.clone()) {
                let scheduling = self.clone();
                rounds.spawn(async move { scheduling.round(entry).await });
            }
        }
        sleep
    }

    /// Does what is due for one tenant, and notes when there is something again.
    async fn round(&self, entry: Entry) {
        let tenant = entry.tenant.clone();
        // It is never closed.
        let Ok(turn) = self.rounds.acquire().await else { return };
        let next = match self.run(&entry, turn).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%tenant, error, "a tenant's jobs cannot be run now");
                Some(now_ms().saturating_add(i64::try_from(AGAIN_AFTER.as_millis()).unwrap_or(0)))
            }
        };
        if let Err(error) = self.service.tenancy.registry().set_next_due(&tenant, next).await {
            tracing::warn!(%tenant, error = %error, "the registry does not keep when a tenant's jobs are due");
        }
        self.busy().remove(&tenant);
        self.service.due.notify_one();
    }

    async fn run(&self, entry: &Entry, turn: SemaphorePermit<'_>) -> Result<Option<i64>, String> {
        let Tenant::User(subject) = &entry.tenant else { return Ok(None) };
        let told = |error: &dyn std::error::Error| error.to_string();
        let opened = self.service.tenancy.open_entry(entry).await.map_err(|error| told(&error))?;
        // A run may take longer than a server remembers a connection that rests.
        let store = Store::on_server(opened.database(), subject).map_err(|error| told(&error))?;
        let executor = Arc::new(Statements::over(opened.database(), ASKING_MAX));
        let (events, _) = mpsc::unbounded_channel();
        let lease = self.service.bounds.run_lease;
        let mut scheduler = Scheduler::new(store, executor, "the service", events)
            .with_holder(self.holder.clone())
            .with_lease(lease);
        let began = Instant::now();
        // Held for as long as it is this tenant's turn, or one of the slow.
        let mut held = (Some(turn), None);
        let mut failures = 0;
        loop {
            let done = match scheduler.round().await {
                // A run may be longer than its lease: rounds in between keep it, and hear who wants it stopped.
                Ok(round) => match tokio::time::timeout(lease / 3, scheduler.settle()).await {
                    Ok(settled) => settled.map(|()| Some(round)),
                    Err(_) => Ok(None),
                },
                Err(error) => Err(error),
            };
            let round = match done {
                Ok(Some(round)) => round,
                Ok(None) => {
                    failures = 0;
                    if let (Some(_), Ok(slow)) = (&held.0, self.slow.try_acquire()) {
                        held = (None, Some(slow));
                    }
                    continue;
                }
                Err(error) => {
                    if let JobError::Store(trouble) = &error {
                        opened.tell(trouble);
                    }
                    // What runs, or is to be written, has its lease for a while.
                    failures += 1;
                    if failures > FAILURES_MAX || !scheduler.is_busy() {
                        return Err(told(&error));
                    }
                    tokio::time::sleep(lease / 10).await;
                    continue;
                }
            };
            let is_due = round.is_mine && round.next_ms.is_some_and(|next| next <= now_ms());
            if !is_due || began.elapsed() > ANEW_AFTER || self.end.is_cancelled() {
                // Another scheduler holds it: it is looked at again when its lease could be over.
                let later = now_ms().saturating_add(i64::try_from(AGAIN_AFTER.as_millis()).unwrap_or(0));
                return Ok(if round.is_mine { round.next_ms } else { Some(later) });
            }
        }
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<Tenant>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What kept a database of jobs from answering.
pub(super) fn away<T>(done: &Result<T, JobError>) -> Option<Trouble> {
    match done {
        Err(JobError::Store(trouble)) => Some(trouble.clone()),
        _ => None,
    }
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
