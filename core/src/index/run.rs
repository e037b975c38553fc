//! A run: claims handed out in order, packages written in parallel, published in batches.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::arrivals::renew;
use super::known::{KnownProject, lockfile_of};
use super::leftovers::sweep;
use super::package::{PackageError, Written, write_package};
use super::plan::{Plan, Task, Terms};
use super::platforms::Platforms;
use super::publish::{Announcement, publish};
use super::record::text_of;
use super::{Cut, Failure, IndexError, IndexReport, IndexRequest, Progress};
use crate::catalog::{Catalog, ClaimOutcome};
use crate::holder::{Holder, is_gone};
use crate::identity::Identity;
use crate::ingest::{Cargo, Ingested, Ingester, Missing, SkipReason, Source, SourceSet, discover};
use crate::lake::{Lake, LeftOut};
use crate::package::PackageId;
use crate::search::Search;

/// Packages claimed at a time: few enough that a second process finds work too.
const CLAIMS_AT_ONCE: usize = 16;
/// Written packages that wait to be published.
const PACKAGES_WAITING: usize = 4;
/// A batch is published when it has this many rows, or is this old, whichever comes first.
const PUBLISH_ROWS: usize = 20_000;
const PUBLISH_AFTER: Duration = Duration::from_secs(8);
/// How often a run that waits for another process looks at its claims.
const WAIT_STEP: Duration = Duration::from_millis(250);

/// Indexes packages into one data folder.
#[derive(Clone)]
pub struct Indexer {
    pub catalog: Arc<Catalog>,
    pub search: Arc<Search>,
    pub lake: Lake,
    pub identity: Identity,
    pub cargo: Cargo,
    /// Where the locks of claim holders lie.
    pub run_folder: PathBuf,
    /// Where it is kept what is built on this machine.
    pub data_dir: PathBuf,
    /// Packages at work at the same time.
    pub workers: usize,
    /// Symbols that are taken of a package at most.
    pub symbols_max: usize,
}

/// What the workers of a run share.
struct Run {
    indexer: Indexer,
    holder: Holder,
    set: Arc<SourceSet>,
    ingester: Ingester,
    queue: Mutex<Queue>,
    progress: mpsc::UnboundedSender<Progress>,
    cancel: CancellationToken,
}

#[derive(Default)]
struct Queue {
    unclaimed: VecDeque<Task>,
    claimed: VecDeque<Task>,
    /// Held by another process when their turn came.
    held: Vec<Task>,
}

/// Written packages that wait to be published.
#[derive(Default)]
struct Batch {
    packages: Vec<Announcement>,
    rows: usize,
    /// When it is old enough, whatever it holds; there is one where it holds something.
    due: Option<tokio::time::Instant>,
}

/// What was published.
struct Published {
    ready: Vec<PackageId>,
    symbols: u64,
    chunks: u64,
}

/// What became of a task.
enum Outcome {
    Written(Box<Announcement>, std::collections::BTreeMap<SkipReason, usize>),
    Failed(PackageId, String),
    Cancelled,
}

impl Batch {
    fn push(&mut self, announcement: Announcement) {
        self.due.get_or_insert_with(|| tokio::time::Instant::now() + PUBLISH_AFTER);
        self.rows += announcement.written.shelf.rows.len();
        self.packages.push(announcement);
    }

    fn is_due(&self) -> bool {
        self.rows >= PUBLISH_ROWS || self.due.is_some_and(|due| due <= tokio::time::Instant::now())
    }

    /// Waits until it is old; for ever where it is empty.
    async fn is_old(&self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }
}

