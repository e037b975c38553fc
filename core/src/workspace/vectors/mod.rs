//! The base in memory: notes by meaning, and by words.
//!
//! # Decisions
//!
//! - **Vectors are derived, and never in the document**: two machines may have two models.
//! - **A scan answers, up to [`SCANNED_MAX`] vectors.** libSQL's index takes 2.6 ms and 23 KB a vector to make and answers
//!   in 4 to 5 ms; the scan below takes as long over 10,000 vectors, costs nothing to make, finds all, and knows each edit
//!   at once. Twice as many is where an index begins to be worth its making.
//! - **The scan is of a coarse copy, the whole vectors decide.** SQLite takes as long to hand out a row as to compare 384
//!   bytes: over the whole vectors the scan costs 3.6 times what a plain loop over them costs, over the copy less
//!   than twice.
//! - **One row a distinct vector.** libSQL's index finds 3 of 300 equal ones; notes made from one template are equal.
//! - **A new base takes the place of the old one at once**: who asks in between is answered by the old one.

mod base;
mod embeddings;
mod index;
mod pieces;
mod search;

use std::collections::HashSet;
use std::sync::{Arc, Mutex as Held, PoisonError};

use libsql::{Error, Row as SqlRow, Value};
use tokio::sync::Mutex;

use self::base::{Base, Embedded};
use self::embeddings::{Blob, Embeddings};
use self::index::{Index, Stop};
use super::base::{BaseError, Dump};
use super::provider::Provider;
use super::snapshot::{Changes, Snapshot};
use super::table::table;
use crate::catalog::query;
use crate::embed::Embedder;
pub use search::{NoteHit, Vectors};

/// The table that is embedded.
const NOTES: &str = "notes";
/// Vectors that are scanned; of more an index is made.
pub const SCANNED_MAX: u64 = 20_000;
/// An index that finds less of what is there is not used.
pub const RECALL_MIN: f64 = 0.95;
/// The name of this base, for what is said of it.
const NAME: &str = "the index of the notes";

/// Makes the base in memory, and keeps it.
pub struct VectorsProvider {
    embeddings: Embeddings,
    scanned_max: u64,
    shared: Arc<Shared>,
    stop: Arc<Stop>,
}

/// What the provider changes and searches read.
struct Shared {
    base: Mutex<Option<Base>>,
    index: Held<IndexState>,
}

/// How the index over the base's vectors stands.
#[derive(Default)]
enum IndexState {
    #[default]
    None,
    Making,
    Ready(Arc<Index>),
    /// It found too little of so many vectors: not made again before there are others.
    Poor {
        count: u64,
        recall: f64,
    },
}

impl Shared {
    fn index(&self) -> std::sync::MutexGuard<'_, IndexState> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VectorsProvider {
    pub fn new(model: Arc<dyn Embedder>) -> VectorsProvider {
        let shared = Shared { base: Mutex::default(), index: Held::default() };
        VectorsProvider {
            embeddings: Embeddings::new(model),
            scanned_max: SCANNED_MAX,
            shared: Arc::new(shared),
            stop: Arc::default(),
        }
    }

    /// The same where an index is made of more than so many vectors.
    pub fn with_scanned_max(mut self, vectors: u64) -> VectorsProvider {
        self.scanned_max = vectors;
        self
    }

    /// What searches ask, for as long as the base is kept.
    pub fn searched(&self, model: Arc<dyn Embedder>) -> Vectors {
        Vectors::new(self.shared.clone(), model)
    }

