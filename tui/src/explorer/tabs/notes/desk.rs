//! The notes as they are open, and what finds them by meaning.

use std::fmt;
use std::sync::{Arc, OnceLock};

use zenith_core::workspace::Workspace;
use zenith_core::{NoteIndex, Zenith};

/// The notes, where they are open. Cheap to clone; all clones share them.
#[derive(Clone, Default)]
pub struct Desk(Option<Open>);

#[derive(Clone)]
struct Open {
    notes: Workspace,
    /// Made when somebody searches for the first time: it embeds every note.
    index: Arc<OnceLock<NoteIndex>>,
}

/// Notes that something is done to.
pub struct Opened {
    pub notes: Workspace,
    /// They were opened for it alone.
    is_own: bool,
}

impl Desk {
    pub fn of(notes: Workspace) -> Desk {
        Desk(Some(Open { notes, index: Arc::default() }))
    }

    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// The notes; opened, and made, where they are not open.
    pub async fn opened(self, zenith: &Zenith) -> Result<Opened, String> {
        match self.0 {
            Some(Open { notes, .. }) => Ok(Opened { notes, is_own: false }),
            None => {
                let notes = zenith.notes().await.map_err(|error| error.to_string())?;
                Ok(Opened { notes, is_own: true })
            }
        }
    }

    /// What finds notes by meaning. Must be called within a runtime.
    pub fn index(&self, zenith: &Zenith) -> Option<NoteIndex> {
        let Open { notes, index } = self.0.as_ref()?;
        Some(index.get_or_init(|| zenith.note_index(notes)).clone())
    }
}

impl Opened {
    /// Lets go of what was opened for one thing alone, with the file for other tools up to date.
    pub async fn close(self, zenith: &Zenith) {
        if self.is_own {
            // Whoever opens the notes next brings it, and says what is in its way.
            let _ = zenith.notes_file(&self.notes).settle().await;
            self.notes.close().await;
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Desk").field(&self.0.as_ref().map(|open| open.notes.path())).finish()
    }
}
