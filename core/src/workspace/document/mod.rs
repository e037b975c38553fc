//! The document: one Yjs document in memory, and the rows that are read from it.
//!
//! A root `tables:NAME` is a map of rows by id; a row is a map of its fields, and is removed by removing it. An id is made
//! once and never again, so that no two peers ever make a row of the same name. Whoever wants to know what is in the
//! document is handed a [`Snapshot`]: nothing else of it leaves this room.

mod conform;
mod edit;
mod words;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use yrs::types::{Event, PathSegment};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{DeepObservable, Doc, Map, MapRef, ReadTxn, StateVector, Transact, Update};

pub use edit::{Edit, EditError};

use super::snapshot::Snapshot;
use super::table::{TABLES, Table};

/// Rows of all tables together.
pub const ROWS_MAX: usize = 100_000;
/// Of one text of a row.
pub const BODY_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Of one update, from wherever it comes.
pub const UPDATE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// An update that is none, or that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it is no update of a Yjs document")]
    Decode,
    #[error("it does not fit into the document")]
    Apply,
}

/// The document in memory.
pub(super) struct Replica {
    doc: Doc,
    roots: Vec<(&'static Table, MapRef)>,
    /// Rows that commits touched and nobody read since: the place of the table among the roots, and the id.
    touched: Arc<Mutex<BTreeSet<(usize, String)>>>,
    snapshot: Arc<Snapshot>,
}

impl Replica {
    /// An empty one, with a client id that no other has.
    pub fn new(document: &str) -> Replica {
        let doc = Doc::new();
        let touched = Arc::new(Mutex::new(BTreeSet::new()));
        // Each root is made before anything is applied: making one opens a transaction.
        let roots: Vec<_> = TABLES
            .iter()
            .map(|table| (table, doc.get_or_insert_map(format!("tables:{}", table.name))))
            .collect();
        for (at, (_, root)) in roots.iter().enumerate() {
            let touched = Arc::clone(&touched);
            root.observe_deep("rows", move |txn, events| {
                let mut touched = touched.lock().unwrap_or_else(PoisonError::into_inner);
                for event in events.iter() {
                    match (event.path().front(), event) {
                        (Some(PathSegment::Key(id)), _) => {
                            touched.insert((at, id.to_string()));
                        }
                        (None, Event::Map(rows)) => {
                            touched.extend(rows.keys(txn).keys().map(|id| (at, id.to_string())));
                        }
                        // Whatever else a peer makes of a root holds no rows.
                        _ => {}
                    }
                }
            });
        }
        let snapshot = Arc::new(Snapshot { document: document.to_owned(), ..Snapshot::default() });
        Replica { doc, roots, touched, snapshot }
    }

    /// Applies an update. One that fails may have left a part of itself: the replica is then to be thrown away.
    /// What it changed is in the snapshot after [`Replica::refresh`].
    pub fn apply(&mut self, update: &[u8]) -> Result<(), Unreadable> {
        let update = Update::decode_v1(update).map_err(|_| Unreadable::Decode)?;
        let mut txn = self.doc.transact_mut();
        txn.apply_update(update).map_err(|_| Unreadable::Apply)
    }

    /// All of the document, also what waits for something that has not come.
    pub fn state(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    /// What a peer that has this state vector lacks, as far as vectors tell.
    pub fn lacked(&self, vector: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let vector = StateVector::decode_v1(vector).map_err(|_| Unreadable::Decode)?;
        Ok(self.doc.transact().encode_state_as_update_v1(&vector))
    }

    pub fn vector(&self) -> Vec<u8> {
        self.doc.transact().state_vector().encode_v1()
    }

    /// Whether something came whose predecessors have not.
    pub fn is_waiting(&self) -> bool {
        self.doc.transact().has_missing_updates()
    }

    /// The rows as of the last [`Replica::refresh`].
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Counts on from the moments that this one takes the place of.
    pub fn follow(&mut self, generation: u64) {
        Arc::make_mut(&mut self.snapshot).generation = generation;
    }

    /// Reads the rows that were touched since; says whether there were any.
    pub fn refresh(&mut self) -> bool {
        let touched = std::mem::take(&mut *self.touched.lock().unwrap_or_else(PoisonError::into_inner));
        if touched.is_empty() {
            return false;
        }
        let txn = self.doc.transact();
        let snapshot = Arc::make_mut(&mut self.snapshot);
        snapshot.generation += 1;
        for (at, id) in touched {
            let Some((table, root)) = self.roots.get(at) else { continue };
            let read = root.get(&txn, &id).map(|found| conform::row(table, &id, &found, &txn));
            let rows = snapshot.tables.entry(table.name).or_default();
            let key = (table.name.to_owned(), id);
            snapshot.problems.remove(&key);
            match read {
                // One that is as it was stays the very same: nobody need look at it again.
                Some(Ok(row)) if rows.get(&key.1).is_some_and(|old| **old == row) => {}
                Some(Ok(row)) => {
                    rows.insert(key.1, Arc::new(row));
                }
                Some(Err(problems)) => {
                    rows.remove(&key.1);
                    snapshot.problems.insert(key, problems);
                }
                None => {
                    rows.remove(&key.1);
                }
            }
        }
        snapshot.tables.retain(|_, rows| !rows.is_empty());
        true
    }

    /// Whether it holds the rows and problems of a moment, of whichever document.
    pub fn holds(&self, moment: &Snapshot) -> bool {
        self.snapshot.tables == moment.tables && self.snapshot.problems == moment.problems
    }

    /// Whether it holds all rows of a moment, whatever else it holds.
    pub fn has_all_of(&self, moment: &Snapshot) -> bool {
        moment.tables.iter().all(|(table, rows)| {
            let there = self.snapshot.tables.get(table);
            rows.iter().all(|(id, row)| there.and_then(|there| there.get(id)) == Some(row))
        })
    }

    /// Rows of all tables, and what is none.
    pub fn row_count(&self) -> usize {
        self.snapshot.row_count() + self.snapshot.problems.len()
    }
}

/// An id for a new row: by its time first, so that rows lie in the order they were made in.
pub fn new_id() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let random: [u8; 10] = rand::random();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

#[cfg(test)]
mod tests;
