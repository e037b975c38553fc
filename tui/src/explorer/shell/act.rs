//! What each command does.

use super::actions::{Command, Does};
use super::app::App;
use super::frame::Frame;
use super::message::Effect;
use super::overlay::{Overlay, Pick, Topic};
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::menu::Chosen;
use crate::explorer::parts::out::Notice;
use crate::explorer::parts::place::Place;
use crate::explorer::tabs::AnyTab;
use crate::explorer::tabs::actions::Action;
use crate::explorer::world;

impl App {
    /// Does what a key, or a row of the palette, stands for.
    pub fn perform(&mut self, does: Does, effects: &mut Vec<Effect>) {
        if let Does::Tab(index, _) = does
            && index != self.shown
        {
            self.show(index);
        }
        self.perform_in_place(does, effects);
    }

    /// The same without going to the tab that does it.
    pub fn perform_in_place(&mut self, does: Does, effects: &mut Vec<Effect>) {
        match does {
            Does::Tab(index, action) => {
                self.with(index, effects, |tab, seen, out| tab.act(action, seen, out));
            }
            Does::Command(command) => self.command(command, effects),
        }
    }

    fn command(&mut self, command: Command, effects: &mut Vec<Effect>) {
        let tabs = self.tabs.len().max(1);
        match command {
            Command::Quit => self.quit(effects),
            Command::Interrupt if self.leaving_since.is_none() && self.empty_line(effects) => {}
            Command::Interrupt => self.quit(effects),
            Command::Suspend => effects.push(Effect::Suspend),
            Command::Redraw => effects.push(Effect::Redraw),
            Command::NextTab => self.show((self.shown + 1) % tabs),
            Command::PreviousTab => self.show((self.shown + tabs - 1) % tabs),
            Command::Show(index) => self.show(index),
            Command::Back => self.go_back(effects),
            Command::On => self.go_on(effects),
            Command::Help => self.toggle(Topic::Help),
            Command::Palette => self.toggle(Topic::Palette),
            Command::Failures => self.show_failures(),
            Command::Index => self.with_world(effects, |world, out| world.index(out)),
            Command::CancelIndex => self.with_world(effects, |world, out| world.cancel_indexing(out)),
            Command::Theme => {
                let name = self.look.next();
                self.theme = self.look.theme();
                self.tell(Notice::Done(format!("colours: {name}")));
            }
            Command::Mouse => {
                self.mouse = !self.mouse;
                effects.push(Effect::Mouse(self.mouse));
                self.tell(Notice::Done(mouse_word(self.mouse).to_string()));
            }
            Command::Move(motion) => self.move_in_overlay(motion),
            Command::Choose => self.choose(effects),
            Command::Close => self.overlay = None,
        }
    }

    /// Ends the program, once what is being written is whole and labs are closed; asked twice, at once.
    fn quit(&mut self, effects: &mut Vec<Effect>) {
        if !self.is_busy() || self.leaving_since.is_some() {
            effects.push(Effect::Quit);
            return;
        }
        self.leaving_since = Some(self.now);
        self.overlay = None;
        self.with_world(effects, |world, out| world.close(out));
        for index in 0..self.tabs.len() {
            self.with(index, effects, |tab, _, out| tab.stop(out));
        }
    }

    /// Shows a tab; one comes back from there to where one was.
    pub fn show(&mut self, index: usize) {
        let Some(tab) = self.tabs.get_mut(index) else { return };
        tab.enter();
        if let Some(here) = self.here().filter(|_| index != self.shown) {
            self.places.leave(here);
        }
        self.shown = index;
    }

    /// Goes where a tab leads; one comes back from there to where one was. A place that is no longer there is told.
    pub fn go(&mut self, place: &Place, effects: &mut Vec<Effect>) {
        let here = self.here();
        if self.leave_for(place, effects)
            && let Some(here) = here
        {
            self.places.leave(here);
        }
    }

    /// Goes on from where nobody stood: one comes back to the place before it.
    pub fn go_instead(&mut self, place: &Place, effects: &mut Vec<Effect>) {
        self.leave_for(place, effects);
    }

