//! What changes it: keys, the mouse, and the world.

use ratatui::layout::Position;
use tui_input::Input;

use super::switches::{self, Press};
use super::{Effect, Search, asked, keys, note, parts, view};
use crate::explorer::parts::areas::Areas;
use crate::explorer::parts::list::{Cursor, Motion};
use crate::explorer::parts::out::Out;
use crate::explorer::parts::page::Part;
use crate::explorer::parts::place::Place;
use crate::explorer::tabs::actions::Action;
use crate::explorer::tabs::{Seen, Tab};

impl Search {
    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let areas = self.areas(seen.area, seen.is_roomy);
        match action {
            Action::Move(motion) if self.is_reading => self.preview.scroll(motion, areas.preview_height()),
            // At the top of the list the arrow leads on to what was searched before.
            Action::Move(Motion::Lines(-1)) if self.is_at_history() => self.recall(),
            Action::Move(motion) => {
                let len = if self.is_empty() { self.choices.len() } else { self.hits().len() };
                let page = self.rows(areas.list.height).page(areas.list_height());
                self.cursor.step(motion, len, page);
            }
            Action::Scroll(motion) => self.preview.scroll(motion, areas.preview_height()),
            Action::Open => self.open_best(seen, out),
            Action::Forward if self.preview.len() > 0 || areas.preview.height == 0 => self.is_reading = true,
            Action::Forward => {}
            Action::Back => self.is_reading = false,
            Action::Escape if self.is_reading => self.is_reading = false,
            Action::Escape => {
                self.history.forget_place();
                self.set_line(String::new());
            }
            Action::Find => {}
            Action::Source => self.toggle(Part::Source, &areas),
            keys::USES => self.toggle(Part::Uses, &areas),
            keys::CHANGES => self.toggle(Part::Changes, &areas),
            keys::PART => self.turn_to(self.part.next(), &areas),
            Action::Copy | Action::Edit | Action::Follow | Action::Note if self.selected().is_none() => {
                out.done(match self.is_empty() {
                    true => "no result is selected yet; Enter searches for this line",
                    false => "no result is selected",
                });
            }
            Action::Copy => {
                self.preview.offer_copies(self.selected().map(|hit| hit.path.clone()), out);
                self.note();
            }
            Action::Edit => {
                self.preview.edit(out);
                self.note();
            }
            Action::Follow => {
                self.preview.offer_links(out);
                self.note();
            }
            Action::Note => {
                if let Some(Place::Package { scope, id, item }) = self.found_at(seen.world) {
                    out.go(Place::NewNote { scope, id, item });
                    self.note();
                }
            }
            keys::MODE => self.cycle_mode(),
            keys::TIER => self.cycle_tier(),
            keys::RECALL => self.recall(),
            keys::MEANT => self.take_offer(),
            Action::Own(_) | Action::Compose => {}
        }
    }

    /// Whether an arrow up leads to what was searched before.
    fn is_at_history(&self) -> bool {
        self.cursor.selected == 0 && (self.is_empty() || self.history.is_recalling())
    }

    /// Where the user is.
    pub fn here(&self) -> Place {
        match self.input.value().trim() {
            "" => Place::Within { tab: Search::NAME, at: String::new() },
            query => Place::Result { query: query.to_string(), at: self.cursor.selected },
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
            Place::Result { query, at } => {
                if self.input.value().trim() != query {
                    self.input = Input::new(query.clone());
                    self.stood_at = Some((query.clone(), *at));
                } else if !self.results.is_pending() {
                    self.cursor.selected = *at;
                }
                self.enter();
                true
            }
            // That is what an empty line is.
            Place::Within { tab, .. } if *tab == Search::NAME => {
                self.set_line(String::new());
                true
            }
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

    /// Shows a part of the preview, be it that one came from the list to do so.
    fn turn_to(&mut self, part: Part, areas: &Areas) {
        self.part = part;
        self.is_reading |= areas.preview.height == 0;
    }

    /// The same, or back from it to the documentation.
    fn toggle(&mut self, part: Part, areas: &Areas) {
        self.turn_to(if self.part == part { Part::Doc } else { part }, areas);
    }

    /// Lets nothing work that nobody sees the result of.
    pub fn rest(&mut self, out: &mut Out<Effect>) {
        if self.preview.is_at_work() {
            self.preview.page.rest();
            out.work(Effect::Rest);
        }
    }

    pub fn want_page(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let areas = self.areas(seen.area, seen.is_roomy);
        self.preview.part = Some(self.part);
        // While packages come one by one it would be asked for again and again, and be seen to the end never.
        if !seen.world.indexing.is_active() {
            self.preview.as_of = seen.world.revision;
        }
        let was_at_work = self.preview.is_at_work();
        self.settle_list(areas.list.height);
        let (subject, is_looking) = (self.subject(seen.world), self.results.is_pending());
        if let Some((generation, key)) = self.preview.want(subject, is_looking, areas.preview, seen.theme) {
            out.work(Effect::Page { generation, key, project: seen.world.project.clone() });
        } else if was_at_work && self.preview.page.wanted().is_none() {
            out.work(Effect::Rest);
        }
        self.is_reading &= areas.preview.height > 0;
    }

    pub fn scroll_at(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if areas.preview.contains(at) {
            self.preview.scroll(Motion::Lines(lines), areas.preview_height());
        } else if areas.list.contains(at) {
            self.scroll_list(lines, areas.list.height);
        } else {
            return false;
        }
        true
    }

    /// A click selects, and opens what is selected already.
    pub fn take_click(&mut self, at: Position, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if let Some(row) = areas.list_row(at) {
            let Some(clicked) = self.rows(areas.list.height).hit(self.cursor.offset + row) else {
                return true;
            };
            let again = std::mem::replace(&mut self.cursor.selected, clicked) == clicked;
            let was_reading = std::mem::take(&mut self.is_reading);
            if again && !was_reading {
                self.open_best(seen, out);
            }
        } else if areas.preview.contains(at) {
            self.is_reading = true;
        } else if areas.parts.contains(at) {
            if let Some(part) = parts::at(areas.parts, at, self.part, seen) {
                self.part = part;
            }
        } else if areas.head.contains(at) {
            (self.is_reading, self.is_settled) = (false, false);
        } else if areas.switches.contains(at) {
            let all = switches::switches(self.input.value(), self.mode, areas.switches);
            match switches::at(all, at) {
                Some(Press::Mode(mode)) => self.mode = mode,
                Some(Press::Tier(tier)) => self.set_line(asked::with_tier(self.input.value(), tier)),
                Some(Press::Drop(word)) => self.set_line(asked::without(self.input.value(), &word)),
                None => {}
            }
        } else if note::placed_offer(self, seen, view::below_switches(&areas))
            .is_some_and(|offer| offer.contains(at))
        {
            self.take_offer();
        } else {
            return false;
        }
        true
    }

    /// Writes what may be meant.
    fn take_offer(&mut self) {
        if let Some(line) = self.offer() {
            self.set_line(line);
        }
    }

    /// Puts the selection in bounds and in view; the line where words end takes a row.
    fn settle_list(&mut self, height: u16) {
        let (rows, height) = (self.rows(height), usize::from(height));
        let all = if self.is_empty() { self.choices.len() } else { self.hits().len() };
        self.cursor.selected = self.cursor.selected.min(all.saturating_sub(1));
        let first = rows.row(self.cursor.selected);
        let mut offset = self.cursor.offset.min(rows.len().saturating_sub(height));
        if first + rows.lines > offset + height {
            offset = (first + rows.lines).saturating_sub(height);
        }
        // What stands above the first result is seen with it, and a result from its first line on.
        let offset = rows.next_beginning(offset).min(first);
        self.cursor.offset = if self.cursor.selected == 0 { 0 } else { offset };
    }

    fn scroll_list(&mut self, lines: isize, height: u16) {
        let (rows, height) = (self.rows(height), usize::from(height));
        let last = rows.len().saturating_sub(height);
        let offset = self.cursor.offset.saturating_add_signed(lines).min(last);
        let offset = if lines < 0 { rows.beginning(offset) } else { rows.next_beginning(offset) };
        // The selection goes along only where it would leave the view.
        let first = rows.hit(offset).or_else(|| rows.hit(offset + 1)).unwrap_or(0);
        let end = (offset + height).saturating_sub(rows.lines);
        let whole = rows.hit(end).or_else(|| rows.hit(end.saturating_sub(1)));
        let whole = whole.unwrap_or(self.hits().len().max(self.choices.len()).saturating_sub(1));
        let selected = self.cursor.selected.min(whole.max(first)).max(first);
        self.cursor = Cursor { selected, offset };
    }

    /// Opens what is selected. Results of what was typed before are not meant.
    fn open_best(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.is_empty() {
            if let Some(choice) = self.choices.get(self.cursor.selected).cloned() {
                self.set_line(choice.line);
            }
            return;
        }
        self.opens_found = self.results.is_pending();
        if !self.opens_found {
            self.open_hit(seen, out);
        }
    }

    /// A result, where it stands in its package.
    pub fn open_hit(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if let Some(place) = self.found_at(seen.world) {
            self.note();
            out.go(place);
        }
    }
}
