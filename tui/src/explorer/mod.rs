//! The explorer in the terminal: browses the tiers, searches them as one types, runs spikes, and tells
//! how things stand.
//!
//! Messages (keys, results, progress) change the state, and the state alone is drawn. Nothing in the
//! loop waits for anything but the next message; work runs in tasks, and what is no longer wanted is
//! aborted. Nothing is drawn where nothing changed.
//!
//! # Decisions
//!
//! - **The state of the screen changes in one function**, `App::update(message) -> effects`. What is loaded
//!   is derived: after each message, what shows is compared with what was asked for, and only the difference
//!   is requested. One table of keys serves dispatch, help, hints and the test.

mod act;
mod app;
mod builder;
mod clock;
mod editor;
mod explore;
mod flow;
mod highlight;
mod indexing;
mod keys;
mod kind;
mod latest;
mod layout;
mod list;
mod load;
mod markdown;
mod message;
mod mouse;
mod overlay;
mod page;
mod paint;
mod preview;
mod run;
mod search;
mod sheet;
mod signature;
mod spikes;
mod status;
mod surroundings;
mod tasks;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod tree;
mod update;
mod view;
mod watch;

use std::path::PathBuf;

use zenith_core::config::Config;

pub use run::run;

/// How the explorer starts.
#[derive(Clone, Debug)]
pub struct Start {
    pub config: Config,
    /// The folder whose Cargo.lock is indexed, itself or the nearest above it that has one.
    pub folder: PathBuf,
    /// Whether the mouse is listened to; a terminal selects text by itself where it is not.
    pub mouse: bool,
}
