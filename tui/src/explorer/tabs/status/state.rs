//! What the tab remembers.

use std::time::Instant;

use zenith_core::catalog::{MemberState, Synced};

use super::disk::Disk;
use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::sheet::Sheet;
use crate::explorer::tabs::Task;

/// One database that was to be synchronised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncedDatabase {
    pub database: String,
    pub outcome: Result<Synced, String>,
}

/// How far bringing the replicas up to date has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SyncPhase {
    #[default]
    Idle,
    Running(Instant),
    Ended(Vec<SyncedDatabase>),
    /// Nothing could be synchronised, for this reason.
    Failed(String),
}

#[derive(Debug, Default)]
pub struct Status {
    pub sync: SyncPhase,
    /// Where the replicas stand, as of so many syncs.
    pub replicas: Latest<usize, Vec<MemberState>>,
    /// What the data folder takes, as of a revision of the packages.
    pub disk: Latest<u64, Disk>,
    pub sheet: Sheet,
    /// Syncs of this screen that have ended.
    pub syncs: usize,
}

impl Status {
    pub fn is_syncing(&self) -> bool {
        matches!(self.sync, SyncPhase::Running(_))
    }

    /// The sync as the rest of the screen tells it. How much is to come is not known before.
    pub fn syncing(&self) -> Option<Task> {
        let SyncPhase::Running(since) = self.sync else { return None };
        Some(Task {
            name: "Syncing",
            done: None,
            at: Some((String::new(), since)),
            doing: String::new(),
            stopping: None,
            holds: None,
            stop: None,
        })
    }
}
