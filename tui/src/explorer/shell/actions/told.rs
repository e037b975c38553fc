//! What of the list is told: the hints of the last line, and everything, for help and palette.

use super::{Command, Does, Row};
use crate::explorer::parts::key::Key;
use crate::explorer::shell::app::App;
use crate::explorer::tabs::actions::Action;

/// Something that matters where one is, with its first key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub key: String,
    pub label: String,
    pub does: Does,
}

/// Something that can be done, with all of its keys that act where one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub keys: String,
    /// Other words for it.
    pub words: String,
    pub label: String,
    pub does: Does,
    /// Whether it would do something now.
    pub can: bool,
}

impl App {
    /// The keys that matter most where one is now, with what they do: help first, then the tab's own.
    pub fn hints(&self) -> Vec<Hint> {
        let rows = self.here_bound();
        let does_something = |row: &&Row| self.can(row.does);
        let told = rows.iter().filter(|row| !row.hint.is_empty()).filter(does_something);
        let (mut help, others): (Vec<_>, Vec<_>) =
            told.partition(|row| row.does == Does::Command(Command::Help));
        help.extend(others);
        let hint = |row: &Row| {
            let label = self.hint_now(row.does).map_or_else(|| row.hint.clone(), str::to_string);
            Some(Hint { key: row.keys.first()?.to_string(), label, does: row.does })
        };
        help.into_iter().filter_map(hint).collect()
    }

    /// What the hints call something now, where that is not what they always do.
    fn hint_now(&self, does: Does) -> Option<&'static str> {
        match does {
            Does::Tab(index, action) => self.tabs.get(index)?.hint(action),
            Does::Command(Command::Choose) => self.overlay.as_ref()?.has_letters().then_some("or its letter"),
            Does::Command(_) => None,
        }
    }

    /// Whether something would change anything now.
    fn can(&self, does: Does) -> bool {
        let indexing = &self.world.indexing;
        match does {
            Does::Tab(index, action) => self.tabs.get(index).is_some_and(|tab| tab.can(action)),
            Does::Command(Command::Index) => {
                indexing.lockfile.is_some() && !indexing.is_active() && !self.world.home.is_read_only
            }
            Does::Command(Command::CancelIndex) => indexing.is_active(),
            Does::Command(Command::Failures) => !indexing.failures.is_empty(),
            Does::Command(Command::Back) => self.places.has_back(),
            Does::Command(Command::On) => self.places.has_on(),
            Does::Command(Command::Choose) => {
                self.overlay.as_ref().is_some_and(|overlay| overlay.chosen().is_some())
            }
            Does::Command(_) => true,
        }
    }

    /// Everything that can be done, each once: what the shown tab does first, then the shell, then other tabs. A key
    /// that is text in the shown tab, or another's, is not among its own.
    pub fn told(&self) -> Vec<Told> {
        let panes = self.panes(self.shown);
        let here: Vec<Row> = panes.iter().flat_map(|pane| self.bound_in(*pane)).collect();
        let mut told: Vec<(Row, Vec<Key>, Vec<Key>)> = Vec::new();
        for row in self.rows() {
            if let Some((.., known)) = told.iter_mut().find(|(other, ..)| other.does == row.does) {
                known.extend(row.keys);
                continue;
            }
            let mut keys: Vec<Key> = Vec::new();
            for key in here.iter().filter(|bound| bound.does == row.does).flat_map(|bound| &bound.keys) {
                if !keys.contains(key) {
                    keys.push(*key);
                }
            }
            told.push((row.clone(), keys, row.keys));
        }
        let joined = |keys: &[Key]| keys.iter().map(ToString::to_string).collect::<Vec<_>>().join("  ");
        let line = |(row, keys, all): (Row, Vec<Key>, Vec<Key>)| {
            let label = match row.does {
                Does::Tab(index, Action::Own(_)) if index != self.shown => {
                    let name = self.tabs.get(index).map(|tab| tab.name()).unwrap_or_default();
                    format!("in {name}: {}, there by {}", row.label, joined(&all))
                }
                _ => row.label.clone(),
            };
            // What the settings call it finds it too, and where it is done.
            let mut words = format!("{} {}", row.words, row.does.name());
            if let Does::Tab(index, Action::Own(_)) = row.does
                && let Some(tab) = self.tabs.get(index)
            {
                words = format!("{words} in {}", tab.name());
            }
            Told { keys: joined(&keys), words, label, does: row.does, can: self.can(row.does) }
        };
        told.into_iter().map(line).collect()
    }
}
