//! What stands behind a type's name, through aliases: whose methods `pub type Mutex<T> =
//! lock_api::Mutex<RawMutex, T>` has, and of which of its impls.

use super::lookup::Written;
use super::model::{Impl, Name, Parent, Visibility};
use super::resolve::Resolver;
use super::scope::{Def, Id, Space, Target};
use super::types::{Applied, Argument};
use crate::ingest::STANDARD_CRATES;

/// Aliases of aliases.
const HOPS_MAX: u8 = 8;

/// A declared type and the arguments that it is given.
#[derive(Clone, Debug)]
pub(super) struct Behind {
    pub def: Def,
    pub arguments: Vec<Arg>,
}

/// A generic argument, as far as it is told from another.
#[derive(Clone, Debug)]
pub(super) enum Arg {
    Any,
    /// Two that are found are the same if they are one declaration; others by name.
    Type {
        name: Name,
        def: Option<Def>,
        arguments: Vec<Arg>,
    },
    Text(Box<str>),
}

impl Arg {
    /// Whether a type may be given both.
    pub fn fits(&self, other: &Arg) -> bool {
        match (self, other) {
            (Arg::Any, _) | (_, Arg::Any) => true,
            (
                Arg::Type { name: a, def: def_a, arguments: list_a },
                Arg::Type { name: b, def: def_b, arguments: list_b },
            ) => {
                let same = match (def_a, def_b) {
                    (Some(one), Some(other)) => one == other,
                    _ => a == b,
                };
                same && all_fit(list_a, list_b)
            }
            (Arg::Text(a), Arg::Text(b)) => a == b,
            _ => false,
        }
    }
}

/// The arguments as they tell one impl's items from another's: empty where all are parameters.
pub(super) fn shown(arguments: &[Arg]) -> String {
    if arguments.iter().all(|one| matches!(one, Arg::Any)) {
        return String::new();
    }
    let one = |argument: &Arg| match argument {
        Arg::Any => "_".to_owned(),
        Arg::Type { name, arguments, .. } => format!("{name}{}", shown(arguments)),
        Arg::Text(text) => text.to_string(),
    };
    format!("<{}>", arguments.iter().map(one).collect::<Vec<_>>().join(","))
}

/// Whether what is declared for `these` arguments is there for `those`. Defaults are left out at
/// the end.
pub(super) fn all_fit(these: &[Arg], those: &[Arg]) -> bool {
    these.iter().zip(those).all(|(one, other)| one.fits(other))
}

impl Resolver<'_> {
    /// What each alias of the crate stands for. What public ones lead to is opened for it, but for
    /// the standard library: nobody looks for the methods of `Result` under every crate's own.
    pub(super) fn aliases(&mut self) -> Vec<(u32, Behind)> {
        let mut list: Vec<(u32, Behind)> = Vec::new();
        for (&index, applied) in &self.model.aliases {
            let Some(item) = self.model.items.get(index as usize) else { continue };
            let standard = applied.path.first().is_some_and(|one| STANDARD_CRATES.contains(&&**one));
            let needed = item.visibility == Visibility::Public && item.parent == Parent::Module && !standard;
            if let Some(behind) = self.behind(item.module, applied, needed) {
                list.push((index, behind));
            }
        }
        let me = self.me;
        self.needed.extend(list.iter().map(|(_, behind)| behind.def.package).filter(|&one| one != me));
        list
    }

    /// The public alias that an impl names as its type: its items stand under it as they are written.
    pub(super) fn public_alias(&self, one: &Impl) -> Option<u32> {
        let (module, path) = (one.module, one.self_type.path.as_slice());
        let written =
            Written { module, path, from_crates: false, names_crate: false, import: None, needed: false };
        match self.path(&written, Space::Types)? {
            Target::Def(Def { package, id: Id::Item(item) }) if package == self.me => {
                let alias = self.model.items.get(item as usize)?;
                let is_alias =
                    alias.visibility == Visibility::Public && self.model.aliases.contains_key(&item);
                is_alias.then_some(item)
            }
            _ => None,
        }
    }

    /// The type that is written in a module.
    pub(super) fn behind(&self, module: u32, applied: &Applied, needed: bool) -> Option<Behind> {
        self.behind_after(module, applied, needed, 0)
    }

    fn behind_after(&self, module: u32, applied: &Applied, needed: bool, hops: u8) -> Option<Behind> {
        let path = &applied.path;
        let written = Written { module, path, from_crates: false, names_crate: false, import: None, needed };
        let def = match self.path(&written, Space::Types)? {
            Target::Def(def) => def,
            Target::Opaque(path) if needed || self.needed.contains(&path.0) => {
                self.open(&path, Space::Types)?
            }
            Target::Opaque(_) => return None,
        };
        let Id::Item(item) = def.id else { return None };
        let next = if def.package != self.me {
            self.others.resolved(def.package).and_then(|other| other.aliases.get(&item).cloned())
        } else if let Some(alias) = self.model.aliases.get(&item).filter(|_| hops < HOPS_MAX) {
            let module = self.model.items.get(item as usize)?.module;
            self.behind_after(module, alias, needed, hops + 1)
        } else {
            None
        };
        Some(
            next.unwrap_or_else(|| Behind {
                def,
                arguments: self.arguments(module, &applied.arguments, hops),
            }),
        )
    }

    fn arguments(&self, module: u32, list: &[Argument], hops: u8) -> Vec<Arg> {
        let argument = |one: &Argument| match one {
            Argument::Any => Arg::Any,
            Argument::Text(text) => Arg::Text(text.clone()),
            Argument::Type(applied) => {
                let Some(name) = applied.path.last().cloned() else { return Arg::Any };
                let behind =
                    (hops < HOPS_MAX).then(|| self.behind_after(module, applied, false, hops + 1)).flatten();
                match behind {
                    Some(Behind { def, arguments }) => Arg::Type { name, def: Some(def), arguments },
                    None => {
                        let arguments = self.arguments(module, &applied.arguments, hops.saturating_add(1));
                        Arg::Type { name, def: None, arguments }
                    }
                }
            }
        };
        list.iter().map(argument).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, id: Option<u32>) -> Arg {
        let def = id.map(|id| Def { package: 0, id: Id::Item(id) });
        Arg::Type { name: Name::from(name), def, arguments: Vec::new() }
    }

    #[test]
    fn an_argument_fits_itself_and_a_parameter() {
        assert!(named("Open", Some(1)).fits(&Arg::Any));
        assert!(named("Open", Some(1)).fits(&named("Renamed", Some(1))));
        assert!(!named("Open", Some(1)).fits(&named("Open", Some(2))));
        assert!(named("Open", Some(1)).fits(&named("Open", None)));
        assert!(!named("Open", None).fits(&named("Shut", None)));
        assert!(!Arg::Text("3".into()).fits(&Arg::Text("4".into())));
        assert!(all_fit(&[Arg::Any], &[]));
    }
}
