//! How the lab's bucket behaves all the time when it is told to, as services do that are not like it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::HOST;
use hyper::{HeaderMap, Method, Request};

use super::faults::Speech;

/// What is different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manners {
    /// A key is written at most once in this time; whoever writes it sooner is told to slow down, as R2 says that
    /// it does.
    pub key_pause: Option<Duration>,
    /// A bucket is named in the host alone.
    pub virtual_hosts_only: bool,
}

const TOO_SOON: Speech = Speech {
    status: 429,
    headers: &[("content-type", "application/xml")],
    body: b"<Error><Code>ServiceUnavailable</Code><Message>Reduce your concurrent request rate for the same \
            object.</Message></Error>",
};

/// As Alibaba's says it.
const IN_THE_PATH: Speech = Speech {
    status: 403,
    headers: &[("content-type", "application/xml")],
    body: b"<Error><Code>SecondLevelDomainForbidden</Code><Message>Please use virtual hosted style to \
            access.</Message></Error>",
};

/// A bucket's manners, and when each key was written last.
#[derive(Default)]
pub(super) struct Behaviour {
    manners: Mutex<Manners>,
    written: Mutex<HashMap<String, Instant>>,
}

impl Behaviour {
    pub fn set(&self, manners: Manners) {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner) = manners;
    }

    /// What is said instead of doing what a request asks.
    pub fn refuses<B>(&self, request: &Request<B>) -> Option<Speech> {
        let manners = *self.manners.lock().unwrap_or_else(PoisonError::into_inner);
        if manners.virtual_hosts_only && !has_bucket(request.headers()) {
            return Some(IN_THE_PATH);
        }
        let pause = manners.key_pause?;
        let writes = *request.method() == Method::PUT || *request.method() == Method::DELETE;
        let (key, now) = (request.uri().path().to_string(), Instant::now());
        if !writes {
            return None;
        }
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(&key).is_some_and(|at| now.duration_since(*at) < pause) {
            return Some(TOO_SOON);
        }
        written.insert(key, now);
        None
    }
}

/// Whether the host is more than this machine's.
fn has_bucket(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.ends_with(".localhost")
}
