//! What the user does: keys, pasted text, and the mouse. A click selects, a click on what is selected opens it,
//! a click on a word that does something does it, the wheel scrolls what it is over.
//!
//! # Decisions
//!
//! - **Keys with others right behind them may be pasted.** Some terminals do not mark what is pasted: it arrives as keys
//!   of one read. A newline among them does not open anything then, and no letter leaves the program; the last key of a
//!   read is a key, since whoever types ahead of a slow line means it.
//! - **The letters of one read are one edit**, where they are text: a paste of thousands of keys is read, searched and drawn
//!   as often as a terminal hands it over, not as often as it has letters.
//! - **Alt with a key that nothing is bound to does nothing, and is told.** Terminals send the same bytes for Esc and that
//!   key in one read: who meant those presses Esc again, while Esc in place of a slip would lose what was typed.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::Position;
use tui_input::{Input, InputRequest};

use super::actions::{Command, Does};
use super::app::App;
use super::frame::{Frame, words};
use super::message::Effect;
use crate::explorer::parts::key::{Key, by_place, char, ctrl};
use crate::explorer::parts::line;
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::out::Notice;
use crate::explorer::tabs::actions::Action;
use crate::text::{clean_line_of, counted, grouped};

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
        if self.is_followed && self.has_line() && is_newline(key) {
            return self.insert(" ", 0, effects);
        }
        let bound = self.bound(key).or_else(|| self.asks_for_help(key)).or_else(|| self.bound_by_place(key));
        match bound {
            Some(does) if self.is_followed && leaves(does) => {}
            Some(does) => self.perform(does, effects),
            None if is_chord(key) && !(self.has_line() && line::request(key).is_some()) => {
                let help = self.key_for(Does::Command(Command::Help));
                let key = Key::of(key);
                self.tell(Notice::Done(format!("nothing is bound to {key}; {help} tells what is")));
            }
            None => self.type_key(key, effects),
        }
        true
    }

    /// Edits the line by a key.
    fn type_key(&mut self, key: &KeyEvent, effects: &mut Vec<Effect>) {
        if let Some(InputRequest::InsertChar(letter)) = line::request(key) {
            let is_typed = self.insert(letter.encode_utf8(&mut [0; 4]), 0, effects);
            if !is_typed && letter.is_alphabetic() && !letter.is_ascii() {
                let why = format!("{letter} is no command: those are Latin letters, ? tells them");
                self.tell(Notice::Wrong(why));
            }
        } else {
            self.type_in(effects, |input, takes_over| {
                line::edit(input, key, takes_over);
            });
        }
    }

    /// Takes letters that came in one read, and are text.
    pub fn take_letters(&mut self, letters: &str, effects: &mut Vec<Effect>) -> bool {
        self.notices.dismiss();
        let now = self.now;
        self.with_world(effects, |world, out| world.want_look(now, out));
        self.insert(letters, 0, effects)
    }

    /// Whether letters are text that goes into a line as it comes: none of them chooses or opens anything.
    pub fn takes_letters(&mut self) -> bool {
        self.overlay.as_ref().is_none_or(|overlay| !overlay.has_letters()) && self.has_line()
    }

    /// Puts text where one types, and tells what of it has no room; `left_out` of it was left out before. `false` where
    /// nobody types.
    fn insert(&mut self, text: &str, left_out: usize, effects: &mut Vec<Effect>) -> bool {
        let mut surplus = left_out;
        let is_typed = self.type_in(effects, |input, takes_over| {
            surplus += line::insert(input, text, takes_over);
        });
        if is_typed && surplus > 0 {
            let (most, surplus) = (grouped(line::CHARS_MAX), counted(surplus, "character"));
            self.tell(Notice::Wrong(format!("a line holds {most} characters: {surplus} left out")));
        }
        is_typed
    }

    /// Nobody searches for what begins with a question mark, and some terminals keep F1 to themselves.
    fn asks_for_help(&mut self, key: &KeyEvent) -> Option<Does> {
        let shown = self.tabs.get_mut(self.shown).filter(|_| self.overlay.is_none() && !self.is_followed)?;
        let is_empty = shown.line()?.value().is_empty();
        (is_empty && Key::of(key) == char('?')).then_some(Does::Command(Command::Help))
    }

    /// What the key does that another layout's letter stands on, where letters are commands.
    fn bound_by_place(&mut self, key: &KeyEvent) -> Option<Does> {
        let is_command = key.modifiers.contains(KeyModifiers::ALT) || !self.has_line();
        by_place(key).filter(|_| is_command).and_then(|key| self.bound(&key))
    }

    /// Empties the line that has the focus; `false` where none has, or nothing stands in it.
    pub fn empty_line(&mut self, effects: &mut Vec<Effect>) -> bool {
        let mut was_empty = true;
        self.type_in(effects, |line, _| {
            was_empty = line.value().is_empty();
            line.reset();
        });
        !was_empty
    }

    fn has_line(&mut self) -> bool {
        self.overlay.is_some() || self.tabs.get_mut(self.shown).is_some_and(|tab| tab.line().is_some())
    }

    /// Pasted text goes where one types; what would start a new line becomes a space.
    fn paste(&mut self, text: &str, effects: &mut Vec<Effect>) -> bool {
        let (text, left_out) = clean_line_of(text, line::CHARS_MAX);
        self.insert(&text, left_out, effects)
    }

    /// Changes the line that has the focus; `false` where none has.
    fn type_in(&mut self, effects: &mut Vec<Effect>, change: impl FnOnce(&mut Input, bool)) -> bool {
        if let Some(overlay) = &mut self.overlay {
            if let Some(pick) = overlay.type_in(|line| change(line, false)) {
                self.pick(pick, effects);
            }
            return true;
        }
        let typed = self.with_shown(effects, |tab, seen, _| {
            let takes_over = tab.takes_over();
            let Some(line) = tab.line() else { return false };
            let before = line.value().to_string();
            change(line, takes_over);
            if line.value() != before || takes_over {
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
        // What is said has words as well; below it everything stands where it did before that.
        let frame = Frame::of(self);
        let word = words(self, &frame).into_iter().find(|(place, _)| place.contains(position));
        self.notices.dismiss();
        if let Some((_, does)) = word {
            self.perform_in_place(does, effects);
            return true;
        }
        if self.overlay.is_none() && frame.notice.contains(position) {
            return true;
        }
        if let Some(overlay) = &mut self.overlay {
            let rows = frame.overlay_rows();
            if !frame.overlay.contains(position) {
                self.overlay = None;
            } else if rows.contains(position)
                && let Some(pick) = overlay.click(usize::from(position.y - rows.y), rows)
            {
                self.pick(pick, effects);
            }
            return true;
        }
        self.with_shown(effects, |tab, seen, out| tab.click(position, seen, out)).unwrap_or(false)
    }
}

/// Whether a key has Ctrl or Alt.
fn is_chord(key: &KeyEvent) -> bool {
    key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}

/// Whether a key is a newline as text has it: carriage return, or line feed, which arrives as Ctrl-J.
pub fn is_newline(key: &KeyEvent) -> bool {
    [Key::of(&KeyEvent::from(KeyCode::Enter)), ctrl('j')].contains(&Key::of(key))
}

/// Whether the program, or the screen, is left by that.
fn leaves(does: Does) -> bool {
    matches!(does, Does::Command(Command::Quit) | Does::Tab(_, Action::Edit | Action::Compose))
}
