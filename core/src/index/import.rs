//! The run that leads from an export to a searchable index: rows are verified as they are read, written
//! to datasets of this machine's own, and announced as an indexer announces what it wrote.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::FutureExt;
use serde::Serialize;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::arrivals::{ArrivalEvent, Arrived, Arriving, FetchError, LocalIndex};
use super::{Cut, Failure, IndexError, Wanted};
use crate::catalog::CatalogEntry;
use crate::identity::Scope;
use crate::lake::export::{Export, ExportError, ExportedPackage, Freshness};
use crate::lake::{
    Lake, LakeError, LeftOut, PackageRows, Row, Store, attempt_of, imported_attempt, is_fetched, is_imported,
    to_batch,
};
use crate::package::PackageId;
use crate::search::PackageFilter;

/// Rows in a batch of a dataset.
const BATCH_ROWS: usize = 4096;

/// Imports from one store into one data folder.
#[derive(Clone)]
pub struct Importer {
    pub index: LocalIndex,
    pub store: Store,
    /// An older export is told to be stale.
    pub age_max: Duration,
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
    /// Those that came without some of their symbols.
    pub cut: Vec<Cut>,
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
    #[error("it was stopped before anything was read; what was imported before is kept")]
    Cancelled,
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
        events: mpsc::UnboundedSender<ArrivalEvent>,
        cancel: CancellationToken,
    ) -> Result<ImportReport, ImportError> {
        let started = Instant::now();
        let absent = || ExportError::Absent { store: self.store.name().to_string(), scope: scope.prefix() };
        let opened = cancel.run_until_cancelled(Export::open(&self.store, scope)).await;
        let export = opened.ok_or(ImportError::Cancelled)??.ok_or_else(absent)?;
        let ready = self.index.ready().await?.into_iter();
        let here: HashMap<PackageId, CatalogEntry> =
            ready.filter(|((of, _), _)| of == scope).map(|((_, id), entry)| (id, entry)).collect();
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
            cut: Vec::new(),
            missing: Vec::new(),
            failed: Vec::new(),
            cancelled: false,
            seconds: 0.0,
        };
        let todo = choose(&export, wanted, &here, &mut report);
        let here_already = report.here_before + report.kept;
        let _ = events.send(ArrivalEvent::Planned { fetch: todo.len(), here: here_already });
        let arrived = self.take_in(scope, export, todo, events, &cancel).await?;
        report.imported = arrived.packages;
        (report.held, report.symbols, report.chunks) = (arrived.held, arrived.symbols, arrived.chunks);
        (report.cut, report.failed) = (arrived.cut, arrived.failed);
        if wanted.is_none() && !cancel.is_cancelled() {
            self.forget(scope, &here, &mut report, &cancel).await?;
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
        report: &mut ImportReport,
        cancel: &CancellationToken,
    ) -> Result<(), ImportError> {
        let opened = cancel.run_until_cancelled(Export::open(&self.store, scope)).await;
        let Some(export) = opened.transpose()?.flatten() else { return Ok(()) };
        let live = export.manifest.live();
        let is_gone = |entry: &&CatalogEntry| {
            entry.dataset.as_deref().is_some_and(is_imported) && !live.contains_key(&entry.id)
        };
        let gone: Vec<(Scope, PackageId)> =
            here.values().filter(is_gone).map(|entry| (scope.clone(), entry.id.clone())).collect();
        report.failed.extend(self.index.remove(&gone).await?);
        report.removed = gone.len();
        Ok(())
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
            let named = |id: &PackageId| filters.iter().any(|filter| filter.holds(id));
            chosen.extend(live.iter().filter(|(id, _)| named(id)).map(|(_, found)| *found));
            report.missing.extend(PackageFilter::missing(filters, live.keys().copied()));
        }
    }
    report.wanted = chosen.len();
    chosen.sort_by(|(one, a), (other, b)| (one.exported_at, &a.id).cmp(&(other.exported_at, &b.id)));
    chosen.retain(|(_, package)| {
        let dataset = here.get(&package.id).and_then(|entry| entry.dataset.as_deref());
        let Some(dataset) = dataset else { return true };
        let same = attempt_of(dataset) == package.attempt;
        report.here_before += usize::from(same);
        report.kept += usize::from(!same && !is_fetched(dataset));
        !same && is_fetched(dataset)
    });
    chosen.into_iter().map(|(_, package)| package.clone()).collect()
}

/// An export that is being read. A file that is gone may have been replaced since the export was opened:
/// then the export is opened anew, once.
struct Reading {
    export: Export,
}

impl Importer {
    /// Takes packages in, one after the other: those of one file lie side by side.
    async fn take_in(
        &self,
        scope: &Scope,
        export: Export,
        todo: Vec<ExportedPackage>,
        events: mpsc::UnboundedSender<ArrivalEvent>,
        cancel: &CancellationToken,
    ) -> Result<Arrived, ImportError> {
        let left_out: HashMap<PackageId, LeftOut> =
            todo.iter().filter_map(|package| Some((package.id.clone(), package.left_out?))).collect();
        let arriving = todo
            .iter()
            .map(|package| Arriving {
                scope: scope.clone(),
                id: package.id.clone(),
                description: package.description.clone(),
                repo_url: package.repo_url.clone(),
                embedding_model: package.embedding_model.clone().unwrap_or_default(),
                indexed_at_ms: Some(package.indexed_at_ms),
                dataset: Lake::place(scope, &package.id, &imported_attempt(&package.attempt)),
            })
            .collect();
        let reading = Mutex::new(Reading { export });
        let fetch = |package: Arriving| {
            let (reading, noted) = (&reading, left_out.get(&package.id).copied());
            async move {
                let rows = reading.lock().await.rows(&self.store, &package).await.map_err(of_export)?;
                write(&self.index.lake, &package.dataset, &rows, noted)
                    .await
                    .map_err(|error| FetchError::Run(error.into()))?;
                Ok(rows)
            }
            .boxed()
        };
        self.index.take_in(arriving, 1, &fetch, events, cancel).await
    }
}

impl Reading {
    async fn rows(&mut self, store: &Store, package: &Arriving) -> Result<PackageRows, ExportError> {
        let id = &package.id;
        let lacking = || ExportError::Damaged {
            store: store.name().to_string(),
            object: id.to_string(),
            why: "it was removed from the export meanwhile".to_string(),
        };
        let error = match self.export.package(id).await {
            Ok(rows) => return rows.ok_or_else(lacking),
            Err(error) => error,
        };
        match Export::open(store, &package.scope).await? {
            Some(now) if now.manifest.sequence != self.export.manifest.sequence => {
                self.export = now;
                self.export.package(id).await?.ok_or_else(lacking)
            }
            _ => Err(error),
        }
    }
}

/// What is damaged fails alone; a store or a disk that fails ends the run.
fn of_export(error: ExportError) -> FetchError<ImportError> {
    match error.is_of_content() {
        true => FetchError::Package(error.to_string()),
        false => FetchError::Run(error.into()),
    }
}

/// Writes both tables of a dataset with what was left out of it, or nothing.
async fn write(
    lake: &Lake,
    dataset: &str,
    rows: &PackageRows,
    left_out: Option<LeftOut>,
) -> Result<(), LakeError> {
    let written = async {
        write_table(lake, dataset, &rows.symbols).await?;
        write_table(lake, dataset, &rows.chunks).await?;
        left_out.map_or(Ok(()), |left_out| lake.note_left_out(dataset, left_out))
    };
    written.await.inspect_err(|_| drop(lake.remove(dataset)))
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
