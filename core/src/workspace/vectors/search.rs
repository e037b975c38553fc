//! Notes by words and by meaning.

use std::collections::BTreeMap;
use std::sync::Arc;

use libsql::{Connection, Error, Value};

use super::embeddings::Embeddings;
use super::{Base, IndexState, NAME, Shared, text};
use crate::catalog::query;
use crate::embed::Embedder;
use crate::workspace::base::BaseError;

/// More notes than anybody looks through.
const HITS_MAX: usize = 1_000;
/// Vectors that are compared whole.
const NEAR_MAX: usize = 800;
/// The first of one list weighs this much more than one that stands so far below: reciprocal ranks, as Cormack and others
/// have them (2009).
const RANK_OFFSET: f64 = 60.0;
/// What is further away than this has nothing to do with what was asked.
const DISTANCE_MAX: f64 = 0.7;

/// Vectors near to `?1`: of a coarse copy of all, then by their whole length.
const SCAN: &str = "\
WITH asked AS MATERIALIZED (SELECT vector8(?1) AS e), \
near AS MATERIALIZED (SELECT coarse.vid FROM coarse, asked \
ORDER BY vector_distance_cos(coarse.e, asked.e) LIMIT ?2)";
/// Vectors that an index named in `?4`, and of those that came after `?5`, the near ones.
const INDEXED: &str = "\
WITH asked AS MATERIALIZED (SELECT vector8(?1) AS e), \
near AS MATERIALIZED (SELECT value AS vid FROM json_each(?4) UNION SELECT vid FROM \
(SELECT coarse.vid FROM coarse, asked WHERE coarse.vid > ?5 \
ORDER BY vector_distance_cos(coarse.e, asked.e) LIMIT ?2))";
/// The notes of those vectors.
const NOTES_NEAR: &str = "\
, whole AS MATERIALIZED (SELECT vid, vector_distance_cos(vectors.e, ?1) AS distance FROM near JOIN vectors USING (vid)) \
SELECT CAST(note AS BLOB), min(distance) FROM whole JOIN pieces USING (vid) GROUP BY note ORDER BY 2, 1 LIMIT ?3";
/// Notes that have words, the best first: a title counts more than a body.
const NOTES_WITH: &str = "\
SELECT CAST(notes.id AS BLOB) FROM notes_text JOIN notes ON notes.number = notes_text.rowid \
WHERE notes_text MATCH ?1 ORDER BY bm25(notes_text, 4.0, 1.0, 2.0), notes.id LIMIT ?2";

/// A note that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteHit {
    pub id: String,
    /// The higher the better; only to be compared within one answer.
    pub score: f64,
    /// Whether it has the words that were asked for.
    pub has_words: bool,
    /// How far its nearest piece is in meaning: a cosine distance, 0 for the same.
    pub distance: Option<f64>,
}

/// Searches the base in memory as it stands.
#[derive(Clone)]
pub struct Vectors {
    shared: Arc<Shared>,
    model: Arc<dyn Embedder>,
}

impl Vectors {
    pub(super) fn new(shared: Arc<Shared>, model: Arc<dyn Embedder>) -> Vectors {
        Vectors { shared, model }
    }

    /// The best `most` notes, by words and by meaning together.
    pub async fn search(&self, words: &str, most: usize) -> Result<Vec<NoteHit>, BaseError> {
        let (of, words) = (self.clone(), words.to_owned());
        on_a_thread(async move || {
            let with = of.with_words(&words, most).await?;
            let near = of.near(&words, most).await?;
            Ok(joined(with, near, most))
        })
        .await
    }

