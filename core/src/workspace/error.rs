//! What can go wrong with notes.

use std::path::{Path, PathBuf};

use super::document::{EditError, UPDATE_BYTES_MAX, Unreadable};
use super::sync::ServerError;
use crate::catalog::Trouble;
use crate::lake::StoreError;

/// Anything that can go wrong with notes.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    #[error("cannot {attempted} the notes in {}: {source}", path.display())]
    Log { attempted: &'static str, path: PathBuf, source: Trouble },
    #[error(
        "the log of the notes {} has no bytes, and what it held is gone from it: put a copy of it back. Where there is \
         none, keep a copy of notes.db beside it, which holds them as plain tables, and move the log away: `zenith note \
         sync` then brings what a place that they were synchronised with has", path.display()
    )]
    Empty { path: PathBuf },
    #[error("the notes in {} were made by another version of zenith (schema {found})", path.display())]
    OtherSchema { path: PathBuf, found: i64 },
    #[error("cannot make the folder of the notes {}: {source}", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error("what came is refused: {0}")]
    Refused(#[from] Refusal),
    #[error("the notes were closed meanwhile")]
    Closed,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "that place holds other notes than those of this machine ({theirs}); `--join` takes them up and puts yours to \
         them"
    )]
    OtherDocument { theirs: String },
    #[error("that place holds several people's notes ({0}); name a folder or prefix that holds yours alone")]
    SeveralDocuments(String),
    #[error("cannot synchronise with the server: {0}")]
    Server(#[from] ServerError),
    #[error("your notes have {0} bytes, more than the {UPDATE_BYTES_MAX} that are sent at once")]
    Large(usize),
}

/// Why something from outside is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it has {0} bytes, more than {UPDATE_BYTES_MAX}")]
    Large(usize),
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("values in it lie more than {0} deep")]
    Deep(usize),
    #[error("with it there would be {0} rows, more than are kept")]
    Rows(usize),
    #[error("the library of the document stopped over it")]
    Stopped,
}

impl WorkspaceError {
    pub(super) fn log(attempted: &'static str, path: &Path, error: &libsql::Error) -> WorkspaceError {
        let path = path.to_path_buf();
        match Trouble::from(error) {
            Trouble::Empty => WorkspaceError::Empty { path },
            source => WorkspaceError::Log { attempted, path, source },
        }
    }
}
