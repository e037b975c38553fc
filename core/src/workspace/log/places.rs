//! What was pushed to which place, and what was pulled from there.

use std::collections::BTreeSet;

use libsql::{TransactionBehavior, Value};

use super::{Log, checked};
use crate::catalog::{execute, query, query_one_integer};
use crate::workspace::error::WorkspaceError;

/// A place that notes are synchronised with: a store, or a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workspace) struct Place {
    pub id: i64,
    /// The last record that lies there.
    pub pushed: i64,
    /// How many packs were put there from here.
    pub packs: u64,
}

/// What a place does not have of the log.
#[derive(Debug)]
pub(in crate::workspace) enum Unpushed {
    /// Nothing: every record up to this one lies there, or came from there.
    Nothing { upto: i64 },
    /// These updates, up to the record of this number.
    Records { updates: Vec<Vec<u8>>, upto: i64 },
    /// A fold took some of it away: all of the document has them.
    Folded,
}

/// What stands among the packs of a place of which all is to be read anew. No pack is named so.
const ANEW: &str = "anew";

const PACK: &str = "INSERT OR IGNORE INTO packs (place, key) VALUES (?1, ?2)";

impl Log {
    /// A place by its name; it is new where nobody was there before.
    pub async fn place(&self, name: &str) -> Result<Place, WorkspaceError> {
        let values = [Value::Text(name.to_owned())];
        let fail = |error: libsql::Error| self.failed("write to", &error);
        execute(&self.connection, "INSERT OR IGNORE INTO places (name) VALUES (?1)", &values)
            .await
            .map_err(fail)?;
        let sql = "SELECT id, pushed, packs FROM places WHERE name = ?1";
        let found = query(&self.connection, sql, &values, |row| {
            Ok(Place { id: row.get(0)?, pushed: row.get(1)?, packs: row.get(2)? })
        });
        let found = found.await.map_err(fail)?;
        found.first().copied().ok_or_else(|| fail(libsql::Error::QueryReturnedNoRows))
    }

    /// The packs that were pulled from a place, or put there from here.
    pub async fn packs(&self, place: &Place) -> Result<BTreeSet<String>, WorkspaceError> {
        let sql = "SELECT key FROM packs WHERE place = ?1 AND key <> ?2";
        let values = [Value::Integer(place.id), Value::Text(ANEW.to_owned())];
        let found = query(&self.connection, sql, &values, |row| row.get(0)).await;
        Ok(found.map_err(|error| self.failed("read", &error))?.into_iter().collect())
    }

    /// Notes that all packs of every place are to be read anew, own ones too: what was in them is here no more.
    pub async fn read_anew(&self) -> Result<(), WorkspaceError> {
        let sql = "INSERT OR IGNORE INTO packs (place, key) SELECT id, ?1 FROM places";
        let done = execute(&self.connection, sql, &[Value::Text(ANEW.to_owned())]).await;
        done.map(drop).map_err(|error| self.failed("mend", &error))
    }

    /// Whether all packs of a place are to be read anew.
    pub async fn is_read_anew(&self, place: &Place) -> Result<bool, WorkspaceError> {
        let sql = "SELECT count(*) FROM packs WHERE place = ?1 AND key = ?2";
        let values = [Value::Integer(place.id), Value::Text(ANEW.to_owned())];
        let found = query(&self.connection, sql, &values, |row| row.get::<i64>(0)).await;
        Ok(found.map_err(|error| self.failed("read", &error))? != [0])
    }

    /// Notes that all packs of a place were read anew.
    pub async fn was_read_anew(&self, place: &Place) -> Result<(), WorkspaceError> {
        let sql = "DELETE FROM packs WHERE place = ?1 AND key = ?2";
        self.write(vec![(sql, [Value::Integer(place.id), Value::Text(ANEW.to_owned())])]).await
    }

    /// Notes that packs were pulled.
    pub async fn pulled(&self, place: &Place, keys: &[String]) -> Result<(), WorkspaceError> {
        let rows = keys.iter().map(|key| (PACK, [Value::Integer(place.id), Value::Text(key.clone())]));
        self.write(rows.collect()).await
    }

    /// Notes that a pack was put, with all records up to one.
    pub async fn pushed(&self, place: &Place, key: &str, upto: i64) -> Result<(), WorkspaceError> {
        let reached = "UPDATE places SET pushed = max(pushed, ?2), packs = packs + 1 WHERE id = ?1";
        let (id, key) = (Value::Integer(place.id), Value::Text(key.to_owned()));
        self.write(vec![(PACK, [id.clone(), key]), (reached, [id, Value::Integer(upto)])]).await
    }

    /// Notes that all records up to one lie at a place, though none of them was put there.
    pub async fn reached(&self, place: &Place, upto: i64) -> Result<(), WorkspaceError> {
        let sql = "UPDATE places SET pushed = max(pushed, ?2) WHERE id = ?1";
        self.write(vec![(sql, [Value::Integer(place.id), Value::Integer(upto)])]).await
    }

    /// Writes all of some rows, or none.
    async fn write(&self, rows: Vec<(&str, [Value; 2])>) -> Result<(), WorkspaceError> {
        let fail = |error: libsql::Error| self.failed("write to", &error);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
        for (sql, values) in rows {
            execute(&transaction, sql, &values).await.map_err(fail)?;
        }
        transaction.commit().await.map_err(fail)
    }

    /// What a place does not have, as of one moment of the log. What came from there is there.
    pub async fn unpushed(&self, place: &Place) -> Result<Unpushed, WorkspaceError> {
        let fail = |error: libsql::Error| self.failed("read", &error);
        let moment = self.connection.transaction_with_behavior(TransactionBehavior::Deferred).await;
        let moment = moment.map_err(fail)?;
        let folded = query_one_integer(&moment, "SELECT folded FROM meta").await.map_err(fail)?;
        if folded > Some(place.pushed) {
            return Ok(Unpushed::Folded);
        }
        let sql = "SELECT seq, origin, hash, bytes FROM updates WHERE seq > ?1 ORDER BY seq";
        let found = query(&moment, sql, &[Value::Integer(place.pushed)], |row| {
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, checked(row.get(2)?, row.get(3)?)))
        })
        .await
        .map_err(fail)?;
        let upto = found.last().map_or(place.pushed, |(seq, ..)| *seq);
        let ours = found.into_iter().filter(|(_, origin, _)| *origin != place.id);
        let updates: Vec<_> = ours.filter_map(|(.., bytes)| bytes).collect();
        Ok(if updates.is_empty() { Unpushed::Nothing { upto } } else { Unpushed::Records { updates, upto } })
    }
}
