//! What the mouse does.

use ratatui::layout::Position;

use super::Explore;
use super::columns::Columns;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::list::Motion;
use crate::explorer::tabs::Seen;

impl Explore {
    pub fn scroll_at(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        let columns = self.columns(seen.area);
        if columns.page.contains(at) {
            self.preview.scroll(Motion::Lines(lines), usize::from(columns.page.height));
            return true;
        }
        let came = self.come_to(at, &columns);
        let areas = self.areas(seen.area);
        if !areas.list.contains(at) {
            return came;
        }
        let (len, height) = (self.len(), areas.list_height());
        self.cursor().scroll(lines, len, height);
        true
    }

    /// A click selects, and opens what is selected already.
    pub fn take_click(&mut self, at: Position, seen: &Seen<'_>) -> bool {
        let (columns, was) = (self.columns(seen.area), self.focus());
        if columns.page.contains(at) {
            self.pane = Pane::Preview;
            return true;
        }
        let came = self.come_to(at, &columns);
        let areas = self.areas(seen.area);
        if let Some(row) = areas.list_row(at) {
            let len = self.len();
            if let Some(again) = self.cursor().click(row, len) {
                self.pane = Pane::List;
                // Who comes from elsewhere only looks.
                if again && was == self.focus() {
                    self.open_selected(seen);
                }
            }
            return true;
        }
        if areas.switches.contains(at) {
            self.pane = Pane::Input;
            return true;
        }
        came
    }

    /// Of two lists beside each other the one below the mouse is the one that acts; whether it is another than before.
    fn come_to(&mut self, at: Position, columns: &Columns) -> bool {
        if !columns.are_three() {
            return false;
        }
        let is_inside = match (columns.packages.contains(at), columns.tree.contains(at)) {
            (true, _) => false,
            (_, true) => self.shown_tree().is_some(),
            _ => return false,
        };
        let came = is_inside != self.is_inside;
        if came {
            (self.is_inside, self.pane) = (is_inside, Pane::List);
        }
        came
    }
}
