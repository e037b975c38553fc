//! Keys of the settings: an action's own, in place of those that it has.
//!
//! Where letters are text, letters are no keys: there an action keeps the keys that it has, unless the settings give it
//! others with Ctrl or Alt. A key of the settings is taken from whatever else has it, and that is told.

use std::collections::{BTreeMap, BTreeSet};

use super::{Command, Does, Row};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::key::{Key, ctrl};
use crate::explorer::parts::keymap::Keymap;
use crate::explorer::shell::app::App;
use crate::explorer::tabs::actions::{COMMANDS, LINE, motion_name};
use crate::explorer::world::Keys;
use crate::text::clean_line;

/// The key that always leads out.
const WAY_OUT: Key = ctrl('c');

/// The rows of a list with their keys as they are by now.
pub fn applied(keymap: &Keymap, rows: Vec<Row>) -> Vec<Row> {
    if keymap.is_empty() {
        return rows;
    }
    let mut applied: Vec<Row> = Vec::new();
    for row in rows {
        match keymap.of(&row.does.name()) {
            None => applied.push(row),
            Some(keys) => changed(row, keys, &mut applied),
        }
    }
    applied
}

/// A row with other keys. Of several that do the same in a pane the first one has them.
fn changed(row: Row, keys: &[Key], applied: &mut Vec<Row>) {
    let chords: Vec<Key> = keys.iter().copied().filter(|key| !key.is_letter()).collect();
    let in_line = if chords.is_empty() && !keys.is_empty() { row.keys.clone() } else { chords };
    let parts: [(&'static [Pane], Vec<Key>); 2] = match row.panes.contains(&Pane::Input) {
        true if row.panes.len() > 1 => [(COMMANDS, keys.to_vec()), (LINE, in_line)],
        true => [(LINE, in_line), (&[], Vec::new())],
        false => [(row.panes, keys.to_vec()), (&[], Vec::new())],
    };
    for (panes, keys) in parts.into_iter().filter(|(panes, _)| !panes.is_empty()) {
        let is_there = |other: &Row| {
            other.does == row.does && other.is_changed && other.panes.iter().any(|pane| panes.contains(pane))
        };
        let keys = if applied.iter().any(is_there) { Vec::new() } else { keys };
        applied.push(Row { panes, keys, is_changed: true, ..row.clone() });
    }
}

/// What each key does, of the rows of a pane: what the settings say goes first, then what the tab says, which comes
/// before the shell.
pub fn owners(rows: &[Row]) -> Vec<(Key, Does)> {
    let mut owners: Vec<(Key, Does)> = Vec::new();
    for is_changed in [true, false] {
        for row in rows.iter().filter(|row| row.is_changed == is_changed) {
            for key in &row.keys {
                if !owners.iter().any(|(taken, _)| taken == key) {
                    owners.push((*key, row.does));
                }
            }
        }
    }
    owners
}

impl Does {
    /// What the settings call it.
    pub fn name(self) -> String {
        let name = match self {
            Does::Tab(_, action) => return action.name(),
            Does::Command(Command::Show(index)) => return format!("tab-{}", index + 1),
            Does::Command(Command::Move(motion)) => motion_name(motion),
            Does::Command(Command::Quit) => "quit",
            Does::Command(Command::Interrupt) => "interrupt",
            Does::Command(Command::Suspend) => "suspend",
            Does::Command(Command::Redraw) => "redraw",
            Does::Command(Command::NextTab) => "next-tab",
            Does::Command(Command::PreviousTab) => "previous-tab",
            Does::Command(Command::Back) => "back",
            Does::Command(Command::On) => "on",
            Does::Command(Command::Help) => "help",
            Does::Command(Command::Palette) => "palette",
            Does::Command(Command::Failures) => "failures",
            Does::Command(Command::Index) => "index",
            Does::Command(Command::CancelIndex) => "stop-indexing",
            Does::Command(Command::Theme) => "theme",
            Does::Command(Command::Mouse) => "mouse",
            Does::Command(Command::Choose) => "choose",
            Does::Command(Command::Close) => "close",
        };
        name.to_string()
    }
}

impl App {
    /// Takes the keys of the settings. What of them cannot be used, and what loses its key, is to be said.
    pub fn take_keys(&mut self, settings: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        let mut said = Vec::new();
        let names: BTreeSet<String> = self.every_row().map(|row| row.does.name()).collect();
        for (name, keys) in settings {
            let name = clean_line(name).to_lowercase().replace([' ', '_'], "-");
            if !names.contains(&name) {
                said.push(format!("keys: {name} is no action and is passed over; `zenith keys` lists them"));
                continue;
            }
            let mut own = Vec::new();
            for text in keys {
                match Key::parse(text) {
                    Some(WAY_OUT) => said.push(format!("keys: {WAY_OUT} leads out always, and stays so")),
                    Some(key) => own.push(key),
                    None => {
                        said.push(format!("keys: {} ({name}) is no key and is passed over", clean_line(text)))
                    }
                }
            }
            if name == Does::Command(Command::Interrupt).name() {
                said.push(format!("keys: {name} has {WAY_OUT} always, and stays so"));
            } else if !own.is_empty() || keys.is_empty() {
                self.keymap.set(name, own);
            }
        }
        let key = |command| {
            let rows = applied(&self.keymap, self.shell_rows());
            let keys = rows.iter().filter(|row| row.does == Does::Command(command)).flat_map(|row| &row.keys);
            keys.copied().find(|key| !key.is_letter()).map(|key| key.to_string())
        };
        let (index, failures) = (key(Command::Index), key(Command::Failures));
        let keys = &mut self.world.indexing.keys;
        *keys = Keys { index: index.unwrap_or_default(), failures: failures.unwrap_or_default() };
        said.extend(self.conflicts());
        said
    }

    /// Each key that something lost to a key of the settings, once.
    fn conflicts(&self) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        for index in 0..self.tabs.len() {
            for pane in self.panes(index) {
                let rows = self.rows_in(index, pane);
                let owners = owners(&rows);
                for (row, key) in rows.iter().flat_map(|row| row.keys.iter().map(move |key| (row, *key))) {
                    let Some((_, owner)) = owners.iter().find(|(own, _)| *own == key) else { continue };
                    let is_of_settings = rows.iter().any(|row| row.does == *owner && row.is_changed);
                    if *owner != row.does && is_of_settings {
                        let word =
                            format!("keys: {key} is {} now, and not {}", owner.name(), row.does.name());
                        if !said.contains(&word) {
                            said.push(word);
                        }
                    }
                }
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use ratatui::layout::Size;

    use super::*;
    use crate::explorer::parts::theme::{Appearance, Depth, Theme};
    use crate::explorer::tabs;
    use crate::explorer::tabs::actions::Action;

    /// With these keys, in the tab of a name; and what is said of them.
    fn with(keys: &[(&str, &[&str])], tab: &str) -> (App, Vec<String>) {
        let theme = Theme { appearance: Appearance::Dark, depth: Depth::Full };
        let mut app = App::new(PathBuf::from("/project"), tabs::all(), theme, Size::new(100, 30));
        let text = |keys: &[&str]| keys.iter().map(ToString::to_string).collect();
        let settings = keys.iter().map(|(name, keys)| (name.to_string(), text(keys))).collect();
        let said = app.take_keys(&settings);
        app.shown = app.tabs.iter().position(|known| known.name() == tab).unwrap();
        (app, said)
    }

    fn does(app: &App, key: &str) -> Option<Does> {
        let Key(code, modifiers) = Key::parse(key).unwrap();
        app.bound(&KeyEvent::new(code, modifiers))
    }

    const QUIT: Does = Does::Command(Command::Quit);

    #[test]
    fn a_key_of_the_settings_takes_the_place_of_the_others() {
        let (app, said) = with(&[("quit", &["Ctrl-q", "Z"])], "Explore");
        assert_eq!(said, [""; 0]);
        assert_eq!((does(&app, "Ctrl-q"), does(&app, "Z"), does(&app, "q")), (Some(QUIT), Some(QUIT), None));
        assert!(app.hints().iter().any(|hint| hint.does == QUIT && hint.key == "Ctrl-Q"));
        let told = app.told();
        assert_eq!(told.iter().find(|told| told.does == QUIT).unwrap().keys, "Ctrl-Q  Z");
        let (app, said) = with(&[("theme", &[]), ("Next_Tab", &["F6"])], "Explore");
        assert_eq!((said.len(), does(&app, "T"), does(&app, "Tab")), (0, None, None));
        assert_eq!(does(&app, "F6"), Some(Does::Command(Command::NextTab)));
    }

    #[test]
    fn letters_stay_text_where_one_types_and_what_is_done_there_keeps_its_keys() {
        let (app, said) =
            with(&[("copy", &["c"]), ("mode", &["v"]), ("palette", &["p", "Ctrl-o"])], "Search");
        let expected = [
            "keys: p is palette now, and not push",
            "keys: c is copy now, and not change-note",
            "keys: p is palette now, and not problems-of-notes",
            "keys: p is palette now, and not publish-instances",
        ];
        assert_eq!(said, expected);
        assert_eq!((does(&app, "c"), does(&app, "v"), does(&app, "p")), (None, None, None));
        let copy = Does::Tab(app.shown, Action::Copy);
        assert_eq!(does(&app, "Alt-y"), Some(copy), "it has no other key there");
        let palette = Some(Does::Command(Command::Palette));
        assert_eq!((does(&app, "Ctrl-o"), does(&app, "Alt-x")), (palette, None));
        let (app, _) = with(&[("copy", &["c"])], "Explore");
        assert_eq!(does(&app, "c"), Some(Does::Tab(app.shown, Action::Copy)));
    }

    #[test]
    fn what_is_no_action_and_no_key_is_told_and_so_is_what_loses_its_key() {
        let keys: &[(&str, &[&str])] = &[
            ("qit", &["q"]),
            ("quit", &["super-q"]),
            ("sort", &["y"]),
            ("redraw", &["Ctrl-c", "Ctrl-r"]),
            ("interrupt", &["F9"]),
        ];
        let (app, said) = with(keys, "Explore");
        let has = |word: &str| assert!(said.iter().any(|said| said.contains(word)), "{word}: {said:#?}");
        has("qit is no action and is passed over; `zenith keys` lists them");
        has("super-q (quit) is no key and is passed over");
        has("y is sort now, and not copy");
        has("Ctrl-C leads out always");
        has("interrupt has Ctrl-C always");
        has("Ctrl-R is redraw now, and not recall");
        assert_eq!(does(&app, "q"), Some(QUIT), "what cannot be used changes nothing");
        assert_eq!(does(&app, "y"), Some(Does::Tab(app.shown, Action::Own("sort"))));
        assert_eq!(does(&app, "Ctrl-c"), Some(Does::Command(Command::Interrupt)));
    }

    #[test]
    fn a_list_above_the_screen_has_the_changed_keys_and_its_letters_filter_it() {
        let (mut app, _) = with(&[("help", &["h", "F2"]), ("down", &["n"])], "Explore");
        app.perform(Does::Command(Command::Palette), &mut Vec::new());
        assert_eq!(does(&app, "F2"), Some(Does::Command(Command::Help)));
        assert_eq!((does(&app, "h"), does(&app, "n")), (None, None));
        assert!(app.bound(&KeyEvent::new(KeyCode::Down, KeyModifiers::NONE)).is_some());
    }

    /// No two actions of a list are called the same, unless they are the same.
    #[test]
    fn every_action_has_a_name_of_its_own() {
        let (app, _) = with(&[], "Explore");
        for index in 0..app.tabs.len() {
            let mut named: BTreeMap<String, Does> = BTreeMap::new();
            for row in app.tab_rows(index).into_iter().chain(app.shell_rows()) {
                let before = named.insert(row.does.name(), row.does);
                assert!(before.is_none_or(|before| before == row.does), "{before:?} and {:?}", row.does);
            }
        }
    }
}
