//! The tab Status: who is signed in, what is synchronised, what is stored, what is at work.

mod act;
mod disk;
mod page;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use zenith_core::catalog::{MemberState, Synced};
use zenith_core::index::Reached;
use zenith_core::session::Session;

use super::latest::Latest;
use super::sheet::Sheet;

pub use disk::{Disk, measure};

/// What opening the data folder told.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// Who is signed in; nobody but the user of the machine, where there is none.
    pub session: Option<Arc<Session>>,
    pub data_dir: PathBuf,
    /// The model that embeds.
    pub model: String,
}

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
pub struct StatusTab {
    pub home: Home,
    pub sync: SyncPhase,
    /// What is searched on the store without being here, once that is known.
    pub reached: Option<Result<Reached, String>>,
    /// Where the replicas stand, as of so many syncs.
    pub replicas: Latest<usize, Vec<MemberState>>,
    /// What the data folder takes, as of a revision of the packages.
    pub disk: Latest<u64, Disk>,
    pub sheet: Sheet,
    /// Syncs of this screen that have ended.
    syncs: usize,
}

impl StatusTab {
    pub fn is_syncing(&self) -> bool {
        matches!(self.sync, SyncPhase::Running(_))
    }
}
