//! The registry: who has a database, who is getting one, which names are used up.
//!
//! A file of the service's own, or a database on a server. The file has a rollback journal (see the catalog's reasons)
//! and overwrites what is deleted, so that an erased tenant's secrets are not found in free pages.

mod entry;
mod provisioning;
mod schema;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use libsql::Value;
use tokio::sync::{Mutex, MutexGuard};

use super::TenancyError;
use super::schema as tenant_schema;
use super::seal::{KeyRing, SealError};
use super::tenant::{DatabaseName, Tenant};
use crate::catalog::{Held, NOW_MS, Server, Trouble, execute, open_own, query};
use crate::http::Unreached;

pub use entry::{Entry, Standing};
pub use provisioning::Unfinished;
pub(super) use provisioning::{Beginning, Begun};
pub use schema::SCHEMA_VERSION;

const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// How long it may take to answer: longer than another program may keep its file busy.
const DEADLINE: Duration = Duration::from_secs(25);

/// The table of all tenants.
pub struct Registry {
    connection: Mutex<Held>,
}

/// A name that is used up, without whom it belonged to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    pub name: String,
    pub erased_at_ms: i64,
    /// Until then the provider may still bring the database back.
    pub recoverable_until_ms: i64,
}

impl Registry {
    /// The registry in a file, made where there is none.
    pub async fn open(path: &Path) -> Result<Registry, TenancyError> {
        let fail = |source| TenancyError::RegistryFile { path: path.to_path_buf(), source };
        let (_, connection) =
            open_own(path, BUSY_TIMEOUT).await.map_err(|error| fail(Trouble::from(error)))?;
        let erases = connection.execute_batch("PRAGMA secure_delete = ON;").await;
        erases.map_err(|error| fail(Trouble::from(error)))?;
        Registry::over(Held::lasting(connection)).await.map_err(|error| match error {
            TenancyError::Registry { source, .. } => fail(source),
            error => error,
        })
    }

    /// The registry on a server.
    pub async fn connect(server: &Server) -> Result<Registry, TenancyError> {
        let fail = |error| failed("reach", error);
        let database = Arc::new(server.open().await.map_err(fail)?);
        Registry::over(Held::on_server(database).map_err(fail)?).await
    }

    async fn over(connection: Held) -> Result<Registry, TenancyError> {
        let fail = |error| failed("open", error);
        let found: Vec<i64> =
            query(&connection, "PRAGMA user_version", &[], |row| row.get(0)).await.map_err(fail)?;
        match found.first() {
            Some(&found) if found > SCHEMA_VERSION => return Err(TenancyError::NewerRegistry { found }),
            Some(&SCHEMA_VERSION) => {}
            _ => {
                let create = format!(
                    "BEGIN IMMEDIATE; {} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
                    schema::CREATE
                );
                connection.execute_batch(&create).await.map_err(fail)?;
            }
        }
        Ok(Registry { connection: Mutex::new(connection) })
    }

    /// Whether it answers.
    pub async fn check(&self) -> Result<(), TenancyError> {
        self.read("ask", "SELECT 1", &[], |_| Ok(())).await.map(drop)
    }

    /// How many tenants stand how.
    pub async fn count(&self) -> Result<Vec<(Standing, u64)>, TenancyError> {
        let sql = "SELECT state, count(*) FROM user_databases GROUP BY state ORDER BY state";
        let rows = self.read("read", sql, &[], |row| Ok((row.get::<String>(0)?, row.get::<u64>(1)?))).await?;
        rows.into_iter().map(|(state, count)| Ok((Standing::kept(&state)?, count))).collect()
    }

    /// The tenants whose schema could not be brought up to date, each with its reason.
    pub async fn failed(&self) -> Result<Vec<(String, String)>, TenancyError> {
        let sql = "SELECT user_id, schema_error FROM user_databases WHERE schema_error IS NOT NULL ORDER BY user_id";
        self.read("read", sql, &[], |row| Ok((row.get(0)?, row.get(1)?))).await
    }

    /// How many tenants that are ready have an older schema than this program makes.
    pub async fn behind(&self) -> Result<u64, TenancyError> {
        let sql = "SELECT count(*) FROM user_databases WHERE schema_version < ?1 AND state = 'ready'";
        let version = [Value::Integer(tenant_schema::VERSION)];
        Ok(self.read("read", sql, &version, |row| row.get(0)).await?.into_iter().next().unwrap_or(0))
    }

