//! Exporting: what this data folder indexed, brought into line with what the store holds.

use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

use arrow_array::RecordBatch;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::manifest::{DataFile, ExportedPackage, Manifest, Segment, Table};
use super::plan::{Plan, described, indexed_here, plan};
use super::reader::{Export, Found, find};
use super::seal::seal;
use super::segment::{Packed, Packer, put_packages};
use super::{ContentHash, DELTAS_MAX, ExportError, GRACE, manifest_key, unless_stopped};
use crate::catalog::CatalogEntry;
use crate::identity::Scope;
use crate::lake::{ApiSymbol, DocChunk, Lake, LakeError, Store, Swap, Version, Waiting};
use crate::package::PackageId;

/// Exports of one data folder to one store.
#[derive(Clone, Debug)]
pub struct Exporter {
    pub store: Store,
    pub lake: Lake,
    /// The data folder's own name, which no other has: of the packages in an export, it removes those
    /// that it brought.
    pub exporter: String,
}

/// How much is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportMode {
    /// A new base: everything that this data folder indexed, whether or not it is there, with what
    /// others exported kept as it is. Replaces a damaged export.
    Full,
    /// A delta: what was indexed, indexed anew or removed since.
    Incremental,
}

/// What happens in a run, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportEvent {
    Planned {
        write: usize,
        remove: usize,
    },
    Packed {
        id: PackageId,
        symbols: u64,
        chunks: u64,
    },
    Failed {
        id: PackageId,
        why: String,
    },
    /// Somebody else exported meanwhile: what they did is taken in.
    Again,
    /// What stands is of an earlier version: what others brought is written anew as well.
    Renewing,
    Compacting,
    /// A request to the store waits to be made again.
    Waiting(Waiting),
}

/// What an export did, and what stands now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExportReport {
    pub scope: String,
    pub store: String,
    /// Whether the manifest was replaced: not where nothing had changed.
    pub changed: bool,
    pub sequence: u64,
    pub exported_at: DateTime<Utc>,
    /// What the export holds now.
    pub packages: u64,
    pub symbols: u64,
    pub chunks: u64,
    pub deltas: usize,
    /// What this run brought and took away.
    pub written: usize,
    pub removed: usize,
    pub bytes_sent: u64,
    /// Packages whose datasets cannot be read here.
    pub failed: Vec<(String, String)>,
    /// Why the export that stood could not be used, where a full one replaced it.
    pub replaced: Option<String>,
    pub compacted: bool,
    /// Data files that nobody named any more.
    pub collected: usize,
    /// Why the deltas stay as they are, where they should have been merged: the export is whole.
    pub not_tidied: Option<String>,
    pub seconds: f64,
}

/// What a try leads to.
enum Prepared {
    /// What stands is what there is to say.
    Nothing(Box<Manifest>),
    Next(Box<Next>),
}

/// What is to be swapped in.
struct Next {
    manifest: Manifest,
    /// In place of this.
    replaces: Option<Version>,
    written: usize,
    removed: usize,
}

/// Tries against others who export at the same time.
pub(super) const TRIES_MAX: usize = 32;

impl Exporter {
    /// Exports the entries of a scope that are ready and were indexed here. The manifest is replaced at
    /// the end, at once: whatever ends a run before, the export that stood stands.
    pub async fn export(
        &self,
        entries: &[CatalogEntry],
        scope: &Scope,
        mode: ExportMode,
        events: mpsc::UnboundedSender<ExportEvent>,
        cancel: &CancellationToken,
    ) -> Result<ExportReport, ExportError> {
        let started = Instant::now();
        unless_stopped(cancel, async { Ok(self.store.probe().await?) }).await?;
        let own = indexed_here(entries, scope);
        let mut work = Work { packed: Packed::default(), failed: BTreeMap::new(), replaced: None };
        for _ in 0..TRIES_MAX {
            let prepare = self.prepare(&own, scope, mode, &mut work, &events, cancel);
            let next = match unless_stopped(cancel, prepare).await? {
                Prepared::Nothing(stands) => {
                    return self.report(&stands, &work, [0, 0], false, started, scope, cancel).await;
                }
                Prepared::Next(next) => *next,
            };
            let Next { manifest, replaces, written, removed } = next;
            if cancel.is_cancelled() {
                return Err(ExportError::Cancelled);
            }
            match self.swap(scope, &manifest, replaces.as_ref()).await? {
                Swap::Other(_) | Swap::Gone => drop(events.send(ExportEvent::Again)),
                Swap::Done(_) => {
                    if manifest.deltas.len() > DELTAS_MAX {
                        let _ = events.send(ExportEvent::Compacting);
                    }
                    return self
                        .report(&manifest, &work, [written, removed], true, started, scope, cancel)
                        .await;
                }
            }
        }
        let object = manifest_key(scope)?;
        Err(ExportError::Contended { store: self.store.name().to_string(), object })
    }

