//! What can be done in it, and by which keys.

use crossterm::event::KeyCode;

use crate::explorer::parts::key::{char, plain};
use crate::explorer::tabs::actions::{Action, Binding, COMMANDS, LINE, LIST, MOVES, PAGE, SCROLLS, bind};

/// What is authored here, and the user's own, in turns.
pub const SIDE: Action = Action::Own("switch instances");
pub const PUBLISH: Action = Action::Own("publish instances");
/// What the question before that leads to.
pub const PUBLISH_ONE: &str = "publish instance now";
pub const PUBLISH_ALL: &str = "publish all now";
pub const STOP: Action = Action::Own("stop publishing");
pub const ROLLBACK: Action = Action::Own("roll back instance");
pub const STATUS: Action = Action::Own("status of instance");
pub const PUBLISHED: &str = "instance published";
pub const UNPUBLISHED: &str = "instance unpublished";
pub const DEPRECATED: &str = "instance deprecated";
pub const VERIFY: Action = Action::Own("verify instances");
/// Goes on with what was written and could not be kept.
pub const AGAIN: Action = Action::Own("write instance again");
pub const NEW: Action = Action::Own("new instance");

const BACK: &str = "back to the list";

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[plain(KeyCode::Enter)], LIST, Action::Open, "read it").hint("read"),
        bind(&[plain(KeyCode::Enter)], LINE, Action::Open, "take the line as it stands").hint("take"),
        bind(&[plain(KeyCode::Esc)], LINE, Action::Escape, "back").hint("back"),
        bind(&[char('p')], COMMANDS, PUBLISH, "publish, once it was shown what that changes and puts")
            .hint("publish")
            .also("diff dry run upload mirror"),
        bind(&[char('x')], COMMANDS, STOP, "stop the publication; the next one goes on from there")
            .hint("stop")
            .also("cancel abort"),
        bind(&[char('e')], COMMANDS, Action::Compose, "write its configuration in your editor")
            .hint("write")
            .also("edit config json"),
        bind(&[char('E')], COMMANDS, AGAIN, "go on with what you wrote and could not be kept")
            .hint("write on"),
        bind(&[char('n')], COMMANDS, NEW, "a new one, by its id").hint("new").also("add create"),
        bind(&[char('d')], COMMANDS, STATUS, "deprecate it, withdraw it, or make it published again")
            .hint("status")
            .also("deprecate unpublish withdraw remove delete"),
        bind(&[char('b')], COMMANDS, ROLLBACK, "publish again what was published before under a number")
            .hint("roll back")
            .also("rollback revert undo history"),
        bind(&[char('v')], COMMANDS, VERIFY, "compare store and mirror with what was published from here")
            .hint("verify")
            .also("check live compare"),
        bind(&[char('w')], COMMANDS, SIDE, "what is authored here, or the instances of your own workspace")
            .hint("workspace")
            .also("authored users"),
        bind(&[char('y')], COMMANDS, Action::Copy, "copy: id, configuration").hint("copy"),
        bind(&[char('/')], COMMANDS, Action::Find, "filter by id").hint("filter").also("search find"),
        bind(&[plain(KeyCode::Right), char('l')], LIST, Action::Forward, "read it"),
        bind(&[plain(KeyCode::Left), char('h')], PAGE, Action::Back, BACK).hint("back"),
        bind(&[plain(KeyCode::Backspace), plain(KeyCode::Esc)], COMMANDS, Action::Escape, "back, or clear"),
    ],
    SCROLLS,
    MOVES,
];
