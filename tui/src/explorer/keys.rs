//! Every key, once: this table feeds the dispatch, the help and the hints.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::Tab;
use super::list::Motion;

/// What has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// A list.
    Browse,
    /// A line of text: letters belong to it.
    Type,
    /// A page.
    Read,
    /// The tab Spikes, its list and its page.
    Spikes,
    /// The tab Status.
    Status,
    /// A list above the screen, with a line of text that filters it.
    Overlay,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Quit,
    Suspend,
    Redraw,
    NextTab,
    PreviousTab,
    Show(Tab),
    Help,
    Find,
    Move(Motion),
    Scroll(Motion),
    Open,
    Forward,
    Back,
    Escape,
    Source,
    Mode,
    Tier,
    Copy,
    Edit,
    Index,
    CancelIndex,
    RunSpike,
    RunAllSpikes,
    CancelSpikes,
    Backends,
    Sync,
    Failures,
    Appearance,
}

/// A key with its modifiers; a capital letter carries no shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(KeyCode, KeyModifiers);

/// Keys that do one thing wherever one of the contexts has the focus.
pub struct Binding {
    pub keys: &'static [Key],
    pub contexts: &'static [Context],
    pub action: Action,
    /// What it does, as the help says it.
    pub label: &'static str,
}

const fn char(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::NONE)
}

const fn ctrl(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::CONTROL)
}

const fn plain(code: KeyCode) -> Key {
    Key(code, KeyModifiers::NONE)
}

const fn shift(code: KeyCode) -> Key {
    Key(code, KeyModifiers::SHIFT)
}

const ALL: &[Context] =
    &[Context::Browse, Context::Type, Context::Read, Context::Spikes, Context::Status, Context::Overlay];
const SCREEN: &[Context] = &[Context::Browse, Context::Type, Context::Read, Context::Spikes, Context::Status];
/// Where letters are commands.
const COMMANDS: &[Context] = &[Context::Browse, Context::Read, Context::Spikes, Context::Status];
/// The same where there are a list and its page.
const LISTED: &[Context] = &[Context::Browse, Context::Read, Context::Spikes];
/// The same in Explore and Search.
const PACKAGES: &[Context] = &[Context::Browse, Context::Read];
const FOUND: &[Context] = &[Context::Browse, Context::Type, Context::Read];
const LISTS: &[Context] = &[Context::Browse, Context::Spikes];
const SPIKES: &[Context] = &[Context::Spikes];
const STATUS: &[Context] = &[Context::Status];
/// Where `x` stops indexing.
const INDEXED: &[Context] = &[Context::Browse, Context::Read, Context::Status];
const TYPE: &[Context] = &[Context::Type];
const WRITE: &[Context] = &[Context::Type, Context::Overlay];

