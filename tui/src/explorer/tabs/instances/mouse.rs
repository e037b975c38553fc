//! What the mouse does.

use ratatui::layout::Position;

use super::Instances;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::list::Motion;
use crate::explorer::tabs::Seen;

impl Instances {
    pub fn scroll_at(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if areas.preview.contains(at) {
            self.page.scroll(Motion::Lines(lines), areas.preview_height());
        } else if areas.list.contains(at) {
            self.cursor.scroll(lines, self.rows.len(), areas.list_height());
        } else {
            return false;
        }
        true
    }

    /// A click selects, and reads what is selected already.
    pub fn take_click(&mut self, at: Position, seen: &Seen<'_>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if let Some(row) = areas.list_row(at) {
            let was_reading = self.pane == Pane::Preview;
            if let Some(again) = self.cursor.click(row, self.rows.len()) {
                self.pane = if again && !was_reading { Pane::Preview } else { Pane::List };
            }
        } else if areas.preview.contains(at) {
            self.pane = Pane::Preview;
        } else if areas.parts.contains(at) && self.typed.is_none() {
            self.pane = Pane::Input;
        } else {
            return false;
        }
        true
    }
}
