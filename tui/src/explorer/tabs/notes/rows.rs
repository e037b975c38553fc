//! The rows of the list: notes as they are read once, safe to show, and which of them show.

use zenith_core::NotesFound;
use zenith_core::workspace::{Note, Snapshot, found};

use super::Notes;
use crate::notes::told::spoken;
use crate::text::clean_line;

/// A note as the list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub title: String,
    /// What it speaks of, and in which version it was written of that.
    pub target: Option<String>,
    pub version: Option<String>,
    pub tags: Vec<String>,
    pub changed_ms: i64,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The place of the note among all.
    pub at: usize,
    /// It has not the words that were typed, and is near them in meaning.
    pub by_meaning: bool,
}

impl Listed {
    fn of(note: &Note<'_>) -> Listed {
        Listed {
            id: note.id.to_owned(),
            title: clean_line(note.title),
            target: spoken(&note.target),
            version: note.target.version.map(str::to_owned),
            tags: note.tags.iter().map(|tag| clean_line(tag)).collect(),
            changed_ms: note.changed_at,
        }
    }
}

/// All notes of a moment, the last that was changed first.
pub fn listed(snapshot: &Snapshot) -> Vec<Listed> {
    snapshot.notes().iter().map(Listed::of).collect()
}

impl Notes {
    /// Makes the rows anew, with the selection on the note that it was on, or on another.
    pub fn refresh(&mut self, selected: Option<&str>) {
        let row = |at, by_meaning| Row { at, by_meaning };
        let typed = self.words().to_owned();
        self.rows = match self.snapshot.as_deref() {
            None => Vec::new(),
            Some(_) if typed.is_empty() => (0..self.all.len()).map(|at| row(at, false)).collect(),
            Some(snapshot) => {
                let place = |id: &str| self.all.iter().position(|note| note.id == id);
                match self.found.value().filter(|_| self.is_answered(&typed)) {
                    Some(NotesFound { hits, .. }) => {
                        let of = |hit: &zenith_core::NoteFound| Some(row(place(&hit.id)?, !hit.has_words));
                        hits.iter().filter_map(of).collect()
                    }
                    // Words are found at once; what is near in meaning comes a moment later, below them.
                    None => found(snapshot, &typed)
                        .iter()
                        .filter_map(|note| Some(row(place(note.id)?, false)))
                        .collect(),
                }
            }
        };
        let is_it = |row: &Row| self.all.get(row.at).map(|note| note.id.as_str()) == selected;
        if let Some(place) = selected.and_then(|_| self.rows.iter().position(is_it)) {
            self.cursor.selected = place;
        }
    }

    /// The words that the list is searched for.
    pub fn words(&self) -> &str {
        self.filter.value().trim()
    }

    /// Whether what was found is of these words and of these notes.
    fn is_answered(&self, typed: &str) -> bool {
        let now = self.snapshot.as_ref().map_or(0, |snapshot| snapshot.generation);
        !self.found.is_pending()
            && self.found.wanted().is_some_and(|(words, at)| words == typed && *at == now)
    }

    pub fn len(&self) -> usize {
        if self.shows_problems { self.problems.len() } else { self.rows.len() }
    }

    /// The note that keys are about.
    pub fn selected(&self) -> Option<&Listed> {
        let row = self.rows.get(self.cursor.selected).filter(|_| !self.shows_problems)?;
        self.all.get(row.at)
    }

    /// The same with its text, as it is in the document.
    pub fn note(&self) -> Option<Note<'_>> {
        let id = &self.selected()?.id;
        self.snapshot.as_deref()?.notes().into_iter().find(|note| note.id == *id)
    }
}