    /// Opens a place, and keeps the way to what stood there before in its tab.
    fn leave_for(&mut self, place: &Place, effects: &mut Vec<Effect>) -> bool {
        let (from, before) = (self.shown, self.tabs.iter().map(|tab| tab.place()).collect::<Vec<Place>>());
        if !self.open(place, effects) {
            self.tell(Notice::Wrong("that is no longer there".to_string()));
            return false;
        }
        let replaced = before.into_iter().nth(self.shown).filter(|_| self.shown != from);
        let is_somewhere = |place: &Place| !matches!(place, Place::Within { at, .. } if at.is_empty());
        let is_gone = |place: &Place| self.here().as_ref() != Some(place);
        if let Some(replaced) = replaced.filter(is_somewhere).filter(is_gone) {
            self.places.leave(replaced);
        }
        true
    }

    pub fn go_back(&mut self, effects: &mut Vec<Effect>) {
        while let Some(place) = self.here().and_then(|here| self.places.back(here)) {
            if self.open(&place, effects) {
                return;
            }
        }
        self.tell(Notice::Done("this is where you began".to_string()));
    }

    fn go_on(&mut self, effects: &mut Vec<Effect>) {
        while let Some(place) = self.here().and_then(|here| self.places.on(here)) {
            if self.open(&place, effects) {
                return;
            }
        }
        self.tell(Notice::Done("you went nowhere from here".to_string()));
    }

    fn here(&self) -> Option<Place> {
        self.tabs.get(self.shown).map(|tab| tab.place())
    }

    /// Opens a place in the tab that knows it; `false` where none does.
    fn open(&mut self, place: &Place, effects: &mut Vec<Effect>) -> bool {
        let opens = |app: &mut App, index: usize, effects: &mut Vec<Effect>| {
            app.with(index, effects, |tab, seen, _| tab.open(place, seen)) == Some(true)
        };
        let found = (0..self.tabs.len()).find(|index| opens(self, *index, effects));
        self.shown = found.unwrap_or(self.shown);
        found.is_some()
    }

    fn toggle(&mut self, topic: Topic) {
        self.overlay = match &self.overlay {
            Some(open) if open.topic == topic => None,
            _ => Some(Overlay::actions(topic, self.told())),
        };
    }

    fn show_failures(&mut self) {
        let failures = &self.world.indexing.failures;
        if failures.is_empty() {
            self.tell(Notice::Done("every package so far could be indexed".to_string()));
        } else {
            self.overlay = Some(Overlay::failures(failures));
        }
    }

    fn move_in_overlay(&mut self, motion: Motion) {
        let frame = Frame::of(self);
        if let Some(overlay) = &mut self.overlay {
            overlay.step(motion, frame.overlay_rows());
        }
    }

    /// Does what is selected in the list above the screen.
    fn choose(&mut self, effects: &mut Vec<Effect>) {
        if let Some(pick) = self.overlay.as_ref().and_then(Overlay::chosen) {
            self.pick(pick, effects);
        }
    }

    /// Does what was picked in the list above the screen, which closes.
    pub fn pick(&mut self, pick: Pick, effects: &mut Vec<Effect>) {
        self.overlay = None;
        match pick {
            Pick::Does(does) => self.perform(does, effects),
            Pick::Chosen(Chosen::Copy(text)) => effects.push(Effect::Copy(text)),
            Pick::Chosen(Chosen::Go(place)) => self.go(&place, effects),
            Pick::Chosen(Chosen::Does(name)) => {
                self.perform(Does::Tab(self.shown, Action::Own(name)), effects);
            }
            Pick::Chosen(Chosen::Nothing) => {}
        }
    }

    /// Stops what is at work by a name.
    pub fn stop(&mut self, task: &str, effects: &mut Vec<Effect>) {
        if task == world::INDEXING {
            return self.with_world(effects, |world, out| world.cancel_indexing(out));
        }
        let stop = |tab: &dyn AnyTab| tab.task().filter(|known| known.name == task)?.stop;
        let found = self.tabs.iter().enumerate().find_map(|(index, tab)| Some((index, stop(tab.as_ref())?)));
        if let Some((index, action)) = found {
            self.with(index, effects, |tab, seen, out| tab.act(action, seen, out));
        }
    }
}

fn mouse_word(mouse: bool) -> &'static str {
    if mouse {
        "the mouse is listened to; Shift and drag selects text"
    } else {
        "the mouse is the terminal's: drag selects text"
    }
}
