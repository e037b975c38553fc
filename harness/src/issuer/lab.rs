//! What the issuer's handle and its server share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;
use zenith_core::identity::{IssuerConfig, IssuerKind};

use super::keys::SigningKey;
use super::serve::Behaviour;

pub(super) struct Lab {
    /// Without a path.
    pub(super) url: Url,
    pub(super) closing: CancellationToken,
    clerk: Mutex<Arc<SigningKey>>,
    supabase: Arc<SigningKey>,
    pub(super) database: SigningKey,
    behaviour: Mutex<Behaviour>,
    clerk_requests: AtomicUsize,
    supabase_requests: AtomicUsize,
    rotations: AtomicUsize,
}

impl Lab {
    pub(super) fn new(url: Url) -> Result<Lab> {
        Ok(Lab {
            url,
            closing: CancellationToken::new(),
            clerk: Mutex::new(Arc::new(SigningKey::rsa("ins_lab_0")?)),
            supabase: Arc::new(SigningKey::p256("5ba5e000-0000-4000-8000-000000000000")?),
            database: SigningKey::ed25519("sqld")?,
            behaviour: Mutex::new(Behaviour::Up),
            clerk_requests: AtomicUsize::new(0),
            supabase_requests: AtomicUsize::new(0),
            rotations: AtomicUsize::new(0),
        })
    }

    pub(super) fn config(&self, kind: IssuerKind) -> IssuerConfig {
        let mut url = self.url.clone();
        url.set_path(match kind {
            IssuerKind::Clerk => "/clerk",
            IssuerKind::Supabase => "/supabase",
        });
        IssuerConfig::new(url, kind)
    }

    pub(super) fn key(&self, kind: IssuerKind) -> Arc<SigningKey> {
        match kind {
            IssuerKind::Clerk => locked(&self.clerk).clone(),
            IssuerKind::Supabase => self.supabase.clone(),
        }
    }

    pub(super) fn key_set(&self, kind: IssuerKind) -> Value {
        json!({"keys": [self.key(kind).public_jwk()]})
    }

    pub(super) fn rotate_clerk(&self) -> Result<()> {
        let rotation = self.rotations.fetch_add(1, Ordering::Relaxed) + 1;
        let key = SigningKey::rsa(format!("ins_lab_{rotation}"))?;
        *locked(&self.clerk) = Arc::new(key);
        Ok(())
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        *locked(&self.behaviour)
    }

    pub(super) fn behave(&self, behaviour: Behaviour) {
        *locked(&self.behaviour) = behaviour;
    }

    pub(super) fn count(&self, kind: IssuerKind) {
        self.counter(kind).fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counter(&self, kind: IssuerKind) -> &AtomicUsize {
        match kind {
            IssuerKind::Clerk => &self.clerk_requests,
            IssuerKind::Supabase => &self.supabase_requests,
        }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
