//! Pages: what is selected, in full. They are read and laid out in tasks.

mod changes;
mod copies;
mod links;
mod load;
mod obtain;
mod package;
mod part;
mod preview;
mod section;
mod symbol;
mod tier;
mod uses;

use std::path::PathBuf;
use std::sync::Arc;

use ratatui::text::Line;
use zenith_core::catalog::CatalogEntry;
use zenith_core::package::Tier;

use super::menu::Choice;
use super::standing::Standing;
use super::theme::Theme;
use crate::count::Count;

pub use load::{PAGE_DELAY, load, tree};
pub use part::Part;
#[cfg(test)]
pub use part::tests::sample_page;
pub use preview::Preview;

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

impl Subject {
    /// The package that it is of.
    pub fn entry(&self) -> Option<&Arc<CatalogEntry>> {
        match self {
            Subject::Tier { .. } => None,
            Subject::Package { entry, .. }
            | Subject::Symbol { entry, .. }
            | Subject::Found { entry, .. }
            | Subject::Section { entry, .. } => Some(entry),
        }
    }
}

/// A page and how it is to be laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct PageKey {
    pub subject: Subject,
    /// The part that is wanted; all on one page where that is none.
    pub part: Option<Part>,
    /// The revision of the packages that the part was read from, where it reads others than the subject's own.
    pub as_of: u64,
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
    /// What of it one may want elsewhere, beside its path.
    pub copies: Vec<Choice>,
    /// What leads from it elsewhere.
    pub links: Vec<Choice>,
    /// Whether more of it is looked for, and another page follows.
    pub goes_on: bool,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub file: PathBuf,
    /// From 1.
    pub line: u32,
}
