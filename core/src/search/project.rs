//! The project that a search is made for: the exact versions in its lockfile.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use cargo_metadata::semver::Version;

use crate::catalog::CatalogEntry;
use crate::ingest::{Cargo, DiscoverError, Lockfile, STANDARD_CRATES, Toolchain, lockfile};
use crate::package::{PackageId, Tier};

/// So many build on what is built on by all: in a small project nothing is.
const BUILT_ON_LEAST: u16 = 20;

/// Which packages a project builds on, and which it names itself.
#[derive(Clone, Debug, Default)]
pub struct Project {
    versions: HashMap<String, HashSet<String>>,
    direct: HashSet<(String, String)>,
    /// How much of it builds on a package of a name: between 0 and 1.
    built_on: HashMap<String, f32>,
    /// Locked for other platforms: not built on this machine.
    others: BTreeSet<(String, String)>,
    /// Its folder, where it has one.
    root: Option<PathBuf>,
    /// What it was read from: whoever asks more of the lockfile asks this, and nobody reads it again.
    lockfile: Arc<Lockfile>,
    /// The version of its standard library, once it was asked for.
    toolchain: OnceLock<Option<String>>,
}

/// Two of the same lockfile are the same, whichever of them was asked for its toolchain.
impl PartialEq for Project {
    fn eq(&self, other: &Project) -> bool {
        // All else follows from the lockfile.
        let Project { lockfile, others, root, .. } = self;
        (lockfile, others, root) == (&other.lockfile, &other.others, &other.root)
    }
}

impl Eq for Project {}

impl Project {
    /// Reads a Cargo.lock.
    pub fn read(path: &Path) -> Result<Project, DiscoverError> {
        let root = path.parent().map(Path::to_path_buf);
        Ok(Project { root, ..Project::of(lockfile::read(path)?) })
    }

    /// From a lockfile that was read.
    pub fn of(lockfile: Lockfile) -> Project {
        let mut project = Project { built_on: built_on(&lockfile), ..Project::default() };
        for package in &lockfile.packages {
            project.versions.entry(package.name.clone()).or_default().insert(package.version.clone());
            if package.direct {
                project.direct.insert((package.name.clone(), package.version.clone()));
            }
        }
        Project { lockfile: Arc::new(lockfile), ..project }
    }

    /// Its lockfile, as it was read.
    pub fn lockfile(&self) -> &Lockfile {
        &self.lockfile
    }

    /// The folder that its lockfile governs.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// With what of it is for other platforms.
    pub fn with_others(self, others: BTreeSet<(String, String)>) -> Project {
        Project { others, ..self }
    }

    /// Whether a package is one that the project builds on elsewhere alone: on other platforms than this one.
    pub fn is_for_others(&self, entry: &CatalogEntry) -> bool {
        entry.tier() == Tier::Public
            && !self.others.is_empty()
            && self.others.contains(&(entry.id.name().to_string(), entry.id.version().to_string()))
    }

    /// Whether a package is code of one's own that the project does not build on: of another project.
    pub fn is_of_another(&self, entry: &CatalogEntry) -> bool {
        entry.tier() == Tier::Private && !self.locks(entry)
    }

    /// Asks which toolchain builds the project, if several standard libraries are among `visible`: where
    /// there is one, it is that. Blocks, once.
    pub fn settle_toolchain(&self, visible: &[CatalogEntry], cargo: &Cargo) {
        let standard = visible.iter().filter(|entry| is_standard(entry));
        let versions: HashSet<&str> = standard.map(|entry| entry.id.version()).collect();
        if let Some(root) = self.root.as_deref().filter(|_| versions.len() > 1) {
            self.toolchain.get_or_init(|| Some(Toolchain::of(root, cargo)?.version));
        }
    }

