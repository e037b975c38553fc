//! The programs that a package brings to show and to try itself: examples, tests, and the tests in its sources.

use std::collections::BTreeMap;
use std::path::Path;

use crate::ingest::discover::Origin;
use crate::ingest::rust::lex::{Token, matching_end, tokens};
use crate::ingest::rust::notes::cut;
use crate::ingest::walk;

/// Of one package; more is data that a program wrote.
const BYTES_MAX: usize = 8 << 20;
const FILE_BYTES_MAX: usize = 1 << 20;
/// Of a function, before its body.
const HEAD_BYTES_MAX: usize = 4 << 10;

/// A function of a program.
pub(super) struct Function<'a> {
    pub name: &'a str,
    /// The comments right above it, as one line.
    pub before: String,
    pub body: &'a str,
    /// Where the body starts in the program's text.
    pub start: usize,
}

/// The programs of the package at `root`: the path of each, and its text; of a source file what follows its
/// first test's attribute.
pub(super) fn files(root: &Path, origin: Origin) -> impl Iterator<Item = (String, String)> {
    all(root, origin).filter_map(|(relative, mut text)| {
        if !is_example(&relative) && !is_test_file(&relative) {
            text.drain(..first_test(&text)?);
        }
        Some((relative, text))
    })
}

/// What the package at `root` does by itself: the text of each of its source files, up to the first test.
pub(super) fn sources(root: &Path, origin: Origin) -> impl Iterator<Item = String> {
    let sources = all(root, origin).filter(|(relative, _)| relative.starts_with("src/"));
    sources.map(|(_, mut text)| {
        text.truncate(first_test(&text).unwrap_or(text.len()));
        text
    })
}

fn first_test(text: &str) -> Option<usize> {
    text.find("#[cfg(test)]").or_else(|| text.find("#[test]"))
}

fn all(root: &Path, origin: Origin) -> impl Iterator<Item = (String, String)> {
    let mut left = BYTES_MAX;
    let mut found = walk::files(root, origin, is_program, &mut BTreeMap::new());
    // Examples first, should there be too much.
    found.sort_by_key(|file| !is_example(&file.relative));
    let root = root.to_owned();
    found.into_iter().filter_map(move |file| {
        let (_, text) = walk::read_text(&root, &file.absolute).ok()?;
        let fits = text.len() <= FILE_BYTES_MAX.min(left);
        left -= if fits { text.len() } else { 0 };
        fits.then_some((file.relative, text))
    })
}

fn is_program(relative: &str) -> bool {
    relative.ends_with(".rs")
        && ["src/", "examples/", "tests/"].iter().any(|folder| relative.starts_with(folder))
}

pub(super) fn is_example(relative: &str) -> bool {
    relative.starts_with("examples/")
}

pub(super) fn is_test_file(relative: &str) -> bool {
    relative.starts_with("tests/")
}

/// The functions of a program; with `tests` those alone that are marked as tests.
pub(super) fn functions(text: &str, tests: bool) -> Vec<Function<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    // Where what belongs to the next function begins, and whether it is marked.
    let (mut before, mut is_test): (Option<usize>, bool) = (None, false);
    while let Some((token, range)) = tokens(text, at).next() {
        at = range.end;
        let word = text.get(range.clone()).unwrap_or_default();
        match (token, word) {
            (Token::Space, _) if word.matches('\n').count() < 2 => {}
            (Token::Comment, _) => drop(before.get_or_insert(range.start)),
            (Token::Punct, "#") => {
                before.get_or_insert(range.start);
                if text.get(at..).is_some_and(|rest| rest.starts_with('[')) {
                    let end = matching_end(text, at).unwrap_or(text.len());
                    let attribute = text.get(at..end).unwrap_or_default();
                    let name = attribute.trim_matches(['[', ']']).split('(').next().unwrap_or_default();
                    is_test |= name.rsplit("::").next().is_some_and(|name| name.trim() == "test");
                    at = end;
                }
            }
            (Token::Word, "fn") => {
                let rest = cut(text.get(at..).unwrap_or_default(), HEAD_BYTES_MAX);
                let name = rest.trim_start();
                let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
                let name = name.get(..end).unwrap_or_default();
                let open = rest.find(['{', ';']).map(|open| at + open);
                let open = open.filter(|open| text.get(*open..).is_some_and(|rest| rest.starts_with('{')));
                if let Some(open) = open.filter(|_| !name.is_empty()) {
                    let end = matching_end(text, open).unwrap_or(text.len());
                    if is_test || !tests {
                        let above =
                            before.and_then(|before| text.get(before..range.start)).unwrap_or_default();
                        let body = text.get(open..end).unwrap_or_default();
                        found.push(Function { name, before: comments_of(above), body, start: open });
                    }
                    at = end;
                }
                (before, is_test) = (None, false);
            }
            (Token::Word, "pub" | "async" | "const" | "unsafe") => {}
            _ => (before, is_test) = (None, false),
        }
    }
    found
}

/// The line comments in what stands above a function.
fn comments_of(above: &str) -> String {
    let lines = above.lines().map(str::trim).filter(|line| line.starts_with("//"));
    let lines: Vec<&str> = lines.map(|line| line.trim_start_matches(['/', '!']).trim()).collect();
    lines.join(" ")
}

/// What a program says of itself at its top.
pub(super) fn opening(text: &str) -> String {
    let lines = text.lines().map(str::trim).skip_while(|line| line.is_empty());
    let said = lines.take_while(|line| line.starts_with("//"));
    let said: Vec<&str> = said.map(|line| line.trim_start_matches(['/', '!']).trim()).collect();
    let said = said.split(|line| line.is_empty()).find(|part| !part.is_empty()).unwrap_or_default().join(" ");
    let licence = ["copyright", "license", "spdx"].iter().any(|word| said.to_lowercase().contains(word));
    if licence { String::new() } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_come_with_what_stands_above_them() {
        let text = "use a::b;\n\n// Not it.\n\n/// It waits.\n#[tokio::test(flavor = \"x\")]\nasync fn waits_a_bit() { b(); }\nfn plain() {}\n";
        let shown = |tests| -> Vec<(&str, String, &str)> {
            functions(text, tests).into_iter().map(|one| (one.name, one.before, one.body)).collect()
        };
        assert_eq!(shown(true), [("waits_a_bit", "It waits.".to_owned(), "{ b(); }")]);
        assert_eq!(shown(false).len(), 2);
        assert_eq!(
            opening("//! Sends a request.\n//! Twice.\n//!\n//! More.\nfn main() {}"),
            "Sends a request. Twice."
        );
        assert_eq!(opening("// Copyright 2020 X\nfn main() {}"), "");
    }
}
