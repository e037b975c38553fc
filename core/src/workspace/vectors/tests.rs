use super::*;

/// Vectors in clusters, as texts have them; always the same, numbered from 1.
pub(super) fn vectors(count: usize) -> Vec<(i64, Blob)> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 40) as f32 / 16_777_216.0 - 0.5
    };
    let centres: Vec<Vec<f32>> = (0..count / 20 + 1).map(|_| (0..384).map(|_| random()).collect()).collect();
    let near = |centre: &Vec<f32>, random: &mut dyn FnMut() -> f32| -> Blob {
        centre.iter().flat_map(|x| (x + 0.6 * random()).to_le_bytes()).collect()
    };
    (0..count).map(|at| (at as i64 + 1, near(&centres[at % centres.len()], &mut random))).collect()
}

use super::embeddings::tests::Counted;
use crate::embed::StaticModel;
use crate::workspace::testing::{History, note};

fn model() -> Arc<dyn Embedder> {
    Arc::new(StaticModel::shipped().unwrap())
}

async fn kept(history: &mut History, scanned_max: u64) -> (VectorsProvider, Vectors) {
    let mut provider = VectorsProvider::new(model()).with_scanned_max(scanned_max);
    provider.rebuild(&history.moment()).await.unwrap();
    let vectors = provider.searched(model());
    (provider, vectors)
}

/// Words that the model knows, so many different texts of them.
fn text(at: usize) -> String {
    const WORDS: [&str; 16] = [
        "spawn", "task", "folder", "file", "channel", "timer", "lock", "stream", "socket", "error", "parse",
        "number", "string", "vector", "thread", "memory",
    ];
    (0..4).map(|place| WORDS[(at >> (4 * place)) & 15]).collect::<Vec<_>>().join(" ")
}

fn ids(hits: &[NoteHit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.id.as_str()).collect()
}

#[tokio::test]
async fn notes_are_found_by_words_by_meaning_and_first_by_both() {
    let mut history = History::default();
    history.put("notes", note("remove", "How to remove a directory", "Recursively, with all that is in it."));
    history.put("notes", note("delete", "Delete a folder", ""));
    history.put("notes", note("chart", "Draw a bar chart", "With axes."));
    let (_provider, vectors) = kept(&mut history, SCANNED_MAX).await;
    let hits = vectors.search("remove directory", 10).await.unwrap();
    assert_eq!(ids(&hits)[..2], ["remove", "delete"], "{hits:?}");
    assert!(hits[0].has_words && !hits[1].has_words && hits[0].distance < hits[1].distance);
    assert_eq!(ids(&vectors.search("direc", 1).await.unwrap()), ["remove"], "the last word may go on");
    for words in ["", "\0", "\"", "NEAR(", "日本語", "* AND", "a\"b"] {
        vectors.search(words, 10).await.unwrap();
    }
}

#[tokio::test]
async fn equal_notes_are_one_vector_and_all_are_found() {
    let mut history = History::default();
    for at in 0..300 {
        history.put("notes", note(&format!("same-{at}"), "Remove a folder", ""));
        history.put("notes", note(&format!("other-{at}"), &text(at * 37 + 1), ""));
    }
    history.put("notes", note("unknown", "日本語", ""));
    // An index, for a scan finds them anyway.
    let (mut provider, vectors) = kept(&mut history, 10).await;
    made(&vectors).await;
    assert!(vectors.is_indexed() && vectors.index_recall() >= Some(RECALL_MIN));
    let near = vectors.near("remove a folder", 1_000).await.unwrap();
    let same = near.iter().filter(|(id, distance)| id.starts_with("same") && *distance < 1e-4);
    assert_eq!(same.count(), 300);
    assert!(near.iter().all(|(id, _)| id != "unknown"), "what has no vector is near nothing");
    assert_eq!(vectors.with_words("日本語", 10).await.unwrap(), ["unknown"]);

    // One of the equal ones goes; the others stay.
    let before = history.moment();
    history.take("notes", "same-7");
    let moment = history.moment();
    provider.apply(&moment.changes_since(&before), &moment).await.unwrap();
    let near = vectors.near("remove a folder", 1_000).await.unwrap();
    assert_eq!(near.iter().filter(|(id, _)| id.starts_with("same")).count(), 299);
}

