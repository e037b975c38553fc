//! What the tab remembers.

use std::time::Instant;

use ratatui::layout::Rect;
use tui_input::Input;
use zenith_core::publish::{AuthoredId, Difference, Route, UserInstance, WidgetType};

use super::desk::Desk;
use super::work::{Detail, Looked, Planned, Written};
use crate::explorer::parts::areas::{Areas, Pane, take_top};
use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::sheet::Sheet;

/// Narrower places show the page below the list.
const COLUMNS_BESIDE: u16 = 124;

/// Whose instances show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// What is authored on this machine.
    #[default]
    Authored,
    /// The user's own, in their workspace's database.
    Workspace,
}

/// A line that is typed, and what for.
#[derive(Debug)]
pub struct Typed {
    pub of: For,
    pub line: Input,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum For {
    /// The id of a new instance.
    New,
    /// The number that an instance goes back to.
    Number(AuthoredId),
}

/// A publication that goes on.
#[derive(Debug)]
pub struct Run {
    pub since: Instant,
    /// So many instances are published.
    pub planned: Option<usize>,
    pub is_stopping: bool,
}

/// An instance whose configuration stands in the user's editor.
#[derive(Clone, Debug)]
pub struct Writing {
    pub id: Route,
    pub widget_type: Option<WidgetType>,
}

#[derive(Debug, Default)]
pub struct Instances {
    pub pane: Pane,
    pub side: Side,
    pub filter: Input,
    pub typed: Option<Typed>,
    pub desk: Desk,
    /// How often what is authored was to be read again.
    pub looks: usize,
    pub look: Latest<usize, Result<(), String>>,
    pub looked: Option<Looked>,
    /// How often it was read: what is known of one instance is of one of these times.
    pub answers: usize,
    /// Whether the file is watched.
    pub is_watching: bool,
    /// How often store and mirror were to be compared, and how deep.
    pub comparisons: (usize, bool),
    pub live: Latest<(usize, bool), Result<Vec<Difference>, String>>,
    /// By how often they were to be read, and by which session.
    pub own: Latest<(usize, Option<String>), Result<Vec<UserInstance>, String>>,
    pub detail: Latest<(usize, AuthoredId), Result<Box<Detail>, String>>,
    pub rows: Vec<usize>,
    pub cursor: Cursor,
    /// The instance that is to be selected once it is there.
    pub select_next: Option<String>,
    /// What the question is about whether it is to be published.
    pub planned: Option<Planned>,
    pub run: Option<Run>,
    pub writing: Option<Writing>,
    /// What was written last and could not be kept: nobody writes it twice.
    pub unkept: Option<Written>,
    pub page: Sheet,
    /// The id whose page was laid out last.
    pub shown: Option<String>,
    pub is_shown: bool,
}

impl Instances {
    /// How it parts its place. The line that one types stands in `parts`.
    pub fn areas(&self, mut area: Rect, is_roomy: bool) -> Areas {
        let mut areas = Areas { head: take_top(&mut area, 1), ..Areas::default() };
        areas.switches = take_top(&mut area, 1);
        areas.parts = take_top(&mut area, u16::from(self.has_line()));
        if is_roomy {
            take_top(&mut area, 1);
        }
        // What teaches has nothing beside it.
        if self.is_empty() {
            areas.list = area;
            return areas;
        }
        areas.list = areas.split(area, area.width / 2, area.width >= COLUMNS_BESIDE, self.pane);
        areas
    }

    fn has_line(&self) -> bool {
        self.typed.is_some() || self.pane == Pane::Input || !self.filter.value().is_empty()
    }

    fn is_empty(&self) -> bool {
        match self.side {
            Side::Authored => self.standings().is_empty(),
            Side::Workspace => self.users().is_empty(),
        }
    }

    /// What is not there as it was published from here, of one instance.
    pub fn differences(&self, id: &AuthoredId) -> impl Iterator<Item = &Difference> {
        let found = self.live.value().and_then(|live| live.as_ref().ok());
        found.into_iter().flatten().filter(move |difference| difference.public_id.as_ref() == Some(id))
    }

    /// What is known of the selected one, as it was read last.
    pub fn detailed(&self) -> Option<Result<&Detail, &str>> {
        let id = &self.standing()?.public_id;
        match self.detail.value()? {
            Ok(detail) if detail.instance.public_id == *id => Some(Ok(detail)),
            Err(why) if !self.detail.is_pending() => Some(Err(why)),
            _ => None,
        }
    }
}
