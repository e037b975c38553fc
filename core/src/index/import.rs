//! The run that leads from an export to a searchable index: rows are verified as they are read, written
//! to datasets of this machine's own, and announced as an indexer announces what it wrote.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::holder::{Holder, is_gone};
use super::package::Written;
use super::publish::{Announcement, publish};
use super::{Failure, IndexError};
use crate::catalog::{Catalog, CatalogEntry, ClaimOutcome, Finished, LEASE, Status};
use crate::identity::{Identity, Scope};
use crate::lake::export::{
    Export, ExportError, ExportedPackage, Freshness, PackageRows, attempt_of, imported_attempt, is_imported,
};
use crate::lake::{Lake, LakeError, Row, Store, to_batch};
use crate::package::PackageId;
use crate::search::shelf::{QuantizedVectors, ShelfPackage, ShelfRow};
use crate::search::{PackageFilter, Search};

/// A batch is published when it has this many rows: what bounds memory.
const PUBLISH_ROWS: usize = 60_000;
const CLAIMS_AT_ONCE: usize = 16;
/// Rows in a batch of a dataset.
const BATCH_ROWS: usize = 4096;

/// Imports from one store into one data folder.
#[derive(Clone)]
pub struct Importer {
    pub catalog: Arc<Catalog>,
    pub search: Arc<Search>,
    pub lake: Lake,
    pub identity: Identity,
    pub store: Store,
    /// Where the locks of claim holders lie.
    pub run_folder: PathBuf,
    /// An older export is told to be stale.
    pub age_max: Duration,
}

/// Which packages of an export.
#[derive(Clone, Debug)]
pub enum Wanted {
    Ids(Vec<PackageId>),
    /// Every version that a name, or a name and version, means.
    Named(Vec<PackageFilter>),
}

/// What happens in a run, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportEvent {
    Planned { import: usize, here: usize },
    Imported { id: PackageId, symbols: u64, chunks: u64 },
    Failed { id: PackageId, why: String },
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportReport {
    pub scope: String,
    pub store: String,
    pub sequence: u64,
    pub exported_at: DateTime<Utc>,
    #[serde(flatten)]
    pub freshness: Freshness,
    /// What of the export was asked for.
    pub wanted: usize,
    pub imported: usize,
    /// Those that were here already, in this very state.
    pub here_before: usize,
    /// Those that this machine indexed itself: its own counts.
    pub kept: usize,
    /// Those that another process is indexing or importing.
    pub held: usize,
    /// Imported earlier, and no longer in the export.
    pub removed: usize,
    pub symbols: u64,
    pub chunks: u64,
    /// What was asked for and is not exported.
    pub missing: Vec<String>,
    pub failed: Vec<Failure>,
    pub cancelled: bool,
    pub seconds: f64,
}

/// An import that cannot go on. What was announced before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl From<LakeError> for ImportError {
    fn from(error: LakeError) -> ImportError {
        ImportError::Index(error.into())
    }
}

