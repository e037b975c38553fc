//! Which macro a call means.
//!
//! A name of one segment means the macro that was last defined before it in its file or in the
//! modules around it; that is settled at once. Everything else waits until all files are read that
//! are reached without it: an import, a `#[macro_use]` of a sibling module, another package.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::model::{Import, Model, Name, ROOT};
use super::super::resolve::Others;
use super::super::scope::{Def, Id, Space};
use super::shapes::Shape;
use super::{Call, Definition, Made, Spent};
use crate::ingest::STANDARD_CRATES;

/// Imports that lead from one to the next.
const CHAIN_MAX: u8 = 4;
/// Definitions of one name that are looked at, the later ones first.
const CANDIDATES_MAX: usize = 256;

/// What a call is answered by.
#[derive(Clone, Debug)]
pub(in super::super) enum Means {
    /// A definition, and what `$crate` stands for in it.
    Rules(Arc<Definition>, Arc<str>),
    /// A shape, and a definition for what it does not take.
    Shape(Shape, Option<(Arc<Definition>, Arc<str>)>),
}

impl Means {
    pub fn expand(&self, call: &Call) -> Result<Option<Made>, Spent> {
        let lines = &call.origin.lines;
        match self {
            Means::Rules(definition, home) => definition.expand(&call.argument, lines, home),
            Means::Shape(shape, rules) => {
                let home = rules.as_ref().map(|(_, home)| &**home);
                match (shape.expand(&call.argument, lines, home)?, rules) {
                    (None, Some((definition, home))) => definition.expand(&call.argument, lines, home),
                    (made, _) => Ok(made),
                }
            }
        }
    }
}

/// The macros of the crate that is being read, and of those that it names.
#[derive(Default)]
pub(in super::super) struct Names {
    /// By name: places in the model's list.
    own: HashMap<Name, Vec<usize>>,
    /// By the module around it, and name.
    modules: HashMap<(u32, Name), u32>,
    /// How far these lists were read, and the imports.
    read: (usize, usize, usize),
    /// By name, and by module for globs: places in the model's list of imports.
    imports: HashMap<Name, Vec<usize>>,
    globs: HashMap<u32, Vec<usize>>,
    extern_crates: Vec<usize>,
    /// What was found for a path written in a module, since the lists last grew.
    known: HashMap<(u32, Box<str>), Option<Means>>,
}

impl Names {
    /// Takes in what the model has learnt since the last time.
    pub fn learn(&mut self, model: &Model) {
        let (macros, imports, modules) = self.read;
        for (at, one) in model.modules.iter().enumerate().skip(modules.max(1)) {
            self.modules.entry((one.parent, one.name.clone())).or_insert(at as u32);
        }
        for (at, one) in model.macros.iter().enumerate().skip(macros) {
            self.own.entry(one.name.clone()).or_default().push(at);
        }
        for (at, import) in model.imports.iter().enumerate().skip(imports) {
            match &import.name {
                Some(name) => self.imports.entry(name.clone()).or_default().push(at),
                None => self.globs.entry(import.module).or_default().push(at),
            }
            if import.names_crate {
                self.extern_crates.push(at);
            }
        }
        let now = (model.macros.len(), model.imports.len(), model.modules.len());
        if self.read != now {
            self.known.clear();
        }
        self.read = now;
    }

    /// The macro in whose textual scope the call stands.
    pub fn near(&self, model: &Model, call: &Call, module: u32) -> Option<Means> {
        let candidates = self.own.get(&*call.path)?;
        let (file, at) = model.place_in_file(call.file, call.at);
        let scope = candidates.iter().rev().take(CANDIDATES_MAX).filter_map(|&one| {
            let definition = model.macros.get(one)?;
            let (other, before) = model.place_in_file(definition.file, definition.at);
            let depth = model.depth_below(module, definition.module)?;
            // Of one file the last before the call, of others the nearest module.
            let here = other == file;
            let before = before < at || definition.file == call.file && definition.at < call.at;
            (!here || before).then_some(((!definition.off, here, if here { one } else { depth }), one))
        });
        let (_, best) = scope.max()?;
        self.of_own(model, best)
    }

