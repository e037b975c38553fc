//! Notes by words and by meaning, as items are searched.

use std::sync::Arc;

use super::Zenith;
use crate::search::Mode;
use crate::workspace::{BaseError, Driver, NoteHit, NoteSearch, Vectors, VectorsProvider, Workspace, found};

/// The notes of a document, ready to be searched by meaning: their vectors are kept up to date for as long as it lives.
/// Cheap to clone.
#[derive(Clone)]
pub struct NoteIndex {
    notes: Workspace,
    driver: Driver,
    vectors: Vectors,
}

/// Notes that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotesFound {
    /// What has the words first, then what is near in meaning.
    pub hits: Vec<NoteFound>,
    /// How many more have all of the words.
    pub more: usize,
    /// Why meaning was not asked, where it was to be.
    pub by_words_alone: Option<BaseError>,
}

/// A note that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteFound {
    pub id: String,
    /// It has the words; else it is near them in meaning.
    pub has_words: bool,
}

impl Zenith {
    /// Begins to keep the vectors of notes. Must be called within a runtime.
    pub fn note_index(&self, notes: &Workspace) -> NoteIndex {
        let model = Arc::clone(self.search.embedder());
        let provider = VectorsProvider::new(Arc::clone(&model));
        let vectors = provider.searched(model);
        NoteIndex { notes: notes.clone(), driver: Driver::start(provider, notes.moments()), vectors }
    }
}

impl NoteIndex {
    /// The best `most` notes as they are now. Where the model cannot run, those that have the words.
    pub async fn search(&self, words: &str, mode: Mode, most: usize) -> NotesFound {
        let snapshot = self.notes.snapshot();
        let holding: Vec<&str> = found(&snapshot, words).into_iter().map(|note| note.id).collect();
        let asked = match mode {
            Mode::Text => Ok(Vec::new()),
            Mode::Hybrid => {
                let search = NoteSearch::new(self.driver.clone(), self.vectors.clone());
                search.search(words, most, snapshot.generation).await
            }
            Mode::Vector => self.near(words, most, snapshot.generation).await,
        };
        let holding = if mode == Mode::Vector && asked.is_ok() { Vec::new() } else { holding };
        let (hits, by_words_alone) = match asked {
            Ok(hits) => (hits, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        NotesFound { by_words_alone, ..joined(&hits, &holding, most) }
    }

    /// Whatever is nearest, however far that is.
    async fn near(&self, words: &str, most: usize, at_least: u64) -> Result<Vec<NoteHit>, BaseError> {
        self.driver.at_least(at_least).await?;
        let near = self.vectors.near(words, most).await?;
        let hit = |(id, distance): (String, f64)| NoteHit {
            id,
            score: 1.0 - distance,
            has_words: false,
            distance: Some(distance),
        };
        Ok(near.into_iter().map(hit).collect())
    }

    /// Lets go of the vectors.
    pub async fn close(&self) {
        self.driver.close().await;
    }
}

/// What the index found, and what holds the words in the middle of its own, which an index of words does not know.
fn joined(hits: &[NoteHit], holding: &[&str], most: usize) -> NotesFound {
    let with_words = hits.iter().filter(|hit| hit.has_words).map(|hit| hit.id.as_str());
    let mut ids: Vec<&str> = with_words.collect();
    ids.extend(holding.iter().filter(|id| !hits.iter().any(|hit| hit.has_words && hit.id == **id)));
    let more = ids.len().saturating_sub(most);
    ids.truncate(most);
    let by_words = ids.len();
    let by_meaning = hits.iter().filter(|hit| !hit.has_words).map(|hit| hit.id.as_str());
    let new: Vec<&str> = by_meaning.filter(|id| !holding.contains(id)).collect();
    ids.extend(new);
    ids.truncate(most);
    let found = |(at, id): (usize, &str)| NoteFound { id: id.to_owned(), has_words: at < by_words };
    NotesFound { hits: ids.into_iter().enumerate().map(found).collect(), more, by_words_alone: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_once_and_those_that_are_left_out_are_counted() {
        let hit = |id: &str, has_words| NoteHit { id: id.to_owned(), score: 1.0, has_words, distance: None };
        let hits = [hit("near", false), hit("both", true), hit("holds", false)];
        let ids = |found: &NotesFound| found.hits.iter().map(|hit| hit.id.clone()).collect::<Vec<_>>();
        let all = joined(&hits, &["both", "holds", "more"], 10);
        assert_eq!((ids(&all).join(" ").as_str(), all.more), ("both holds more near", 0));
        assert_eq!(all.hits.iter().filter(|hit| hit.has_words).count(), 3);
        let some = joined(&hits, &["both", "holds", "more"], 2);
        assert_eq!((ids(&some).join(" ").as_str(), some.more), ("both holds", 1));
    }
}
