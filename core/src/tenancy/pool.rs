//! Connections to tenants' databases, bounded: so many tenants, so many connections each, so many requests in all. A
//! tenant whose database does not answer rests for a while, and nobody else waits for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use libsql::{Connection, Database};
use rand::Rng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::registry::Entry;
use super::{Tenancy, TenancyError, now_s, schema};
use crate::catalog::{Server, Trouble};
use crate::http::Unreached;
use crate::identity::service::Access;
use crate::task::alone;

/// The bounds of a pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolLimits {
    /// Tenants whose databases are kept open; the one that was used longest ago is let go of.
    pub tenants: usize,
    pub connections_each: usize,
    /// Requests in flight in all: a server of ours takes 128.
    pub requests: usize,
    /// How long one piece of work may take, and how long one waits for a connection.
    pub deadline: Duration,
    /// How long a tenant rests that did not answer once; each further time doubles it.
    pub rest: Duration,
    pub rest_max: Duration,
}

impl Default for PoolLimits {
    fn default() -> PoolLimits {
        PoolLimits {
            tenants: 64,
            connections_each: 2,
            requests: 96,
            deadline: Duration::from_secs(10),
            rest: Duration::from_secs(1),
            rest_max: Duration::from_secs(5 * 60),
        }
    }
}

/// The service's own tokens are short: it makes another whenever it needs one.
const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How often a database is asked for that its server says is not there.
pub(super) const ASKS_MAX: u32 = 5;
/// Before it is asked for again; twice as long each time.
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(25);

pub(super) async fn asked_again_after(attempts: u32) {
    tokio::time::sleep(ASKED_AGAIN_AFTER.saturating_mul(1 << attempts.min(8))).await;
}

pub(super) struct Pool {
    limits: PoolLimits,
    requests: Arc<Semaphore>,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
    clock: AtomicU64,
}

/// What is kept of one tenant.
struct Slot {
    connections: Arc<Semaphore>,
    open: tokio::sync::Mutex<Option<Kept>>,
    breaker: Mutex<Breaker>,
    used: AtomicU64,
}

struct Kept {
    database: Arc<Database>,
    /// When two thirds of its token's life are over, in seconds since 1970.
    renew_at: u64,
    schema_version: i64,
    /// The sealed secret that its token was made with: another program may have changed it.
    sealed: String,
}

#[derive(Default)]
struct Breaker {
    failures: u32,
    rests_until: Option<Instant>,
}

/// A tenant's database with a connection of its own, for as long as it is held.
pub struct Opened {
    /// The version of the schema that it has.
    pub schema_version: i64,
    database: Arc<Database>,
    slot: Arc<Slot>,
    tenant: String,
    limits: PoolLimits,
    _permits: (OwnedSemaphorePermit, OwnedSemaphorePermit),
}

/// What came of a piece of work, for who decides whether a tenant rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The database answered.
    Answered,
    /// It did not, or said that it is not there.
    Away,
}

impl Verdict {
    /// Of an error of a database.
    pub fn of(trouble: &Trouble) -> Verdict {
        match trouble {
            Trouble::Unreached(_)
            | Trouble::Status(_)
            | Trouble::Answer
            | Trouble::NoDatabase
            | Trouble::Stopped => Verdict::Away,
            _ => Verdict::Answered,
        }
    }
}

impl Pool {
    pub(super) fn new(limits: PoolLimits) -> Pool {
        Pool {
            limits,
            requests: Arc::new(Semaphore::new(limits.requests)),
            slots: Mutex::default(),
            clock: AtomicU64::new(0),
        }
    }

