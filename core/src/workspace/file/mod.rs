//! The base in a file: plain tables for every other tool.
//!
//! # Decisions
//!
//! - **A rollback journal, changed in place.** Tools that read bytes see no commit that waits in a write-ahead log. A
//!   file that took the place of the old one would leave whoever has it open with the old one for ever.
//! - **Nothing reaches the file before the commit** (`cache_spill` off), so that readers see the moment before until all of
//!   the next is there.
//! - **A reader is waited for shortly.** While a commit waits, new readers are shut out: better to roll back and try later.
//! - **Not forced to the disk at every step.** What a power cut tears is derived, and made anew.
//! - **What is not ours is left alone.** A file that has not our mark in its header is told of, and never written.
//! - **One process writes.** Others leave the file to it.

mod look;

use std::path::{Path, PathBuf};
use std::time::Duration;

use libsql::{Connection, Database, Error, Value};

use super::base::{APPLICATION_ID, BaseError, Dump, Rows, quoted, whole};
use super::provider::Provider;
use super::snapshot::{Changes, Snapshot};
use super::table::TABLES;
use crate::catalog::{Trouble, query, query_one_integer};
use crate::holder::Alone;
pub use look::FileLook;

/// How long a commit waits for a reader.
const BUSY_TIMEOUT: Duration = Duration::from_millis(500);

/// The base in a file, while this process is the one that writes it.
pub struct FileProvider {
    path: PathBuf,
    opened: Option<Opened>,
    _alone: Alone,
}

struct Opened {
    rows: Rows,
    connection: Connection,
    _database: Database,
}

impl FileProvider {
    /// To keep the file at this path. `None` where another process keeps it. Nothing is opened yet.
    pub fn new(path: &Path) -> std::io::Result<Option<FileProvider>> {
        let alone = Alone::take(&path.with_extension("lock"))?;
        Ok(alone.map(|alone| FileProvider { path: path.to_path_buf(), opened: None, _alone: alone }))
    }

    /// The base, opened. A file that is not ours is not touched.
    async fn open(&mut self) -> Result<&mut Opened, BaseError> {
        let name = self.path.display().to_string();
        let opened = match self.opened.take() {
            Some(opened) => opened,
            None => open(&self.path, &name).await?,
        };
        Ok(self.opened.insert(opened))
    }

    async fn rebuild_once(&mut self, snapshot: &Snapshot) -> Result<(), BaseError> {
        let name = self.name();
        let Opened { rows, connection, .. } = self.open().await?;
        let version = rows.version();
        let made = whole(connection, async |connection| {
            clear(connection).await?;
            let header =
                format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version};");
            connection.execute_batch(&header).await?;
            rows.fill(connection, snapshot).await?;
            rows.mark(connection, snapshot, None).await
        });
        made.await.map_err(BaseError::of("write", &name))
    }

    /// Removes a file that is ours and damaged, with what SQLite keeps beside it.
    fn remove(&mut self) -> Result<(), BaseError> {
        self.opened = None;
        for suffix in ["-journal", "-wal", "-shm", ""] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(BaseError::Stays { name: self.name(), why: error.to_string() });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Provider for FileProvider {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    async fn rebuild(&mut self, snapshot: &Snapshot) -> Result<(), BaseError> {
        let mut made = self.rebuild_once(snapshot).await;
        if made.as_ref().is_err_and(BaseError::is_damage) {
            self.remove()?;
            made = self.rebuild_once(snapshot).await;
        }
        if made.is_err() {
            self.opened = None;
        }
        made
    }

    async fn apply(&mut self, changes: &Changes, snapshot: &Snapshot) -> Result<(), BaseError> {
        let name = self.name();
        let Opened { rows, connection, .. } = self.open().await?;
        let brought = whole(connection, async |connection| {
            rows.patch(connection, changes, snapshot).await?;
            rows.mark(connection, snapshot, None).await
        });
        let brought = brought.await.map_err(BaseError::of("write", &name));
        if brought.is_err() {
            self.opened = None;
        }
        brought
    }

    async fn check(&mut self, snapshot: &Snapshot) -> Result<Option<Dump>, BaseError> {
        let name = self.name();
        let Opened { rows, connection, .. } = self.open().await?;
        let found = read(connection, rows, snapshot).await.map_err(BaseError::of("read", &name));
        if found.is_err() {
            self.opened = None;
        }
        found
    }

    async fn close(&mut self) {
        self.opened = None;
    }
}

async fn open(path: &Path, name: &str) -> Result<Opened, BaseError> {
    let cannot_open =
        |_| BaseError::Database { attempted: "open", name: name.to_owned(), source: Trouble::CannotOpen };
    let database = libsql::Builder::new_local(path).build().await.map_err(cannot_open)?;
    let connection = database.connect().map_err(cannot_open)?;
    let fail = BaseError::of("open", name);
    connection.busy_timeout(BUSY_TIMEOUT).map_err(&fail)?;
    // The first question to the file, which also rolls back what a process that died left half done.
    let foreign = || BaseError::Foreign { name: name.to_owned() };
    let header = match header(&connection).await {
        Err(Error::SqliteFailure(26, _)) => return Err(foreign()),
        header => header.map_err(&fail)?,
    };
    match header {
        (APPLICATION_ID, _) | (_, 0) => {}
        _ => return Err(foreign()),
    }
    let settings = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL; PRAGMA cache_spill = OFF;";
    connection.execute_batch(settings).await.map_err(&fail)?;
    Ok(Opened { rows: Rows::new(TABLES), connection, _database: database })
}

/// The file's mark, and how many pages it has.
async fn header(connection: &Connection) -> Result<(i64, i64), Error> {
    let mark = query_one_integer(connection, "PRAGMA application_id").await?.unwrap_or_default();
    let pages = query_one_integer(connection, "PRAGMA page_count").await?.unwrap_or_default();
    Ok((mark, pages))
}

/// What lies in the file, if it is of this schema and document.
async fn read(connection: &Connection, rows: &mut Rows, snapshot: &Snapshot) -> Result<Option<Dump>, Error> {
    if query_one_integer(connection, "PRAGMA user_version").await? != Some(rows.version()) {
        return Ok(None);
    }
    let document = [Value::Text(snapshot.document.clone())];
    let sql = "SELECT count(*) FROM \"_zenith\" WHERE \"document\" = ?1";
    let marks = query(connection, sql, &document, |row| row.get::<i64>(0)).await?;
    if marks != [1] {
        return Ok(None);
    }
    Ok(Some(rows.read(connection).await?.clone()))
}

/// Removes all that there is, also what another version made. A text index first: its own tables go with it.
async fn clear(connection: &Connection) -> Result<(), Error> {
    let listed = "SELECT CAST(type AS BLOB), CAST(name AS BLOB) FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'";
    for which in ["sql LIKE 'CREATE VIRTUAL TABLE%'", "type IN ('table', 'view')"] {
        let sql = format!("{listed} AND {which}");
        let found = query(connection, &sql, &[], |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<Vec<u8>>(1)?)));
        for (kind, name) in found.await? {
            let kind = if kind == b"view" { "VIEW" } else { "TABLE" };
            let name = quoted(&String::from_utf8_lossy(&name));
            connection.execute(&format!("DROP {kind} {name}"), ()).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
