//! What can be done in it, and by which keys.

use crossterm::event::KeyCode;

use crate::explorer::parts::key::{char, ctrl, plain};
use crate::explorer::tabs::actions::{Action, Binding, COMMANDS, LINE, LIST, MOVES, PAGE, SCROLLS, bind};

pub const NEW: Action = Action::Own("new job");
pub const CHANGE: Action = Action::Own("change job");
pub const PAUSE: Action = Action::Own("pause job");
pub const RUN: Action = Action::Own("run job");
pub const STOP: Action = Action::Own("stop job");
pub const DELETE: Action = Action::Own("delete job");
/// What the question before that leads to.
pub const DELETE_NOW: &str = "delete job now";
/// Keeps what stands in the lines, from whichever of them.
pub const KEEP: Action = Action::Own("keep job");

/// Runs what is due in this explorer, and leaves off.
pub const SERVE: Action = Action::Own("run jobs here");

const BACK: &str = "back to the list";

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[plain(KeyCode::Enter)], LIST, Action::Open, "its runs, or what one of them wrote")
            .hint("runs"),
        bind(&[plain(KeyCode::Enter)], LINE, Action::Open, "on to the next line; keep it at the last")
            .hint("go on"),
        bind(&[ctrl('s')], LINE, KEEP, "keep the job as it stands").hint("keep").also("save write"),
        bind(&[plain(KeyCode::Esc)], LINE, Action::Escape, "back").hint("back"),
        bind(&[char(' ')], COMMANDS, PAUSE, "pause it, or make it due again")
            .hint("pause")
            .also("resume disable"),
        bind(&[char('r')], COMMANDS, RUN, "run it now, beside when it is due")
            .hint("run now")
            .also("start trigger"),
        bind(&[char('x')], COMMANDS, STOP, "stop what runs and waits of it")
            .hint("stop")
            .also("cancel abort"),
        bind(&[char('n')], COMMANDS, NEW, "a new job").hint("new").also("add create schedule cron"),
        bind(&[char('e')], COMMANDS, CHANGE, "change it: name, schedule, zone, command")
            .hint("change")
            .also("edit"),
        bind(&[char('d')], COMMANDS, DELETE, "delete it and its runs, after a question")
            .hint("delete")
            .also("remove"),
        bind(&[char('S')], COMMANDS, SERVE, "run what is due in this explorer, or leave that off")
            .hint("run here")
            .also("serve scheduler"),
        bind(&[char('y')], COMMANDS, Action::Copy, "copy its command").hint("copy"),
        bind(&[char('/')], COMMANDS, Action::Find, "filter by name").hint("filter").also("search find"),
        bind(
            &[plain(KeyCode::Right), char('l')],
            LIST,
            Action::Forward,
            "its runs, or what one of them wrote",
        ),
        bind(&[plain(KeyCode::Left), char('h')], LIST, Action::Back, BACK),
        bind(&[plain(KeyCode::Left), char('h')], PAGE, Action::Back, BACK).hint("back"),
        bind(&[plain(KeyCode::Backspace), plain(KeyCode::Esc)], COMMANDS, Action::Escape, "back, or clear"),
    ],
    SCROLLS,
    MOVES,
];
