//! What every tab sees and none changes: the data folder, what is searchable in it, and the project that it is
//! searched for, which is watched and indexed beside the screen.

mod indexing;
mod lockfile;
mod message;
mod update;
mod watch;
mod work;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::identity::Scope;
use zenith_core::index::Reached;
use zenith_core::lake::LeftOut;
use zenith_core::package::{PackageId, Tier};
use zenith_core::search::Project;
use zenith_core::session::Session;

use crate::count::Count;

pub use indexing::{Indexing, Keys, Phase};
pub use lockfile::watch as watch_file;
pub use message::{Effect, Message, Opened};
#[cfg(test)]
pub use watch::LOOK_EVERY;
use watch::Watch;
pub use work::{open, renew, work};

/// What the indexing of the project is called among what is at work.
pub const INDEXING: &str = "Indexing";

/// How far opening the data folder has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Catalog {
    Opening,
    Open,
    /// It cannot be used, for this reason.
    Unusable(String),
}

/// What opening the data folder told.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// Who is signed in; nobody but the user of the machine, where there is none.
    pub session: Option<Arc<Session>>,
    pub data_dir: PathBuf,
    /// It can only be read: what is in it is searched, and nothing is written.
    pub is_read_only: bool,
    /// The service to sign in to, as the settings name it.
    pub service: Option<String>,
    /// Whether the settings name a store.
    pub has_store: bool,
    /// The model that embeds.
    pub model: String,
}

#[derive(Debug)]
pub struct World {
    /// Where the program was started.
    pub folder: PathBuf,
    pub catalog: Catalog,
    pub home: Home,
    /// Whether it is known by now which packages there are.
    is_listed: bool,
    /// What the user may see, ready or not.
    pub packages: Vec<Arc<CatalogEntry>>,
    pub project: Option<Arc<Project>>,
    /// Counts the changes of `packages` and of `project`.
    pub revision: u64,
    /// What was left out of packages that have more symbols than are taken of one, by their datasets.
    cut: HashMap<String, LeftOut>,
    /// What is searched on the store without being here, once that is known.
    pub reached: Option<Result<Reached, String>>,
    pub indexing: Indexing,
    watch: Watch,
    /// The program is about to end: nothing is begun any more.
    is_closing: bool,
}

/// Packages that are searchable, and how many symbols they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    pub count: Count,
    pub symbols: u64,
}

impl World {
    /// Before anything is known.
    pub fn new(folder: PathBuf) -> World {
        World {
            folder,
            catalog: Catalog::Opening,
            home: Home::default(),
            is_listed: false,
            packages: Vec::new(),
            project: None,
            revision: 0,
            cut: HashMap::new(),
            reached: None,
            indexing: Indexing::default(),
            watch: Watch::default(),
            is_closing: false,
        }
    }

    /// Whether it is being found out what there is: that nothing is there would be said too early.
    pub fn is_opening(&self) -> bool {
        self.catalog == Catalog::Opening || (self.is_open() && !self.is_listed)
    }

    pub fn is_open(&self) -> bool {
        self.catalog == Catalog::Open
    }

    /// The package that a result came from.
    pub fn entry(&self, tier: Tier, name: &str, version: &str) -> Option<&Arc<CatalogEntry>> {
        let is_it = |entry: &&Arc<CatalogEntry>| {
            entry.tier() == tier && entry.id.name() == name && entry.id.version() == version
        };
        self.packages.iter().find(is_it)
    }

    /// A package by whose it is and its name.
    pub fn package(&self, scope: &Scope, id: &PackageId) -> Option<&Arc<CatalogEntry>> {
        self.packages.iter().find(|entry| entry.scope == *scope && entry.id == *id)
    }

    /// The names of packages that are the user's own, or that the project names itself.
    pub fn close_names(&self) -> HashSet<&str> {
        let is_direct = |id: &PackageId| {
            self.project.as_ref().is_some_and(|project| project.is_direct(id.name(), id.version()))
        };
        let close = |entry: &&Arc<CatalogEntry>| entry.tier() == Tier::Private || is_direct(&entry.id);
        self.packages.iter().filter(close).map(|entry| entry.id.name()).collect()
    }

    /// What was left out of a package, if anything was.
    pub fn left_out(&self, entry: &CatalogEntry) -> Option<LeftOut> {
        entry.dataset.as_ref().and_then(|dataset| self.cut.get(dataset)).copied()
    }

    /// What is here of a tier, be it of this project or of others.
    pub fn ready(&self, tier: Tier) -> Ready {
        self.count(|entry| entry.tier() == tier)
    }

    /// What a search goes through, as it counts it: where there is a project, what belongs to that.
    pub fn searched(&self) -> Ready {
        self.count(|entry| self.project.as_ref().is_none_or(|project| project.holds(entry)))
    }

    fn count(&self, counts: impl Fn(&CatalogEntry) -> bool) -> Ready {
        let mut ready = Ready::default();
        let is_ready = |entry: &&Arc<CatalogEntry>| entry.status == Status::Ready && counts(entry);
        for entry in self.packages.iter().filter(is_ready) {
            let is_other = self.project.as_ref().is_some_and(|project| project.is_for_others(entry));
            ready.count.all += 1;
            ready.count.others += usize::from(is_other);
            ready.symbols += entry.symbol_count;
        }
        ready
    }
}
