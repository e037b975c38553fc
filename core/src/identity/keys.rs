//! The public keys of an issuer: asked for when they are needed, kept for a time, and never
//! thrown away for the word of a server that lies or is down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::TokenError;
use super::fetch::Address;
use super::issuer::{IssuerConfig, IssuerKind};
use super::jwk::{self, PublicKey};
use crate::http::Unreached;

/// Why there is no key set, or no new one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the issuer's address is not usable: {0}")]
    Address(&'static str),
    #[error("the issuer's key set could not be fetched: {0}")]
    Unreached(Unreached),
    #[error("the issuer did not send its key set in time")]
    Deadline,
    #[error("the issuer answered with status {0} in place of its key set")]
    Status(u16),
    #[error("the issuer's key set is larger than 256 KiB")]
    TooLarge,
    #[error("the issuer answered with something other than a key set")]
    NotAKeySet,
    #[error("the issuer's key set holds more than 64 keys")]
    TooManyKeys,
    #[error("the issuer's key set holds two keys of one id")]
    DuplicateKeyId,
    #[error("the issuer's key set has another key under the id of one that is known")]
    ChangedKey,
    #[error("the issuer's key set holds no key that its tokens may be signed with")]
    NoUsableKey,
    #[error("the issuer was asked for its key set a moment ago, in vain")]
    AskedLately,
}

/// How keys are asked for, and for how long they count. In seconds of the clock that the verifier
/// is given; the deadline alone is real time.
#[derive(Clone, Debug)]
pub struct KeyLimits {
    /// For one answer, from the first packet to the last byte.
    pub deadline: Duration,
    /// The least time between two requests, whatever tokens come.
    pub ask_interval_s: u64,
    /// After this the keys are asked for again, so that one that is withdrawn stops counting.
    pub age_s_max: u64,
    /// After this without an answer nobody is let in: a key may have been withdrawn long ago.
    pub outage_s_max: u64,
}

impl Default for KeyLimits {
    fn default() -> KeyLimits {
        KeyLimits {
            deadline: Duration::from_secs(5),
            ask_interval_s: 30,
            age_s_max: 60 * 60,
            outage_s_max: 24 * 60 * 60,
        }
    }
}

/// The keys of one issuer.
#[derive(Debug)]
pub struct KeySet {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Fixed(Vec<Arc<PublicKey>>),
    Fetched(Arc<Cache>),
}

#[derive(Debug)]
struct Cache {
    address: Address,
    kind: IssuerKind,
    limits: KeyLimits,
    state: Mutex<State>,
    /// Held by the one who asks.
    asking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct State {
    keys: Vec<Arc<PublicKey>>,
    fetched_at: Option<u64>,
    asked_at: Option<u64>,
    last_error: Option<KeyError>,
}

/// What the cache says of a key, at a time.
enum Cached {
    Fresh(Arc<PublicKey>),
    /// Good, and it is time to ask again.
    Stale(Arc<PublicKey>),
    Unknown,
    /// Nothing is cached that may still count.
    Nothing,
}

impl KeySet {
    /// The keys that the issuer serves, asked for when a token needs them.
    pub fn fetched(config: &IssuerConfig) -> Result<KeySet, KeyError> {
        KeySet::fetched_within(config, KeyLimits::default())
    }

    pub fn fetched_within(config: &IssuerConfig, limits: KeyLimits) -> Result<KeySet, KeyError> {
        let address = Address::new(config.key_set_url()?, limits.deadline)?;
        let cache =
            Cache { address, kind: config.kind, limits, state: Mutex::default(), asking: Arc::default() };
        Ok(KeySet { source: Source::Fetched(Arc::new(cache)) })
    }

    /// Keys that are given as the JSON of a key set and never change: no network is used.
    pub fn fixed(kind: IssuerKind, json: &str) -> Result<KeySet, KeyError> {
        let keys = jwk::read_set(json.as_bytes(), kind)?;
        Ok(KeySet { source: Source::Fixed(keys.into_iter().map(Arc::new).collect()) })
    }

