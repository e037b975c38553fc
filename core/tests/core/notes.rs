//! Notes as programs have them: found by words and by meaning, and kept in a file for other tools.

use std::sync::Arc;

use zenith_core::doctor::{self, Finding, State};
use zenith_core::embed::{EmbedError, Embedder};
use zenith_core::identity::Identity;
use zenith_core::search::Mode;
use zenith_core::workspace::{BaseError, Edit, FileLook, FileProvider, Value, Workspace, new_id};
use zenith_core::{NoteFound, NotesFound, Zenith, notes_file_path};

use crate::support::{config, shipped};

/// A model that cannot run.
struct Broken;

impl Embedder for Broken {
    fn id(&self) -> &str {
        "broken"
    }

    fn embed(&self, _texts: &[&str]) -> Result<Vec<f32>, EmbedError> {
        Err(EmbedError::Run("it cannot run".to_owned()))
    }
}

/// A data folder that is removed with its test.
async fn opened(model: Arc<dyn Embedder>) -> (tempfile::TempDir, Zenith) {
    let folder = tempfile::tempdir().unwrap();
    let zenith = Zenith::open_as(config(folder.path()), Identity::local(), model).await.unwrap();
    (folder, zenith)
}

fn note(title: &str, body: &str) -> Edit {
    let values = vec![
        ("title", Value::Text(title.to_owned())),
        ("body", Value::Text(body.to_owned())),
        ("created_at", Value::Integer(1)),
        ("changed_at", Value::Integer(1)),
    ];
    Edit::Create { table: "notes", id: new_id(), values }
}

