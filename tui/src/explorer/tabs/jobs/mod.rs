//! The tab Jobs: what is scheduled, what became of it, and who runs it.

mod answers;
mod command;
mod desk;
mod form;
mod keys;
mod mouse;
mod page;
mod serving;
mod state;
mod told;
mod update;
mod view;
mod watch;
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
use crate::explorer::parts::place::Place;

pub use state::Jobs;
#[cfg(test)]
pub use work::{Deed, Done, Looked};
pub use work::{Effect, Message};

impl Tab for Jobs {
    type Effect = Effect;
    type Message = Message;

    const NAME: &'static str = "Jobs";
    const ACTIONS: &'static [&'static [Binding]] = keys::ACTIONS;

    fn pane(&self) -> Pane {
        if self.form.is_some() { Pane::Input } else { self.pane }
    }

    fn line(&mut self) -> Option<&mut Input> {
        match &mut self.form {
            Some(form) => Some(form.line_mut()),
            None => (self.pane == Pane::Input).then_some(&mut self.filter),
        }
    }

    fn typed(&mut self, seen: &Seen<'_>) {
        self.take_typed(seen);
    }

    fn can(&self, action: Action) -> bool {
        self.can_do(action)
    }

    fn hint(&self, action: Action) -> Option<&'static str> {
        match action {
            keys::PAUSE if self.subject().is_some_and(|job| !job.enabled) => Some("resume"),
            keys::SERVE if self.serving.is_some() => Some("leave off"),
            Action::Open if self.form.is_none() && self.pane == Pane::Input => Some("keep"),
            Action::Open if self.opened.is_some() => Some("output"),
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

    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.follow_session(seen, out);
        if seen.is_shown {
            if seen.world.is_open() {
                self.keep_up(seen, out);
            }
            self.lay_out(seen);
        }
        self.is_shown = seen.is_shown && seen.world.is_open();
    }

    fn place(&self) -> Place {
        let at = self.opened.as_ref().map(|opened| opened.job.clone()).unwrap_or_default();
        Place::Within { tab: Jobs::NAME, at }
    }

    fn open(&mut self, place: &Place, _seen: &Seen<'_>) -> bool {
        self.go(place)
    }

    fn task(&self) -> Option<Task> {
        self.serving.as_ref().and_then(|serving| serving.task())
    }

    fn stop(&mut self, out: &mut Out<Effect>) {
        self.leave_off(out);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        match &self.form {
            Some(form) => view::form::draw(canvas, form, inset(seen.area)),
            None => view::draw(canvas, self, seen),
        }
    }

    fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
        work::work(effect, zenith.clone())
    }
}
