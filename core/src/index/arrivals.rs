//! Packages that come from a store: claimed, fetched, and announced as an indexer announces what it wrote.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::package::Written;
use super::plan::{Ready, ready};
use super::publish::{Announcement, publish};
use super::{Cut, Failure, IndexError};
use crate::catalog::{Catalog, CatalogEntry, ClaimOutcome, Finished, LEASE};
use crate::embed::Embedder;
use crate::holder::{Holder, is_gone};
use crate::identity::{Identity, Scope};
use crate::lake::{Lake, LeftOut, PackageRows, Waiting, is_fetched, is_pulled};
use crate::package::PackageId;
use crate::search::Search;
use crate::search::shelf::ShelfPackage;

/// A batch is published when it has this many rows: what bounds memory.
const PUBLISH_ROWS: usize = 60_000;
const CLAIMS_AT_ONCE: usize = 16;

/// What a data folder keeps: catalog, datasets, shelves.
#[derive(Clone)]
pub struct LocalIndex {
    pub catalog: Arc<Catalog>,
    pub search: Arc<Search>,
    pub lake: Lake,
    pub identity: Identity,
    /// Where the locks of claim holders lie.
    pub run_folder: PathBuf,
}

/// A package that is to come, and what is known of it before.
#[derive(Clone, Debug)]
pub struct Arriving {
    pub scope: Scope,
    pub id: PackageId,
    pub description: Option<String>,
    pub repo_url: Option<String>,
    pub embedding_model: String,
    pub indexed_at_ms: Option<i64>,
    /// Where its rows will lie on this machine.
    pub dataset: String,
}

/// What happens in a run, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArrivalEvent {
    Planned {
        fetch: usize,
        here: usize,
    },
    Arrived {
        id: PackageId,
        symbols: u64,
        chunks: u64,
    },
    Failed {
        id: PackageId,
        why: String,
    },
    /// A request to the store waits to be made again.
    Waiting(Waiting),
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrived {
    pub packages: usize,
    /// Those that another process is indexing or fetching, or has indexed meanwhile.
    pub held: usize,
    pub symbols: u64,
    pub chunks: u64,
    /// Those that came without some of their symbols, as whoever shares them indexed them.
    pub cut: Vec<Cut>,
    pub failed: Vec<Failure>,
}

/// Why a package did not come.
pub enum FetchError<E> {
    /// This one alone.
    Package(String),
    /// The run cannot go on.
    Run(E),
}

/// Fetches a package into its dataset, and hands out its rows.
pub type Fetch<'a, E> =
    &'a (dyn Fn(Arriving) -> BoxFuture<'a, Result<PackageRows, FetchError<E>>> + Send + Sync + 'a);

impl LocalIndex {
    /// What is ready, by scope and package.
    pub(super) async fn ready(&self) -> Result<Ready, IndexError> {
        ready(&self.catalog, &self.identity).await
    }

    /// Removes packages. The catalog first: what it does not name is not found. Returns those
    /// whose files lie there still, which takes space alone: the doctor finds them among the leftovers.
    pub async fn remove(&self, packages: &[(Scope, PackageId)]) -> Result<Vec<Failure>, IndexError> {
        let mut by_scope: BTreeMap<Scope, Vec<PackageId>> = BTreeMap::new();
        let mut remains = Vec::new();
        for (scope, id) in packages {
            if let Some(dataset) = self.catalog.remove(scope, id).await?
                && let Err(error) = self.lake.remove(&dataset)
            {
                remains.push(Failure { package: id.to_string(), why: error.to_string() });
            }
            by_scope.entry(scope.clone()).or_default().push(id.clone());
        }
        for (scope, ids) in by_scope {
            let shelf = self.search.shelf(&scope);
            tokio::task::spawn_blocking(move || shelf.apply(&[], &ids)).await??;
        }
        Ok(remains)
    }

