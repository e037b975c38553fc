//! The base in memory: the tables, and the vectors of notes beside them.

use std::collections::{BTreeSet, HashMap};

use libsql::{Connection, Database, Error, Value};

use super::embeddings::Blob;
use crate::catalog::query;
use crate::workspace::base::{Rows, whole};
use crate::workspace::snapshot::{Changes, Snapshot};
use crate::workspace::table::TABLES;

/// One row a vector, however many pieces are equal: an index of equal vectors loses all but a few. A vector's number is
/// never used twice, so that an index that was built before can be told from what came since. `coarse` is the same in
/// a quarter of the bytes, for the scan; its order is not trusted, the whole vector decides.
const CREATE: &str = "\
CREATE TABLE vectors (vid INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, e F32_BLOB(384) NOT NULL);
CREATE TABLE coarse (vid INTEGER PRIMARY KEY, e F8_BLOB(384) NOT NULL);
CREATE TABLE pieces (note TEXT NOT NULL, piece INTEGER NOT NULL, vid INTEGER, PRIMARY KEY (note, piece)) \
WITHOUT ROWID;
CREATE INDEX pieces_of_vectors ON pieces (vid);
";

/// What notes have vectors of: one an entry, `None` where the model has nothing to say of a piece.
pub(super) type Embedded = Vec<(String, Vec<Option<Blob>>)>;

/// One connection: every other one to `:memory:` would be an empty base of its own.
pub(super) struct Base {
    pub rows: Rows,
    pub connection: Connection,
    _database: Database,
}

impl Base {
    /// A base of a moment.
    pub async fn of(snapshot: &Snapshot, notes: Embedded, model: &str) -> Result<Base, Error> {
        let database = libsql::Builder::new_local(":memory:").build().await?;
        let connection = database.connect()?;
        let mut base = Base { rows: Rows::new(TABLES), connection, _database: database };
        let rows = &mut base.rows;
        whole(&base.connection, async |connection| {
            rows.fill(connection, snapshot).await?;
            connection.execute_batch(CREATE).await?;
            put(connection, notes).await?;
            rows.mark(connection, snapshot, Some(model)).await
        })
        .await?;
        Ok(base)
    }

    /// Brings what changed, with the vectors of the notes that are there.
    pub async fn patch(
        &mut self,
        changes: &Changes,
        snapshot: &Snapshot,
        notes: Embedded,
        model: &str,
    ) -> Result<(), Error> {
        let rows = &mut self.rows;
        whole(&self.connection, async |connection| {
            rows.patch(connection, changes, snapshot).await?;
            let changed = changes.rows.iter().filter(|(table, _)| *table == super::NOTES);
            let changed: Vec<&String> = changed.map(|(_, id)| id).collect();
            take(connection, &changed).await?;
            put(connection, notes).await?;
            rows.mark(connection, snapshot, Some(model)).await
        })
        .await
    }

    /// How many distinct vectors there are, and the highest number of one.
    pub async fn count(&self) -> Result<(u64, i64), Error> {
        let sql = "SELECT count(*), coalesce(max(vid), 0) FROM vectors";
        let found = query(&self.connection, sql, &[], |row| Ok((row.get::<u64>(0)?, row.get::<i64>(1)?)));
        Ok(found.await?.first().copied().unwrap_or_default())
    }

    /// What every note's pieces are near to, as hashes of their vectors, and whether each vector is one of some piece:
    /// for comparing with what they should be.
    pub async fn pieces(&self) -> Result<BTreeSet<(String, i64, Option<Vec<u8>>)>, Error> {
        let sql = "SELECT CAST(note AS BLOB), piece, hash FROM pieces LEFT JOIN vectors USING (vid) \
                   UNION ALL SELECT x'', vid, hash FROM vectors WHERE vid NOT IN (SELECT vid FROM pieces WHERE vid IS NOT NULL) \
                   UNION ALL SELECT x'', vid, NULL FROM coarse WHERE vid NOT IN (SELECT vid FROM vectors)";
        let found = query(&self.connection, sql, &[], |row| {
            let hash = match row.get_value(2)? {
                Value::Blob(hash) => Some(hash),
                _ => None,
            };
            Ok((super::text(row, 0)?, row.get::<i64>(1)?, hash))
        });
        Ok(found.await?.into_iter().collect())
    }
}

/// The hash that tells vectors apart.
pub(super) fn hash_of(vector: &[u8]) -> Vec<u8> {
    blake3::hash(vector).as_bytes().to_vec()
}

async fn put(connection: &Connection, notes: Embedded) -> Result<(), Error> {
    let new =
        "INSERT INTO vectors (hash, e) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET hash = hash RETURNING vid";
    let new = connection.prepare(new).await?;
    let coarse = connection.prepare("INSERT OR IGNORE INTO coarse (vid, e) VALUES (?1, vector8(?2))").await?;
    let piece = connection.prepare("INSERT INTO pieces (note, piece, vid) VALUES (?1, ?2, ?3)").await?;
    let mut numbers: HashMap<Vec<u8>, i64> = HashMap::new();
    for (note, vectors) in notes {
        for (at, vector) in (0_i64..).zip(vectors) {
            let vid = match vector {
                None => Value::Null,
                Some(vector) => {
                    let hash = hash_of(&vector);
                    Value::Integer(match numbers.get(&hash) {
                        Some(vid) => *vid,
                        None => {
                            let blob = Value::Blob(vector.to_vec());
                            new.reset();
                            let mut rows = new.query(vec![Value::Blob(hash.clone()), blob.clone()]).await?;
                            let vid = rows.next().await?.ok_or(Error::QueryReturnedNoRows)?.get::<i64>(0)?;
                            // To its end, or the statement goes on.
                            while rows.next().await?.is_some() {}
                            coarse.reset();
                            coarse.execute(vec![Value::Integer(vid), blob]).await?;
                            numbers.insert(hash, vid);
                            vid
                        }
                    })
                }
            };
            piece.reset();
            piece.execute(vec![Value::Text(note.clone()), Value::Integer(at), vid]).await?;
        }
    }
    Ok(())
}

/// Removes what changed notes had: their pieces, and the vectors that no other piece has.
async fn take(connection: &Connection, notes: &[&String]) -> Result<(), Error> {
    for note in notes {
        let sql = "DELETE FROM pieces WHERE note = ?1 RETURNING vid";
        let had = query(connection, sql, &[Value::Text((*note).clone())], |row| row.get_value(0)).await?;
        for vid in had.into_iter().filter(|vid| !matches!(vid, Value::Null)) {
            for table in ["coarse", "vectors"] {
                let sql = format!(
                    "DELETE FROM {table} WHERE vid = ?1 AND NOT EXISTS (SELECT 1 FROM pieces WHERE vid = ?1)"
                );
                connection.execute(&sql, [vid.clone()]).await?;
            }
        }
    }
    Ok(())
}
