//! Old names: what a deprecated item's note names in its place is found by the old name too.

use std::collections::HashMap;

use super::split_path;
use crate::ingest::Symbol;

/// What stands before the successor's name in a note.
const MARKS: [&str; 10] = [
    "use",
    "renamed to",
    "replaced by",
    "replaced with",
    "superseded by",
    "in favor of",
    "in favour of",
    "moved to",
    "prefer",
    "call",
];
/// Old names of one item.
const NAMES_MAX: usize = 16;
/// Items of one name that are looked at.
const CANDIDATES_MAX: usize = 2_000;

/// Adds to the metadata of successors the names of the deprecated items that they stand for: of one of a type
/// with the type's name, and by itself where nothing else in the package bears it.
pub(super) fn note(symbols: &mut [Symbol]) {
    let is_old = |symbol: &Symbol| symbol.metadata.contains_key("deprecated");
    if !symbols.iter().any(is_old) {
        return;
    }
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, symbol) in symbols.iter().enumerate().filter(|(_, symbol)| !is_old(symbol)) {
        by_name.entry(&symbol.name).or_default().push(at);
    }
    let mut found: Vec<(usize, String)> = Vec::new();
    for old in symbols.iter().filter(|symbol| is_old(symbol)) {
        let note =
            old.metadata.get("deprecated").and_then(|told| told.get("note")).and_then(|note| note.as_str());
        let Some(new) = note.and_then(|note| successor(note, old, symbols, &by_name)) else { continue };
        let (outer, name) = split_path(&old.path);
        let owner = split_path(outer).1;
        if owner.starts_with(char::is_uppercase) {
            found.push((new, format!("{owner}::{name}")));
        }
        if !by_name.contains_key(name) {
            found.push((new, name.to_owned()));
        }
    }
    for (new, name) in found {
        let Some(symbol) = symbols.get_mut(new).filter(|symbol| symbol.name != name) else { continue };
        let names = symbol.metadata.entry("replaces").or_insert_with(|| Vec::<String>::new().into());
        if let Some(names) = names.as_array_mut().filter(|names| names.len() < NAMES_MAX) {
            let name = name.into();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
}

/// The item that a note names, if it is one of the package: of several that bear the name the one nearest.
fn successor(
    note: &str,
    old: &Symbol,
    symbols: &[Symbol],
    by_name: &HashMap<&str, Vec<usize>>,
) -> Option<usize> {
    let candidates = named(note);
    candidates.into_iter().find_map(|path| {
        let (outer, name) = split_path(path);
        let fits = |at: &&usize| {
            symbols.get(**at).is_some_and(|symbol| {
                let of = split_path(&symbol.path).0;
                outer.is_empty() || of == outer || of.ends_with(&format!("::{outer}"))
            })
        };
        let near = |at: &usize| {
            let symbol = symbols.get(*at);
            let shared = symbol.map_or(0, |symbol| shared_segments(&symbol.path, &old.path));
            (shared, symbol.is_some_and(|symbol| symbol.kind == old.kind), std::cmp::Reverse(*at))
        };
        let known = by_name.get(name)?.iter().take(CANDIDATES_MAX).filter(fits);
        let best = known.copied().max_by_key(near)?;
        // A name without a type may be anything's, unless it stands beside the old one.
        let beside = symbols.get(best).is_some_and(|new| split_path(&new.path).0 == split_path(&old.path).0);
        (beside || !outer.is_empty() || by_name.get(name).is_some_and(|all| all.len() == 1)).then_some(best)
    })
}

/// The paths that a note tells to use, without marks, calls and what only leads to them.
fn named(note: &str) -> Vec<&str> {
    let lower = note.to_ascii_lowercase();
    let mut found = Vec::new();
    for mark in MARKS {
        for (at, _) in lower.match_indices(mark) {
            let before = lower.get(..at).and_then(|text| text.chars().next_back());
            let rest = note.get(at + mark.len()..).unwrap_or_default();
            if before.is_some_and(char::is_alphanumeric) || !rest.starts_with(char::is_whitespace) {
                continue;
            }
            let mut words =
                rest.split_whitespace().take(4).filter(|word| !matches!(*word, "the" | "a" | "an"));
            found.extend(words.next().and_then(path_in));
            found.extend(words.filter(|word| word.starts_with(['`', '['])).find_map(path_in));
        }
    }
    found
}

/// `Type::name` of ``[`crate::Type::name()`](x)`` and the like.
fn path_in(word: &str) -> Option<&str> {
    let word = word.trim_start_matches(['`', '[', '\'', '"', '.', '#']);
    let end = word.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':'))).unwrap_or(word.len());
    let mut path = word.get(..end)?.trim_end_matches(':');
    while let Some((first, rest)) = path.split_once("::") {
        if !matches!(first, "crate" | "self" | "super" | "Self" | "") {
            break;
        }
        path = rest;
    }
    (!path.is_empty() && path.starts_with(|c: char| c.is_alphabetic() || c == '_')).then_some(path)
}

fn shared_segments(one: &str, other: &str) -> usize {
    one.split("::").zip(other.split("::")).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_name_successors_in_many_ways() {
        for (note, path) in [
            ("use `foo` instead", "foo"),
            ("Use [`Point::new()`](x) instead", "Point::new"),
            ("renamed to `crate::x::Bar<T>`", "x::Bar"),
            ("Please use the `Self::try_into` method", "try_into"),
            ("replaced by foo_bar", "foo_bar"),
            ("has been superseded by .with_x()", "with_x"),
        ] {
            assert!(named(note).contains(&path), "{note}: {:?}", named(note));
        }
        for none in ["", "unused", "no longer useful", "do not use"] {
            assert!(named(none).is_empty(), "{none}: {:?}", named(none));
        }
    }
}
