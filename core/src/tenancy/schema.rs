//! What lies in a tenant's database: its stamp, its part of the catalog, its jobs. Versions go forward only and add
//! only, so that an older program still reads what a newer one made.

use libsql::{Connection, Value};

use super::TenancyError;
use super::registry::Entry;
use super::tenant::{DatabaseName, Tenant};
use crate::catalog::{CREATE_PACKAGES, SCHEMA_VERSION as CATALOG_VERSION, execute, query};
use crate::jobs;

/// The version that this program makes.
pub const VERSION: i64 = 3;

/// The stamp: whose database this is, and which version it has. It is written once.
const CREATE_STAMP: &str = "
CREATE TABLE IF NOT EXISTS tenant (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    user_id        TEXT NOT NULL,
    db_name        TEXT NOT NULL,
    generation     INTEGER NOT NULL,
    schema_version INTEGER NOT NULL
);
";

/// What keeps the stamp as it was written: no statement of a job or a member changes it. A member may take triggers away,
/// so that every open makes them again and compares the stamp. Another stamp is passed over where one is there, so that
/// who makes the tables again finds the first.
const KEEP_STAMP: &str = "
CREATE TRIGGER IF NOT EXISTS a_stamp_stays BEFORE UPDATE OF one, user_id, db_name, generation ON tenant
BEGIN SELECT RAISE (ABORT, 'whose database this is cannot be changed'); END;
CREATE TRIGGER IF NOT EXISTS a_stamp_is_kept BEFORE DELETE ON tenant
BEGIN SELECT RAISE (ABORT, 'whose database this is cannot be taken away'); END;
CREATE TRIGGER IF NOT EXISTS a_stamp_is_the_first BEFORE INSERT ON tenant WHEN EXISTS (SELECT 1 FROM tenant)
BEGIN SELECT RAISE (IGNORE); END;
";

/// The tables of the last version, for who looks whether they are there.
const TABLES: [&str; 5] = ["tenant", "indexed_packages", "cron_jobs", "job_runs", "scheduler"];
const TRIGGERS: [&str; 3] = ["a_stamp_stays", "a_stamp_is_kept", "a_stamp_is_the_first"];

/// What brings a database from any version to the last: the tables of jobs came with the second, what keeps the stamp
/// with the third.
fn steps() -> String {
    jobs::schema::STATEMENTS.join(";\n") + ";" + KEEP_STAMP
}

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub user_id: String,
    pub db_name: String,
    pub generation: i64,
    pub schema_version: i64,
}

/// Makes the tables, and writes the stamp where there is none. Safe to repeat; what another stamped stays.
pub(super) async fn create(
    connection: &Connection,
    tenant: &Tenant,
    name: &DatabaseName,
    generation: u64,
) -> Result<Stamp, TenancyError> {
    let fail = |error: libsql::Error| failed("make", tenant, error);
    let tables = format!(
        "BEGIN IMMEDIATE; {CREATE_STAMP} {CREATE_PACKAGES} {} PRAGMA user_version = {CATALOG_VERSION}; COMMIT;",
        steps()
    );
    connection.execute_batch(&tables).await.map_err(fail)?;
    let values = [
        Value::Text(tenant.key()),
        Value::Text(name.to_string()),
        Value::Integer(generation as i64),
        Value::Integer(VERSION),
    ];
    let stamp = "INSERT INTO tenant (one, user_id, db_name, generation, schema_version) VALUES (1, ?1, ?2, ?3, ?4) \
                 ON CONFLICT (one) DO NOTHING";
    execute(connection, stamp, &values).await.map_err(fail)?;
    read(connection, tenant).await?.ok_or(TenancyError::Foreign { tenant: tenant.to_string() })
}

/// The stamp of a database, where it has one.
pub(super) async fn read(connection: &Connection, tenant: &Tenant) -> Result<Option<Stamp>, TenancyError> {
    let sql = "SELECT user_id, db_name, generation, schema_version FROM tenant";
    let stamps = query(connection, sql, &[], |row| {
        Ok(Stamp {
            user_id: row.get(0)?,
            db_name: row.get(1)?,
            generation: row.get(2)?,
            schema_version: row.get(3)?,
        })
    });
    Ok(stamps.await.map_err(|error| failed("read", tenant, error))?.into_iter().next())
}

impl Stamp {
    /// Whether it is the stamp of this very entry.
    pub(super) fn check(
        &self,
        tenant: &Tenant,
        name: &DatabaseName,
        generation: u64,
    ) -> Result<(), TenancyError> {
        let is_ours = self.user_id == tenant.key()
            && self.db_name == name.as_str()
            && u64::try_from(self.generation) == Ok(generation);
        if is_ours { Ok(()) } else { Err(TenancyError::Foreign { tenant: tenant.to_string() }) }
    }
}

/// Brings a database's schema to this program's version, and sees that the tables are there. Returns the version that
/// it has then.
pub(super) async fn migrate(connection: &Connection, entry: &Entry) -> Result<i64, TenancyError> {
    let tenant = &entry.tenant;
    let stamp = read(connection, tenant).await?;
    let stamp = stamp.ok_or_else(|| TenancyError::Foreign { tenant: tenant.to_string() })?;
    stamp.check(tenant, &entry.name, entry.generation)?;
    if stamp.schema_version > VERSION {
        return Err(TenancyError::NewerSchema { tenant: tenant.to_string() });
    }
    if stamp.schema_version < VERSION {
        // Whole or not at all, and by whoever comes first: the stamp moves with the tables.
        let step = format!(
            "BEGIN IMMEDIATE; {} UPDATE tenant SET schema_version = {VERSION} WHERE schema_version < {VERSION}; COMMIT;",
            steps()
        );
        connection.execute_batch(&step).await.map_err(|error| failed("bring up to date", tenant, error))?;
    }
    let sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')";
    let found: Vec<String> =
        query(connection, sql, &[], |row| row.get(0)).await.map_err(|error| failed("read", tenant, error))?;
    let lacks = |name: &&str| !found.iter().any(|there| there == name);
    if TRIGGERS.iter().any(lacks) {
        let kept = connection.execute_batch(KEEP_STAMP).await;
        kept.map_err(|error| failed("bring up to date", tenant, error))?;
    }
    match TABLES.into_iter().find(lacks) {
        Some(lacks) => Err(TenancyError::Schema {
            tenant: tenant.to_string(),
            said: stamp.schema_version.max(VERSION),
            lacks: lacks.to_string(),
        }),
        None => Ok(VERSION),
    }
}

fn failed(attempted: &'static str, tenant: &Tenant, error: libsql::Error) -> TenancyError {
    TenancyError::Database { attempted, tenant: tenant.to_string(), source: error.into() }
}
