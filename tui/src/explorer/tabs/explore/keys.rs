//! What can be done in it, and by which keys.

use crossterm::event::KeyCode;

use crate::explorer::parts::key::{alt, char, plain};
use crate::explorer::tabs::actions::{Action, Binding, COMMANDS, LINE, LIST, MOVES, PAGE, SCROLLS, bind};

const OPEN: &str = "open what is selected";
const BACK: &str = "collapse, or back";

const COPY: &str = "copy: path, use line, signature, link, place";
const NOTE: &str = "write a note on what is selected";
const FOLLOW: &str = "follow a link of the page, or a name in its signature";

/// Orders the packages by something else.
pub const SORT: Action = Action::Own("sort");

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[plain(KeyCode::Enter)], LIST, Action::Open, OPEN).hint("open").also("expand show"),
        bind(&[plain(KeyCode::Enter)], LINE, Action::Open, OPEN).hint("keep"),
        bind(&[plain(KeyCode::Enter)], PAGE, Action::Follow, FOLLOW).hint("follow"),
        bind(&[char('F'), alt(KeyCode::Enter)], COMMANDS, Action::Follow, FOLLOW)
            .also("jump go to definition"),
        bind(&[alt(KeyCode::Enter)], LINE, Action::Follow, FOLLOW),
        bind(&[char('/')], LIST, Action::Find, "filter by name").hint("filter").also("search find"),
        bind(&[char('/')], PAGE, Action::Find, "filter by name"),
        bind(&[char('S')], COMMANDS, SORT, "order the packages by tier, name, size or age").also("sort"),
        bind(&[plain(KeyCode::Esc)], LINE, Action::Escape, "back, or clear").hint("clear"),
        bind(&[plain(KeyCode::Left), char('h')], PAGE, Action::Back, BACK).hint("back"),
        bind(&[char('s')], PAGE, Action::Source, "to the source, and back").hint("source"),
        bind(&[char('s')], LIST, Action::Source, "to the source, and back"),
        bind(&[alt(KeyCode::Char('s'))], LINE, Action::Source, "to the source, and back"),
        bind(&[alt(KeyCode::Char('y'))], LINE, Action::Copy, COPY).also("yank clipboard"),
        bind(&[alt(KeyCode::Char('e'))], LINE, Action::Edit, "edit at the line").also("editor vim file"),
        bind(&[char('y')], COMMANDS, Action::Copy, COPY).hint("copy"),
        bind(&[char('n')], COMMANDS, Action::Note, NOTE).hint("note").also("write remember annotate"),
        bind(&[alt(KeyCode::Char('n'))], LINE, Action::Note, NOTE),
        bind(&[char('e'), char('o')], COMMANDS, Action::Edit, "edit at the line").hint("edit"),
        bind(&[plain(KeyCode::Right), char('l')], COMMANDS, Action::Forward, "expand, or on to the preview"),
        bind(&[plain(KeyCode::Left), char('h')], LIST, Action::Back, BACK),
        bind(&[plain(KeyCode::Backspace)], COMMANDS, Action::Escape, "back, or clear"),
        bind(&[plain(KeyCode::Esc)], COMMANDS, Action::Escape, "back, or clear"),
    ],
    SCROLLS,
    MOVES,
];