    /// The macro that the call means once all that can be read without it is read.
    pub fn far(&mut self, model: &mut Model, others: &dyn Others, call: &Call, module: u32) -> Option<Means> {
        let key = (module, call.path.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let found = self.near(model, call, module).or_else(|| self.search(model, others, &call.path, module));
        self.known.insert(key, found.clone());
        found
    }

    fn search(&self, model: &mut Model, others: &dyn Others, path: &str, module: u32) -> Option<Means> {
        let segments: Vec<Name> = path
            .split("::")
            .filter(|one| !one.is_empty())
            .map(|one| Arc::from(one.trim_start_matches('$')))
            .collect();
        let last = segments.last()?.clone();
        if Shape::of(&last) == Some(Shape::Items) {
            return Some(Means::Shape(Shape::Items, None));
        }
        let search = Search { names: self, others };
        let mut found = search.path(model, &segments, module, CHAIN_MAX);
        // A crate's own `vec!` may hand its argument on to `std::vec!`: the one is not the other.
        let (first, longer) = (segments.first()?, segments.len() > 1);
        if !(longer && STANDARD_CRATES.contains(&&**first)) {
            found = found
                .or_else(|| self.any_own(model, &last, module))
                .or_else(|| search.brought(model, &last, module));
        }
        found.or_else(|| Shape::of(&last).map(|shape| Means::Shape(shape, None)))
    }

    fn of_own(&self, model: &Model, at: usize) -> Option<Means> {
        let one = model.macros.get(at)?;
        Some(Means::Rules(one.definition.clone(), Arc::from("crate")))
    }

    /// A macro of this crate, wherever it stands: the one built here, then the nearest, then the
    /// first.
    fn any_own(&self, model: &Model, name: &str, module: u32) -> Option<Means> {
        let candidates = self.own.get(name)?.iter().take(CANDIDATES_MAX).filter_map(|&at| {
            let one = model.macros.get(at)?;
            Some(((!one.off, model.common_depth(module, one.module), one.exported, usize::MAX - at), at))
        });
        let (_, best) = candidates.max()?;
        self.of_own(model, best)
    }
}

struct Search<'a> {
    names: &'a Names,
    others: &'a dyn Others,
}

