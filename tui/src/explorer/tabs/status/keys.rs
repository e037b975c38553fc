//! What can be done in it, and by which keys.

use crate::explorer::parts::key::char;
use crate::explorer::tabs::actions::{Action, Binding, MOVES, PAGE, bind};

pub const SYNC: Action = Action::Own("sync");

pub const ACTIONS: &[&[Binding]] = &[
    &[
        bind(&[char('s')], PAGE, SYNC, "synchronise now").hint("sync"),
        bind(&[char('y')], PAGE, Action::Copy, "copy what was said").hint("copy"),
    ],
    MOVES,
];
