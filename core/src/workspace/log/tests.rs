use super::*;
use crate::workspace::{Edit, Value, Workspace, new_id};

async fn opened(folder: &Path) -> Workspace {
    Workspace::open(folder).await.unwrap()
}

fn note(title: &str) -> Edit {
    let values = vec![
        ("title", Value::Text(title.to_owned())),
        ("body", Value::Text("A body.".to_owned())),
        ("created_at", Value::Integer(1)),
        ("changed_at", Value::Integer(1)),
    ];
    Edit::Create { table: "notes", id: new_id(), values }
}

fn titles(workspace: &Workspace) -> Vec<String> {
    let snapshot = workspace.snapshot();
    let mut titles: Vec<_> = snapshot.notes().iter().map(|note| note.title.to_owned()).collect();
    titles.sort();
    titles
}

async fn add(workspace: &Workspace, titles: std::ops::Range<usize>) {
    for at in titles {
        workspace.edit(vec![note(&format!("{at:05}"))]).await.unwrap();
    }
}

fn numbered(titles: impl IntoIterator<Item = usize>) -> Vec<String> {
    titles.into_iter().map(|at| format!("{at:05}")).collect()
}

/// Does something to the file behind everybody's back.
async fn behind(path: &Path, sql: &str) {
    let database = libsql::Builder::new_local(path).build().await.unwrap();
    let connection = database.connect().unwrap();
    connection.busy_timeout(BUSY_TIMEOUT).unwrap();
    connection.execute_batch(sql).await.unwrap();
}

#[tokio::test]
async fn what_was_told_as_done_is_there_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let first = opened(folder.path()).await;
    add(&first, 0..20).await;
    let document = first.snapshot().document.clone();
    // Not closed: as a kill leaves it.
    drop(first);
    let again = opened(folder.path()).await;
    assert_eq!(titles(&again), numbered(0..20));
    assert_eq!(again.snapshot().document, document);
    assert_eq!(again.health().await.unwrap().damaged_records, Vec::<i64>::new());
}

#[tokio::test]
async fn a_log_without_a_byte_is_damage_and_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let first = opened(folder.path()).await;
    add(&first, 0..1).await;
    first.close().await;
    std::fs::write(first.path(), "").unwrap();
    let empty = Workspace::open(folder.path()).await.err().unwrap();
    assert!(matches!(empty, WorkspaceError::Empty { .. }), "{empty}");
    assert_eq!(std::fs::metadata(first.path()).unwrap().len(), 0);
}

#[tokio::test]
async fn a_damaged_record_costs_itself_alone_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let first = opened(folder.path()).await;
    add(&first, 0..20).await;
    let path = first.path().to_path_buf();
    first.close().await;
    // Records 7 and 8 of twenty: one cut off, of the other one bit changed.
    let cut = "UPDATE updates SET bytes = substr(bytes, 1, 30) WHERE seq = 7;";
    let flipped = "UPDATE updates SET bytes = CAST(substr(bytes, 1, 40) || x'ff' || substr(bytes, 42) AS BLOB) WHERE seq = 8;";
    behind(&path, &format!("{cut}{flipped}")).await;

    let again = opened(folder.path()).await;
    assert_eq!(again.health().await.unwrap().damaged_records, [7, 8]);
    assert_eq!(titles(&again), numbered((0..20).filter(|at| ![6, 7].contains(at))));
    add(&again, 20..21).await;
    again.close().await;

    let third = opened(folder.path()).await;
    assert_eq!(third.set_aside().await.unwrap(), 2);
    assert_eq!(titles(&third).len(), 19);
    third.close().await;
    let fourth = opened(folder.path()).await;
    assert_eq!(fourth.health().await.unwrap().damaged_records, Vec::<i64>::new());
    assert_eq!(titles(&fourth).len(), 19);
}

#[tokio::test]
async fn a_damaged_record_is_named_and_kept_after_it_was_folded() {
    let folder = tempfile::tempdir().unwrap();
    let first = opened(folder.path()).await;
    add(&first, 0..20).await;
    let path = first.path().to_path_buf();
    first.close().await;
    behind(&path, "UPDATE updates SET bytes = substr(bytes, 1, 30) WHERE seq = 7;").await;
    // A fold without it, then two by somebody who has not seen it damaged.
    let second = opened(folder.path()).await;
    add(&second, 20..260).await;
    second.close().await;
    let third = opened(folder.path()).await;
    assert_eq!(third.health().await.unwrap().damaged_records, [7]);
    add(&third, 260..900).await;
    third.close().await;
    let log = Log::open(&path).await.unwrap();
    assert!(log.folded_upto().await.unwrap() > 7);
    assert_eq!(log.damaged_upto(i64::MAX).await.unwrap(), [7], "it may be mended yet");
    let fourth = opened(folder.path()).await;
    assert_eq!(fourth.health().await.unwrap().damaged_records, [7]);
    assert_eq!(fourth.set_aside().await.unwrap(), 1);
    assert_eq!(titles(&fourth), numbered((0..900).filter(|at| *at != 6)));
}

#[tokio::test]
async fn folds_none_of_which_can_be_read_are_told_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let first = opened(folder.path()).await;
    add(&first, 0..600).await;
    let path = first.path().to_path_buf();
    first.close().await;
    let log = Log::open(&path).await.unwrap();
    let folded = log.folded_upto().await.unwrap();
    behind(&path, "UPDATE snapshots SET bytes = x'00';").await;
    let again = opened(folder.path()).await;
    let health = again.health().await.unwrap();
    assert_eq!((health.lost_upto, health.damaged_snapshots.len()), (Some(folded), 2));
    assert_eq!(again.set_aside().await.unwrap(), 0);
    assert_eq!(log.snapshots().await.unwrap().len(), 2, "somebody may mend them");
    assert_eq!(again.health().await.unwrap().damaged_snapshots.len(), 2);
}