/// Waits until an index was made, or refused.
async fn made(vectors: &Vectors) {
    while vectors.index_recall().is_none() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_index_is_made_beside_and_knows_each_edit_at_once() {
    let mut history = History::default();
    for at in 0..400 {
        history.put("notes", note(&format!("note-{at}"), &text(at * 61), ""));
    }
    let (mut provider, indexed) = kept(&mut history, 100).await;
    let (_other, scanned) = kept(&mut history, SCANNED_MAX).await;
    made(&indexed).await;
    assert!(indexed.is_indexed() && !scanned.is_indexed());
    for at in (0..400).step_by(40) {
        let asked = text(at * 61);
        let nearest = async |vectors: &Vectors| vectors.near(&asked, 1).await.unwrap()[0].1;
        let (found, there) = (nearest(&indexed).await, nearest(&scanned).await);
        assert!((found - there).abs() < 1e-4, "{asked}: {found} where {there} is");
    }

    // Few edits, so that the index stays: what came since is found, what went is not.
    let before = history.moment();
    history.put("notes", note("new", "Semaphore permits", ""));
    history.take("notes", "note-40");
    let moment = history.moment();
    provider.apply(&moment.changes_since(&before), &moment).await.unwrap();
    assert!(indexed.is_indexed(), "nothing was made anew");
    assert_eq!(indexed.near("semaphore permits", 1).await.unwrap()[0].0, "new");
    assert!(indexed.near(&text(40 * 61), 5).await.unwrap().iter().all(|(id, _)| id != "note-40"));

    // A base that is made anew has no index of the old one.
    provider.rebuild(&moment).await.unwrap();
    assert_eq!(indexed.near("semaphore permits", 1).await.unwrap()[0].0, "new");
    provider.close().await;
    assert_eq!(indexed.near("semaphore", 1).await, Err(BaseError::Closed));
}

#[tokio::test]
async fn the_scan_of_the_coarse_copy_finds_what_the_whole_vectors_say() {
    let mut history = History::default();
    for at in 0..2_000 {
        history.put("notes", note(&format!("note-{at}"), &text(at * 29), ""));
    }
    let (_provider, vectors) = kept(&mut history, SCANNED_MAX).await;
    let (mut found, mut there) = (0, 0);
    for at in (0..2_000).step_by(100) {
        let asked = format!("{} buffer", text(at * 29));
        let vector = Embeddings::new(model()).of(std::slice::from_ref(&asked)).unwrap().remove(0).unwrap();
        let whole = "SELECT vector_distance_cos(e, ?1) AS d FROM vectors ORDER BY d LIMIT 10";
        let whole: Vec<f64> = vectors
            .ask(async |connection| {
                query(connection, whole, &[Value::Blob(vector.to_vec())], |row| row.get(0)).await
            })
            .await
            .unwrap();
        let near = vectors.near(&asked, 10).await.unwrap();
        there += whole.len();
        found += near.iter().zip(&whole).filter(|((_, got), best)| (got - *best).abs() < 1e-6).count();
    }
    assert!(found * 100 >= there * 99, "{found} of {there}");
}

#[tokio::test]
async fn vectors_of_texts_that_are_gone_go_with_the_next_look() {
    let model = Arc::new(Counted::default());
    let mut provider = VectorsProvider::new(model.clone());
    let mut history = History::default();
    let mut moment = |title: &str| {
        history.put("notes", note("1", title, ""));
        history.moment()
    };
    let mut before = moment("spawn");
    provider.rebuild(&before).await.unwrap();
    for (title, looks, texts) in
        [("timer", false, 2), ("spawn", false, 2), ("spawn", true, 2), ("timer", false, 3)]
    {
        let now = moment(title);
        provider.apply(&now.changes_since(&before), &now).await.unwrap();
        if looks {
            provider.check(&now).await.unwrap().expect("a base of this document");
        }
        assert_eq!(model.texts(), texts, "{title}");
        before = now;
    }
}
