//! The project that a search is made for: the exact versions in its lockfile.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use crate::catalog::CatalogEntry;
use crate::ingest::{DiscoverError, Lockfile, lockfile};
use crate::package::{PackageId, Tier};

/// Which packages a project builds on, and which it names itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    versions: HashMap<String, HashSet<String>>,
    direct: HashSet<(String, String)>,
    /// Locked for other platforms: not built on this machine.
    others: BTreeSet<(String, String)>,
}

impl Project {
    /// Reads a Cargo.lock.
    pub fn read(path: &Path) -> Result<Project, DiscoverError> {
        Ok(Project::of(&lockfile::read(path)?))
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

    /// Whether a package belongs to the project: a public one by its exact version, and whatever
    /// else the user has of their own.
    pub fn holds(&self, entry: &CatalogEntry) -> bool {
        entry.tier() != Tier::Public
            || self
                .versions
                .get(entry.id.name())
                .is_some_and(|versions| versions.contains(entry.id.version()))
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
