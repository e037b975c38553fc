//! The tab Instances: what is authored here and how it stands to what is published, and the instances of one's own
//! workspace.

mod answers;
mod deeds;
mod desk;
mod keys;
mod mouse;
mod page;
mod rows;
mod state;
mod update;
mod view;
mod work;

use ratatui::layout::Position;
use tui_input::Input;
use zenith_core::Zenith;
use zenith_core::publish::Route;

use super::actions::{Action, Binding};
use super::{Seen, Tab, Task};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::job::Job;
use crate::explorer::parts::out::Out;
use crate::text::counted;

pub use state::{Instances, Side};
#[cfg(test)]
pub use work::{Detail, Looked, Planned};
pub use work::{Effect, Message};

const NOT_OPEN: &str = "the data folder is not open yet; try again in a moment";

impl Tab for Instances {
    type Effect = Effect;
    type Message = Message;

    const NAME: &'static str = "Instances";
    const ACTIONS: &'static [&'static [Binding]] = keys::ACTIONS;

    fn pane(&self) -> Pane {
        if self.typed.is_some() { Pane::Input } else { self.pane }
    }

    fn line(&mut self) -> Option<&mut Input> {
        match &mut self.typed {
            Some(typed) => Some(&mut typed.line),
            None => (self.pane == Pane::Input).then_some(&mut self.filter),
        }
    }

    fn typed(&mut self, _seen: &Seen<'_>) {
        if self.typed.is_none() {
            self.cursor.selected = 0;
            self.refresh(None);
        }
    }

    fn can(&self, action: Action) -> bool {
        self.can_do(action)
    }

    fn hint(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Open if self.typed.is_none() && self.pane == Pane::Input => Some("keep"),
            keys::SIDE if self.side == Side::Workspace => Some("authored"),
            _ => None,
        }
    }

    fn act(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.do_action(action, seen, out);
    }

    fn click(&mut self, at: Position, seen: &Seen<'_>, _out: &mut Out<Effect>) -> bool {
        self.take_click(at, seen)
    }

    fn wheel(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        self.scroll_at(at, lines, seen)
    }

    fn take(&mut self, message: Message, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        self.take_message(message, seen, out)
    }

    fn composed(&mut self, written: Result<String, String>, _seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.take_composed(written, out);
    }

    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let is_shown = seen.is_shown && seen.world.is_open();
        if is_shown {
            self.keep_up(seen, out);
        }
        if seen.is_shown {
            self.lay_out(seen);
        }
        self.is_shown = is_shown;
    }

    fn task(&self) -> Option<Task> {
        let run = self.run.as_ref()?;
        let told = run.planned.map_or("publishing".to_string(), |planned| {
            format!("publishing {}", counted(planned, "instance"))
        });
        Some(Task {
            name: "Instances",
            done: None,
            at: Some((told, run.since)),
            doing: String::new(),
            stopping: run.is_stopping.then_some("it comes to where the next one goes on"),
            holds: None,
            stop: Some(keys::STOP),
        })
    }

    fn stop(&mut self, out: &mut Out<Effect>) {
        self.stop_publishing(out);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        view::draw(canvas, self, seen);
    }

    fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
        work::work(effect, zenith.clone())
    }
}

/// An id in its own words.
fn named(id: &Route) -> String {
    match id {
        Route::Authored(id) => id.to_string(),
        Route::User(id) => id.to_string(),
    }
}

/// Where an instance of this id lives.
fn side_of(id: &Route) -> Side {
    match id {
        Route::Authored(_) => Side::Authored,
        Route::User(_) => Side::Workspace,
    }
}
