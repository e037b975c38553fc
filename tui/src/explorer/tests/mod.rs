//! The state and the screen without a terminal: keys and answers go in, what a user reads comes out.

mod added;
mod asking;
mod columns;
mod cut;
mod dialogs;
mod formats;
mod indexing;
mod instances;
mod jobs;
mod lines;
mod lists;
mod looks;
mod memory;
mod mouse;
mod notes;
mod parts;
mod places;
mod platforms;
mod rows;
mod runs;
mod screen;
mod search_looks;
mod searching;
mod snapshot;
mod spikes;
mod status;
mod status_deeds;
mod tab_looks;
mod watch;

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::{Rect, Size};
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::identity::Scope;
use zenith_core::index::IndexReport;
use zenith_core::package::{PackageId, Tier};
use zenith_core::search::Hit;

use super::parts::theme::{Appearance, Depth, Theme};
use super::parts::tree::Tree;
use super::parts::tree::tests::symbol;
use super::shell::{App, Effect, Frame, Message, draw};
use super::tabs::explore::{self, Explore};
use super::tabs::search::{self, Found, Search};
use super::tabs::{self, AnyTab, Tab};
use super::world::{self, Opened};

pub const DARK: Theme = Theme { appearance: Appearance::Dark, depth: Depth::Full };
pub const MONOCHROME: Theme = Theme { appearance: Appearance::Monochrome, depth: Depth::Full };

impl From<world::Message> for Message {
    fn from(message: world::Message) -> Message {
        Message::World(message)
    }
}

impl From<Event> for Message {
    fn from(event: Event) -> Message {
        Message::Terminal(event)
    }
}

/// A screen under test, with what it asked for last.
pub struct Screen {
    pub app: App,
    pub effects: Vec<Effect>,
}

impl Screen {
    /// Before anything is known.
    pub fn new(width: u16, height: u16) -> Screen {
        Screen::with_tabs(tabs::all(), width, height)
    }

    pub fn with_tabs(tabs: Vec<Box<dyn AnyTab>>, width: u16, height: u16) -> Screen {
        let app = App::new(PathBuf::from("/project"), tabs, DARK, Size::new(width, height));
        Screen { app, effects: Vec::new() }
    }

    /// Open over some packages, with a lockfile of which everything is indexed.
    pub fn open(width: u16, height: u16) -> Screen {
        Screen::new(width, height).opened()
    }

    /// The same screen, open.
    pub fn opened(mut self) -> Screen {
        let screen = &mut self;
        let opened = Opened { lockfile: Some("/project/Cargo.lock".into()), ..Opened::default() };
        screen.send(world::Message::Opened(Ok(opened)));
        screen.send(world::Message::Packages(Ok(vec![
            entry(Scope::Public, "serde", "1.0.0"),
            entry(Scope::Public, "tokio", "1.48.0"),
            entry(Scope::Private("local".to_string()), "mine", "0.1.0"),
        ])));
        screen.send(world::Message::Indexed(Ok(IndexReport::default())));
        self
    }

    pub fn send(&mut self, message: impl Into<Message>) -> &mut Screen {
        self.effects = self.app.update(message.into());
        self
    }

    /// Tells a tab something in its own words.
    pub fn tell<T: Tab>(&mut self, message: T::Message) -> &mut Screen {
        self.send(Message::Tab(self.place_of::<T>(), Box::new(message)))
    }

    /// The place of a tab in the list.
    pub fn place_of<T: Tab>(&self) -> usize {
        self.app.tabs.iter().position(|tab| tab.name() == T::NAME).unwrap()
    }

    pub fn tab<T: Tab>(&self) -> &T {
        let tab: &dyn Any = &*self.app.tabs[self.place_of::<T>()];
        tab.downcast_ref().unwrap()
    }

    pub fn tab_mut<T: Tab>(&mut self) -> &mut T {
        let place = self.place_of::<T>();
        let tab: &mut dyn Any = &mut *self.app.tabs[place];
        tab.downcast_mut().unwrap()
    }

