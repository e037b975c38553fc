//! Where a text uses an item: by the paths that it writes, and by methods whose receiver can be told.

mod bindings;
mod methods;
mod paths;
mod receivers;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::names::Names;
use super::sheet::Sheet;
use crate::answers::wanted::{Wanted, key};

/// Uses of one item in one text; more is data.
const USES_MAX: usize = 200;
/// Tokens that are looked at for what receivers are: a text that is made to cost time has no more.
const WORK_MAX: usize = 50_000_000;

/// In which way an item is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    Call,
    /// Named otherwise: a type in a signature, a function that is passed on, a trait that bounds.
    Mention,
    Import,
    Attribute,
    Derive,
    Implementation,
}

/// A use, by its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub leaf: usize,
    pub how: How,
    /// Whether paths and types say that it is the item, or only that it may be.
    pub certain: bool,
}

struct Finder<'s, 't> {
    names: &'s Names<'s, 't>,
    sheet: &'s Sheet<'t>,
    wanted: &'s Wanted,
    /// Names of what is of the item's type elsewhere in the package.
    hints: &'s HashSet<String>,
    /// The names that stand here for the item or for what it hangs on.
    called: HashSet<&'s str>,
    /// Of a method: the names that lead to what it hangs on.
    leading: HashSet<String>,
    /// By function: whether the owner, or what makes one, is named in it.
    seen: HashMap<usize, bool>,
    /// By scope: whether its imports bring the item.
    imports: HashMap<usize, bool>,
    work: Cell<usize>,
}

/// Every use of `wanted`, in the order of the text.
pub fn find(names: &Names<'_, '_>, wanted: &Wanted, hints: &HashSet<String>) -> Vec<Spot> {
    let mut called: HashSet<&str> = HashSet::from([wanted.name.as_str()]);
    called.extend(wanted.owner.iter().map(|owner| owner.name.as_str()));
    let imported: Vec<(&str, Vec<String>)> = names.imported().collect();
    for (alias, path) in &imported {
        let owner = wanted.owner.as_ref().is_some_and(|owner| owner.paths.contains(&key(path)));
        if owner || wanted.is(path) {
            called.insert(alias);
        }
    }
    let mut finder = Finder {
        names,
        sheet: names.sheet,
        wanted,
        hints,
        called,
        leading: wanted.owner.as_ref().map(|owner| names.leading_to(owner)).unwrap_or_default(),
        seen: HashMap::new(),
        imports: HashMap::new(),
        work: Cell::new(WORK_MAX),
    };
    finder.all()
}

impl<'s, 't> Finder<'s, 't> {
    fn all(&mut self) -> Vec<Spot> {
        let mut spots = Vec::new();
        let mut at = 0;
        while at < self.sheet.leaves.len() && spots.len() < USES_MAX {
            let spot = match self.names.path_at(at) {
                Some(path) => {
                    let spot = self.path(&path);
                    at = path.last;
                    spot
                }
                None => self.method(at),
            };
            spots.extend(spot);
            at += 1;
        }
        let sheet = self.sheet;
        for &(start, end, scope) in &sheet.uses {
            spots.extend(self.import(start, end, scope));
        }
        spots.sort_by_key(|spot| spot.leaf);
        spots.dedup_by_key(|spot| spot.leaf);
        spots
    }

    /// Takes work from what is left; none where nothing is.
    fn spend(&self, tokens: usize) -> Option<()> {
        self.work.set(self.work.get().checked_sub(tokens)?);
        Some(())
    }

    fn is_in_use(&self, leaf: usize) -> bool {
        let Some(byte) = self.sheet.leaves.get(leaf).map(|leaf| leaf.start) else { return false };
        let at = self.sheet.uses.partition_point(|(start, _, _)| *start <= byte);
        at.checked_sub(1).and_then(|at| self.sheet.uses.get(at)).is_some_and(|(_, end, _)| byte < *end)
    }
}
