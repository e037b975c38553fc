//! The tab Status: who is signed in, what is synchronised, what is stored, what is at work.

mod disk;
mod keys;
mod state;
mod update;
mod view;
mod work;

use ratatui::layout::Position;
use zenith_core::Zenith;

use super::actions::{Action, Binding};
use super::{Seen, Tab, Task};
use crate::explorer::parts::areas::inset;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::job::Job;
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::out::Out;

#[cfg(test)]
pub use disk::Disk;
pub use state::Status;
#[cfg(test)]
pub use state::SyncedDatabase;
pub use work::{Effect, Message};

impl Tab for Status {
    type Effect = Effect;
    type Message = Message;

    const NAME: &'static str = "Status";
    const ACTIONS: &'static [&'static [Binding]] = keys::ACTIONS;

    fn act(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.do_action(action, seen, out);
    }

    fn click(&mut self, at: Position, seen: &Seen<'_>, _out: &mut Out<Effect>) -> bool {
        seen.area.contains(at)
    }

    fn wheel(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        let is_there = seen.area.contains(at);
        if is_there {
            self.scroll(Motion::Lines(lines), seen);
        }
        is_there
    }

    fn take(&mut self, message: Message, _seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        self.take_message(message, out)
    }

    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if seen.is_shown {
            self.show(seen, out);
        }
    }

    fn task(&self) -> Option<Task> {
        self.syncing()
    }

    // One page is all that it shows.
    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        self.sheet.draw(canvas, inset(seen.area), true);
    }

    fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
        work::work(effect, zenith.clone())
    }
}
