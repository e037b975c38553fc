//! What a tab is, and the list of all. A tab is a folder: its state, what changes it, its keys, its looks and its
//! work. It knows the parts that it is made of and the world that all see, and no other tab.
//!
//! # Decisions
//!
//! - **What leads from one tab to another is a value**: a [`Place`]. A tab hands it out, and whichever tab knows it
//!   opens it.
//! - **A tab's work is its own.** What it wants done is its own kind of effect, which its own `work` turns into a
//!   [`Job`]; what comes of it is its own kind of message. The shell carries both, and knows neither: it sees an
//!   [`AnyTab`], which every [`Tab`] is.
//! - **What is loaded follows from what shows**: after each message [`Tab::settle`] compares it with what was asked for,
//!   and asks for the difference alone.

pub mod actions;
mod any;
pub mod explore;
pub mod instances;
pub mod jobs;
pub mod notes;
pub mod search;
mod seen;
pub mod spikes;
pub mod status;

use std::fmt::Debug;

use ratatui::layout::Position;
use serde_json::Value;
use tui_input::Input;
use zenith_core::Zenith;

use super::parts::areas::Pane;
use super::parts::canvas::Canvas;
use super::parts::job::Job;
use super::parts::out::Out;
use super::parts::place::Place;

use actions::{Action, Binding};
pub use any::{AnyTab, Erased};
pub use seen::{Seen, Task};

/// Every tab, in the order of the bar.
pub fn all() -> Vec<Box<dyn AnyTab>> {
    vec![
        Box::new(explore::Explore::default()),
        Box::new(search::Search::default()),
        Box::new(spikes::Spikes::default()),
        Box::new(status::Status::default()),
        Box::new(jobs::Jobs::default()),
        Box::new(notes::Notes::default()),
        Box::new(instances::Instances::default()),
    ]
}

/// The tab that shows at the first start.
pub const FIRST: &str = <search::Search as Tab>::NAME;

/// A tab. Nothing in it waits for anything.
pub trait Tab: Debug + 'static {
    /// What it wants done beside the screen.
    type Effect: Debug + Send + 'static;
    /// What comes of that.
    type Message: Debug + Send + 'static;

    /// What it is called, in the bar and everywhere.
    const NAME: &'static str;
    /// Everything that it can do, with its keys: in the order of hints and help.
    const ACTIONS: &'static [&'static [Binding]];

    /// The part of it that has the focus.
    fn pane(&self) -> Pane {
        Pane::Preview
    }

    /// The line that one types, where one has the focus.
    fn line(&mut self) -> Option<&mut Input> {
        None
    }

    /// Whether what one types next takes the place of all that stands in the line.
    fn takes_over(&self) -> bool {
        false
    }

    /// What is typed in the line is another than before.
    fn typed(&mut self, _seen: &Seen<'_>) {}

    /// Whether an action would do something now. Hints tell only of those.
    fn can(&self, _action: Action) -> bool {
        true
    }

    /// What the hints call an action now, where that is another word than they have for it.
    fn hint(&self, _action: Action) -> Option<&'static str> {
        None
    }

    /// Does what a key asks for.
    fn act(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Self::Effect>);

    /// Takes a click; `false` where it means nothing.
    fn click(&mut self, _at: Position, _seen: &Seen<'_>, _out: &mut Out<Self::Effect>) -> bool {
        false
    }

    /// Scrolls what is below the mouse; `false` where nothing is.
    fn wheel(&mut self, _at: Position, _lines: isize, _seen: &Seen<'_>) -> bool {
        false
    }

    /// Takes what its work tells; whether anything changed.
    fn take(&mut self, message: Self::Message, seen: &Seen<'_>, out: &mut Out<Self::Effect>) -> bool;

    /// Takes what was written in the editor that it asked for, or why nothing was.
    fn composed(&mut self, _written: Result<String, String>, _seen: &Seen<'_>, _out: &mut Out<Self::Effect>) {
    }

    /// Puts everything in bounds, and asks for what shows and is not there. It is called after each change, also of
    /// the world, and whether the tab shows or not.
    fn settle(&mut self, _seen: &Seen<'_>, _out: &mut Out<Self::Effect>) {}

    /// The user comes to it.
    fn enter(&mut self) {}

    /// Where in it the user is.
    fn place(&self) -> Place {
        Place::Within { tab: Self::NAME, at: String::new() }
    }

    /// Goes to a place; `false` where it does not know it.
    fn open(&mut self, place: &Place, _seen: &Seen<'_>) -> bool {
        matches!(place, Place::Within { tab, .. } if *tab == Self::NAME)
    }

    /// What of it is at work.
    fn task(&self) -> Option<Task> {
        None
    }

    /// The program is about to end: what is at work is to stop.
    fn stop(&mut self, _out: &mut Out<Self::Effect>) {}

    /// What of it is kept for the next start, which is small.
    fn kept(&self) -> Option<Value> {
        None
    }

    /// Goes on with what was kept; what it does not understand it passes over.
    fn resume(&mut self, _kept: &Value) {}

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>);

    /// The work that an effect is.
    fn work(effect: Self::Effect, zenith: &Zenith) -> Job<Self::Message>;
}
