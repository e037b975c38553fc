//! What a `Cargo.lock` says by itself, read on every search: no cargo, no manifests.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::DiscoverError;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lockfile {
    /// In the file's order.
    pub packages: Vec<LockedPackage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    pub name: String,
    pub version: String,
    /// Of this workspace: it has no source.
    pub own: bool,
    /// Something of this workspace depends on it directly.
    pub direct: bool,
    /// Indices of what it depends on; for whom, normal or not, the file does not say.
    pub dependencies: Vec<usize>,
}

#[derive(Deserialize)]
struct RawLock {
    #[serde(default)]
    package: Vec<RawPackage>,
}

#[derive(Deserialize)]
struct RawPackage {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// Reads the `Cargo.lock` at `path`.
pub fn read(path: &Path) -> Result<Lockfile, DiscoverError> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path)
        .map_err(|error| DiscoverError::Unreadable { path: shown.clone(), why: error.to_string() })?;
    parse(&text).map_err(|why| DiscoverError::Lockfile { path: shown, why })
}

fn parse(text: &str) -> Result<Lockfile, String> {
    let raw: RawLock = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, package) in raw.package.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(index);
    }
    // `name`, `name version` or `name version (source)`: as much as it takes to be unambiguous.
    let find = |dependency: &String| {
        let mut words = dependency.split(' ');
        let candidates = by_name.get(words.next()?)?;
        match words.next() {
            None => candidates.first().copied(),
            Some(version) => {
                let named = |&&at: &&usize| raw.package.get(at).is_some_and(|one| one.version == version);
                candidates.iter().find(named).copied()
            }
        }
    };
    let dependencies: Vec<Vec<usize>> =
        raw.package.iter().map(|package| package.dependencies.iter().filter_map(find).collect()).collect();
    let owned = raw.package.iter().zip(&dependencies).filter(|(package, _)| package.source.is_none());
    let direct: HashSet<usize> = owned.flat_map(|(_, list)| list.iter().copied()).collect();
    let packages =
        raw.package.into_iter().zip(dependencies).enumerate().map(|(index, (package, dependencies))| {
            let own = package.source.is_none();
            LockedPackage {
                name: package.name,
                version: package.version,
                own,
                direct: !own && direct.contains(&index),
                dependencies,
            }
        });
    Ok(Lockfile { packages: packages.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_packages_and_their_direct_dependencies_are_told_apart() {
        let lock = parse(
            r#"
            version = 4
            [[package]]
            name = "app"
            version = "0.1.0"
            dependencies = ["a 2.0.0", "helper"]
            [[package]]
            name = "helper"
            version = "0.1.0"
            [[package]]
            name = "a"
            version = "1.0.0"
            source = "registry+https://example.org"
            [[package]]
            name = "a"
            version = "2.0.0"
            source = "registry+https://example.org"
            dependencies = ["a 1.0.0 (registry+https://example.org)"]
            "#,
        );
        let lock = lock.unwrap_or_default();
        let told: Vec<_> = lock.packages.iter().map(|one| (one.own, one.direct)).collect();
        assert_eq!(told, [(true, false), (true, false), (false, false), (false, true)]);
        assert_eq!(lock.packages[3].dependencies, [2]);
        assert!(parse("package = 3").is_err());
    }
}
