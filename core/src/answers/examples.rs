//! The best of an item's uses, to be read as examples: short and whole, and what its own documentation and
//! package show before what others do.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::blocks::blocks;
use super::obtain::file_package;
use super::source::Relation;
use super::survey::{Kind, Piece, Use};
use super::usage::{How, dedent};
use crate::catalog::CatalogEntry;
use crate::lake::{ApiSymbol, DocChunk};
use crate::package::{PackageId, Tier};

/// An example is best with this many lines.
const LINES_GOOD: std::ops::RangeInclusive<usize> = 3..=14;

/// Code that shows how an item is used, and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    pub rank: usize,
    pub kind: Kind,
    pub how: How,
    /// Whether paths and types say that it uses the item, or only that it may.
    pub certain: bool,
    pub relation: Relation,
    pub tier: Tier,
    pub package: String,
    pub version: String,
    /// Relative to the package's root.
    pub file: String,
    /// Of the code, 1-based.
    pub line: u32,
    pub line_end: u32,
    /// The function that it stands in.
    pub within: Option<String>,
    /// Whether it is a whole block, function or item.
    pub whole: bool,
    pub code: String,
}

/// The best `limit` examples among uses. Equal code counts once, and one file, or one kind of a package, does
/// not crowd out the others.
pub fn best(uses: Vec<Use>, limit: usize) -> Vec<Example> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut rated: Vec<(i64, Use)> =
        uses.into_iter().filter(|one| one.how != How::Import).map(|one| (cost(&one), one)).collect();
    rated.sort_by_key(|(cost, _)| *cost);
    rated.retain(|(_, one)| {
        let code = one.piece.code.split_whitespace().collect::<Vec<_>>().join(" ");
        !code.is_empty() && seen.insert(code)
    });
    let mut of_file: HashMap<(String, String), i64> = HashMap::new();
    let mut of_kind: HashMap<(String, Kind), i64> = HashMap::new();
    let mut chosen = Vec::new();
    while chosen.len() < limit && !rated.is_empty() {
        let crowd = |one: &Use| {
            let file = of_file.get(&(one.package.clone(), one.file.clone())).copied().unwrap_or(0);
            let kind = of_kind.get(&(one.package.clone(), one.kind)).copied().unwrap_or(0);
            if one.piece.of_item { 0 } else { file * 60 + kind * 25 }
        };
        let best = (0..rated.len()).min_by_key(|&at| rated.get(at).map(|(cost, one)| cost + crowd(one)));
        let Some((_, one)) = best.map(|at| rated.remove(at)) else { break };
        *of_file.entry((one.package.clone(), one.file.clone())).or_default() += 1;
        *of_kind.entry((one.package.clone(), one.kind)).or_default() += 1;
        chosen.push(Example::of(chosen.len() + 1, one));
    }
    chosen
}

impl Example {
    fn of(rank: usize, one: Use) -> Example {
        let Piece { line_start, line_end, whole, code, .. } = one.piece;
        Example {
            rank,
            kind: one.kind,
            how: one.how,
            certain: one.certain,
            relation: one.relation,
            tier: one.tier,
            package: one.package,
            version: one.version,
            file: one.file,
            line: line_start,
            line_end,
            within: one.within,
            whole,
            code,
        }
    }
}

/// What keeps a use from being a good example, in tenths of what a line too many costs.
fn cost(one: &Use) -> i64 {
    let place = match (one.relation, one.kind) {
        _ if one.piece.of_item => 0,
        (Relation::Package, Kind::Documentation) => 80,
        (Relation::Package, Kind::Example) => 100,
        (Relation::Own, Kind::Code | Kind::Example | Kind::Documentation) => 120,
        (Relation::Package, Kind::Test) => 160,
        (Relation::Own, _) => 170,
        (Relation::Other, Kind::Documentation | Kind::Example) => 200,
        (Relation::Other, Kind::Code) => 250,
        (Relation::Other, _) => 280,
        // How a package is made inside.
        (Relation::Package, Kind::Code) => 300,
        (Relation::Package, Kind::Bench) => 220,
    };
    let lines = one.piece.code.lines().count();
    let length = match lines {
        _ if lines < *LINES_GOOD.start() => 30,
        _ if LINES_GOOD.contains(&lines) => 0,
        _ => i64::try_from(lines - LINES_GOOD.end()).unwrap_or(i64::MAX / 4) * 10,
    };
    let how = match one.how {
        How::Mention => 40,
        _ => 0,
    };
    let part = if one.piece.whole { 0 } else { 80 };
    let doubt = if one.certain { 0 } else { 240 };
    place + length + how + part + doubt
}

/// What a package's datasets show of an item, where its source is not on this machine: the blocks of the
/// item's documentation, which stand before its line, and those of sections that `names` it.
pub fn from_rows(
    entry: &CatalogEntry,
    symbol: &ApiSymbol,
    chunks: &[DocChunk],
    uses_item: &mut dyn FnMut(&str) -> Option<(How, bool)>,
) -> Vec<Use> {
    let line = |line: i32| u32::try_from(line).unwrap_or(1).max(1);
    let make =
        |id: &PackageId, file: &str, at: u32, code: String, (how, certain): (How, bool), of_item| Use {
            kind: Kind::Documentation,
            how,
            certain,
            relation: Relation::Package,
            tier: entry.tier(),
            package: id.name().to_owned(),
            version: id.version().to_owned(),
            file: file.to_owned(),
            line: at,
            within: None,
            text: String::new(),
            piece: Piece { line_start: at, line_end: at, whole: true, code, of_item },
        };
    let mut found = Vec::new();
    let declaring = file_package(entry, symbol);
    for block in blocks(symbol.doc_comment.as_deref().unwrap_or_default()) {
        let how = uses_item(&block.code()).unwrap_or((How::Mention, true));
        let code = dedent(&block.shown(0, usize::MAX));
        found.push(make(&declaring, &symbol.file_path, line(symbol.line_start), code, how, true));
    }
    for chunk in chunks {
        for block in blocks(&chunk.content) {
            if let Some(how) = uses_item(&block.code()) {
                let code = dedent(&block.shown(0, usize::MAX));
                found.push(make(&entry.id, &chunk.file_path, line(chunk.line_start), code, how, false));
            }
        }
    }
    found
}
