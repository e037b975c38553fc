//! Everything that a program needs, opened once: catalog, datasets, shelves and model of one data
//! folder, for one identity.

mod answers;
mod changes;
mod faces;
mod instances;
mod jobs;
mod note_search;
mod notes;
mod notes_file;
mod obtain;
mod paths;
mod reading;
mod renamed;
mod session;
mod sharing;
mod store;
mod upkeep;

pub use answers::{Among, Answer, Asked};
pub use jobs::{Again, JobsKept, jobs_path};
pub use note_search::{NoteFound, NoteIndex, NotesFound};
pub use notes::Standing;
pub use notes_file::{NotesFile, notes_file_path};
pub use reading::Followed;
pub use store::{StoreExport, StoreLook};
pub use upkeep::Cleaned;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::behind::{self, behind};
use crate::catalog::{Catalog, CatalogError, DatabaseRole, Federation, Trouble};
use crate::config::Config;
use crate::embed::{EmbedError, Embedder, StaticModel};
use crate::identity::Identity;
use crate::index::{
    FreshnessError, ImportError, IndexError, IndexReport, IndexRequest, Indexer, LocalIndex, Progress,
    PullError, PushError,
};
use crate::ingest::{Cargo, DiscoverError, is_workspace};
use crate::jobs::JobError;
use crate::lake::export::ExportError;
use crate::lake::{Lake, LakeError, StoreError};
use crate::publish::PublishError;
use crate::search::{HeldError, Search, SearchError};
use crate::session::{CredentialError, Session, SessionError, SignInError};
use crate::workspace::{BaseError, WorkspaceError};

/// An open data folder. Cheap to clone; all clones share the same state.
#[derive(Clone)]
pub struct Zenith {
    /// The settings, with the store that the service offers where they name none.
    pub config: Arc<Config>,
    /// The settings as they were given.
    given: Arc<Config>,
    pub identity: Identity,
    /// Who is signed in; the user of the machine alone, where there is none.
    pub session: Option<Arc<Session>>,
    /// What this machine indexed.
    pub catalog: Arc<Catalog>,
    /// That, and what others share.
    pub federation: Federation,
    pub lake: Lake,
    pub search: Arc<Search>,
}