    /// All of an export but the swap: what is to stand, with its files in the store.
    async fn prepare(
        &self,
        own: &[&CatalogEntry],
        scope: &Scope,
        mode: ExportMode,
        work: &mut Work,
        events: &mpsc::UnboundedSender<ExportEvent>,
        cancel: &CancellationToken,
    ) -> Result<Prepared, ExportError> {
        let (stands, replaces) = match find(&self.store, scope).await? {
            Found::Nothing => (None, None),
            Found::Sound(manifest, version) => (Some(*manifest), Some(version)),
            Found::Unsound(error, _) if mode == ExportMode::Incremental => return Err(error),
            Found::Unsound(error, version) => {
                work.replaced = Some(error.to_string());
                (None, Some(version))
            }
        };
        // Other tools read all files of an export alike: one of an earlier version is written anew, whole.
        let outdated = stands.as_ref().is_some_and(Manifest::is_outdated);
        let full = mode == ExportMode::Full || outdated;
        let plan = plan(own, stands.as_ref(), &self.exporter, full);
        let _ = events.send(ExportEvent::Planned { write: plan.write.len(), remove: plan.removed.len() });
        let mut packer = Packer::new(&self.store, scope, mode == ExportMode::Full);
        self.pack(&plan, &mut packer, work, events, cancel).await?;
        if let Some(stands) = stands.as_ref().filter(|_| outdated) {
            let _ = events.send(ExportEvent::Renewing);
            self.carry_over(stands, scope, &plan, &mut packer, work, cancel).await?;
        }
        work.packed.extend(packer.finish().await?);
        let (written, removed) = (work.written(&plan), plan.removed.len());
        let counts = (written.len(), removed);
        let manifest = match stands {
            Some(stands) if counts == (0, 0) && !full => return Ok(Prepared::Nothing(Box::new(stands))),
            stands => self.next(stands, scope, &plan, written, full, work).await?,
        };
        let (written, removed) = counts;
        Ok(Prepared::Next(Box::new(Next { manifest, replaces, written, removed })))
    }

    /// Brings the rows of what the plan writes into data files; what an earlier try brought is there.
    async fn pack(
        &self,
        plan: &Plan<'_>,
        packer: &mut Packer<'_>,
        work: &mut Work,
        events: &mpsc::UnboundedSender<ExportEvent>,
        cancel: &CancellationToken,
    ) -> Result<(), ExportError> {
        let known = |id: &PackageId| work.packed.packages.contains_key(id) || work.failed.contains_key(id);
        let todo: Vec<&CatalogEntry> = plan.write.iter().copied().filter(|entry| !known(&entry.id)).collect();
        for entry in todo {
            if cancel.is_cancelled() {
                return Err(ExportError::Cancelled);
            }
            match self.rows(entry).await {
                Err(error) => {
                    let why = error.to_string();
                    work.failed.insert(entry.id.clone(), why.clone());
                    let _ = events.send(ExportEvent::Failed { id: entry.id.clone(), why });
                }
                Ok((symbols, chunks)) => {
                    let count = |rows: &[RecordBatch]| rows.iter().map(|batch| batch.num_rows() as u64).sum();
                    let (id, counts) = (entry.id.clone(), (count(&symbols), count(&chunks)));
                    let noted = self.lake.left_out(entry.dataset.as_deref().unwrap_or_default());
                    let left_out = noted.filter(|noted| noted.left_out > 0);
                    let package = ExportedPackage { left_out, ..described(entry, &self.exporter) };
                    packer.add(package, symbols, chunks).await?;
                    let _ = events.send(ExportEvent::Packed { id, symbols: counts.0, chunks: counts.1 });
                }
            }
        }
        Ok(())
    }

