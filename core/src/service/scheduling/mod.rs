//! Running what tenants' jobs ask for on the service's machine: statements in each tenant's own database, and nothing
//! else. The registry says whom to ask; the tenant's own table is the truth.

mod run;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Service;
use crate::catalog::Trouble;
use crate::jobs::{JobError, Place, Store};
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
/// How long what runs has to stop when the service ends; what has not stopped then is left to its lease.
const END_WITHIN: Duration = Duration::from_secs(3);
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
        let looking = async {
            loop {
                while rounds.try_join_next().is_some() {}
                let sleep = scheduling.look(&mut rounds).await;
                tokio::select! {
                    () = tokio::time::sleep(sleep) => {}
                    () = scheduling.service.due.notified() => {}
                }
            }
        };
        tokio::select! {
            () = end.cancelled() => {}
            () = looking => {}
        }
        let ended = async { while rounds.join_next().await.is_some() {} };
        // Those that still go on then are dropped.
        let _ = tokio::time::timeout(END_WITHIN, ended).await;
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
            self.keep_due(&entry.tenant, due).await?;
        }
        Ok(())
    }

    /// Keeps when something is due for a tenant, and looks. A moment that is past is now: two that ask one after the other
    /// are told from each other.
    pub(super) async fn keep_due(&self, tenant: &Tenant, due: Option<i64>) -> Result<(), TenancyError> {
        self.tenancy.registry().set_next_due(tenant, due.map(|due| due.max(now_ms()))).await?;
        self.look_again();
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
        let found = match self.service.tenancy.registry().due(later(SLEEP_MAX), DUE_MAX).await {
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
        let Some(Ok(turn)) = self.unless_ended(self.rounds.acquire()).await else { return };
        let next = match self.run(&entry, turn).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%tenant, error = %error, "a tenant's jobs cannot be run now");
                Some(later(AGAIN_AFTER))
            }
        };
        self.note(&entry, next).await;
        self.busy().remove(&tenant);
        self.service.look_again();
    }

    /// Keeps in the registry when there is something for a tenant again. What its user asked for meanwhile comes first.
    async fn note(&self, entry: &Entry, next: Option<i64>) {
        let tenant = &entry.tenant;
        if let Err(error) = self.service.tenancy.registry().pass_due(entry, next).await {
            tracing::warn!(%tenant, error = %error, "the registry does not keep when a tenant's jobs are due");
        }
    }

    /// What work comes to; `None` where the service ends before.
    async fn unless_ended<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.end.cancelled() => None,
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

/// In milliseconds since 1970.
fn later(after: Duration) -> i64 {
    now_ms().saturating_add(i64::try_from(after.as_millis()).unwrap_or(0))
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
