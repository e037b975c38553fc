//! Folding: many records become one snapshot. Nothing that only one place holds is ever deleted: the snapshot before stays,
//! and with it every record since, so that a damaged snapshot costs nothing.

use libsql::{TransactionBehavior, Value};

use super::{Log, checked, hash};
use crate::catalog::{NOW_MS, execute, query};
use crate::workspace::error::WorkspaceError;

impl Log {
    /// Keeps `state`, which holds every record up to `upto` but those in `damaged`, as the newest snapshot. Deletes the
    /// records that the snapshot before it holds, if that one can be read: each was loaded by who made it. Nothing is
    /// done where another process has folded as much or more.
    pub async fn fold(&self, upto: i64, state: &[u8], damaged: &[i64]) -> Result<(), WorkspaceError> {
        let fail = |error: libsql::Error| self.failed("fold", &error);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
        let newest = "SELECT upto, hash, bytes FROM snapshots ORDER BY upto DESC LIMIT 1";
        let newest = query(&transaction, newest, &[], |row| {
            Ok((row.get::<i64>(0)?, checked(row.get(1)?, row.get(2)?).is_some()))
        });
        let newest = newest.await.map_err(fail)?.first().copied();
        if newest.is_some_and(|(newest, _)| newest >= upto) {
            return Ok(());
        }
        let sql = format!("INSERT INTO snapshots (upto, hash, bytes, at) VALUES (?1, ?2, ?3, {NOW_MS})");
        let values = [Value::Integer(upto), Value::Blob(hash(state)), Value::Blob(state.to_vec())];
        execute(&transaction, &sql, &values).await.map_err(fail)?;
        if let Some((before, true)) = newest {
            let before = [Value::Integer(before)];
            // Numbers of ours: a list of them cannot be bound.
            let damaged: Vec<_> = damaged.iter().map(i64::to_string).collect();
            let sql = format!("DELETE FROM updates WHERE seq <= ?1 AND seq NOT IN ({})", damaged.join(","));
            execute(&transaction, &sql, &before).await.map_err(fail)?;
            let sql = "DELETE FROM snapshots WHERE upto < ?1";
            execute(&transaction, sql, &before).await.map_err(fail)?;
            execute(&transaction, "UPDATE meta SET folded = ?1", &before).await.map_err(fail)?;
        }
        transaction.commit().await.map_err(fail)
    }
}
