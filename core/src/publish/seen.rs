//! What a reader saw: of each instance the highest number, and what it was. In a file that many programs share, so that
//! neither a restart nor another reader makes it forget anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use libsql::{Connection, Error, Row, Value};
use tokio::sync::OnceCell;

use super::canonical::Sha256;
use super::file::{SEEN, is_marked};
use crate::catalog::{execute, open_own, query};

const PATIENCE: Duration = Duration::from_secs(2);
const TABLE: &str = "CREATE TABLE IF NOT EXISTS seen (
    what TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, sha256 TEXT NOT NULL
) STRICT, WITHOUT ROWID";

/// A number, and what was published under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    pub sequence: u64,
    pub sha256: Sha256,
}

/// A memory, and no truth: where its file cannot be used, it lasts as long as the program.
#[derive(Default)]
pub(super) struct Seen {
    path: Option<PathBuf>,
    file: OnceCell<Option<Connection>>,
    known: Mutex<BTreeMap<String, Sight>>,
}

impl Seen {
    pub fn in_file(path: &Path) -> Seen {
        Seen { path: Some(path.to_path_buf()), ..Seen::default() }
    }

    /// Remembers a sight, and says which of all is the highest. Of two of one number that is the one that was seen first:
    /// that they differ is for whoever asked.
    pub async fn see(&self, what: &str, sight: Sight) -> Sight {
        let kept = match self.file().await {
            Some(connection) => keep(connection, what, &sight).await.ok().flatten(),
            None => None,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.get(what).cloned();
        let higher = |one: Sight, other: Sight| if other.sequence > one.sequence { other } else { one };
        let highest = kept.into_iter().chain(before).reduce(higher);
        let highest = highest.map_or_else(|| sight.clone(), |highest| higher(highest, sight.clone()));
        known.insert(what.to_string(), highest.clone());
        highest
    }

    async fn file(&self) -> Option<&Connection> {
        let path = self.path.as_ref()?;
        let open = async || {
            std::fs::create_dir_all(path.parent()?).ok()?;
            // In one transaction: a crash leaves one without a byte, which is begun again.
            if std::fs::metadata(path).map_or(true, |of| of.len() == 0) {
                let fresh = libsql::Builder::new_local(path).build().await.ok()?.connect().ok()?;
                fresh.busy_timeout(PATIENCE).ok()?;
                let made = format!("BEGIN IMMEDIATE; {TABLE}; PRAGMA application_id = {SEEN}; COMMIT;");
                fresh.execute_batch(&made).await.ok()?;
            }
            // Another's is left as it is.
            if !is_marked(path, SEEN).await.ok()? {
                return None;
            }
            let (_, connection) = open_own(path, PATIENCE).await.ok()?;
            Some(connection)
        };
        self.file.get_or_init(open).await.as_ref()
    }
}

/// Keeps a sight that is higher than what is there, and says what is there then.
async fn keep(connection: &Connection, what: &str, sight: &Sight) -> Result<Option<Sight>, Error> {
    let there = kept(connection, what).await?;
    if there.as_ref().is_some_and(|there| there.sequence >= sight.sequence) {
        return Ok(there);
    }
    let sql = "INSERT INTO seen (what, sequence, sha256) VALUES (?1, ?2, ?3) ON CONFLICT (what) DO UPDATE \
               SET sequence = excluded.sequence, sha256 = excluded.sha256 WHERE excluded.sequence > seen.sequence";
    let sequence = Value::Integer(i64::try_from(sight.sequence).unwrap_or(i64::MAX));
    let values = [Value::Text(what.to_string()), sequence, Value::Text(sight.sha256.to_string())];
    execute(connection, sql, &values).await?;
    kept(connection, what).await
}

async fn kept(connection: &Connection, what: &str) -> Result<Option<Sight>, Error> {
    let sql = "SELECT sequence, sha256 FROM seen WHERE what = ?1";
    let read = |row: &Row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?));
    let found = query(connection, sql, &[Value::Text(what.to_string())], read).await?;
    // A row that nobody here wrote counts as none.
    let sight = |(sequence, sha256): (i64, String)| {
        Some(Sight { sequence: u64::try_from(sequence).ok()?, sha256: Sha256::try_from(sha256).ok()? })
    };
    Ok(found.into_iter().find_map(sight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_one_reader_saw_another_remembers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/seen.db");
        let sight = |sequence| Sight { sequence, sha256: Sha256::of(format!("{sequence}").as_bytes()) };
        let (one, other) = (Seen::in_file(&path), Seen::in_file(&path));
        assert_eq!(one.see("x", sight(5)).await, sight(5));
        assert_eq!(other.see("y", sight(7)).await, sight(7));
        assert_eq!(other.see("x", sight(4)).await, sight(5));
        let again = Seen::in_file(&path);
        assert_eq!(again.see("y", sight(6)).await, sight(7));
        let forked = Sight { sequence: 7, sha256: Sha256::of(b"other") };
        for reader in [again, Seen::in_file(&path)] {
            assert_eq!(reader.see("y", forked.clone()).await, sight(7));
        }
        assert_eq!(one.see("y", sight(8)).await, sight(8));
        assert_eq!(other.see("y", sight(8)).await, sight(8));

        let other = folder.path().join("other.db");
        let database = libsql::Builder::new_local(&other).build().await.unwrap().connect().unwrap();
        database.execute_batch("CREATE TABLE authored (id)").await.unwrap();
        drop(database);
        let before = std::fs::read(&other).unwrap();
        assert_eq!(Seen::in_file(&other).see("x", sight(3)).await, sight(3));
        assert_eq!(std::fs::read(&other).unwrap(), before, "what is another's stays");

        std::fs::write(&path, "no database at all, but long enough to look as if it were one").unwrap();
        let forgetful = Seen::in_file(&path);
        assert_eq!(forgetful.see("x", sight(1)).await, sight(1));
        assert_eq!(forgetful.see("x", sight(2)).await, sight(2));
        assert_eq!(forgetful.see("x", sight(1)).await, sight(2), "it lasts as long as the program");
    }
}
