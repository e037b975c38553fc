//! What can be done, with its keys. Each tab lists its own; the shell joins the lists to the one that dispatch,
//! hints, help and palette read.

use crossterm::event::KeyCode;

use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::key::{Key, char, ctrl, plain, shift};
use crate::explorer::parts::list::Motion;

/// Something that a tab can do. What many tabs can has a word of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Move(Motion),
    /// Scroll the page beside the list.
    Scroll(Motion),
    Open,
    /// Into what is selected.
    Forward,
    /// Out of it.
    Back,
    /// One step back.
    Escape,
    /// To the line that one types.
    Find,
    /// To the source of an item, and back.
    Source,
    Copy,
    Edit,
    /// To what the page leads to.
    Follow,
    /// A note on what is selected.
    Note,
    /// To the editor, for a text.
    Compose,
    /// What one tab alone does, by the name that it has there.
    Own(&'static str),
}

impl Action {
    /// What the settings call it.
    pub fn name(self) -> String {
        match self {
            Action::Move(motion) => motion_name(motion).to_string(),
            Action::Scroll(motion) => format!("scroll-{}", motion_name(motion)),
            Action::Open => "open".to_string(),
            Action::Forward => "into".to_string(),
            Action::Back => "out-of".to_string(),
            Action::Escape => "escape".to_string(),
            Action::Find => "filter".to_string(),
            Action::Source => "source".to_string(),
            Action::Copy => "copy".to_string(),
            Action::Edit => "edit".to_string(),
            Action::Follow => "follow".to_string(),
            Action::Note => "note".to_string(),
            Action::Compose => "write".to_string(),
            Action::Own(name) => name.replace(' ', "-"),
        }
    }
}

/// What the settings call a motion.
pub fn motion_name(motion: Motion) -> &'static str {
    match motion {
        Motion::Lines(..0) => "up",
        Motion::Lines(_) => "down",
        Motion::HalfPages(..0) => "half-page-up",
        Motion::HalfPages(_) => "half-page-down",
        Motion::Pages(..0) => "page-up",
        Motion::Pages(_) => "page-down",
        Motion::First => "first",
        Motion::Last => "last",
    }
}

/// Keys that do one thing wherever one of the panes has the focus.
#[derive(Clone, Copy, Debug)]
pub struct Binding<A = Action> {
    pub keys: &'static [Key],
    pub panes: &'static [Pane],
    pub action: A,
    /// What it does, as help and palette say it.
    pub label: &'static str,
    /// The same as the hints say it; empty where they do not.
    pub hint: &'static str,
    /// Other words for it, by which the palette finds it.
    pub words: &'static str,
}

pub const fn bind<A: Copy>(
    keys: &'static [Key],
    panes: &'static [Pane],
    action: A,
    label: &'static str,
) -> Binding<A> {
    Binding { keys, panes, action, label, hint: "", words: "" }
}

impl<A: Copy> Binding<A> {
    pub const fn hint(self, hint: &'static str) -> Binding<A> {
        Binding { hint, ..self }
    }

    pub const fn also(self, words: &'static str) -> Binding<A> {
        Binding { words, ..self }
    }
}

pub const ALL: &[Pane] = &[Pane::List, Pane::Input, Pane::Preview];
/// Where letters are commands.
pub const COMMANDS: &[Pane] = &[Pane::List, Pane::Preview];
pub const LIST: &[Pane] = &[Pane::List];
pub const LINE: &[Pane] = &[Pane::Input];
pub const PAGE: &[Pane] = &[Pane::Preview];

/// Moving about, in a list as in a page.
pub const MOVES: &[Binding] = &[
    bind(&[plain(KeyCode::Down)], ALL, Action::Move(Motion::Lines(1)), "next line"),
    bind(&[plain(KeyCode::Up)], ALL, Action::Move(Motion::Lines(-1)), "previous line"),
    bind(&[char('j')], COMMANDS, Action::Move(Motion::Lines(1)), "next line"),
    bind(&[char('k')], COMMANDS, Action::Move(Motion::Lines(-1)), "previous line"),
    bind(&[ctrl('n')], LINE, Action::Move(Motion::Lines(1)), "next line"),
    bind(&[ctrl('p')], LINE, Action::Move(Motion::Lines(-1)), "previous line"),
    bind(&[plain(KeyCode::PageDown)], ALL, Action::Move(Motion::Pages(1)), "next page"),
    bind(&[plain(KeyCode::PageUp)], ALL, Action::Move(Motion::Pages(-1)), "previous page"),
    bind(&[ctrl('f')], COMMANDS, Action::Move(Motion::Pages(1)), "next page"),
    bind(&[ctrl('b')], COMMANDS, Action::Move(Motion::Pages(-1)), "previous page"),
    bind(&[ctrl('d')], COMMANDS, Action::Move(Motion::HalfPages(1)), "half a page down"),
    bind(&[ctrl('u')], COMMANDS, Action::Move(Motion::HalfPages(-1)), "half a page up"),
    bind(&[char('g'), plain(KeyCode::Home)], COMMANDS, Action::Move(Motion::First), "to the beginning"),
    bind(&[char('G'), plain(KeyCode::End)], COMMANDS, Action::Move(Motion::Last), "to the end"),
];

/// The same where there is always a line, and letters are its own.
pub const LINE_MOVES: &[Binding] = &[
    bind(&[plain(KeyCode::Down), ctrl('n')], LINE, Action::Move(Motion::Lines(1)), "next line"),
    bind(&[plain(KeyCode::Up), ctrl('p')], LINE, Action::Move(Motion::Lines(-1)), "previous line"),
    bind(&[plain(KeyCode::PageDown)], LINE, Action::Move(Motion::Pages(1)), "next page"),
    bind(&[plain(KeyCode::PageUp)], LINE, Action::Move(Motion::Pages(-1)), "previous page"),
    bind(&[shift(KeyCode::Down)], LINE, Action::Scroll(Motion::Lines(1)), "scroll the preview"),
    bind(&[shift(KeyCode::Up)], LINE, Action::Scroll(Motion::Lines(-1)), "scroll the preview back"),
];

/// Scrolling the page that stands beside a list.
pub const SCROLLS: &[Binding] = &[
    bind(&[char('J'), shift(KeyCode::Down)], LIST, Action::Scroll(Motion::Lines(1)), "scroll the preview"),
    bind(
        &[char('K'), shift(KeyCode::Up)],
        LIST,
        Action::Scroll(Motion::Lines(-1)),
        "scroll the preview back",
    ),
    bind(&[shift(KeyCode::Down)], LINE, Action::Scroll(Motion::Lines(1)), "scroll the preview"),
    bind(&[shift(KeyCode::Up)], LINE, Action::Scroll(Motion::Lines(-1)), "scroll the preview back"),
];
