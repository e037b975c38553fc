//! What makes notes last: every update of the document, one record each, in a libSQL file of the data folder.
//!
//! A record is checked against its hash before anything decodes it: an update of which one bit is wrong mostly decodes,
//! and harms the document for good. One that is damaged costs itself alone. An edit is told as done after its record is
//! written.
//!
//! The file uses a rollback journal, as the catalog does and for the same reason.

mod fold;
mod places;
mod schema;

use std::path::{Path, PathBuf};
use std::time::Duration;

use libsql::{Connection, Database, TransactionBehavior, Value};

use super::error::WorkspaceError;
use crate::catalog::{NOW_MS, execute, open_own, query, query_one_integer};
pub(super) use places::{Place, Unpushed};

/// How long a statement waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The file of notes, opened once by each who reads or writes it.
pub(super) struct Log {
    path: PathBuf,
    /// The document that the notes are: random hex, made with the file or taken over from the first place that is joined.
    pub document: String,
    /// This data folder among those that write to one place: random hex.
    pub writer: String,
    connection: Connection,
    _database: Database,
}

/// An update, as it lies in the log.
#[derive(Debug)]
pub(super) struct Record {
    pub seq: i64,
    /// Its bytes; none where they are not those that were written.
    pub bytes: Option<Vec<u8>>,
}

/// A fold: the document as of a record.
#[derive(Debug)]
pub(super) struct Snapped {
    /// The last record that is in it.
    pub upto: i64,
    pub bytes: Option<Vec<u8>>,
}

/// The record came from here, and was pushed nowhere yet.
pub(super) const HERE: i64 = 0;

impl Log {
    /// Opens the file, and makes it where there is none.
    pub async fn open(path: &Path) -> Result<Log, WorkspaceError> {
        let fail = |error| WorkspaceError::log("open", path, &error);
        let (database, connection) = open_own(path, BUSY_TIMEOUT).await.map_err(fail)?;
        let (document, writer) = schema::ensure(&connection, path).await?;
        Ok(Log { path: path.to_path_buf(), document, writer, connection, _database: database })
    }

    /// Writes records, all or none. Returns the number of the first.
    pub async fn append(&self, origin: i64, updates: &[&[u8]]) -> Result<i64, WorkspaceError> {
        let fail = |error: libsql::Error| self.failed("write to", &error);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
        let sql = format!("INSERT INTO updates (origin, hash, bytes, at) VALUES (?1, ?2, ?3, {NOW_MS})");
        let mut first = None;
        for update in updates {
            let values = [Value::Integer(origin), Value::Blob(hash(update)), Value::Blob(update.to_vec())];
            execute(&transaction, &sql, &values).await.map_err(fail)?;
            first = first.or(Some(transaction.last_insert_rowid()));
        }
        transaction.commit().await.map_err(fail)?;
        Ok(first.unwrap_or(0))
    }

    /// The records after one.
    pub async fn since(&self, seq: i64) -> Result<Vec<Record>, WorkspaceError> {
        let sql = "SELECT seq, hash, bytes FROM updates WHERE seq > ?1 ORDER BY seq";
        query(&self.connection, sql, &[Value::Integer(seq)], |row| {
            Ok(Record { seq: row.get(0)?, bytes: checked(row.get(1)?, row.get(2)?) })
        })
        .await
        .map_err(|error| self.failed("read", &error))
    }

    /// The records up to one whose bytes are not those that were written.
    pub async fn damaged_upto(&self, seq: i64) -> Result<Vec<i64>, WorkspaceError> {
        let sql = "SELECT seq, hash, bytes FROM updates WHERE seq <= ?1 ORDER BY seq";
        let found = query(&self.connection, sql, &[Value::Integer(seq)], |row| {
            Ok((row.get::<i64>(0)?, checked(row.get(1)?, row.get(2)?).is_none()))
        })
        .await
        .map_err(|error| self.failed("read", &error))?;
        Ok(found.into_iter().filter(|(_, is_damaged)| *is_damaged).map(|(seq, _)| seq).collect())
    }

