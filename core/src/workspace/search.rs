//! Notes that are searched, as of a moment that whoever asks knows of.

use super::base::BaseError;
use super::driver::Driver;
use super::vectors::{NoteHit, Vectors};

/// Searches the notes.
#[derive(Clone)]
pub struct NoteSearch {
    driver: Driver,
    vectors: Vectors,
}

impl NoteSearch {
    /// Over the base that a driver keeps.
    pub fn new(driver: Driver, vectors: Vectors) -> NoteSearch {
        NoteSearch { driver, vectors }
    }

    /// The best `most` notes by words and by meaning, of at least this moment of the document: what was written before
    /// is found.
    pub async fn search(&self, words: &str, most: usize, at_least: u64) -> Result<Vec<NoteHit>, BaseError> {
        self.driver.at_least(at_least).await?;
        self.vectors.search(words, most).await
    }
}
