//! How items are used, in the words of those who use them.

use std::collections::{HashMap, HashSet};

use super::code::{Imports, Mention, mentions};
use super::items::Items;
use super::programs::{Function, functions, is_example, is_test_file, opening};
use super::snippets::snippets;
use crate::ingest::rust::lex::{Token, tokens};
use crate::ingest::rust::notes::cut;

/// Of one piece of prose, of all pieces of an item, of a package's.
const PIECE_BYTES_MAX: usize = 240;
const ITEM_BYTES_MAX: usize = 600;
const PACKAGE_BYTES_MAX: usize = 256 << 10;
/// Pieces of an item that are kept until the best are known.
const PIECES_MAX: usize = 12;
/// Prose before code that uses more items than this is about none of them.
const ITEMS_MAX: usize = 10;
/// How far a comment reaches.
const REACH_BYTES_MAX: usize = 2_000;

/// Where prose stands: what is written for readers goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Documentation,
    Example,
    Test,
}

/// Prose about an item. The fewer items the code after it uses, the more it says of each.
struct Piece {
    source: Source,
    items: usize,
    text: String,
}

pub(super) struct Uses<'a> {
    items: &'a Items<'a>,
    pieces: HashMap<usize, Vec<Piece>>,
    used: HashMap<usize, u32>,
    /// Code that was counted: a README is often a crate's documentation too.
    seen: HashSet<String>,
}

