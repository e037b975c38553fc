//! Everything that a program needs, opened once: catalog, datasets, shelves and model of one data
//! folder, for one identity.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::catalog::{
    Catalog, CatalogEntry, CatalogError, DatabaseRole, Federation, Found, Server, Status, SyncError, Synced,
};
use crate::config::Config;
use crate::embed::{self, EmbedError, Embedder, ModelChoice};
use crate::identity::{Identity, Scope};
use crate::index::{
    ImportError, ImportEvent, ImportReport, Importer, IndexError, IndexReport, IndexRequest, Indexer,
    Progress, Wanted,
};
use crate::ingest::Cargo;
use crate::lake::export::{ExportError, ExportEvent, ExportMode, ExportReport, Exporter};
use crate::lake::{ApiSymbol, DocChunk, Lake, LakeError, Store, StoreError, SymbolOutline};
use crate::package::{PackageId, Tier};
use crate::search::shelf::fold_path;
use crate::search::{PackageFilter, Project, Search, SearchError, SearchRequest, SearchResults};
use crate::session::{
    CredentialError, CredentialStore, KeptIn, Session, SessionError, SignInError, sign_in, sign_out,
};

/// An open data folder. Cheap to clone; all clones share the same state.
#[derive(Clone)]
pub struct Zenith {
    pub config: Arc<Config>,
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
    Store(#[from] StoreError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("cannot keep the name of this data folder in {path}: {source}")]
    Name { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error("cannot remove what was synchronised for you: {0}")]
    Forget(std::io::Error),
    #[error("nobody is signed in; `zenith login SERVICE` does, and then there is something to synchronise")]
    NotSignedIn,
    #[error("a part of the program stopped unexpectedly: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Zenith {
    /// Opens a data folder as whoever is signed in, else as the user of this machine, and creates it
    /// where there is none. No server is asked for anything.
    pub async fn open(config: Config) -> Result<Zenith, ZenithError> {
        let choice = config.model_dir.clone().map_or(ModelChoice::Shipped, ModelChoice::Teacher);
        // A teacher's folder takes a while to read.
        let embedder = tokio::task::spawn_blocking(move || embed::open(&choice)).await??;
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
            config: Arc::new(config),
        })
    }

    fn with_session(mut self, session: Option<Session>) -> Zenith {
        if let Some(session) = &session {
            let roles = session.databases.iter().map(|database| database.role.clone());
            let folder = self.config.data_dir.join("replicas").join(session.service_key());
            self.federation = Federation::new(self.catalog.clone(), &folder, roles);
        }
        self.session = session.map(Arc::new);
        self
    }

    /// Signs in to a service with a token of its issuer; see [`sign_in`]. The next [`Zenith::open`]
    /// is for that user.
    pub async fn sign_in(
        config: &Config,
        service: &str,
        token: &SecretString,
    ) -> Result<(Session, KeptIn), ZenithError> {
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|source| ZenithError::DataFolder { path: config.data_dir.clone(), source })?;
        Ok(sign_in(&config.data_dir, &CredentialStore::new(config), service, token).await?)
    }

    /// Forgets who is signed in, their secrets, and the copies of what others share with them. What
    /// this machine indexed stays. `false` where nobody was signed in.
    pub fn sign_out(config: &Config) -> Result<bool, ZenithError> {
        let was = sign_out(&config.data_dir, &CredentialStore::new(config))?;
        match std::fs::remove_dir_all(config.data_dir.join("replicas")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(ZenithError::Forget(error)),
            _ => Ok(was),
        }
    }

    /// Brings the copies of the shared databases up to date, each within `deadline`; one that fails
    /// does not hold up the others.
    pub async fn sync(
        &self,
        deadline: Duration,
    ) -> Result<Vec<(DatabaseRole, Result<Synced, SyncError>)>, ZenithError> {
        let Some(session) = &self.session else { return Err(ZenithError::NotSignedIn) };
        let config = self.config.clone();
        // A keyring asks over a bus, and perhaps its owner.
        let credentials = tokio::task::spawn_blocking({
            let roles: Vec<DatabaseRole> =
                session.databases.iter().map(|database| database.role.clone()).collect();
            move || -> Result<Vec<Option<SecretString>>, CredentialError> {
                let store = CredentialStore::new(&config);
                roles.iter().map(|role| store.token(role)).collect()
            }
        })
        .await??;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut servers = Vec::new();
        let mut outcomes = Vec::new();
        for (database, token) in session.databases.iter().zip(credentials) {
            match token {
                Some(token) if database.expires_at > now => {
                    servers.push((database.role.clone(), Server { url: database.url.clone(), token }));
                }
                _ => outcomes.push((database.role.clone(), Err(SyncError::SignInAgain))),
            }
        }
        outcomes.extend(self.federation.sync(&servers, deadline).await);
        outcomes.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(outcomes)
    }

    /// What the identity may see here and in the copies of the shared databases; of the global one,
    /// the packages that are `wanted`.
    pub async fn catalogued(&self, wanted: &[PackageId]) -> Result<Vec<Found>, ZenithError> {
        Ok(self.federation.packages(&self.identity, wanted).await?)
    }

    /// Every package that the identity may see, ready or not.
    pub async fn packages(&self) -> Result<Vec<CatalogEntry>, ZenithError> {
        Ok(self.catalog.packages(&self.identity).await?)
    }

    /// The ready packages that a name, or a name and version, means: newest indexed first.
    pub async fn find_packages(&self, filter: &PackageFilter) -> Result<Vec<CatalogEntry>, ZenithError> {
        let mut entries = self.packages().await?;
        entries.retain(|entry| {
            entry.status == Status::Ready && filter.matches(entry.id.name(), entry.id.version())
        });
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.indexed_at_ms));
        Ok(entries)
    }

    /// Searches what the identity may see.
    pub async fn search(
        &self,
        request: SearchRequest,
        project: Option<Arc<Project>>,
    ) -> Result<SearchResults, ZenithError> {
        let visible = self.packages().await?;
        let search = self.search.clone();
        let results =
            tokio::task::spawn_blocking(move || search.search(&request, &visible, project.as_deref()))
                .await??;
        Ok(results)
    }

    /// A package's symbols, in the order of the paths.
    pub async fn symbols(&self, entry: &CatalogEntry) -> Result<Vec<SymbolOutline>, ZenithError> {
        let Some(dataset) = self.readable(entry).await? else { return Ok(Vec::new()) };
        let mut symbols: Vec<SymbolOutline> = self.lake.read(&dataset).await?;
        symbols.sort_by(|a, b| (&a.path, a.line_start).cmp(&(&b.path, b.line_start)));
        Ok(symbols)
    }

    /// A package's documentation, in the order of files and sections.
    pub async fn chunks(&self, entry: &CatalogEntry) -> Result<Vec<DocChunk>, ZenithError> {
        let Some(dataset) = self.readable(entry).await? else { return Ok(Vec::new()) };
        let mut chunks: Vec<DocChunk> = self.lake.read(&dataset).await?;
        chunks.sort_by(|a, b| (&a.file_path, a.chunk_index).cmp(&(&b.file_path, b.chunk_index)));
        Ok(chunks)
    }

    /// The symbols of a package that a path or the end of one means, in any spelling.
    pub async fn symbol(&self, entry: &CatalogEntry, path: &str) -> Result<Vec<ApiSymbol>, ZenithError> {
        let Some(dataset) = self.readable(entry).await? else { return Ok(Vec::new()) };
        let wanted = fold_path(path);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let means = |outline: &SymbolOutline| {
            let path = fold_path(&outline.path);
            path.strip_suffix(&wanted).is_some_and(|before| before.is_empty() || before.ends_with("::"))
        };
        let mut outlines = self.symbols(entry).await?;
        outlines.retain(means);
        outlines.sort_by_key(|outline| outline.path.len());
        let mut symbols = Vec::new();
        for outline in outlines {
            symbols.extend(self.lake.row(&dataset, &outline.id).await?);
        }
        Ok(symbols)
    }

    /// Indexes what a request asks for; see [`Indexer::run`].
    pub async fn index(
        &self,
        request: &IndexRequest,
        progress: mpsc::UnboundedSender<Progress>,
        cancel: CancellationToken,
    ) -> Result<IndexReport, ZenithError> {
        Ok(self.indexer().run(request, progress, cancel).await?)
    }

    /// The store that the settings name: where shared data lies. No request is made.
    pub fn store(&self) -> Result<Store, ZenithError> {
        Ok(Store::open(&self.config.store, &self.config.data_dir)?)
    }

    /// Exports what was indexed here of a tier; see [`Exporter::export`].
    pub async fn export(
        &self,
        tier: Tier,
        mode: ExportMode,
        events: mpsc::UnboundedSender<ExportEvent>,
        cancel: CancellationToken,
    ) -> Result<ExportReport, ZenithError> {
        let (exporter, scope) = (self.exporter()?, self.scope(tier)?);
        let entries = self.packages().await?;
        Ok(exporter.export(&entries, &scope, mode, events, &cancel).await?)
    }

    /// Merges the deltas of a tier's export; see [`Exporter::compact`].
    pub async fn compact(&self, tier: Tier, cancel: CancellationToken) -> Result<bool, ZenithError> {
        Ok(self.exporter()?.compact(&self.scope(tier)?, &cancel).await?)
    }

    /// Imports what is exported of a tier; see [`Importer::import`].
    pub async fn import(
        &self,
        tier: Tier,
        wanted: Option<&Wanted>,
        age_max: Duration,
        events: mpsc::UnboundedSender<ImportEvent>,
        cancel: CancellationToken,
    ) -> Result<ImportReport, ZenithError> {
        let importer = Importer {
            catalog: self.catalog.clone(),
            search: self.search.clone(),
            lake: self.lake.clone(),
            identity: self.identity.clone(),
            store: self.store()?,
            run_folder: self.run_folder(),
            age_max,
        };
        Ok(importer.import(&self.scope(tier)?, wanted, events, cancel).await?)
    }

    fn scope(&self, tier: Tier) -> Result<Scope, ZenithError> {
        Ok(self.identity.scope(tier).ok_or(IndexError::NoScope(tier))?)
    }

    fn exporter(&self) -> Result<Exporter, ZenithError> {
        let exporter = folder_name(&self.config.data_dir)?;
        Ok(Exporter { store: self.store()?, lake: self.lake.clone(), exporter })
    }

    /// Where claim holders of this data folder keep their locks.
    pub fn run_folder(&self) -> PathBuf {
        self.config.data_dir.join("run")
    }

    fn indexer(&self) -> Indexer {
        Indexer {
            catalog: self.catalog.clone(),
            search: self.search.clone(),
            lake: self.lake.clone(),
            identity: self.identity.clone(),
            cargo: Cargo { program: self.config.cargo.clone(), home: self.config.cargo_home.clone() },
            run_folder: self.run_folder(),
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        }
    }

    /// The dataset of an entry, asked of the catalog anew: an entry from elsewhere opens nothing that
    /// the identity may not see.
    async fn readable(&self, entry: &CatalogEntry) -> Result<Option<String>, ZenithError> {
        let current = self.catalog.package(&self.identity, &entry.scope, &entry.id).await?;
        Ok(current.filter(|entry| entry.status == Status::Ready).and_then(|entry| entry.dataset))
    }
}

/// The name of a data folder, which no other has. It is made when it is first asked for, by one process.
fn folder_name(data_dir: &Path) -> Result<String, ZenithError> {
    let path = data_dir.join("name");
    let fail = |source| ZenithError::Name { path: path.clone(), source };
    if !path.exists() {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let mine = data_dir.join(format!("name.{name}"));
        std::fs::write(&mine, &name).map_err(fail)?;
        // Whole or not at all, and the first one stays.
        let linked = std::fs::hard_link(&mine, &path);
        let _ = std::fs::remove_file(&mine);
        if let Err(source) = linked
            && !path.exists()
        {
            return Err(fail(source));
        }
    }
    let name = std::fs::read_to_string(&path).map_err(fail)?;
    match name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(name),
        false => Err(fail(std::io::Error::other("it holds no name; remove the file"))),
    }
}

/// The catalog's file in a data folder.
pub fn catalog_path(data_dir: &Path) -> PathBuf {
    data_dir.join("catalog.db")
}

/// The Cargo.lock that governs a folder: in it, or in the nearest folder above.
pub fn find_lockfile(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join("Cargo.lock")).find(|path| path.is_file())
}