#[tokio::test]
async fn an_edit_that_the_log_does_not_take_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = opened(folder.path()).await;
    add(&workspace, 0..2).await;
    let before = workspace.snapshot();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON updates BEGIN SELECT RAISE(ABORT, 'full'); END;";
    behind(workspace.path(), refuse).await;
    assert!(workspace.edit(vec![note("lost")]).await.is_err());
    assert_eq!(titles(&workspace), numbered(0..2));
    assert!(workspace.snapshot().generation >= before.generation);
    behind(workspace.path(), "DROP TRIGGER refuse;").await;
    add(&workspace, 2..3).await;
    assert_eq!(titles(&workspace), numbered(0..3));
    drop(workspace);
    assert_eq!(titles(&opened(folder.path()).await), numbered(0..3));
}

#[tokio::test]
async fn several_processes_write_one_log_and_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (opened(folder.path()).await, opened(folder.path()).await);
    let (by_one, by_other) = (add(&one, 0..30), add(&other, 30..60));
    tokio::join!(by_one, by_other);
    let mut moments = one.moments();
    moments.wait_for(|moment| moment.tables["notes"].len() == 60).await.unwrap();
    // An edit sees what was written before it, without waiting for anything.
    let seen = other.edit(vec![note("last")]).await.unwrap();
    assert_eq!(seen.tables["notes"].len(), 61);
    assert_eq!(titles(&opened(folder.path()).await).len(), 61);
}

#[tokio::test]
async fn a_fold_keeps_every_row_and_the_records_since_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (opened(folder.path()).await, opened(folder.path()).await);
    add(&one, 0..300).await;
    add(&other, 300..301).await;
    let log = Log::open(one.path()).await.unwrap();
    assert_eq!(log.snapshots().await.unwrap().len(), 1, "256 records are folded");
    assert_eq!(log.folded_upto().await.unwrap(), 0, "and all of them stay until the next fold");
    assert_eq!(log.since(0).await.unwrap().len(), 301);
    add(&one, 301..600).await;
    let snapshots = log.snapshots().await.unwrap();
    assert_eq!(snapshots.len(), 2, "the one before is kept");
    let folded = log.folded_upto().await.unwrap();
    assert_eq!((folded, log.since(0).await.unwrap().first().unwrap().seq), (256, 257));
    // One that lags behind a fold reads the fold.
    let seen = other.edit(vec![note("after")]).await.unwrap();
    assert_eq!(seen.tables["notes"].len(), 601);

    // The newest fold is damaged: the one before and what came since make the same.
    let newest = snapshots[0].upto;
    behind(one.path(), &format!("UPDATE snapshots SET bytes = x'00' WHERE upto = {newest};")).await;
    let again = opened(folder.path()).await;
    assert_eq!(again.health().await.unwrap().damaged_snapshots, [newest]);
    assert_eq!(again.snapshot().tables, other.snapshot().tables);
    // A fold over a damaged one deletes nothing.
    add(&again, 600..900).await;
    assert!(opened(folder.path()).await.snapshot().tables["notes"].len() == 901);
}

#[tokio::test]
async fn a_fold_that_fails_is_done_after_the_next_record() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = opened(folder.path()).await;
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON snapshots BEGIN SELECT RAISE(ABORT, 'full'); END;";
    behind(workspace.path(), refuse).await;
    add(&workspace, 0..260).await;
    assert!(workspace.health().await.unwrap().fold.is_some());
    behind(workspace.path(), "DROP TRIGGER refuse;").await;
    add(&workspace, 260..261).await;
    assert_eq!(workspace.health().await.unwrap().fold, None);
    assert_eq!(workspace.health().await.unwrap().records, 0);
    drop(workspace);
    assert_eq!(titles(&opened(folder.path()).await), numbered(0..261));
}

#[tokio::test]
async fn a_draft_is_merged_with_what_was_written_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (opened(folder.path()).await, opened(folder.path()).await);
    let snapshot = one.edit(vec![note("Title")]).await.unwrap();
    let id = snapshot.tables["notes"].keys().next().unwrap().clone();
    let body = |text: &str| Edit::Set {
        table: "notes",
        id: id.clone(),
        values: vec![("body", Value::Text(text.to_owned()))],
    };
    let draft = one.draft().await.unwrap();
    other.edit(vec![body("A body. With more.")]).await.unwrap();
    let merged = one.merge(draft, &[body("The body.")]).await.unwrap();
    let body = merged.row("notes", &id).unwrap().value(crate::workspace::table("notes").unwrap(), "body");
    assert_eq!(*body, Value::Text("The body. With more.".to_owned()));
}

#[tokio::test]
async fn nothing_is_written_after_close() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = opened(folder.path()).await;
    add(&workspace, 0..3).await;
    workspace.close().await;
    assert!(matches!(workspace.edit(vec![note("late")]).await, Err(WorkspaceError::Closed)));
    assert_eq!(titles(&opened(folder.path()).await), numbered(0..3));
}

#[tokio::test]
async fn a_log_of_another_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = opened(folder.path()).await;
    let path = workspace.path().to_path_buf();
    workspace.close().await;
    behind(&path, "PRAGMA user_version = 9;").await;
    let opened = Workspace::open(folder.path()).await;
    assert!(matches!(opened, Err(WorkspaceError::OtherSchema { found: 9, .. })));
}
