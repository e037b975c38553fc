//! What changed between two versions, beside rustdoc's word.
//!
//! `scripts/changes` has rustdoc write its JSON for both versions of the packages below, which Cargo.lock has twice,
//! and writes what differs into `fixtures/changes`. Every test run compares that with what is found in the rows,
//! without rustdoc. Where the two do not agree, `fixtures/changes/differences.txt` says who says what, and why.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use zenith_core::answers::changes::{Change, ItemChange, changes};
use zenith_core::ingest::compared;
use zenith_core::lake::{ApiSymbol, DeclaredSymbol};
use zenith_core::package::PackageId;

use super::coverage::ingested;
use super::fixtures;
use super::rustdoc::{self, Documented, Item};

/// `scripts/changes` reads this list.
const PAIRS: [(&str, &str, &str); 10] = [
    ("base64", "0.22.1", "0.23.1"),
    ("bitflags", "1.3.2", "2.13.2"),
    ("crossterm", "0.28.1", "0.29.0"),
    ("hashbrown", "0.15.5", "0.16.1"),
    ("http", "0.2.12", "1.5.0"),
    ("indexmap", "1.9.3", "2.14.2"),
    ("itertools", "0.14.0", "0.15.0"),
    ("nom", "7.1.3", "8.0.0"),
    ("quick-xml", "0.41.0", "0.42.0"),
    ("rand_core", "0.6.4", "0.9.5"),
];
/// The share of what is found that rustdoc says too, and of what rustdoc says that is found.
const PRECISION_MIN: f64 = 0.99;
const RECALL_MIN: f64 = 0.96;

/// What can be said of a path: it leads nowhere now, it is new, its function's signature is another, it is deprecated.
const SIGNS: [char; 4] = ['-', '+', '~', '!'];

/// Paths by sign.
type Said = BTreeMap<char, BTreeSet<String>>;

/// The rows of a version as its dataset has them, of what is built with this workspace's features.
fn rows(name: &str, version: &str) -> Vec<DeclaredSymbol> {
    let (ingested, _) = ingested(name, version).unwrap_or_else(|| {
        panic!("{name} {version} is not locked: choose another pair, and run scripts/changes")
    });
    let id = PackageId::rust(name, version).unwrap();
    // rustdoc lists the items of the crate itself, as it was built.
    let is_listed = |metadata: &serde_json::Map<String, serde_json::Value>| {
        ["enable", "disable", "declared_in"].iter().all(|key| !metadata.contains_key(*key))
    };
    let symbols = ingested.symbols.iter().filter(|symbol| is_listed(&symbol.metadata));
    symbols.map(|symbol| DeclaredSymbol::from(&ApiSymbol::new(&id, symbol, Vec::new(), 0))).collect()
}

fn plain(path: &str) -> String {
    path.replace("r#", "")
}

/// What a change says of which paths: any of them.
fn said_of(change: &ItemChange) -> Vec<(char, Vec<String>)> {
    let paths: Vec<String> = change.paths.iter().map(|path| plain(path)).collect();
    let is_function = matches!(change.kind.as_str(), "fn" | "method");
    match change.change {
        Change::Removed | Change::Moved => vec![('-', paths)],
        Change::Changed if is_function => vec![('~', paths)],
        // Of other kinds rustdoc's word is not asked.
        Change::Changed | Change::Gated => Vec::new(),
        Change::Deprecated => vec![('!', paths)],
        Change::Required | Change::Added => vec![('+', paths)],
    }
}

fn read_word(name: &str, from: &str, to: &str) -> Said {
    let text = fs::read_to_string(fixtures().join("changes").join(format!("{name}.txt"))).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(format!("# {name} {from} {to}").as_str()), "run scripts/changes");
    let mut said = Said::new();
    for line in lines {
        let (sign, path) = line.split_once(' ').unwrap();
        said.entry(sign.chars().next().unwrap()).or_default().insert(path.to_owned());
    }
    said
}

/// Lines of `differences.txt`: `package who sign path: why`; a path may end in `*`.
fn is_explained(explained: &mut [(String, bool)], difference: &str) -> bool {
    let fits = |line: &str| match line.strip_suffix('*') {
        Some(start) => difference.starts_with(start),
        None => line == difference,
    };
    let found = explained.iter_mut().find(|(line, _)| fits(line));
    found.map(|(_, used)| *used = true).is_some()
}

