//! What is indexed and who may find it: libSQL databases of one schema.
//!
//! A [`Catalog`] is one of them: a file of this machine, a copy of a server's, or the server itself.
//! A [`Federation`] is all that a user sees together.
//!
//! Every read names an [`Identity`] and passes the visibility predicate; there is no way around it.
//! Writes are claims: a package is claimed by an INSERT that one caller wins, finished by the one
//! who holds the claim, and taken over when its holder is gone.
//!
//! The file uses a rollback journal, not a write-ahead log: the SQLite that libSQL bundles (3.47)
//! can lose commits when two connections write and checkpoint one log. The catalog commits seldom
//! (claims in groups of 16, packages in batches), so the journal's cost does not show.

mod claim;
mod dial;
mod entry;
mod federation;
mod files;
mod own;
mod replica;
mod rested;
mod schema;
mod server;
mod sources;
mod statement;
mod trouble;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use libsql::{Connection, Database, Statement, Value};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

pub use claim::{ClaimOutcome, Finished, LEASE};
pub(crate) use dial::{Stream, dial};
pub use entry::{CatalogEntry, Claim, Status};
pub use federation::{Catalogued, Doubted, Federation, Found, Member, MemberState, Shared};
pub(crate) use own::{beside, give_name, open_own};
pub use replica::{Doubt, Replica, ReplicaState, SyncError, Synced};
pub(crate) use rested::Held;
pub(crate) use schema::NOW_MS;
pub use schema::{CREATE_PACKAGES, SCHEMA_VERSION};
use statement::query_prepared;
pub(crate) use statement::{Sends, again, execute, query};

pub(crate) use server::in_namespace;
pub use server::{DatabaseRole, Server};
pub use sources::PackageRoot;
pub use trouble::{Trouble, said_of};

use crate::identity::{Identity, Scope};
use crate::package::PackageId;

/// How long a statement waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// One catalog database, with one connection that writes and reads.
pub struct Catalog {
    /// A path or a server's address, for what is said of it.
    name: String,
    kind: Kind,
    /// How long a claim stands after it was made or renewed.
    lease: Duration,
    /// Of a file: what is asked most is prepared once, which costs more than to find a few packages.
    lookup: OnceCell<Statement>,
    connection: Mutex<Held>,
    _database: Arc<Database>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A file that processes of this machine share.
    Embedded,
    /// A database on a server: each statement is a round trip.
    Served,
}

/// A catalog that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error("cannot {attempted} the catalog {name}: {source}")]
    Database { attempted: &'static str, name: String, source: Trouble },
    #[error(
        "the catalog {name} was made by another version of zenith (schema {found}, this one reads \
         {SCHEMA_VERSION}); move it aside and index again"
    )]
    OtherSchema { name: String, found: i64 },
    #[error("the catalog {name} is damaged: {why}; `zenith doctor --repair` sets it aside")]
    Damaged { name: String, why: String },
    #[error("the copy {name} of a shared catalog is damaged: {doubt}; `zenith sync` fetches it anew")]
    Copy { name: String, doubt: Doubt },
}

impl Catalog {
    /// Opens the database of a file, and creates it with its tables where there is none.
    pub async fn open(path: &Path) -> Result<Catalog, CatalogError> {
        let name = path.display().to_string();
        let fail = |error| failed("open", &name, error);
        let (database, connection) = open_own(path, BUSY_TIMEOUT).await.map_err(fail)?;
        // A new file becomes a database in one transaction, so that a second process that opens it
        // at the same time sees all of it or none.
        let catalog = Catalog::in_file(name, database, connection);
        catalog.migrate().await?;
        Ok(catalog)
    }

    /// Connects to the database on a server, and creates its tables where there are none and the
    /// token may.
    pub async fn connect(server: &Server) -> Result<Catalog, CatalogError> {
        let fail = |error| failed("reach", &server.name(), error);
        let database = Arc::new(server.open().await.map_err(fail)?);
        let connection = Held::on_server(database.clone()).map_err(fail)?;
        let catalog = Catalog::over(server.name(), Kind::Served, database, connection);
        catalog.migrate().await?;
        Ok(catalog)
    }

    /// The same catalog with another lease for the claims that are made through it.
    pub fn with_lease(mut self, lease: Duration) -> Catalog {
        self.lease = lease;
        self
    }

    fn in_file(name: String, database: Database, connection: Connection) -> Catalog {
        Catalog::over(name, Kind::Embedded, Arc::new(database), Held::lasting(connection))
    }

    fn over(name: String, kind: Kind, database: Arc<Database>, connection: Held) -> Catalog {
        let connection = Mutex::new(connection);
        Catalog { name, kind, lease: LEASE, lookup: OnceCell::new(), connection, _database: database }
    }

