//! What can be done in it, and by which keys.

use crossterm::event::KeyCode;

use crate::explorer::parts::key::{alt, char, ctrl, plain};
use crate::explorer::tabs::actions::{Action, Binding, COMMANDS, LINE, LIST, MOVES, PAGE, SCROLLS, bind};

pub const CHANGE: Action = Action::Own("change note");
pub const DELETE: Action = Action::Own("delete note");
/// What the question before that leads to.
pub const DELETE_NOW: &str = "delete note now";
/// Keeps what stands in the lines, from whichever of them.
pub const KEEP: Action = Action::Own("keep note");
pub const SYNC: Action = Action::Own("synchronise notes");
/// What the question leads to whether other notes are taken up.
pub const JOIN_NOW: &str = "join notes now";
/// What of the document is no row, in place of the notes, and back.
pub const PROBLEMS: Action = Action::Own("problems of notes");

const BACK: &str = "back to the list";
const FOLLOW: &str = "to what it speaks of, in Explore";
const WRITE: &str = "write title and text in your editor";

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[plain(KeyCode::Enter)], LIST, Action::Open, "read it").hint("read"),
        bind(&[plain(KeyCode::Enter)], LINE, Action::Open, "on to the next line; keep it at the last")
            .hint("go on"),
        bind(&[ctrl('s')], LINE, KEEP, "keep the note as it stands").hint("keep").also("save"),
        bind(&[alt(KeyCode::Char('e'))], LINE, Action::Compose, WRITE).hint("in your editor"),
        bind(&[plain(KeyCode::Esc)], LINE, Action::Escape, "back").hint("back"),
        bind(&[char('n')], COMMANDS, Action::Note, "a new note").hint("new").also("add create"),
        bind(&[char('e')], COMMANDS, Action::Compose, WRITE).hint("write").also("edit editor"),
        bind(&[char('c')], COMMANDS, CHANGE, "change title, tags and what it speaks of")
            .hint("change")
            .also("edit tag rename"),
        bind(
            &[char('d')],
            COMMANDS,
            DELETE,
            "delete it, here and wherever it is synchronised to, after a question",
        )
        .hint("delete")
        .also("remove"),
        bind(&[char('F'), alt(KeyCode::Enter)], COMMANDS, Action::Follow, FOLLOW)
            .hint("in Explore")
            .also("jump go to definition"),
        bind(&[plain(KeyCode::Enter)], PAGE, Action::Follow, FOLLOW),
        bind(&[char('s')], COMMANDS, SYNC, "bring them together with those of your other machines")
            .hint("synchronise")
            .also("sync share folder bucket"),
        bind(&[char('p')], COMMANDS, PROBLEMS, "what of the document cannot be read, and back")
            .hint("problems")
            .also("errors invalid"),
        bind(&[char('y')], COMMANDS, Action::Copy, "copy: title, text, id, path").hint("copy"),
        bind(&[char('/')], COMMANDS, Action::Find, "search them, by words and by meaning")
            .hint("search")
            .also("filter find"),
        bind(&[plain(KeyCode::Right), char('l')], LIST, Action::Forward, "read it"),
        bind(&[plain(KeyCode::Left), char('h')], PAGE, Action::Back, BACK).hint("back"),
        bind(&[plain(KeyCode::Backspace), plain(KeyCode::Esc)], COMMANDS, Action::Escape, "back, or clear"),
    ],
    SCROLLS,
    MOVES,
];