    /// The numbers of the service's keys that something is under.
    pub async fn keys_in_use(&self) -> Result<Vec<u32>, TenancyError> {
        let sql = "SELECT kek_version FROM user_databases UNION SELECT kek_version FROM provisioning";
        let found = self.read("read", sql, &[], |row| row.get::<i64>(0)).await?;
        let number =
            |found| u32::try_from(found).map_err(|_| TenancyError::Damaged("its key's number is none"));
        found.into_iter().map(number).collect()
    }

    /// Whether a service's keys open what is sealed here: each is there that something is under, and one tenant's secret
    /// opens.
    pub async fn opens_with(&self, ring: &KeyRing) -> Result<(), TenancyError> {
        let in_use = self.keys_in_use().await?;
        if let Some(lacking) = in_use.into_iter().find(|key| !ring.numbers().any(|number| number == *key)) {
            return Err(SealError::NoKey(lacking).into());
        }
        match self.page("", 1).await?.first() {
            Some(entry) => entry.secret(ring).map(drop),
            None => Ok(()),
        }
    }

    /// How a tenant stands from now on.
    pub(super) async fn set_standing(
        &self,
        tenant: &Tenant,
        standing: Standing,
    ) -> Result<bool, TenancyError> {
        let sql = "UPDATE user_databases SET state = ?2, updated_at = CURRENT_TIMESTAMP WHERE user_id = ?1";
        self.change("change", sql, &[text(tenant.key()), text(standing.as_str())]).await.map(|rows| rows > 0)
    }

    /// Keeps a tenant's secret anew, sealed.
    pub(super) async fn set_secret(&self, entry: &Entry, sealed: &str) -> Result<bool, TenancyError> {
        let sql = "UPDATE user_databases SET db_token = ?3, updated_at = CURRENT_TIMESTAMP \
                   WHERE user_id = ?1 AND db_name = ?2 AND db_token = ?4";
        let values = [text(entry.tenant.key()), text(entry.name.as_str()), text(sealed), text(&entry.sealed)];
        self.change("change", sql, &values).await.map(|rows| rows > 0)
    }

    /// Keeps a tenant's key anew, wrapped.
    pub(super) async fn set_dek(
        &self,
        entry: &Entry,
        version: u32,
        wrapped: &str,
    ) -> Result<bool, TenancyError> {
        let sql = "UPDATE user_databases SET dek = ?3, kek_version = ?4 WHERE user_id = ?1 AND dek = ?2";
        let values =
            [text(entry.tenant.key()), text(&entry.dek), text(wrapped), Value::Integer(i64::from(version))];
        self.change("change", sql, &values).await.map(|rows| rows > 0)
    }

    /// Which version a tenant's schema has, or why it could not be brought there.
    pub(super) async fn set_schema(
        &self,
        tenant: &Tenant,
        version: Option<i64>,
        error: Option<&str>,
    ) -> Result<(), TenancyError> {
        let sql = "UPDATE user_databases SET schema_version = coalesce(?2, schema_version), schema_error = ?3 \
                   WHERE user_id = ?1";
        let values = [text(tenant.key()), version.map_or(Value::Null, Value::Integer), optional(error)];
        self.change("change", sql, &values).await.map(drop)
    }