    /// The name of the tab that shows.
    pub fn shown(&self) -> &'static str {
        self.app.tabs[self.app.shown].name()
    }

    /// Where the tab that shows stands.
    pub fn body(&self) -> Rect {
        Frame::of(&self.app).body
    }

    /// What a tab asked for last.
    pub fn asked<T: Tab>(&self) -> Vec<&T::Effect> {
        let place = self.place_of::<T>();
        let own = |effect| match effect {
            &Effect::Tab(index, ref effect) if index == place => {
                let effect: &dyn Any = &**effect;
                effect.downcast_ref()
            }
            _ => None,
        };
        self.effects.iter().filter_map(own).collect()
    }

    /// The same, where nothing else was asked for.
    #[track_caller]
    pub fn asked_alone<T: Tab>(&self) -> Vec<&T::Effect> {
        let asked = self.asked::<T>();
        assert_eq!(asked.len(), self.effects.len(), "{:?}", self.effects);
        asked
    }

    pub fn press(&mut self, code: KeyCode) -> &mut Screen {
        self.key(code, KeyModifiers::NONE)
    }

    pub fn ctrl(&mut self, c: char) -> &mut Screen {
        self.key(KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    pub fn alt(&mut self, code: KeyCode) -> &mut Screen {
        self.key(code, KeyModifiers::ALT)
    }

    fn key(&mut self, code: KeyCode, modifiers: KeyModifiers) -> &mut Screen {
        self.send(Event::Key(KeyEvent::new(code, modifiers)))
    }

    /// Keys of one read: each but the last has others behind it.
    pub fn read(&mut self, keys: &str) -> &mut Screen {
        let mut left = keys.chars().count();
        for c in keys.chars() {
            left -= 1;
            self.app.is_followed = left > 0;
            self.press(if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) });
        }
        self
    }

    /// Each character as a key of its own.
    pub fn keys(&mut self, text: &str) -> &mut Screen {
        for c in text.chars() {
            self.press(KeyCode::Char(c));
        }
        self
    }

    /// Opens a package by its name, and gives it a tree.
    pub fn open_package(&mut self, name: &str, symbols: &[(&str, &str)]) -> &mut Screen {
        self.keys("/").keys(name).press(KeyCode::Enter).press(KeyCode::Enter);
        let symbols: Vec<_> = symbols.iter().map(|(kind, path)| symbol(kind, path)).collect();
        let tree = Ok(Arc::new(Tree::build(&symbols, &[])));
        // Beside the packages it was asked for as soon as the package was selected.
        let generation = self.tab::<Explore>().opened.as_ref().unwrap().tree.generation();
        self.tell::<Explore>(explore::Message::Tree { generation, tree })
    }

    /// The generation of something that was just asked for.
    pub fn generation_of<T: Tab>(&self, find: impl Fn(&T::Effect) -> Option<u64>) -> u64 {
        self.asked::<T>()
            .into_iter()
            .find_map(find)
            .unwrap_or_else(|| panic!("not asked for: {:?}", self.effects))
    }

    pub fn search_generation(&self) -> u64 {
        self.generation_of::<Search>(|effect| match effect {
            search::Effect::Search { generation, .. } => Some(*generation),
            _ => None,
        })
    }

    pub fn found(&mut self, generation: u64, paths: &[&str]) -> &mut Screen {
        let hits = (1..).zip(paths).map(|(rank, path)| hit(rank, path)).collect();
        let found = Ok(Found { hits, packages: 3, ..Found::default() });
        self.tell::<Search>(search::Message::Found { generation, found })
    }

    /// What is on the screen, line by line.
    pub fn text(&self) -> String {
        let buffer = self.buffer();
        let rows = buffer.content.chunks(usize::from(buffer.area.width).max(1));
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>() + "\n").collect()
    }

    pub fn buffer(&self) -> ratatui::buffer::Buffer {
        let Size { width, height } = self.app.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| _ = draw(frame, &self.app)).unwrap();
        terminal.backend().buffer().clone()
    }

    #[track_caller]
    pub fn assert_shows(&self, text: &str) {
        assert!(self.text().contains(text), "{text:?} is not on\n{}", self.text());
    }

    #[track_caller]
    pub fn assert_lacks(&self, text: &str) {
        assert!(!self.text().contains(text), "{text:?} is on\n{}", self.text());
    }
}

pub fn entry(scope: Scope, name: &str, version: &str) -> CatalogEntry {
    CatalogEntry {
        scope,
        id: PackageId::rust(name, version).unwrap(),
        description: Some(format!("what {name} is for")),
        repo_url: None,
        symbol_count: 1234,
        chunk_count: 5,
        source_cached: true,
        dataset: Some(format!("lance/{name}")),
        embedding_model: Some("model".to_string()),
        status: Status::Ready,
        claim: None,
        error: None,
        indexed_by: None,
        indexed_at_ms: Some(0),
    }
}

pub fn hit(rank: usize, path: &str) -> Hit {
    Hit {
        other_platform: false,
        rank,
        score: 1.0,
        tier: Tier::Public,
        ecosystem: "rust".to_string(),
        package: "tokio".to_string(),
        version: "1.48.0".to_string(),
        kind: "fn".to_string(),
        path: path.to_string(),
        name: path.rsplit("::").next().unwrap_or(path).to_string(),
        signature: String::new(),
        file_package: "tokio@1.48.0".to_string(),
        file: "src/lib.rs".to_string(),
        line: 1,
        doc: String::new(),
        alias: None,
        needs: Default::default(),
        only: None,
        other_project: false,
        found_by: Default::default(),
        near: 0.0,
    }
}
