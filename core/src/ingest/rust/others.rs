//! What other features would bring in place of what is built, or beside it.

use std::collections::HashMap;

use super::model::{Parent, Visibility};
use super::resolve::Resolver;
use super::resolved::Export;
use super::scope::{Def, Id, Space, Target};
use crate::ingest::SymbolKind;

impl Resolver<'_> {
    /// By item that its name leads to: those of the same name that other features would bring.
    pub(super) fn alternatives(&self) -> HashMap<u32, Vec<u32>> {
        let mut alternatives: HashMap<u32, Vec<u32>> = HashMap::new();
        for index in self.public_by_feature() {
            let Some(item) = self.model.items.get(index as usize) else { continue };
            let scope = self.scopes.get(item.module as usize);
            let bound = scope.and_then(|scope| scope.find(&item.name, Space::of(item.kind)));
            if let Some(Target::Def(Def { package, id: Id::Item(first) })) = bound.map(|one| &one.target)
                && *package == self.me
                && *first != index
                && item.kind != SymbolKind::Mod
            {
                alternatives.entry(*first).or_default().push(index);
            }
        }
        alternatives
    }

    /// By module: the modules in it that other features would show, and whose names mean others now. Many
    /// packages have `#[cfg(feature = "x")] pub mod m;` beside `#[cfg(not(feature = "x"))] mod m;`.
    pub(super) fn other_modules(&self) -> HashMap<u32, Vec<Export>> {
        let items: HashMap<u32, u32> =
            (0..).zip(&self.model.modules).filter_map(|(module, node)| Some((node.item?, module))).collect();
        let mut modules: HashMap<u32, Vec<Export>> = HashMap::new();
        for index in self.public_by_feature() {
            let (Some(item), Some(&module)) = (self.model.items.get(index as usize), items.get(&index))
            else {
                continue;
            };
            let def = Def { package: self.me, id: Id::Module(module) };
            let bound =
                self.scopes.get(item.module as usize).and_then(|scope| scope.find(&item.name, Space::Types));
            if bound.is_some_and(|one| one.target != Target::Def(def)) {
                let (name, space, hidden) = (item.name.clone(), Space::Types, item.hidden);
                let export = Export { name, space, def, hidden, inline: false, guard: None, off: false };
                modules.entry(item.module).or_default().push(export);
            }
        }
        modules
    }

    fn public_by_feature(&self) -> Vec<u32> {
        let shown = |index: &u32| {
            self.model.items.get(*index as usize).is_some_and(|item| {
                item.visibility == Visibility::Public
                    && matches!(item.parent, Parent::Module | Parent::Extern(_))
            })
        };
        let mut list: Vec<u32> = self.model.by_feature.iter().copied().filter(shown).collect();
        list.sort_unstable();
        list
    }
}
