//! Reading sources for the uses of an item: package by package in the order in which they matter, by as many
//! threads as there are, until all is read or it takes too long.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::blocks::blocks;
use super::source::{PackageSource, Relation};
use super::usage::{HINTS_MAX, How, Spotted, dedent, hints, read};
use super::wanted::Wanted;
use crate::ingest::Syntax;
use crate::lake::ApiSymbol;
use crate::package::{PackageId, Tier};

/// Files of one package that are looked at.
const FILES_MAX: usize = 10_000;
/// Uses that are kept of one package.
const USES_MAX: usize = 2_000;
/// A longer block of documentation is shown in part.
const BLOCK_LINES_MAX: usize = 40;

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
                        let (uses, read, whole) = self.package(&mut syntax, source, &stops);
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

    /// The uses in one package, how many files were read, and whether it was all of them.
    fn package(
        &self,
        syntax: &mut Syntax,
        source: &PackageSource,
        stops: &dyn Fn() -> bool,
    ) -> (Vec<Use>, usize, bool) {
        let mut uses = Vec::new();
        let files = source.folder.files();
        let hints = self.hints(syntax, source, &files, stops);
        for (at, file) in files.iter().take(FILES_MAX).enumerate() {
            if stops() {
                return (uses, at, false);
            }
            let Some(text) = source.folder.read(file) else { continue };
            if self.wanted.may_be_in(&text, &hints) {
                self.file(syntax, source, file, &text, &hints, &mut uses);
            }
            if uses.len() >= USES_MAX {
                uses.truncate(USES_MAX);
                return (uses, at + 1, false);
            }
        }
        (uses, files.len().min(FILES_MAX), files.len() <= FILES_MAX)
    }

    /// The names of what is of the item's type, in all files of a package.
    fn hints(
        &self,
        syntax: &mut Syntax,
        source: &PackageSource,
        files: &[String],
        stops: &dyn Fn() -> bool,
    ) -> HashSet<String> {
        let mut found = HashSet::new();
        if !self.wanted.has_hints() {
            return found;
        }
        for file in files.iter().filter(|file| file.ends_with(".rs")).take(FILES_MAX) {
            if stops() || found.len() >= HINTS_MAX {
                break;
            }
            let text = source.folder.read(file).filter(|text| self.wanted.may_be_hinted_in(text));
            if let Some(text) = text {
                let standing = source.standing(file, &self.crates);
                found.extend(hints(syntax, &text, &standing, &self.wanted));
            }
        }
        found
    }

    fn file(
        &self,
        syntax: &mut Syntax,
        source: &PackageSource,
        file: &str,
        text: &str,
        hints: &HashSet<String>,
        uses: &mut Vec<Use>,
    ) {
        if !file.ends_with(".rs") {
            self.documentation(syntax, source, file, text, 0, uses);
            return;
        }
        let standing = source.standing(file, &self.crates);
        let Some((spotted, comments)) = read(syntax, text, &standing, &self.wanted, hints) else { return };
        for spotted in spotted {
            let kind = kind_of(file, spotted.in_test);
            let line = text.lines().nth(spotted.row).unwrap_or_default();
            let snippet = &spotted.snippet;
            let piece = Piece {
                line_start: number(snippet.row_start),
                line_end: number(snippet.row_end),
                whole: snippet.whole,
                code: snippet.code.clone(),
                of_item: false,
            };
            uses.push(make(source, file, kind, &spotted, number(spotted.row), line, piece));
        }
        // A block is a program of its own: names of the package mean nothing there.
        let none = HashSet::new();
        for comment in comments {
            if self.wanted.may_be_in(&comment.text, &none) || !self.own_blocks.is_empty() {
                self.documentation(syntax, source, file, &comment.text, comment.row, uses);
            }
        }
    }

    /// The uses in the blocks of code of a documentation that begins at a row of a file.
    fn documentation(
        &self,
        syntax: &mut Syntax,
        source: &PackageSource,
        file: &str,
        text: &str,
        row: usize,
        uses: &mut Vec<Use>,
    ) {
        let none = HashSet::new();
        let mut standing = source.standing(file, &self.crates);
        standing.module = None;
        for block in blocks(text) {
            let code = block.code();
            let of_item = source.relation == Relation::Package && self.own_blocks.contains(&code);
            if !of_item && !self.wanted.may_be_in(&code, &none) {
                continue;
            }
            let Some((spotted, _)) = read(syntax, &code, &standing, &self.wanted, &none) else { continue };
            let whole = block.shown(0, usize::MAX);
            let short = whole.len() <= BLOCK_LINES_MAX;
            let begins = block.lines.iter().position(|(_, shown)| *shown).unwrap_or(0);
            let all = |rows: &[&str]| Piece {
                line_start: number(row + block.row + begins),
                line_end: number(row + block.row + block.lines.len().saturating_sub(1)),
                whole: true,
                code: dedent(rows),
                of_item,
            };
            let shown = |at: usize| block.lines.get(at).is_some_and(|(_, shown)| *shown);
            // What only rustdoc sees shows nobody anything, unless the item's own documentation says nothing else.
            let visible: Vec<&Spotted> = spotted.iter().filter(|one| shown(one.row)).collect();
            if visible.is_empty() && of_item {
                let spotted = Spotted::whole(&whole);
                let line = whole.first().copied().unwrap_or_default();
                let piece =
                    if short { all(&whole) } else { all(whole.get(..BLOCK_LINES_MAX).unwrap_or_default()) };
                let piece = Piece { whole: short, ..piece };
                let at = number(row + block.row + begins);
                uses.push(make(source, file, Kind::Documentation, &spotted, at, line, piece));
            }
            for spotted in visible {
                let (first, last) = (spotted.snippet.row_start, spotted.snippet.row_end);
                let piece = match short {
                    true => all(&whole),
                    false => Piece {
                        line_start: number(row + block.row + first),
                        line_end: number(row + block.row + last),
                        whole: spotted.snippet.whole,
                        code: dedent(&block.shown(first, last)),
                        of_item,
                    },
                };
                let line = block.lines.get(spotted.row).map_or("", |(line, _)| line);
                let at = number(row + block.row + spotted.row);
                uses.push(make(source, file, Kind::Documentation, spotted, at, line, piece));
            }
        }
    }
}

fn make(
    source: &PackageSource,
    file: &str,
    kind: Kind,
    spotted: &Spotted,
    line: u32,
    text: &str,
    piece: Piece,
) -> Use {
    Use {
        kind,
        how: spotted.how,
        certain: spotted.certain,
        relation: source.relation,
        tier: source.entry.tier(),
        package: source.entry.id.name().to_owned(),
        version: source.entry.id.version().to_owned(),
        file: file.to_owned(),
        line,
        within: spotted.within.clone(),
        text: dedent(&[text]),
        piece,
    }
}

fn kind_of(file: &str, in_test: bool) -> Kind {
    match file.split('/').next() {
        Some("examples") => Kind::Example,
        Some("benches") => Kind::Bench,
        Some("tests") => Kind::Test,
        _ if in_test || file.ends_with("/tests.rs") || file.contains("/tests/") => Kind::Test,
        _ => Kind::Code,
    }
}

/// A row as the number of its line.
fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX - 1) + 1
}

#[cfg(test)]
mod tests;
