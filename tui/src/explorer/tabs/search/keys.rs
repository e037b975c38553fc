//! What can be done in it, and by which keys.

use crossterm::event::KeyCode;

use crate::explorer::parts::key::{alt, char, ctrl, plain};
use crate::explorer::tabs::actions::{Action, Binding, COMMANDS, LINE, LIST, MOVES, PAGE, SCROLLS, bind};

/// How it searches: by words, by meaning, by both.
pub const MODE: Action = Action::Own("mode");
/// Which tiers it searches.
pub const TIER: Action = Action::Own("tier");

const OPEN: &str = "open where it stands, in Explore";
const BY: &str = "search by hybrid, text or vector";
const TIERS: &str = "search all tiers, or one";

const COPY: &str = "copy: path, use line, signature, link, place";
const FOLLOW: &str = "follow a link of the page, or a name in its signature";

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[char('/')], LIST, Action::Find, "search").hint("type"),
        bind(&[char('/')], PAGE, Action::Find, "search"),
        bind(&[plain(KeyCode::Enter)], LIST, Action::Open, OPEN).hint("in Explore"),
        bind(&[plain(KeyCode::Enter)], LINE, Action::Open, OPEN).hint("in Explore"),
        bind(&[plain(KeyCode::Enter)], PAGE, Action::Open, OPEN),
        bind(&[plain(KeyCode::Left), char('h')], PAGE, Action::Back, "back to the list").hint("back"),
        bind(&[char('s')], PAGE, Action::Source, "to the source, and back").hint("source"),
        bind(&[char('s')], LIST, Action::Source, "to the source, and back"),
        bind(&[char('m')], LIST, MODE, BY).hint("mode"),
        bind(&[char('m')], PAGE, MODE, BY),
        bind(&[ctrl('r')], LINE, MODE, BY).hint("mode"),
        bind(&[char('t')], LIST, TIER, TIERS).hint("tier"),
        bind(&[char('t')], PAGE, TIER, TIERS),
        bind(&[ctrl('t')], LINE, TIER, TIERS).hint("tier"),
        bind(&[plain(KeyCode::Esc)], LINE, Action::Escape, "back").hint("to the list"),
        bind(&[char('F'), alt(KeyCode::Enter)], COMMANDS, Action::Follow, FOLLOW),
        bind(&[alt(KeyCode::Enter)], LINE, Action::Follow, FOLLOW),
        bind(&[char('y')], COMMANDS, Action::Copy, COPY).hint("copy"),
        bind(&[alt(KeyCode::Char('y'))], LINE, Action::Copy, COPY),
        bind(&[char('e'), char('o')], COMMANDS, Action::Edit, "edit at the line").hint("edit"),
        bind(&[plain(KeyCode::Right), char('l')], COMMANDS, Action::Forward, "on to the preview"),
        bind(&[plain(KeyCode::Left), char('h')], LIST, Action::Back, "back to the list"),
        bind(&[plain(KeyCode::Backspace)], COMMANDS, Action::Escape, "back"),
        bind(&[plain(KeyCode::Esc)], COMMANDS, Action::Escape, "back"),
    ],
    SCROLLS,
    MOVES,
];
