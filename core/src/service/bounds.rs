//! The bounds of what a service takes on at one time.

use std::time::Duration;

use crate::jobs::LEASE;

/// How much, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// For all of a request, its sender's slowness included.
    pub deadline: Duration,
    /// Requests that are worked at side by side, of whatever kind; one more is told to come again.
    pub requests: usize,
    /// Connections; one more waits until another ends.
    pub connections: usize,
    /// How long a run of a tenant's job stands after it was looked after last; meanwhile its database is opened anew.
    pub run_lease: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { deadline: Duration::from_secs(30), requests: 512, connections: 1024, run_lease: LEASE }
    }
}
