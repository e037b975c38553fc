//! Everything that can be done, once: what the shown tab lists, what the shell does everywhere, and what other tabs
//! alone do. This one list feeds the dispatch, the hints, the help and the palette.

mod keymap;
mod list;
mod named;
#[cfg(test)]
mod tests;
mod told;

use crossterm::event::{KeyCode, KeyEvent};

use super::app::App;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::key::{Key, alt, char, plain};
use crate::explorer::parts::list::Motion;
use crate::explorer::tabs::actions::{ALL, Action, Binding, COMMANDS};
use list::{DIGITS, OVERLAY, SHELL};
pub use named::{Named, named};
pub use told::{Hint, Told};

/// Something that the shell does, whichever tab shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Quit,
    /// Empties the line that one types, and quits where nothing stands in it.
    Interrupt,
    Suspend,
    Redraw,
    NextTab,
    PreviousTab,
    /// The tab at this place of the list.
    Show(usize),
    /// Where one was before.
    Back,
    /// Where one came back from.
    On,
    Help,
    Palette,
    Failures,
    Index,
    CancelIndex,
    Theme,
    Mouse,
    /// Within the list above the screen.
    Move(Motion),
    Choose,
    Close,
}

/// What a key, or a row of the palette, stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    Command(Command),
    /// Of the tab at this place of the list.
    Tab(usize, Action),
}

/// A row of the list.
#[derive(Clone, Debug)]
pub struct Row {
    pub keys: Vec<Key>,
    panes: &'static [Pane],
    pub does: Does,
    pub label: String,
    hint: String,
    words: &'static str,
    /// Whether its keys are those of the settings.
    is_changed: bool,
}

impl App {
    /// What a key does where one is now.
    pub fn bound(&self, event: &KeyEvent) -> Option<Does> {
        let key = Key::of(event);
        self.here_bound().into_iter().find(|row| row.keys.contains(&key)).map(|row| row.does)
    }

    /// The first key that does something where one is now; empty where none does.
    pub fn key_for(&self, does: Does) -> String {
        let row = self.here_bound().into_iter().find(|row| row.does == does);
        row.and_then(|row| row.keys.first().map(ToString::to_string)).unwrap_or_default()
    }

    /// The panes that a tab can have the focus in.
    fn panes(&self, index: usize) -> Vec<Pane> {
        let rows = self.tab_rows(index);
        ALL.iter().copied().filter(|pane| rows.iter().any(|row| row.panes.contains(pane))).collect()
    }

    /// The rows of everything, in the order of the help.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.tab_rows(self.shown);
        rows.extend(self.shell_rows());
        let is_own = |row: &Row| matches!(row.does, Does::Tab(_, Action::Own(_)));
        let others = (0..self.tabs.len()).filter(|index| *index != self.shown);
        rows.extend(others.flat_map(|index| self.tab_rows(index)).filter(is_own));
        rows
    }

    /// The rows whose keys count where one is now. A tab's own keys go before the shell's.
    fn here_bound(&self) -> Vec<Row> {
        if self.overlay.is_some() {
            let mut rows = keymap::applied(&self.keymap, OVERLAY.iter().map(Row::of_shell).collect());
            // Letters filter it.
            rows.retain(|row| row.panes.contains(&Pane::Input));
            return rows;
        }
        self.tabs.get(self.shown).map(|tab| self.bound_in(tab.pane())).unwrap_or_default()
    }

    /// The same of a pane of the shown tab.
    fn bound_in(&self, pane: Pane) -> Vec<Row> {
        let mut here = self.rows_in(self.shown, pane);
        let owners = keymap::owners(&here);
        here.iter_mut().for_each(|row| row.keys.retain(|key| owners.contains(&(*key, row.does))));
        here.retain(|row| !row.keys.is_empty());
        here
    }

    /// The rows of a tab, and then those of the shell, that count in a pane.
    fn rows_in(&self, index: usize, pane: Pane) -> Vec<Row> {
        let mut rows = self.tab_rows(index);
        rows.extend(self.shell_rows());
        rows.retain(|row| row.panes.contains(&pane));
        rows
    }

    fn tab_rows(&self, index: usize) -> Vec<Row> {
        let lists = self.tabs.get(index).map(|tab| tab.actions()).unwrap_or_default();
        keymap::applied(
            &self.keymap,
            lists.iter().copied().flatten().map(|binding| Row::of_tab(index, binding)).collect(),
        )
    }

    fn shell_rows(&self) -> Vec<Row> {
        let name = |index: usize| self.tabs.get(index).map(|tab| tab.name()).unwrap_or_default();
        let next = Row {
            keys: vec![plain(KeyCode::Tab)],
            panes: ALL,
            does: Does::Command(Command::NextTab),
            label: "next tab".to_string(),
            words: "switch",
            is_changed: false,
            hint: name((self.shown + 1) % self.tabs.len().max(1)).to_lowercase(),
        };
        let show = |index: usize, key: Key, panes: &'static [Pane]| Row {
            keys: vec![key],
            panes,
            does: Does::Command(Command::Show(index)),
            label: name(index).to_string(),
            hint: String::new(),
            words: "tab go to",
            is_changed: false,
        };
        let digits = DIGITS.into_iter().enumerate().take(self.tabs.len());
        let mut rows = vec![next];
        rows.extend(SHELL.iter().map(Row::of_shell));
        rows.extend(digits.flat_map(|(index, digit)| {
            [show(index, char(digit), COMMANDS), show(index, alt(KeyCode::Char(digit)), ALL)]
        }));
        keymap::applied(&self.keymap, rows)
    }
}

impl Row {
    fn of_tab(index: usize, binding: &Binding) -> Row {
        Row::of(binding, Does::Tab(index, binding.action))
    }

    fn of_shell(binding: &Binding<Command>) -> Row {
        Row::of(binding, Does::Command(binding.action))
    }

    fn of<A>(binding: &Binding<A>, does: Does) -> Row {
        Row {
            keys: binding.keys.to_vec(),
            panes: binding.panes,
            does,
            label: binding.label.to_string(),
            hint: binding.hint.to_string(),
            words: binding.words,
            is_changed: false,
        }
    }
}
