//! What is kept of a crate after name resolution: what others may see of it, and what hangs on its
//! types.

use std::collections::HashSet;

use super::lookup::Written;
use super::model::{Name, Parent, ROOT, Visibility};
use super::primitives::primitive;
use super::resolve::Resolver;
use super::resolved::{Export, Resolved};
use super::scope::{Def, Id, Off, Space, Target};

impl Resolver<'_> {
    /// Hangs the items of impls on their types, and keeps of the scopes what others may see.
    pub(super) fn finish(mut self) -> Resolved {
        let mut resolved = Resolved { package: self.me, ..Resolved::default() };
        resolved.aliases = self.aliases().into_iter().collect();
        resolved.alternatives = self.alternatives();
        resolved.other_modules = self.other_modules();
        for (index, item) in self.model.items.iter().enumerate() {
            if let Parent::Item(parent) = item.parent {
                resolved.members.entry(parent).or_default().push(index as u32);
            }
        }
        for one in &self.model.impls {
            let items = || one.items.clone().chain(one.expanded.iter().copied());
            let (module, path) = (one.module, one.trait_path.as_slice());
            let of_trait =
                Written { module, path, from_crates: false, names_crate: false, import: None, needed: false };
            let behind = self.behind(one.module, &one.self_type, false);
            let mut target = behind.as_ref().map(|behind| behind.def);
            resolved.arguments.push(behind.map(|behind| behind.arguments).unwrap_or_default());
            if let Some(alias) = self.public_alias(one)
                && let Some(declared) = target.replace(Def { package: self.me, id: Id::Item(alias) })
                && declared.package == self.me
                && let Id::Item(declared) = declared.id
                && declared != alias
            {
                resolved.by_alias.entry(declared).or_default().extend(items());
            }
            let local_trait = match self.path(&of_trait, Space::Types) {
                Some(Target::Def(Def { package, id: Id::Item(item) })) if package == self.me => Some(item),
                _ => None,
            };
            resolved.local_traits.push(local_trait);
            let on_item = matches!(target, Some(Def { id: Id::Item(_), .. }));
            if let Some(primitive) =
                primitive(&one.self_text).filter(|_| !on_item && one.trait_text.is_none())
            {
                resolved.primitives.entry(primitive.into()).or_default().extend(items());
                continue;
            }
            match target {
                Some(Def { package, id: Id::Item(item) }) if package == self.me => {
                    resolved.members.entry(item).or_default().extend(items());
                    if local_trait.is_none() && is_error_trait(&one.trait_path) {
                        resolved.error_types.insert(item);
                    }
                }
                Some(def) if items().next().is_some() => {
                    resolved.foreign_members.entry(def).or_default().extend(items());
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
                    Target::Def(def) => Some(Export {
                        name: name.clone(),
                        space,
                        def,
                        hidden: binding.hidden,
                        inline: binding.inline,
                        guard: binding.guard.clone(),
                        off: binding.import.is_some() && binding.off != Off::No,
                    }),
                    Target::Opaque(_) => None,
                })
                .collect();
            list.sort_by(|a, b| (&a.name, a.space).cmp(&(&b.name, b.space)));
            let others = resolved.other_modules.get(&module).into_iter().flatten();
            for export in list.iter().chain(others) {
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
