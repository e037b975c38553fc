//! How a database in a file of our own is opened.

use std::path::Path;
use std::time::Duration;

use libsql::{Connection, Database, Error};

/// Opens a file, or makes it: with a rollback journal, and each commit on the disk before it is told. A statement waits for
/// another process's transaction for `patience`.
pub(crate) async fn open_own(path: &Path, patience: Duration) -> Result<(Database, Connection), Error> {
    let database = libsql::Builder::new_local(path).build().await?;
    let connection = database.connect()?;
    connection.busy_timeout(patience)?;
    connection.execute_batch("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;").await?;
    Ok((database, connection))
}
