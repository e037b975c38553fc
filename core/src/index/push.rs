//! The run that shares what was indexed here: datasets to the store, then the row of the shared catalog,
//! which names a place only when everything there is whole.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{FutureExt, StreamExt, stream};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Failure, IndexError};
use crate::catalog::{Catalog, CatalogEntry, CatalogError, Finished, Server, Status};
use crate::identity::{Identity, Scope};
use crate::lake::shared::{self, Place, SharedError, Uploaded};
use crate::lake::{Lake, Store, StoreError, Waiting, attempt_of};
use crate::package::{PackageId, Tier};

/// How long a replaced dataset stays on the store: for who has not synchronised since, and is reading it.
const GRACE: Duration = Duration::from_secs(48 * 3600);
/// Packages pushed at the same time, each several files at a time.
const PACKAGES_AT_ONCE: usize = 4;
/// A catalog that takes longer for one step is not waited for.
const CATALOG_WITHIN: Duration = Duration::from_secs(30);
/// Packages asked for in one statement.
const LOOKED_UP_AT_ONCE: usize = 500;

/// Shares what one data folder indexed, through one shared catalog and one store.
pub struct Pusher {
    /// The database on a server that the scope's readers have replicas of.
    pub catalog: Arc<Catalog>,
    pub identity: Identity,
    pub lake: Lake,
    pub store: Store,
    /// Where the locks of claim holders lie.
    pub run_folder: PathBuf,
}

/// What happens in a run, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushEvent {
    Planned {
        push: usize,
        there: usize,
    },
    Pushed {
        id: PackageId,
        bytes: u64,
    },
    Failed {
        id: PackageId,
        why: String,
    },
    /// A request to the store waits to be made again.
    Waiting(Waiting),
}

/// What a push did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PushReport {
    pub scope: String,
    pub store: String,
    pub pushed: usize,
    /// Those that are shared already, in this very state.
    pub there_before: usize,
    /// Those that somebody shared who indexed them later; of a public version, whoever was first.
    pub kept: usize,
    /// Those that somebody else is pushing now.
    pub held: usize,
    pub files: usize,
    /// Files that a run before this one had put already.
    pub files_before: usize,
    pub bytes: u64,
    pub failed: Vec<Failure>,
    /// Why what was replaced could not be tidied away; what was pushed is shared all the same.
    pub not_tidied: Option<String>,
    pub cancelled: bool,
    pub seconds: f64,
}

/// A push that cannot go on. What was pushed before stays shared.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error(
        "packages are shared through a service, and nobody is signed in here: `zenith login SERVICE` signs in"
    )]
    NotSignedIn(Tier),
    #[error("the service gave you no database of the {0} tier")]
    NoDatabase(Tier),
    #[error("you may read the {0} tier's shared catalog and not write to it; ask whoever runs the service")]
    ReadOnly(Tier),
    #[error("your access to the {0} tier's shared catalog has ended; `zenith login SERVICE` renews it")]
    Expired(Tier),
    #[error("{0}; what was pushed before stays shared, run the command again")]
    Catalog(CatalogError),
    #[error(
        "the shared catalog did not answer within {} s; what was pushed before stays shared, run the command \
         again", CATALOG_WITHIN.as_secs()
    )]
    Silent,
    #[error(
        "the shared catalog answered with something that no database answers; what was pushed before stays \
         shared, run the command again"
    )]
    Answer,
    #[error("it was stopped before anything was pushed; what was pushed before stays shared")]
    Cancelled,
    #[error(transparent)]
    Shared(#[from] SharedError),
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// What became of a package.
enum Outcome {
    Pushed { uploaded: Uploaded, not_tidied: Option<String> },
    Failed(String),
    Held,
    Kept,
}

/// What there is to do about a package, by what of it is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Push,
    /// It is there in this very state.
    There,
    /// Somebody else's stays.
    Keep,
}

