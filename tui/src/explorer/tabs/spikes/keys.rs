//! What can be done in it, and by which keys.

use crossterm::event::KeyCode;

use crate::explorer::parts::key::{char, plain};
use crate::explorer::tabs::actions::{Action, Binding, COMMANDS, LIST, MOVES, PAGE, SCROLLS, bind};

pub const RUN: Action = Action::Own("run");
pub const RUN_ALL: Action = Action::Own("run all");
/// What the questions before a run lead to.
pub const RUN_NOW: &str = "run now";
pub const RUN_ALL_NOW: &str = "run all now";
pub const CANCEL: Action = Action::Own("stop");
pub const BACKENDS: Action = Action::Own("backends");

const BACK: &str = "back to the list";

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[plain(KeyCode::Enter)], LIST, RUN, "run the selected one").hint("run").also("start test"),
        bind(&[plain(KeyCode::Enter)], PAGE, RUN, "run the selected one"),
        bind(&[char('x')], LIST, CANCEL, "stop the run, as Esc does").hint("stop").also("cancel abort"),
        bind(&[char('x')], PAGE, CANCEL, "stop the run, as Esc does"),
        bind(&[char('a')], LIST, RUN_ALL, "run all, after a question").hint("run all").also("start test"),
        bind(&[char('a')], PAGE, RUN_ALL, "run all, after a question"),
        bind(&[char('b')], LIST, BACKENDS, "choose the backend")
            .hint("backend")
            .also("container cloud local"),
        bind(&[char('b')], PAGE, BACKENDS, "choose the backend"),
        bind(&[plain(KeyCode::Right), char('l')], LIST, Action::Forward, "on to the details").hint("details"),
        bind(&[plain(KeyCode::Left), char('h')], PAGE, Action::Back, BACK).hint("back"),
        bind(&[char('y')], COMMANDS, Action::Copy, "copy its command").hint("copy"),
        bind(&[plain(KeyCode::Backspace), plain(KeyCode::Esc)], COMMANDS, Action::Escape, "back, or stop"),
    ],
    SCROLLS,
    MOVES,
];
