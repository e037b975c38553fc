//! Reading one package for the uses of an item: file by file, and those again that name what other files of it show.

use std::collections::{BTreeMap, HashSet};

use super::{Kind, Piece, Survey, Use};
use crate::answers::blocks::blocks;
use crate::answers::source::{PackageSource, Relation};
use crate::answers::usage::{HINTS_MAX, Read, Spotted, dedent, hints, read};
use crate::answers::wanted::{Shown, Wanted};
use crate::ingest::Syntax;

/// Files of one package that are looked at.
const FILES_MAX: usize = 10_000;
/// Uses that are kept of one package.
const USES_MAX: usize = 2_000;
/// Modules that show what others show.
const ROUNDS_MAX: usize = 3;
/// A longer block of documentation is shown in part.
const BLOCK_LINES_MAX: usize = 40;

/// A package that is read.
pub(super) struct Reading<'a> {
    pub survey: &'a Survey,
    pub source: &'a PackageSource,
    pub stops: &'a dyn Fn() -> bool,
}

/// What was found so far. By file, so that one which is read again keeps its place.
#[derive(Default)]
struct Found {
    uses: BTreeMap<usize, Vec<Use>>,
    /// By which paths files of the package show the item to others.
    shown: Shown,
    /// Files that name others of the package, and in which no use is sure.
    unsure: Vec<usize>,
}

impl Reading<'_> {
    /// The uses, how many files were read, and whether it was all of them.
    pub fn all(&self, syntax: &mut Syntax) -> (Vec<Use>, usize, bool) {
        let files = self.source.folder.files();
        let hints = self.hints(syntax, &files);
        let wanted = &self.survey.wanted;
        let (mut found, mut count, mut read) = (Found::default(), 0, 0);
        for (at, file) in files.iter().take(FILES_MAX).enumerate() {
            if (self.stops)() || count >= USES_MAX {
                break;
            }
            read = at + 1;
            let Some(text) = self.source.folder.read(file) else { continue };
            if !wanted.may_be_in(&text, &hints) {
                continue;
            }
            let (uses, shown) = self.file(syntax, file, &text, &hints, wanted);
            found.shown.extend(shown);
            let is_sure = uses.iter().any(|one| one.certain);
            found.unsure.extend((!is_sure && names_around(&text)).then_some(at));
            count += uses.len();
            found.uses.insert(at, uses);
        }
        self.again(syntax, &files, &hints, &mut found);
        let mut uses: Vec<Use> = found.uses.into_values().flatten().collect();
        let is_whole = read == files.len() && uses.len() <= USES_MAX;
        uses.truncate(USES_MAX);
        (uses, read, is_whole)
    }

    /// Reads files in which no use is sure anew, where others show the item by their imports: `use super::*` and
    /// `use crate::parts::Name` lead there.
    fn again(&self, syntax: &mut Syntax, files: &[String], hints: &HashSet<String>, found: &mut Found) {
        for _ in 0..ROUNDS_MAX {
            if found.shown == Shown::default() || found.unsure.is_empty() {
                return;
            }
            let wanted = self.survey.wanted.shown_by(&found.shown);
            let before = found.shown.clone();
            for at in std::mem::take(&mut found.unsure) {
                let file = files.get(at).filter(|_| !(self.stops)());
                let read = file.and_then(|file| Some((file, self.source.folder.read(file)?)));
                let Some((file, text)) = read else { continue };
                let (uses, shown) = self.file(syntax, file, &text, hints, &wanted);
                found.shown.extend(shown);
                match uses.iter().any(|one| one.certain) {
                    true => drop(found.uses.insert(at, uses)),
                    false => found.unsure.push(at),
                }
            }
            if found.shown == before {
                return;
            }
        }
    }

    /// The names of what is of the item's type, in all files of a package.
    fn hints(&self, syntax: &mut Syntax, files: &[String]) -> HashSet<String> {
        let mut found = HashSet::new();
        if !self.survey.wanted.has_hints() {
            return found;
        }
        let sources = || files.iter().filter(|file| file.ends_with(".rs")).take(FILES_MAX);
        let names_it = |file: &String| {
            self.source.folder.read(file).is_some_and(|text| self.survey.wanted.is_named_in(&text))
        };
        // What calls nothing by the method's name needs no hint, and most packages call nothing so.
        if !sources().any(|file| !(self.stops)() && names_it(file)) {
            return found;
        }
        for file in sources() {
            if (self.stops)() || found.len() >= HINTS_MAX {
                break;
            }
            let text = self.source.folder.read(file).filter(|text| self.survey.wanted.may_be_hinted_in(text));
            if let Some(text) = text {
                let standing = self.source.standing(file, &self.survey.crates);
                found.extend(hints(syntax, &text, &standing, &self.survey.wanted));
            }
        }
        found
    }

    fn file(
        &self,
        syntax: &mut Syntax,
        file: &str,
        text: &str,
        hints: &HashSet<String>,
        wanted: &Wanted,
    ) -> (Vec<Use>, Shown) {
        let mut uses = Vec::new();
        if !file.ends_with(".rs") {
            self.documentation(syntax, file, text, 0, &mut uses);
            return (uses, Shown::default());
        }
        let standing = self.source.standing(file, &self.survey.crates);
        let Some(Read { spotted, comments, shown }) = read(syntax, text, &standing, wanted, hints) else {
            return (uses, Shown::default());
        };
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
            uses.push(self.make(file, kind, &spotted, number(spotted.row), line, piece));
        }
        // A block is a program of its own: names of the package mean nothing there.
        let none = HashSet::new();
        for comment in comments {
            if self.survey.wanted.may_be_in(&comment.text, &none) || !self.survey.own_blocks.is_empty() {
                self.documentation(syntax, file, &comment.text, comment.row, &mut uses);
            }
        }
        (uses, shown)
    }

    /// The uses in the blocks of code of a documentation that begins at a row of a file.
    fn documentation(&self, syntax: &mut Syntax, file: &str, text: &str, row: usize, uses: &mut Vec<Use>) {
        let none = HashSet::new();
        let mut standing = self.source.standing(file, &self.survey.crates);
        standing.module = None;
        for block in blocks(text) {
            let code = block.code();
            let of_item = self.source.relation == Relation::Package && self.survey.own_blocks.contains(&code);
            if !of_item && !self.survey.wanted.may_be_in(&code, &none) {
                continue;
            }
            let read = read(syntax, &code, &standing, &self.survey.wanted, &none);
            let Some(Read { spotted, .. }) = read else { continue };
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
                uses.push(self.make(file, Kind::Documentation, &spotted, at, line, piece));
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
                uses.push(self.make(file, Kind::Documentation, spotted, at, line, piece));
            }
        }
    }

    fn make(&self, file: &str, kind: Kind, spotted: &Spotted, line: u32, text: &str, piece: Piece) -> Use {
        Use {
            kind,
            how: spotted.how,
            certain: spotted.certain,
            relation: self.source.relation,
            tier: self.source.entry.tier(),
            package: self.source.entry.id.name().to_owned(),
            version: self.source.entry.id.version().to_owned(),
            file: file.to_owned(),
            line,
            within: spotted.within.clone(),
            text: dedent(&[text]),
            piece,
        }
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

/// Whether a text names anything of its package's other files.
fn names_around(text: &str) -> bool {
    text.contains("super::") || text.contains("crate::")
}

/// A row as the number of its line.
fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX - 1) + 1
}