impl Indexer {
    /// Indexes what the request asks for and is not ready yet. Events go to `progress`, whether or
    /// not anyone listens. After `cancel`, what is written is published and the rest given back.
    pub async fn run(
        &self,
        request: &IndexRequest,
        progress: mpsc::UnboundedSender<Progress>,
        cancel: CancellationToken,
    ) -> Result<IndexReport, IndexError> {
        let started = Instant::now();
        let _ = progress.send(Progress::Discovering);
        let model = self.search.embedder().id().to_string();
        let terms = Terms { model: &model, lake: &self.lake, symbols_max: self.symbols_max };
        let (identity, catalog, folder) = (&self.identity, &self.catalog, &self.data_dir);
        let nothing = Plan::nothing_to_do(request, identity, &terms, catalog, folder, &self.cargo);
        if let Some(plan) = nothing.await? {
            let _ = progress.send(Progress::Planned { packages: plan.packages, ready: plan.ready });
            return Ok(IndexReport { seconds: started.elapsed().as_secs_f64(), ..IndexReport::of(&plan) });
        }
        // Read before anything is looked at, so that what changes meanwhile is seen later.
        let text = lockfile_of(request).map(|path| text_of(path).unwrap_or_default());
        let (cargo, source) = (self.cargo.clone(), request.source.clone());
        let discovery = tokio::task::spawn_blocking(move || discover(&source, &cargo));
        // Cargo may wait for a lock that somebody else holds: who stops the run does not.
        let Some(set) = cancel.run_until_cancelled(discovery).await else {
            let seconds = started.elapsed().as_secs_f64();
            return Ok(IndexReport { cancelled: true, seconds, ..IndexReport::default() });
        };
        let set = Arc::new(set??);
        let known = match (lockfile_of(request), text) {
            (Some(path), Some(text)) => {
                let (path, set, request) = (path.to_owned(), set.clone(), request.clone());
                let look = move || KnownProject::of(&path, text, &set, &request);
                Some(tokio::task::spawn_blocking(look).await?)
            }
            _ => None,
        };
        let before = lockfile_of(request).and_then(|path| KnownProject::read(folder, path));
        let plan = Plan::new(&set, request, &self.identity, &terms, &self.catalog, before.as_ref()).await?;
        if let Source::Lockfile(lockfile) = &request.source {
            let platforms = Platforms::of(lockfile, &set);
            let fail = |source| IndexError::Platforms { folder: self.data_dir.clone(), source };
            platforms.write(&self.data_dir, lockfile).map_err(fail)?;
        }
        let _ = progress.send(Progress::Planned { packages: plan.packages, ready: plan.ready });
        let (missing, for_others): (Vec<&Missing>, Vec<&Missing>) =
            set.missing.iter().partition(|missing| missing.here);
        let mut notes = set.notes.clone();
        if plan.outdated > 0 && !request.anew {
            notes.push(format!("indexed by an earlier zenith, and now anew: {}", plan.outdated));
        }
        if plan.refeatured > 0 && !request.anew {
            notes.push(format!("with other features than before, and so indexed anew: {}", plan.refeatured));
        }
        let mut report = IndexReport {
            failed: set.broken.iter().map(Failure::of_broken).collect(),
            missing: missing.into_iter().map(Failure::of_missing).collect(),
            missing_other_platforms: for_others.len(),
            notes,
            ..IndexReport::of(&plan)
        };
        if !plan.tasks.is_empty() {
            let run = Arc::new(Run {
                indexer: self.clone(),
                holder: Holder::new(&self.run_folder)
                    .map_err(|source| IndexError::Holder { folder: self.run_folder.clone(), source })?,
                ingester: Ingester::new(set.clone()).at_most(self.symbols_max),
                set,
                queue: Mutex::new(Queue { unclaimed: plan.tasks.into(), ..Queue::default() }),
                progress,
                cancel,
            });
            run.clone().work(&mut report).await?;
            report.cancelled = run.cancel.is_cancelled();
            sweep(&self.catalog, &self.identity, &self.lake, &self.run_folder).await;
        }
        if let Some(known) = known.filter(|_| !report.cancelled) {
            let fail = |source| IndexError::Known { folder: self.data_dir.clone(), source };
            known.after(&report, &self.cargo).write(&self.data_dir).map_err(fail)?;
        }
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }
}

impl IndexReport {
    fn of(plan: &Plan) -> IndexReport {
        IndexReport {
            packages: plan.packages,
            other_platforms: plan.other_platforms,
            ready_before: plan.ready,
            ready_rows: plan.ready_rows,
            cut: plan.cut.clone(),
            ..IndexReport::default()
        }
    }
}

impl Run {
    /// Works until the queue is empty and nobody else holds what was asked for.
    async fn work(self: Arc<Self>, report: &mut IndexReport) -> Result<(), IndexError> {
        let renewal = tokio::spawn(renew(self.indexer.catalog.clone(), self.holder.id().to_string()));
        let result = async {
            loop {
                self.clone().drain_queue(report).await?;
                if !self.wait_for_others(report).await? {
                    return Ok(());
                }
            }
        }
        .await;
        renewal.abort();
        // Whatever happened, nothing stays claimed by a run that is over.
        let released = self.indexer.catalog.release_all(self.holder.id()).await;
        result.and(released.map_err(IndexError::from))
    }

