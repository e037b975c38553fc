//! Name resolution over one crate's modules: a miniature of the compiler's, for items only.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::lookup::{Written, is_nowhere};
use super::model::{Guard, Import, Model, Name, Parent, ROOT, Span, Visibility};
use super::resolved::Resolved;
use super::scope::{Binding, Def, Id, Off, Scope, Space, Target};
use crate::ingest::SymbolKind;

/// Rounds after which imports that still bring something new are left alone.
const ROUNDS_MAX: usize = 64;
/// Names that globs bind in one crate; modules that all glob one another would bind the square.
const GLOB_NAMES_MAX: u32 = 2_000_000;

/// What a glob led to the last time, and the version of its names then.
type Last = (Id, u32);

/// A name that a glob brings.
struct Seen {
    name: Name,
    space: Space,
    visibility: Visibility,
    target: Target,
    hidden: bool,
    off: Off,
    guard: Option<Arc<Guard>>,
}

/// What a crate can see of others.
pub(super) trait Others: Sync {
    /// The package behind a crate's name in code.
    fn package(&self, name: &str) -> Option<u32>;
    fn resolved(&self, package: u32) -> Option<Arc<Resolved>>;
}

pub(super) struct Resolver<'a> {
    pub(super) model: Model,
    pub(super) me: u32,
    /// In the 2015 edition a `use` path starts at the root.
    pub(super) paths_from_root: bool,
    pub(super) others: &'a dyn Others,
    pub(super) scopes: Vec<Scope>,
    /// By enum: its variants.
    pub(super) variants: HashMap<u32, Vec<u32>>,
    /// `extern crate x as y` at the root: y is a crate's name everywhere.
    pub(super) crates: HashMap<Name, Name>,
    /// The packages that something public leads to.
    pub(super) needed: HashSet<u32>,
    /// By module: what its private globs name, by import. They are looked through rather than copied:
    /// a thousand modules that each `use super::*` would make a million bindings. Another crate is
    /// opened for a name only where something public needs it.
    pub(super) globs: HashMap<u32, Vec<(u32, Target)>>,
    /// What documented re-exports say of an item, by the name that they give it.
    pub(super) told: HashMap<(Def, Name), Span>,
    glob_names: u32,
}

/// Imports that give another name, by module.
fn renamed(imports: &[Import]) -> HashMap<u32, Vec<(Name, Box<str>)>> {
    let mut renamed: HashMap<u32, Vec<(Name, Box<str>)>> = HashMap::new();
    for import in imports.iter().filter(|import| !import.names_crate) {
        if let Some(name) = import.name.as_ref().filter(|name| import.path.last() != Some(name)) {
            let root = if import.from_crates { "::" } else { "" };
            let path = format!("{root}{}", import.path.join("::")).into();
            renamed.entry(import.module).or_default().push((name.clone(), path));
        }
    }
    renamed
}