    /// The folds that are kept, newest first.
    pub async fn snapshots(&self) -> Result<Vec<Snapped>, WorkspaceError> {
        let sql = "SELECT upto, hash, bytes FROM snapshots ORDER BY upto DESC";
        let found = query(&self.connection, sql, &[], |row| {
            Ok(Snapped { upto: row.get(0)?, bytes: checked(row.get(1)?, row.get(2)?) })
        });
        found.await.map_err(|error| self.failed("read", &error))
    }

    /// The last record whose bytes a fold took away: who has seen less reads the fold.
    pub async fn folded_upto(&self) -> Result<i64, WorkspaceError> {
        self.integer("SELECT folded FROM meta").await
    }

    /// How many records there are since the newest fold, and how many bytes.
    pub async fn unfolded(&self) -> Result<(usize, usize), WorkspaceError> {
        let sql = "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM updates \
                   WHERE seq > coalesce((SELECT max(upto) FROM snapshots), 0)";
        let found =
            query(&self.connection, sql, &[], |row| Ok((row.get::<u64>(0)?, row.get::<u64>(1)?))).await;
        let found = found.map_err(|error| self.failed("read", &error))?.first().copied().unwrap_or_default();
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok((number(found.0), number(found.1)))
    }

    /// Changes whenever another connection has written.
    pub async fn version(&self) -> Result<i64, WorkspaceError> {
        self.integer("PRAGMA data_version").await
    }

    async fn integer(&self, sql: &str) -> Result<i64, WorkspaceError> {
        let found = query_one_integer(&self.connection, sql).await;
        Ok(found.map_err(|error| self.failed("read", &error))?.unwrap_or(0))
    }

    /// Puts damaged records where nobody reads them. Returns how many.
    pub async fn set_aside(&self, damaged: &[i64]) -> Result<u64, WorkspaceError> {
        let mut moved = 0;
        for seq in damaged {
            let seq = [Value::Integer(*seq)];
            let keep =
                "INSERT OR REPLACE INTO damaged SELECT seq, hash, bytes, at FROM updates WHERE seq = ?1";
            let fail = |error: libsql::Error| self.failed("mend", &error);
            moved += execute(&self.connection, keep, &seq).await.map_err(fail)?;
            execute(&self.connection, "DELETE FROM updates WHERE seq = ?1", &seq).await.map_err(fail)?;
        }
        Ok(moved)
    }

    /// Takes damaged snapshots away: the records that they hold are kept until a later one can be read.
    pub async fn forget(&self, damaged: &[i64]) -> Result<(), WorkspaceError> {
        for upto in damaged {
            let sql = "DELETE FROM snapshots WHERE upto = ?1";
            let done = execute(&self.connection, sql, &[Value::Integer(*upto)]).await;
            done.map_err(|error| self.failed("mend", &error))?;
        }
        Ok(())
    }

    /// Becomes another document's: that of the place that is joined.
    pub async fn join(&mut self, document: &str) -> Result<(), WorkspaceError> {
        let values = [Value::Text(document.to_owned())];
        let done = execute(&self.connection, "UPDATE meta SET document = ?1", &values).await;
        done.map_err(|error| self.failed("write to", &error))?;
        document.clone_into(&mut self.document);
        Ok(())
    }

    /// Whether the whole file reads as SQLite wrote it.
    pub async fn check(&self) -> Result<Vec<String>, WorkspaceError> {
        let found = query(&self.connection, "PRAGMA quick_check", &[], |row| row.get::<String>(0)).await;
        let found = found.map_err(|error| self.failed("check", &error))?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    fn failed(&self, attempted: &'static str, error: &libsql::Error) -> WorkspaceError {
        WorkspaceError::log(attempted, &self.path, error)
    }
}

/// Half of a blake3 hash: no more is needed against disks that forget and wires that lie.
pub(super) fn hash(bytes: &[u8]) -> Vec<u8> {
    blake3::hash(bytes).as_bytes().iter().take(16).copied().collect()
}

fn checked(written: Vec<u8>, bytes: Vec<u8>) -> Option<Vec<u8>> {
    (hash(&bytes) == written).then_some(bytes)
}

#[cfg(test)]
mod tests;