/// The table, in the order of the help.
pub const BINDINGS: &[Binding] = &[
    bind(&[plain(KeyCode::Down)], ALL, Action::Move(Motion::Lines(1)), "next line"),
    bind(&[plain(KeyCode::Up)], ALL, Action::Move(Motion::Lines(-1)), "previous line"),
    bind(&[char('j')], COMMANDS, Action::Move(Motion::Lines(1)), "next line"),
    bind(&[char('k')], COMMANDS, Action::Move(Motion::Lines(-1)), "previous line"),
    bind(&[ctrl('n')], WRITE, Action::Move(Motion::Lines(1)), "next line"),
    bind(&[ctrl('p')], WRITE, Action::Move(Motion::Lines(-1)), "previous line"),
    bind(&[plain(KeyCode::PageDown)], ALL, Action::Move(Motion::Pages(1)), "next page"),
    bind(&[plain(KeyCode::PageUp)], ALL, Action::Move(Motion::Pages(-1)), "previous page"),
    bind(&[ctrl('f')], COMMANDS, Action::Move(Motion::Pages(1)), "next page"),
    bind(&[ctrl('b')], COMMANDS, Action::Move(Motion::Pages(-1)), "previous page"),
    bind(&[ctrl('d')], COMMANDS, Action::Move(Motion::HalfPages(1)), "half a page down"),
    bind(&[ctrl('u')], COMMANDS, Action::Move(Motion::HalfPages(-1)), "half a page up"),
    bind(&[char('g'), plain(KeyCode::Home)], COMMANDS, Action::Move(Motion::First), "to the beginning"),
    bind(&[char('G'), plain(KeyCode::End)], COMMANDS, Action::Move(Motion::Last), "to the end"),
    bind(&[plain(KeyCode::Enter)], FOUND, Action::Open, "open; from a search, in Explore"),
    bind(&[plain(KeyCode::Right), char('l')], LISTED, Action::Forward, "expand, or on to the preview"),
    bind(&[plain(KeyCode::Left), char('h')], LISTED, Action::Back, "collapse, or back"),
    bind(&[plain(KeyCode::Backspace)], COMMANDS, Action::Escape, "back"),
    bind(&[plain(KeyCode::Esc)], ALL, Action::Escape, "back, or clear"),
    bind(&[char('/')], PACKAGES, Action::Find, "filter, or search"),
    bind(&[char('J'), shift(KeyCode::Down)], LISTS, Action::Scroll(Motion::Lines(1)), "scroll the preview"),
    bind(
        &[char('K'), shift(KeyCode::Up)],
        LISTS,
        Action::Scroll(Motion::Lines(-1)),
        "scroll the preview back",
    ),
    bind(&[shift(KeyCode::Down)], TYPE, Action::Scroll(Motion::Lines(1)), "scroll the preview"),
    bind(&[shift(KeyCode::Up)], TYPE, Action::Scroll(Motion::Lines(-1)), "scroll the preview back"),
    bind(&[char('s')], PACKAGES, Action::Source, "to the source, and back"),
    bind(&[char('m')], PACKAGES, Action::Mode, "search by hybrid, text or vector"),
    bind(&[ctrl('r')], TYPE, Action::Mode, "search by hybrid, text or vector"),
    bind(&[char('t')], PACKAGES, Action::Tier, "search all tiers, or one"),
    bind(&[ctrl('t')], TYPE, Action::Tier, "search all tiers, or one"),
    bind(&[char('y')], LISTED, Action::Copy, "copy the path; of a spike, its command"),
    bind(&[char('e'), char('o')], PACKAGES, Action::Edit, "edit at the line"),
    bind(&[plain(KeyCode::Enter)], SPIKES, Action::RunSpike, "in Spikes: run the selected one"),
    bind(&[char('a')], SPIKES, Action::RunAllSpikes, "in Spikes: run all"),
    bind(&[char('b')], SPIKES, Action::Backends, "in Spikes: choose the backend"),
    bind(&[char('x')], SPIKES, Action::CancelSpikes, "in Spikes: stop the run, as Esc does"),
    bind(&[char('s')], STATUS, Action::Sync, "in Status: synchronise now"),
    bind(&[plain(KeyCode::Tab)], SCREEN, Action::NextTab, "next tab"),
    bind(&[plain(KeyCode::BackTab)], SCREEN, Action::PreviousTab, "previous tab"),
    bind(&[char('1')], COMMANDS, Action::Show(Tab::Explore), "Explore"),
    bind(&[char('2')], COMMANDS, Action::Show(Tab::Search), "Search"),
    bind(&[char('3')], COMMANDS, Action::Show(Tab::Spikes), "Spikes"),
    bind(&[char('4')], COMMANDS, Action::Show(Tab::Status), "Status"),
    bind(&[char('i')], COMMANDS, Action::Index, "index the lockfile, or resume"),
    bind(&[char('x')], INDEXED, Action::CancelIndex, "stop indexing"),
    bind(&[ctrl('x')], TYPE, Action::CancelIndex, "stop indexing"),
    bind(&[char('f')], COMMANDS, Action::Failures, "what could not be indexed"),
    bind(&[char('T')], COMMANDS, Action::Appearance, "dark or light"),
    bind(&[char('?')], COMMANDS, Action::Help, "help"),
    bind(&[plain(KeyCode::F(1))], ALL, Action::Help, "help"),
    bind(&[ctrl('l')], ALL, Action::Redraw, "draw anew"),
    bind(&[ctrl('z')], ALL, Action::Suspend, "suspend"),
    bind(&[char('q')], COMMANDS, Action::Quit, "quit"),
    bind(&[ctrl('c')], ALL, Action::Quit, "quit"),
];

