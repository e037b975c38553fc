//! Reading sources for the uses of an item: package by package in the order in which they matter, by as many
//! threads as there are, until all is read or it takes too long.

mod package;

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::package::Reading;
use super::blocks::blocks;
use super::source::{PackageSource, Relation};
use super::usage::How;
use super::wanted::Wanted;
use crate::ingest::Syntax;
use crate::lake::ApiSymbol;
use crate::package::{PackageId, Tier};

/// What a text is to its package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A block of code in documentation: a doc comment, a README.
    Documentation,
    Example,
    Code,
    Test,
    Bench,
}

/// A use of an item, and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Use {
    pub kind: Kind,
    pub how: How,
    /// Whether paths and types say that it is the item, or only that it may be.
    pub certain: bool,
    pub relation: Relation,
    pub tier: Tier,
    pub package: String,
    pub version: String,
    /// Relative to the package's root.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// The function that it stands in, or the type that an impl or a derive is for.
    pub within: Option<String>,
    /// The line itself.
    pub text: String,
    #[serde(skip)]
    pub piece: Piece,
}

/// The code around a use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// 1-based, inclusive.
    pub line_start: u32,
    pub line_end: u32,
    /// Whether it is a whole block, function or item.
    pub whole: bool,
    pub code: String,
    /// It is the item's own documentation.
    pub of_item: bool,
}

/// How a survey goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SurveyEvent {
    Planned { packages: usize },
    Read { id: PackageId, uses: u64 },
}

/// What is read, and for how long.
pub struct Survey {
    pub wanted: Wanted,
    /// Of the item's own documentation, each block of code.
    pub own_blocks: HashSet<String>,
    /// In the order of their relations.
    pub sources: Vec<PackageSource>,
    /// The names in code of packages by their own, where they are not those of the packages.
    pub crates: HashMap<String, String>,
    pub until: Instant,
    /// So many certain uses of the item's package and of one's own leave out all others.
    pub enough: Option<usize>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surveyed {
    /// In the order of the sources, files and lines.
    pub uses: Vec<Use>,
    /// Packages that were read to their end.
    pub read: usize,
    pub packages: usize,
    pub files: usize,
}

impl Survey {
    /// Of an item's documentation, each block of code.
    pub fn own_blocks(symbol: &ApiSymbol) -> HashSet<String> {
        blocks(symbol.doc_comment.as_deref().unwrap_or_default()).iter().map(|block| block.code()).collect()
    }

    /// Reads. Blocks; ends soon after `cancel`, or when its time is over, with what it has.
    pub fn run(&self, events: &mpsc::UnboundedSender<SurveyEvent>, cancel: &CancellationToken) -> Surveyed {
        let _ = events.send(SurveyEvent::Planned { packages: self.sources.len() });
        let far = self.sources.iter().position(|source| source.relation == Relation::Other);
        let (near, far) = self.sources.split_at(far.unwrap_or(self.sources.len()));
        let mut surveyed = self.read_all(near, events, cancel);
        let is_use = |one: &&Use| one.certain && one.how != How::Import;
        let found = surveyed.uses.iter().filter(is_use).count();
        if self.enough.is_none_or(|enough| found < enough) {
            let others = self.read_all(far, events, cancel);
            surveyed.uses.extend(others.uses);
            surveyed.read += others.read;
            surveyed.packages += others.packages;
            surveyed.files += others.files;
        }
        surveyed
    }

    fn read_all(
        &self,
        sources: &[PackageSource],
        events: &mpsc::UnboundedSender<SurveyEvent>,
        cancel: &CancellationToken,
    ) -> Surveyed {
        let (next, files) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let found: Mutex<Vec<(usize, Vec<Use>, bool)>> = Mutex::default();
        let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        std::thread::scope(|scope| {
            for _ in 0..workers.min(sources.len()) {
                scope.spawn(|| {
                    let Some(mut syntax) = Syntax::new() else { return };
                    while let Some((at, source)) = {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        sources.get(at).map(|source| (at, source))
                    } {
                        let stops = || cancel.is_cancelled() || Instant::now() >= self.until;
                        if stops() {
                            return;
                        }
                        let (uses, read, whole) =
                            Reading { survey: self, source, stops: &stops }.all(&mut syntax);
                        files.fetch_add(read, Ordering::Relaxed);
                        let (id, count) = (source.entry.id.clone(), uses.len() as u64);
                        if let Ok(mut found) = found.lock() {
                            found.push((at, uses, whole));
                        }
                        let _ = events.send(SurveyEvent::Read { id, uses: count });
                    }
                });
            }
        });
        let mut found = found.into_inner().unwrap_or_default();
        found.sort_by_key(|(at, _, _)| *at);
        Surveyed {
            read: found.iter().filter(|(_, _, whole)| *whole).count(),
            packages: sources.len(),
            files: files.into_inner(),
            uses: found.into_iter().flat_map(|(_, uses, _)| uses).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