impl Verdict {
    fn of(entry: &CatalogEntry, shared: Option<&CatalogEntry>, anew: bool) -> Verdict {
        let Some(shared) = shared.filter(|_| !anew) else { return Verdict::Push };
        let attempt =
            |entry: &CatalogEntry| entry.dataset.as_deref().map(|dataset| attempt_of(dataset).to_string());
        if attempt(shared) == attempt(entry) {
            Verdict::There
        // A released version does not change; one's own code does.
        } else if entry.tier() == Tier::Public || entry.indexed_at_ms <= shared.indexed_at_ms {
            Verdict::Keep
        } else {
            Verdict::Push
        }
    }
}

impl From<StoreError> for PushError {
    fn from(error: StoreError) -> PushError {
        SharedError::from(error).into()
    }
}

impl From<CatalogError> for PushError {
    fn from(error: CatalogError) -> PushError {
        PushError::Catalog(error)
    }
}

impl Pusher {
    /// Connects to the shared catalog.
    pub async fn connect(server: &Server, cancel: &CancellationToken) -> Result<Catalog, PushError> {
        let connecting = cancel.run_until_cancelled(asked(Catalog::connect(server))).await;
        connecting.unwrap_or(Err(PushError::Cancelled))
    }

    /// Pushes those of the `own` entries of a scope that are not shared yet, or were indexed later than
    /// what is; `anew` pushes the others too, over whatever is shared, and sends every file again.
    pub async fn push(
        &self,
        scope: &Scope,
        own: &[&CatalogEntry],
        anew: bool,
        events: mpsc::UnboundedSender<PushEvent>,
        cancel: &CancellationToken,
    ) -> Result<PushReport, PushError> {
        let started = Instant::now();
        let mut report = PushReport {
            scope: scope.prefix(),
            store: self.store.name().to_string(),
            ..PushReport::default()
        };
        let plan = async {
            let todo = self.plan(scope, own, anew, &mut report).await?;
            let there = report.there_before + report.kept;
            let _ = events.send(PushEvent::Planned { push: todo.len(), there });
            if !todo.is_empty() {
                self.store.probe().await?;
            }
            Ok::<_, PushError>(todo)
        };
        let todo = cancel.run_until_cancelled(plan).await.transpose()?.unwrap_or_default();
        if !todo.is_empty() {
            let claims = self.claims()?;
            let result = self.push_all(&todo, anew, claims.holder(), &events, cancel, &mut report).await;
            result.and(self.give_back(claims).await)?;
        }
        report.cancelled = cancel.is_cancelled();
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }

