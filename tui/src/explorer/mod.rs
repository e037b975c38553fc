//! The explorer in the terminal: browses the tiers, searches them as one types, runs spikes, and tells
//! how things stand.
//!
//! | room | what lives there | may name |
//! |---|---|---|
//! | `parts` | what tabs are made of, and the values that all speak in | nothing |
//! | `world` | the data folder and the project, which every tab sees and none changes | `parts` |
//! | `tabs` | what a tab is, the list of all, and a folder for each, which names no other | `parts`, `world` |
//! | `shell` | terminal, frame, keys, places, work; the list of tabs, and none by name | all of them |
//!
//! Messages (keys, results, progress) change the state, and the state alone is drawn. Nothing in the
//! loop waits for anything but the next message; work runs in tasks, and what is no longer wanted is
//! aborted. Nothing is drawn where nothing changed.
//!
//! # Decisions
//!
//! - **The state of the screen changes in one function**, `App::update(message) -> effects`. What is loaded
//!   is derived: after each message, what shows is compared with what was asked for, and only the difference
//!   is requested. One list of actions serves dispatch, hints, help, palette and the test.
//! - **What all tabs see is a room below them**, not a tab and not the shell: tabs read it, and the shell alone
//!   changes it, so that a tab needs nobody to hand it the packages, and no two keep their own.

#[cfg(test)]
mod arrows;
mod parts;
mod shell;
mod tabs;
#[cfg(test)]
mod tests;
mod world;

use std::path::PathBuf;

use zenith_core::config::Config;

pub use parts::out::Composition;
pub use shell::{Headless, Named, compose, editor_words, named, run};

/// How the explorer starts.
#[derive(Clone, Debug)]
pub struct Start {
    pub config: Config,
    /// The folder whose Cargo.lock is indexed, itself or the nearest above it that has one.
    pub folder: PathBuf,
    /// Whether the mouse is listened to; a terminal selects text by itself where it is not.
    pub mouse: bool,
}
