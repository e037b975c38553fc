//! Which items a piece of code names: by paths, through its imports, and by methods.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::items::Items;
use crate::ingest::SymbolKind;
use crate::ingest::rust::imports::flatten;
use crate::ingest::rust::lex::{Token, tokens};
use crate::ingest::rust::model::Import;

/// Segments of a path; a longer one names nothing.
const SEGMENTS_MAX: usize = 16;
/// Globs in one program; each name may be any one's.
const GLOBS_MAX: usize = 32;

/// What names mean in a piece of code.
#[derive(Default)]
pub(super) struct Imports {
    names: HashMap<String, String>,
    globs: Vec<String>,
}

/// Where code names an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub at: usize,
    pub item: usize,
}

impl Imports {
    /// Those of all the code, wherever in it they stand.
    pub fn of(code: &str, items: &Items) -> Imports {
        let mut imports = Imports::default();
        let mut rest = 0;
        while let Some(found) = code.get(rest..).and_then(|code| code.find("use ")) {
            let start = rest + found;
            rest = start + "use ".len();
            let before = code.get(..start).unwrap_or_default();
            let begins =
                before.chars().next_back().is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '{' | '}'));
            if !begins {
                continue;
            }
            let Some(end) = code.get(rest..).and_then(|code| code.find(';')) else { break };
            let tree = code.get(rest..rest + end).unwrap_or_default();
            for import in flatten(tree, &Import::plain()) {
                let path = items.plain(&import.path.join("::"));
                match import.name {
                    Some(name) => drop(imports.names.insert(name.to_string(), path)),
                    None if imports.globs.len() < GLOBS_MAX => imports.globs.push(path),
                    None => {}
                }
            }
            rest += end;
        }
        imports
    }

    /// The same of code of the package itself, which names what stands beside it.
    pub fn inside(mut self) -> Imports {
        self.globs.push(String::new());
        self
    }

    /// The item that a path leads to; `next` is the sign behind it.
    fn resolve(&self, path: &[&str], next: &str, items: &Items) -> Option<usize> {
        let (first, after) = path.split_first()?;
        let joined = |first: &str| {
            let mut whole = first.to_owned();
            for segment in after {
                whole.push_str("::");
                whole.push_str(segment);
            }
            whole
        };
        if let Some(path) = self.names.get(*first) {
            return items.find(&joined(path));
        }
        if *first == items.crate_name || matches!(*first, "crate" | "self" | "super") {
            return items.find(&items.plain(&joined(first)));
        }
        let through_glob =
            self.globs.iter().find_map(|glob| items.find(&format!("{glob}::{}", joined(first))));
        through_glob.or_else(|| {
            let is_item = |at: &usize| {
                first.starts_with(char::is_uppercase)
                    || (self.is_inside() && items.is_written_so(*at, after.is_empty(), next))
            };
            let found = items.alone(first).filter(is_item)?;
            let path = items.symbols.get(found).map(|symbol| joined(&symbol.path))?;
            items.find(&path)
        })
    }

    /// Whether this is code of the package itself, that names what stands beside it.
    fn is_inside(&self) -> bool {
        self.globs.iter().any(|glob| glob.is_empty())
    }
}

impl Items<'_> {
    /// Whether a word that stands by itself may be this item, and is not a variable of its name: functions are
    /// called, macros have their sign, modules lead on.
    fn is_written_so(&self, at: usize, ends: bool, next: &str) -> bool {
        match (self.symbols.get(at).map(|one| one.kind), ends) {
            (Some(SymbolKind::Fn), true) => next == "(",
            (Some(SymbolKind::Macro), true) => next == "!",
            (Some(SymbolKind::Mod), ends) => !ends,
            _ => false,
        }
    }

    /// A path as it is written from outside; of one that is relative to a module, and leads nowhere from the
    /// root, its name.
    fn plain(&self, path: &str) -> String {
        let mut path = path;
        let mut relative = false;
        while let ("self" | "super" | "crate" | "$crate", rest) = path.split_once("::").unwrap_or((path, ""))
        {
            (path, relative) = (rest, true);
        }
        if !relative || path.is_empty() {
            return path.to_owned();
        }
        let from_root = format!("{}::{path}", self.crate_name);
        // What is declared in a private module is shown elsewhere: its name has to do.
        if self.at(&from_root).is_some() { from_root } else { super::split_path(path).1.to_owned() }
    }

    /// The item at a path, or the one that has what the path ends with.
    fn find(&self, path: &str) -> Option<usize> {
        if let Some(at) = self.at(path) {
            return Some(at);
        }
        match path.rsplit_once("::") {
            Some((outer, name)) => {
                let owner = self.at(outer).or_else(|| self.alone(outer))?;
                let is_type = self.symbols.get(owner).is_some_and(|one| one.kind != SymbolKind::Mod);
                let types = HashSet::from([owner]);
                is_type.then(|| self.method(name, &types, true).unwrap_or(owner))
            }
            None => self.alone(path),
        }
    }
}

/// What code in `range` names, in order. `types` are known to be at hand beside those that it names.
pub(super) fn mentions(
    code: &str,
    range: Range<usize>,
    imports: &Imports,
    types: &[usize],
    items: &Items,
) -> Vec<Mention> {
    let text = code.get(range.clone()).unwrap_or_default();
    let mut found = Vec::new();
    let mut types: HashSet<usize> = types.iter().copied().collect();
    types.extend(imports.names.values().filter_map(|path| items.at(path)));
    let mut methods = Vec::new();
    let mut words =
        tokens(text, 0).filter(|(token, _)| !matches!(token, Token::Space | Token::Comment)).peekable();
    let (mut receiver, mut before) = ("", "");
    while let Some((token, at)) = words.next() {
        let word = text.get(at.clone()).unwrap_or_default();
        if token == Token::Word && word == "use" {
            // What is imported is used where it is named.
            while words.peek().is_some_and(|(_, next)| text.get(next.clone()) != Some(";")) {
                words.next();
            }
        } else if token == Token::Word && before == "." {
            let called = words.peek().and_then(|(_, next)| text.get(next.clone()));
            if matches!(called, Some("(" | ":")) {
                methods.push((range.start + at.start, word, receiver == "self"));
            }
        } else if token == Token::Word && word.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let mut path = vec![word];
            while let Some((_, colon)) = words.next_if(|(_, next)| text.get(next.clone()) == Some(":")) {
                let second =
                    words.next_if(|(_, next)| next.start == colon.end && text.get(next.clone()) == Some(":"));
                let segment = second.and_then(|_| words.next_if(|(token, _)| *token == Token::Word));
                let Some((_, segment)) = segment.filter(|_| path.len() < SEGMENTS_MAX) else { break };
                path.push(text.get(segment).unwrap_or_default());
            }
            let next = words.peek().and_then(|(_, next)| text.get(next.clone())).unwrap_or_default();
            if let Some(item) = imports.resolve(&path, next, items) {
                found.push(Mention { at: range.start + at.start, item });
                types.insert(item);
                let outer = items.symbols.get(item).map_or("", |one| super::split_path(&one.path).0);
                types.extend(items.at(outer));
            }
        }
        (receiver, before) = (before, word);
    }
    let of_methods = methods.into_iter().filter_map(|(at, name, of_self)| {
        // Inside, values come from everywhere: a single word without its type is as likely another's method.
        let is_vague = imports.is_inside() && !of_self && !name.contains('_');
        let item = items.method(name, &types, is_vague)?;
        Some(Mention { at, item })
    });
    found.extend(of_methods);
    found.sort_by_key(|one| one.at);
    found
}