    async fn drain_queue(self: Arc<Self>, report: &mut IndexReport) -> Result<(), IndexError> {
        let (sender, mut written) = mpsc::channel::<Outcome>(PACKAGES_WAITING);
        let mut workers = JoinSet::new();
        for _ in 0..self.indexer.workers.max(1) {
            workers.spawn(self.clone().worker(sender.clone()));
        }
        drop(sender);
        let mut batch = Batch::default();
        // One at a time; the next batch gathers meanwhile.
        let mut publishing = JoinSet::new();
        loop {
            tokio::select! {
                Some(published) = publishing.join_next() => self.note(published??, report),
                outcome = written.recv(), if batch.rows < PUBLISH_ROWS => match outcome {
                    None => break,
                    Some(outcome) => self.gather(outcome, &mut batch, report),
                },
                () = batch.is_old(), if publishing.is_empty() && !batch.packages.is_empty() => {}
            }
            if publishing.is_empty() && batch.is_due() {
                publishing.spawn(self.clone().publish(std::mem::take(&mut batch)));
            }
        }
        while let Some(published) = publishing.join_next().await {
            self.note(published??, report);
        }
        if !batch.packages.is_empty() {
            let published = self.clone().publish(batch).await?;
            self.note(published, report);
        }
        while let Some(worker) = workers.join_next().await {
            worker??;
        }
        Ok(())
    }

    /// Notes what became of a task; what was written waits to be published.
    fn gather(&self, outcome: Outcome, batch: &mut Batch, report: &mut IndexReport) {
        match outcome {
            Outcome::Cancelled => {}
            Outcome::Failed(id, why) => {
                report.failed.push(failure(&id, &why));
                let _ = self.progress.send(Progress::Failed { id, why });
            }
            Outcome::Written(announcement, skipped) => {
                for (reason, count) in skipped {
                    *report.skipped.entry(reason).or_default() += count;
                }
                let finished = &announcement.written.finished;
                let left_out = self.indexer.lake.left_out(&finished.dataset);
                report.cut.extend(Cut::of(&finished.id, finished.symbol_count, left_out));
                batch.push(*announcement);
            }
        }
    }

    async fn publish(self: Arc<Self>, batch: Batch) -> Result<Published, IndexError> {
        let finished = || batch.packages.iter().map(|announcement| &announcement.written.finished);
        let symbols = finished().map(|finished| finished.symbol_count).sum();
        let chunks = finished().map(|finished| finished.chunk_count).sum();
        let Indexer { catalog, search, lake, .. } = &self.indexer;
        let ready = publish(catalog, search, lake, self.holder.id(), batch.packages).await?;
        Ok(Published { ready, symbols, chunks })
    }

    fn note(&self, published: Published, report: &mut IndexReport) {
        report.indexed += published.ready.len();
        report.symbols += published.symbols;
        report.chunks += published.chunks;
        let _ = self.progress.send(Progress::Searchable { ids: published.ready });
    }

