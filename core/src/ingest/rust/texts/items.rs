//! A package's items by what code writes for them.

use std::collections::{HashMap, HashSet};

use super::split_path;
use crate::ingest::{Symbol, SymbolKind};

/// Methods that the standard library's types have too: without a type that has it, such a name says nothing.
const COMMON: [&str; 64] = [
    "all",
    "and_then",
    "any",
    "as_mut",
    "as_ref",
    "as_slice",
    "as_str",
    "borrow",
    "chain",
    "chars",
    "clear",
    "clone",
    "cloned",
    "cmp",
    "collect",
    "contains",
    "copied",
    "count",
    "drain",
    "drop",
    "enumerate",
    "eq",
    "expect",
    "extend",
    "filter",
    "find",
    "first",
    "flush",
    "fold",
    "get",
    "get_mut",
    "hash",
    "insert",
    "into",
    "into_iter",
    "is_empty",
    "is_err",
    "is_none",
    "is_ok",
    "is_some",
    "iter",
    "iter_mut",
    "join",
    "keys",
    "last",
    "len",
    "lock",
    "map",
    "max",
    "min",
    "next",
    "ok",
    "parse",
    "pop",
    "push",
    "read",
    "remove",
    "take",
    "to_owned",
    "to_string",
    "unwrap",
    "values",
    "write",
    "zip",
];

/// What everybody's prelude has, and what is in nearly every program.
const EVERYWHERE: [&str; 18] = [
    "Arc", "Box", "Err", "Error", "From", "HashMap", "Into", "None", "Ok", "Option", "Path", "Rc", "Result",
    "Self", "Send", "Some", "String", "Vec",
];

/// The items of one package by path, and by name where that is one of its own.
pub(super) struct Items<'a> {
    pub symbols: &'a [Symbol],
    pub crate_name: &'a str,
    by_path: HashMap<&'a str, usize>,
    /// Functions of types and traits, without those of traits' impls.
    methods: HashMap<&'a str, Vec<usize>>,
    /// What stands by itself; none where several do.
    alone: HashMap<&'a str, Option<usize>>,
}

impl<'a> Items<'a> {
    pub fn of(symbols: &'a [Symbol], crate_name: &'a str) -> Items<'a> {
        let mut items = Items {
            symbols,
            crate_name,
            by_path: HashMap::with_capacity(symbols.len()),
            methods: HashMap::new(),
            alone: HashMap::new(),
        };
        for (at, symbol) in symbols.iter().enumerate() {
            items.by_path.entry(&symbol.path).or_insert(at);
        }
        for (at, symbol) in symbols.iter().enumerate() {
            let paths = symbol.metadata.get("paths").and_then(|paths| paths.as_array());
            for path in paths.into_iter().flatten().filter_map(|path| path.as_str()) {
                items.by_path.entry(path).or_insert(at);
            }
            match symbol.kind {
                SymbolKind::Method if !symbol.metadata.contains_key("trait") => {
                    items.methods.entry(&symbol.name).or_default().push(at);
                }
                SymbolKind::Method | SymbolKind::Variant => {}
                _ => {
                    let same = |known: usize| {
                        symbols.get(known).is_some_and(|known| known.signature == symbol.signature)
                    };
                    let slot = items.alone.entry(&symbol.name).or_insert(Some(at));
                    *slot = slot.filter(|&known| known == at || same(known));
                }
            }
        }
        items
    }

    pub fn at(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The one item of a name that stands by itself.
    pub fn alone(&self, name: &str) -> Option<usize> {
        let usual = EVERYWHERE.binary_search(&name).is_ok();
        self.alone.get(name).copied().flatten().filter(|_| !usual)
    }

    /// The method of a name that one of `types` has; else the only one in the package, unless the type has to be
    /// known.
    pub fn method(&self, name: &str, types: &HashSet<usize>, of_types: bool) -> Option<usize> {
        let known = self.methods.get(name)?;
        let owner = |&&at: &&usize| {
            let path = self.symbols.get(at).map_or("", |symbol| split_path(&symbol.path).0);
            self.at(path).is_some_and(|of| types.contains(&of))
        };
        match (known.iter().find(owner), known.as_slice()) {
            (Some(&at), _) => Some(at),
            (None, &[only]) if !of_types && COMMON.binary_search(&name).is_err() => Some(only),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(COMMON.is_sorted() && EVERYWHERE.is_sorted());
    }
}
