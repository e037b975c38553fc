//! What is indexed and who may find it: one libSQL database.
//!
//! Every read names an [`Identity`] and passes the visibility predicate; there is no way around it.
//! Writes are claims: a package is claimed by an INSERT that one caller wins, finished by the one
//! who holds the claim, and taken over when its holder is gone.
//!
//! The file uses a rollback journal, not a write-ahead log: the SQLite that libSQL bundles (3.47)
//! can lose commits when two connections write and checkpoint one log.

mod claim;
mod entry;
mod schema;
mod sources;

use std::path::{Path, PathBuf};
use std::time::Duration;

use libsql::{Connection, Database, Value, params};

pub use claim::{ClaimOutcome, Finished, LEASE};
pub use entry::{CatalogEntry, Claim, Status};
pub use schema::SCHEMA_VERSION;
pub use sources::PackageRoot;

use crate::identity::{Identity, Scope};
use crate::package::PackageId;

/// How long a statement waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// One catalog database, with one connection that writes and reads.
pub struct Catalog {
    path: PathBuf,
    connection: tokio::sync::Mutex<Connection>,
    _database: Database,
}

/// A catalog that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error("cannot {attempted} the catalog {path}: {source}")]
    Database { attempted: &'static str, path: PathBuf, source: libsql::Error },
    #[error(
        "the catalog {path} was made by another version of zenith (schema {found}, this one reads \
         {SCHEMA_VERSION}); move it aside and index again"
    )]
    OtherSchema { path: PathBuf, found: i64 },
    #[error("the catalog {path} is damaged: {why}; `zenith doctor --repair` sets it aside")]
    Damaged { path: PathBuf, why: String },
}

impl Catalog {
    /// Opens the database, and creates it with its tables where there is none.
    pub async fn open(path: &Path) -> Result<Catalog, CatalogError> {
        let fail = |source| CatalogError::Database { attempted: "open", path: path.to_path_buf(), source };
        let database = libsql::Builder::new_local(path).build().await.map_err(fail)?;
        let connection = database.connect().map_err(fail)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(fail)?;
        let catalog = Catalog {
            path: path.to_path_buf(),
            connection: tokio::sync::Mutex::new(connection),
            _database: database,
        };
        catalog.migrate().await?;
        Ok(catalog)
    }

    async fn migrate(&self) -> Result<(), CatalogError> {
        let connection = self.connection.lock().await;
        let fail = |source| self.failed("open", source);
        // A new file becomes a database in one transaction, so that a second process that opens it
        // at the same time sees all of it or none.
        connection
            .execute_batch("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;")
            .await
            .map_err(fail)?;
        let found = query_one_integer(&connection, "PRAGMA user_version").await.map_err(fail)?;
        match found {
            Some(SCHEMA_VERSION) => Ok(()),
            Some(0) | None => {
                let create = format!(
                    "BEGIN IMMEDIATE; {} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
                    schema::CREATE
                );
                connection.execute_batch(&create).await.map_err(fail)?;
                Ok(())
            }
            Some(found) => Err(CatalogError::OtherSchema { path: self.path.clone(), found }),
        }
    }

    /// Every package that the identity may see, in any status, ordered by tier, name and version.
    pub async fn packages(&self, identity: &Identity) -> Result<Vec<CatalogEntry>, CatalogError> {
        let sql = format!("SELECT {} FROM indexed_packages WHERE {}", schema::ENTRY_COLUMNS, schema::VISIBLE);
        let connection = self.connection.lock().await;
        let fail = |source| self.failed("read", source);
        let mut rows = connection.query(&sql, visible_to(identity)).await.map_err(fail)?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().await.map_err(fail)? {
            entries.extend(CatalogEntry::read(&row).map_err(fail)?);
        }
        entries.sort_by(|a, b| (&a.scope, &a.id).cmp(&(&b.scope, &b.id)));
        Ok(entries)
    }

    /// One package, if there is one and the identity may see it.
    pub async fn package(
        &self,
        identity: &Identity,
        scope: &Scope,
        id: &PackageId,
    ) -> Result<Option<CatalogEntry>, CatalogError> {
        let sql = format!(
            "SELECT {} FROM indexed_packages WHERE {} \
             AND scope = ?3 AND ecosystem = ?4 AND package = ?5 AND version = ?6",
            schema::ENTRY_COLUMNS,
            schema::VISIBLE
        );
        let mut values = visible_to(identity);
        values.extend(key(scope, id));
        let connection = self.connection.lock().await;
        let fail = |source| self.failed("read", source);
        let mut rows = connection.query(&sql, values).await.map_err(fail)?;
        match rows.next().await.map_err(fail)? {
            Some(row) => CatalogEntry::read(&row).map_err(fail),
            None => Ok(None),
        }
    }

    /// Runs SQLite's own check of the file.
    pub async fn check(&self) -> Result<(), CatalogError> {
        let connection = self.connection.lock().await;
        let fail = |source| self.failed("check", source);
        let mut rows = connection.query("PRAGMA integrity_check", params![]).await.map_err(fail)?;
        match rows.next().await.map_err(fail)? {
            Some(row) => match row.get::<String>(0).map_err(fail)?.as_str() {
                "ok" => Ok(()),
                why => Err(CatalogError::Damaged { path: self.path.clone(), why: why.to_string() }),
            },
            None => Ok(()),
        }
    }

    fn failed(&self, attempted: &'static str, source: libsql::Error) -> CatalogError {
        CatalogError::Database { attempted, path: self.path.clone(), source }
    }
}

/// The parameters `?1` and `?2` of the visibility predicate.
fn visible_to(identity: &Identity) -> Vec<Value> {
    let text = |value: Option<&str>| value.map_or(Value::Null, |text| Value::Text(text.to_string()));
    vec![text(identity.organisation()), text(identity.subject())]
}

/// The primary key of a package, in the order of its columns.
fn key(scope: &Scope, id: &PackageId) -> [Value; 4] {
    [
        Value::Text(scope.prefix()),
        Value::Text(id.ecosystem().to_string()),
        Value::Text(id.name().to_string()),
        Value::Text(id.version().to_string()),
    ]
}

async fn query_one_integer(connection: &Connection, sql: &str) -> Result<Option<i64>, libsql::Error> {
    let mut rows = connection.query(sql, params![]).await?;
    match rows.next().await? {
        Some(row) => row.get(0).map(Some),
        None => Ok(None),
    }
}