    fn slot(&self, name: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if !slots.contains_key(name) && slots.len() >= self.limits.tenants {
            // Whoever holds it goes on with it: it is only kept no longer.
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed));
            let oldest = oldest.map(|(name, _)| name.clone());
            oldest.and_then(|name| slots.remove(&name));
        }
        let slot = slots.entry(name.to_string()).or_insert_with(|| {
            Arc::new(Slot {
                connections: Arc::new(Semaphore::new(self.limits.connections_each)),
                open: tokio::sync::Mutex::default(),
                breaker: Mutex::default(),
                used: AtomicU64::new(0),
            })
        });
        slot.used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        slot.clone()
    }

    /// How many tenants rest.
    pub(super) fn resting(&self) -> usize {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.values().filter(|slot| slot.rests_for().is_some()).count()
    }

    /// Lets go of a tenant's database: its token is worth nothing any more.
    pub(super) fn forget(&self, name: &str) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl Slot {
    fn rests_for(&self) -> Option<Duration> {
        let breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let left = breaker.rests_until?.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then_some(left)
    }

    fn tell(&self, verdict: Verdict, limits: &PoolLimits) {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        match verdict {
            Verdict::Answered => *breaker = Breaker::default(),
            Verdict::Away => {
                let doubled = limits.rest.saturating_mul(1 << breaker.failures.min(16));
                // Not all at once, where many rest for one reason.
                let rest = doubled.min(limits.rest_max).mul_f64(rand::rng().random_range(0.9..1.1));
                breaker.failures = breaker.failures.saturating_add(1);
                breaker.rests_until = Instant::now().checked_add(rest);
            }
        }
    }
}

impl Tenancy {
    /// An entry's database, its stamp compared with the entry at the first open, and its schema brought up to date.
    pub async fn open_entry(&self, entry: &Entry) -> Result<Opened, TenancyError> {
        entry.is_open()?;
        let tenant = entry.tenant.to_string();
        let slot = self.pool.slot(entry.name.as_str());
        if let Some(after) = slot.rests_for() {
            return Err(TenancyError::Resting { tenant, after });
        }
        let limits = self.pool.limits;
        let permits = async {
            let own = slot.connections.clone().acquire_owned().await;
            // The tenant's own bound first: who waits for a tenant that hangs holds nothing of the others'.
            let common = self.pool.requests.clone().acquire_owned().await;
            Some((own.ok()?, common.ok()?))
        };
        let permits = tokio::time::timeout(limits.deadline, permits).await.ok().flatten();
        let Some(permits) = permits else { return Err(TenancyError::Crowded { tenant }) };
        let opened = tokio::time::timeout(limits.deadline, self.kept(entry, &slot)).await;
        let opened = opened.unwrap_or_else(|_| {
            let source = Trouble::Unreached(Unreached::Silent);
            Err(TenancyError::Database { attempted: "reach", tenant: tenant.clone(), source })
        });
        match opened {
            Ok((database, schema_version)) => {
                Ok(Opened { schema_version, database, slot, tenant, limits, _permits: permits })
            }
            Err(error) => {
                if let TenancyError::Database { source, .. } = &error {
                    slot.tell(Verdict::of(source), &limits);
                }
                Err(error)
            }
        }
    }

    async fn kept(&self, entry: &Entry, slot: &Slot) -> Result<(Arc<Database>, i64), TenancyError> {
        let mut open = slot.open.lock().await;
        if let Some(kept) = open.as_ref()
            && kept.renew_at > now_s()
            && kept.sealed == entry.sealed
        {
            return Ok((kept.database.clone(), kept.schema_version));
        }
        let secret = entry.secret(&self.ring)?;
        let token = self.provider.mint(&entry.name, &secret, Access::ReadWrite, TOKEN_LIFETIME).await?;
        let now = now_s();
        let renew_at = now + token.expires_at.saturating_sub(now) * 2 / 3;
        let (url, namespace) = self.provider.address(&entry.name);
        let server = Server::at(&url, namespace.as_deref(), token.secret);
        let tenant = entry.tenant.to_string();
        let fail = |error: libsql::Error| TenancyError::Database {
            attempted: "open",
            tenant: tenant.clone(),
            source: error.into(),
        };
        let database = Arc::new(server.open().await.map_err(fail)?);
        let mut attempts = 0;
        let schema_version = loop {
            let (of, database) = (entry.clone(), database.clone());
            let checked = alone(async move {
                let fail = |error: libsql::Error| TenancyError::Database {
                    attempted: "open",
                    tenant: of.tenant.to_string(),
                    source: error.into(),
                };
                let connection = database.connect().map_err(fail)?;
                schema::migrate(&connection, &of).await
            });
            attempts += 1;
            match checked.await {
                // A server of many databases says so of some that are there: it is asked once more.
                Some(Err(TenancyError::Database { source, .. }))
                    if source.is_not_there() && attempts == 1 => {}
                Some(checked) => break checked?,
                None => {
                    let source = Trouble::Answer;
                    return Err(TenancyError::Database { attempted: "open", tenant, source });
                }
            }
        };
        if schema_version != entry.schema_version || entry.schema_error.is_some() {
            self.registry.set_schema(&entry.tenant, Some(schema_version), None).await?;
        }
        *open =
            Some(Kept { database: database.clone(), renew_at, schema_version, sealed: entry.sealed.clone() });
        Ok((database, schema_version))
    }

