//! The state of the screen. It changes in [`App::update`](super::update) alone, and nothing in it
//! waits for anything.

use std::path::PathBuf;
use std::time::Instant;

use ratatui::layout::Size;

use super::frame::Frame;
use super::look::Look;
use super::message::Effect;
use super::notices::Notices;
use super::overlay::Overlay;
use super::places::Places;
use crate::explorer::parts::clock::now_ms;
use crate::explorer::parts::keymap::Keymap;
use crate::explorer::parts::out::{Ask, Notice, Out};
use crate::explorer::parts::theme::Theme;
use crate::explorer::tabs::{AnyTab, Erased, Seen, Task};
use crate::explorer::world::{self, World};

/// Everything that the screen shows.
#[derive(Debug)]
pub struct App {
    pub theme: Theme,
    /// What the theme follows from.
    pub look: Look,
    /// Whether the mouse is listened to; the terminal selects text where it is not.
    pub mouse: bool,
    /// Whether nothing moves by itself but numbers.
    pub is_still: bool,
    pub keymap: Keymap,
    pub size: Size,
    pub world: World,
    pub tabs: Vec<Box<dyn AnyTab>>,
    /// The tab that shows, by its place in the list.
    pub shown: usize,
    pub places: Places,
    pub overlay: Option<Overlay>,
    pub notices: Notices,
    /// Since when the program has been waiting for what is at work to stop, before it ends.
    pub leaving_since: Option<Instant>,
    /// Whether more keys came in one read with the one that is taken.
    pub is_followed: bool,
    /// The time of the last message.
    pub now: Instant,
    /// The same by the wall clock, in milliseconds since 1970, for the age of things.
    pub wall_ms: i64,
    /// What local time is ahead of UTC, in seconds.
    pub offset_s: i32,
    /// Whether the screen differs from what was drawn last.
    pub dirty: bool,
}

/// What a tab asks for, in its own words.
type TabOut = Out<Box<dyn Erased>>;

impl App {
    /// The screen before anything is known.
    pub fn new(folder: PathBuf, tabs: Vec<Box<dyn AnyTab>>, look: impl Into<Look>, size: Size) -> App {
        let look = look.into();
        App {
            theme: look.theme(),
            look,
            mouse: true,
            is_still: false,
            keymap: Keymap::default(),
            size,
            world: World::new(folder),
            tabs,
            shown: 0,
            places: Places::default(),
            overlay: None,
            notices: Notices::default(),
            leaving_since: None,
            is_followed: false,
            now: Instant::now(),
            wall_ms: now_ms(),
            offset_s: 0,
            dirty: true,
        }
    }

    /// What all tabs have at work.
    pub fn tasks(&self) -> Vec<Task> {
        self.tabs.iter().filter_map(|tab| tab.task()).collect()
    }

    /// Whether time alone changes the screen.
    pub fn animates(&self) -> bool {
        self.progress_rows() > 0 || self.tabs.iter().any(|tab| tab.task().is_some())
    }

    /// How many lines tell of what is at work.
    pub fn progress_rows(&self) -> u16 {
        if self.leaving_since.is_some() {
            return 1;
        }
        let tasks = self.tasks().iter().filter(|task| task.done.is_some()).count();
        u16::from(self.world.indexing.is_running()) + u16::try_from(tasks).unwrap_or(u16::MAX)
    }

    /// Whether something is at work that the program lets come to its end before it ends itself.
    pub fn is_busy(&self) -> bool {
        self.world.is_busy() || self.tasks().iter().any(|task| task.holds.is_some())
    }

    /// Tells the user something.
    pub fn tell(&mut self, notice: Notice) {
        self.notices.tell(notice, self.wall_ms);
    }

    /// What the tab at a place of the list sees.
    pub fn seen<'a>(&'a self, index: usize, frame: &Frame, tasks: &'a [Task]) -> Seen<'a> {
        Seen {
            world: &self.world,
            tasks,
            log: self.notices.log(),
            theme: self.theme,
            is_still: self.is_still,
            keymap: &self.keymap,
            offset_s: self.offset_s,
            area: frame.body,
            is_roomy: frame.is_roomy,
            is_shown: index == self.shown,
            now: self.now,
            wall_ms: self.wall_ms,
        }
    }

    /// Lets a tab do something, and does what it asks for.
    pub fn with<R>(
        &mut self,
        index: usize,
        effects: &mut Vec<Effect>,
        call: impl FnOnce(&mut dyn AnyTab, &Seen<'_>, &mut TabOut) -> R,
    ) -> Option<R> {
        let (frame, tasks, mut out) = (Frame::of(self), self.tasks(), Out::default());
        let mut tabs = std::mem::take(&mut self.tabs);
        let seen = self.seen(index, &frame, &tasks);
        let answer = tabs.get_mut(index).map(|tab| call(tab.as_mut(), &seen, &mut out));
        self.tabs = tabs;
        self.answer(index, out, effects, |effect| Effect::Tab(index, effect));
        answer
    }

    /// The same for the tab that shows.
    pub fn with_shown<R>(
        &mut self,
        effects: &mut Vec<Effect>,
        call: impl FnOnce(&mut dyn AnyTab, &Seen<'_>, &mut TabOut) -> R,
    ) -> Option<R> {
        self.with(self.shown, effects, call)
    }

    /// The same for the world.
    pub fn with_world<R>(
        &mut self,
        effects: &mut Vec<Effect>,
        call: impl FnOnce(&mut World, &mut Out<world::Effect>) -> R,
    ) -> R {
        let mut out = Out::default();
        let answer = call(&mut self.world, &mut out);
        self.answer(self.shown, out, effects, Effect::World);
        answer
    }

    /// Does what is asked for on behalf of the tab at a place of the list; work becomes an effect.
    fn answer<W>(
        &mut self,
        index: usize,
        out: Out<W>,
        effects: &mut Vec<Effect>,
        work: impl Fn(W) -> Effect,
    ) {
        for ask in out {
            match ask {
                Ask::Work(wanted) => effects.push(work(wanted)),
                Ask::Tell(notice) => self.tell(notice),
                Ask::Go(place) => self.go(&place, effects),
                Ask::GoInstead(place) => self.go_instead(&place, effects),
                Ask::GoBack => self.go_back(effects),
                // It is told where it went once that is known.
                Ask::Copy(text) => effects.push(Effect::Copy(text)),
                Ask::Choose(menu) => self.overlay = Some(Overlay::menu(menu)),
                Ask::Edit(location) => effects.push(Effect::Edit(location)),
                Ask::Compose(composition) => effects.push(Effect::Compose(index, composition)),
                Ask::Refresh => self.with_world(effects, |world, out| world.refresh(out)),
                Ask::Renew => effects.push(Effect::Renew),
                Ask::Stop(task) => self.stop(task, effects),
            }
        }
    }
}