impl<'a> Resolver<'a> {
    pub fn new(model: Model, me: u32, edition_2015: bool, others: &'a dyn Others) -> Resolver<'a> {
        let scopes = model.modules.iter().map(|_| Scope::default()).collect();
        let mut resolver = Resolver {
            model,
            me,
            paths_from_root: edition_2015,
            others,
            scopes,
            variants: HashMap::new(),
            crates: HashMap::new(),
            needed: HashSet::new(),
            globs: HashMap::new(),
            told: HashMap::new(),
            glob_names: 0,
        };
        resolver.bind_items();
        resolver
    }

    pub fn run(mut self) -> Resolved {
        let imports = std::mem::take(&mut self.model.imports);
        self.model.renamed = renamed(&imports);
        for import in &imports {
            if let ([name], Some(alias), true, ROOT) =
                (import.path.as_slice(), &import.name, import.names_crate, import.module)
            {
                self.crates.insert(alias.clone(), name.clone());
            }
        }
        let mut singles: Vec<(u32, [bool; 3])> = Vec::new();
        let mut globs: Vec<(u32, Option<Last>)> = Vec::new();
        for (index, import) in (0..).zip(&imports) {
            match import.name {
                Some(_) => singles.push((index, [false; 3])),
                None => globs.push((index, None)),
            }
        }
        let mut named_standard = false;
        // A glob may bring a name that an import then hides, so names are settled before each round
        // of globs, and all of them are looked at again after one that changed something.
        for _ in 0..ROUNDS_MAX {
            let mut open = singles.clone();
            for _ in 0..ROUNDS_MAX {
                let mut changed = false;
                open.retain_mut(|(index, done)| {
                    let Some(import) = imports.get(*index as usize) else { return false };
                    changed |= self.single(*index, import, done);
                    done.contains(&false)
                });
                if !changed {
                    break;
                }
            }
            let mut changed = false;
            for (index, seen) in &mut globs {
                if let Some(import) = imports.get(*index as usize) {
                    changed |= self.glob(*index, import, seen);
                }
            }
            if !changed {
                // Others may show what these bring.
                if named_standard || !self.name_standard(&imports, &open) {
                    break;
                }
                named_standard = true;
            }
        }
        self.finish()
    }

    fn bind_items(&mut self) {
        for (index, item) in self.model.items.iter().enumerate() {
            let index = index as u32;
            match item.parent {
                Parent::Item(parent) if item.kind == SymbolKind::Variant => {
                    self.variants.entry(parent).or_default().push(index);
                }
                Parent::Item(_) | Parent::Impl(_) => {}
                Parent::Module | Parent::Extern(_) if item.kind == SymbolKind::Mod => {}
                Parent::Module | Parent::Extern(_) => {
                    let binding = |visibility| Binding {
                        target: Target::Def(Def { package: self.me, id: Id::Item(index) }),
                        visibility,
                        glob: false,
                        off: self.model.off(index),
                        hidden: item.hidden,
                        inline: false,
                        guard: None,
                        import: None,
                    };
                    let space = Space::of(item.kind);
                    if (item.exported || item.procedural)
                        && let Some(root) = self.scopes.get_mut(ROOT as usize)
                    {
                        root.insert(&item.name, space, binding(Visibility::Public));
                    }
                    // A declarative macro is named by its text's scope, until it is exported.
                    let here = if item.exported { Visibility::Crate } else { item.visibility };
                    if !item.procedural
                        && let Some(scope) = self.scopes.get_mut(item.module as usize)
                    {
                        scope.insert(&item.name, space, binding(here));
                    }
                }
            }
        }
        for (index, module) in self.model.modules.iter().enumerate() {
            let Some((at, item)) =
                module.item.and_then(|item| Some((item, self.model.items.get(item as usize)?)))
            else {
                continue;
            };
            let binding = Binding {
                target: Target::Def(Def { package: self.me, id: Id::Module(index as u32) }),
                visibility: item.visibility,
                glob: false,
                off: self.model.off(at),
                hidden: module.hidden,
                inline: false,
                guard: None,
                import: None,
            };
            if let Some(scope) = self.scopes.get_mut(module.parent as usize) {
                scope.insert(&module.name, Space::Types, binding);
            }
        }
    }

    /// Binds what an import names, in each namespace where that is not `done`. True where it brought
    /// something new.
    fn single(&mut self, index: u32, import: &Import, done: &mut [bool; 3]) -> bool {
        let Some(name) = &import.name else { return false };
        let written = Written {
            module: import.module,
            path: &import.path,
            from_crates: import.from_crates,
            names_crate: import.names_crate,
            import: Some(index),
            needed: import.visibility == Visibility::Public,
        };
        let mut found: Vec<(Space, Target, Visibility)> = Vec::new();
        for (space, done) in Space::ALL.into_iter().zip(done) {
            if import.types_only && space != Space::Types {
                *done = true;
            }
            // Where the standard library is not at hand, its names hide others and show nothing.
            let shows = |target: &Target| import.visibility == Visibility::Private || !is_nowhere(target);
            if !*done && let Some((target, seen)) = self.seen(&written, space).filter(|(one, _)| shows(one)) {
                found.push((space, target, seen));
                *done = true;
            }
        }
        let widest = found.iter().map(|(_, _, seen)| *seen).max();
        let version = |resolver: &Resolver| {
            resolver.scopes.get(import.module as usize).map_or(0, |scope| scope.version)
        };
        let before = version(self);
        for (space, target, seen) in found {
            // Of a name's meanings an import shows those that may be shown. Where none may, the code
            // does not compile, or a macro declares it otherwise than it was read.
            let narrower = space != Space::Macros && Some(seen) < widest;
            let visibility = if narrower { import.visibility.min(seen) } else { import.visibility };
            self.note_need(&target, visibility);
            if let Target::Def(def) = target
                && import.documented
                && import.visibility > Visibility::Private
            {
                self.told.entry((def, name.clone())).or_insert(import.span);
            }
            let binding = Binding {
                target,
                visibility,
                glob: false,
                off: Off::new(import.off, import.by_feature),
                hidden: import.hidden,
                inline: import.inline,
                guard: import.guard.clone(),
                import: Some(index),
            };
            if let Some(scope) = self.scopes.get_mut(import.module as usize) {
                scope.insert(name, space, binding);
            }
        }
        version(self) != before
    }

    /// Binds everything visible in what a glob names, if that changed since the last time.
    fn glob(&mut self, index: u32, import: &Import, seen: &mut Option<Last>) -> bool {
        let needed = import.visibility == Visibility::Public;
        let written = Written {
            module: import.module,
            path: &import.path,
            from_crates: import.from_crates,
            names_crate: false,
            import: Some(index),
            needed,
        };
        let def = match self.path(&written, Space::Types) {
            Some(Target::Def(def)) => def,
            Some(target) if seen.is_none() && !is_nowhere(&target) => {
                *seen = Some((Id::Module(ROOT), u32::MAX));
                self.globs.entry(import.module).or_default().push((index, target));
                return true;
            }
            _ => return false,
        };
        let version = match def.id {
            Id::Module(module) if def.package == self.me => {
                self.scopes.get(module as usize).map_or(0, |scope| scope.version)
            }
            _ => 0,
        };
        if *seen == Some((def.id, version))
            || def == (Def { package: self.me, id: Id::Module(import.module) })
        {
            return false;
        }
        let first = seen.is_none();
        *seen = Some((def.id, version));
        let elsewhere = def.package != self.me && !needed;
        if elsewhere || matches!(def.id, Id::Module(_)) && import.visibility == Visibility::Private {
            if first {
                self.globs.entry(import.module).or_default().push((index, Target::Def(def)));
            }
            return first;
        }
        self.note_need(&Target::Def(def), import.visibility);
        if self.glob_names > GLOB_NAMES_MAX {
            return false;
        }
        let found = self.names_in(def, import);
        let Some(scope) = self.scopes.get_mut(import.module as usize) else { return false };
        let before = scope.version;
        for Seen { name, space, visibility, target, hidden, off, guard } in found {
            let binding = Binding {
                target,
                visibility: visibility.min(import.visibility),
                glob: true,
                off: off.max(Off::new(import.off, import.by_feature)),
                hidden: hidden || import.hidden,
                inline: import.inline,
                guard: Guard::both(import.guard.as_ref(), guard.as_ref()),
                import: Some(index),
            };
            scope.insert(&name, space, binding);
        }
        let new = scope.version - before;
        self.glob_names += new;
        new > 0
    }

    fn names_in(&self, def: Def, import: &Import) -> Vec<Seen> {
        match def.id {
            Id::Module(module) if def.package == self.me => {
                let Some(scope) = self.scopes.get(module as usize) else { return Vec::new() };
                let inside = self.is_within(import.module, module);
                let mut found: Vec<_> = scope
                    .iter()
                    .filter(|(_, _, binding)| inside || binding.visibility > Visibility::Private)
                    .map(|(name, space, one)| Seen {
                        name: name.clone(),
                        space,
                        visibility: one.visibility,
                        target: one.target.clone(),
                        hidden: one.hidden,
                        off: one.off,
                        guard: one.guard.clone(),
                    })
                    .collect();
                found.sort_by(|a, b| (&a.name, a.space).cmp(&(&b.name, b.space)));
                found
            }
            Id::Module(module) => {
                let Some(other) = self.others.resolved(def.package) else { return Vec::new() };
                let found = other.exports(module).iter();
                found
                    .map(|one| Seen {
                        name: one.name.clone(),
                        space: one.space,
                        visibility: Visibility::Public,
                        target: Target::Def(one.def),
                        hidden: one.hidden,
                        off: Off::No,
                        // Its features are the other package's.
                        guard: None,
                    })
                    .collect()
            }
            Id::Item(item) => {
                let variant = |name: Name, id| Seen {
                    name,
                    space: Space::Values,
                    visibility: Visibility::Public,
                    target: Target::Def(Def { package: def.package, id: Id::Item(id) }),
                    hidden: false,
                    off: Off::No,
                    guard: None,
                };
                if def.package == self.me {
                    let variants = self.variants.get(&item).into_iter().flatten();
                    let named = variants
                        .filter_map(|&id| Some((self.model.items.get(id as usize)?.name.clone(), id)));
                    let mut seen = HashSet::new();
                    let first = named.filter(|(name, _)| seen.insert(name.clone()));
                    return first.map(|(name, id)| variant(name, id)).collect();
                }
                let Some(other) = self.others.resolved(def.package) else { return Vec::new() };
                other.variants(item).map(|(name, id)| variant(name.clone(), id)).collect()
            }
        }
    }

    fn note_need(&mut self, target: &Target, visibility: Visibility) {
        if let Target::Def(def) = target
            && visibility == Visibility::Public
            && def.package != self.me
        {
            self.needed.insert(def.package);
        }
    }
}
