//! What names mean inside a module, as far as name resolution has got.

use std::collections::HashMap;
use std::sync::Arc;

use super::lookup::is_nowhere;
use super::model::{Guard, Name, Visibility};
use crate::ingest::SymbolKind;

/// One of the three namespaces: a trait and a derive macro may share a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    Types,
    Values,
    Macros,
}

impl Space {
    pub const ALL: [Space; 3] = [Space::Types, Space::Values, Space::Macros];

    pub fn of(kind: SymbolKind) -> Space {
        match kind {
            SymbolKind::Mod
            | SymbolKind::Struct
            | SymbolKind::Enum
            | SymbolKind::Union
            | SymbolKind::Trait
            | SymbolKind::Type => Space::Types,
            SymbolKind::Fn
            | SymbolKind::Method
            | SymbolKind::Variant
            | SymbolKind::Const
            | SymbolKind::Static => Space::Values,
            SymbolKind::Macro => Space::Macros,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Id {
    Module(u32),
    Item(u32),
}

/// A declaration, anywhere in the source set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Def {
    pub package: u32,
    pub id: Id,
}

/// What a name leads to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    Def(Def),
    /// A path into another package that nothing public has needed yet.
    Opaque(Arc<(u32, Vec<Name>)>),
}

/// Whether something is built; of alternatives the smaller goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Off {
    No,
    /// With other features it would be.
    Feature,
    Here,
}

impl Off {
    pub fn new(off: bool, by_feature: bool) -> Off {
        match (off, by_feature) {
            (false, _) => Off::No,
            (true, true) => Off::Feature,
            (true, false) => Off::Here,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub target: Target,
    pub visibility: Visibility,
    pub glob: bool,
    pub off: Off,
    pub hidden: bool,
    /// Whether another crate is to be shown whole under this name.
    pub inline: bool,
    /// Where an import made it, the condition under which it is there. A declaration has its own.
    pub guard: Option<Arc<Guard>>,
    /// The import that made it.
    pub import: Option<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Scope {
    names: HashMap<Name, [Option<Binding>; 3]>,
    /// Rises with every change.
    pub version: u32,
}

impl Scope {
    pub fn find(&self, name: &str, space: Space) -> Option<&Binding> {
        self.names.get(name)?.get(space as usize)?.as_ref()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Name, Space, &Binding)> {
        self.names.iter().flat_map(|(name, slots)| {
            Space::ALL
                .into_iter()
                .zip(slots)
                .filter_map(move |(space, slot)| Some((name, space, slot.as_ref()?)))
        })
    }

    /// Binds a name, unless what it already means goes first: built here before not built here,
    /// explicit before glob, then the earlier. Among equals the wider visibility stays.
    pub fn insert(&mut self, name: &Name, space: Space, binding: Binding) {
        if !self.names.contains_key(name) {
            self.names.insert(name.clone(), [const { None }; 3]);
        }
        let Some(slot) = self.names.get_mut(name).and_then(|slots| slots.get_mut(space as usize)) else {
            return;
        };
        match slot {
            Some(old) if old.target == binding.target && old.glob == binding.glob => {
                if old.import != binding.import && !old.glob {
                    old.guard = Guard::either(old.guard.as_ref(), binding.guard.as_ref());
                    old.off = old.off.min(binding.off);
                }
                if old.visibility < binding.visibility {
                    old.visibility = binding.visibility;
                    self.version += 1;
                }
            }
            // What an import names may itself have been hidden since.
            Some(old) if old.import.is_some() && old.import == binding.import => {
                *slot = Some(binding);
                self.version += 1;
            }
            // The standard library's names, where it is not at hand, hide those of globs alone: which
            // namespaces they are in is not known.
            Some(old) if is_nowhere(&old.target) && !is_nowhere(&binding.target) && !binding.glob => {
                *slot = Some(binding);
                self.version += 1;
            }
            Some(old) if (old.off, old.glob) <= (binding.off, binding.glob) => {}
            _ => {
                *slot = Some(binding);
                self.version += 1;
            }
        }
    }
}
