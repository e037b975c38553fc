//! The paths under which a crate's items can be written, and the best one of each.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::cfg;
use super::model::{Model, ROOT};
use super::resolved::Resolved;
use super::scope::{Def, Id};

/// Other paths kept of an item.
pub const OTHERS_MAX: usize = 32;
/// A path longer than this comes from modules that re-export one another.
const SEGMENTS_MAX: u32 = 32;

/// A declaration with the paths that lead to it from outside.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub def: Def,
    pub path: Arc<str>,
    pub others: Vec<Arc<str>>,
    /// Only reachable through something marked `#[doc(hidden)]`.
    pub hidden: bool,
    /// The conditions of the imports that its path leads through.
    pub through: Option<Arc<Through>>,
}

/// A condition of an import, with those before it, and the package whose features it names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Through {
    before: Option<Arc<Through>>,
    package: u32,
    condition: Box<str>,
}

impl Through {
    /// What of a path's conditions names the features of one package, as one.
    pub fn of_package(through: Option<&Arc<Through>>, package: u32) -> Option<String> {
        let mut found: Option<String> = None;
        let mut at = through;
        while let Some(one) = at {
            if one.package == package {
                found = cfg::both(Some(&one.condition), found.as_deref());
            }
            at = one.before.as_ref();
        }
        found
    }
}

/// A path to try; the smallest goes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    detour: Detour,
    /// Whether an import on it is not built here.
    off: bool,
    segments: u32,
    /// Whether it differs from the declared path.
    moved: bool,
    path: Arc<str>,
    def: Def,
    /// Whether another crate is to be shown whole here.
    inline: bool,
    through: Option<Arc<Through>>,
}

/// What a path goes through that a user would rather not write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detour {
    None,
    Prelude,
    Hidden,
}

/// Everything public of a crate: what is built here before what is not, then shortest paths first, each declaration once. `resolved` gives the
/// crate of a package; `family` says whether another package's whole crate is to be shown under
/// this one's name, `closed` that of another package what is named is shown, and nothing below it.
pub(super) fn reach(
    root: &Arc<Resolved>,
    resolved: &dyn Fn(u32) -> Option<Arc<Resolved>>,
    family: &dyn Fn(u32) -> bool,
    closed: &dyn Fn(u32) -> bool,
) -> Vec<Reached> {
    let me = root.package;
    let start = Def { package: me, id: Id::Module(ROOT) };
    let name = root.model.modules.first().map_or_else(|| Arc::from(""), |module| module.name.clone());
    let mut ways = BinaryHeap::from([Reverse(Way {
        detour: Detour::None,
        off: false,
        segments: 1,
        moved: false,
        path: name,
        def: start,
        inline: false,
        through: None,
    })]);
    let mut reached: Vec<Reached> = Vec::new();
    let mut seen: HashMap<Def, usize> = HashMap::new();
    while let Some(Reverse(way)) = ways.pop() {
        if let Some(first) = seen.get(&way.def).and_then(|&at| reached.get_mut(at)) {
            if first.path != way.path && first.others.len() < OTHERS_MAX && !first.others.contains(&way.path)
            {
                first.others.push(way.path);
            }
            continue;
        }
        let Some(owner) =
            (if way.def.package == me { Some(root.clone()) } else { resolved(way.def.package) })
        else {
            continue;
        };
        let hidden_here = match way.def.id {
            Id::Item(item) => owner.model.items.get(item as usize).is_some_and(|item| item.hidden),
            Id::Module(module) => {
                owner.model.modules.get(module as usize).is_some_and(|module| module.hidden)
            }
        };
        seen.insert(way.def, reached.len());
        reached.push(Reached {
            def: way.def,
            path: way.path.clone(),
            others: Vec::new(),
            hidden: way.detour == Detour::Hidden || hidden_here,
            through: way.through.clone(),
        });
        let Id::Module(module) = way.def.id else { continue };
        let whole_crate = way.def.package != me && module == ROOT;
        let shut = way.def.package != me && closed(way.def.package);
        let foreign = whole_crate && !way.inline && !family(way.def.package);
        if way.segments >= SEGMENTS_MAX || shut || foreign {
            continue;
        }
        let through = match () {
            () if hidden_here => Detour::Hidden,
            () if way.path.ends_with("::prelude") => Detour::Prelude.max(way.detour),
            () => way.detour,
        };
        let others = owner.other_modules.get(&module).into_iter().flatten();
        for export in owner.exports(module).iter().chain(others) {
            ways.push(Reverse(Way {
                detour: if export.hidden { Detour::Hidden } else { through },
                off: way.off || export.off,
                segments: way.segments + 1,
                moved: way.moved || !is_declared_in(&owner, module, export.def, &export.name),
                path: Arc::from(format!("{}::{}", way.path, export.name)),
                def: export.def,
                inline: export.inline,
                through: match &export.guard {
                    Some(guard) => Some(Arc::new(Through {
                        before: way.through.clone(),
                        package: owner.package,
                        condition: guard.whole().into(),
                    })),
                    None => way.through.clone(),
                },
            }));
        }
    }
    reached
}

fn is_declared_in(owner: &Resolved, module: u32, def: Def, name: &str) -> bool {
    def.package == owner.package
        && match def.id {
            Id::Item(item) => owner
                .model
                .items
                .get(item as usize)
                .is_some_and(|item| item.module == module && &*item.name == name),
            Id::Module(inner) => owner
                .model
                .modules
                .get(inner as usize)
                .is_some_and(|inner| inner.parent == module && &*inner.name == name),
        }
}

/// A module's path as it is declared.
pub(super) fn declared_path(model: &Model, mut module: u32) -> String {
    let mut names = Vec::new();
    while let Some(node) = model.modules.get(module as usize) {
        names.push(&*node.name);
        if module == ROOT {
            break;
        }
        module = node.parent;
    }
    names.reverse();
    names.join("::")
}
