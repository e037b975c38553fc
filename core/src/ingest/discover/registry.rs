//! Cargo's registry folder: the unpacked sources of what was ever downloaded, a folder for each registry.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::{Version, VersionReq};
use url::Url;

use super::Cargo;
use super::settings::Place;

/// The folder of crates.io is named after its host, or after the host of its old index, which others share:
/// those of the old index bear these hashes.
const CRATES_IO: &str = "index.crates.io";
const OLD_INDEX: &str = "github.com";
const OLD_INDEX_HASHES: [&str; 3] = ["1ecc6299db9ec823", "25cdd57fae9f0462", "88ac128001ac3a9a"];

/// What is there, by name.
pub(super) struct Registry {
    versions: HashMap<String, Vec<Unpacked>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unpacked {
    pub version: Version,
    /// The registry's folder: its host and cargo's hash of it.
    folder: String,
    pub path: PathBuf,
}

impl Unpacked {
    /// The host of the registry that it comes from.
    pub fn host(&self) -> &str {
        self.folder.rsplit_once('-').map_or(self.folder.as_str(), |(host, _)| host)
    }

    pub fn is_of_crates_io(&self) -> bool {
        let hash = self.folder.rsplit_once('-').map_or("", |(_, hash)| hash);
        match self.host() {
            CRATES_IO => true,
            OLD_INDEX => OLD_INDEX_HASHES.contains(&hash),
            _ => false,
        }
    }
}

impl Registry {
    pub fn list(cargo: &Cargo) -> Registry {
        let mut versions: HashMap<String, Vec<Unpacked>> = HashMap::new();
        for index in super::folders(&cargo.home.join("registry").join("src")) {
            let Some(of) = index.file_name().and_then(|name| name.to_str()) else { continue };
            for path in super::folders(&index) {
                let Some(folder) = path.file_name().and_then(|name| name.to_str()) else { continue };
                if let Some((name, version)) = split(folder) {
                    let one = Unpacked { version, folder: of.to_owned(), path: path.clone() };
                    versions.entry(name.to_owned()).or_default().push(one);
                }
            }
        }
        for list in versions.values_mut() {
            list.sort();
        }
        Registry { versions }
    }

    /// The folder of an exact version from the registry at a place.
    pub fn exact(&self, name: &str, version: &str, place: &Place) -> Option<&Path> {
        let version = Version::parse(version).ok()?;
        let found: Vec<&Unpacked> = self.of(name, place).filter(|one| one.version == version).collect();
        match (place, found.as_slice()) {
            (_, [one]) | (Place::CratesIo, [.., one]) => Some(&one.path),
            // Two registries of one host: their hashes are cargo's secret, so neither is taken for the other.
            _ => None,
        }
    }

    /// The newest version that fits, a released one before others.
    pub fn newest(&self, name: &str, place: &Place, fits: impl Fn(&Version) -> bool) -> Option<&Unpacked> {
        let found: Vec<&Unpacked> = self.of(name, place).filter(|one| fits(&one.version)).collect();
        let released = found.iter().rev().find(|one| one.version.pre.is_empty());
        released.or(found.last()).copied()
    }

    /// Every version of a name, wherever it comes from.
    pub fn named(&self, name: &str) -> impl DoubleEndedIterator<Item = &Unpacked> {
        self.versions.get(name).into_iter().flatten()
    }

    fn of(&self, name: &str, place: &Place) -> impl Iterator<Item = &Unpacked> {
        let host = match place {
            Place::Registry(index) => {
                Url::parse(index).ok().map(|url| url.host_str().unwrap_or("").to_owned())
            }
            _ => None,
        };
        let crates_io = *place == Place::CratesIo;
        self.named(name).filter(move |one| match &host {
            Some(host) => one.host() == host && !one.is_of_crates_io(),
            None => crates_io && one.is_of_crates_io(),
        })
    }
}

/// Whether a version is what a manifest asks for. `*` takes pre-releases too, as a lockfile may have them.
pub(super) fn fits(requirement: &str, version: &Version) -> bool {
    requirement.trim() == "*" || VersionReq::parse(requirement).is_ok_and(|asked| asked.matches(version))
}

/// `name-1.2.3`: names may hold hyphens and digits, so the first rest that is a version counts.
pub(super) fn split(folder: &str) -> Option<(&str, Version)> {
    folder.match_indices('-').find_map(|(at, _)| {
        let version = Version::parse(folder.get(at + 1..)?).ok()?;
        Some((folder.get(..at)?, version))
    })
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

    #[test]
    fn no_registry_is_taken_for_another() {
        let home = tempfile::tempdir().unwrap();
        for folder in [
            "index.crates.io-1949cf8c6b5b557f/a-1.0.0",
            "github.com-0000000000000000/a-1.0.0",
            "crates.example.org-1111111111111111/a-1.0.0",
            "twice.example.org-1111111111111111/a-1.0.0",
            "twice.example.org-2222222222222222/a-1.0.0",
        ] {
            std::fs::create_dir_all(home.path().join("registry/src").join(folder)).unwrap();
        }
        let home_folder = home.path().to_owned();
        let cargo = Cargo { program: "cargo".into(), home: home_folder, rustc: "rustc".into() };
        let registry = Registry::list(&cargo);
        let host = |place: Place| {
            let path = registry.exact("a", "1.0.0", &place)?;
            Some(path.parent()?.file_name()?.to_str()?.rsplit_once('-')?.0.to_owned())
        };
        assert_eq!(host(Place::CratesIo).as_deref(), Some("index.crates.io"));
        let of = |index: &str| Place::Registry(index.to_owned());
        assert_eq!(host(of("https://crates.example.org/index")).as_deref(), Some("crates.example.org"));
        assert_eq!(host(of("https://github.com/org/index")).as_deref(), Some("github.com"));
        assert_eq!(host(of("https://twice.example.org/b")), None);
        assert_eq!(host(of("https://absent.example.org")), None);
        assert_eq!(host(Place::Elsewhere), None);
    }
}
