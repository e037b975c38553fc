//! Connections to tenants' databases, bounded: so many tenants, so many connections each, so many requests in all. A
//! tenant whose database does not answer rests for a while, and nobody else waits for it.

mod opened;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use libsql::Database;
use rand::Rng;
use tokio::sync::Semaphore;

use crate::catalog::Trouble;

pub use opened::Opened;
pub(super) use opened::until_there;

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
    /// How long the service's own tokens live; it makes another whenever it needs one.
    pub token_lifetime: Duration,
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
            token_lifetime: Duration::from_secs(15 * 60),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Unreached;

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
