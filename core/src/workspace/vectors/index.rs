//! libSQL's vector index, over vectors that do not change.
//!
//! # Decisions
//!
//! - **Made beside, never changed in place.** What is updated in place ruins it: an index of defaults finds 1.00 of the
//!   nearest when it is made, and 0.43 after four updates a row. So it is made of a copy;
//!   what came since is scanned, what went is left out.
//! - **Its own word is not taken.** A sample is asked of the index and of a scan. Where they agree too little, the scan
//!   stays.
//! - **No number from outside reaches `vector_top_k`.** With 0 or the highest of 32 bits it ends the process.

use std::sync::{Mutex, PoisonError};

use libsql::{Connection, Database, Error, Value};

use super::embeddings::Blob;
use crate::catalog::query;

/// More than it ever finds.
const FOUND_MAX: usize = 200;
/// How many are asked for where an index is judged.
const JUDGED_BY: usize = 10;
const SAMPLE: usize = 32;

const CREATE: &str = "CREATE TABLE vectors (vid INTEGER PRIMARY KEY, e F32_BLOB(384) NOT NULL)";
/// Fewer neighbours may lose some, uncompressed ones cost nearly four times the memory. `benches/benches/workspace.rs`
/// measures what it takes and what it finds.
const INDEX: &str = "CREATE INDEX vectors_near ON vectors \
                     (libsql_vector_idx(e, 'compress_neighbors=float8', 'max_neighbors=50'))";

/// An index of the vectors of one moment.
pub(super) struct Index {
    connection: Connection,
    _database: Database,
    /// Vectors of higher numbers came later.
    pub last: i64,
    pub count: u64,
    /// What share of the nearest of a sample it found.
    pub recall: f64,
}

/// What stops an index that is being made.
#[derive(Default)]
pub(super) struct Stop(Mutex<(bool, Option<Connection>)>);

impl Stop {
    pub fn stop(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = true;
        if let Some(connection) = &state.1 {
            let _ = connection.interrupt();
        }
    }

    pub fn is_stopped(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Whether it goes on: where it was stopped already, not.
    fn goes_on(&self, connection: Option<Connection>) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = connection;
        !state.0
    }
}

impl Index {
    /// Makes an index, which takes milliseconds a vector; `None` where it was stopped.
    pub async fn of(vectors: Vec<(i64, Blob)>, stop: &Stop) -> Result<Option<Index>, Error> {
        let database = libsql::Builder::new_local(":memory:").build().await?;
        let connection = database.connect()?;
        if !stop.goes_on(Some(connection.clone())) {
            return Ok(None);
        }
        let made = fill(&connection, &vectors).await;
        if !stop.goes_on(None) {
            return Ok(None);
        }
        made?;
        let last = vectors.last().map_or(0, |(vid, _)| *vid);
        let mut index =
            Index { connection, _database: database, last, count: vectors.len() as u64, recall: 0.0 };
        index.recall = index.judge(&vectors).await?;
        Ok(Some(index))
    }

    /// The numbers of vectors near to this one.
    pub async fn near(&self, vector: &[u8], most: usize) -> Result<Vec<i64>, Error> {
        let most = i64::try_from(most.clamp(1, FOUND_MAX)).unwrap_or(1);
        let values = [Value::Blob(vector.to_vec()), Value::Integer(most)];
        query(&self.connection, "SELECT id FROM vector_top_k('vectors_near', ?1, ?2)", &values, |row| {
            row.get(0)
        })
        .await
    }

    async fn judge(&self, vectors: &[(i64, Blob)]) -> Result<f64, Error> {
        let step = (vectors.len() / SAMPLE).max(1);
        let (mut found, mut there) = (0, 0);
        for (_, vector) in vectors.iter().step_by(step).take(SAMPLE) {
            let sql =
                format!("SELECT vid FROM vectors ORDER BY vector_distance_cos(e, ?1) LIMIT {JUDGED_BY}");
            let exact: Vec<i64> =
                query(&self.connection, &sql, &[Value::Blob(vector.to_vec())], |row| row.get(0)).await?;
            let near = self.near(vector, JUDGED_BY).await?;
            there += exact.len();
            found += exact.iter().filter(|vid| near.contains(vid)).count();
        }
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let share = found as f64 / there.max(1) as f64;
        Ok(share)
    }
}

async fn fill(connection: &Connection, vectors: &[(i64, Blob)]) -> Result<(), Error> {
    connection.execute_batch(&format!("{CREATE}; BEGIN")).await?;
    let put = connection.prepare("INSERT INTO vectors (vid, e) VALUES (?1, ?2)").await?;
    for (vid, vector) in vectors {
        put.reset();
        put.execute(vec![Value::Integer(*vid), Value::Blob(vector.to_vec())]).await?;
    }
    connection.execute_batch("COMMIT").await?;
    connection.execute(INDEX, ()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::vectors::tests::vectors;

    #[tokio::test]
    async fn an_index_finds_what_a_scan_finds_whatever_is_asked_of_it() {
        let vectors = vectors(300);
        let index = Index::of(vectors.clone(), &Stop::default()).await.unwrap().unwrap();
        assert!(index.recall >= 0.95, "{}", index.recall);
        assert_eq!((index.last, index.count), (300, 300));
        for most in [0, 1, 10, usize::MAX] {
            let near = index.near(&vectors[7].1, most).await.unwrap();
            assert!(near.contains(&8) && near.len() <= FOUND_MAX + 1, "{most}: {near:?}");
        }
        assert!(index.near(&vectors[7].1[..4], 1).await.is_err(), "no vector of these");
    }

    #[tokio::test]
    async fn one_that_was_stopped_is_none() {
        let stop = Stop::default();
        stop.stop();
        assert!(Index::of(vectors(3), &stop).await.unwrap().is_none());
    }
}
