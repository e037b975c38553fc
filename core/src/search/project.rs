//! The project that a search is made for: the exact versions in its lockfile.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_metadata::semver::Version;

use crate::catalog::CatalogEntry;
use crate::ingest::{Cargo, DiscoverError, Lockfile, STANDARD_CRATES, Toolchain, lockfile};
use crate::package::{PackageId, Tier};

/// Which packages a project builds on, and which it names itself.
#[derive(Clone, Debug, Default)]
pub struct Project {
    versions: HashMap<String, HashSet<String>>,
    direct: HashSet<(String, String)>,
    /// Locked for other platforms: not built on this machine.
    others: BTreeSet<(String, String)>,
    /// Its folder, where it has one.
    root: Option<PathBuf>,
    /// The version of its standard library, once it was asked for.
    toolchain: OnceLock<Option<String>>,
}

/// Two of the same lockfile are the same, whichever of them was asked for its toolchain.
impl PartialEq for Project {
    fn eq(&self, other: &Project) -> bool {
        let Project { versions, direct, others, root, toolchain: _ } = self;
        (versions, direct, others, root) == (&other.versions, &other.direct, &other.others, &other.root)
    }
}

impl Eq for Project {}

impl Project {
    /// Reads a Cargo.lock.
    pub fn read(path: &Path) -> Result<Project, DiscoverError> {
        let root = path.parent().map(Path::to_path_buf);
        Ok(Project { root, ..Project::of(&lockfile::read(path)?) })
    }

    /// From a lockfile that was read.
    pub fn of(lockfile: &Lockfile) -> Project {
        let mut project = Project::default();
        for package in &lockfile.packages {
            project.versions.entry(package.name.clone()).or_default().insert(package.version.clone());
            if package.direct {
                project.direct.insert((package.name.clone(), package.version.clone()));
            }
        }
        project
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

    /// Whether the project names the package among its own dependencies.
    pub fn is_direct(&self, name: &str, version: &str) -> bool {
        // Asked once a candidate: two short strings are cheaper than a second map.
        self.direct.contains(&(name.to_string(), version.to_string()))
    }
}

/// Whether a package is a crate of the standard library, whose names no other public package can have.
pub fn is_standard(entry: &CatalogEntry) -> bool {
    entry.tier() == Tier::Public && STANDARD_CRATES.contains(&entry.id.name())
}
