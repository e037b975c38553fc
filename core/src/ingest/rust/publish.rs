//! What is kept of a crate after name resolution: what others may see of it, and what hangs on its
//! types.

use std::collections::HashSet;

use super::lookup::Written;
use super::model::{Name, Parent, ROOT, Visibility};
use super::primitives::primitive;
use super::resolve::Resolver;
use super::resolved::{Export, Resolved};
use super::scope::{Def, Id, Space, Target};

impl Resolver<'_> {
    /// Hangs the items of impls on their types, and keeps of the scopes what others may see.
    pub(super) fn finish(self) -> Resolved {
        let mut resolved = Resolved { package: self.me, ..Resolved::default() };
        for (index, item) in self.model.items.iter().enumerate() {
            if let Parent::Item(parent) = item.parent {
                resolved.members.entry(parent).or_default().push(index as u32);
            }
        }
        for one in &self.model.impls {
            let written =
                |path| Written { module: one.module, path, from_crates: false, import: None, needed: false };
            let target = match self.path(&written(&one.self_path), Space::Types) {
                Some(Target::Opaque(path)) if self.needed.contains(&path.0) => {
                    self.open(&path, Space::Types).map(Target::Def)
                }
                target => target,
            };
            let local_trait = match self.path(&written(&one.trait_path), Space::Types) {
                Some(Target::Def(Def { package, id: Id::Item(item) })) if package == self.me => Some(item),
                _ => None,
            };
            resolved.local_traits.push(local_trait);
            let on_item = matches!(target, Some(Target::Def(Def { id: Id::Item(_), .. })));
            if let Some(primitive) =
                primitive(&one.self_text).filter(|_| !on_item && one.trait_text.is_none())
            {
                resolved.primitives.entry(primitive.into()).or_default().extend(one.items.clone());
                continue;
            }
            match target {
                Some(Target::Def(Def { package, id: Id::Item(item) })) if package == self.me => {
                    let members = resolved.members.entry(item).or_default();
                    members.extend(one.items.clone().chain(one.expanded.iter().copied()));
                    if local_trait.is_none() && is_error_trait(&one.trait_path) {
                        resolved.error_types.insert(item);
                    }
                }
                Some(Target::Def(def)) if !one.items.is_empty() || !one.expanded.is_empty() => {
                    let members = resolved.foreign_members.entry(def).or_default();
                    members.extend(one.items.clone().chain(one.expanded.iter().copied()));
                }
                _ => {}
            }
        }
        let mut exports: Vec<Vec<Export>> = self.model.modules.iter().map(|_| Vec::new()).collect();
        let mut seen = HashSet::from([ROOT]);
        let mut open = vec![ROOT];
        while let Some(module) = open.pop() {
            let Some(scope) = self.scopes.get(module as usize) else { continue };
            let public = scope.iter().filter(|(_, _, binding)| binding.visibility == Visibility::Public);
            let mut list: Vec<Export> = public
                .filter_map(|(name, space, binding)| match binding.target {
                    Target::Def(def) => {
                        Some(Export { name: name.clone(), space, def, hidden: binding.hidden })
                    }
                    Target::Opaque(_) => None,
                })
                .collect();
            list.sort_by(|a, b| (&a.name, a.space).cmp(&(&b.name, b.space)));
            for export in &list {
                if let Def { package, id: Id::Module(next) } = export.def
                    && package == self.me
                    && seen.insert(next)
                {
                    open.push(next);
                }
            }
            if let Some(slot) = exports.get_mut(module as usize) {
                *slot = list;
            }
        }
        resolved.exports = exports;
        resolved.told = self.told;
        resolved.model = self.model;
        resolved
    }
}

/// `Error`, `std::error::Error`, `StdError`.
fn is_error_trait(path: &[Name]) -> bool {
    match path {
        [.., module, last] => &**last == "Error" && &**module == "error",
        [only] => matches!(&**only, "Error" | "StdError"),
        [] => false,
    }
}
