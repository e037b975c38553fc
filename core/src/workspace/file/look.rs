//! What of the file is not as it should be, for whoever is asked how the data folder is.

use libsql::{Connection, Error, Value};

use super::{FileProvider, Opened, read};
use crate::catalog::{Trouble, query};
use crate::workspace::base::{BaseError, Dump, Rows};
use crate::workspace::snapshot::Snapshot;

/// Asks the text index to compare itself with the rows that it is of.
const CHECK_TEXT: &str = "INSERT INTO notes_text (notes_text, rank) VALUES ('integrity-check', 1)";

/// How the file stands beside a moment of the notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileLook {
    /// It holds that moment, whole, so many rows and problems, and says so.
    Same(usize),
    /// It is of other tables or of another document, or empty.
    Other,
    /// So many rows are not those of that moment.
    Differs(usize),
    /// Its rows are, and its mark says other than they are.
    Mark,
    /// SQLite finds this wrong with it.
    Damaged(String),
}

impl FileProvider {
    /// Compares the file with a moment, row by row, and has SQLite check the whole of it. A file that is not ours is an
    /// error, and is not touched.
    pub async fn look(&mut self, moment: &Snapshot) -> Result<FileLook, BaseError> {
        let name = self.path.display().to_string();
        let looked = match self.open().await {
            Ok(Opened { rows, connection, .. }) => look(connection, rows, moment).await,
            Err(error) if error.is_damage() => return Ok(FileLook::Damaged(error.to_string())),
            Err(error) => return Err(error),
        };
        let looked = looked.map_err(BaseError::of("read", &name));
        if looked.is_err() {
            self.opened = None;
        }
        match looked {
            Err(error) if error.is_damage() => Ok(FileLook::Damaged(error.to_string())),
            looked => looked,
        }
    }
}

async fn look(connection: &Connection, rows: &mut Rows, moment: &Snapshot) -> Result<FileLook, Error> {
    let told = query(connection, "PRAGMA integrity_check(1)", &[], |row| row.get::<String>(0)).await?;
    if let Some(wrong) = told.first().filter(|told| *told != "ok") {
        return Ok(FileLook::Damaged(wrong.clone()));
    }
    let Some(found) = read(connection, rows, moment).await? else { return Ok(FileLook::Other) };
    if let Err(error) = connection.execute(CHECK_TEXT, ()).await {
        return match Trouble::from(&error) {
            Trouble::Damaged | Trouble::Refused(_) => {
                Ok(FileLook::Damaged("its text index is not that of its rows".to_owned()))
            }
            _ => Err(error),
        };
    }
    let differences = found.differences(&Dump::of(moment)).len();
    if differences > 0 {
        return Ok(FileLook::Differs(differences));
    }
    let mark = [Value::Integer(i64::try_from(found.len()).unwrap_or(i64::MAX)), Value::Text(found.hash())];
    let sql = "SELECT count(*) FROM \"_zenith\" WHERE \"rows\" = ?1 AND \"dump_hash\" = ?2";
    let marks = query(connection, sql, &mark, |row| row.get::<i64>(0)).await?;
    Ok(if marks == [1] { FileLook::Same(found.len()) } else { FileLook::Mark })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Provider;
    use crate::workspace::testing::notes;

    #[tokio::test]
    async fn what_is_not_as_it_should_be_is_told_from_what_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.db");
        let mut file = FileProvider::new(&path).unwrap().unwrap();
        let mut history = notes(3);
        let moment = history.moment();
        assert_eq!(file.look(&moment).await.unwrap(), FileLook::Other, "nothing is in it");
        file.rebuild(&moment).await.unwrap();
        assert_eq!(file.look(&moment).await.unwrap(), FileLook::Same(3));
        history.take("notes", "note-1");
        assert_eq!(file.look(&history.moment()).await.unwrap(), FileLook::Differs(1));

        let other = libsql::Builder::new_local(&path).build().await.unwrap().connect().unwrap();
        other.execute("UPDATE _zenith SET rows = 7", ()).await.unwrap();
        assert_eq!(file.look(&moment).await.unwrap(), FileLook::Mark);
        other.execute("DROP TRIGGER notes_text_delete", ()).await.unwrap();
        other.execute("DELETE FROM notes", ()).await.unwrap();
        assert!(matches!(file.look(&moment).await.unwrap(), FileLook::Damaged(_)));
        file.rebuild(&moment).await.unwrap();
        assert_eq!(file.look(&moment).await.unwrap(), FileLook::Same(3), "made anew");
    }
}
