//! The run that leads from what others share to a searchable index: files are fetched as they are,
//! verified, and announced as an indexer announces what it wrote.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Instant;

use futures::FutureExt;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::arrivals::{ArrivalEvent, Arriving, FetchError, LocalIndex};
use super::{Cut, Failure, IndexError};
use crate::catalog::{CatalogEntry, Doubted};
use crate::identity::Scope;
use crate::lake::shared::{self, Contents, Place, SharedError};
use crate::lake::{Lake, PackageRows, Store, attempt_of, is_fetched, is_pulled, pulled_attempt};
use crate::package::PackageId;

/// Packages fetched at the same time, each several files at a time.
const PACKAGES_AT_ONCE: usize = 4;

/// Pulls from one store into one data folder.
pub struct Puller {
    pub index: LocalIndex,
    pub store: Store,
}

/// What a pull did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PullReport {
    pub store: String,
    /// What was asked for and is shared.
    pub wanted: usize,
    pub pulled: usize,
    /// Those that were here already, in this very state.
    pub here_before: usize,
    /// Those that this machine indexed itself: its own counts.
    pub kept: usize,
    /// Those that another process is indexing or pulling.
    pub held: usize,
    pub symbols: u64,
    pub chunks: u64,
    /// Those that came without some of their symbols.
    pub cut: Vec<Cut>,
    /// What came over the network.
    pub bytes: u64,
    /// Pulled earlier, and no longer shared.
    pub removed: usize,
    /// Pulled earlier and not listed any more, and kept: whether they are shared is in doubt.
    pub in_doubt: usize,
    /// The shared catalogs whose copies could not be read, or not be believed, and why.
    pub doubted: Vec<Doubted>,
    /// Those of the removed whose files could not be removed from the disk.
    pub remains: Vec<Failure>,
    /// What was asked for by name and is not shared.
    pub missing: Vec<String>,
    pub failed: Vec<Failure>,
    pub cancelled: bool,
    pub seconds: f64,
}

/// A pull that cannot go on. What was announced before stays.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error(transparent)]
    Shared(#[from] SharedError),
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl Puller {
    /// Pulls packages that a shared catalog lists as ready. Those that are here in the same state are
    /// passed over, so that a run goes on where the last one ended; `anew` fetches what of them is not
    /// what it should be.
    pub async fn pull(
        &self,
        wanted: &[CatalogEntry],
        anew: bool,
        events: mpsc::UnboundedSender<ArrivalEvent>,
        cancel: &CancellationToken,
    ) -> Result<PullReport, PullError> {
        let started = Instant::now();
        let mut report = PullReport {
            store: self.store.name().to_string(),
            wanted: wanted.len(),
            ..PullReport::default()
        };
        let todo = self.choose(wanted, anew, &mut report).await?;
        let here = report.here_before + report.kept;
        let _ = events.send(ArrivalEvent::Planned { fetch: todo.len(), here });
        let places: HashMap<String, Place> =
            todo.iter().map(|(package, place)| (package.dataset.clone(), place.clone())).collect();
        let arriving = todo.into_iter().map(|(package, _)| package).collect();
        let came = Mutex::new(0);
        let fetch = |package: Arriving| {
            let place = places.get(&package.dataset);
            let came = &came;
            async move {
                let Some(place) = place else { return Err(FetchError::Package("it has no place".into())) };
                let (rows, bytes) = self.fetch(place, &package).await.map_err(of_shared)?;
                *came.lock().unwrap_or_else(PoisonError::into_inner) += bytes;
                Ok(rows)
            }
            .boxed()
        };
        let arrived = self.index.take_in(arriving, PACKAGES_AT_ONCE, &fetch, events, cancel).await?;
        report.bytes = *came.lock().unwrap_or_else(PoisonError::into_inner);
        report.pulled = arrived.packages;
        (report.held, report.symbols, report.chunks) = (arrived.held, arrived.symbols, arrived.chunks);
        report.failed.extend(arrived.failed);
        report.cut = arrived.cut;
        report.cancelled = cancel.is_cancelled();
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }

    /// What was pulled earlier of some scopes.
    pub async fn pulled(&self, scopes: &[Scope]) -> Result<Vec<(Scope, PackageId)>, PullError> {
        let ready = self.index.ready().await?.into_iter();
        let pulled = ready.filter(|(_, entry)| entry.dataset.as_deref().is_some_and(is_pulled));
        Ok(pulled.map(|(key, _)| key).filter(|(scope, _)| scopes.contains(scope)).collect())
    }

    /// Removes packages that were pulled. To be asked of a copy that was checked and brought up to date just
    /// now: what a copy does not list for another reason is somebody's work.
    pub async fn forget(&self, gone: &[(Scope, PackageId)]) -> Result<Vec<Failure>, PullError> {
        Ok(self.index.remove(gone).await?)
    }

    /// What there is to fetch, and from where.
    async fn choose(
        &self,
        wanted: &[CatalogEntry],
        anew: bool,
        report: &mut PullReport,
    ) -> Result<Vec<(Arriving, Place)>, PullError> {
        let here = self.index.ready().await?;
        let mut todo = Vec::new();
        for entry in wanted {
            let place = match Place::of(entry) {
                Ok(place) => place,
                Err(error) => {
                    report.failed.push(Failure { package: entry.id.to_string(), why: error.to_string() });
                    continue;
                }
            };
            let attempt = attempt_of(&place.key);
            let dataset = Lake::place(&entry.scope, &entry.id, &pulled_attempt(attempt));
            let local = here.get(&(entry.scope.clone(), entry.id.clone()));
            match local.and_then(|entry| entry.dataset.as_deref()) {
                Some(local) if attempt_of(local) == attempt && (!anew || !is_fetched(local)) => {
                    report.here_before += 1;
                    continue;
                }
                Some(local) if !is_fetched(local) => {
                    report.kept += 1;
                    continue;
                }
                _ => {}
            }
            let arriving = Arriving {
                scope: entry.scope.clone(),
                id: entry.id.clone(),
                description: entry.description.clone(),
                repo_url: entry.repo_url.clone(),
                embedding_model: entry.embedding_model.clone().unwrap_or_default(),
                indexed_at_ms: entry.indexed_at_ms,
                dataset,
            };
            todo.push((arriving, place));
        }
        todo.sort_by(|(one, _), (other, _)| (&one.scope, &one.id).cmp(&(&other.scope, &other.id)));
        Ok(todo)
    }

    async fn fetch(&self, place: &Place, package: &Arriving) -> Result<(PackageRows, u64), SharedError> {
        let (store, lake) = (&self.store, &self.index.lake);
        let contents = Contents::read(store, place).await?;
        let bytes = shared::download(store, place, &contents, lake, &package.dataset).await?;
        let rows = shared::read_fetched(store, place, &contents, lake, &package.dataset).await?;
        Ok((rows, bytes))
    }
}

/// What is damaged or gone fails alone; a store or a disk that fails ends the run.
fn of_shared(error: SharedError) -> FetchError<PullError> {
    match error.is_of_store() || error.is_of_disk() {
        true => FetchError::Run(error.into()),
        false => FetchError::Package(error.to_string()),
    }
}
