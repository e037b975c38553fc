use std::path::{Path, PathBuf};

use super::*;
use crate::workspace::{Edit, Snapshot, Value, new_id};

fn scope() -> Scope {
    Scope::Private("olive".to_owned())
}

/// A machine with notes of its own, and the store that it shares with others.
struct Machine {
    workspace: Workspace,
    store: Store,
    folder: tempfile::TempDir,
}

impl Machine {
    async fn new(place: &Path) -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(folder.path()).await.unwrap();
        Machine { workspace, store: Store::folder(place).unwrap(), folder }
    }

    async fn note(&self, title: &str) -> String {
        let id = new_id();
        let values = vec![
            ("title", Value::Text(title.to_owned())),
            ("created_at", Value::Integer(1)),
            ("changed_at", Value::Integer(1)),
        ];
        let edit = Edit::Create { table: "notes", id: id.clone(), values };
        self.workspace.edit(vec![edit]).await.unwrap();
        id
    }

    async fn remove(&self, id: &str) {
        self.workspace.edit(vec![Edit::Remove { table: "notes", id: id.to_owned() }]).await.unwrap();
    }

    async fn sync(&self) -> Synced {
        self.workspace.sync(&self.store, &scope(), true).await.unwrap()
    }

    fn rows(&self) -> std::sync::Arc<Snapshot> {
        self.workspace.snapshot()
    }

    fn count(&self) -> usize {
        self.rows().rows("notes").count()
    }
}

/// The files of the packs in a store, in the order of their names.
fn packs(place: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![place.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|file| !file.ends_with(".lock"));
    files.sort();
    files
}

async fn two(place: &Path) -> (Machine, Machine) {
    let (one, other) = (Machine::new(place).await, Machine::new(place).await);
    one.note("from one").await;
    one.sync().await;
    assert!(other.sync().await.has_joined);
    (one, other)
}

#[tokio::test]
async fn two_machines_that_wrote_apart_hold_the_same_after_they_met() {
    let place = tempfile::tempdir().unwrap();
    let (one, other) = (Machine::new(place.path()).await, Machine::new(place.path()).await);
    let kept = one.note("from one").await;
    other.note("before it joined").await;
    assert_eq!(one.sync().await.pushed, 1);
    let joined = other.sync().await;
    assert_eq!((joined.has_joined, joined.pulled, joined.pushed), (true, 1, 1));
    one.note("offline, one").await;
    other.remove(&kept).await;
    other.note("offline, other").await;
    one.sync().await;
    other.sync().await;
    one.sync().await;
    assert_eq!(one.rows().tables, other.rows().tables);
    assert_eq!(one.rows().document, other.rows().document);
    assert_eq!(one.count(), 3);
    // Nothing is sent to and fro for ever, and what was removed stays so.
    for machine in [&one, &other, &one, &other] {
        let again = machine.sync().await;
        assert_eq!((again.pulled, again.pushed, again.holes.len(), again.left.len()), (0, 0, 0, 0));
    }
    assert_eq!(one.rows().row("notes", &kept), None);
}

#[tokio::test]
async fn other_notes_are_joined_only_where_it_is_asked_for() {
    let place = tempfile::tempdir().unwrap();
    let (one, other) = (Machine::new(place.path()).await, Machine::new(place.path()).await);
    one.note("from one").await;
    one.sync().await;
    other.note("from other").await;
    let refused = other.workspace.sync(&other.store, &scope(), false).await;
    assert!(matches!(refused, Err(WorkspaceError::OtherDocument { .. })));
    // Another person's lie elsewhere, whatever they are called.
    let mine = Scope::Private("oscar".to_owned());
    assert!(!other.workspace.sync(&other.store, &mine, false).await.unwrap().has_joined);
    assert_eq!(other.count(), 1);
}

#[tokio::test]
async fn who_has_no_notes_yet_joins_without_being_asked() {
    let place = tempfile::tempdir().unwrap();
    let (one, fresh) = (Machine::new(place.path()).await, Machine::new(place.path()).await);
    one.note("from one").await;
    one.sync().await;
    let joined = fresh.workspace.sync(&fresh.store, &scope(), false).await.unwrap();
    assert_eq!((joined.has_joined, joined.pulled, fresh.count()), (true, 1, 1));
    // Who removed all of theirs has written.
    let emptied = Machine::new(place.path()).await;
    let id = emptied.note("gone").await;
    emptied.remove(&id).await;
    let refused = emptied.workspace.sync(&emptied.store, &scope(), false).await;
    assert!(matches!(refused, Err(WorkspaceError::OtherDocument { .. })));
}

