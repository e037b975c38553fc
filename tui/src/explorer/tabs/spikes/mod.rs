//! The tab Spikes: the claims that the architecture rests on, what came of them, and a run of them.

mod backends;
mod columns;
mod detail;
mod formats;
mod keys;
mod progress;
mod question;
mod results;
mod state;
mod update;
mod view;
mod work;

use ratatui::layout::Position;
use zenith_core::Zenith;

use super::actions::{Action, Binding};
use super::{Seen, Tab, Task};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::job::Job;
use crate::explorer::parts::out::Out;
use crate::explorer::parts::place::Place;

#[cfg(test)]
pub use backends::Backends;
#[cfg(test)]
pub use results::{Loaded, Results};
pub use state::Spikes;
pub use work::{Effect, Message};

impl Tab for Spikes {
    type Effect = Effect;
    type Message = Message;

    const NAME: &'static str = "Spikes";
    const ACTIONS: &'static [&'static [Binding]] = keys::ACTIONS;

    fn pane(&self) -> Pane {
        self.pane
    }

    fn can(&self, action: Action) -> bool {
        match action {
            keys::RUN => !self.is_running() && self.selected().is_some_and(|spike| self.backends.run(spike)),
            keys::RUN_ALL => !self.is_running() && self.spikes.iter().any(|spike| self.backends.run(spike)),
            keys::CANCEL => self.is_running(),
            _ => true,
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
        match message {
            Message::History { generation, loaded } => return self.take_history(generation, loaded, out),
            Message::Event(event) => self.take_event(event, seen.now),
            Message::Ran(report) => self.take_report(report, out),
        }
        true
    }

    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if seen.is_shown {
            self.show(seen, out);
        }
    }

    fn place(&self) -> Place {
        self.here()
    }

    fn open(&mut self, place: &Place, _seen: &Seen<'_>) -> bool {
        self.go(place)
    }

    fn task(&self) -> Option<Task> {
        self.run.as_ref().map(|run| run.task())
    }

    fn stop(&mut self, out: &mut Out<Effect>) {
        self.cancel(out);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        view::draw(canvas, self, seen);
    }

    fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
        work::work(effect, zenith)
    }
}