impl Importer {
    /// Imports what is `wanted` of a scope's export, or all of it. Packages that are here in the same
    /// state are passed over, so that a run goes on where the last one ended. Without `wanted`, what was
    /// imported earlier and is no longer exported is removed.
    pub async fn import(
        &self,
        scope: &Scope,
        wanted: Option<&Wanted>,
        events: mpsc::UnboundedSender<ImportEvent>,
        cancel: CancellationToken,
    ) -> Result<ImportReport, ImportError> {
        let started = Instant::now();
        let absent = || ExportError::Absent { store: self.store.name().to_string(), scope: scope.prefix() };
        let export = Export::open(&self.store, scope).await?.ok_or_else(absent)?;
        let here: HashMap<PackageId, CatalogEntry> = self
            .catalog
            .packages(&self.identity)
            .await
            .map_err(IndexError::from)?
            .into_iter()
            .filter(|entry| entry.scope == *scope && entry.status == Status::Ready)
            .map(|entry| (entry.id.clone(), entry))
            .collect();
        let manifest = &export.manifest;
        let mut report = ImportReport {
            scope: scope.prefix(),
            store: self.store.name().to_string(),
            sequence: manifest.sequence,
            exported_at: manifest.exported_at,
            freshness: Freshness::of(Ok(Some(manifest)), Utc::now(), self.age_max),
            wanted: 0,
            imported: 0,
            here_before: 0,
            kept: 0,
            held: 0,
            removed: 0,
            symbols: 0,
            chunks: 0,
            missing: Vec::new(),
            failed: Vec::new(),
            cancelled: false,
            seconds: 0.0,
        };
        let todo = choose(&export, wanted, &here, &mut report);
        let _ =
            events.send(ImportEvent::Planned { import: todo.len(), here: report.here_before + report.kept });
        if !todo.is_empty() {
            let holder = Holder::new(&self.run_folder)
                .map_err(|source| IndexError::Holder { folder: self.run_folder.clone(), source })?;
            let mut run = Run {
                importer: self,
                scope,
                holder,
                export,
                events,
                cancel: cancel.clone(),
                batch: Vec::new(),
            };
            run.work(todo, &mut report).await?;
        }
        if wanted.is_none() && !cancel.is_cancelled() {
            report.removed = self.forget(scope, &here).await?;
        }
        report.cancelled = cancel.is_cancelled();
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }

    /// Removes what was imported earlier and is no longer exported, by what the export says now.
    async fn forget(
        &self,
        scope: &Scope,
        here: &HashMap<PackageId, CatalogEntry>,
    ) -> Result<usize, ImportError> {
        let Some(export) = Export::open(&self.store, scope).await? else { return Ok(0) };
        let live = export.manifest.live();
        let gone: Vec<PackageId> = here
            .values()
            .filter(|entry| {
                entry.dataset.as_deref().is_some_and(is_imported) && !live.contains_key(&entry.id)
            })
            .map(|entry| entry.id.clone())
            .collect();
        for id in &gone {
            // The catalog first: what it does not name is not found.
            let dataset = self.catalog.remove(scope, id).await.map_err(IndexError::from)?;
            if let Some(dataset) = dataset {
                // A folder that stays costs space alone, and the doctor finds it.
                let _ = self.lake.remove(&dataset);
            }
        }
        if !gone.is_empty() {
            let (shelf, ids) = (self.search.shelf(scope), gone.clone());
            let applied = tokio::task::spawn_blocking(move || shelf.apply(&[], &ids)).await;
            applied.map_err(IndexError::from)?.map_err(IndexError::from)?;
        }
        Ok(gone.len())
    }
}

/// What there is to do, in the order in which it lies in the export's files.
fn choose(
    export: &Export,
    wanted: Option<&Wanted>,
    here: &HashMap<PackageId, CatalogEntry>,
    report: &mut ImportReport,
) -> Vec<ExportedPackage> {
    let live = export.manifest.live();
    let mut chosen = Vec::new();
    match wanted {
        None => chosen.extend(live.values().copied()),
        Some(Wanted::Ids(ids)) => {
            for id in ids {
                match live.get(id) {
                    Some(found) => chosen.push(*found),
                    None => report.missing.push(id.to_string()),
                }
            }
        }
        Some(Wanted::Named(filters)) => {
            let named = |id: &PackageId| filters.iter().any(|filter| filter.matches(id.name(), id.version()));
            chosen.extend(live.iter().filter(|(id, _)| named(id)).map(|(_, found)| *found));
            let lacks =
                |filter: &&PackageFilter| !live.keys().any(|id| filter.matches(id.name(), id.version()));
            report.missing.extend(filters.iter().filter(lacks).map(named_as));
        }
    }
    report.wanted = chosen.len();
    chosen.sort_by(|(one, a), (other, b)| (one.exported_at, &a.id).cmp(&(other.exported_at, &b.id)));
    chosen.retain(|(_, package)| {
        let dataset = here.get(&package.id).and_then(|entry| entry.dataset.as_deref());
        let Some(dataset) = dataset else { return true };
        let same = attempt_of(dataset) == package.attempt;
        report.here_before += usize::from(same);
        report.kept += usize::from(!same && !is_imported(dataset));
        !same && is_imported(dataset)
    });
    chosen.into_iter().map(|(_, package)| package.clone()).collect()
}

