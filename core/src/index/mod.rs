//! The runs that lead to a searchable index: from sources, from an export, from what others share; and the
//! one that shares it.
//!
//! A package goes through four steps, each of which leaves a state that a reader understands:
//! claimed (in the catalog), written (datasets in a place of their own), shelved (in the search
//! index), ready (the catalog names the place). A process that dies in between leaves a claim that
//! the next one takes over, and files that nobody names.
//!
//! # Decisions
//!
//! - **`embed` and `index` are rooms of their own.** Queries are embedded too, and a run touches every room,
//!   which none of them should.

mod arrivals;
mod claims;
mod freshness;
mod import;
mod known;
mod leftovers;
mod package;
mod plan;
mod platforms;
mod publish;
mod pull;
mod push;
mod reach;
mod record;
mod reshelve;
mod run;
mod unlocked;
mod wanted;
mod withdraw;

use std::collections::BTreeMap;

use serde::Serialize;

pub use arrivals::{ArrivalEvent, LocalIndex};
pub use freshness::{Freshness, FreshnessError};
pub use import::{ImportError, ImportReport, Importer};
pub use known::KnownProject;
pub use leftovers::leftovers;
pub use package::PackageError;
pub use plan::left_out;
pub use platforms::{Platforms, project};
pub use pull::{PullError, PullReport, Puller};
pub use push::{PushError, PushEvent, PushReport, Pusher};
pub(crate) use reach::reach;
pub use reach::{ROWS_MAX, Reached};
pub use reshelve::{Reshelved, reshelve};
pub use run::Indexer;
pub use unlocked::Unlocked;
pub use wanted::Wanted;
pub use withdraw::WithdrawReport;

use crate::catalog::CatalogError;
use crate::embed::EmbedError;
use crate::ingest::{Broken, DiscoverError, Missing, SkipReason, Source};
use crate::lake::{LakeError, LeftOut};
use crate::package::{PackageId, Tier};
use crate::search::ShelfError;

/// What to index.
#[derive(Clone, Debug)]
pub struct IndexRequest {
    pub source: Source,
    /// The tier of one's own code, or of a package asked for by name; private and public by default.
    pub tier: Option<Tier>,
    /// Leave out what is only a dependency of a dependency.
    pub direct_only: bool,
    /// Index what is ready as well.
    pub anew: bool,
}

/// What happens in a run, as it happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Asking cargo, or reading the lockfile.
    Discovering,
    /// What there is, and what of it is ready already.
    Planned {
        packages: usize,
        ready: usize,
    },
    Started {
        id: PackageId,
    },
    /// Written to its datasets; searchable with the next [`Progress::Searchable`].
    Written {
        id: PackageId,
        symbols: u64,
        chunks: u64,
    },
    /// Packages that can be found from now on.
    Searchable {
        ids: Vec<PackageId>,
    },
    Failed {
        id: PackageId,
        why: String,
    },
    /// Another process is indexing these; the run waits for it.
    Waiting {
        packages: usize,
    },
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IndexReport {
    /// Packages that the source has.
    pub packages: usize,
    /// Those of them that are for other platforms, and not built on this machine.
    pub other_platforms: usize,
    /// Those that were ready before.
    pub ready_before: usize,
    /// Their symbols and sections.
    #[serde(skip)]
    pub ready_rows: (u64, u64),
    pub indexed: usize,
    /// Those that another process indexed meanwhile.
    pub indexed_elsewhere: usize,
    pub symbols: u64,
    pub chunks: u64,
    pub failed: Vec<Failure>,
    /// Packages of the source that are not on this machine.
    pub missing: Vec<Failure>,
    /// Packages for other platforms that are not on this machine either, and that nothing here needs.
    pub missing_other_platforms: usize,
    /// What is less certain than it could be.
    pub notes: Vec<String>,
    /// Packages with more symbols than are taken, of those that were ready before as well.
    pub cut: Vec<Cut>,
    /// Files, modules and symbols passed over, by reason.
    pub skipped: BTreeMap<SkipReason, usize>,
    pub cancelled: bool,
    pub seconds: f64,
}

/// A package that is not indexed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub package: String,
    pub why: String,
}

/// A package with more symbols than are taken of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cut {
    pub package: String,
    /// How many are indexed.
    pub symbols: u64,
    #[serde(flatten)]
    pub left_out: LeftOut,
}

impl Cut {
    fn of(id: &PackageId, symbols: u64, left_out: Option<LeftOut>) -> Option<Cut> {
        let left_out = left_out.filter(|left_out| left_out.left_out > 0)?;
        Some(Cut { package: id.to_string(), symbols, left_out })
    }
}

impl IndexReport {
    /// Whether all that was asked for came to no section and no symbol but each crate itself.
    pub fn found_nothing(&self) -> bool {
        let (symbols, chunks) = (self.symbols + self.ready_rows.0, self.chunks + self.ready_rows.1);
        let done = self.indexed + self.ready_before == self.packages && !self.cancelled;
        done && chunks == 0 && symbols <= self.packages as u64
    }
}

impl Failure {
    fn of_missing(missing: &Missing) -> Failure {
        Failure { package: format!("{}@{}", missing.name, missing.version), why: missing.reason.clone() }
    }

    fn of_broken(broken: &Broken) -> Failure {
        Failure { package: broken.what.clone(), why: broken.why.clone() }
    }
}

/// A run that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(transparent)]
    Embed(#[from] EmbedError),
    #[error(
        "you have no part in the {0} tier: sign in as a member of an organisation, or choose another tier"
    )]
    NoScope(Tier),
    #[error("cannot keep a lock in {folder}: {source}")]
    Holder { folder: std::path::PathBuf, source: std::io::Error },
    #[error("cannot keep what is built on this machine in {folder}: {source}")]
    Platforms { folder: std::path::PathBuf, source: std::io::Error },
    #[error("cannot note in {folder} which project was indexed: {source}")]
    Known { folder: std::path::PathBuf, source: std::io::Error },
    #[error("a part of the run stopped unexpectedly: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}
