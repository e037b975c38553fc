//! Cargo's registry folder: the unpacked sources of what was ever downloaded.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::{Version, VersionReq};

use super::manifest::{self, Wanted};
use super::{Cargo, DiscoverError, Origin, SourceSet};
use crate::package::PackageId;

/// Packages that are looked through for one that was asked for.
const PACKAGES_MAX: usize = 2_000;

/// What is there, by name.
pub(super) struct Registry {
    versions: HashMap<String, Vec<(Version, PathBuf)>>,
}

impl Registry {
    pub fn list(cargo: &Cargo) -> Registry {
        let mut versions: HashMap<String, Vec<(Version, PathBuf)>> = HashMap::new();
        for index in folders(&cargo.home.join("registry").join("src")) {
            for path in folders(&index) {
                let Some(folder) = path.file_name().and_then(|name| name.to_str()) else { continue };
                if let Some((name, version)) = split(folder) {
                    versions.entry(name.to_owned()).or_default().push((version, path));
                }
            }
        }
        for list in versions.values_mut() {
            list.sort();
        }
        Registry { versions }
    }

    /// The folder of an exact version.
    pub fn exact(&self, name: &str, version: &str) -> Option<&Path> {
        let version = Version::parse(version).ok()?;
        let list = self.versions.get(name)?;
        list.iter().find(|(one, _)| *one == version).map(|(_, path)| path.as_path())
    }

    fn newest(&self, name: &str, fits: impl Fn(&Version) -> bool) -> Option<&Path> {
        let list = self.versions.get(name)?;
        let released = list.iter().rev().find(|(version, _)| version.pre.is_empty() && fits(version));
        released
            .or_else(|| list.iter().rev().find(|(version, _)| fits(version)))
            .map(|(_, path)| path.as_path())
    }
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// `name-1.2.3`: names may hold hyphens and digits, so the first rest that is a version counts.
fn split(folder: &str) -> Option<(&str, Version)> {
    folder.match_indices('-').find_map(|(at, _)| {
        let version = Version::parse(folder.get(at + 1..)?).ok()?;
        Some((folder.get(..at)?, version))
    })
}

/// One package, with those of its dependencies that are there too: the newest that fit.
pub(super) fn package(name: &str, version: Option<&str>, cargo: &Cargo) -> Result<SourceSet, DiscoverError> {
    PackageId::rust(name, version.unwrap_or("0.0.0"))?;
    let registry = Registry::list(cargo);
    let found = match version {
        Some(version) => registry.exact(name, version),
        None => registry.newest(name, |_| true),
    };
    let absent = || {
        let shown = version.map_or(name.to_owned(), |version| format!("{name}@{version}"));
        DiscoverError::NotInRegistry(shown, cargo.home.join("registry").join("src").display().to_string())
    };
    let root = found.ok_or_else(absent)?.to_owned();
    let (mut first, wanted) = manifest::read(&root, Origin::Dependency)?;
    first.direct = true;
    let mut set = SourceSet { packages: vec![first], missing: Vec::new(), root: root.clone() };
    let mut places: HashMap<PathBuf, usize> = HashMap::from([(root, 0)]);
    let mut open: Vec<(usize, Vec<Wanted>)> = vec![(0, wanted)];
    while let Some((at, wanted)) = open.pop() {
        for one in wanted {
            let Ok(requirement) = VersionReq::parse(&one.requirement) else { continue };
            let Some(path) = registry.newest(&one.package, |version| requirement.matches(version)) else {
                continue;
            };
            let place = match places.get(path) {
                Some(&place) => place,
                None if set.packages.len() < PACKAGES_MAX => {
                    let Ok((mut package, next)) = manifest::read(path, Origin::Dependency) else { continue };
                    package.wanted = false;
                    places.insert(path.to_owned(), set.packages.len());
                    open.push((set.packages.len(), next));
                    set.packages.push(package);
                    set.packages.len() - 1
                }
                None => continue,
            };
            let library = set.packages.get(place).and_then(|package| package.library());
            let Some(code_name) = one.alias.or_else(|| library.map(|target| target.crate_name())) else {
                continue;
            };
            if let Some(package) = set.packages.get_mut(at) {
                package.dependencies.insert(code_name, place);
            }
        }
    }
    super::sysroot::add(&mut set, Path::new("."), cargo, false);
    super::sort(&mut set);
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folders_name_splits_at_its_version() {
        let name = |folder| split(folder).map(|(name, version)| format!("{name} {version}"));
        assert_eq!(name("tree-sitter-0.27.1").as_deref(), Some("tree-sitter 0.27.1"));
        assert_eq!(name("md-5-0.10.6").as_deref(), Some("md-5 0.10.6"));
        assert_eq!(name("toml-1.2.1+spec-1.1.0").as_deref(), Some("toml 1.2.1+spec-1.1.0"));
        assert_eq!(name("x-1.0.0-rc.1").as_deref(), Some("x 1.0.0-rc.1"));
        assert_eq!(name("nothing"), None);
    }
}
