//! The tab Notes: what one keeps about the exact versions that one builds on, and what became of what it speaks of.

mod answers;
mod deeds;
mod desk;
mod form;
mod keys;
mod mouse;
mod page;
mod rows;
mod state;
mod update;
mod view;
mod work;

use ratatui::layout::Position;
use serde_json::{Value, json};
use tui_input::Input;
use zenith_core::Zenith;

use super::actions::{Action, Binding};
use super::{Seen, Tab, Task};
use crate::explorer::parts::areas::{Pane, inset};
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::job::Job;
use crate::explorer::parts::out::Out;
use crate::explorer::parts::place::Place;
use crate::notes::meeting;

#[cfg(test)]
pub use desk::Desk;
pub use state::Notes;
pub use work::{Effect, Message};
#[cfg(test)]
pub use work::{FileStands, Given, Kept, On, SyncFailed};

impl Tab for Notes {
    type Effect = Effect;
    type Message = Message;

    const NAME: &'static str = "Notes";
    const ACTIONS: &'static [&'static [Binding]] = keys::ACTIONS;

    fn pane(&self) -> Pane {
        if self.form.is_some() || self.meets.is_some() { Pane::Input } else { self.pane }
    }

    fn line(&mut self) -> Option<&mut Input> {
        match (&mut self.form, &mut self.meets) {
            (Some(form), _) => Some(form.line_mut()),
            (None, Some(place)) => Some(place),
            (None, None) => (self.pane == Pane::Input).then_some(&mut self.filter),
        }
    }

    fn typed(&mut self, _seen: &Seen<'_>) {
        if self.form.is_none() && self.meets.is_none() {
            self.cursor.selected = 0;
            self.refresh(None);
        }
    }

    fn can(&self, action: Action) -> bool {
        self.can_do(action)
    }

    fn hint(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Open if self.meets.is_some() => Some("synchronise"),
            Action::Open if self.form.is_none() && self.pane == Pane::Input => Some("keep"),
            keys::PROBLEMS if self.shows_problems => Some("notes"),
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

    fn composed(&mut self, written: Result<String, String>, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.take_composed(written, seen, out);
    }

    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if seen.world.is_open() {
            self.keep_up(seen, out);
        }
        if seen.is_shown {
            self.lay_out(seen);
        }
        self.is_shown = seen.is_shown && seen.world.is_open();
    }

    fn open(&mut self, place: &Place, seen: &Seen<'_>) -> bool {
        self.go(place, seen)
    }

    fn task(&self) -> Option<Task> {
        let (place, since) = self.syncing.as_ref()?;
        Some(Task {
            name: "Notes",
            done: None,
            at: Some((format!("synchronising with {place}"), *since)),
            doing: String::new(),
            stopping: None,
            holds: None,
            stop: None,
        })
    }

    fn kept(&self) -> Option<Value> {
        Some(json!({ "place": meeting::kept(&self.place) }))
    }

    fn resume(&mut self, kept: &Value) {
        let place = kept.get("place").and_then(Value::as_str).unwrap_or_default();
        // Somebody may have written into the file.
        self.place = place.chars().filter(|letter| !letter.is_control()).take(PLACE_CHARS_MAX).collect();
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

/// A longer place is none that anyone types.
const PLACE_CHARS_MAX: usize = 1_000;
