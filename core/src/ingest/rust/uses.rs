//! What a file's code names: the paths of its imports, and those that it writes out, with the imports put in.
//!
//! Names are not resolved as the compiler does it: an import counts for its whole file, and a method for every
//! type that has one of its name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::imports::flatten;
use super::lex::{Token, tokens};
use super::model::Import;
use crate::ingest::walk;

/// Segments of one path; nobody writes more.
const SEGMENTS_MAX: usize = 32;

/// What the code of one file names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Paths, and what each of them leads through: `tokio::task::spawn`, `tokio::task`, `tokio`.
    pub paths: BTreeSet<String>,
    /// Modules of which everything is imported.
    pub globs: BTreeSet<String>,
    /// Every word of the code.
    pub words: BTreeSet<String>,
    /// What is called on a value: `lock` of `a.lock()`.
    pub methods: BTreeSet<String>,
}

impl Uses {
    /// What the Rust files of a folder of one's own name, a file each.
    pub fn in_folder(root: &Path) -> Vec<Uses> {
        let root = &std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        let code =
            walk::read_files(root).into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
        code.filter_map(|path| Some(Uses::of(&walk::read_text(root, &path).ok()?.1))).collect()
    }

    /// What a file's text names. Text of any kind is read.
    pub fn of(text: &str) -> Uses {
        let code: Vec<(Token, &str, usize)> = tokens(text, 0)
            .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
            .filter_map(|(token, range)| Some((token, text.get(range.clone())?, range.end)))
            .collect();
        let mut uses = Uses::default();
        let mut aliases: BTreeMap<String, String> = BTreeMap::new();
        let mut at = 0;
        while let Some(&(_, word, end)) = code.get(at) {
            at += 1;
            if word != "use" {
                continue;
            }
            let tail = code.get(at..).unwrap_or_default();
            let Some(length) = tail.iter().position(|(_, word, _)| *word == ";") else { continue };
            let stop = tail.get(length).map_or(end, |(_, word, end)| end - word.len());
            for import in flatten(text.get(end..stop).unwrap_or_default(), &Import::plain()) {
                let path = import.path.join("::").replace("r#", "");
                match import.name {
                    Some(name) => {
                        uses.note(&path);
                        aliases.insert(name.trim_start_matches("r#").to_owned(), path);
                    }
                    None => drop(uses.globs.insert(path)),
                }
            }
            at += length;
        }
        uses.read_paths(&code, &aliases);
        uses
    }

    /// Notes the paths that the code writes out.
    fn read_paths(&mut self, code: &[(Token, &str, usize)], aliases: &BTreeMap<String, String>) {
        let word =
            |at: usize| code.get(at).filter(|(token, ..)| *token == Token::Word).map(|(_, word, _)| *word);
        let is = |at: usize, sign: &str| code.get(at).is_some_and(|(_, word, _)| *word == sign);
        let mut at = 0;
        while at < code.len() {
            let Some(first) = word(at).map(|first| first.trim_start_matches("r#")) else {
                at += 1;
                continue;
            };
            self.words.insert(first.to_owned());
            let called = at.checked_sub(1).is_some_and(|before| is(before, "."));
            if called {
                if is(at + 1, "(") || is(at + 1, ":") {
                    self.methods.insert(first.to_owned());
                }
                at += 1;
                continue;
            }
            let mut path = aliases.get(first).cloned().unwrap_or_else(|| first.to_owned());
            let (mut end, mut segments) = (at + 1, 1);
            while is(end, ":") && is(end + 1, ":") && segments < SEGMENTS_MAX {
                let Some(next) = word(end + 2) else { break };
                let next = next.trim_start_matches("r#");
                self.words.insert(next.to_owned());
                path = format!("{path}::{next}");
                (end, segments) = (end + 3, segments + 1);
            }
            if path.contains("::") {
                self.note(&path);
            }
            at = end;
        }
    }

    fn note(&mut self, path: &str) {
        for (end, _) in path.match_indices("::") {
            self.paths.extend(path.get(..end).map(str::to_owned));
        }
        self.paths.insert(path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_put_in_where_code_writes_their_names() {
        let uses = Uses::of(
            "use tokio::{task::{self, JoinHandle as Handle}, sync::*};\n// log::info\n\
             fn f(h: Handle<u8>) { task::spawn(x); Handle::abort(&h); h.is_finished(); serde_json::to_string(\"a::b\") }",
        );
        for path in [
            "tokio::task",
            "tokio::task::JoinHandle",
            "tokio::task::spawn",
            "tokio::task::JoinHandle::abort",
            "serde_json::to_string",
            "tokio",
        ] {
            assert!(uses.paths.contains(path), "{path} of {uses:?}");
        }
        assert!(uses.globs.contains("tokio::sync"));
        assert!(uses.methods.contains("is_finished") && !uses.methods.contains("spawn"));
        for absent in ["log::info", "a::b", "tokio::task::self"] {
            assert!(!uses.paths.contains(absent), "{absent} of {uses:?}");
        }
    }

    #[test]
    fn text_of_any_kind_is_read() {
        for text in
            ["use", "use ;", "use a::{", "use a::{b", ":: :: a", "a::", "a.b", "r#use::r#fn", "use a as _;"]
        {
            Uses::of(text);
        }
        Uses::of(&"a::".repeat(10_000));
    }
}
