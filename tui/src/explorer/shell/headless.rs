//! The explorer without a terminal, for benches: messages go in, and frames are drawn into memory.

use std::path::PathBuf;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use ratatui::layout::Size;
use zenith_core::catalog::CatalogEntry;

use super::app::App;
use super::frame::draw;
use super::message::Message;
use crate::explorer::parts::theme::{Appearance, Depth, Theme};
use crate::explorer::{tabs, world};

/// An explorer that nobody sees, open over some packages.
pub struct Headless {
    app: App,
    terminal: Terminal<TestBackend>,
}

impl Headless {
    pub fn over(packages: Vec<CatalogEntry>, width: u16, height: u16) -> Headless {
        let theme = Theme { appearance: Appearance::Dark, depth: Depth::Full };
        let size = Size::new(width, height);
        let mut app = App::new(PathBuf::from("/project"), tabs::all(), theme, size);
        let opened = world::Message::Opened(Ok(world::Opened::default()));
        for message in [opened, world::Message::Packages(Ok(packages))] {
            app.update(Message::World(message));
        }
        let Ok(terminal) = Terminal::new(TestBackend::new(width, height));
        Headless { app, terminal }
    }

    /// Selects the next of the list.
    pub fn down(&mut self) {
        self.press(KeyCode::Down);
    }

    /// Selects the one before.
    pub fn up(&mut self) {
        self.press(KeyCode::Up);
    }

    /// Takes a key as the loop does; what it asks for is not done.
    fn press(&mut self, key: KeyCode) {
        self.app.update(Message::Terminal(Event::Key(KeyEvent::new(key, KeyModifiers::NONE))));
    }

    /// Draws what shows.
    pub fn draw(&mut self) {
        let Ok(_) = self.terminal.draw(|frame| _ = draw(frame, &self.app));
    }

    /// What was drawn last, line by line.
    pub fn text(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let rows = buffer.content.chunks(usize::from(buffer.area.width).max(1));
        rows.map(|row| row.iter().map(Cell::symbol).collect::<String>() + "\n").collect()
    }
}
