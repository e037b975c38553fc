//! What a tab sees of the rest, and what the rest sees of its work.

use std::time::Instant;

use ratatui::layout::Rect;

use super::Tab;
use super::actions::Action;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::keymap::Keymap;
use crate::explorer::parts::out::Logged;
use crate::explorer::parts::theme::Theme;
use crate::explorer::world::World;

/// What a tab sees of the rest.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub world: &'a World,
    /// What all tabs have at work.
    pub tasks: &'a [Task],
    /// What the user was told, the newest last.
    pub log: &'a [Logged],
    pub theme: Theme,
    /// Whether nothing moves by itself but numbers.
    pub is_still: bool,
    pub keymap: &'a Keymap,
    /// Where it stands on the screen.
    pub area: Rect,
    /// Whether there is room for lines between its parts.
    pub is_roomy: bool,
    /// Whether it shows.
    pub is_shown: bool,
    /// The time of the last message.
    pub now: Instant,
    /// The same by the wall clock, in milliseconds since 1970, for the age of things.
    pub wall_ms: i64,
    /// What local time is ahead of UTC, in seconds.
    pub offset_s: i32,
}

impl Seen<'_> {
    /// The first key of an action of a tab, as it is told: where one types, one that is no letter.
    pub fn key<T: Tab>(&self, action: Action, pane: Pane) -> String {
        let mut own = T::ACTIONS.iter().copied().flatten();
        let own = own.find(|binding| binding.action == action && binding.panes.contains(&pane));
        let own = own.map(|binding| binding.keys).unwrap_or_default();
        let changed = self.keymap.of(&action.name()).into_iter().flatten();
        let changed = changed.copied().find(|key| pane != Pane::Input || !key.is_letter());
        changed.or(own.first().copied()).map(|key| key.to_string()).unwrap_or_default()
    }
}

/// Something of a tab that is at work.
#[derive(Clone, Debug)]
pub struct Task {
    /// What it is called, in a word.
    pub name: &'static str,
    /// How much of how much is done, where that can be told. What cannot has no bar.
    pub done: Option<(usize, usize)>,
    /// What it is at, and since when.
    pub at: Option<(String, Instant)>,
    /// The step that it is at.
    pub doing: String,
    /// What is still being done, where it was told to stop.
    pub stopping: Option<&'static str>,
    /// What the program's end waits for, if it does.
    pub holds: Option<&'static str>,
    /// What stops it.
    pub stop: Option<Action>,
}
