//! What the tab remembers.

use std::time::Instant;

use zenith_core::StoreLook;
use zenith_core::catalog::{MemberState, Synced};

use super::disk::Disk;
use super::form::Form;
use super::keys::LEAVE_OFF;
use crate::explorer::parts::entries::Entries;
use crate::explorer::parts::latest::Latest;
use crate::explorer::tabs::Task;
use crate::explorer::tabs::actions::Action;

/// One database that was to be synchronised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncedDatabase {
    pub database: String,
    pub outcome: Result<Synced, String>,
}

/// What of the account is at work: one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    pub name: &'static str,
    pub since: Instant,
    /// How many packages of how many, where that is known.
    pub done: Option<(usize, usize)>,
    pub doing: String,
    /// What the program's end waits for, if it does.
    pub holds: Option<&'static str>,
    pub is_stopping: bool,
}

/// What an entry of the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Act(Action),
    /// Stops what is at work by this name.
    Stop(&'static str),
}

/// How many times something was asked for, and by which session.
pub type Asked = (usize, Option<String>);

#[derive(Debug, Default)]
pub struct Status {
    pub running: Option<Running>,
    /// What the last sync of this screen came to.
    pub synced: Option<Result<Vec<SyncedDatabase>, String>>,
    /// Signing in, where one is at it.
    pub form: Option<Form>,
    /// The service that was typed last.
    pub service: String,
    /// Where the replicas stand.
    pub replicas: Latest<Asked, Vec<MemberState>>,
    /// How the store stands.
    pub store: Latest<Asked, Result<StoreLook, String>>,
    /// What the data folder takes, as of a revision of the packages.
    pub disk: Latest<u64, Disk>,
    pub page: Entries<Deed>,
    /// Syncs of this screen that have ended.
    pub syncs: usize,
    /// How often the store was asked for by a key, or changed by a push.
    pub looks: usize,
    /// Whether somebody is signed in, and something is at work: hints tell of what they allow.
    pub is_signed_in: bool,
    pub is_busy: bool,
}

impl Running {
    pub fn new(name: &'static str, since: Instant) -> Running {
        Running { name, since, done: None, doing: String::new(), holds: None, is_stopping: false }
    }

    /// As the rest of the screen tells it.
    pub fn task(&self) -> Task {
        Task {
            name: self.name,
            done: self.done,
            at: Some((self.doing.clone(), self.since)),
            doing: String::new(),
            stopping: self.is_stopping.then_some("what is begun is made whole"),
            holds: self.holds,
            stop: Some(LEAVE_OFF),
        }
    }
}
