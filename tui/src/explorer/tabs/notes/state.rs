//! What the tab remembers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use ratatui::layout::Rect;
use tui_input::Input;
use zenith_core::workspace::{Problem, Snapshot};
use zenith_core::{NotesFound, Standing};

use super::desk::Desk;
use super::form::Form;
use super::rows::{Listed, Row};
use super::work::{Drafted, FileStands};
use crate::explorer::parts::areas::{Areas, Pane, take_top};
use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::sheet::Sheet;
use crate::explorer::parts::theme::Theme;

/// Narrower places show the page below the list.
const COLUMNS_BESIDE: u16 = 124;

/// What a page is laid out of: the moment, what is selected of it, how it stands, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct PageKey {
    pub generation: u64,
    pub selected: Option<String>,
    pub standing: Option<Standing>,
    pub width: u16,
    pub theme: Theme,
}

#[derive(Debug, Default)]
pub struct Notes {
    pub pane: Pane,
    /// What the notes are searched for.
    pub filter: Input,
    pub desk: Desk,
    /// Whether somebody was asked to open the notes, and has not found that there are none.
    pub is_asked: bool,
    /// The notes; nothing until it is known whether there are any.
    pub snapshot: Option<Arc<Snapshot>>,
    /// Why they cannot be opened.
    pub trouble: Option<String>,
    /// All notes of the snapshot, in the order of the list.
    pub all: Vec<Listed>,
    /// What of the snapshot is no row.
    pub problems: Vec<Problem>,
    pub shows_problems: bool,
    pub rows: Vec<Row>,
    pub cursor: Cursor,
    /// The note that is to be selected once it is there.
    pub select_next: Option<String>,
    /// By the moment of the notes and the revision of the world.
    pub standings: Latest<(u64, u64), HashMap<String, Standing>>,
    /// By what was typed and the moment of the notes.
    pub found: Latest<(String, u64), NotesFound>,
    pub file: FileStands,
    pub form: Option<Form>,
    /// The line of the place to meet other machines at, while it is typed.
    pub meets: Option<Input>,
    /// The one before, which stands in the line the next time.
    pub place: String,
    /// The place that is met at now, and since when.
    pub syncing: Option<(String, Instant)>,
    /// The place whose other notes may be taken up, while that is asked.
    pub joins: Option<String>,
    /// The note that stands in the user's editor.
    pub drafted: Option<Box<Drafted>>,
    pub page: Sheet,
    /// What the page was laid out of.
    pub laid_out: Option<PageKey>,
    pub is_shown: bool,
}

impl Notes {
    /// How it parts its place. The line that one types stands in `parts`.
    pub fn areas(&self, mut area: Rect, is_roomy: bool) -> Areas {
        let mut areas = Areas { head: take_top(&mut area, 1), ..Areas::default() };
        areas.switches = take_top(&mut area, 1);
        areas.parts = take_top(&mut area, u16::from(self.has_line()));
        if is_roomy {
            take_top(&mut area, 1);
        }
        // What teaches has nothing beside it.
        if self.all.is_empty() && !self.shows_problems {
            areas.list = area;
            return areas;
        }
        areas.list = areas.split(area, area.width / 2, area.width >= COLUMNS_BESIDE, self.pane);
        areas
    }

    fn has_line(&self) -> bool {
        self.meets.is_some() || self.pane == Pane::Input || !self.words().is_empty()
    }

    /// How what a note speaks of stands.
    pub fn standing(&self, id: &str) -> Option<&Standing> {
        self.standings.value()?.get(id)
    }
}