    async fn plan<'a>(
        &self,
        scope: &Scope,
        own: &[&'a CatalogEntry],
        anew: bool,
        report: &mut PushReport,
    ) -> Result<Vec<&'a CatalogEntry>, PushError> {
        let mut todo = Vec::new();
        for some in own.chunks(LOOKED_UP_AT_ONCE) {
            let shared = self.shared(scope, some).await?;
            for entry in some {
                match Verdict::of(entry, shared.get(&entry.id), anew) {
                    Verdict::Push => todo.push(*entry),
                    Verdict::There => report.there_before += 1,
                    Verdict::Keep => report.kept += 1,
                }
            }
        }
        Ok(todo)
    }

    /// What of some packages is shared and ready.
    async fn shared(
        &self,
        scope: &Scope,
        entries: &[&CatalogEntry],
    ) -> Result<HashMap<PackageId, CatalogEntry>, PushError> {
        let ids: Vec<PackageId> = entries.iter().map(|entry| entry.id.clone()).collect();
        let found = asked(self.catalog.lookup(&self.identity, &ids)).await?.into_iter();
        let ready = found.filter(|entry| entry.scope == *scope && entry.status == Status::Ready);
        Ok(ready.map(|entry| (entry.id.clone(), entry)).collect())
    }

    async fn push_all(
        &self,
        todo: &[&CatalogEntry],
        anew: bool,
        holder: &str,
        events: &mpsc::UnboundedSender<PushEvent>,
        cancel: &CancellationToken,
        report: &mut PushReport,
    ) -> Result<(), PushError> {
        let pushes = todo.iter().map(|entry| async { (*entry, self.push_one(entry, anew, holder).await) });
        let mut pushes = stream::iter(pushes).buffer_unordered(PACKAGES_AT_ONCE);
        loop {
            let next = tokio::select! {
                next = pushes.next() => next,
                // What went up stays, and the next run goes on from there.
                () = cancel.cancelled() => return Ok(()),
            };
            let Some((entry, outcome)) = next else { return Ok(()) };
            let id = entry.id.clone();
            match outcome? {
                Outcome::Held => report.held += 1,
                Outcome::Kept => report.kept += 1,
                Outcome::Failed(why) => {
                    report.failed.push(Failure { package: id.to_string(), why: why.clone() });
                    let _ = events.send(PushEvent::Failed { id, why });
                }
                Outcome::Pushed { uploaded, not_tidied } => {
                    report.pushed += 1;
                    report.files += uploaded.files;
                    report.files_before += uploaded.files_before;
                    report.bytes += uploaded.bytes;
                    report.not_tidied = report.not_tidied.take().or(not_tidied);
                    let _ = events.send(PushEvent::Pushed { id, bytes: uploaded.bytes });
                }
            }
        }
    }

    /// Claims a package, uploads it and names it, in this order.
    async fn push_one(&self, entry: &CatalogEntry, anew: bool, holder: &str) -> Result<Outcome, PushError> {
        let dataset = entry.dataset.as_deref().unwrap_or_default();
        if let Err(changed) = self.lake.check(dataset, entry.symbol_count, entry.chunk_count).await {
            return Ok(Outcome::Failed(changed.to_string()));
        }
        if !self.claim_one(entry, holder).await? {
            return Ok(Outcome::Held);
        }
        // Since the plan was made, somebody may have shared it: nobody does from here on.
        let shared = self.shared(&entry.scope, &[entry]).await?;
        if Verdict::of(entry, shared.get(&entry.id), anew) != Verdict::Push {
            asked(self.catalog.release(&entry.scope, &entry.id, holder)).await?;
            return Ok(Outcome::Kept);
        }
        let (uploaded, others) = match shared::upload(&self.store, &self.lake, entry, anew).await {
            Ok(uploaded) => uploaded,
            Err(error) if error.is_of_store() => return Err(error.into()),
            Err(error) => {
                asked(self.catalog.release(&entry.scope, &entry.id, holder)).await?;
                let advice =
                    if error.is_of_disk() { "; `zenith doctor --repair` mends what is here" } else { "" };
                return Ok(Outcome::Failed(format!("{error}{advice}")));
            }
        };
        let place = Place::of(entry)?;
        let finished = Finished {
            scope: entry.scope.clone(),
            id: entry.id.clone(),
            description: entry.description.clone(),
            repo_url: entry.repo_url.clone(),
            symbol_count: entry.symbol_count,
            chunk_count: entry.chunk_count,
            dataset: place.key.clone(),
            embedding_model: entry.embedding_model.clone().unwrap_or_default(),
            indexed_at_ms: entry.indexed_at_ms,
        };
        let outcomes = asked(self.catalog.finish(&[finished], holder)).await?;
        let [Ok(_)] = outcomes.as_slice() else {
            let lost = "somebody else took it over meanwhile; run the command again";
            return Ok(Outcome::Failed(lost.to_string()));
        };
        let removed = shared::remove_stale(&self.store, &place, others, GRACE).await;
        let not_tidied = removed.err().map(|error| error.to_string());
        Ok(Outcome::Pushed { uploaded, not_tidied })
    }
}

/// What the catalog answers, within a bounded time. libSQL takes some answers of servers for impossible, and
/// panics: that ends the question alone.
pub(super) async fn asked<T>(
    question: impl Future<Output = Result<T, CatalogError>>,
) -> Result<T, PushError> {
    match tokio::time::timeout(CATALOG_WITHIN, AssertUnwindSafe(question).catch_unwind()).await {
        Ok(Ok(answer)) => Ok(answer?),
        Ok(Err(_)) => Err(PushError::Answer),
        Err(_) => Err(PushError::Silent),
    }
}
