//! What reaches the state, and what the state asks for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use zenith_core::catalog::{CatalogEntry, MemberState};
use zenith_core::index::{Freshness, IndexReport, Progress, Reached};
use zenith_core::search::{Hit, Project, SearchRequest};
use zenith_harness::runner::Selection;
use zenith_harness::{Event as SpikeEvent, RunReport};

use super::app::Tab;
use super::preview::{Location, Page, PageKey};
use super::spikes::Loaded;
use super::status::{Disk, Home, SyncedDatabase};
use super::tree::{Filtered, Tree};

/// Something that happened: at the terminal, in a task, to the process.
#[derive(Debug)]
pub enum Message {
    Terminal(Event),
    /// Time passed, while something shows time.
    Tick,
    /// The data folder is open, or why it is not.
    Opened(Result<Opened, String>),
    Packages(Result<Vec<CatalogEntry>, String>),
    /// The project, as it was found out anew.
    Project(Arc<Project>),
    Tree {
        generation: u64,
        tree: Result<Arc<Tree>, String>,
    },
    Filtered {
        generation: u64,
        filtered: Filtered,
    },
    Found {
        generation: u64,
        found: Result<Found, String>,
    },
    Page {
        tab: Tab,
        generation: u64,
        page: Page,
    },
    Progress(Progress),
    Indexed(Result<IndexReport, String>),
    /// What of the project is not indexed as it is.
    Looked(Result<Freshness, String>),
    /// What the history of spikes keeps.
    History {
        generation: u64,
        loaded: Result<Loaded, String>,
    },
    /// What a run of spikes is doing.
    Spike(SpikeEvent),
    /// A run of spikes is over, and its labs are closed.
    SpikesRan(Result<Box<RunReport>, String>),
    Synced(Result<Vec<SyncedDatabase>, String>),
    /// What is searched on the store.
    Reached(Result<Reached, String>),
    /// Where the replicas stand.
    Replicas {
        generation: u64,
        replicas: Vec<MemberState>,
    },
    /// What the data folder takes on disk.
    Disk {
        generation: u64,
        disk: Disk,
    },
    /// Something that the user asked for went wrong, in plain words.
    Failed(String),
    /// The process was told to end.
    Terminated,
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

/// The results of a search, safe to show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub packages: usize,
    pub other_platforms: usize,
    pub other_model: usize,
    pub took: Duration,
}

/// Work for the tasks beside the screen.
#[derive(Debug)]
pub enum Effect {
    LoadPackages,
    LoadTree {
        generation: u64,
        entry: Arc<CatalogEntry>,
    },
    Filter {
        generation: u64,
        tree: Arc<Tree>,
        filter: String,
    },
    /// Waits, so that only the last of some quick keystrokes is searched for.
    Search {
        generation: u64,
        request: SearchRequest,
        project: Option<Arc<Project>>,
        delay: Duration,
    },
    LoadPage {
        tab: Tab,
        generation: u64,
        key: PageKey,
    },
    Index(PathBuf),
    CancelIndex,
    /// Compares the project of a lockfile with what is indexed of it.
    Look(PathBuf),
    LoadHistory {
        generation: u64,
    },
    RunSpikes(Selection),
    CancelSpikes,
    Sync,
    /// Read from the store what of the shared packages is not here.
    Reach(Option<Arc<Project>>),
    LoadReplicas {
        generation: u64,
    },
    /// Adds up what the data folder takes on disk.
    Measure {
        generation: u64,
    },
    Copy(String),
    Edit(Location),
    Suspend,
    Redraw,
    Quit,
}
