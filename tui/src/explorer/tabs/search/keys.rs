//! What can be done in it, and by which keys. There is always a line, so that letters are text, and what can be done
//! is on Ctrl and Alt.

use crossterm::event::KeyCode;

use crate::explorer::parts::key::{alt, ctrl, plain};
use crate::explorer::tabs::actions::{Action, Binding, LINE, LINE_MOVES, bind};

/// How it searches: by words, by meaning, by both.
pub const MODE: Action = Action::Own("mode");
/// Which tiers it searches.
pub const TIER: Action = Action::Own("tier");
/// What was searched before.
pub const RECALL: Action = Action::Own("recall");
/// The line that may be meant.
pub const MEANT: Action = Action::Own("meant");

/// What of the selected result the preview shows.
pub const PART: Action = Action::Own("part");
pub const USES: Action = Action::Own("uses");
pub const CHANGES: Action = Action::Own("changes");

const COPY: &str = "copy: path, use line, add line, signature, link, place";
const PARTS: &str = "next part of the preview: doc, source, uses, changes";
const FOLLOW: &str = "follow a link of the page, or a name in its signature";

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[plain(KeyCode::Enter)], LINE, Action::Open, "open where it stands, in Explore")
            .hint("in Explore"),
        bind(&[alt(KeyCode::Char('g'))], LINE, MEANT, "take what may be meant")
            .hint("take it")
            .also("did you mean spelling correct"),
        bind(&[alt(KeyCode::Char('m'))], LINE, MODE, "search by hybrid, text or vector")
            .hint("mode")
            .also("meaning semantic words"),
        bind(&[alt(KeyCode::Char('t'))], LINE, TIER, "search all tiers, or one")
            .hint("tier")
            .also("public team private scope filter"),
        bind(&[ctrl('r')], LINE, RECALL, "what was searched before").hint("earlier").also("history recent"),
        bind(&[plain(KeyCode::Esc)], LINE, Action::Escape, "back to the line, then empty it").hint("back"),
        bind(&[alt(KeyCode::Down)], LINE, Action::Forward, "on to the preview").hint("read"),
        bind(&[alt(KeyCode::Up)], LINE, Action::Back, "back to the list"),
        bind(&[alt(KeyCode::Char('p'))], LINE, PART, PARTS).hint("part"),
        bind(&[alt(KeyCode::Char('s'))], LINE, Action::Source, "to the source, and back"),
        bind(&[alt(KeyCode::Char('u'))], LINE, USES, "to examples and uses, and back")
            .also("references callers"),
        bind(&[alt(KeyCode::Char('c'))], LINE, CHANGES, "to what changed between versions, and back")
            .also("diff"),
        bind(&[alt(KeyCode::Enter)], LINE, Action::Follow, FOLLOW).also("jump go to definition"),
        bind(&[alt(KeyCode::Char('y'))], LINE, Action::Copy, COPY).hint("copy").also("yank clipboard"),
        bind(&[alt(KeyCode::Char('n'))], LINE, Action::Note, "write a note on the selected result")
            .hint("note")
            .also("remember annotate"),
        bind(&[alt(KeyCode::Char('e'))], LINE, Action::Edit, "edit at the line")
            .hint("edit")
            .also("editor vim file"),
    ],
    LINE_MOVES,
];
