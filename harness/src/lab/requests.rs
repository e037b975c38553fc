//! What was asked of the lab's bucket, request by request: how many of them had to wait for one another
//! is what a bucket far away makes one pay for.
//!
//! # Decisions
//!
//! - **Distance is counted in steps**: a request is one step further than any that was answered when it came.
//!   Steps times the delay is the floor of a time on any machine; wall clocks are tripwires alone.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::{Method, Request as HttpRequest};

/// What a request asks for. A bulk delete and the parts of an upload are puts, as the bill sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    Get,
    Head,
    List,
    Put,
    Delete,
}

impl RequestKind {
    pub(super) fn of<B>(request: &HttpRequest<B>) -> RequestKind {
        let query = request.uri().query().unwrap_or_default();
        let lists = query.contains("list-type") || query.contains("prefix=");
        match *request.method() {
            Method::GET if lists => RequestKind::List,
            Method::GET => RequestKind::Get,
            Method::HEAD => RequestKind::Head,
            Method::DELETE => RequestKind::Delete,
            _ => RequestKind::Put,
        }
    }
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub kind: RequestKind,
    /// The path and query, as they came.
    pub target: String,
    /// The bytes that were asked for, where not all were.
    pub range: Option<String>,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// When it came, since the log began.
    pub came: Duration,
    /// When its answer began; nothing where none did.
    pub answered: Option<Duration>,
}

/// The step of each of these requests, which stand in the order in which they came: one more than that of any that
/// had been answered by then.
pub fn steps(requests: &[Request]) -> Vec<usize> {
    let mut awaited: BinaryHeap<Reverse<(Duration, usize)>> = BinaryHeap::new();
    let mut answered = 0;
    let mut step = |request: &Request| {
        while let Some(&Reverse((at, step))) = awaited.peek()
            && at <= request.came
        {
            answered = answered.max(step);
            awaited.pop();
        }
        awaited.extend(request.answered.map(|at| Reverse((at, answered + 1))));
        answered + 1
    };
    requests.iter().map(&mut step).collect()
}

/// How many requests had to wait for one another. Times what a request takes, it is the least that the whole takes.
pub fn dependent_steps(requests: &[Request]) -> usize {
    steps(requests).into_iter().max().unwrap_or(0)
}

/// The requests since the log began.
#[derive(Default)]
pub(super) struct Log {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    began: Option<Instant>,
    requests: Vec<Request>,
}

/// A log that nobody empties stops growing here.
const REQUESTS_MAX: usize = 1_000_000;

impl Log {
    /// Forgets what came, and writes down what comes.
    pub(super) fn begin(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State { began: Some(Instant::now()), requests: Vec::new() };
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).requests.clone()
    }

    /// Notes a request, and returns its entry: the log's beginning and the place in it.
    pub(super) fn came<B>(&self, kind: RequestKind, request: &HttpRequest<B>) -> Option<(Instant, usize)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let began = state.began.filter(|_| state.requests.len() < REQUESTS_MAX)?;
        let range = request.headers().get("range").and_then(|range| range.to_str().ok());
        state.requests.push(Request {
            kind,
            target: request.uri().to_string(),
            range: range.map(str::to_string),
            bytes: 0,
            came: began.elapsed(),
            answered: None,
        });
        Some((began, state.requests.len() - 1))
    }

    pub(super) fn answered(&self, entry: Option<(Instant, usize)>, bytes: u64) {
        let Some((began, place)) = entry else { return };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // What came before the log began anew is of no interest any more.
        if state.began != Some(began) {
            return;
        }
        if let Some(request) = state.requests.get_mut(place) {
            request.bytes = bytes;
            request.answered = Some(began.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(came_ms: u64, answered_ms: u64) -> Request {
        Request {
            kind: RequestKind::Get,
            target: String::new(),
            range: None,
            bytes: 0,
            came: Duration::from_millis(came_ms),
            answered: Some(Duration::from_millis(answered_ms)),
        }
    }

    #[test]
    fn requests_at_one_time_are_one_step() {
        assert_eq!(dependent_steps(&[]), 0);
        assert_eq!(dependent_steps(&[request(0, 20), request(1, 21), request(2, 22)]), 1);
    }

    #[test]
    fn requests_after_one_another_are_as_many_steps() {
        let row = [request(0, 20), request(21, 41), request(21, 41), request(30, 50), request(55, 75)];
        assert_eq!(steps(&row), [1, 2, 2, 2, 3]);
        assert_eq!(dependent_steps(&row), 3);
    }
}
