//! What reaches the world, and what it asks for.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use zenith_core::catalog::CatalogEntry;
use zenith_core::index::{Freshness, IndexReport, Progress, Reached};
use zenith_core::lake::LeftOut;
use zenith_core::search::Project;

use super::Home;

#[derive(Debug)]
pub enum Message {
    /// The data folder is open, or why it is not.
    Opened(Result<Opened, String>),
    /// Somebody else is signed in, or nobody any more.
    Renewed(Result<Home, String>),
    /// The lockfile cannot be read, for this reason.
    Unreadable(String),
    Packages(Result<Vec<CatalogEntry>, String>),
    /// What was left out of packages, by their datasets.
    Cut(HashMap<String, LeftOut>),
    /// The project, as it was found out anew.
    Project(Arc<Project>),
    Progress(Progress),
    Indexed(Result<IndexReport, String>),
    /// The lockfile was written.
    Written,
    /// What of the project is not indexed as it is.
    Looked(Result<Freshness, String>),
    /// What is searched on the store.
    Reached(Result<Reached, String>),
}

/// What was found when the data folder was opened.
#[derive(Debug, Default)]
pub struct Opened {
    /// The Cargo.lock that governs the start folder.
    pub lockfile: Option<PathBuf>,
    /// What the lockfile says; none where there is none or it cannot be read.
    pub project: Option<Arc<Project>>,
    pub home: Home,
}

#[derive(Debug)]
pub enum Effect {
    LoadPackages,
    /// Finds out what of these was left out.
    LookForCuts(Vec<Arc<CatalogEntry>>),
    Index(PathBuf),
    CancelIndex,
    /// Tells each time that a lockfile is written.
    Watch(PathBuf),
    /// Reads the project of a lockfile and what there is anew, and compares the one with the other.
    Look(PathBuf),
    /// Read from the store what of the shared packages is not here.
    Reach(Option<Arc<Project>>),
}
