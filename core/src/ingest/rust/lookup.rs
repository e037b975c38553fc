//! What a path leads to, from where it is written.

use std::sync::Arc;

use super::model::{Name, ROOT, Visibility};
use super::resolve::Resolver;
use super::scope::{Def, Id, Space, Target};

/// Private globs that lead from one module to the next: `use super::*` in a test, and its parent's.
const GLOB_CHAIN_MAX: u8 = 3;

/// A path, and where it is written.
pub(super) struct Written<'a> {
    pub module: u32,
    pub path: &'a [Name],
    pub from_crates: bool,
    pub import: Option<u32>,
    /// Whether other packages are to be opened for it.
    pub needed: bool,
}

impl Resolver<'_> {
    /// What a path leads to.
    pub(super) fn path(&self, written: &Written, space: Space) -> Option<Target> {
        let (first, mut rest) = written.path.split_first()?;
        let module = |module| Some(Target::Def(Def { package: self.me, id: Id::Module(module) }));
        let space_of = |rest: &[Name]| if rest.is_empty() { space } else { Space::Types };
        let mut target = match &**first {
            "crate" => module(ROOT)?,
            "self" if written.from_crates => module(ROOT)?,
            "self" => module(written.module)?,
            "super" => {
                let mut outer = self.model.modules.get(written.module as usize)?.parent;
                while let Some((next, tail)) = rest.split_first()
                    && &**next == "super"
                {
                    outer = self.model.modules.get(outer as usize)?.parent;
                    rest = tail;
                }
                module(outer)?
            }
            name if written.from_crates => self.crate_named(name)?,
            name => {
                let base =
                    if self.paths_from_root && written.import.is_some() { ROOT } else { written.module };
                let space = space_of(rest);
                let found = self.find(base, name, space, written);
                found.or_else(|| (space == Space::Types).then(|| self.crate_named(name)).flatten())?
            }
        };
        let names_module = rest.is_empty() && matches!(&**first, "crate" | "self" | "super");
        if names_module && space != Space::Types {
            return None;
        }
        while let Some((segment, tail)) = rest.split_first() {
            if &**segment == "self" {
                rest = tail;
                continue;
            }
            target = self.descend(target, segment, space_of(tail), written)?;
            rest = tail;
        }
        match target {
            Target::Opaque(path) if written.needed => self.open(&path, space).map(Target::Def),
            target => Some(target),
        }
    }

    /// What a name means in a module, seen from where `written` stands.
    fn find(&self, module: u32, name: &str, space: Space, written: &Written) -> Option<Target> {
        self.find_through(module, name, space, written, GLOB_CHAIN_MAX)
    }

    fn find_through(
        &self,
        module: u32,
        name: &str,
        space: Space,
        written: &Written,
        chain: u8,
    ) -> Option<Target> {
        let inside = self.is_within(written.module, module);
        // An import does not find itself.
        let other = |import: Option<u32>| written.import.is_none() || import != written.import;
        let found = self.scopes.get(module as usize)?.find(name, space);
        let found = found.filter(|one| other(one.import) && (inside || one.visibility > Visibility::Private));
        if let Some(binding) = found {
            return Some(binding.target.clone());
        }
        let chain = chain.checked_sub(1).filter(|_| inside)?;
        let globs = self.globs.get(&module)?;
        globs
            .iter()
            .filter(|(import, _)| other(Some(*import)))
            .find_map(|&(_, next)| self.find_through(next, name, space, written, chain))
    }

    fn crate_named(&self, name: &str) -> Option<Target> {
        let real = self.crates.get(name).map_or(name, |real| &**real);
        if real == "self" {
            return Some(Target::Def(Def { package: self.me, id: Id::Module(ROOT) }));
        }
        let plain = real.trim_start_matches("r#");
        let package = self.others.package(plain).or_else(|| self.model.macro_crates.get(plain).copied())?;
        Some(Target::Def(Def { package, id: Id::Module(ROOT) }))
    }

    fn descend(&self, target: Target, segment: &Name, space: Space, written: &Written) -> Option<Target> {
        match target {
            Target::Def(Def { package, id: Id::Module(module) }) if package == self.me => {
                self.find(module, segment, space, written)
            }
            Target::Def(Def { package, id: Id::Item(item) }) if package == self.me => {
                let mut variants = self.variants.get(&item)?.iter();
                let named =
                    |id: &&u32| self.model.items.get(**id as usize).is_some_and(|item| item.name == *segment);
                let id = Id::Item(*variants.find(named).filter(|_| space == Space::Values)?);
                Some(Target::Def(Def { package, id }))
            }
            Target::Def(def) if written.needed || self.needed.contains(&def.package) => {
                self.others.resolved(def.package)?.descend(def.id, segment, space).map(Target::Def)
            }
            Target::Def(Def { package, id: Id::Module(ROOT) }) => {
                Some(Target::Opaque(Arc::new((package, vec![segment.clone()]))))
            }
            Target::Def(_) => None,
            Target::Opaque(path) => {
                let mut longer = path.1.clone();
                longer.push(segment.clone());
                Some(Target::Opaque(Arc::new((path.0, longer))))
            }
        }
    }

    /// What an opaque path leads to, now that it is needed.
    pub(super) fn open(&self, path: &(u32, Vec<Name>), space: Space) -> Option<Def> {
        let mut def = Def { package: path.0, id: Id::Module(ROOT) };
        for (n, segment) in path.1.iter().enumerate() {
            let space = if n + 1 == path.1.len() { space } else { Space::Types };
            def = self.others.resolved(def.package)?.descend(def.id, segment, space)?;
        }
        Some(def)
    }

    pub(super) fn is_within(&self, mut module: u32, ancestor: u32) -> bool {
        while module != ancestor {
            match self.model.modules.get(module as usize) {
                Some(node) if module != ROOT => module = node.parent,
                _ => return false,
            }
        }
        true
    }
}