    /// Packs anew what others exported, out of the files of an earlier version. What cannot be read stays in
    /// the file that it lies in: nothing of theirs is dropped.
    async fn carry_over(
        &self,
        stands: &Manifest,
        scope: &Scope,
        plan: &Plan<'_>,
        packer: &mut Packer<'_>,
        work: &Work,
        cancel: &CancellationToken,
    ) -> Result<(), ExportError> {
        let mut export = Export::of(stands.clone(), &self.store, scope);
        let mut live: Vec<(&Segment, &ExportedPackage)> = stands.live().into_values().collect();
        // As they lie in their files, so that each is read once.
        live.sort_by(|(one, a), (other, b)| (one.exported_at, &a.id).cmp(&(other.exported_at, &b.id)));
        let goes = |id: &PackageId| {
            plan.removed.contains(id)
                || plan.write.iter().any(|entry| entry.id == *id) && !work.failed.contains_key(id)
        };
        for (segment, package) in live {
            if goes(&package.id) || work.packed.packages.contains_key(&package.id) {
                continue;
            }
            if cancel.is_cancelled() {
                return Err(ExportError::Cancelled);
            }
            let symbols = export.batches::<ApiSymbol>(segment, package, Table::ApiSymbols).await;
            let chunks = export.batches::<DocChunk>(segment, package, Table::DocChunks).await;
            match (symbols, chunks) {
                (Ok(symbols), Ok(chunks)) => packer.add(package.clone(), symbols, chunks).await?,
                (Err(error), _) | (_, Err(error)) if !error.is_of_content() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    async fn rows(&self, entry: &CatalogEntry) -> Result<(Vec<RecordBatch>, Vec<RecordBatch>), LakeError> {
        let dataset = entry.dataset.as_deref().unwrap_or_default();
        self.lake.check(dataset, entry.symbol_count, entry.chunk_count).await?;
        Ok((self.lake.batches::<ApiSymbol>(dataset).await?, self.lake.batches::<DocChunk>(dataset).await?))
    }

    /// The manifest that follows what stands.
    async fn next(
        &self,
        stands: Option<Manifest>,
        scope: &Scope,
        plan: &Plan<'_>,
        written: Vec<ExportedPackage>,
        full: bool,
        work: &mut Work,
    ) -> Result<Manifest, ExportError> {
        let now = Utc::now();
        let mut segment = Segment::new(now);
        segment.packages = written;
        segment.files = work.packed.files.clone();
        let Some(stands) = stands else {
            work.packed.bytes_sent += seal_segment(&self.store, scope, &mut segment).await?;
            return Ok(Manifest::new(scope, 1, now, segment, Vec::new()));
        };
        let sequence = stands.sequence + 1;
        if !full {
            segment.removed = plan.removed.clone();
            work.packed.bytes_sent += seal_segment(&self.store, scope, &mut segment).await?;
            let mut deltas = stands.deltas;
            deltas.push(segment);
            return Ok(Manifest::new(scope, sequence, now, stands.base, deltas));
        }
        // What others exported stays, in the files that it lies in or was carried over to.
        let new: HashSet<PackageId> = segment.packages.iter().map(|package| package.id.clone()).collect();
        for (id, (_, package)) in stands.live() {
            if !new.contains(id) && !plan.removed.contains(id) {
                let carried = work.packed.packages.get(id).filter(|packed| packed.attempt == package.attempt);
                segment.packages.push(carried.unwrap_or(package).clone());
            }
        }
        segment.files.extend(stands.segments().flat_map(|from| from.files.iter().cloned()));
        work.packed.bytes_sent += seal_segment(&self.store, scope, &mut segment).await?;
        Ok(Manifest::new(scope, sequence, now, segment, Vec::new()))
    }

    /// Puts a manifest in the place of the one that was read.
    pub(super) async fn swap(
        &self,
        scope: &Scope,
        next: &Manifest,
        version: Option<&Version>,
    ) -> Result<Swap, ExportError> {
        let key = manifest_key(scope)?;
        let bytes = seal(next)
            .map_err(|error| ExportError::Encode { table: "the manifest", why: error.to_string() })?;
        let bytes = bytes::Bytes::from(bytes);
        let most = super::manifest::MANIFEST_BYTES_MAX;
        if bytes.len() as u64 > most {
            let why = format!("{} bytes are more than it may have", bytes.len());
            return Err(ExportError::Encode { table: "the manifest", why });
        }
        Ok(self.store.swap(&key, bytes, version, None, most).await?)
    }

    #[expect(clippy::too_many_arguments, reason = "each is a part of what the report says")]
    async fn report(
        &self,
        stands: &Manifest,
        work: &Work,
        [written, removed]: [usize; 2],
        changed: bool,
        started: Instant,
        scope: &Scope,
        cancel: &CancellationToken,
    ) -> Result<ExportReport, ExportError> {
        let mut report = ExportReport {
            scope: scope.prefix(),
            store: self.store.name().to_string(),
            changed,
            sequence: stands.sequence,
            exported_at: stands.exported_at,
            packages: stands.total_packages,
            symbols: stands.total_symbols,
            chunks: stands.total_chunks,
            deltas: stands.deltas.len(),
            written,
            removed,
            bytes_sent: work.packed.bytes_sent,
            failed: work.failed.iter().map(|(id, why)| (id.to_string(), why.clone())).collect(),
            replaced: work.replaced.clone(),
            compacted: false,
            collected: 0,
            not_tidied: None,
            seconds: 0.0,
        };
        let many = stands.deltas.len() > DELTAS_MAX;
        if changed && (many || stands.deltas.is_empty()) {
            // The export is done and whole: tidying up that fails is told, and done by the next run.
            match self.tidy(scope, many, cancel).await {
                Ok((compacted, collected)) => {
                    report.compacted = compacted;
                    report.collected = collected;
                    report.deltas = if compacted { 0 } else { report.deltas };
                    report.sequence += u64::from(compacted);
                }
                Err(ExportError::Cancelled) => report.not_tidied = Some("it was stopped".to_string()),
                Err(error) => report.not_tidied = Some(error.to_string()),
            }
        }
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }

    async fn tidy(
        &self,
        scope: &Scope,
        many: bool,
        cancel: &CancellationToken,
    ) -> Result<(bool, usize), ExportError> {
        let compacted = many && self.compact(scope, cancel).await?;
        let collected = unless_stopped(cancel, self.collect(scope, GRACE)).await?;
        Ok((compacted, collected.removed))
    }
}

/// What the tries of a run have brought so far.
struct Work {
    packed: Packed,
    failed: BTreeMap<PackageId, String>,
    replaced: Option<String>,
}

impl Work {
    /// Those packages of the plan that are packed.
    fn written(&self, plan: &Plan<'_>) -> Vec<ExportedPackage> {
        plan.write.iter().filter_map(|entry| self.packed.packages.get(&entry.id).cloned()).collect()
    }
}

/// Leaves a segment the files that its packages lie in, each once, and adds the one that lists the
/// packages. Says what had to be sent.
pub(super) async fn seal_segment(
    store: &Store,
    scope: &Scope,
    segment: &mut Segment,
) -> Result<u64, ExportError> {
    let parts = |table: Table| {
        segment
            .packages
            .iter()
            .filter_map(move |package| package.part(table))
            .map(move |(hash, _)| (table, hash.clone()))
    };
    let named: HashSet<(Table, ContentHash)> =
        parts(Table::ApiSymbols).chain(parts(Table::DocChunks)).collect();
    let mut files: BTreeMap<_, DataFile> = BTreeMap::new();
    for file in std::mem::take(&mut segment.files) {
        let name = (file.table, file.hash.clone());
        if named.contains(&name) {
            files.insert(name, file);
        }
    }
    let mut sent = 0;
    if !segment.packages.is_empty() {
        let (file, bytes) = put_packages(store, scope, &segment.packages).await?;
        files.insert((file.table, file.hash.clone()), file);
        sent = bytes;
    }
    segment.files = files.into_values().collect();
    Ok(sent)
}
