//! The files that nothing can be derived of and that only few commands open: what is authored, and the jobs of this machine.

use std::path::{Path, PathBuf};

use libsql::OpenFlags;

use super::{Finding, State};
use crate::catalog::{Trouble, query};
use crate::zenith::jobs_path;

/// Has SQLite look at each of them that is there. Nothing of them is changed, nor made.
pub async fn look(data_dir: &Path) -> Vec<Finding> {
    let authored = data_dir.join("instances").join("authored.db");
    let mut findings = Vec::new();
    for (part, path) in [("instances", authored), ("jobs", jobs_path(data_dir))] {
        // Whatever is there but no file is told by what it cannot be opened for.
        if path.symlink_metadata().is_err() {
            continue;
        }
        let name = path.display();
        let (state, what) = match wrong(path.clone()).await {
            Ok(None) => (State::Ok, format!("{name} reads whole")),
            Ok(Some(wrong)) => (State::Broken, advised(&path, &format!("is damaged: {wrong}"))),
            Err(Trouble::Busy) => (State::Ok, format!("{name} is being written to, and was not looked at")),
            Err(trouble @ Trouble::Damaged) => {
                (State::Broken, advised(&path, &format!("cannot be read: {trouble}")))
            }
            Err(trouble) => (State::Broken, format!("{name} cannot be read: {trouble}")),
        };
        findings.push(Finding { part, state, what });
    }
    findings
}

fn advised(path: &Path, what: &str) -> String {
    format!("{} {what}; put a copy of it back, or move it away to begin anew", path.display())
}

/// What SQLite finds wrong with a file, if anything.
async fn wrong(path: PathBuf) -> Result<Option<String>, Trouble> {
    if std::fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() == 0) {
        return Err(Trouble::Empty);
    }
    // Written to by nobody here, but for what a killed process left half done, which SQLite undoes.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let connection = libsql::Builder::new_local(path).flags(flags).build().await?.connect()?;
    let found = query(&connection, "PRAGMA quick_check(1)", &[], |row| row.get::<String>(0)).await?;
    Ok(found.into_iter().next().filter(|line| line != "ok").map(|line| one_line(&line)))
}

/// SQLite puts a title before what it finds, and may use several lines.
pub(super) fn one_line(told: &str) -> String {
    let lines = told.lines().filter(|line| !line.starts_with("***"));
    lines.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqlite_finds_is_told_on_one_line() {
        let told = "*** in database main ***\nTree 7 page 7: btreeInitPage() returns error code 11\nmore";
        assert_eq!(one_line(told), "Tree 7 page 7: btreeInitPage() returns error code 11; more");
    }

    #[tokio::test]
    async fn what_is_authored_and_the_jobs_are_looked_at_and_named() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(look(folder.path()).await, [], "none is made");
        let (authored, jobs) = (folder.path().join("instances/authored.db"), jobs_path(folder.path()));
        std::fs::create_dir(folder.path().join("instances")).unwrap();
        let connection = libsql::Builder::new_local(&jobs).build().await.unwrap().connect().unwrap();
        connection
            .execute_batch("CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(50000));")
            .await
            .unwrap();
        drop(connection);
        let whole = std::fs::read(&jobs).unwrap();
        std::fs::write(&authored, "my own words, and more of them than a header of SQLite has ".repeat(9))
            .unwrap();
        let told = look(folder.path()).await;
        let states: Vec<_> = told.iter().map(|finding| (finding.part, finding.state)).collect();
        assert_eq!(states, [("instances", State::Broken), ("jobs", State::Ok)]);
        assert!(told[0].what.contains("authored.db") && told[0].what.contains("put a copy"), "{told:?}");
        for broken in [&whole[..whole.len() / 2], b""] {
            std::fs::write(&jobs, broken).unwrap();
            let told = look(folder.path()).await.pop().unwrap();
            assert_eq!(told.state, State::Broken, "{told:?}");
            assert!(told.what.contains("jobs.db") && told.what.contains("begin anew"), "{told:?}");
            assert!(!told.what.contains('\n') && std::fs::read(&jobs).unwrap() == broken);
        }
    }
}
