//! What the user does: keys, pasted text, and the mouse. A click selects, a click on what is selected opens it,
//! the wheel scrolls what it is over.

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use super::app::App;
use super::frame::Frame;
use super::message::Effect;
use crate::explorer::parts::list::Motion;
use crate::text::clean_line;

/// Lines that one notch of the wheel scrolls.
const WHEEL_LINES: isize = 3;

impl App {
    /// Takes what happened at the terminal; whether anything changed.
    pub fn take_event(&mut self, event: &Event, effects: &mut Vec<Effect>) -> bool {
        let changed = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.take_key(key, effects),
            Event::Mouse(mouse) => self.take_mouse(mouse, effects),
            Event::Paste(text) => self.paste(text, effects),
            Event::Resize(width, height) => {
                (self.size.width, self.size.height) = (*width, *height);
                true
            }
            _ => false,
        };
        // Somebody is here, who would want the project as it is.
        let is_here = match event {
            Event::Key(key) => key.kind != KeyEventKind::Release,
            Event::Mouse(mouse) => matches!(mouse.kind, MouseEventKind::Down(_)),
            event => *event == Event::FocusGained,
        };
        if is_here {
            let now = self.now;
            self.with_world(effects, |world, out| world.want_look(now, out));
        }
        changed
    }

    fn take_key(&mut self, key: &KeyEvent, effects: &mut Vec<Effect>) -> bool {
        self.notices.dismiss();
        match self.bound(key) {
            Some(does) => self.perform(does, effects),
            None => {
                self.type_in(effects, |line| {
                    line.handle_event(&Event::Key(*key));
                });
            }
        }
        true
    }

    /// Pasted text goes where one types; what would start a new line becomes a space.
    fn paste(&mut self, text: &str, effects: &mut Vec<Effect>) -> bool {
        let text = clean_line(text);
        self.type_in(effects, |line| {
            for c in text.chars() {
                line.handle(InputRequest::InsertChar(c));
            }
        })
    }

    /// Changes the line that has the focus; `false` where none has.
    fn type_in(&mut self, effects: &mut Vec<Effect>, change: impl FnOnce(&mut Input)) -> bool {
        if let Some(overlay) = &mut self.overlay {
            if let Some(pick) = overlay.type_in(change) {
                self.pick(pick, effects);
            }
            return true;
        }
        let typed = self.with_shown(effects, |tab, seen, _| {
            let Some(line) = tab.line() else { return false };
            let before = line.value().to_string();
            change(line);
            if line.value() != before {
                tab.typed(seen);
            }
            true
        });
        typed.unwrap_or(false)
    }

    /// Takes what the mouse did; `false` where it means nothing.
    fn take_mouse(&mut self, mouse: &MouseEvent, effects: &mut Vec<Effect>) -> bool {
        let position = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollDown => self.wheel(position, WHEEL_LINES, effects),
            MouseEventKind::ScrollUp => self.wheel(position, -WHEEL_LINES, effects),
            MouseEventKind::Down(MouseButton::Left) => self.click(position, effects),
            _ => false,
        }
    }

    fn wheel(&mut self, position: Position, lines: isize, effects: &mut Vec<Effect>) -> bool {
        let frame = Frame::of(self);
        if let Some(overlay) = &mut self.overlay {
            overlay.scroll(Motion::Lines(lines), frame.overlay_rows());
            return true;
        }
        self.with_shown(effects, |tab, seen, _| tab.wheel(position, lines, seen)).unwrap_or(false)
    }

    fn click(&mut self, position: Position, effects: &mut Vec<Effect>) -> bool {
        self.notices.dismiss();
        let frame = Frame::of(self);
        if self.overlay.is_some() {
            if !frame.overlay.contains(position) {
                self.overlay = None;
            }
            return true;
        }
        if let Some(index) = frame.labels.iter().position(|label| label.contains(position)) {
            self.show(index);
            return true;
        }
        self.with_shown(effects, |tab, seen, out| tab.click(position, seen, out)).unwrap_or(false)
    }
}
