//! What a `Cargo.lock` says by itself, read on every search: no cargo, no manifests.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::DiscoverError;
use super::released::qualified;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lockfile {
    /// In the file's order.
    pub packages: Vec<LockedPackage>,
    /// The names of what was to stand in for another package, and fits nobody.
    pub unused: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    pub name: String,
    /// The version, with what tells its source apart where that is not crates.io.
    pub version: String,
    /// The version as the file has it.
    pub released: String,
    /// Where it was released, as the file has it; none for what is of this workspace.
    pub source: Option<String>,
    /// Of this workspace: it has no source.
    pub own: bool,
    /// Something of this workspace depends on it directly.
    pub direct: bool,
    /// Indices of what it depends on; for whom, normal or not, the file does not say.
    pub dependencies: Vec<usize>,
}

#[derive(Deserialize)]
struct RawLock {
    /// Before 2017, the workspace's own package.
    root: Option<RawPackage>,
    #[serde(default)]
    package: Vec<RawPackage>,
    #[serde(default)]
    patch: RawPatch,
}

#[derive(Default, Deserialize)]
struct RawPatch {
    #[serde(default)]
    unused: Vec<RawUnused>,
}

#[derive(Deserialize)]
struct RawUnused {
    name: String,
}

#[derive(Deserialize)]
struct RawPackage {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
    /// The package that is built instead of this one.
    replace: Option<String>,
}

/// Reads the `Cargo.lock` at `path`.
pub fn read(path: &Path) -> Result<Lockfile, DiscoverError> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path)
        .map_err(|error| DiscoverError::Unreadable { path: shown.clone(), why: error.to_string() })?;
    parse(&text).map_err(|why| DiscoverError::Lockfile { path: shown, why })
}

/// Reads the text of a `Cargo.lock`; else why it is none.
pub fn parse(text: &str) -> Result<Lockfile, String> {
    let raw: RawLock = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let unused = raw.patch.unused.into_iter().map(|one| one.name).collect();
    let raw: Vec<RawPackage> = raw.root.into_iter().chain(raw.package).collect();
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, package) in raw.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(index);
    }
    // `name`, `name version` or `name version (source)`: as much as it takes to be unambiguous.
    let find = |dependency: &String| {
        let mut words = dependency.splitn(3, ' ');
        let candidates = by_name.get(words.next()?)?;
        let (version, source) = (words.next(), words.next());
        let source = source.map(|source| source.trim_start_matches('(').trim_end_matches(')'));
        let named = |&&at: &&usize| {
            raw.get(at).is_some_and(|one| {
                version.is_none_or(|version| one.version == version)
                    && source.is_none_or(|source| one.source.as_deref().is_some_and(|of| same(of, source)))
            })
        };
        candidates.iter().find(named).copied()
    };
    // What is replaced is not built: whoever depends on it depends on what stands there.
    let built = |at: usize| raw.get(at).and_then(|one| find(one.replace.as_ref()?)).unwrap_or(at);
    let kept: Vec<usize> =
        (0..raw.len()).filter(|&at| raw.get(at).is_some_and(|one| one.replace.is_none())).collect();
    let place = |at: usize| kept.binary_search(&built(at)).ok();
    let dependencies: Vec<Vec<usize>> = kept
        .iter()
        .filter_map(|&at| raw.get(at))
        .map(|package| package.dependencies.iter().filter_map(find).filter_map(place).collect())
        .collect();
    let raw: Vec<RawPackage> = raw.into_iter().filter(|one| one.replace.is_none()).collect();
    let owned = raw.iter().zip(&dependencies).filter(|(package, _)| package.source.is_none());
    let direct: HashSet<usize> = owned.flat_map(|(_, list)| list.iter().copied()).collect();
    let packages = raw.into_iter().zip(dependencies).enumerate().map(|(index, (package, dependencies))| {
        let own = package.source.is_none();
        LockedPackage {
            name: package.name,
            version: qualified(&package.version, package.source.as_deref()),
            released: package.version,
            source: package.source,
            own,
            direct: !own && direct.contains(&index),
            dependencies,
        }
    });
    Ok(Lockfile { packages: packages.collect(), unused })
}

/// Whether a dependency means this source: older files leave out a git source's commit.
fn same(source: &str, named: &str) -> bool {
    source == named || source.split_once('#').is_some_and(|(before, _)| before == named)
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

    #[test]
    fn one_name_and_version_from_two_sources_are_two_packages() {
        let lock = parse(
            r#"
            version = 4
            [[package]]
            name = "app"
            version = "0.1.0"
            dependencies = [
             "a 1.0.0 (git+https://example.org/a?rev=0123456#0123456789abcdef0123456789abcdef01234567)",
            ]
            [[package]]
            name = "a"
            version = "1.0.0"
            source = "registry+https://github.com/rust-lang/crates.io-index"
            [[package]]
            name = "a"
            version = "1.0.0"
            source = "git+https://example.org/a?rev=0123456#0123456789abcdef0123456789abcdef01234567"
            "#,
        );
        let lock = lock.unwrap_or_default();
        let told: Vec<_> = lock.packages.iter().map(|one| (one.version.as_str(), one.direct)).collect();
        assert_eq!(told, [("0.1.0", false), ("1.0.0", false), ("1.0.0+git.0123456789", true)]);
        assert_eq!(lock.packages[2].released, "1.0.0");
    }

    #[test]
    fn every_version_of_the_format_is_read() {
        let first = r#"
            [root]
            name = "app"
            version = "0.1.0"
            dependencies = ["a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)"]
            [[package]]
            name = "a"
            version = "1.0.0"
            source = "registry+https://github.com/rust-lang/crates.io-index"
            [metadata]
            "checksum a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)" = "00"
            "#;
        let first = parse(first).unwrap_or_default();
        let third = first_as_third();
        assert_eq!(first, third);
        assert!(first.packages[0].own && first.packages[1].direct);
    }

    fn first_as_third() -> Lockfile {
        let text = r#"
            version = 3
            [[package]]
            name = "app"
            version = "0.1.0"
            dependencies = ["a"]
            [[package]]
            name = "a"
            version = "1.0.0"
            source = "registry+https://github.com/rust-lang/crates.io-index"
            checksum = "00"
            "#;
        parse(text).unwrap_or_default()
    }
}
