//! Which version of a package a name in code means, where several are locked: the manifest says what it asks for, and
//! the lockfile what there is.

use std::collections::{HashMap, HashSet, VecDeque};

use super::source::{PackageSource, Relation};
use crate::ingest::{Lockfile, Named};
use crate::package::PackageId;

/// What each package of a lockfile builds on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locked {
    dependencies: HashMap<PackageId, Vec<PackageId>>,
}

/// A package that has an item, and the name of its crate in code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    pub id: PackageId,
    pub crate_name: String,
}

/// What the names of a package's code say of the homes of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strangers {
    /// Names by which its code means another version than the item is of.
    pub names: HashSet<String>,
    /// Nothing says which of several versions a name means.
    pub in_doubt: bool,
}

impl Locked {
    pub fn of(lockfile: &Lockfile) -> Locked {
        let id = |at: usize| {
            let package = lockfile.packages.get(at)?;
            PackageId::rust(package.name.as_str(), package.version.as_str()).ok()
        };
        let all = lockfile.packages.iter().enumerate();
        let each = all.filter_map(|(at, package)| {
            Some((id(at)?, package.dependencies.iter().filter_map(|&at| id(at)).collect()))
        });
        Locked { dependencies: each.collect() }
    }

    /// What a package builds on; none where it is not locked.
    pub fn dependencies(&self, id: &PackageId) -> Option<&[PackageId]> {
        self.dependencies.get(id).map(Vec::as_slice)
    }

    /// How far each package is from what nobody in the lockfile builds on, which is one's own code: 0 for that.
    pub fn distances(&self) -> HashMap<PackageId, usize> {
        let needed: HashSet<&PackageId> = self.dependencies.values().flatten().collect();
        let mut open: VecDeque<(&PackageId, usize)> =
            self.dependencies.keys().filter(|id| !needed.contains(id)).map(|id| (id, 0)).collect();
        let mut distances = HashMap::new();
        while let Some((id, distance)) = open.pop_front() {
            if distances.contains_key(id) {
                continue;
            }
            distances.insert(id.clone(), distance);
            open.extend(self.dependencies(id).into_iter().flatten().map(|next| (next, distance + 1)));
        }
        distances
    }

    /// The packages that build on one of `homes`.
    pub fn dependents(&self, homes: &[Home]) -> HashSet<PackageId> {
        let is_home = |id: &PackageId| homes.iter().any(|home| home.id == *id);
        let all = self.dependencies.iter().filter(|(_, needs)| needs.iter().any(is_home));
        all.map(|(id, _)| id.clone()).collect()
    }
}

/// What a dependency means among what its package builds on.
pub fn meant<'a>(dependency: &Named, locked: &'a [PackageId]) -> Vec<&'a PackageId> {
    let of_name = || locked.iter().filter(|id| id.name() == dependency.package);
    let fitting: Vec<&PackageId> = of_name().filter(|id| dependency.admits(id.version())).collect();
    // What stands in for another version (`[patch]`) need not be what is asked for.
    if fitting.is_empty() { of_name().collect() } else { fitting }
}

/// The names by which a package means other versions of what has an item. `known` are the versions that there are.
pub fn strangers(
    source: &PackageSource,
    homes: &[Home],
    locked: Option<&Locked>,
    known: &[PackageId],
) -> Strangers {
    let mut strangers = Strangers::default();
    if source.relation == Relation::Package {
        return strangers;
    }
    let told = locked.and_then(|locked| locked.dependencies(&source.entry.id));
    let (is_locked, locked) = (told.is_some(), told.unwrap_or_default());
    let is_home = |id: &PackageId| homes.iter().any(|home| home.id == *id);
    let mut named: HashMap<String, bool> = HashMap::new();
    for dependency in source.manifest.iter().flat_map(|manifest| &manifest.dependencies) {
        let Some(home) = homes.iter().find(|home| home.id.name() == dependency.package) else { continue };
        let meant = meant(dependency, locked);
        let may_mean = || {
            let versions = known.iter().filter(|id| id.name() == dependency.package);
            versions.filter(|id| dependency.admits(id.version())).collect::<Vec<_>>()
        };
        let is_meant = match meant.as_slice() {
            [] => homes
                .iter()
                .any(|home| home.id.name() == dependency.package && dependency.admits(home.id.version())),
            meant => meant.iter().any(|id| is_home(id)),
        };
        // What a lockfile does not name among them is not built with it here: an option that is off, a test's.
        strangers.in_doubt |= is_meant && !is_locked && meant.is_empty() && may_mean().len() > 1;
        let name = dependency.alias.clone().unwrap_or_else(|| home.crate_name.clone());
        *named.entry(name).or_default() |= is_meant;
    }
    strangers.names = named.into_iter().filter(|(_, is_meant)| !is_meant).map(|(name, _)| name).collect();
    strangers
}