    /// The connection, for one thing at a time.
    async fn connection(&self) -> MutexGuard<'_, Held> {
        let mut connection = self.connection.lock().await;
        // Where no other can be made, the old one tells what is wrong.
        let _ = connection.wake();
        connection
    }

    async fn migrate(&self) -> Result<(), CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("open", source);
        let found = query_one_integer(&connection, "PRAGMA user_version").await.map_err(fail)?;
        match found {
            Some(SCHEMA_VERSION) => Ok(()),
            Some(0) | None => {
                // Where sources lie is this machine's own, and never goes to a server.
                let sources = if self.kind == Kind::Embedded { schema::CREATE_SOURCES } else { "" };
                let create = format!(
                    "BEGIN IMMEDIATE; {} {sources} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
                    schema::CREATE_PACKAGES
                );
                connection.execute_batch(&create).await.map_err(fail)?;
                Ok(())
            }
            Some(found) => Err(CatalogError::OtherSchema { name: self.name.clone(), found }),
        }
    }

    /// Every package that the identity may see, in any status, ordered by tier, name and version.
    pub async fn packages(&self, identity: &Identity) -> Result<Vec<CatalogEntry>, CatalogError> {
        let sql = format!("SELECT {} FROM indexed_packages WHERE {}", schema::ENTRY_COLUMNS, schema::VISIBLE);
        let connection = self.connection().await;
        let fail = |source| self.failed("read", source);
        let read = query(&connection, &sql, &visible_to(identity), CatalogEntry::read).await.map_err(fail)?;
        let mut entries: Vec<CatalogEntry> = read.into_iter().flatten().collect();
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
        let found = self.lookup(identity, std::slice::from_ref(id)).await?;
        Ok(found.into_iter().find(|entry| entry.scope == *scope))
    }

    /// Those of some packages that the identity may see, in every scope that it sees, in one
    /// statement: the way into a catalog of any size.
    pub async fn lookup(
        &self,
        identity: &Identity,
        ids: &[PackageId],
    ) -> Result<Vec<CatalogEntry>, CatalogError> {
        let scopes: Vec<String> = identity.scopes().iter().map(Scope::prefix).collect();
        let wanted: Vec<[&str; 3]> = ids.iter().map(|id| [id.ecosystem(), id.name(), id.version()]).collect();
        let connection = self.connection().await;
        let fail = |source| self.failed("read", source);
        let json = |value: serde_json::Value| Value::Text(value.to_string());
        let mut values = visible_to(identity);
        values.extend([json(serde_json::json!(scopes)), json(serde_json::json!(wanted))]);
        let read = match self.kind {
            Kind::Embedded => {
                let prepared = self.lookup.get_or_try_init(|| connection.prepare(schema::LOOKUP)).await;
                query_prepared(prepared.map_err(fail)?, values, CatalogEntry::read).await
            }
            Kind::Served => query(&connection, schema::LOOKUP, &values, CatalogEntry::read).await,
        };
        let mut entries: Vec<CatalogEntry> = read.map_err(fail)?.into_iter().flatten().collect();
        entries.sort_by(|a, b| (&a.scope, &a.id).cmp(&(&b.scope, &b.id)));
        Ok(entries)
    }

    /// Runs SQLite's own check of the file.
    pub async fn check(&self) -> Result<(), CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("check", source);
        let found = query(&connection, "PRAGMA integrity_check", &[], |row| row.get::<String>(0));
        match found.await.map_err(fail)?.into_iter().next() {
            Some(why) if why != "ok" => Err(CatalogError::Damaged { name: self.name.clone(), why }),
            _ => Ok(()),
        }
    }

    fn failed(&self, attempted: &'static str, error: libsql::Error) -> CatalogError {
        failed(attempted, &self.name, error)
    }
}

/// What of libSQL's error is told; see [`Trouble`].
fn failed(attempted: &'static str, name: &str, error: libsql::Error) -> CatalogError {
    CatalogError::Database { attempted, name: name.to_string(), source: error.into() }
}

/// The parameters `?1` to `?3` of the visibility predicate.
fn visible_to(identity: &Identity) -> Vec<Value> {
    let text = |value: Option<&str>| value.map_or(Value::Null, |text| Value::Text(text.to_string()));
    vec![text(identity.organisation()), text(identity.subject()), text(identity.machine_subject())]
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

pub(crate) async fn query_one_integer(
    connection: &Connection,
    sql: &str,
) -> Result<Option<i64>, libsql::Error> {
    Ok(query(connection, sql, &[], |row| row.get(0)).await?.into_iter().next())
}
