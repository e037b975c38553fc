//! The tab Explore: tiers, their packages, and what is in one of them.

mod columns;
mod keys;
mod mouse;
mod opened;
mod packages;
mod sort;
mod state;
mod steps;
mod update;
mod view;
mod work;

use ratatui::layout::Position;
use serde_json::{Value, json};
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
pub use columns::Focus;
#[cfg(test)]
pub use packages::PackageRow;
pub use sort::Sort;
pub use state::Explore;
#[cfg(test)]
pub use work::Bearer;
pub use work::{Effect, Message};

impl Tab for Explore {
    type Effect = Effect;
    type Message = Message;

    const NAME: &'static str = "Explore";
    const ACTIONS: &'static [&'static [Binding]] = keys::ACTIONS;

    fn pane(&self) -> Pane {
        self.pane
    }

    fn line(&mut self) -> Option<&mut Input> {
        (self.pane == Pane::Input).then(|| self.filter_mut())
    }

    fn typed(&mut self, seen: &Seen<'_>) {
        self.filter_packages(seen);
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
        self.follow_world(seen);
        if seen.is_shown {
            self.follow_selection(seen);
        }
        self.want_lists(seen, out);
        if seen.is_shown {
            self.want_page(seen, out);
        }
    }

    fn place(&self) -> Place {
        self.here()
    }

    fn open(&mut self, place: &Place, seen: &Seen<'_>) -> bool {
        self.go(place, seen)
    }

    fn kept(&self) -> Option<Value> {
        Some(json!({ "sort": self.packages.sort.word() }))
    }

    fn resume(&mut self, kept: &Value) {
        let word = kept.get("sort").and_then(Value::as_str).unwrap_or_default();
        self.packages.sort = Sort::of_word(word).unwrap_or_default();
    }

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        view::draw(canvas, self, seen);
    }

    fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
        work::work(effect, zenith.clone())
    }
}
