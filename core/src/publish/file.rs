//! The files of this room's databases: each says whose it is, and none that is another's is written into.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::error::PublishError;
use super::schema::{Home, ensure};
use crate::catalog::{Trouble, beside, give_name, query_one_integer};

/// `ZNTA`: what is authored.
pub(super) const AUTHORED: i64 = 0x5a4e_5441;
/// `ZNTS`: what readers saw.
pub(super) const SEEN: i64 = 0x5a4e_5453;

/// Reads a file that somebody else writes, of at most so many bytes and one more. What is no file may never end.
pub(super) fn read_file(path: &Path, bytes_max: usize) -> std::io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a database says that it is of this kind. It is asked before anything else: to be opened as ours alone would
/// change how it is kept.
pub(super) async fn is_marked(path: &Path, mark: i64) -> Result<bool, libsql::Error> {
    let connection = libsql::Builder::new_local(path).build().await?.connect()?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(query_one_integer(&connection, "PRAGMA application_id").await? == Some(mark))
}

/// Makes the file of what is authored where there is none, and refuses what is none of ours. One with nothing in it is
/// what a disk or a copy left of one that had something: it is made whole, under another name, and never comes to stand
/// there empty.
pub(super) async fn ready(path: &Path) -> Result<(), PublishError> {
    let named = || path.display().to_string();
    let fail = |attempted, source| PublishError::File { attempted, path: named(), source };
    match std::fs::metadata(path) {
        Ok(of) if of.len() == 0 => return Err(PublishError::Emptied { path: named() }),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => make(path).await?,
        Err(error) => return Err(fail("read", error)),
    }
    match is_marked(path, AUTHORED).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(PublishError::OtherFile { path: named() }),
        Err(error) => Err(Trouble::from(error).into()),
    }
}

async fn make(path: &Path) -> Result<(), PublishError> {
    let making = beside(path);
    let fail = |source| PublishError::File { attempted: "create", path: path.display().to_string(), source };
    let made = async {
        let connection = libsql::Builder::new_local(&making).build().await?.connect()?;
        // Nobody else knows it, and what is left of it by a crash is nobody's.
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL;").await?;
        ensure(&connection, &Home::Authored).await
    };
    let linked = match made.await {
        Ok(()) => give_name(&making, path).map_err(fail),
        Err(error) => Err(error),
    };
    // One that stays behind does no harm.
    let _ = std::fs::remove_file(&making);
    linked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::Authored;
    use crate::publish::trial::{FAQ, authored, id};

    #[tokio::test]
    async fn a_file_of_another_kind_or_with_nothing_in_it_is_refused_and_left_as_it_is() {
        let (folder, first) = authored().await;
        first.save(&id("wgt_main_faq"), None, FAQ.as_bytes()).await.unwrap();
        drop(first);
        let path = folder.path().join("authored.db");
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(Authored::open(folder.path()).await.unwrap().list().await.unwrap().len(), 1);

        let other = folder.path().join("other.db");
        let notes = libsql::Builder::new_local(&other).build().await.unwrap().connect().unwrap();
        notes.execute_batch("PRAGMA application_id = 1; CREATE TABLE notes (id)").await.unwrap();
        drop(notes);
        for bytes in [std::fs::read(&other).unwrap(), Vec::new(), b"no database, and long enough".repeat(9)] {
            std::fs::write(&path, &bytes).unwrap();
            let refused = Authored::open(folder.path()).await.map(drop).unwrap_err();
            match bytes.is_empty() {
                true => assert!(matches!(refused, PublishError::Emptied { .. }), "{refused}"),
                false => assert!(
                    matches!(
                        refused,
                        PublishError::OtherFile { .. } | PublishError::Database(Trouble::Damaged)
                    ),
                    "{refused}"
                ),
            }
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing was written into it");
        }
        std::fs::write(&path, whole).unwrap();
        assert_eq!(Authored::open(folder.path()).await.unwrap().list().await.unwrap().len(), 1);
        std::fs::remove_file(&path).unwrap();
        assert!(
            Authored::open(folder.path()).await.unwrap().list().await.unwrap().is_empty(),
            "it is begun anew"
        );
        let left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|of| of.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains(".new-")), "{left:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_who_begin_at_once_begin_one() {
        let folder = tempfile::tempdir().unwrap();
        let opened = (0..8).map(|_| {
            let path = folder.path().to_path_buf();
            tokio::spawn(async move { Authored::open(&path).await.map(drop) })
        });
        for opened in opened.collect::<Vec<_>>() {
            opened.await.unwrap().unwrap();
        }
    }
}
