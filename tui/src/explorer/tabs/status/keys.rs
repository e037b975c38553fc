//! What can be done in it, and by which keys.

use crossterm::event::KeyCode;

use crate::explorer::parts::key::{char, plain};
use crate::explorer::tabs::actions::{Action, Binding, LINE, LIST, MOVES, bind};

pub const SIGN_IN: Action = Action::Own("sign in");
pub const SIGN_OUT: Action = Action::Own("sign out");
/// What the question before that leads to.
pub const SIGN_OUT_NOW: &str = "sign out now";
pub const SYNC: Action = Action::Own("sync");
pub const PUSH: Action = Action::Own("push");
/// What the question before a push leads to.
pub const PUSH_NOW: &str = "push now";
pub const STOP: Action = Action::Own("stop");
/// Stops what of the account is at work.
pub const LEAVE_OFF: Action = Action::Own("leave off");
pub const LOOK: Action = Action::Own("look");

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[plain(KeyCode::Enter)], LIST, Action::Open, "do what is selected, or stop it"),
        bind(&[plain(KeyCode::Enter)], LINE, Action::Open, "go on, and sign in").hint("go on"),
        bind(&[plain(KeyCode::Esc)], LINE, Action::Escape, "back").hint("back"),
        bind(&[char('x')], LIST, STOP, "stop what is selected of what is at work")
            .hint("stop")
            .also("cancel abort"),
        bind(&[char('y')], LIST, Action::Copy, "copy what is selected, a word of the log whole").hint("copy"),
        bind(&[char('l')], LIST, SIGN_IN, "sign in").hint("sign in").also("login log account"),
        bind(&[char('o')], LIST, SIGN_OUT, "sign out, after a question").also("logout log account leave"),
        bind(&[char('s')], LIST, SYNC, "synchronise now").hint("sync").also("update fetch pull replicas"),
        bind(&[char('p')], LIST, PUSH, "push what you indexed, after a question")
            .hint("push")
            .also("share publish upload"),
        bind(&[char('r')], LIST, LOOK, "ask the store how it stands").also("refresh bucket"),
        bind(&[plain(KeyCode::Right), char('}')], LIST, Action::Forward, "next section").hint("section"),
        bind(&[plain(KeyCode::Left), char('{')], LIST, Action::Back, "previous section"),
    ],
    MOVES,
];