impl<'a> Uses<'a> {
    pub fn new(items: &'a Items<'a>) -> Uses<'a> {
        Uses { items, pieces: HashMap::new(), used: HashMap::new(), seen: HashSet::new() }
    }

    /// Takes the code of a Markdown text; `of` is the item that it documents.
    pub fn documentation(&mut self, text: &str, of: Option<usize>) {
        let mut known: Vec<usize> = of.into_iter().collect();
        let outer =
            of.and_then(|of| self.items.symbols.get(of)).map_or("", |one| super::split_path(&one.path).0);
        known.extend(self.items.at(outer));
        for snippet in snippets(text) {
            let imports = Imports::of(&snippet.code, self.items);
            let found = mentions(&snippet.code, 0..snippet.code.len(), &imports, &known, self.items);
            if self.seen.insert(snippet.code.clone()) {
                self.count(&found);
            }
            self.say(&snippet.prose, &found, of, Source::Documentation);
            self.comments(&snippet.code, 0, &found, of, Source::Documentation);
        }
    }

    /// Takes the functions of an example or a test, or of a source file the tests in it. What an example uses is
    /// counted.
    pub fn program(&mut self, relative: &str, text: &str) {
        let is_example = is_example(relative);
        let source = if is_example { Source::Example } else { Source::Test };
        let imports = Imports::of(text, self.items);
        let mut all = Vec::new();
        for Function { name, before, body, start } in functions(text, !is_example && !is_test_file(relative))
        {
            let found = mentions(text, start..start + body.len(), &imports, &[], self.items);
            if found.is_empty() {
                continue;
            }
            if name != "main" {
                let told = name.trim_start_matches("test_").trim_start_matches("r#").replace('_', " ");
                if told.split(' ').filter(|word| word.len() > 2).count() > 2 {
                    self.say(&told, &found, None, source);
                }
            }
            self.say(&folded(&before), &found, None, source);
            self.comments(body, start, &found, None, source);
            all.extend(found);
        }
        if is_example {
            self.count(&all);
            self.say(&folded(&opening(text)), &all, None, source);
        }
    }

    /// Counts each function of the package's own source as a place that uses what it names.
    pub fn source(&mut self, text: &str) {
        let imports = Imports::of(text, self.items).inside();
        for Function { body, start, .. } in functions(text, false) {
            let found = mentions(text, start..start + body.len(), &imports, &[], self.items);
            self.count(&found);
        }
    }

    /// Each item once.
    fn count(&mut self, found: &[Mention]) {
        for item in distinct(found) {
            *self.used.entry(item).or_default() += 1;
        }
    }

    /// What comments in code say of the lines up to the next comment or empty line.
    fn comments(&mut self, code: &str, start: usize, found: &[Mention], of: Option<usize>, source: Source) {
        if found.is_empty() || !code.contains("//") {
            return;
        }
        let mut words = tokens(code, 0).peekable();
        while let Some((token, range)) = words.next() {
            let line = code.get(range.clone()).unwrap_or_default();
            if token != Token::Comment || !line.starts_with("//") {
                continue;
            }
            let mut said = comment_text(line).to_owned();
            let mut end = range.end;
            // A comment of several lines.
            while let Some((_, next)) = words.next_if(|(token, next)| {
                let text = code.get(next.clone()).unwrap_or_default();
                match token {
                    Token::Space => text.matches('\n').count() < 2,
                    Token::Comment => text.starts_with("//"),
                    _ => false,
                }
            }) {
                let text = code.get(next.clone()).unwrap_or_default();
                if text.starts_with("//") {
                    said.push(' ');
                    said.push_str(comment_text(text));
                }
                end = next.end;
            }
            let rest = cut(code.get(end..).unwrap_or_default(), REACH_BYTES_MAX);
            let stop =
                ["\n\n", "//"].into_iter().filter_map(|mark| rest.find(mark)).min().unwrap_or(rest.len());
            let (from, to) = (start + end, start + end + stop);
            let (first, last) =
                (found.partition_point(|one| one.at < from), found.partition_point(|one| one.at < to));
            let about = found.get(first..last).unwrap_or_default();
            self.say(&folded(&said), about, of, source);
        }
    }

    /// Notes prose for each item that code uses, but for the one whose own documentation it is.
    fn say(&mut self, prose: &str, found: &[Mention], of: Option<usize>, source: Source) {
        let words = prose.split(' ').filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
        let items = distinct(found);
        if items.is_empty() || items.len() > ITEMS_MAX || words.count() < 2 {
            return;
        }
        let text = cut(prose, PIECE_BYTES_MAX);
        let count = items.len();
        for item in items.into_iter().filter(|item| Some(*item) != of) {
            let known = self.pieces.entry(item).or_default();
            let place = known.partition_point(|one| (one.source, one.items) <= (source, count));
            if place == PIECES_MAX || known.iter().any(|one| one.text == text) {
                continue;
            }
            // Its own documentation may say the same.
            let documented = self.items.symbols.get(item).and_then(|one| one.doc_comment.as_deref());
            if documented.is_none_or(|doc| !doc.contains(text)) {
                known.insert(place, Piece { source, items: count, text: text.to_owned() });
                known.truncate(PIECES_MAX);
            }
        }
    }

    /// By item: its pieces, the best first, and in how many places documentation and examples use it.
    pub fn finish(mut self) -> Vec<(usize, Vec<String>, u32)> {
        let mut items: Vec<usize> = self.pieces.keys().chain(self.used.keys()).copied().collect();
        items.sort_unstable();
        items.dedup();
        let mut left = PACKAGE_BYTES_MAX;
        let mut finished = Vec::with_capacity(items.len());
        for item in items {
            let mut bytes = ITEM_BYTES_MAX.min(left);
            let mut kept = Vec::new();
            for piece in self.pieces.remove(&item).unwrap_or_default() {
                if piece.text.len() <= bytes {
                    bytes -= piece.text.len();
                    left -= piece.text.len();
                    kept.push(piece.text);
                }
            }
            finished.push((item, kept, self.used.get(&item).copied().unwrap_or(0)));
        }
        finished
    }
}

fn distinct(found: &[Mention]) -> Vec<usize> {
    let mut items: Vec<usize> = found.iter().map(|one| one.item).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// A line's comment without its sign.
fn comment_text(line: &str) -> &str {
    line.trim_start_matches(['/', '!']).trim()
}

/// White space as single spaces.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of these would take hours, were it read anew at every step.
    #[test]
    fn hostile_programs_end() {
        let items = Items::of(&[], "it");
        let mut uses = Uses::new(&items);
        let times = 100_000;
        for text in [
            "use ".repeat(times),
            "fn f ".repeat(times),
            "// a b\nx".repeat(times),
            "a::".repeat(times),
            "fn f() {".repeat(times),
            format!("fn main() {{ {} }}", "// a b\nit::a.b();".repeat(times)),
            "#[".repeat(times),
            "```\nx();\n".repeat(times),
        ] {
            uses.program("examples/x.rs", &text);
            uses.documentation(&text, None);
        }
        assert!(uses.finish().is_empty());
    }
}
