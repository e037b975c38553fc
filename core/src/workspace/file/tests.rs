use std::io::Write;

use super::*;
use crate::workspace::testing::{History, note, notes};

/// A file in a folder of its own, kept.
fn kept() -> (tempfile::TempDir, PathBuf, FileProvider) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    let provider = FileProvider::new(&path).unwrap().unwrap();
    (folder, path, provider)
}

async fn other_program(path: &Path) -> Connection {
    let connection = libsql::Builder::new_local(path).build().await.unwrap().connect().unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection
}

async fn ask(connection: &Connection, sql: &str) -> Vec<String> {
    query(connection, sql, &[], |row| row.get::<String>(0)).await.unwrap()
}

impl FileProvider {
    /// What SQLite itself says of the file and its text index.
    pub(in crate::workspace) async fn holds_together(&mut self) {
        let connection = &self.open().await.unwrap().connection;
        assert_eq!(ask(connection, "PRAGMA integrity_check").await, ["ok"]);
        let text = "INSERT INTO notes_text (notes_text, rank) VALUES ('integrity-check', 1)";
        connection.execute(text, ()).await.unwrap();
    }
}

#[tokio::test]
async fn another_program_reads_the_tables_and_what_they_mean() {
    let (_folder, path, mut provider) = kept();
    let mut history = History::default();
    history.put("notes", note("1", "Spawning tasks", "A task is *spawned* on a runtime."));
    history.spoil("tags", "2", &["name", "colour"]);
    provider.rebuild(&history.moment()).await.unwrap();

    let other = other_program(&path).await;
    assert_eq!(ask(&other, "SELECT title FROM notes").await, ["Spawning tasks"]);
    let found = "SELECT notes.id FROM notes_text JOIN notes ON number = notes_text.rowid WHERE notes_text MATCH 'spawn runtimes'";
    assert_eq!(ask(&other, found).await, ["1"], "other forms of the words are found");
    assert_eq!(ask(&other, "SELECT field FROM problems ORDER BY place").await, ["name", "colour"]);
    assert_eq!(
        ask(&other, "SELECT document || ' ' || generation || ' ' || rows FROM _zenith").await,
        ["a document 1 2"]
    );
    assert_eq!(
        ask(&other, "SELECT about FROM _columns WHERE \"table\" = 'notes' AND \"column\" = 'body'").await,
        ["Markdown"]
    );
    // Each column of each table is told of.
    let undocumented = "SELECT s.name || '.' || c.name FROM sqlite_schema s, pragma_table_info(s.name) c \
                        LEFT JOIN _columns d ON d.\"table\" = s.name AND d.\"column\" = c.name \
                        WHERE s.type = 'table' AND s.name NOT LIKE 'notes~_text%' ESCAPE '~' \
                        AND s.name <> '_columns' AND d.about IS NULL";
    assert_eq!(ask(&other, undocumented).await, Vec::<String>::new());
    let header = std::fs::read(&path).unwrap();
    assert_eq!(&header[68..72], b"ZNTH");
    assert!(!path.with_extension("db-wal").exists() && header[18] == 1, "a rollback journal");
}

#[tokio::test]
async fn a_reader_sees_one_moment_whole_and_a_commit_that_it_holds_up_is_brought_later() {
    let (_folder, path, mut provider) = kept();
    let mut history = notes(300);
    provider.rebuild(&history.moment()).await.unwrap();
    let reader = other_program(&path).await;
    reader.execute("BEGIN", ()).await.unwrap();
    assert_eq!(ask(&reader, "SELECT '' || count(*) FROM notes").await, ["300"]);

    let before = history.moment();
    history.take("notes", "note-1");
    let moment = history.moment();
    let changes = moment.changes_since(&before);
    let error = provider.apply(&changes, &moment).await.unwrap_err();
    assert!(matches!(error, BaseError::Database { source: Trouble::Busy, .. }), "{error}");
    assert_eq!(ask(&reader, "SELECT '' || count(*) FROM notes").await, ["300"]);
    reader.execute("COMMIT", ()).await.unwrap();

    let found = provider.check(&moment).await.unwrap().unwrap();
    assert_eq!(found.changes_to(&Dump::of(&moment)), changes, "nothing was half done");
    provider.apply(&changes, &moment).await.unwrap();
    assert_eq!(ask(&reader, "SELECT '' || count(*) FROM notes").await, ["299"], "it needs not open it again");
    assert_eq!(ask(&reader, "SELECT '' || rows FROM _zenith").await, ["299"]);
}

#[tokio::test]
async fn readers_are_not_shut_out_while_much_is_written() {
    let (_folder, path, mut provider) = kept();
    let mut history = notes(10);
    provider.rebuild(&history.moment()).await.unwrap();
    let reader = other_program(&path).await;
    // More than SQLite's cache holds, so that it would spill into the file before the commit.
    let long = "word ".repeat(20_000);
    for at in 0..100 {
        history.put("notes", note(&format!("long-{at}"), "long", &long));
    }
    let moment = history.moment();
    let Opened { rows, connection, .. } = provider.open().await.unwrap();
    let brought = whole(connection, async |connection| {
        clear(connection).await?;
        rows.fill(connection, &moment).await?;
        assert_eq!(ask(&reader, "SELECT '' || count(*) FROM notes").await, ["10"]);
        Ok(())
    });
    brought.await.unwrap();
    assert_eq!(ask(&reader, "SELECT '' || count(*) FROM notes").await, ["110"]);
}

#[tokio::test]
async fn one_process_keeps_the_file() {
    let (_folder, path, provider) = kept();
    assert!(FileProvider::new(&path).unwrap().is_none());
    drop(provider);
    assert!(FileProvider::new(&path).unwrap().is_some());
}

