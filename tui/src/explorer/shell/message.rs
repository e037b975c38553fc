//! What reaches the screen, and what the screen asks for.

use crossterm::event::Event;

use crate::explorer::parts::out::Composition;
use crate::explorer::parts::page::Location;
use crate::explorer::parts::theme::Background;
use crate::explorer::tabs::Erased;
use crate::explorer::world;

/// Something that happened: at the terminal, in a task, to the process.
#[derive(Debug)]
pub enum Message {
    Terminal(Event),
    /// Letters that came in one read, where they are text.
    Letters(String),
    /// The terminal says what its background is, or does not though it was asked.
    Background(Option<Background>),
    /// Time passed, while something shows time.
    Tick,
    World(world::Message),
    /// For the tab at this place of the list, in its own words.
    Tab(usize, Box<dyn Erased>),
    /// What was to be copied, and who took it.
    Copied {
        text: String,
        by: Vec<&'static str>,
    },
    /// What was written in the editor for the tab at this place of the list, or why nothing was.
    Composed(usize, Result<String, String>),
    /// The process was told to end.
    Terminated,
}

/// What is to be done beside the screen, or by the terminal.
#[derive(Debug)]
pub enum Effect {
    World(world::Effect),
    /// Of the tab at this place of the list, in its own words.
    Tab(usize, Box<dyn Erased>),
    Copy(String),
    /// Hand text to the terminal for its clipboard; no terminal says whether it took it.
    Send(String),
    Edit(Location),
    /// Have a text written in the editor for the tab at this place of the list.
    Compose(usize, Composition),
    /// Go on as whoever is signed in by now.
    Renew,
    /// Whether the mouse is listened to.
    Mouse(bool),
    Suspend,
    Redraw,
    Quit,
}