    /// What a tenant's database takes up, as its provider counts it.
    pub(super) async fn set_usage(&self, tenant: &Tenant, bytes: u64) -> Result<(), TenancyError> {
        let sql = format!(
            "UPDATE user_databases SET storage_used_bytes = ?2, usage_at = {NOW_MS} WHERE user_id = ?1"
        );
        let bytes = Value::Integer(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.change("change", &sql, &[text(tenant.key()), bytes]).await.map(drop)
    }

    /// How large a tenant's database may become.
    pub(super) async fn set_quota(&self, tenant: &Tenant, bytes: u64) -> Result<(), TenancyError> {
        let sql = "UPDATE user_databases SET quota_bytes = ?2 WHERE user_id = ?1";
        let bytes = Value::Integer(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.change("change", sql, &[text(tenant.key()), bytes]).await.map(drop)
    }

    /// When a tenant's next job is due, in milliseconds since 1970: a hint for who looks whom to ask. The tenant's own
    /// table is the truth.
    pub async fn set_next_due(&self, tenant: &Tenant, due_ms: Option<i64>) -> Result<(), TenancyError> {
        let sql = "UPDATE user_databases SET next_due_at = ?2 WHERE user_id = ?1";
        let due = due_ms.map_or(Value::Null, Value::Integer);
        self.change("change", sql, &[text(tenant.key()), due]).await.map(drop)
    }

    /// The same for who did what an entry says to be due: what came up since it was read stays.
    pub async fn pass_due(&self, entry: &Entry, due_ms: Option<i64>) -> Result<bool, TenancyError> {
        let sql = "UPDATE user_databases SET next_due_at = ?3 WHERE user_id = ?1 AND next_due_at IS ?2";
        let value = |due: Option<i64>| due.map_or(Value::Null, Value::Integer);
        let values = [text(entry.tenant.key()), value(entry.next_due_at), value(due_ms)];
        self.change("change", sql, &values).await.map(|rows| rows > 0)
    }

    /// Forgets a tenant whose database is gone, its secrets with it; what stays is the name, for ever.
    pub(super) async fn bury(
        &self,
        tenant: &Tenant,
        name: &DatabaseName,
        recoverable: Duration,
    ) -> Result<Tombstone, TenancyError> {
        let keep = i64::try_from(recoverable.as_millis()).unwrap_or(i64::MAX);
        // The name first: a kill in between leaves a row that is still being erased, and an erasure is repeated.
        let sql = format!(
            "INSERT INTO tombstones (db_name, erased_at, recoverable_until) VALUES (?1, {NOW_MS}, {NOW_MS} + ?2) \
             ON CONFLICT (db_name) DO NOTHING"
        );
        self.change("change", &sql, &[text(name.as_str()), Value::Integer(keep)]).await?;
        let sql = "DELETE FROM user_databases WHERE user_id = ?1 AND db_name = ?2 AND state = 'erasing'";
        self.change("change", sql, &[text(tenant.key()), text(name.as_str())]).await?;
        let found = self.tombstone(name).await?;
        found.ok_or(TenancyError::Damaged("a name that was used up is not there"))
    }

    /// Whether a name is used up.
    pub async fn tombstone(&self, name: &DatabaseName) -> Result<Option<Tombstone>, TenancyError> {
        let sql = "SELECT db_name, erased_at, recoverable_until FROM tombstones WHERE db_name = ?1";
        let found = self
            .read("read", sql, &[text(name.as_str())], |row| {
                Ok(Tombstone {
                    name: row.get(0)?,
                    erased_at_ms: row.get(1)?,
                    recoverable_until_ms: row.get(2)?,
                })
            })
            .await?;
        Ok(found.into_iter().next())
    }

    async fn read<T>(
        &self,
        attempted: &'static str,
        sql: &str,
        values: &[Value],
        row: impl Fn(&libsql::Row) -> Result<T, libsql::Error>,
    ) -> Result<Vec<T>, TenancyError> {
        let asked = async {
            let connection = self.connection().await?;
            query(&connection, sql, values, row).await
        };
        within(attempted, asked).await
    }

    async fn change(
        &self,
        attempted: &'static str,
        sql: &str,
        values: &[Value],
    ) -> Result<u64, TenancyError> {
        let asked = async {
            let connection = self.connection().await?;
            execute(&connection, sql, values).await
        };
        within(attempted, asked).await
    }

    async fn connection(&self) -> Result<MutexGuard<'_, Held>, libsql::Error> {
        let mut held = self.connection.lock().await;
        held.wake()?;
        Ok(held)
    }
}

async fn within<T>(
    attempted: &'static str,
    asked: impl Future<Output = Result<T, libsql::Error>>,
) -> Result<T, TenancyError> {
    match tokio::time::timeout(DEADLINE, asked).await {
        Ok(answer) => answer.map_err(|error| failed(attempted, error)),
        Err(_) => {
            let source = Trouble::Unreached(Unreached::Silent);
            Err(TenancyError::Registry { attempted, source })
        }
    }
}

fn failed(attempted: &'static str, error: libsql::Error) -> TenancyError {
    TenancyError::Registry { attempted, source: error.into() }
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn optional(value: Option<&str>) -> Value {
    value.map_or(Value::Null, |value| Value::Text(value.to_string()))
}
