//! The mouse: a click selects, a click on what is selected opens it, the wheel scrolls what it is
//! over.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::app::{App, Pane, Tab};
use super::keys::Action;
use super::layout::TABS;
use super::list::Motion;
use super::message::Effect;

/// Lines that one notch of the wheel scrolls.
const WHEEL_LINES: isize = 3;

impl App {
    /// Takes what the mouse did; `false` where it means nothing.
    pub fn take_mouse(&mut self, mouse: &MouseEvent, effects: &mut Vec<Effect>) -> bool {
        let position = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollDown => self.wheel(position, WHEEL_LINES),
            MouseEventKind::ScrollUp => self.wheel(position, -WHEEL_LINES),
            MouseEventKind::Down(MouseButton::Left) => self.click(position, effects),
            _ => false,
        }
    }

    fn wheel(&mut self, position: Position, lines: isize) -> bool {
        let areas = self.areas();
        if let Some(overlay) = &mut self.overlay {
            overlay.scroll(Motion::Lines(lines), areas.overlay_rows());
        } else if areas.preview.contains(position) {
            self.scroll_preview(Motion::Lines(lines));
        } else if areas.list.contains(position) {
            let height = usize::from(areas.list.height);
            match self.tab {
                Tab::Explore => {
                    let len = self.explore.len();
                    self.explore.cursor().scroll(lines, len, height);
                }
                Tab::Search => self.search.cursor.scroll(lines, self.search.results_len(), height),
                Tab::Spikes => self.spikes.cursor.scroll(lines, self.spikes.spikes.len(), height),
                Tab::Status => {}
            }
        } else {
            return false;
        }
        true
    }

    fn click(&mut self, position: Position, effects: &mut Vec<Effect>) -> bool {
        self.notice = None;
        let areas = self.areas();
        if self.overlay.is_some() {
            if !areas.overlay.contains(position) {
                self.overlay = None;
            }
            return true;
        }
        let labels = areas.tab_labels.iter().zip(TABS);
        if let Some((_, (tab, _))) = labels.into_iter().find(|(area, _)| area.contains(position)) {
            self.act(Action::Show(tab), effects);
        } else if let Some(row) = areas.list_row(position) {
            self.click_row(row);
        } else if areas.preview.contains(position) {
            self.set_pane(Pane::Preview);
        } else if areas.typed(self.tab).contains(position) {
            self.set_pane(Pane::Input);
        } else if areas.switches.contains(position) && self.tab == Tab::Spikes {
            self.act(Action::Backends, effects);
        } else if areas.switches.contains(position) {
            // The mode's switch stands left, the tier's right of it.
            let of_mode = position.x < super::view::search::TIER_SWITCH_START;
            self.act(if of_mode { Action::Mode } else { Action::Tier }, effects);
        } else {
            return false;
        }
        true
    }

    fn click_row(&mut self, row: usize) {
        let (len, cursor) = match self.tab {
            Tab::Explore => (self.explore.len(), self.explore.cursor()),
            Tab::Search => (self.search.results_len(), &mut self.search.cursor),
            Tab::Spikes => (self.spikes.spikes.len(), &mut self.spikes.cursor),
            Tab::Status => return,
        };
        let clicked = cursor.offset + row;
        if clicked >= len {
            return;
        }
        let again = cursor.selected == clicked;
        cursor.selected = clicked;
        let was_reading = self.pane() == Pane::Preview;
        self.set_pane(Pane::List);
        if again && !was_reading {
            self.open();
        }
    }
}