/// A filter as a user writes it.
fn named_as(filter: &PackageFilter) -> String {
    match &filter.version {
        Some(version) => format!("{}@{version}", filter.name),
        None => filter.name.clone(),
    }
}

struct Run<'a> {
    importer: &'a Importer,
    scope: &'a Scope,
    holder: Holder,
    export: Export,
    events: mpsc::UnboundedSender<ImportEvent>,
    cancel: CancellationToken,
    /// Written, and not announced yet.
    batch: Vec<Announcement>,
}

impl Run<'_> {
    async fn work(
        &mut self,
        todo: Vec<ExportedPackage>,
        report: &mut ImportReport,
    ) -> Result<(), ImportError> {
        let (catalog, holder) = (self.importer.catalog.clone(), self.holder.id().to_string());
        let renewal = tokio::spawn(async move {
            loop {
                tokio::time::sleep(LEASE / 3).await;
                // One renewal that fails is made up for by the next; the lease outlives two.
                let _ = catalog.renew(&holder).await;
            }
        });
        let mut result = self.take_all(&todo, report).await;
        // What is whole is announced, whatever stopped the run.
        result = result.and(self.announce(report).await);
        renewal.abort();
        let released = self.importer.catalog.release_all(self.holder.id()).await;
        result.and(released.map_err(|error| IndexError::from(error).into()))
    }

    async fn take_all(
        &mut self,
        todo: &[ExportedPackage],
        report: &mut ImportReport,
    ) -> Result<(), ImportError> {
        for claimed in todo.chunks(CLAIMS_AT_ONCE) {
            let ids: Vec<PackageId> = claimed.iter().map(|package| package.id.clone()).collect();
            let gone = |holder: &str| is_gone(&self.importer.run_folder, holder);
            let outcomes = self.importer.catalog.claim(self.scope, &ids, self.holder.id(), true, gone).await;
            for (package, outcome) in claimed.iter().zip(outcomes.map_err(IndexError::from)?) {
                match outcome {
                    ClaimOutcome::Won => self.take(package, report).await?,
                    ClaimOutcome::Held(_) | ClaimOutcome::Ready => report.held += 1,
                }
                if self.cancel.is_cancelled() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// One package. What is damaged fails alone; a store or a disk that fails ends the run.
    async fn take(
        &mut self,
        package: &ExportedPackage,
        report: &mut ImportReport,
    ) -> Result<(), ImportError> {
        let rows = match self.rows(package).await {
            Ok(rows) => rows,
            Err(error @ (ExportError::Damaged { .. } | ExportError::Foreign { .. })) => {
                let (id, why) = (package.id.clone(), error.to_string());
                let catalog = &self.importer.catalog;
                catalog.release(self.scope, &id, self.holder.id()).await.map_err(IndexError::from)?;
                report.failed.push(Failure { package: id.to_string(), why: why.clone() });
                let _ = self.events.send(ImportEvent::Failed { id, why });
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let written = self.write(package, rows).await?;
        let (symbols, chunks) = (written.finished.symbol_count, written.finished.chunk_count);
        let _ = self.events.send(ImportEvent::Imported { id: package.id.clone(), symbols, chunks });
        self.batch.push(Announcement { written, source: None, supersedes: Vec::new() });
        let rows: usize = self.batch.iter().map(|announcement| announcement.written.shelf.rows.len()).sum();
        if rows >= PUBLISH_ROWS { self.announce(report).await } else { Ok(()) }
    }

    /// A package's rows. A file that is gone may have been replaced since the export was opened: then
    /// the export is opened anew, once.
    async fn rows(&mut self, package: &ExportedPackage) -> Result<PackageRows, ExportError> {
        let lacking = |store: &Store| ExportError::Damaged {
            store: store.name().to_string(),
            object: package.id.to_string(),
            why: "it was removed from the export meanwhile".to_string(),
        };
        let store = &self.importer.store;
        let error = match self.export.package(&package.id).await {
            Ok(rows) => return rows.ok_or_else(|| lacking(store)),
            Err(error) => error,
        };
        match Export::open(store, self.scope).await? {
            Some(now) if now.manifest.sequence != self.export.manifest.sequence => {
                self.export = now;
                self.export.package(&package.id).await?.ok_or_else(|| lacking(store))
            }
            _ => Err(error),
        }
    }

    async fn write(&self, package: &ExportedPackage, rows: PackageRows) -> Result<Written, ImportError> {
        let lake = &self.importer.lake;
        let dataset = Lake::place(self.scope, &package.id, &imported_attempt(&package.attempt));
        let written = async {
            write_table(lake, &dataset, &rows.symbols).await?;
            write_table(lake, &dataset, &rows.chunks).await
        };
        if let Err(error) = written.await {
            let _ = lake.remove(&dataset);
            return Err(error.into());
        }
        let model = package.embedding_model.clone().unwrap_or_default();
        let mut vectors = QuantizedVectors::default();
        rows.symbols.iter().for_each(|row| vectors.extend(&row.embedding));
        rows.chunks.iter().for_each(|row| vectors.extend(&row.embedding));
        let finished = Finished {
            scope: self.scope.clone(),
            id: package.id.clone(),
            description: package.description.clone(),
            repo_url: package.repo_url.clone(),
            symbol_count: rows.symbols.len() as u64,
            chunk_count: rows.chunks.len() as u64,
            dataset: dataset.clone(),
            embedding_model: model.clone(),
        };
        let shelved = rows.symbols.iter().map(ShelfRow::of_symbol);
        let shelved =
            shelved.chain(rows.chunks.iter().map(|row| ShelfRow::of_chunk(&package.id, row))).collect();
        let shelf = ShelfPackage { id: package.id.clone(), dataset, model, rows: shelved, vectors };
        Ok(Written { finished, shelf })
    }

    async fn announce(&mut self, report: &mut ImportReport) -> Result<(), ImportError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        let places: Vec<String> = batch.iter().map(|one| one.written.finished.dataset.clone()).collect();
        let counts: HashMap<PackageId, (u64, u64)> = batch
            .iter()
            .map(|one| &one.written.finished)
            .map(|finished| (finished.id.clone(), (finished.symbol_count, finished.chunk_count)))
            .collect();
        let Importer { catalog, search, lake, .. } = self.importer;
        let ready = match publish(catalog, search, lake, self.holder.id(), batch).await {
            Ok(ready) => ready,
            Err(error) => {
                self.drop_unnamed(&places).await;
                return Err(error.into());
            }
        };
        for (symbols, chunks) in ready.iter().filter_map(|id| counts.get(id)) {
            report.imported += 1;
            report.symbols += symbols;
            report.chunks += chunks;
        }
        Ok(())
    }

    /// Removes written datasets that no entry names, after a publication that failed somewhere.
    async fn drop_unnamed(&self, places: &[String]) {
        // Who cannot ask the catalog removes nothing: the doctor finds what is left over.
        let Ok(entries) = self.importer.catalog.packages(&self.importer.identity).await else { return };
        for place in places {
            if !entries.iter().any(|entry| entry.dataset.as_ref() == Some(place)) {
                let _ = self.importer.lake.remove(place);
            }
        }
    }
}

/// Writes a table and counts it: a dataset is whole or it is not announced.
async fn write_table<R: Row>(lake: &Lake, dataset: &str, rows: &[R]) -> Result<(), LakeError> {
    let failed = |why: String| LakeError::Dataset { attempted: "write", dataset: dataset.to_string(), why };
    // An empty table is one empty batch: a dataset always has both tables.
    let slices = rows.chunks(BATCH_ROWS).chain(rows.is_empty().then_some(rows));
    let batches: Result<Vec<_>, _> = slices.map(to_batch).collect();
    let batches = batches.map_err(|error| failed(error.to_string()))?;
    lake.write::<R>(dataset, futures::stream::iter(batches)).await?;
    let count = lake.count::<R>(dataset).await?;
    match count == rows.len() {
        true => Ok(()),
        false => Err(failed(format!("{count} of {} rows are there", rows.len()))),
    }
}
