//! A tenant's database as a file that any SQLite reads: to be handed to whom it belongs to, and to be brought back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libsql::{Connection, TransactionBehavior, Value};
use serde::Serialize;

use super::tenant::Tenant;
use super::{Tenancy, TenancyError, schema};
use crate::catalog::{execute, query};

/// Rows of one INSERT. SQLite takes 32,766 values in a statement; the widest table of ours has 25 columns.
const ROWS_EACH: usize = 200;
const VALUES_MAX: usize = 30_000;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    pub tenant: String,
    pub path: PathBuf,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// BLAKE3 of all rows, table by table in the order of their names; the same rows have the same hash.
    pub hash: String,
}

impl Tenancy {
    /// Copies a tenant's database into a new file, as of one moment. The file appears when it is whole.
    pub async fn export(&self, tenant: &Tenant, path: &Path) -> Result<Exported, TenancyError> {
        let opened = self.open(tenant).await?;
        let from = opened.connect()?;
        let failed = |error: libsql::Error| TenancyError::Database {
            attempted: "copy",
            tenant: tenant.to_string(),
            source: error.into(),
        };
        let file = |source: std::io::Error| TenancyError::File { path: path.to_path_buf(), source };
        let part = path.with_extension("part");
        if path.exists() {
            return Err(TenancyError::FileThere { path: path.to_path_buf() });
        }
        match std::fs::remove_file(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file(error)),
            _ => {}
        }
        // For its owner alone: it holds what a person keeps.
        crate::private::write_private(&part, b"").map_err(file)?;
        let database = libsql::Builder::new_local(&part).build().await.map_err(failed)?;
        let to = database.connect().map_err(failed)?;
        let moment = from.transaction_with_behavior(TransactionBehavior::Deferred).await.map_err(failed)?;
        let (rows, hash) = copy(&moment, &to).await.map_err(failed)?;
        // Nothing was written.
        moment.rollback().await.map_err(failed)?;
        drop((to, database));
        std::fs::File::open(&part).and_then(|written| written.sync_all()).map_err(file)?;
        std::fs::rename(&part, path).map_err(file)?;
        Ok(Exported { tenant: tenant.to_string(), path: path.to_path_buf(), rows, hash })
    }

    /// Puts what was exported of a tenant back into their database, in place of what is there. Whose it is, its stamp
    /// says: another's is refused.
    pub async fn import(&self, tenant: &Tenant, path: &Path) -> Result<BTreeMap<String, u64>, TenancyError> {
        let entry = self.known(tenant).await?;
        let failed = |error: libsql::Error| TenancyError::Database {
            attempted: "bring back",
            tenant: tenant.to_string(),
            source: error.into(),
        };
        if !path.is_file() {
            let source = std::io::ErrorKind::NotFound.into();
            return Err(TenancyError::File { path: path.to_path_buf(), source });
        }
        let database = libsql::Builder::new_local(path).build().await.map_err(failed)?;
        let from = database.connect().map_err(failed)?;
        // What is no database of SQLite, and one without a stamp, none of ours wrote.
        let no_export = || TenancyError::NoExport { path: path.to_path_buf() };
        let stamp = schema::read(&from, tenant).await.map_err(|_| no_export())?.ok_or_else(no_export)?;
        if stamp.user_id != tenant.key() {
            return Err(TenancyError::Foreign { tenant: tenant.to_string() });
        }
        let opened = self.open_entry(&entry).await?;
        let to = opened.connect()?;
        let whole = to.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(failed)?;
        let mut rows = BTreeMap::new();
        for (name, create) in tables(&from).await.map_err(failed)? {
            // Whose the database is, and who schedules in it, is not brought back.
            if name == "tenant" || name == "scheduler" {
                continue;
            }
            let is_there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1";
            let there =
                query(&whole, is_there, &[Value::Text(name.clone())], |_| Ok(())).await.map_err(failed)?;
            if there.is_empty() {
                execute(&whole, &create, &[]).await.map_err(failed)?;
            }
            execute(&whole, &format!("DELETE FROM {}", quoted(&name)), &[]).await.map_err(failed)?;
            let count = copy_rows(&from, &whole, &name, |_| {}).await.map_err(failed)?;
            rows.insert(name, count);
        }
        whole.commit().await.map_err(failed)?;
        Ok(rows)
    }
}

/// Copies tables with their rows, then what is built over them.
async fn copy(from: &Connection, to: &Connection) -> Result<(BTreeMap<String, u64>, String), libsql::Error> {
    let (mut rows, mut hasher) = (BTreeMap::new(), blake3::Hasher::new());
    for (name, create) in tables(from).await? {
        execute(to, &create, &[]).await?;
        hasher.update(name.as_bytes());
        let whole = to.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        let count = copy_rows(from, &whole, &name, |row| {
            // Debug names each value's type, so that 1 and "1" differ.
            hasher.update(format!("{row:?}\n").as_bytes());
        })
        .await?;
        whole.commit().await?;
        rows.insert(name, count);
    }
    let others =
        "SELECT sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL ORDER BY type, name";
    for create in query(from, others, &[], |row| row.get::<String>(0)).await? {
        execute(to, &create, &[]).await?;
    }
    Ok((rows, hasher.finalize().to_hex().to_string()))
}

/// The tables that are the tenant's, with the statements that make them.
async fn tables(connection: &Connection) -> Result<Vec<(String, String)>, libsql::Error> {
    let sql = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL \
               AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'libsql!_%' ESCAPE '!' ORDER BY name";
    query(connection, sql, &[], |row| Ok((row.get(0)?, row.get(1)?))).await
}

async fn copy_rows(
    from: &Connection,
    to: &Connection,
    table: &str,
    mut each: impl FnMut(&[Value]),
) -> Result<u64, libsql::Error> {
    let mut rows = from.query(&format!("SELECT * FROM {}", quoted(table)), ()).await?;
    let (mut count, mut waiting, mut columns) = (0, Vec::new(), 0);
    while let Some(row) = rows.next().await? {
        columns = usize::try_from(row.column_count()).unwrap_or(0).max(1);
        let values = (0..row.column_count()).map(|at| row.get_value(at)).collect::<Result<Vec<_>, _>>()?;
        each(&values);
        waiting.extend(values);
        count += 1;
        if waiting.len() >= columns * ROWS_EACH.min((VALUES_MAX / columns).max(1)) {
            insert(to, table, columns, std::mem::take(&mut waiting)).await?;
        }
    }
    if !waiting.is_empty() {
        insert(to, table, columns, waiting).await?;
    }
    Ok(count)
}

async fn insert(
    to: &Connection,
    table: &str,
    columns: usize,
    values: Vec<Value>,
) -> Result<(), libsql::Error> {
    let row = format!("({})", vec!["?"; columns].join(", "));
    let rows = vec![row.as_str(); values.len() / columns].join(", ");
    to.execute(&format!("INSERT INTO {} VALUES {rows}", quoted(table)), values).await?;
    Ok(())
}

/// A name as SQL writes it: it comes from a database that its tenant may change.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