const fn bind(
    keys: &'static [Key],
    contexts: &'static [Context],
    action: Action,
    label: &'static str,
) -> Binding {
    Binding { keys, contexts, action, label }
}

/// What a key does where `context` has the focus.
pub fn action(context: Context, event: &KeyEvent) -> Option<Action> {
    let key = Key::of(event);
    let bound = |binding: &&Binding| binding.contexts.contains(&context) && binding.keys.contains(&key);
    BINDINGS.iter().find(bound).map(|binding| binding.action)
}

/// The first key that does something where `context` has the focus; empty where none does.
pub fn key_for(context: Context, action: Action) -> String {
    let does = |binding: &&Binding| binding.contexts.contains(&context) && binding.action == action;
    BINDINGS
        .iter()
        .find(does)
        .and_then(|binding| binding.keys.first())
        .map(ToString::to_string)
        .unwrap_or_default()
}

impl Key {
    fn of(event: &KeyEvent) -> Key {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        // Terminals differ in whether a capital letter or a back-tab is shifted.
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Key(event.code, modifiers)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.1.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        if self.1.contains(KeyModifiers::SHIFT) {
            f.write_str("Shift-")?;
        }
        match self.0 {
            KeyCode::Char(c) if self.1.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", c.to_ascii_uppercase())
            }
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            other => write!(f, "{other}"),
        }
    }
}

/// A line of the help: the keys of one thing, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    pub keys: String,
    pub label: &'static str,
}

/// The help: bindings that do the same thing on one line.
pub fn help() -> Vec<HelpLine> {
    let mut lines: Vec<(Action, &'static str, Vec<String>)> = Vec::new();
    for binding in BINDINGS {
        let keys = binding.keys.iter().map(ToString::to_string);
        match lines.iter_mut().find(|(action, ..)| *action == binding.action) {
            Some((_, _, told)) => told.extend(keys),
            None => lines.push((binding.action, binding.label, keys.collect())),
        }
    }
    let line = |(_, label, mut keys): (Action, &'static str, Vec<String>)| {
        let mut seen = Vec::new();
        keys.retain(|key| {
            !seen.contains(key) && {
                seen.push(key.clone());
                true
            }
        });
        HelpLine { keys: keys.join("  "), label }
    };
    lines.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_in_a_context() {
        for context in ALL {
            let here = BINDINGS.iter().filter(|binding| binding.contexts.contains(context));
            let keys: Vec<Key> = here.flat_map(|binding| binding.keys).copied().collect();
            for (index, key) in keys.iter().enumerate() {
                assert!(!keys[..index].contains(key), "{key} is bound twice in {context:?}");
            }
        }
    }

    #[test]
    fn letters_belong_to_the_text_where_one_types() {
        for context in WRITE {
            let here = BINDINGS.iter().filter(|binding| binding.contexts.contains(context));
            for key in here.flat_map(|binding| binding.keys) {
                let is_letter = matches!(key.0, KeyCode::Char(_)) && key.1.is_empty();
                assert!(!is_letter, "{key} cannot be typed in {context:?}");
            }
        }
    }

    #[test]
    fn a_capital_letter_is_the_same_with_and_without_shift() {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
            let event = KeyEvent::new(KeyCode::Char('G'), modifiers);
            assert_eq!(action(Context::Browse, &event), Some(Action::Move(Motion::Last)));
        }
        let event = KeyEvent::new(KeyCode::Char('g'), KeyModifiers::ALT);
        assert_eq!(action(Context::Browse, &event), None);
    }

    #[test]
    fn the_help_tells_every_key() {
        let help = help();
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            let told = help.iter().any(|line| line.keys.split(' ').any(|told| told == key.to_string()));
            assert!(told, "{key} is not in the help");
        }
    }
}