    async fn worker(self: Arc<Self>, outcomes: mpsc::Sender<Outcome>) -> Result<(), IndexError> {
        while let Some(task) = self.next_task().await? {
            let Some(package) = self.set.packages.get(task.index) else { continue };
            let (scope, id) = (task.scope.clone(), package.id.clone());
            let _ = self.progress.send(Progress::Started { id: id.clone() });
            let run = self.clone();
            // A thread of its own: should a parser or a writer panic all the same, this package
            // fails and the run goes on.
            let outcome = match tokio::task::spawn_blocking(move || run.write(task)).await {
                Ok(outcome) => outcome,
                Err(panic) => Outcome::Failed(id.clone(), format!("it could not be indexed: {panic}")),
            };
            let catalog = &self.indexer.catalog;
            match &outcome {
                Outcome::Written(announcement, _) => {
                    let _ = self.progress.send(Progress::written(&announcement.written));
                }
                Outcome::Failed(id, why) => catalog.fail(&scope, id, self.holder.id(), why).await?,
                Outcome::Cancelled => catalog.release(&scope, &id, self.holder.id()).await?,
            }
            if outcomes.send(outcome).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, task: Task) -> Outcome {
        let Some(package) = self.set.packages.get(task.index) else { return Outcome::Cancelled };
        let ingested = self.ingester.ingest(task.index);
        let Indexer { lake, search, .. } = &self.indexer;
        match write_package(lake, search.embedder(), &task.scope, package, &ingested, &self.cancel)
            .and_then(|written| self.note_left_out(&ingested, written))
        {
            Ok(written) => {
                let announcement =
                    Announcement { written, source: Some(task.source), supersedes: task.supersedes };
                Outcome::Written(Box::new(announcement), ingested.skipped)
            }
            Err(PackageError::Cancelled) => Outcome::Cancelled,
            Err(error) => Outcome::Failed(package.id.clone(), error.to_string()),
        }
    }

    /// Notes what a package has beyond the bound. One that has just as many as are taken has a note as well: it tells
    /// that nothing is missing.
    fn note_left_out(&self, ingested: &Ingested, written: Written) -> Result<Written, PackageError> {
        let Indexer { lake, symbols_max, .. } = &self.indexer;
        let left_out = ingested.skipped.get(&SkipReason::TooManySymbols).copied().unwrap_or(0);
        if left_out > 0 || ingested.symbols.len() >= *symbols_max {
            let note = LeftOut { left_out: left_out as u64, symbols_max: *symbols_max as u64 };
            let dataset = &written.finished.dataset;
            lake.note_left_out(dataset, note).inspect_err(|_| drop(lake.remove(dataset)))?;
        }
        Ok(written)
    }

    /// The next task that this run has the claim of; `None` when there is none left, or after a
    /// cancellation.
    async fn next_task(&self) -> Result<Option<Task>, IndexError> {
        let mut queue = self.queue.lock().await;
        loop {
            if self.cancel.is_cancelled() {
                return Ok(None);
            }
            if let Some(task) = queue.claimed.pop_front() {
                return Ok(Some(task));
            }
            if queue.unclaimed.is_empty() {
                return Ok(None);
            }
            let count = CLAIMS_AT_ONCE.min(queue.unclaimed.len());
            let tasks: Vec<Task> = queue.unclaimed.drain(..count).collect();
            let outcomes = self.claim(&tasks).await?;
            for (task, outcome) in tasks.into_iter().zip(outcomes) {
                match outcome {
                    ClaimOutcome::Won => queue.claimed.push_back(task),
                    ClaimOutcome::Held(_) => queue.held.push(task),
                    // Another process finished it since the plan was made.
                    ClaimOutcome::Ready => {}
                }
            }
        }
    }

    /// Claims tasks, in one transaction for each run of equal scope and kind.
    async fn claim(&self, tasks: &[Task]) -> Result<Vec<ClaimOutcome>, IndexError> {
        let mut outcomes = Vec::with_capacity(tasks.len());
        for group in tasks.chunk_by(|a, b| a.scope == b.scope && a.anew == b.anew) {
            let [first, ..] = group else { continue };
            let packages = group.iter().filter_map(|task| self.set.packages.get(task.index));
            let ids: Vec<PackageId> = packages.map(|package| package.id.clone()).collect();
            let gone = |holder: &str| is_gone(&self.indexer.run_folder, holder);
            let catalog = &self.indexer.catalog;
            outcomes.extend(catalog.claim(&first.scope, &ids, self.holder.id(), first.anew, gone).await?);
        }
        Ok(outcomes)
    }

    /// Waits until the packages that another process holds are ready, or theirs to take. `true` where
    /// some came to this run.
    async fn wait_for_others(&self, report: &mut IndexReport) -> Result<bool, IndexError> {
        let mut held = std::mem::take(&mut self.queue.lock().await.held);
        let mut told = 0;
        while !held.is_empty() && !self.cancel.is_cancelled() {
            if held.len() != told {
                told = held.len();
                let _ = self.progress.send(Progress::Waiting { packages: told });
            }
            let outcomes = self.claim(&held).await?;
            let mut queue = self.queue.lock().await;
            for (task, outcome) in std::mem::take(&mut held).into_iter().zip(outcomes) {
                match outcome {
                    ClaimOutcome::Won => queue.claimed.push_back(task),
                    ClaimOutcome::Held(_) => held.push(task),
                    ClaimOutcome::Ready => report.indexed_elsewhere += 1,
                }
            }
            if !queue.claimed.is_empty() {
                queue.held = held;
                return Ok(true);
            }
            drop(queue);
            tokio::select! {
                () = self.cancel.cancelled() => {}
                () = tokio::time::sleep(WAIT_STEP) => {}
            }
        }
        Ok(false)
    }
}

fn failure(package: &PackageId, why: &str) -> Failure {
    Failure { package: package.to_string(), why: why.to_string() }
}
