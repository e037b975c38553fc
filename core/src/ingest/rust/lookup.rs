//! What a path leads to, from where it is written.

use std::sync::Arc;

use super::model::{Name, ROOT, Visibility};
use super::resolve::Resolver;
use super::scope::{Def, Id, Space, Target};

/// Modules that are looked through for one name, along private globs that lead from one to the
/// next: `use super::*` in a test, and its parent's.
const GLOB_MODULES_MAX: usize = 256;

/// Crates that are there without being named, and that the source set may lack.
const STANDARD: [&str; 5] = ["std", "core", "alloc", "proc_macro", "test"];

/// No package's number: what the standard library's names lead to where it is not in the set.
const NOWHERE: u32 = u32::MAX - 1;

pub(super) fn is_nowhere(target: &Target) -> bool {
    matches!(target, Target::Opaque(path) if path.0 == NOWHERE)
}

/// A path, and where it is written.
pub(super) struct Written<'a> {
    pub module: u32,
    pub path: &'a [Name],
    pub from_crates: bool,
    /// Whether the path is a crate's name: `extern crate x`.
    pub names_crate: bool,
    pub import: Option<u32>,
    /// Whether other packages are to be opened for it.
    pub needed: bool,
}

impl Resolver<'_> {
    /// What a path leads to.
    pub(super) fn path(&self, written: &Written, space: Space) -> Option<Target> {
        self.seen(written, space).map(|(target, _)| target)
    }

    /// What a path leads to, and how visible its last name is.
    pub(super) fn seen(&self, written: &Written, space: Space) -> Option<(Target, Visibility)> {
        let (mut first, mut rest) = written.path.split_first()?;
        let mut from_crates = written.from_crates;
        if first.is_empty() {
            (first, rest) = rest.split_first()?;
            from_crates = true;
        }
        let module = |module| {
            Some((Target::Def(Def { package: self.me, id: Id::Module(module) }), Visibility::Public))
        };
        let space_of = |rest: &[Name]| if rest.is_empty() { space } else { Space::Types };
        let mut found = match &**first {
            "crate" => module(ROOT)?,
            "self" if from_crates => module(ROOT)?,
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
            // In the 2015 edition `::a` starts at the root, as every `use` does.
            name => {
                let from_root = self.paths_from_root && (written.import.is_some() || from_crates);
                let base = if from_root { ROOT } else { written.module };
                let local = if from_crates && !from_root || written.names_crate {
                    None
                } else {
                    self.find(base, name, space_of(rest), written)
                };
                let public = |target| (target, Visibility::Public);
                local.or_else(|| {
                    let names_module = from_crates || space_of(rest) == Space::Types;
                    names_module.then(|| self.crate_named(name).map(public)).flatten()
                })?
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
            found = self.descend(found.0, segment, space_of(tail), written)?;
            rest = tail;
        }
        match found {
            (Target::Opaque(path), visibility) if written.needed && path.0 != NOWHERE => {
                self.open(&path, space).map(|def| (Target::Def(def), visibility))
            }
            (Target::Opaque(path), _) if path.0 == NOWHERE && !standard_has(&path.1, space) => None,
            found => Some(found),
        }
    }

    /// What a name means in a module, seen from where `written` stands.
    fn find(&self, module: u32, name: &str, space: Space, written: &Written) -> Option<(Target, Visibility)> {
        self.find_through(module, name, space, written, &mut Vec::new())
    }

    fn find_through(
        &self,
        module: u32,
        name: &str,
        space: Space,
        written: &Written,
        visited: &mut Vec<u32>,
    ) -> Option<(Target, Visibility)> {
        if visited.len() >= GLOB_MODULES_MAX || visited.contains(&module) {
            return None;
        }
        visited.push(module);
        let inside = self.is_within(written.module, module);
        // An import does not find itself.
        let other = |import: Option<u32>| written.import.is_none() || import != written.import;
        let found = self.scopes.get(module as usize)?.find(name, space);
        let found = found.filter(|one| other(one.import) && (inside || one.visibility > Visibility::Private));
        if let Some(binding) = found {
            return Some((binding.target.clone(), binding.visibility));
        }
        let globs = self.globs.get(&module).filter(|_| inside)?;
        let mut globs = globs.iter().filter(|(import, _)| other(Some(*import)));
        globs.find_map(|(_, next)| match next {
            Target::Def(Def { package, id: Id::Module(next) }) if *package == self.me => {
                self.find_through(*next, name, space, written, visited)
            }
            elsewhere => {
                let package = match elsewhere {
                    Target::Def(def) => def.package,
                    Target::Opaque(path) => path.0,
                };
                if !written.needed && !self.needed.contains(&package) {
                    return None;
                }
                let def = match elsewhere {
                    Target::Def(def) => *def,
                    Target::Opaque(path) => self.open(path, Space::Types)?,
                };
                let found = self.others.resolved(def.package)?.descend(def.id, name, space)?;
                Some((Target::Def(found), Visibility::Public))
            }
        })
    }

    fn crate_named(&self, name: &str) -> Option<Target> {
        let real = self.crates.get(name).map_or(name, |real| &**real);
        if real == "self" {
            return Some(Target::Def(Def { package: self.me, id: Id::Module(ROOT) }));
        }
        let real = real.trim_start_matches("r#");
        match self.others.package(real).or_else(|| self.model.macro_crates.get(real).copied()) {
            Some(package) => Some(Target::Def(Def { package, id: Id::Module(ROOT) })),
            None if STANDARD.contains(&real) => Some(Target::Opaque(Arc::new((NOWHERE, Vec::new())))),
            None => None,
        }
    }

    fn descend(
        &self,
        target: Target,
        segment: &Name,
        space: Space,
        written: &Written,
    ) -> Option<(Target, Visibility)> {
        let target = match target {
            Target::Def(Def { package, id: Id::Module(module) }) if package == self.me => {
                return self.find(module, segment, space, written);
            }
            Target::Def(Def { package, id: Id::Item(item) }) if package == self.me => {
                let mut variants = self.variants.get(&item)?.iter();
                let named =
                    |id: &&u32| self.model.items.get(**id as usize).is_some_and(|item| item.name == *segment);
                let id = Id::Item(*variants.find(named).filter(|_| space == Space::Values)?);
                Target::Def(Def { package, id })
            }
            Target::Def(def) if written.needed || self.needed.contains(&def.package) => {
                self.others.resolved(def.package)?.descend(def.id, segment, space).map(Target::Def)?
            }
            Target::Def(Def { package, id: Id::Module(ROOT) }) => {
                Target::Opaque(Arc::new((package, vec![segment.clone()])))
            }
            Target::Def(_) => return None,
            Target::Opaque(path) => {
                let mut longer = path.1.clone();
                longer.push(segment.clone());
                Target::Opaque(Arc::new((path.0, longer)))
            }
        };
        Some((target, Visibility::Public))
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

    pub(super) fn is_within(&self, module: u32, ancestor: u32) -> bool {
        self.model.way_up(module).any(|outer| outer == ancestor)
    }
}

/// Whether a name of the standard library may be one of this namespace: `std::mem` is a module (or a
/// macro), `std::mem::swap` a function (or a module), and a type may be all three.
fn standard_has(path: &[Name], space: Space) -> bool {
    let Some(last) = path.last() else { return space == Space::Types };
    match space {
        Space::Types => true,
        _ if last.starts_with(char::is_uppercase) => true,
        Space::Values => path.len() > 1,
        Space::Macros => path.len() == 1,
    }
}
