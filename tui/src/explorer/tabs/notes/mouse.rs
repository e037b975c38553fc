//! What the mouse does.

use ratatui::layout::Position;

use super::Notes;
use crate::explorer::parts::areas::{Pane, inset};
use crate::explorer::parts::list::Motion;
use crate::explorer::tabs::Seen;

impl Notes {
    pub fn scroll_at(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if self.form.is_some() {
            return false;
        }
        if areas.preview.contains(at) {
            self.page.scroll(Motion::Lines(lines), areas.preview_height());
        } else if areas.list.contains(at) {
            let len = self.len();
            self.cursor.scroll(lines, len, areas.list_height());
        } else {
            return false;
        }
        true
    }

    /// A click selects, and reads what is selected already.
    pub fn take_click(&mut self, at: Position, seen: &Seen<'_>) -> bool {
        if let Some(form) = &mut self.form {
            form.click(at, inset(seen.area));
            return seen.area.contains(at);
        }
        let areas = self.areas(seen.area, seen.is_roomy);
        if let Some(row) = areas.list_row(at) {
            let (len, was_reading) = (self.len(), self.pane == Pane::Preview);
            if let Some(again) = self.cursor.click(row, len) {
                self.pane = if again && !was_reading { Pane::Preview } else { Pane::List };
            }
        } else if areas.preview.contains(at) {
            self.pane = Pane::Preview;
        } else if areas.parts.contains(at) && self.meets.is_none() {
            self.pane = Pane::Input;
        } else {
            return false;
        }
        true
    }
}