#[tokio::test]
async fn a_pack_that_is_missing_is_told_by_writer_and_number_and_heals() {
    let place = tempfile::tempdir().unwrap();
    let (one, other) = two(place.path()).await;
    let id = one.note("second").await;
    one.sync().await;
    let third = vec![("title", Value::Text("third".to_owned()))];
    one.workspace.edit(vec![Edit::Set { table: "notes", id, values: third }]).await.unwrap();
    one.sync().await;
    let second = packs(place.path()).into_iter().find(|file| file.to_string_lossy().contains("/00000002-"));
    let second = second.unwrap();
    let aside = place.path().parent().unwrap().join(format!("{}.aside", new_id()));
    std::fs::rename(&second, &aside).unwrap();
    let told = other.sync().await;
    assert_eq!(told.holes.iter().map(|hole| hole.number).collect::<Vec<_>>(), [2]);
    assert!(told.is_waiting, "the third waits for the second");
    assert_eq!(other.count(), 1);
    std::fs::rename(&aside, &second).unwrap();
    let healed = other.sync().await;
    assert_eq!((healed.holes.len(), healed.is_waiting, other.count()), (0, false, 2));

    // Gone for good: whoever put it puts all that they have.
    std::fs::remove_file(&second).unwrap();
    let third = Machine::new(place.path()).await;
    assert_eq!(third.sync().await.holes.len(), 1);
    assert_eq!(one.sync().await.pushed, 1);
    let healed = third.sync().await;
    assert_eq!((healed.holes.len(), healed.is_waiting, third.count()), (0, false, 2));
    assert_eq!(one.sync().await.pushed, 0, "once: nobody needs what is missing any more");
}

#[tokio::test]
async fn what_is_damaged_foreign_or_another_documents_is_named_and_left() {
    let place = tempfile::tempdir().unwrap();
    let (one, other) = two(place.path()).await;
    one.note("cut off").await;
    one.sync().await;
    let files = packs(place.path());
    let cut = files.iter().find(|file| file.to_string_lossy().contains("/00000002-")).unwrap();
    let whole = std::fs::read(cut).unwrap();
    std::fs::write(cut, &whole[..whole.len() - 1]).unwrap();
    let folder = place.path().join("workspace/private/olive");
    std::fs::write(folder.join("readme"), "hello").unwrap();
    // Another document's pack, under our name.
    let (stranger, bytes) = Name::pack(&"0".repeat(32), &"a".repeat(32), 1, Kind::State, &[vec![0, 0]]);
    let ours = Name { document: one.rows().document.clone(), ..stranger.clone() };
    for name in [&stranger, &ours] {
        let file = folder.join(name.to_string());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &bytes).unwrap();
    }
    // A pack of ours with something in it that is no update.
    let document = one.rows().document.clone();
    let (rubbish, bytes) = Name::pack(&document, &"b".repeat(32), 1, Kind::Edits, &[b"rubbish".to_vec()]);
    let file = folder.join(rubbish.to_string());
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, &bytes).unwrap();

    let before = packs(place.path());
    let told = other.sync().await;
    let mut why: Vec<_> = told.left.iter().map(|left| left.why.as_str()).collect();
    why.sort_unstable();
    assert_eq!(
        why,
        [
            "it is another document's",
            "it is another document's, or another writer's",
            "it is no update of a Yjs document",
            "it is not named as a part of any notes",
            "it is not what was put there: a part is missing or changed",
        ]
    );
    assert_eq!(other.count(), 1, "all else is there");
    assert_eq!(packs(place.path()), before, "and each is left where it is");
    std::fs::write(cut, &whole).unwrap();
    other.sync().await;
    assert_eq!(other.count(), 2);
}

#[tokio::test]
async fn a_whole_document_that_cannot_be_read_is_made_up_for_by_what_came_before_it() {
    let place = tempfile::tempdir().unwrap();
    let (one, other) = (Machine::new(place.path()).await, Machine::new(place.path()).await);
    one.note("first").await;
    one.sync().await;
    // So many that a fold takes records away which were never pushed.
    for at in 0..600 {
        one.note(&format!("{at}")).await;
    }
    assert_eq!(one.sync().await.pushed, 1);
    let state =
        packs(place.path()).into_iter().find(|file| file.to_string_lossy().ends_with(".state")).unwrap();
    let whole = std::fs::read(&state).unwrap();
    std::fs::write(&state, b"").unwrap();
    let told = other.sync().await;
    assert_eq!((told.left.len(), told.pulled, other.count()), (1, 1, 1));
    std::fs::write(&state, whole).unwrap();
    assert_eq!((other.sync().await.pulled, other.count()), (1, 601));
}

