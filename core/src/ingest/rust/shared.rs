//! Modules that several crates of one package are built from: a helper of many tests, what a program
//! and its library both declare. What they hold is found once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::reach::OTHERS_MAX;
use crate::ingest::language::Extracted;
use crate::ingest::{Symbol, SymbolKind};

/// What tells the items of a package's files apart.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    file_path: String,
    lines: (u32, u32),
    kind: SymbolKind,
    name: String,
    /// A module may be declared in several ways.
    signature: String,
    self_type: Option<String>,
}

impl Key {
    fn of(symbol: &Symbol) -> Key {
        let self_type = symbol.metadata.get("self_type").and_then(|text| text.as_str());
        Key {
            file_path: symbol.file_path.clone(),
            lines: (symbol.line_start, symbol.line_end),
            kind: symbol.kind,
            name: symbol.name.clone(),
            signature: if symbol.kind == SymbolKind::Mod { String::new() } else { symbol.signature.clone() },
            self_type: self_type.map(str::to_owned),
        }
    }
}

/// What the package's crates so far have brought.
pub(super) struct Shared {
    known: HashMap<Key, usize>,
}

impl Shared {
    pub fn new(extracted: &Extracted) -> Shared {
        let own = extracted.symbols.iter().enumerate().filter(|(_, one)| is_own(one));
        Shared { known: own.map(|(at, symbol)| (Key::of(symbol), at)).collect() }
    }

    /// Adds what another crate brings. What is there already has one more path.
    pub fn add(&mut self, found: Extracted, to: &mut Extracted) {
        let first = to.symbols.len();
        for symbol in found.symbols {
            if !is_own(&symbol) {
                to.symbols.push(symbol);
                continue;
            }
            match self.known.entry(Key::of(&symbol)) {
                Entry::Occupied(entry) if *entry.get() < first => {
                    if let Some(known) = to.symbols.get_mut(*entry.get()) {
                        add_path(known, symbol.path);
                    }
                }
                Entry::Occupied(_) => to.symbols.push(symbol),
                Entry::Vacant(entry) => {
                    entry.insert(to.symbols.len());
                    to.symbols.push(symbol);
                }
            }
        }
        for doc in found.module_docs {
            let place = (&doc.file_path, doc.line_start);
            if !to.module_docs.iter().any(|one| (&one.file_path, one.line_start) == place) {
                to.module_docs.push(doc);
            }
        }
    }
}

/// Whether the package itself declares it.
fn is_own(symbol: &Symbol) -> bool {
    !symbol.metadata.contains_key("declared_in")
}

fn add_path(symbol: &mut Symbol, path: String) {
    if symbol.path == path {
        return;
    }
    let paths = symbol.metadata.entry("paths").or_insert_with(|| Vec::<String>::new().into());
    if let Some(paths) = paths.as_array_mut().filter(|paths| paths.len() < OTHERS_MAX) {
        paths.push(path.into());
    }
}
