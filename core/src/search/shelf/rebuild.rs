//! Making a shelf anew. A mark stands beside it until all that belongs there lies there again: whoever
//! comes meanwhile, or after a kill, goes on from what is there.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use super::manifest::Shelved;
use super::snapshot::Snapshot;
use super::writer::WRITER_LOCK;
use super::{Shelf, ShelfError};

/// A shelf that is being made anew, by one process at a time.
pub struct Rebuild {
    shelf: Arc<Shelf>,
    /// What lies there already.
    pub present: Vec<Shelved>,
    _turn: File,
}

impl Shelf {
    /// Begins to make the shelf anew; goes on with it, where another process was interrupted. Blocks while
    /// another one is at it.
    pub fn rebuild(self: &Arc<Self>) -> Result<Rebuild, ShelfError> {
        let turn = self.lock("rebuild.lock")?;
        let _lock = self.lock(WRITER_LOCK)?;
        let present = match Snapshot::load(self, None) {
            Ok(snapshot) => snapshot.packages().map(|package| package.shelved.clone()).collect(),
            Err(ShelfError::Damaged { .. } | ShelfError::OtherLayout { .. }) => {
                self.begin_anew()?;
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        Ok(Rebuild { shelf: self.clone(), present, _turn: turn })
    }

    /// Empties the shelf and marks it as partial. Readers keep the snapshot that they hold. Only the holder
    /// of the writers' lock comes here.
    pub(super) fn begin_anew(&self) -> Result<(), ShelfError> {
        File::create(self.mark()).map_err(|error| self.io("mark", error))?;
        for folder in [self.text_folder(), self.vector_folder()] {
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(self.io("clear", error)),
                _ => {}
            }
        }
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    pub(super) fn is_partial(&self) -> bool {
        self.mark().exists()
    }

    fn mark(&self) -> PathBuf {
        self.folder.join("partial")
    }
}

impl Rebuild {
    /// All that belongs there lies there.
    pub fn finish(self) -> Result<(), ShelfError> {
        match std::fs::remove_file(self.shelf.mark()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.shelf.io("unmark", error)),
            _ => Ok(()),
        }
    }
}