    /// Takes packages in, `at_once` at a time. What arrived whole is announced, whatever stopped the run.
    pub async fn take_in<E: From<IndexError>>(
        &self,
        todo: Vec<Arriving>,
        at_once: usize,
        fetch: Fetch<'_, E>,
        events: mpsc::UnboundedSender<ArrivalEvent>,
        cancel: &CancellationToken,
    ) -> Result<Arrived, E> {
        let mut arrived = Arrived::default();
        if todo.is_empty() {
            return Ok(arrived);
        }
        let holder = Holder::new(&self.run_folder)
            .map_err(|source| IndexError::Holder { folder: self.run_folder.clone(), source })?;
        let renewal = tokio::spawn(renew(self.catalog.clone(), holder.id().to_string()));
        let mut run = Run { index: self, holder, events, cancel, batch: Vec::new(), arrived: &mut arrived };
        let mut result = run.take_all(&todo, at_once, fetch).await;
        result = result.and(run.announce().await.map_err(E::from));
        renewal.abort();
        let released = self.catalog.release_all(run.holder.id()).await;
        result.and(released.map_err(|error| IndexError::from(error).into()))?;
        Ok(arrived)
    }
}

/// Keeps the claims of a holder for as long as this task runs.
pub(super) async fn renew(catalog: Arc<Catalog>, holder: String) {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        // One renewal that fails is made up for by the next; the lease outlives two.
        let _ = catalog.renew(&holder).await;
    }
}

struct Run<'a> {
    index: &'a LocalIndex,
    holder: Holder,
    events: mpsc::UnboundedSender<ArrivalEvent>,
    cancel: &'a CancellationToken,
    /// Written, and not announced yet.
    batch: Vec<Announcement>,
    arrived: &'a mut Arrived,
}

