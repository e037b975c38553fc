//! The state of the screen. It changes in [`App::update`](super::update) alone, and nothing in it
//! waits for anything.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use ratatui::layout::Size;
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::package::Tier;
use zenith_core::search::Project;

use super::clock::now_ms;
use super::explore::Explore;
use super::indexing::Indexing;
use super::keys::Context;
use super::overlay::Overlay;
use super::search::SearchTab;
use super::spikes::SpikesTab;
use super::status::StatusTab;
use super::theme::Theme;
use super::watch::Watch;
use crate::count::Count;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tab {
    Explore,
    Search,
    Spikes,
    Status,
}

/// The part of a tab that has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    #[default]
    List,
    Input,
    Preview,
}

/// How far opening the data folder has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Catalog {
    Opening,
    Open,
    /// It cannot be used, for this reason.
    Unusable(String),
}

/// A word to the user, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    Done(String),
    Wrong(String),
}

/// Everything that the screen shows.
#[derive(Debug)]
pub struct App {
    pub theme: Theme,
    pub size: Size,
    /// Where the program was started.
    pub folder: PathBuf,
    pub tab: Tab,
    pub overlay: Option<Overlay>,
    pub catalog: Catalog,
    /// What the user may see, ready or not.
    pub packages: Vec<Arc<CatalogEntry>>,
    /// Counts the changes of `packages`.
    pub revision: u64,
    pub project: Option<Arc<Project>>,
    pub explore: Explore,
    pub search: SearchTab,
    pub spikes: SpikesTab,
    pub status: StatusTab,
    pub indexing: Indexing,
    pub watch: Watch,
    pub notice: Option<Notice>,
    /// Since when the program has been waiting for what is at work to stop, before it ends.
    pub leaving_since: Option<Instant>,
    /// The time of the last message.
    pub now: Instant,
    /// The same by the wall clock, in milliseconds since 1970, for the age of things.
    pub wall_ms: i64,
    /// Whether the screen differs from what was drawn last.
    pub dirty: bool,
}

impl App {
    /// The screen before anything is known.
    pub fn new(folder: PathBuf, theme: Theme, size: Size) -> App {
        App {
            theme,
            size,
            folder,
            tab: Tab::Explore,
            overlay: None,
            catalog: Catalog::Opening,
            packages: Vec::new(),
            revision: 0,
            project: None,
            explore: Explore::default(),
            search: SearchTab::default(),
            spikes: SpikesTab::default(),
            status: StatusTab::default(),
            indexing: Indexing::default(),
            watch: Watch::default(),
            notice: None,
            leaving_since: None,
            now: Instant::now(),
            wall_ms: now_ms(),
            dirty: true,
        }
    }

    /// What keys mean now.
    pub fn context(&self) -> Context {
        if self.overlay.is_some() {
            return Context::Overlay;
        }
        match (self.tab, self.pane()) {
            (Tab::Spikes, _) => Context::Spikes,
            (Tab::Status, _) => Context::Status,
            (_, Pane::List) => Context::Browse,
            (_, Pane::Input) => Context::Type,
            (_, Pane::Preview) => Context::Read,
        }
    }

    pub fn pane(&self) -> Pane {
        match self.tab {
            Tab::Explore => self.explore.pane,
            Tab::Search => self.search.pane,
            Tab::Spikes => self.spikes.pane,
            // One page is all that it has.
            Tab::Status => Pane::Preview,
        }
    }

    pub fn set_pane(&mut self, pane: Pane) {
        match self.tab {
            Tab::Explore => self.explore.pane = pane,
            Tab::Search => self.search.pane = pane,
            Tab::Spikes => self.spikes.pane = pane,
            Tab::Status => {}
        }
    }

    /// Whether time alone changes the screen.
    pub fn animates(&self) -> bool {
        self.progress_rows() > 0 || self.status.is_syncing()
    }

    /// How many lines tell of what is at work.
    pub fn progress_rows(&self) -> u16 {
        match self.leaving_since {
            Some(_) => 1,
            None => u16::from(self.indexing.is_running()) + u16::from(self.spikes.is_running()),
        }
    }

    /// Whether something is at work that the program lets come to its end before it ends itself.
    pub fn is_busy(&self) -> bool {
        self.indexing.is_active() || self.spikes.is_running()
    }

    /// The package that a result came from.
    pub fn entry(&self, tier: Tier, name: &str, version: &str) -> Option<&Arc<CatalogEntry>> {
        let is_it = |entry: &&Arc<CatalogEntry>| {
            entry.tier() == tier && entry.id.name() == name && entry.id.version() == version
        };
        self.packages.iter().find(is_it)
    }

    /// What is searchable.
    pub fn ready(&self, tier: Option<Tier>) -> Ready {
        let counts = |entry: &&Arc<CatalogEntry>| {
            entry.status == Status::Ready && tier.is_none_or(|tier| tier == entry.tier())
        };
        let mut ready = Ready::default();
        for entry in self.packages.iter().filter(counts) {
            let is_other = self.project.as_ref().is_some_and(|project| project.is_for_others(entry));
            ready.count.all += 1;
            ready.count.others += usize::from(is_other);
            ready.symbols += entry.symbol_count;
        }
        ready
    }
}

/// Packages that are searchable, and how many symbols they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    pub count: Count,
    pub symbols: u64,
}
