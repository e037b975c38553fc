//! The tab Search: what one types, how it is searched, and what was found.

mod asked;
mod blank;
mod choices;
mod history;
mod kept;
mod keys;
mod note;
mod parts;
mod row;
mod shown;
mod state;
mod switches;
mod update;
mod view;
mod work;

use ratatui::layout::Position;
use serde_json::Value;
use tui_input::Input;
use zenith_core::Zenith;

use super::actions::{Action, Binding};
use super::{Seen, Tab};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::job::Job;
use crate::explorer::parts::out::Out;
use crate::explorer::parts::place::Place;

#[cfg(test)]
pub use state::DEBOUNCE;
pub use state::Search;
#[cfg(test)]
pub use work::Found;
pub use work::{Effect, Message};

impl Tab for Search {
    type Effect = Effect;
    type Message = Message;

    const NAME: &'static str = "Search";
    const ACTIONS: &'static [&'static [Binding]] = keys::ACTIONS;

    fn pane(&self) -> Pane {
        Pane::Input
    }

    fn line(&mut self) -> Option<&mut Input> {
        Some(&mut self.input)
    }

    fn takes_over(&self) -> bool {
        self.is_settled
    }

    fn typed(&mut self, _seen: &Seen<'_>) {
        (self.is_reading, self.is_settled, self.opens_found) = (false, false, false);
        self.history.forget_place();
    }

    fn can(&self, action: Action) -> bool {
        match action {
            keys::MEANT => self.offer().is_some(),
            Action::Open if self.is_empty() => !self.choices.is_empty(),
            Action::Open => self.results.is_pending() || self.selected().is_some(),
            Action::Escape => self.is_reading || !self.input.value().is_empty(),
            Action::Back => self.is_reading,
            keys::PART | keys::USES | keys::CHANGES => self.selected().is_some(),
            Action::Source | Action::Copy | Action::Edit | Action::Follow | Action::Note => {
                self.selected().is_some()
            }
            Action::Forward => self.selected().is_some() && !self.is_reading,
            keys::RECALL => !self.history.all().is_empty(),
            _ => true,
        }
    }

    fn hint(&self, action: Action) -> Option<&'static str> {
        (action == Action::Open && self.is_empty()).then_some("search it")
    }

    fn act(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.do_action(action, seen, out);
    }

    fn click(&mut self, at: Position, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        self.take_click(at, seen, out)
    }

    fn wheel(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        self.scroll_at(at, lines, seen)
    }

    fn take(&mut self, message: Message, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        match message {
            Message::Found { generation, found } => {
                let arrived = self.arrive(generation, found);
                if arrived && std::mem::take(&mut self.opens_found) {
                    self.open_hit(seen, out);
                }
                arrived
            }
            Message::Page { generation, page } => self.preview.arrive(generation, page),
        }
    }

    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.read(seen.world);
        self.want_results(seen, out);
        match seen.is_shown {
            true => self.want_page(seen, out),
            false => self.rest(out),
        }
    }

    fn enter(&mut self) {
        (self.is_settled, self.is_reading) = (true, false);
    }

    fn place(&self) -> Place {
        self.here()
    }

    fn open(&mut self, place: &Place, _seen: &Seen<'_>) -> bool {
        self.go(place)
    }

    fn kept(&self) -> Option<Value> {
        self.keep()
    }

    fn resume(&mut self, kept: &Value) {
        self.take_kept(kept);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        view::draw(canvas, self, seen);
    }

    fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
        work::work(effect, zenith.clone())
    }
}
