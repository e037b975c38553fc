//! The shelf: what is visible and local of one scope, in one text index and one file of vectors a
//! package, so that a search's cost does not depend on the number of packages.
//!
//! It is derived: the datasets can rebuild it at any time. Each scope has a shelf of its own, and
//! an identity opens only its own scopes' shelves, so what it may not see cannot bend even a word's
//! frequency.
//!
//! # Decisions
//!
//! - **The shelf is tantivy beside flat files of int8 vectors.** An exact scan of some 400,000 rows costs
//!   milliseconds and needs no index to build. Both commit together: the list of packages and vector files is
//!   the payload of tantivy's commit.
//! - **A shelf a scope, not a filter.** BM25 leaks: the frequency of a word in rows that one may not see
//!   would move the scores of those that one may.
//! - **What the order is made from lies beside the vectors**, a file a package: each row's facts and the tokens of
//!   its texts. Some hundred candidates are compared with a question token by token; their cards lie
//!   compressed in the text index, and reading those would cost more than all else.
//! - **The beginning of a documentation is a field of its own.** BM25 holds a document's length against it,
//!   and the most important items have the longest documentation: without the summary, words alone scored
//!   0.15 nDCG on natural questions, with it 0.28.
//! - **An item has second texts, the best of which counts.** What examples say where they use it is a field of
//!   its document and a second vector of its row; a piece of a long function is a row of its own with the item's
//!   card, and a result stands for an item once. Datasets hold the texts and no vectors of them: those are made
//!   with the shelf, by the model that made the others.

mod card;
mod directory;
mod facts;
mod fields;
mod manifest;
mod rebuild;
mod snapshot;
mod tokenizer;
mod traits;
mod vectors;
mod writer;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use card::{Card, DOC_KIND, ShelfRow};
pub use facts::{Facts, Group};
pub use fields::{Fields, fold_alias, fold_path, from_slot, query_words, slot, spelled};
pub use manifest::Shelved;
pub use rebuild::Rebuild;
pub use snapshot::{ShelvedPackage, Snapshot};
pub use tokenizer::{COMPOUND_WORDS_MAX, WordTokenizer};
pub use traits::{TraitFile, Traits};
pub use vectors::{QuantizedVectors, QueryVector, VectorFile};
pub use writer::ShelfPackage;

use crate::embed::EmbedError;
use crate::identity::Scope;
use snapshot::Stamp;

/// One scope's shelf, in a folder of its own.
pub struct Shelf {
    folder: PathBuf,
    latest: Mutex<Option<(Stamp, Arc<Snapshot>)>>,
}

/// A shelf that cannot be read or written. It is derived, so the way out is always to rebuild it.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    #[error("the search index {folder} is damaged ({why}); `zenith doctor --repair` rebuilds it")]
    Damaged { folder: PathBuf, why: String },
    #[error("the search index {folder} has the layout of another version; the next search makes it anew")]
    OtherLayout { folder: PathBuf },
    #[error("{source}: cannot {attempted} the search index {folder}")]
    Io { attempted: &'static str, folder: PathBuf, source: std::io::Error },
    #[error("{source}: cannot take the lock {path} of the search index; is it another user's?")]
    Lock { path: PathBuf, source: std::io::Error },
    #[error(
        "the search index {folder} is gone; `zenith doctor --repair` makes it anew from what is still there"
    )]
    Gone { folder: PathBuf },
    #[error(transparent)]
    Model(#[from] EmbedError),
}

/// The shelves below one folder, one a scope.
#[derive(Default)]
pub struct Shelves {
    folder: PathBuf,
    open: Mutex<HashMap<Scope, Arc<Shelf>>>,
}

impl Shelves {
    pub fn below(folder: &Path) -> Shelves {
        Shelves { folder: folder.to_path_buf(), open: Mutex::default() }
    }

    pub fn of(&self, scope: &Scope) -> Arc<Shelf> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Shelf::new(&self.folder.join(scope.prefix())));
        open.entry(scope.clone()).or_insert_with(new).clone()
    }
}

impl Shelf {
    /// A shelf in `folder`, which need not exist. Nothing is touched until something is written.
    pub fn new(folder: &Path) -> Shelf {
        Shelf { folder: folder.to_path_buf(), latest: Mutex::new(None) }
    }

    /// What lies on the shelf now, whoever wrote it; `None` where nothing was ever written. It does
    /// not change while it is held.
    pub fn snapshot(&self) -> Result<Option<Arc<Snapshot>>, ShelfError> {
        if self.is_partial() {
            return Err(self.other_layout());
        }
        let Some(stamp) = Stamp::read(&self.text_folder()) else { return Ok(None) };
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((seen, snapshot)) = latest.as_ref()
            && *seen == stamp
        {
            return Ok(Some(snapshot.clone()));
        }
        let previous = latest.as_ref().map(|(_, snapshot)| snapshot.clone());
        let snapshot = Arc::new(Snapshot::load(self, previous.as_deref())?);
        *latest = Some((stamp, snapshot.clone()));
        Ok(Some(snapshot))
    }

    /// Whether the shelf is to be made anew before it is read: its layout is another version's, or its
    /// making was interrupted.
    pub fn is_outdated(&self) -> bool {
        matches!(self.snapshot(), Err(ShelfError::OtherLayout { .. }))
    }

    fn text_folder(&self) -> PathBuf {
        self.folder.join("text")
    }

    fn vector_folder(&self) -> PathBuf {
        self.folder.join("vectors")
    }

    fn other_layout(&self) -> ShelfError {
        ShelfError::OtherLayout { folder: self.folder.clone() }
    }

    fn damaged(&self, error: impl std::fmt::Display) -> ShelfError {
        ShelfError::Damaged { folder: self.folder.clone(), why: error.to_string() }
    }

    /// Whose trouble it is: the system's, where it says so, else the index's.
    fn failed(&self, attempted: &'static str, error: &tantivy::TantivyError) -> ShelfError {
        match directory::cause(error) {
            Some(source) => self.io(attempted, source),
            None => self.damaged(error),
        }
    }

    /// That nothing lies here, where something should.
    pub fn gone(&self) -> ShelfError {
        ShelfError::Gone { folder: self.folder.clone() }
    }

    fn io(&self, attempted: &'static str, source: std::io::Error) -> ShelfError {
        ShelfError::Io { attempted, folder: self.folder.clone(), source }
    }
}
