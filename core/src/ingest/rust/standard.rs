//! Re-exports of the standard library where its sources are not at hand: each is an item of its own, of the
//! kind that its name suggests.

use super::model::{Import, Item, Name, Parent, Visibility};
use super::resolve::Resolver;
use super::scope::{Binding, Def, Id, Off, Space, Target};
use crate::ingest::SymbolKind;
use crate::ingest::discover::STANDARD_CRATES;

const MACROS: [&str; 17] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "matches",
    "panic",
    "print",
    "println",
    "todo",
    "unreachable",
    "vec",
    "write",
    "writeln",
];
/// Modules of modules. What else is written in lower case below a module is mostly a function.
const MODULES: [&str; 20] = [
    "atomic",
    "binary_heap",
    "btree_map",
    "btree_set",
    "consts",
    "fd",
    "hash_map",
    "hash_set",
    "linked_list",
    "linux",
    "mpsc",
    "panic",
    "prelude",
    "process",
    "raw",
    "rust_2021",
    "unix",
    "v1",
    "vec_deque",
    "windows",
];

impl Resolver<'_> {
    /// Makes items of the imports that are still open and lead into a standard crate that is not at hand.
    /// True where there were some.
    pub(super) fn name_standard(&mut self, imports: &[Import], open: &[(u32, [bool; 3])]) -> bool {
        let before = self.model.items.len();
        for &(index, [types, values, macros]) in open {
            let Some(import) = imports.get(index as usize) else { continue };
            let (Some(name), false) = (&import.name, types) else { continue };
            let bound = !import.types_only && (values || macros);
            if bound || import.visibility == Visibility::Private {
                continue;
            }
            if let Some(path) = self.standard_path(import) {
                self.add_standard(import, name, path, index);
            }
        }
        self.model.items.len() > before
    }

    /// The path within the standard library that an import names.
    fn standard_path(&self, import: &Import) -> Option<Vec<Name>> {
        let (first, rest) = import.path.split_first()?;
        let local = self.scopes.get(import.module as usize)?.find(first, Space::Types);
        let local = local.filter(|binding| !import.from_crates && binding.import.is_none());
        let real = self.crates.get(first).unwrap_or(first);
        let named = STANDARD_CRATES.contains(&&**real) && local.is_none();
        let missing = named && self.others.package(real).is_none();
        missing.then(|| std::iter::once(real.clone()).chain(rest.iter().cloned()).collect())
    }

    fn add_standard(&mut self, import: &Import, name: &Name, path: Vec<Name>, index: u32) {
        let kind = if import.types_only { SymbolKind::Mod } else { kind_of(&path) };
        let item = self.model.items.len() as u32;
        self.model.items.push(Item {
            kind,
            name: name.clone(),
            visibility: import.visibility,
            module: import.module,
            parent: Parent::Module,
            span: import.span,
            generics: (0, 0),
            where_clause: (0, 0),
            guard: import.guard.clone(),
            hidden: import.hidden,
            off: import.off,
            exported: false,
            procedural: false,
            derives_error: false,
            returns_result: false,
        });
        if import.off && import.by_feature {
            self.model.by_feature.insert(item);
        }
        self.model.standard.insert(item, path.join("::").into());
        let binding = Binding {
            target: Target::Def(Def { package: self.me, id: Id::Item(item) }),
            visibility: import.visibility,
            glob: false,
            off: Off::new(import.off, import.by_feature),
            hidden: import.hidden,
            inline: import.inline,
            guard: None,
            import: Some(index),
        };
        if let Some(scope) = self.scopes.get_mut(import.module as usize) {
            scope.insert(name, Space::of(kind), binding);
        }
    }
}

/// What a path into the standard library names, by how it is written.
fn kind_of(path: &[Name]) -> SymbolKind {
    let last = path.last().map_or("", |last| &**last);
    let upper = |c: char| c.is_uppercase() || c == '_' || c.is_ascii_digit();
    match path.len() {
        _ if last.len() > 1 && last.chars().all(upper) => SymbolKind::Const,
        _ if last.starts_with(char::is_uppercase) => SymbolKind::Type,
        2 if MACROS.contains(&last) => SymbolKind::Macro,
        0..=2 => SymbolKind::Mod,
        _ if MODULES.contains(&last) => SymbolKind::Mod,
        _ => SymbolKind::Fn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_kind() {
        let kind = |path: &str| kind_of(&path.split("::").map(Name::from).collect::<Vec<_>>());
        assert_eq!(kind("std::time::Duration"), SymbolKind::Type);
        assert_eq!(kind("core::mem::swap"), SymbolKind::Fn);
        assert_eq!(kind("std::io"), SymbolKind::Mod);
        assert_eq!(kind("std::sync::atomic"), SymbolKind::Mod);
        assert_eq!(kind("std::vec"), SymbolKind::Macro);
        assert_eq!(kind("std::f64::consts::PI"), SymbolKind::Const);
        assert_eq!(kind("core"), SymbolKind::Mod);
    }
}
