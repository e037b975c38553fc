//! What all tabs stand in: the terminal and its events, the frame around the tab that shows, what can be done and by
//! which keys, where one was before, and the work beside the screen. It knows the list of tabs, and none by name.

mod act;
mod actions;
mod app;
mod clipboard;
mod editor;
mod frame;
mod headless;
mod input;
mod look;
mod memory;
mod message;
mod notices;
mod overlay;
mod places;
mod run;
mod signals;
mod surroundings;
mod terminal;
mod update;
mod work;

pub use actions::{Named, named};
pub use editor::compose;
pub use headless::Headless;
pub use run::run;
pub use surroundings::editor as editor_words;
#[cfg(test)]
pub use {
    crate::explorer::parts::out::Composition,
    actions::{Command, Does},
    app::App,
    frame::{Frame, draw},
    memory::Memory,
    message::{Effect, Message},
    overlay::Overlay,
    update::LEAVE_AFTER,
    work::Work,
};