    /// Closes what is kept open of a database: the next open compares its stamp anew.
    pub fn let_go(&self, entry: &Entry) {
        self.pool.forget(entry.name.as_str());
    }

    /// How many tenants' databases rest, since they did not answer.
    pub fn resting(&self) -> usize {
        self.pool.resting()
    }
}

impl Opened {
    /// A connection for the time of some statements.
    pub fn connect(&self) -> Result<Connection, TenancyError> {
        self.database.connect().map_err(|error| TenancyError::Database {
            attempted: "open",
            tenant: self.tenant.clone(),
            source: error.into(),
        })
    }

    /// Says that the database did not answer a piece of work that was done with [`Opened::connect`].
    pub fn tell(&self, trouble: &Trouble) {
        self.slot.tell(Verdict::of(trouble), &self.limits);
    }

    /// Does a piece of work with the database, within the deadline. `judge` says of its outcome whether the database
    /// answered; one that does not, rests. The work is done again where a server said that there is no such
    /// database, so it must be safe to repeat until then.
    pub async fn run<T, F>(
        &self,
        work: impl Fn(Connection) -> F,
        judge: impl Fn(&T) -> Option<Trouble>,
    ) -> Result<T, TenancyError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let away = |source: Trouble| {
            self.slot.tell(Verdict::of(&source), &self.limits);
            TenancyError::Database { attempted: "ask", tenant: self.tenant.clone(), source }
        };
        let deadline = tokio::time::Instant::now() + self.limits.deadline;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let done = tokio::time::timeout_at(deadline, alone(work(self.connect()?))).await;
            let done = match done {
                Ok(Some(done)) => done,
                Ok(None) => return Err(away(Trouble::Answer)),
                Err(_) => return Err(away(Trouble::Unreached(Unreached::Silent))),
            };
            match judge(&done) {
                Some(trouble) if trouble.is_not_there() && attempts < ASKS_MAX => {
                    asked_again_after(attempts).await;
                }
                Some(trouble) => {
                    self.slot.tell(Verdict::of(&trouble), &self.limits);
                    return Ok(done);
                }
                None => {
                    self.slot.tell(Verdict::Answered, &self.limits);
                    return Ok(done);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot() -> Slot {
        Slot {
            connections: Arc::new(Semaphore::new(1)),
            open: tokio::sync::Mutex::default(),
            breaker: Mutex::default(),
            used: AtomicU64::new(0),
        }
    }

    #[test]
    fn who_does_not_answer_rests_longer_each_time_and_is_forgiven_at_once() {
        let (slot, limits) = (slot(), PoolLimits { rest: Duration::from_secs(100), ..PoolLimits::default() });
        assert_eq!(slot.rests_for(), None);
        slot.tell(Verdict::Away, &limits);
        let first = slot.rests_for().unwrap();
        slot.tell(Verdict::Away, &limits);
        let second = slot.rests_for().unwrap();
        assert!(second > first, "{first:?} {second:?}");
        for _ in 0..40 {
            slot.tell(Verdict::Away, &limits);
        }
        assert!(slot.rests_for().unwrap() <= limits.rest_max.mul_f64(1.1));
        slot.tell(Verdict::Answered, &limits);
        assert_eq!(slot.rests_for(), None);
    }

    #[test]
    fn a_refused_statement_is_an_answer() {
        assert_eq!(Verdict::of(&Trouble::Refused("SQLITE_CONSTRAINT".into())), Verdict::Answered);
        assert_eq!(Verdict::of(&Trouble::Full), Verdict::Answered);
        assert_eq!(Verdict::of(&Trouble::Unreached(Unreached::Refused)), Verdict::Away);
    }

    #[test]
    fn no_more_tenants_are_kept_than_are_allowed() {
        let pool = Pool::new(PoolLimits { tenants: 2, ..PoolLimits::default() });
        let first = pool.slot("a");
        pool.slot("b");
        pool.slot("a");
        pool.slot("c");
        assert!(Arc::ptr_eq(&first, &pool.slot("a")), "it was used after b");
        assert_eq!(pool.slots.lock().unwrap().len(), 2);
    }
}