#[tokio::test]
async fn what_came_from_one_place_goes_on_to_another() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, between) = two(first.path()).await;
    let elsewhere = Store::folder(second.path()).unwrap();
    between.workspace.sync(&elsewhere, &scope(), false).await.unwrap();
    one.note("for all").await;
    one.sync().await;
    between.sync().await;
    between.workspace.sync(&elsewhere, &scope(), false).await.unwrap();
    let far = Machine::new(second.path()).await;
    far.sync().await;
    assert_eq!(far.rows().tables, one.rows().tables);
}

#[tokio::test]
async fn a_data_folder_that_was_copied_loses_nothing_of_either() {
    let place = tempfile::tempdir().unwrap();
    let one = Machine::new(place.path()).await;
    one.note("before").await;
    one.sync().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("workspace")).unwrap();
    std::fs::copy(one.workspace.path(), folder.path().join("workspace/log.db")).unwrap();
    let workspace = Workspace::open(folder.path()).await.unwrap();
    let twin = Machine { workspace, store: Store::folder(place.path()).unwrap(), folder };
    // Both are the same writer by name, and number their packs alike.
    one.note("after, one").await;
    twin.note("after, twin").await;
    one.sync().await;
    twin.sync().await;
    one.sync().await;
    assert_eq!(one.rows().tables, twin.rows().tables);
    assert_eq!(one.count(), 3);
}

#[tokio::test]
async fn who_only_reads_pushes_nothing_however_often_it_folds() {
    let place = tempfile::tempdir().unwrap();
    let (one, other) = two(place.path()).await;
    for _ in 0..3 {
        for at in 0..300 {
            one.note(&format!("{at}")).await;
        }
        one.sync().await;
        let read = other.sync().await;
        assert_eq!((read.pulled, read.pushed), (1, 0));
    }
    assert_eq!(other.count(), 901);
    let log = Log::open(other.workspace.path()).await.unwrap();
    assert!(log.folded_upto().await.unwrap() > 0, "records that came from there were folded");
    other.note("the first of its own").await;
    assert_eq!((other.sync().await.pushed, one.sync().await.pulled), (1, 1));
    assert_eq!(one.rows().tables, other.rows().tables);
}

/// SQLite counts in the header how often a file was changed: once a transaction.
fn changes(machine: &Machine) -> u32 {
    let header = std::fs::read(machine.workspace.path()).unwrap();
    u32::from_be_bytes(header[24..28].try_into().unwrap())
}

#[tokio::test]
async fn as_many_packs_as_there_are_cost_one_change_of_the_log() {
    let place = tempfile::tempdir().unwrap();
    let (one, other) = two(place.path()).await;
    let mut costs = Vec::new();
    for packs in [1, 8] {
        for at in 0..packs {
            one.note(&format!("{at}")).await;
            one.sync().await;
        }
        let before = changes(&other);
        assert_eq!(other.sync().await.pulled, packs);
        costs.push(changes(&other) - before);
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn what_was_set_aside_comes_again_from_what_this_machine_itself_put_there() {
    let place = tempfile::tempdir().unwrap();
    let one = Machine::new(place.path()).await;
    for title in ["first", "second"] {
        one.note(title).await;
        one.sync().await;
    }
    let whole = one.rows().tables.clone();
    one.workspace.close().await;
    let log = libsql::Builder::new_local(one.workspace.path()).build().await.unwrap().connect().unwrap();
    log.execute("UPDATE updates SET bytes = x'00' WHERE seq = 2", ()).await.unwrap();
    let workspace = Workspace::open(one.folder.path()).await.unwrap();
    let again = Machine { workspace, ..one };
    assert_eq!(again.count(), 1);
    assert_eq!(again.workspace.set_aside().await.unwrap(), 1);
    assert_eq!((again.sync().await.pulled, &again.rows().tables), (2, &whole));
    let (once, _) = (again.sync().await, again.workspace.close().await);
    assert_eq!((once.pulled, once.pushed), (0, 0));
}