#[tokio::test]
async fn a_file_that_is_not_ours_stays_as_it_is() {
    let (_folder, path, mut provider) = kept();
    let mut history = notes(1);
    for what in ["text", "a database"] {
        match what {
            "text" => {
                std::fs::write(&path, "my own words, which are longer than a header\n".repeat(9)).unwrap()
            }
            _ => {
                std::fs::remove_file(&path).unwrap();
                other_program(&path).await.execute("CREATE TABLE mine (x)", ()).await.unwrap();
            }
        }
        let before = std::fs::read(&path).unwrap();
        let error = provider.check(&history.moment()).await.unwrap_err().to_string();
        assert!(error.contains("move it away"), "{what}: {error}");
        assert!(provider.rebuild(&history.moment()).await.is_err(), "{what}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{what}");
    }
    std::fs::remove_file(&path).unwrap();
    provider.rebuild(&history.moment()).await.unwrap();
}

#[tokio::test]
async fn a_file_of_ours_that_is_damaged_or_gone_is_made_anew() {
    let (_folder, path, mut provider) = kept();
    let mut history = notes(200);
    provider.rebuild(&history.moment()).await.unwrap();
    provider.close().await;
    // The pages after the header become rubbish.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.iter_mut().skip(100).for_each(|byte| *byte = 0xa5);
    std::fs::File::create(&path).unwrap().write_all(&bytes).unwrap();
    let moment = history.moment();
    assert!(provider.check(&moment).await.is_err());
    provider.rebuild(&moment).await.unwrap();
    assert_eq!(provider.check(&moment).await.unwrap(), Some(Dump::of(&moment)));

    std::fs::remove_file(&path).unwrap();
    history.take("notes", "note-1");
    let now = history.moment();
    assert!(
        provider.apply(&now.changes_since(&moment), &now).await.is_err(),
        "not into a file that nobody sees"
    );
    assert_eq!(provider.check(&now).await.unwrap(), None);
    provider.rebuild(&now).await.unwrap();
    assert_eq!(provider.check(&now).await.unwrap(), Some(Dump::of(&now)));
}

#[tokio::test]
async fn a_full_disk_leaves_the_moment_before() {
    let (_folder, path, mut provider) = kept();
    let mut history = notes(50);
    let before = history.moment();
    provider.rebuild(&before).await.unwrap();
    let pages = query_one_integer(&provider.open().await.unwrap().connection, "PRAGMA page_count").await;
    let pages = pages.unwrap().unwrap();
    // SQLite says so of a disk that is full and of a file that may not grow alike.
    let bound = format!("PRAGMA max_page_count = {pages}");
    provider.open().await.unwrap().connection.execute_batch(&bound).await.unwrap();
    history.put("notes", note("long", "long", &"word ".repeat(100_000)));
    let moment = history.moment();
    let error = provider.apply(&moment.changes_since(&before), &moment).await.unwrap_err();
    assert!(matches!(error, BaseError::Database { source: Trouble::Full, .. }), "{error}");
    assert_eq!(provider.check(&before).await.unwrap(), Some(Dump::of(&before)));
    let other = other_program(&path).await;
    assert_eq!(ask(&other, "SELECT '' || generation FROM _zenith").await, ["1"]);
}

#[tokio::test]
async fn a_file_of_another_schema_or_document_is_made_anew_with_nothing_left_of_it() {
    let (_folder, path, mut provider) = kept();
    let mut history = notes(3);
    let moment = history.moment();
    provider.rebuild(&moment).await.unwrap();
    provider.close().await;
    let other = other_program(&path).await;
    let sql = "ALTER TABLE notes RENAME COLUMN body TO wordBody; CREATE VIEW odd AS SELECT 1; \
               CREATE TABLE \"left\" (x); PRAGMA user_version = 7;";
    other.execute_batch(sql).await.unwrap();
    assert_eq!(provider.check(&moment).await.unwrap(), None);
    provider.rebuild(&moment).await.unwrap();
    assert_eq!(provider.check(&moment).await.unwrap(), Some(Dump::of(&moment)));
    let left = "SELECT name FROM sqlite_schema WHERE name IN ('odd', 'left') OR sql LIKE '%wordBody%'";
    assert_eq!(ask(&other, left).await, Vec::<String>::new());

    let another = Snapshot { document: "another".to_owned(), ..(*moment).clone() };
    assert_eq!(provider.check(&another).await.unwrap(), None);
}

#[tokio::test]
async fn what_changed_behind_its_back_is_found_row_by_row() {
    let (_folder, path, mut provider) = kept();
    let mut history = notes(20);
    let moment = history.moment();
    provider.rebuild(&moment).await.unwrap();
    let other = other_program(&path).await;
    // Text that is none, too: libSQL's own reading of it would end the thread.
    let sql = "UPDATE notes SET title = 'mine' WHERE id = 'note-3'; DELETE FROM notes WHERE id = 'note-5'; \
               UPDATE notes SET title = CAST(x'ff00fe' AS TEXT) WHERE id = 'note-7';";
    other.execute_batch(sql).await.unwrap();
    let found = provider.check(&moment).await.unwrap().unwrap();
    let changes = found.changes_to(&Dump::of(&moment));
    let ids: Vec<&str> = changes.rows.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(ids, ["note-3", "note-5", "note-7"]);
    provider.apply(&changes, &moment).await.unwrap();
    assert_eq!(provider.check(&moment).await.unwrap(), Some(Dump::of(&moment)));
    provider.holds_together().await;
}
