//! The tables of the log.

use std::path::Path;

use libsql::{Connection, TransactionBehavior, Value};

use crate::catalog::{Trouble, execute, query, query_one_integer};
use crate::workspace::error::WorkspaceError;

const SCHEMA: i64 = 1;
/// `ZNTL`, so that `file` and others know whose it is.
const APPLICATION: i64 = 0x5a4e_544c;

const TABLES: &str = "
CREATE TABLE meta (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    document TEXT NOT NULL,
    writer TEXT NOT NULL,
    folded INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE updates (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    origin INTEGER NOT NULL,
    hash BLOB NOT NULL,
    bytes BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE snapshots (upto INTEGER PRIMARY KEY, hash BLOB NOT NULL, bytes BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE damaged (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, bytes BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE places (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    pushed INTEGER NOT NULL DEFAULT 0,
    packs INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE packs (place INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (place, key)) STRICT, WITHOUT ROWID;
";

/// Makes the tables where there are none, in one transaction. Returns the document's id and the writer's.
pub(super) async fn ensure(connection: &Connection, path: &Path) -> Result<(String, String), WorkspaceError> {
    let fail = |error: libsql::Error| WorkspaceError::log("open", path, &error);
    let version = "PRAGMA user_version";
    match query_one_integer(connection, version).await.map_err(fail)?.unwrap_or(0) {
        SCHEMA => {}
        0 => {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
            // Another process may have been first.
            if query_one_integer(&transaction, version).await.map_err(fail)? == Some(0) {
                transaction.execute_batch(TABLES).await.map_err(fail)?;
                let ids = [id(), id()];
                let sql = "INSERT INTO meta (only, document, writer) VALUES (1, ?1, ?2)";
                execute(&transaction, sql, &ids).await.map_err(fail)?;
                let marks = format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA};");
                transaction.execute_batch(&marks).await.map_err(fail)?;
            }
            transaction.commit().await.map_err(fail)?;
        }
        found => return Err(WorkspaceError::OtherSchema { path: path.to_path_buf(), found }),
    }
    let sql = "SELECT document, writer FROM meta";
    let found = query(connection, sql, &[], |row| Ok((row.get(0)?, row.get(1)?))).await.map_err(fail)?;
    found.into_iter().next().ok_or_else(|| WorkspaceError::Log {
        attempted: "open",
        path: path.to_path_buf(),
        source: Trouble::Damaged,
    })
}

fn id() -> Value {
    Value::Text(uuid::Uuid::new_v4().simple().to_string())
}