impl Run<'_> {
    async fn take_all<E: From<IndexError>>(
        &mut self,
        todo: &[Arriving],
        at_once: usize,
        fetch: Fetch<'_, E>,
    ) -> Result<(), E> {
        let LocalIndex { catalog, run_folder, .. } = self.index;
        for group in todo.chunk_by(|a, b| a.scope == b.scope).flat_map(|group| group.chunks(CLAIMS_AT_ONCE)) {
            let [first, ..] = group else { continue };
            let ids: Vec<PackageId> = group.iter().map(|package| package.id.clone()).collect();
            let gone = |holder: &str| is_gone(run_folder, holder);
            let outcomes = catalog.claim(&first.scope, &ids, self.holder.id(), true, gone).await;
            let outcomes = outcomes.map_err(IndexError::from)?;
            let won: Vec<&Arriving> = (group.iter().zip(outcomes))
                .filter(|(_, outcome)| *outcome == ClaimOutcome::Won)
                .map(|(package, _)| package)
                .collect();
            self.arrived.held += group.len() - won.len();
            let won = self.not_indexed_here(won).await?;
            let cancel = self.cancel;
            let fetches = won.iter().map(|package| async { (*package, fetch((*package).clone()).await) });
            let mut fetched = stream::iter(fetches).buffered(at_once.max(1));
            loop {
                let next = tokio::select! {
                    next = fetched.next() => next,
                    () = cancel.cancelled() => return Ok(()),
                };
                let Some((package, rows)) = next else { break };
                self.take(package, rows).await?;
            }
        }
        Ok(())
    }

    /// Those that this machine did not index itself since the run was planned; the others are given back.
    async fn not_indexed_here<'p>(
        &mut self,
        won: Vec<&'p Arriving>,
    ) -> Result<Vec<&'p Arriving>, IndexError> {
        let LocalIndex { catalog, identity, .. } = self.index;
        let ids: Vec<PackageId> = won.iter().map(|package| package.id.clone()).collect();
        let entries = catalog.lookup(identity, &ids).await?;
        let indexed_here = |package: &Arriving| {
            let is_it = |entry: &&CatalogEntry| entry.scope == package.scope && entry.id == package.id;
            let dataset = entries.iter().find(is_it).and_then(|entry| entry.dataset.as_deref());
            dataset.is_some_and(|dataset| !is_fetched(dataset))
        };
        let mut left = Vec::with_capacity(won.len());
        for package in won {
            if indexed_here(package) {
                catalog.release(&package.scope, &package.id, self.holder.id()).await?;
                self.arrived.held += 1;
            } else {
                left.push(package);
            }
        }
        Ok(left)
    }

    async fn take<E: From<IndexError>>(
        &mut self,
        package: &Arriving,
        rows: Result<PackageRows, FetchError<E>>,
    ) -> Result<(), E> {
        let (scope, id) = (&package.scope, &package.id);
        let rows = match rows {
            Ok(rows) => rows,
            Err(FetchError::Run(error)) => return Err(error),
            Err(FetchError::Package(why)) => {
                let released = self.index.catalog.release(scope, id, self.holder.id()).await;
                released.map_err(IndexError::from)?;
                self.arrived.failed.push(Failure { package: id.to_string(), why: why.clone() });
                let _ = self.events.send(ArrivalEvent::Failed { id: id.clone(), why });
                return Ok(());
            }
        };
        let written = written(package, &rows, self.index.search.embedder().as_ref());
        let Finished { symbol_count: symbols, chunk_count: chunks, .. } = written.finished;
        let _ = self.events.send(ArrivalEvent::Arrived { id: id.clone(), symbols, chunks });
        self.batch.push(Announcement { written, source: None, supersedes: Vec::new() });
        let rows: usize = self.batch.iter().map(|announcement| announcement.written.shelf.rows.len()).sum();
        if rows >= PUBLISH_ROWS { Ok(self.announce().await?) } else { Ok(()) }
    }

    async fn announce(&mut self) -> Result<(), IndexError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        let places: Vec<String> = batch.iter().map(|one| one.written.finished.dataset.clone()).collect();
        let LocalIndex { catalog, search, lake, .. } = self.index;
        let counts: HashMap<PackageId, (u64, u64, Option<LeftOut>)> = batch
            .iter()
            .map(|one| &one.written.finished)
            .map(|finished| {
                let left_out = lake.left_out(&finished.dataset);
                (finished.id.clone(), (finished.symbol_count, finished.chunk_count, left_out))
            })
            .collect();
        let ready = match publish(catalog, search, lake, self.holder.id(), batch).await {
            Ok(ready) => ready,
            Err(error) => {
                self.drop_unnamed(&places).await;
                return Err(error);
            }
        };
        for (id, (symbols, chunks, left_out)) in ready.iter().filter_map(|id| Some((id, counts.get(id)?))) {
            self.arrived.packages += 1;
            self.arrived.symbols += symbols;
            self.arrived.chunks += chunks;
            self.arrived.cut.extend(Cut::of(id, *symbols, *left_out));
        }
        Ok(())
    }

    /// Removes written datasets that no entry names, after a publication that failed somewhere.
    async fn drop_unnamed(&self, places: &[String]) {
        let LocalIndex { catalog, identity, lake, .. } = self.index;
        // Who cannot ask the catalog removes nothing: the doctor finds what is left over.
        let Ok(entries) = catalog.packages(identity).await else { return };
        for place in places {
            // What was pulled is what the next pull goes on from.
            if !is_pulled(place) && !entries.iter().any(|entry| entry.dataset.as_ref() == Some(place)) {
                let _ = lake.remove(place);
            }
        }
    }
}

/// What is announced of rows that lie in their dataset.
fn written(package: &Arriving, rows: &PackageRows, embedder: &dyn Embedder) -> Written {
    Written {
        finished: Finished {
            scope: package.scope.clone(),
            id: package.id.clone(),
            description: package.description.clone(),
            repo_url: package.repo_url.clone(),
            symbol_count: rows.symbols.len() as u64,
            chunk_count: rows.chunks.len() as u64,
            dataset: package.dataset.clone(),
            embedding_model: package.embedding_model.clone(),
            indexed_at_ms: package.indexed_at_ms,
        },
        shelf: ShelfPackage::of(&package.id, &package.dataset, &package.embedding_model, rows, embedder),
    }
}