    /// Notes that have words. Nothing in them is taken for an operator.
    pub async fn with_words(&self, words: &str, most: usize) -> Result<Vec<String>, BaseError> {
        let base = self.shared.base.lock().await;
        let Some(base) = base.as_ref() else { return Err(BaseError::Closed) };
        let mut found = Vec::new();
        for operator in [" AND ", " OR "] {
            let Some(asked) = expression(words, operator) else { break };
            let values = [Value::Text(asked), number(most.clamp(1, HITS_MAX))];
            let rows = query(&base.connection, NOTES_WITH, &values, |row| text(row, 0)).await;
            found = rows.map_err(BaseError::of("search", NAME))?;
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Notes near in meaning, each with its distance, the nearest first.
    pub async fn near(&self, words: &str, most: usize) -> Result<Vec<(String, f64)>, BaseError> {
        let asked = Embeddings::new(self.model.clone()).of(&[words.to_owned()])?;
        let Some(Some(asked)) = asked.first() else { return Ok(Vec::new()) };
        let base = self.shared.base.lock().await;
        let Some(base) = base.as_ref() else { return Err(BaseError::Closed) };
        near(base, &self.shared, asked, most).await.map_err(BaseError::of("search", NAME))
    }

    /// What share of the nearest the index over the vectors finds, where one is in use or was refused.
    pub fn index_recall(&self) -> Option<f64> {
        match &*self.shared.index() {
            IndexState::Ready(index) => Some(index.recall),
            IndexState::Poor { recall, .. } => Some(*recall),
            IndexState::None | IndexState::Making => None,
        }
    }

    /// Whether an index answers, and not a scan.
    pub fn is_indexed(&self) -> bool {
        matches!(&*self.shared.index(), IndexState::Ready(_))
    }

    /// Asks the base a question of one's own that changes nothing: what commands and benches count.
    pub async fn ask<T>(
        &self,
        work: impl AsyncFnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, BaseError> {
        let base = self.shared.base.lock().await;
        let Some(base) = base.as_ref() else { return Err(BaseError::Closed) };
        work(&base.connection).await.map_err(BaseError::of("ask", NAME))
    }
}

async fn near(base: &Base, shared: &Shared, asked: &[u8], most: usize) -> Result<Vec<(String, f64)>, Error> {
    // Several pieces of one note may be near, so that more are looked at than notes are wanted.
    let looked_at = most.saturating_mul(8).clamp(64, NEAR_MAX);
    let mut values = vec![Value::Blob(asked.to_vec()), number(looked_at), number(most.clamp(1, HITS_MAX))];
    let index = match &*shared.index() {
        IndexState::Ready(index) => Some(index.clone()),
        _ => None,
    };
    let near = match index {
        Some(index) => {
            let found = index.near(asked, looked_at).await?;
            values.push(Value::Text(serde_json::json!(found).to_string()));
            values.push(Value::Integer(index.last));
            INDEXED
        }
        None => SCAN,
    };
    query(&base.connection, &format!("{near}{NOTES_NEAR}"), &values, |row| {
        Ok((text(row, 0)?, row.get::<f64>(1)?))
    })
    .await
}

/// Two lists as one, by the ranks that a note has in each.
fn joined(with: Vec<String>, near: Vec<(String, f64)>, most: usize) -> Vec<NoteHit> {
    let mut hits: BTreeMap<String, NoteHit> = BTreeMap::new();
    let hit = |id: String| NoteHit { id, score: 0.0, has_words: false, distance: None };
    let mut rank = 0.0;
    for id in with {
        rank += 1.0;
        let entry = hits.entry(id.clone()).or_insert_with(|| hit(id));
        entry.has_words = true;
        entry.score += 1.0 / (RANK_OFFSET + rank);
    }
    rank = 0.0;
    for (id, distance) in near {
        rank += 1.0;
        if distance > DISTANCE_MAX && !hits.contains_key(&id) {
            continue;
        }
        let entry = hits.entry(id.clone()).or_insert_with(|| hit(id));
        entry.distance = Some(distance);
        entry.score += 1.0 / (RANK_OFFSET + rank);
    }
    let mut hits: Vec<NoteHit> = hits.into_values().collect();
    // The first of each list weigh the same: what has the words stands before.
    let place = |a: &NoteHit, b: &NoteHit| b.score.total_cmp(&a.score).then(b.has_words.cmp(&a.has_words));
    hits.sort_by(|a, b| place(a, b).then_with(|| a.id.cmp(&b.id)));
    hits.truncate(most);
    hits
}

/// What people typed as an expression of FTS5: every word a quoted one, the last one may be the
/// beginning of one.
fn expression(words: &str, operator: &str) -> Option<String> {
    let of = |word: &str| format!("\"{}\"", word.replace('"', "\"\""));
    let words = words.split(|c: char| c.is_whitespace() || c == '\0');
    let words: Vec<String> =
        words.filter(|word| word.contains(char::is_alphanumeric)).take(32).map(of).collect();
    (!words.is_empty()).then(|| format!("{}*", words.join(operator)))
}

fn number(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A query takes milliseconds of a thread, which nobody else is to wait for.
async fn on_a_thread<T: Send + 'static>(
    work: impl AsyncFnOnce() -> Result<T, BaseError> + Send + 'static,
) -> Result<T, BaseError> {
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work())).await;
    done.unwrap_or_else(|_| Err(BaseError::Stopped { name: NAME.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_no_syntax() {
        assert_eq!(expression("spawn block", " AND ").unwrap(), "\"spawn\" AND \"block\"*");
        assert_eq!(expression("a\"b NEAR(x) * - \0", " OR ").unwrap(), "\"a\"\"b\" OR \"NEAR(x)\"*");
        assert_eq!(expression(" * () ", " OR "), None);
    }

    #[test]
    fn a_note_of_both_lists_stands_before_those_of_one() {
        let with = ["words", "both"].map(String::from).to_vec();
        let near =
            [("near", 0.1), ("both", 0.2), ("far", 0.9)].map(|(id, far)| (id.to_owned(), far)).to_vec();
        let hits = joined(with, near, 3);
        let ids: Vec<&str> = hits.iter().map(|hit| hit.id.as_str()).collect();
        assert_eq!(ids, ["both", "words", "near"]);
        assert!(hits[0].has_words && hits[0].distance == Some(0.2) && !hits[2].has_words);
    }
}
