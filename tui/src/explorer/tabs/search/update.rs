//! What changes it: keys, the mouse, and the world.

use ratatui::layout::Position;
use tui_input::Input;

use super::{Effect, Search, keys, view};
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::out::Out;
use crate::explorer::parts::place::Place;
use crate::explorer::tabs::actions::Action;
use crate::explorer::tabs::{Seen, Tab};

impl Search {
    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let areas = self.areas(seen.area, seen.is_roomy);
        match action {
            Action::Move(motion) if self.is_reading => self.preview.scroll(motion, areas.preview_height()),
            Action::Move(motion) => {
                let len = self.hits().len();
                self.cursor.step(motion, len, areas.list_height());
            }
            Action::Scroll(motion) => self.preview.scroll(motion, areas.preview_height()),
            Action::Open => self.open_best(seen, out),
            Action::Forward if self.preview.len() > 0 || areas.preview.height == 0 => self.is_reading = true,
            Action::Forward => {}
            Action::Back => self.is_reading = false,
            Action::Escape if self.is_reading => self.is_reading = false,
            Action::Escape => self.input.reset(),
            Action::Find => {}
            Action::Source => self.preview.toggle_source(areas.preview_height()),
            Action::Copy => {
                if let Some(hit) = self.selected() {
                    out.copy(&hit.path);
                }
            }
            Action::Edit => self.preview.edit(out),
            keys::MODE => self.cycle_mode(),
            keys::TIER => self.cycle_tier(),
            Action::Own(_) => {}
        }
    }

    /// Where the user is.
    pub fn here(&self) -> Place {
        match self.input.value().trim() {
            "" => Place::Within { tab: Search::NAME, at: String::new() },
            query => Place::Query(query.to_string()),
        }
    }

    /// Goes to a search. One that shows already stays as it is.
    pub fn go(&mut self, place: &Place) -> bool {
        match place {
            Place::Query(query) => {
                if self.input.value().trim() != query {
                    self.input = Input::new(query.clone());
                }
                self.enter();
                true
            }
            Place::Within { tab, .. } => *tab == Search::NAME,
            _ => false,
        }
    }

    /// Asks for results where they are not those that are known, whether it shows or not.
    pub fn want_results(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if seen.world.is_open()
            && let Some((generation, request, delay)) = self.want(seen.world.revision)
        {
            let project = seen.world.project.clone();
            out.work(Effect::Search { generation, request, project, delay });
        }
    }

    pub fn want_page(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let areas = self.areas(seen.area, seen.is_roomy);
        let len = self.hits().len();
        self.cursor.settle(len, areas.list_height());
        let (subject, is_looking) = (self.subject(seen.world), self.results.is_pending());
        if let Some((generation, key)) = self.preview.want(subject, is_looking, areas.preview, seen.theme) {
            out.work(Effect::Page { generation, key });
        }
        self.is_reading &= areas.preview.height > 0;
    }

    pub fn scroll_at(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if areas.preview.contains(at) {
            self.preview.scroll(Motion::Lines(lines), areas.preview_height());
        } else if areas.list.contains(at) {
            let len = self.hits().len();
            self.cursor.scroll(lines, len, areas.list_height());
        } else {
            return false;
        }
        true
    }

    /// A click selects, and opens what is selected already.
    pub fn take_click(&mut self, at: Position, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if let Some(row) = areas.list_row(at) {
            let len = self.hits().len();
            if let Some(again) = self.cursor.click(row, len) {
                let was_reading = std::mem::take(&mut self.is_reading);
                if again && !was_reading {
                    self.open_hit(seen, out);
                }
            }
        } else if areas.preview.contains(at) {
            self.is_reading = true;
        } else if areas.head.contains(at) {
            (self.is_reading, self.is_settled) = (false, false);
        } else if areas.switches.contains(at) {
            // The mode's switch stands left, the tier's right of it.
            match at.x < view::TIER_SWITCH_START {
                true => self.cycle_mode(),
                false => self.cycle_tier(),
            }
        } else {
            return false;
        }
        true
    }

    /// Opens what is selected. Results of what was typed before are not meant.
    fn open_best(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.opens_found = self.results.is_pending();
        if !self.opens_found {
            self.open_hit(seen, out);
        }
    }

    /// A result, where it stands in its package.
    pub fn open_hit(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if let Some(place) = self.found_at(seen.world) {
            out.go(place);
        }
    }
}