/// Anything that can go wrong with an open data folder.
#[derive(Debug, thiserror::Error)]
pub enum ZenithError {
    #[error("cannot create the data folder {path}: {source}")]
    DataFolder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Embed(#[from] EmbedError),
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Freshness(#[from] FreshnessError),
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(
        "no store is set where shared datasets lie; set ZENITH_STORE to s3://bucket/prefix, or to a folder \
         that all of you reach"
    )]
    NoStore,
    #[error(transparent)]
    Held(#[from] HeldError),
    #[error(transparent)]
    Push(#[from] PushError),
    #[error(transparent)]
    Pull(#[from] PullError),
    #[error("cannot keep the name of this data folder in {path}: {source}")]
    Name { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Jobs(#[from] JobError),
    #[error("the jobs of this machine in {} cannot be read or written: {source}", path.display())]
    JobsFile { path: PathBuf, source: Trouble },
    #[error(transparent)]
    Instances(#[from] PublishError),
    #[error(
        "users' instances live in their workspace's database, and in no file of this machine; `zenith login SERVICE` \
         signs in to a service that keeps workspaces"
    )]
    NoWorkspace,
    #[error(
        "your jobs lie in your own database, and the access to it has ended; `zenith login` signs in again"
    )]
    JobsSignInAgain,
    #[error("nobody is signed in; `zenith login SERVICE` does, and then there is something to synchronise")]
    NotSignedIn,
    #[error(transparent)]
    Notes(#[from] WorkspaceError),
    #[error(transparent)]
    NotesFile(#[from] BaseError),
    #[error("cannot lock the file of the notes {}: {source}", path.display())]
    NotesFileLock { path: PathBuf, source: std::io::Error },
    #[error("a part of the program stopped unexpectedly: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Zenith {
    /// Opens a data folder as whoever is signed in, else as the user of this machine, and creates it
    /// where there is none. No server is asked for anything.
    pub async fn open(config: Config) -> Result<Zenith, ZenithError> {
        let embedder = Arc::new(StaticModel::shipped()?);
        let session = Session::load(&config.data_dir)?;
        let identity = match &session {
            Some(session) => session.identity().map_err(|error| SessionError::of_names(&error))?,
            None => Identity::local(),
        };
        let zenith = Zenith::open_as(config, identity, embedder).await?;
        Ok(zenith.with_session(session))
    }

    /// Opens a data folder for a given identity, with a given model.
    pub async fn open_as(
        config: Config,
        identity: Identity,
        embedder: Arc<dyn Embedder>,
    ) -> Result<Zenith, ZenithError> {
        let config = Arc::new(config);
        let folder = &config.data_dir;
        std::fs::create_dir_all(folder)
            .map_err(|source| ZenithError::DataFolder { path: folder.clone(), source })?;
        let catalog = Arc::new(Catalog::open(&catalog_path(folder)).await?);
        Ok(Zenith {
            identity,
            session: None,
            federation: Federation::new(catalog.clone(), folder, []),
            catalog,
            lake: Lake::new(folder),
            search: Arc::new(Search::new(&folder.join("shelf"), embedder)),
            given: config.clone(),
            config,
        })
    }

    /// The same open folder for whoever is signed in by now. What is shared by all clones stays shared.
    pub async fn renewed(&self) -> Result<Zenith, ZenithError> {
        let folder = self.config.data_dir.clone();
        let session = tokio::task::spawn_blocking(move || Session::load(&folder)).await??;
        let identity = match &session {
            Some(session) => session.identity().map_err(|error| SessionError::of_names(&error))?,
            None => Identity::local(),
        };
        let federation = Federation::new(self.catalog.clone(), &self.config.data_dir, []);
        Ok(Zenith { identity, session: None, federation, ..self.clone() }.with_session(session))
    }

    fn with_session(mut self, session: Option<Session>) -> Zenith {
        let offered = session.as_ref().and_then(|session| session.store.as_ref());
        self.config = match offered {
            Some(store) if !self.given.store.is_named() => Arc::new(self.given.with_store(store)),
            _ => self.given.clone(),
        };
        if let Some(session) = &session {
            let roles = session.databases.iter().map(|database| database.role.clone());
            let roles = roles.filter(DatabaseRole::is_copied);
            let folder = self.config.data_dir.join("replicas").join(session.service_key());
            self.federation = Federation::new(self.catalog.clone(), &folder, roles);
        }
        self.session = session.map(Arc::new);
        self
    }

    /// Indexes what a request asks for; see [`Indexer::run`].
    pub async fn index(
        &self,
        request: &IndexRequest,
        progress: mpsc::UnboundedSender<Progress>,
        cancel: CancellationToken,
    ) -> Result<IndexReport, ZenithError> {
        Ok(self.indexer(threads_of_all()).run(request, progress, cancel).await?)
    }

    /// The same behind everything else that runs on this machine, on fewer threads than it has cores: for whoever
    /// types and searches meanwhile.
    pub async fn index_behind(
        &self,
        request: IndexRequest,
        progress: mpsc::UnboundedSender<Progress>,
        cancel: CancellationToken,
    ) -> Result<IndexReport, ZenithError> {
        let indexer = self.indexer(behind::threads());
        let run = async move { indexer.run(&request, progress, cancel).await };
        Ok(behind(run).await.map_err(IndexError::from)??)
    }

    /// How cargo and the compiler are found.
    pub(super) fn cargo(&self) -> Cargo {
        let Config { cargo, cargo_home, rustc, .. } = &*self.config;
        Cargo { program: cargo.clone(), home: cargo_home.clone(), rustc: rustc.clone() }
    }

    fn local_index(&self) -> LocalIndex {
        LocalIndex {
            catalog: self.catalog.clone(),
            search: self.search.clone(),
            lake: self.lake.clone(),
            identity: self.identity.clone(),
            run_folder: self.run_folder(),
        }
    }

    /// Where claim holders of this data folder keep their locks.
    pub fn run_folder(&self) -> PathBuf {
        self.config.data_dir.join("run")
    }

    fn indexer(&self, workers: usize) -> Indexer {
        Indexer {
            catalog: self.catalog.clone(),
            search: self.search.clone(),
            lake: self.lake.clone(),
            identity: self.identity.clone(),
            cargo: self.cargo(),
            run_folder: self.run_folder(),
            data_dir: self.config.data_dir.clone(),
            symbols_max: self.config.symbols_max,
            workers,
        }
    }
}

fn threads_of_all() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// The catalog's file in a data folder.
pub fn catalog_path(data_dir: &Path) -> PathBuf {
    data_dir.join("catalog.db")
}

/// The Cargo.lock that governs a folder: in it, or in the nearest folder above. A workspace that has none is
/// not governed by one that lies above it.
pub fn find_lockfile(from: &Path) -> Option<PathBuf> {
    for folder in from.ancestors() {
        let lockfile = folder.join("Cargo.lock");
        if lockfile.is_file() {
            return Some(lockfile);
        }
        if is_workspace(folder) {
            return None;
        }
    }
    None
}
