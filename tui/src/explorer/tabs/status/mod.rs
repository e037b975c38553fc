//! The tab Status: what is at work, the account and what is shared with it, what is stored, and what was said.

mod account;
mod disk;
mod form;
mod keys;
mod state;
mod update;
mod view;
mod work;

use ratatui::layout::Position;
use tui_input::Input;
use zenith_core::Zenith;

use super::actions::{Action, Binding};
use super::{Seen, Tab, Task};
use crate::explorer::parts::areas::{Pane, inset};
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::job::Job;
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

    fn pane(&self) -> Pane {
        if self.form.is_some() { Pane::Input } else { Pane::List }
    }

    fn line(&mut self) -> Option<&mut Input> {
        self.form.as_mut().map(|form| form.line())
    }

    fn can(&self, action: Action) -> bool {
        match action {
            keys::SIGN_IN => self.running.is_none(),
            keys::SYNC | keys::PUSH | keys::SIGN_OUT => self.running.is_none() && self.is_signed_in,
            keys::STOP => self.is_busy,
            _ => true,
        }
    }

    fn act(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.do_action(action, seen, out);
    }

    fn click(&mut self, at: Position, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        self.take_click(at, seen, out)
    }

    fn wheel(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        let is_there = seen.area.contains(at) && self.form.is_none();
        if is_there {
            self.page.scroll(lines, usize::from(seen.area.height));
        }
        is_there
    }

    fn take(&mut self, message: Message, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        self.take_message(message, seen, out)
    }

    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.is_signed_in = seen.world.home.session.is_some();
        self.is_busy = seen.world.indexing.is_active() || !seen.tasks.is_empty();
        if seen.is_shown {
            self.show(seen, out);
        }
    }

    fn task(&self) -> Option<Task> {
        self.running.as_ref().map(|running| running.task())
    }

    fn stop(&mut self, out: &mut Out<Effect>) {
        self.leave_off(out);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        match &self.form {
            Some(form) => form.draw(canvas, inset(seen.area)),
            None => self.page.draw(canvas, inset(seen.area), true),
        }
    }

    fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
        work::work(effect, zenith.clone())
    }
}