    /// The vectors of notes; of all in a snapshot, or of those that changed.
    fn embed<'a>(
        &mut self,
        snapshot: &Snapshot,
        ids: impl Iterator<Item = &'a String>,
    ) -> Result<(Embedded, HashSet<blake3::Hash>), BaseError> {
        let Some(notes) = table(NOTES) else { return Ok(Default::default()) };
        let mut texts = Vec::new();
        let mut of = Vec::new();
        for id in ids {
            if let Some(row) = snapshot.row(NOTES, id) {
                let pieces = pieces::pieces(notes, row);
                of.push((id.clone(), pieces.len()));
                texts.extend(pieces);
            }
        }
        let mut vectors = self.embeddings.of(&texts)?.into_iter();
        let embedded = of.into_iter().map(|(id, pieces)| (id, vectors.by_ref().take(pieces).collect()));
        let embedded = embedded.collect();
        Ok((embedded, texts.iter().map(|text| blake3::hash(text.as_bytes())).collect()))
    }

    /// Has an index made beside, where there are many vectors and none that is near them.
    async fn consider_index(&mut self) -> Result<(), Error> {
        let vectors = {
            let base = self.shared.base.lock().await;
            let Some(base) = base.as_ref() else { return Ok(()) };
            let (count, last) = base.count().await?;
            let is_wanted = count > self.scanned_max
                && match &*self.shared.index() {
                    IndexState::None => true,
                    IndexState::Making => false,
                    IndexState::Ready(index) => {
                        let since = u64::try_from(last - index.last).unwrap_or(0);
                        since + index.count.saturating_sub(count) > index.count / 10
                    }
                    IndexState::Poor { count: then, .. } => count.abs_diff(*then) > then / 10,
                };
            if !is_wanted {
                return Ok(());
            }
            query(&base.connection, "SELECT vid, e FROM vectors ORDER BY vid", &[], |row| {
                Ok((row.get::<i64>(0)?, Blob::from(row.get::<Vec<u8>>(1)?)))
            })
            .await?
        };
        *self.shared.index() = IndexState::Making;
        self.stop = Arc::default();
        let (shared, stop, count) = (self.shared.clone(), self.stop.clone(), vectors.len() as u64);
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            let made = runtime.block_on(Index::of(vectors, &stop));
            let mut state = shared.index();
            // Asked under the lock: what was stopped meanwhile is for a base that is gone.
            if stop.is_stopped() {
                return;
            }
            *state = match made {
                Ok(Some(index)) if index.recall >= RECALL_MIN => IndexState::Ready(Arc::new(index)),
                Ok(Some(index)) => IndexState::Poor { count, recall: index.recall },
                Ok(None) | Err(_) => IndexState::Poor { count, recall: 0.0 },
            };
        });
        Ok(())
    }

    fn forget_index(&self) {
        let mut state = self.shared.index();
        self.stop.stop();
        *state = IndexState::None;
    }
}

impl Provider for VectorsProvider {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    async fn rebuild(&mut self, snapshot: &Snapshot) -> Result<(), BaseError> {
        let ids = snapshot.rows(NOTES).map(|(id, _)| id);
        let (embedded, texts) = self.embed(snapshot, ids)?;
        self.embeddings.keep(&texts);
        let made = Base::of(snapshot, embedded, self.embeddings.model()).await;
        let made = made.map_err(BaseError::of("make", NAME))?;
        {
            let mut base = self.shared.base.lock().await;
            self.forget_index();
            *base = Some(made);
        }
        self.consider_index().await.map_err(BaseError::of("make", NAME))
    }

    async fn apply(&mut self, changes: &Changes, snapshot: &Snapshot) -> Result<(), BaseError> {
        let ids = changes.rows.iter().filter(|(table, _)| *table == NOTES).map(|(_, id)| id);
        let (embedded, _) = self.embed(snapshot, ids)?;
        {
            let mut base = self.shared.base.lock().await;
            let brought = match base.as_mut() {
                Some(base) => base.patch(changes, snapshot, embedded, self.embeddings.model()).await,
                None => Err(Error::Misuse("there is no base yet".to_owned())),
            };
            brought.map_err(BaseError::of("change", NAME))?;
        }
        self.consider_index().await.map_err(BaseError::of("make", NAME))
    }

    async fn check(&mut self, snapshot: &Snapshot) -> Result<Option<Dump>, BaseError> {
        let fail = BaseError::of("read", NAME);
        let ids = snapshot.rows(NOTES).map(|(id, _)| id);
        let (embedded, texts) = self.embed(snapshot, ids)?;
        self.embeddings.keep(&texts);
        let wanted = embedded.into_iter().flat_map(|(note, vectors)| {
            let hash = |vector: Blob| base::hash_of(&vector);
            (0_i64..).zip(vectors).map(move |(at, vector)| (note.clone(), at, vector.map(hash)))
        });
        let wanted = wanted.collect();
        let mut base = self.shared.base.lock().await;
        let Some(base) = base.as_mut() else { return Ok(None) };
        let found = base.pieces().await.map_err(&fail)?;
        // Vectors are no rows of the document: a base whose vectors are not those of its notes is made anew.
        if found != wanted {
            return Ok(None);
        }
        let Base { rows, connection, .. } = base;
        Ok(Some(rows.read(connection).await.map_err(fail)?.clone()))
    }

    async fn close(&mut self) {
        self.forget_index();
        *self.shared.base.lock().await = None;
    }
}

/// A text by its bytes: libSQL reads texts only to their first NUL.
fn text(row: &SqlRow, at: i32) -> Result<String, Error> {
    match row.get_value(at)? {
        Value::Blob(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        _ => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests;