/// The titles that are found among three notes, and whether each has the words.
async fn titles(model: Arc<dyn Embedder>, words: &str, mode: Mode) -> (Vec<(String, bool)>, NotesFound) {
    let (_folder, zenith) = opened(model).await;
    let notes = zenith.notes().await.unwrap();
    let edits = vec![
        note("Blocking work", "Read files on a thread of their own, never on the runtime."),
        note("Retries", "Ask the server again after a while, longer each time."),
        note("Colours", "The palette of the terminal decides."),
    ];
    let snapshot = notes.edit(edits).await.unwrap();
    let index = zenith.note_index(&notes);
    let found = index.search(words, mode, 10).await;
    index.close().await;
    notes.close().await;
    let title = |hit: &NoteFound| {
        let note = snapshot.notes().into_iter().find(|note| note.id == hit.id).unwrap();
        (note.title.to_owned(), hit.has_words)
    };
    (found.hits.iter().map(title).collect(), found)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_the_words_stands_first_and_what_means_the_same_is_found_too() {
    let (found, _) = titles(shipped(), "server again", Mode::Hybrid).await;
    assert_eq!(found.first(), Some(&("Retries".to_owned(), true)), "{found:?}");
    let (found, whole) = titles(shipped(), "try a request once more with backoff", Mode::Vector).await;
    assert_eq!(found.first(), Some(&("Retries".to_owned(), false)), "{found:?}");
    assert_eq!((found.len(), whole.by_words_alone), (3, None), "all are near, some nearer");
    let (found, _) = titles(shipped(), "lock", Mode::Hybrid).await;
    assert_eq!(found.first(), Some(&("Blocking work".to_owned(), true)), "within a word: {found:?}");
    let (found, _) = titles(shipped(), "try a request once more with backoff", Mode::Text).await;
    assert_eq!(found, [], "no note has these words");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_model_cannot_run_words_find_and_it_is_said_why() {
    for mode in [Mode::Hybrid, Mode::Vector] {
        let (found, whole) = titles(Arc::new(Broken), "thread files", mode).await;
        assert_eq!(found, [("Blocking work".to_owned(), true)]);
        assert!(matches!(whole.by_words_alone, Some(BaseError::Model(_))), "{whole:?}");
    }
}

async fn look(zenith: &Zenith, notes: &Workspace) -> FileLook {
    let path = notes_file_path(&zenith.config.data_dir);
    let mut file = FileProvider::new(&path).unwrap().expect("nobody keeps it");
    file.look(&notes.edit(Vec::new()).await.unwrap()).await.unwrap()
}

/// Two that hold the notes each for itself, as two processes do.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_the_file_brings_what_the_others_wrote() {
    let (_folder, zenith) = opened(shipped()).await;
    let (one, other) = (zenith.notes().await.unwrap(), zenith.notes().await.unwrap());
    let mut kept = zenith.notes_file(&one);
    assert!(kept.keep().unwrap());
    other.edit(vec![note("from the other", "")]).await.unwrap();
    zenith.notes_file(&other).settle().await.unwrap();
    kept.settle().await.unwrap();
    assert_eq!(look(&zenith, &one).await, FileLook::Same(1));
    one.edit(vec![note("from the one", "")]).await.unwrap();
    assert_eq!(look(&zenith, &one).await, FileLook::Differs(1), "nobody was asked to");
    zenith.notes_file(&one).settle().await.unwrap();
    assert_eq!(look(&zenith, &other).await, FileLook::Same(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_write_at_once_the_last_leaves_all_of_it_in_the_file() {
    let (_folder, zenith) = opened(shipped()).await;
    let each = (0..6).map(|number| {
        let zenith = zenith.clone();
        tokio::spawn(async move {
            let notes = zenith.notes().await.unwrap();
            for step in 0..3 {
                notes.edit(vec![note(&format!("{number} {step}"), "")]).await.unwrap();
                zenith.notes_file(&notes).settle().await.unwrap();
            }
            notes.close().await;
        })
    });
    for done in each.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    let notes = zenith.notes().await.unwrap();
    assert_eq!(look(&zenith, &notes).await, FileLook::Same(18));
}

/// Another program's reading holds up who keeps the file; what is written meanwhile finds the file kept, and is left to it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_to_who_keeps_the_file_is_brought_once_it_was_let_go_of() {
    let (_folder, zenith) = opened(shipped()).await;
    let (one, other) = (zenith.notes().await.unwrap(), zenith.notes().await.unwrap());
    one.edit(vec![note("first", "")]).await.unwrap();
    zenith.notes_file(&one).settle().await.unwrap();
    let path = notes_file_path(&zenith.config.data_dir);
    let journal = path.with_extension("db-journal");
    let reader = libsql::Builder::new_local(&path).build().await.unwrap().connect().unwrap();
    let mut written = 1;
    loop {
        reader.execute("BEGIN", ()).await.unwrap();
        let mut read = reader.query("SELECT title FROM notes", ()).await.unwrap();
        while read.next().await.unwrap().is_some() {}
        one.edit(vec![note("held up", "")]).await.unwrap();
        let held = tokio::spawn(zenith.notes_file(&one).settle());
        while !held.is_finished() && std::fs::metadata(&journal).map_or(0, |file| file.len()) == 0 {
            tokio::task::yield_now().await;
        }
        other.edit(vec![note("left", "")]).await.unwrap();
        zenith.notes_file(&other).settle().await.unwrap();
        written += 2;
        drop(read);
        reader.execute("COMMIT", ()).await.unwrap();
        // On a machine that is busy the reader may have held it up for too long.
        if held.await.unwrap().is_ok() {
            break;
        }
    }
    assert_eq!(look(&zenith, &one).await, FileLook::Same(written));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_ours_is_told_of_and_stays() {
    let (_folder, zenith) = opened(shipped()).await;
    let notes = zenith.notes().await.unwrap();
    notes.edit(vec![note("one", "")]).await.unwrap();
    let path = notes_file_path(&zenith.config.data_dir);
    std::fs::write(&path, "somebody's own words").unwrap();
    let error = zenith.notes_file(&notes).settle().await.unwrap_err().to_string();
    assert!(error.contains("is not a file that zenith made"), "{error}");
    let finding = of_the_file(&zenith, true).await;
    assert_eq!((finding.state, finding.what.contains("move it away")), (State::Broken, true), "{finding:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "somebody's own words");
}

/// What the doctor finds of the file.
async fn of_the_file(zenith: &Zenith, repair: bool) -> Finding {
    let findings = doctor::examine(zenith, repair).await.unwrap();
    findings.into_iter().rfind(|finding| finding.part == "notes").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_compares_the_file_with_the_notes_and_makes_it_anew() {
    let (_folder, zenith) = opened(shipped()).await;
    assert_eq!(of_the_file(&zenith, false).await.what, "there are none yet; `zenith note add` writes one");
    let notes = zenith.notes().await.unwrap();
    notes.edit(vec![note("one", ""), note("two", "")]).await.unwrap();
    assert!(of_the_file(&zenith, false).await.what.contains("is made when a note changes"));
    zenith.notes_file(&notes).settle().await.unwrap();
    let finding = of_the_file(&zenith, false).await;
    assert_eq!(
        (finding.state, finding.what.as_str()),
        (State::Ok, "notes.db holds all 2 rows, for other tools")
    );

    let mut kept = zenith.notes_file(&notes);
    assert!(kept.keep().unwrap());
    assert!(of_the_file(&zenith, true).await.what.contains("kept by another program"));
    kept.settle().await.unwrap();

    notes.edit(vec![note("three", "")]).await.unwrap();
    let behind = of_the_file(&zenith, false).await;
    assert_eq!((behind.state, behind.what.starts_with("1 row")), (State::Broken, true), "{behind:?}");
    assert_eq!(of_the_file(&zenith, true).await.state, State::Repaired);
    assert_eq!(look(&zenith, &notes).await, FileLook::Same(3));

    // Bytes in the middle that are not what they were.
    let path = notes_file_path(&zenith.config.data_dir);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let damaged = of_the_file(&zenith, false).await;
    assert_eq!((damaged.state, damaged.what.contains("damaged")), (State::Broken, true), "{damaged:?}");
    assert_eq!(of_the_file(&zenith, true).await.state, State::Repaired);
    assert_eq!(look(&zenith, &notes).await, FileLook::Same(3));
}