#[test]
fn changes_are_those_that_rustdoc_tells_of() {
    let text = fs::read_to_string(fixtures().join("changes/differences.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut explained: Vec<(String, bool)> =
        lines.map(|line| (line.split(": ").next().unwrap().to_owned(), false)).collect();
    let mut unexplained = Vec::new();
    let (mut both, mut found_alone, mut told_alone) = (0_usize, 0_usize, 0_usize);
    for (name, from, to) in PAIRS {
        let word = read_word(name, from, to);
        let found = changes(&rows(name, from), &rows(name, to));
        let found_said: Vec<(char, Vec<String>)> = found.iter().flat_map(said_of).collect();
        let nothing = BTreeSet::new();
        for (sign, paths) in &found_said {
            let told = word.get(sign).unwrap_or(&nothing);
            if paths.iter().any(|path| told.contains(path)) {
                both += 1;
            } else {
                found_alone += 1;
                let difference = format!("{name} zenith {sign} {}", paths[0]);
                if !is_explained(&mut explained, &difference) {
                    unexplained.push(difference);
                }
            }
        }
        // An item that moved is told by rustdoc as one that went and one that came.
        let moved = found.iter().filter(|change| change.change == Change::Moved);
        let mut known: HashMap<char, BTreeSet<String>> = HashMap::from([(
            '+',
            moved.flat_map(|change| change.paths.iter().map(|path| plain(path))).collect(),
        )]);
        for (sign, paths) in found_said {
            known.entry(sign).or_default().extend(paths);
        }
        for sign in SIGNS {
            for path in word.get(&sign).unwrap_or(&nothing) {
                if !known.get(&sign).is_some_and(|known| known.contains(path)) {
                    told_alone += 1;
                    let difference = format!("{name} rustdoc {sign} {path}");
                    if !is_explained(&mut explained, &difference) {
                        unexplained.push(difference);
                    }
                }
            }
        }
    }
    let share = |alone: usize| both as f64 / (both + alone).max(1) as f64;
    let (precision, recall) = (share(found_alone), share(told_alone));
    println!("{both} agree; precision {precision:.4}, recall {recall:.4}");
    assert!(
        unexplained.is_empty(),
        "{} differences that nobody explained:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
    let unused: Vec<&str> =
        explained.iter().filter(|(_, used)| !used).map(|(line, _)| line.as_str()).collect();
    assert!(unused.is_empty(), "explained, and not so any more: {unused:#?}");
    assert!(both > 1_000, "{both} changes agree: too few to say anything");
    assert!(
        precision >= PRECISION_MIN && recall >= RECALL_MIN,
        "precision {precision:.4}, recall {recall:.4}"
    );
}

/// Names of different spaces are different names.
fn space(kind: &str) -> u8 {
    match kind {
        "module" | "struct" | "enum" | "union" | "trait" | "trait_alias" | "type_alias" | "assoc_type" => 0,
        "macro" | "proc_macro" => 2,
        _ => 1,
    }
}

/// A signature without the names of its lifetimes, which rustdoc writes out.
fn plain_lifetimes(item: &Item) -> Option<String> {
    item.signature.as_deref().map(|signature| compared("", signature))
}

/// What rustdoc's two lists say of each other.
fn word(before: &Documented, after: &Documented) -> Said {
    let by_path = |documented: &Documented| -> HashMap<(u8, String), usize> {
        let items = documented.items.iter().enumerate();
        items
            .flat_map(|(at, item)| item.paths.iter().map(move |path| ((space(&item.kind), path.clone()), at)))
            .collect()
    };
    let (were, are) = (by_path(before), by_path(after));
    let at = |places: &HashMap<(u8, String), usize>, item: &Item| {
        item.paths.iter().find_map(|path| places.get(&(space(&item.kind), path.clone())).copied())
    };
    let mut said = Said::new();
    let mut say = |sign: char, path: &str| {
        said.entry(sign).or_default().insert(path.to_owned());
    };
    for item in &before.items {
        let lost = item.paths.iter().find(|path| !are.contains_key(&(space(&item.kind), (*path).clone())));
        if let Some(lost) = lost {
            say('-', lost);
        }
        // What moved is written anew in any case.
        let now = at(&are, item).map(|at| &after.items[at]);
        match now.filter(|_| lost.is_none_or(|lost| *lost != item.paths[0])) {
            Some(now) if plain_lifetimes(item) != plain_lifetimes(now) => say('~', &item.paths[0]),
            Some(now) if !item.is_deprecated && now.is_deprecated => say('!', &item.paths[0]),
            _ => {}
        }
    }
    after.items.iter().filter(|item| at(&were, item).is_none()).for_each(|item| say('+', &item.paths[0]));
    said
}

#[test]
#[ignore = "needs rustdoc's JSON: run scripts/changes"]
fn what_rustdoc_says_is_written() {
    let folder = PathBuf::from(std::env::var_os("ZENITH_RUSTDOC").expect("scripts/changes names the folder"));
    fs::create_dir_all(fixtures().join("changes")).unwrap();
    for (name, from, to) in PAIRS {
        let read = |version: &str| rustdoc::read(&folder.join(format!("{name}@{version}.json")));
        let said = word(&read(from), &read(to));
        let mut text = format!("# {name} {from} {to}\n");
        for (sign, path) in said.iter().flat_map(|(sign, paths)| paths.iter().map(move |path| (sign, path))) {
            writeln!(text, "{sign} {path}").unwrap();
        }
        fs::write(fixtures().join("changes").join(format!("{name}.txt")), text).unwrap();
    }
}
