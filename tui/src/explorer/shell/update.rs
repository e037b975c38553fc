//! From one state to the next: a message goes in, the work that it asks for comes out.

use std::time::Duration;

use super::app::App;
use super::message::{Effect, Message};
use crate::explorer::parts::out::Notice;
use crate::text::clean_line;

/// How long leaving waits for what is being written. What is not published by then is lost, and
/// indexed again the next time.
pub const LEAVE_AFTER: Duration = Duration::from_secs(15);

impl App {
    /// Takes a message; what it asks for is to be done beside the screen.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = Vec::new();
        let changed = match message {
            Message::Terminal(event) => self.take_event(&event, &mut effects),
            Message::Letters(letters) => self.take_letters(&letters, &mut effects),
            Message::Background(background) => {
                self.look.answer(background);
                let before = std::mem::replace(&mut self.theme, self.look.theme());
                self.theme != before
            }
            Message::Tick => {
                let waited = self.leaving_since.map(|since| self.now.saturating_duration_since(since));
                if waited.is_some_and(|waited| waited > LEAVE_AFTER) {
                    effects.push(Effect::Quit);
                }
                true
            }
            Message::World(message) => {
                let now = self.now;
                self.with_world(&mut effects, |world, out| world.take(message, now, out))
            }
            Message::Tab(index, message) => {
                let taken = self.with(index, &mut effects, |tab, seen, out| tab.take(message, seen, out));
                taken.unwrap_or(false)
            }
            Message::Copied { text, by } => {
                self.take_copied(text, &by, &mut effects);
                true
            }
            Message::Composed(index, written) => {
                self.with(index, &mut effects, |tab, seen, out| tab.composed(written, seen, out));
                true
            }
            Message::Terminated => {
                effects.push(Effect::Quit);
                true
            }
        };
        if changed {
            self.dirty = true;
            self.settle(&mut effects);
        }
        effects
    }

    /// Tells where a copy went. What nobody here took goes to the terminal, which does not answer.
    fn take_copied(&mut self, text: String, by: &[&str], effects: &mut Vec<Effect>) {
        let shown = clean_line(&text);
        if by.is_empty() {
            self.tell(Notice::Done(format!("sent to the terminal: {shown}")));
            effects.push(Effect::Send(text));
        } else {
            self.tell(Notice::Done(format!("copied to {}: {shown}", by.join(" and "))));
        }
    }

    /// Lets every tab put itself in bounds and ask for what it lacks, and ends the program where that is what it
    /// waits for.
    fn settle(&mut self, effects: &mut Vec<Effect>) {
        for index in 0..self.tabs.len() {
            self.with(index, effects, |tab, seen, out| tab.settle(seen, out));
        }
        if self.leaving_since.is_some() && !self.is_busy() {
            effects.push(Effect::Quit);
        }
    }
}