impl Search<'_> {
    /// Follows a path, as written in a module, to another package or to a macro of this one.
    fn path(&self, model: &mut Model, path: &[Name], module: u32, chain: u8) -> Option<Means> {
        let chain = chain.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        if matches!(&**first, "crate" | "self" | "super") {
            let last = path.last()?;
            let found = self.inside(model, path, module, chain);
            return found.or_else(|| self.names.any_own(model, last, module)).or_else(|| {
                let imports = self.imports(model, last, None);
                imports.iter().find_map(|import| self.import(model, import, chain))
            });
        }
        if !rest.is_empty()
            && let Some(package) = self.package(model, first)
        {
            return self.foreign(model, package, rest);
        }
        let imports = self.imports(model, first, Some(module));
        let imported = imports.iter().find_map(|import| {
            let longer: Vec<Name> = import.path.iter().chain(rest).cloned().collect();
            if longer.as_slice() == path && !import.from_crates {
                return None;
            }
            self.path(model, &longer, import.module, chain)
        });
        imported.or_else(|| match rest.last() {
            None => self.names.any_own(model, first, module),
            Some(last) if STANDARD_CRATES.contains(&&**first) => {
                Shape::of(last).map(|shape| Means::Shape(shape, None))
            }
            Some(_) => self.inside(model, path, module, chain),
        })
    }

    /// Follows a path through modules of this crate to a name that an import gives a macro.
    fn inside(&self, model: &mut Model, path: &[Name], mut module: u32, chain: u8) -> Option<Means> {
        let (last, modules) = path.split_last()?;
        for segment in modules {
            module = match &**segment {
                "crate" => ROOT,
                "self" => module,
                "super" => model.modules.get(module as usize)?.parent,
                _ => *self.names.modules.get(&(module, segment.clone()))?,
            };
        }
        (!modules.is_empty()).then(|| self.path(model, std::slice::from_ref(last), module, chain))?
    }

    fn import(&self, model: &mut Model, import: &Import, chain: u8) -> Option<Means> {
        self.path(model, &import.path, import.module, chain)
    }

    /// The imports under a name, of one module or of all.
    fn imports(&self, model: &Model, name: &str, module: Option<u32>) -> Vec<Import> {
        let list = self.names.imports.get(name).into_iter().flatten();
        let imports = list.filter_map(|&at| model.imports.get(at));
        imports
            .filter(|import| module.is_none_or(|module| import.module == module))
            .take(8)
            .cloned()
            .collect()
    }

    /// What comes without being named where it is called: by a glob, by `#[macro_use] extern crate`,
    /// by a sibling's import.
    fn brought(&self, model: &mut Model, name: &Name, module: u32) -> Option<Means> {
        let of = |list: &[usize], model: &Model| -> Vec<Import> {
            list.iter().filter_map(|&at| model.imports.get(at)).take(64).cloned().collect()
        };
        let globs = self.names.globs.get(&module).map_or_else(Vec::new, |list| of(list, model));
        let crates = of(&self.names.extern_crates, model);
        for import in globs.iter().chain(&crates) {
            let (Some(first), rest) = (import.path.first(), import.path.get(1..).unwrap_or_default()) else {
                continue;
            };
            let Some(package) = self.package(model, first) else { continue };
            let path: Vec<Name> = rest.iter().chain([name]).cloned().collect();
            if let Some(found) = self.foreign(model, package, &path) {
                return Some(found);
            }
        }
        let imports = self.imports(model, name, None);
        imports.iter().find_map(|import| self.import(model, import, CHAIN_MAX))
    }

    fn package(&self, model: &Model, name: &str) -> Option<u32> {
        let name = name.trim_start_matches("r#");
        model.macro_crates.get(name).copied().or_else(|| self.others.package(name))
    }

    /// A macro of another package, by its path there.
    fn foreign(&self, model: &mut Model, package: u32, path: &[Name]) -> Option<Means> {
        let mut def = Def { package, id: Id::Module(ROOT) };
        for (n, segment) in path.iter().enumerate() {
            let space = if n + 1 == path.len() { Space::Macros } else { Space::Types };
            def = self.others.resolved(def.package)?.descend(def.id, segment, space)?;
        }
        let owner = self.others.resolved(def.package)?;
        let Id::Item(item) = def.id else { return None };
        match owner.model.macro_of(item) {
            Some(one) => {
                let home = self.home(model, def.package, &owner.model);
                let rules = (one.definition.clone(), home);
                if &*one.name == "bitflags" && owner.model.modules.first()?.name == one.name {
                    // The second version can be parsed from text, the first could not.
                    let second = owner.model.modules.iter().any(|one| &*one.name == "parser");
                    let version = if second { 2 } else { 1 };
                    return Some(Means::Shape(Shape::Bitflags(version), Some(rules)));
                }
                Some(Means::Rules(rules.0, rules.1))
            }
            None => Shape::of(path.last()?).map(|shape| Means::Shape(shape, None)),
        }
    }

    /// How the expansions of a package's macros name that package. A crate need not depend on one
    /// by name to call its macros.
    fn home(&self, model: &mut Model, package: u32, owner: &Model) -> Arc<str> {
        let name = owner.modules.first().map_or("", |root| &*root.name);
        let named = self.package(model, name);
        let name: Name = match named {
            Some(other) if other != package => Arc::from(format!("{name}_{package}")),
            _ => Arc::from(name),
        };
        let home = Arc::from(format!("::{name}"));
        model.macro_crates.insert(name, package);
        home
    }
}
