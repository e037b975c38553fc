//! What the lab's bucket counts, and how it fails when it is told to.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use s3s::{Body, HttpResponse};

/// What passed since the last [`Bucket::reset`](super::Bucket::reset).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub gets: u64,
    pub heads: u64,
    pub lists: u64,
    pub puts: u64,
    pub deletes: u64,
    /// Bytes of bodies that were answered to GETs.
    pub bytes_read: u64,
    /// Bytes of bodies that were put.
    pub bytes_written: u64,
}

/// What becomes of some requests. Requests are counted from the moment when the plan is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    /// The number of the first request that it befalls; the first request is 0.
    pub at: u64,
    /// How many requests it befalls.
    pub times: u64,
    /// For how long after the first one, if not for good.
    pub lasts: Option<Duration>,
    pub fault: Fault,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is cut before anything is done.
    CutBefore,
    /// It is done, and then the connection is cut: the answer is lost.
    CutAfter,
    /// Half of the body is answered, and then the connection is cut.
    CutWithin,
    /// Nothing is done, and this status is answered.
    Answer(u16),
    /// Nothing is done, and this is said.
    Say(Speech),
    /// Nothing is done and nothing is answered, until who asked is gone.
    HangBefore,
    /// It is done, and nothing is answered.
    HangAfter,
}

/// What another server says, or something on the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speech {
    pub status: u16,
    pub headers: &'static [(&'static str, &'static str)],
    pub body: &'static [u8],
}

impl Speech {
    pub(super) fn say(self) -> HttpResponse {
        let mut answer = HttpResponse::new(Body::from(bytes::Bytes::from_static(self.body)));
        *answer.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        answer
    }
}

impl FaultPlan {
    /// Once, at request `at`.
    pub fn once(at: u64, fault: Fault) -> FaultPlan {
        FaultPlan { at, times: 1, lasts: None, fault }
    }

    /// From request `at` on, for good.
    pub fn from(at: u64, fault: Fault) -> FaultPlan {
        FaultPlan { at, times: u64::MAX, lasts: None, fault }
    }

    /// From request `at` on, for a while.
    pub fn lasting(at: u64, lasts: Duration, fault: Fault) -> FaultPlan {
        FaultPlan { lasts: Some(lasts), ..FaultPlan::from(at, fault) }
    }
}

impl Count {
    pub fn requests(&self) -> u64 {
        self.gets + self.heads + self.lists + self.puts + self.deletes
    }
}