    /// The key of an id as of `now`, asking the issuer where that is due.
    pub(super) async fn key(&self, id: &str, now: u64) -> Result<Arc<PublicKey>, TokenError> {
        match &self.source {
            Source::Fixed(keys) => find(keys, id).ok_or(TokenError::UnknownKey),
            Source::Fetched(cache) => cache.key(id, now).await,
        }
    }
}

fn find(keys: &[Arc<PublicKey>], id: &str) -> Option<Arc<PublicKey>> {
    keys.iter().find(|key| key.id == id).cloned()
}

impl Cache {
    async fn key(self: &Arc<Cache>, id: &str, now: u64) -> Result<Arc<PublicKey>, TokenError> {
        let asking = match self.cached(id, now) {
            Cached::Fresh(key) => return Ok(key),
            Cached::Stale(key) => match self.asking.clone().try_lock_owned() {
                Ok(asking) => asking,
                // Somebody asks already; the key that is there need not wait for the answer.
                Err(_) => return Ok(key),
            },
            Cached::Unknown | Cached::Nothing => self.asking.clone().lock_owned().await,
        };
        // Whoever waited for the lock finds here what the one before was told.
        if self.is_ask_due(now) && !matches!(self.cached(id, now), Cached::Fresh(_)) {
            let cache = self.clone();
            // In a task of its own: a caller who gives up must not leave an attempt counted and unmade.
            let asked = tokio::spawn(async move {
                cache.ask(now).await;
                drop(asking);
            });
            // It neither panics nor is aborted, except with the whole runtime.
            let _ = asked.await;
        }
        match self.cached(id, now) {
            Cached::Fresh(key) | Cached::Stale(key) => Ok(key),
            Cached::Unknown => Err(TokenError::UnknownKey),
            Cached::Nothing => {
                let why = self.state().last_error.clone().unwrap_or(KeyError::AskedLately);
                Err(TokenError::KeysUnavailable(why))
            }
        }
    }

    /// Asks once and takes over the answer, if it is one.
    async fn ask(&self, now: u64) {
        self.state().asked_at = Some(now);
        let answer = self.address.ask().await.and_then(|bytes| jwk::read_set(&bytes, self.kind));
        let mut state = self.state();
        let usable = self.is_usable(&state, now);
        match answer {
            Err(error) => state.last_error = Some(error),
            // An issuer never reuses an id. A set that does would put somebody else's key in the
            // place of a good one.
            Ok(keys) if usable && has_changed(&state.keys, &keys) => {
                state.last_error = Some(KeyError::ChangedKey);
            }
            Ok(keys) => {
                state.keys = keys.into_iter().map(Arc::new).collect();
                state.fetched_at = Some(now);
                state.last_error = None;
            }
        }
    }

    fn cached(&self, id: &str, now: u64) -> Cached {
        let state = self.state();
        if !self.is_usable(&state, now) {
            return Cached::Nothing;
        }
        match find(&state.keys, id) {
            None => Cached::Unknown,
            Some(key) if elapsed(state.fetched_at, now) <= self.limits.age_s_max => Cached::Fresh(key),
            Some(key) => Cached::Stale(key),
        }
    }

    fn is_usable(&self, state: &State, now: u64) -> bool {
        elapsed(state.fetched_at, now) <= self.limits.outage_s_max
    }

    fn is_ask_due(&self, now: u64) -> bool {
        elapsed(self.state().asked_at, now) >= self.limits.ask_interval_s
    }

    /// Nothing panics while it is held, and what it holds is whole at any time.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_changed(known: &[Arc<PublicKey>], new: &[PublicKey]) -> bool {
    new.iter().any(|new| known.iter().any(|known| known.id == new.id && !known.is_same_key(new)))
}

/// The time since, whichever way the clock was set; for ever since what never was.
fn elapsed(since: Option<u64>, now: u64) -> u64 {
    since.map_or(u64::MAX, |since| now.abs_diff(since))
}
