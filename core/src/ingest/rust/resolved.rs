//! A crate after name resolution: what it shows to others.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::alias::{Arg, Behind};
use super::model::{Guard, Model, Name, Span};
use super::scope::{Def, Id, Space};
use crate::ingest::SymbolKind;

/// A public name of a module.
#[derive(Debug)]
pub(super) struct Export {
    pub name: Name,
    pub space: Space,
    pub def: Def,
    pub hidden: bool,
    /// Whether another crate is to be shown whole under this name.
    pub inline: bool,
    /// The condition under which an import shows it here.
    pub guard: Option<Arc<Guard>>,
    /// Whether that does not hold here.
    pub off: bool,
}

#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub package: u32,
    pub model: Model,
    /// By module: sorted by name and namespace; empty for modules that cannot be reached.
    pub exports: Vec<Vec<Export>>,
    /// By type or trait: its variants, its declared items, the items of its impls in this crate.
    pub members: BTreeMap<u32, Vec<u32>>,
    /// Items of this crate's impls on types of others.
    pub foreign_members: HashMap<Def, Vec<u32>>,
    /// By primitive type: the items of this crate's own impls on it.
    pub primitives: BTreeMap<Box<str>, Vec<u32>>,
    /// By alias: what it stands for.
    pub aliases: HashMap<u32, Behind>,
    /// By item: others of its name and module that are there with other features.
    pub alternatives: HashMap<u32, Vec<u32>>,
    /// By module: others in it, of names that mean something else, that are there with other features.
    pub other_modules: HashMap<u32, Vec<Export>>,
    /// By type: the items of impls that name a public alias of it, and stand under that.
    pub by_alias: HashMap<u32, Vec<u32>>,
    /// By impl: the arguments of the type that it is for.
    pub arguments: Vec<Vec<Arg>>,
    /// By impl: the trait, where it is one of this crate.
    pub local_traits: Vec<Option<u32>>,
    /// What documented re-exports say of an item, by the name that they give it.
    pub told: HashMap<(Def, Name), Span>,
    /// Types that implement the standard library's `Error`.
    pub error_types: HashSet<u32>,
}

impl Resolved {
    pub fn exports(&self, module: u32) -> &[Export] {
        self.exports.get(module as usize).map_or(&[], Vec::as_slice)
    }

    /// What `segment` means inside a module or an enum.
    pub fn descend(&self, id: Id, segment: &str, space: Space) -> Option<Def> {
        match id {
            Id::Module(module) => {
                let exports = self.exports(module);
                let at =
                    exports.binary_search_by(|one| (&*one.name, one.space).cmp(&(segment, space))).ok()?;
                exports.get(at).map(|export| export.def)
            }
            Id::Item(item) => {
                let (_, id) = self.variants(item).find(|(name, _)| &***name == segment)?;
                (space == Space::Values).then_some(Def { package: self.package, id: Id::Item(id) })
            }
        }
    }

    pub fn variants(&self, item: u32) -> impl Iterator<Item = (&Name, u32)> {
        let members = self.members.get(&item).into_iter().flatten();
        members.filter_map(|&id| {
            let item = self.model.items.get(id as usize)?;
            (item.kind == SymbolKind::Variant).then_some((&item.name, id))
        })
    }
}
