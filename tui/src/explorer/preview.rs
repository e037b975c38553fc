//! The page beside a list: what is selected, in full.

use std::path::PathBuf;
use std::sync::Arc;

use ratatui::text::Line;
use zenith_core::catalog::CatalogEntry;
use zenith_core::package::Tier;

use super::explore::Standing;
use super::latest::Latest;
use super::list::{Motion, target};
use super::theme::Theme;
use crate::count::Count;

/// What a page is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    Tier {
        tier: Tier,
        packages: Count,
        symbols: u64,
        lockfile: Option<PathBuf>,
    },
    Package {
        entry: Arc<CatalogEntry>,
        standing: Standing,
    },
    /// A symbol by its row.
    Symbol {
        entry: Arc<CatalogEntry>,
        id: String,
    },
    /// A symbol as a search found it.
    Found {
        entry: Arc<CatalogEntry>,
        path: String,
        kind: String,
        line: u32,
    },
    Section {
        entry: Arc<CatalogEntry>,
        file: String,
        line: u32,
    },
}

/// A page and how it is to be laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct PageKey {
    pub subject: Subject,
    pub width: usize,
    pub theme: Theme,
}

/// A page, laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub lines: Vec<Line<'static>>,
    /// The row at which the source begins.
    pub source_row: Option<usize>,
    /// Where the item is declared, if its source lies on this machine.
    pub location: Option<Location>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub file: PathBuf,
    /// From 1.
    pub line: u32,
}

/// A page beside a list, and how far it is scrolled.
#[derive(Debug, Default)]
pub struct Preview {
    pub page: Latest<PageKey, Page>,
    /// The first row that shows.
    pub offset: usize,
    /// The subject that `offset` belongs to.
    shown: Option<Subject>,
}

impl Preview {
    /// Takes a page; a new subject shows from its beginning, the same one stays where it was.
    pub fn arrive(&mut self, generation: u64, page: Page) -> bool {
        if !self.page.arrive(generation, page) {
            return false;
        }
        let subject = self.page.wanted().map(|key| key.subject.clone());
        if subject != self.shown {
            (self.offset, self.shown) = (0, subject);
        }
        true
    }

    pub fn scroll(&mut self, motion: Motion, height: usize) {
        let last = self.len().saturating_sub(height);
        self.offset = target(motion, self.offset, last, height);
    }

    /// Shows the source, or what comes before it where the source shows already.
    pub fn toggle_source(&mut self, height: usize) {
        let last = self.len().saturating_sub(height);
        let row = self.page.value().and_then(|page| page.source_row).unwrap_or(0).min(last);
        self.offset = if self.offset >= row { 0 } else { row };
    }

    pub fn settle(&mut self, height: usize) {
        self.offset = self.offset.min(self.len().saturating_sub(height));
    }

    pub fn len(&self) -> usize {
        self.page.value().map_or(0, |page| page.lines.len())
    }
}