    /// Whether a package belongs to the project: a public one by its exact version, the standard library
    /// of its toolchain, and whatever else the user has of their own.
    pub fn holds(&self, entry: &CatalogEntry) -> bool {
        let of_toolchain = |version: &String| version == entry.id.version();
        entry.tier() != Tier::Public
            || (is_standard(entry) && self.toolchain.get().and_then(Option::as_ref).is_none_or(of_toolchain))
            || self.locks(entry)
    }

    /// Puts packages in the order in which one of their name is meant: the version that the project itself names,
    /// then what is built here, then the newest.
    pub fn prefer(&self, entries: &mut [CatalogEntry]) {
        entries.sort_by_cached_key(|entry| {
            let direct = self.is_direct(entry.id.name(), entry.id.version());
            let version = Version::parse(entry.id.version()).ok();
            Reverse((entry.tier() != Tier::Public, direct, !self.is_for_others(entry), version))
        });
    }

    /// Whether its lockfile names the package in this version.
    pub fn locks(&self, entry: &CatalogEntry) -> bool {
        self.versions.get(entry.id.name()).is_some_and(|versions| versions.contains(entry.id.version()))
    }

    /// Every version that the project builds on, to be looked up in a large catalog.
    pub fn ids(&self) -> Vec<PackageId> {
        let each = self
            .versions
            .iter()
            .flat_map(|(name, versions)| versions.iter().map(move |version| (name, version)));
        // A name that no catalog accepts is in none.
        each.filter_map(|(name, version)| PackageId::rust(name, version).ok()).collect()
    }

    /// How many packages of the project build on one of this name, whatever its version: between 0 and 1, and each
    /// further one says less.
    pub fn built_on(&self, name: &str) -> f32 {
        self.built_on.get(name).copied().unwrap_or(0.0)
    }

    /// Whether the project names the package among its own dependencies.
    pub fn is_direct(&self, name: &str, version: &str) -> bool {
        // Asked once a candidate: two short strings are cheaper than a second map.
        self.direct.contains(&(name.to_string(), version.to_string()))
    }
}

fn built_on(lockfile: &Lockfile) -> HashMap<String, f32> {
    let mut counts: HashMap<&str, u16> = HashMap::new();
    for package in &lockfile.packages {
        let names = package.dependencies.iter().filter_map(|at| lockfile.packages.get(*at));
        for name in names.map(|one| one.name.as_str()).collect::<HashSet<_>>() {
            let count = counts.entry(name).or_default();
            *count = count.saturating_add(1);
        }
    }
    let most = f32::from(counts.values().copied().max().unwrap_or(0).max(BUILT_ON_LEAST)).ln_1p();
    counts.into_iter().map(|(name, count)| (name.to_string(), f32::from(count).ln_1p() / most)).collect()
}

/// Whether a package is a crate of the standard library, whose names no other public package can have.
pub fn is_standard(entry: &CatalogEntry) -> bool {
    entry.tier() == Tier::Public && STANDARD_CRATES.contains(&entry.id.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_build_on_is_told_from_what_one_does() {
        let package = |name: &str, on: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\ndependencies = [{on}]\n")
        };
        let on_base = (0..30).map(|n| package(&format!("a{n}"), "\"base\""));
        let lock = [on_base.collect(), package("d", "\"a0\""), package("base", "")].concat();
        let project = Project::of(crate::ingest::lockfile::parse(&lock).unwrap());
        let built_on = |name: &str| project.built_on(name);
        assert_eq!((built_on("base"), built_on("d"), built_on("unheard-of")), (1.0, 0.0, 0.0));
        assert!(built_on("a0") > 0.1 && built_on("a0") < 0.3, "{}", built_on("a0"));
        let small = [package("d", "\"a\""), package("a", "")].concat();
        let small = Project::of(crate::ingest::lockfile::parse(&small).unwrap());
        assert!(
            small.built_on("a") < 0.3,
            "of a small project nobody builds on much: {}",
            small.built_on("a")
        );
    }
}
