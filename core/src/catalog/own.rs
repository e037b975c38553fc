//! How a database in a file of our own is opened.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use libsql::{Connection, Database, Error};

use super::trouble::EMPTY;

/// Opens a file, or makes it: with a rollback journal, and each commit on the disk before it is told. A statement waits for
/// another process's transaction for `patience`. SQLite takes a file without a byte for a new one; here that is one that
/// lost all that was in it, since none is ever made so.
pub(crate) async fn open_own(path: &Path, patience: Duration) -> Result<(Database, Connection), Error> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() && found.len() == 0 => {
            return Err(Error::SqliteFailure(EMPTY, "the file is empty".to_owned()));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(path).await?,
        _ => {}
    }
    open(path, patience).await
}

async fn open(path: &Path, patience: Duration) -> Result<(Database, Connection), Error> {
    let database = libsql::Builder::new_local(path).build().await?;
    let connection = database.connect()?;
    connection.busy_timeout(patience)?;
    connection.execute_batch("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;").await?;
    Ok((database, connection))
}

/// Makes a database without tables under another name, and gives it its own when it has its first page. Where another
/// process was first, that one's stays.
async fn make(path: &Path) -> Result<(), Error> {
    let fresh = beside(path);
    let made = fill(&fresh).await;
    let named = made.and_then(|()| give_name(&fresh, path).map_err(|_| cannot_open()));
    // What is left of it costs some bytes.
    let _ = std::fs::remove_file(&fresh);
    named
}

/// Gives a file that was made under another name its own, unless another has it by now.
pub(crate) fn give_name(fresh: &Path, path: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(fresh, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // There are disks without links.
        Err(_) if !path.exists() => std::fs::rename(fresh, path),
        _ => Ok(()),
    }
}

async fn fill(fresh: &Path) -> Result<(), Error> {
    let connection = libsql::Builder::new_local(fresh).build().await?.connect()?;
    // Any transaction writes the first page; its journal goes with it.
    connection.execute_batch("PRAGMA user_version = 0;").await?;
    Ok(())
}

/// A name that no other process makes.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".new-{}", uuid::Uuid::new_v4().simple()));
    path.with_file_name(name)
}

fn cannot_open() -> Error {
    const CANNOT_OPEN: i32 = 14;
    Error::SqliteFailure(CANNOT_OPEN, "the file cannot be named".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Trouble;

    const PATIENCE: Duration = Duration::from_secs(5);

    async fn trouble(path: &Path) -> Option<Trouble> {
        open_own(path, PATIENCE).await.err().map(Trouble::from)
    }

    #[tokio::test]
    async fn a_file_is_never_without_a_byte_and_one_that_is_has_lost_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let opened = open_own(&path, PATIENCE).await.unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() > 0, "before any table is in it");
        opened.1.execute("CREATE TABLE kept (it TEXT)", ()).await.unwrap();
        drop(opened);
        assert_eq!(trouble(&path).await, None);
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
        assert!(
            files.into_iter().all(|name| name.to_string_lossy().starts_with("log.db")
                && !name.to_string_lossy().contains("new"))
        );
        std::fs::write(&path, "").unwrap();
        assert_eq!(trouble(&path).await, Some(Trouble::Empty));
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0, "and it is left as it is");
    }

    #[tokio::test]
    async fn what_cannot_be_opened_is_told_as_that() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(trouble(folder.path()).await, Some(Trouble::CannotOpen), "a folder in its place");
        let absent = folder.path().join("absent").join("log.db");
        assert_eq!(trouble(&absent).await, Some(Trouble::CannotOpen), "no folder around it");
    }
}
