//! What stands in for released packages: `[patch]` and `[replace]` of the workspace's manifest, `[patch]` and
//! `paths` of cargo's settings. Read where cargo does not answer; cargo reads them itself.
//!
//! What stands in for a package and is not on this machine makes the package missing. The released code of
//! its name is another package's, and is never read in its place.

use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use toml::{Table, Value};

use super::finder::{Finder, same_release, told};
use super::lockfile::{LockedPackage, Lockfile};
use super::manifest::{self, Wanted};
use super::registry::fits;
use super::released::{CRATES_IO, Released};
use super::settings::{Settings, bare};

/// Those that hold in a workspace.
#[derive(Default)]
pub(super) struct Patches {
    list: Vec<Patch>,
}

#[derive(Clone)]
pub(super) struct Patch {
    /// What it stands in for.
    of: Of,
    /// What stands there instead.
    pub by: Wanted,
}

#[derive(Clone, PartialEq)]
enum Of {
    /// Every version of a source that fits, by the name or the address that a manifest writes.
    Source(String),
    /// This version alone, of any source; every one where it names none.
    Version(Option<String>),
}

impl Patches {
    /// Those of cargo's settings, which go before those of the manifest in `root`, if there is one.
    pub fn of(settings: &Settings, root: &Path) -> Patches {
        let mut list = settings.patches.clone();
        if let Ok(manifest) = manifest::parse(root) {
            list.extend(patches(&manifest, root));
            let replaced = manifest.get("replace").and_then(Value::as_table).into_iter().flatten();
            list.extend(replaced.map(|(spec, value)| {
                let (name, version) = named(spec);
                let by = Wanted { package: name.to_owned(), ..manifest::entry(root, name, value) };
                Patch { of: Of::Version(version.map(str::to_owned)), by }
            }));
        }
        Patches { list }
    }

    /// The folders that stand in for released packages.
    pub fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.list.iter().filter_map(|one| one.by.path.as_ref())
    }

    /// What may stand in for what a manifest asks for. That of a single version does where the package is
    /// `released` in that version, or here in none.
    pub fn for_wanted(&self, wanted: &Wanted, settings: &Settings, released: Option<&str>) -> Vec<Patch> {
        let source = wanted.git.clone().or_else(|| match &wanted.registry {
            Some(name) => settings.registry(name),
            None => Some(CRATES_IO.to_owned()),
        });
        let holds = |one: &&Patch| match &one.of {
            Of::Source(of) => source.as_deref().is_some_and(|source| means(of, source, settings)),
            Of::Version(None) => true,
            Of::Version(Some(version)) => match released {
                Some(released) => same_release(released, version),
                None => Version::parse(version).is_ok_and(|version| fits(&wanted.requirement, &version)),
            },
        };
        self.list.iter().filter(|one| one.by.package == wanted.package).filter(holds).cloned().collect()
    }

    /// What stands in for a locked package, and the lockfile knows nothing of: it was written before.
    pub fn unknown_to(&self, lock: &Lockfile, one: &LockedPackage, settings: &Settings) -> Vec<Patch> {
        let source = one.source.as_deref().unwrap_or_default();
        let holds = |patch: &&Patch| match &patch.of {
            Of::Source(of) => means(of, source, settings),
            Of::Version(version) => version.as_ref().is_none_or(|version| *version == one.released),
        };
        let is_known = |patch: &&Patch| {
            lock.unused.contains(&one.name)
                || lock.packages.iter().any(|other| other.name == one.name && patch.is_from(other, settings))
        };
        let found = self.list.iter().filter(|patch| patch.by.package == one.name).filter(holds);
        found.filter(|patch| !is_known(patch)).cloned().collect()
    }
}

impl Patch {
    /// Whether a locked package is what stands in.
    fn is_from(&self, locked: &LockedPackage, settings: &Settings) -> bool {
        let source = locked.source.as_deref();
        match (&self.by.path, &self.by.git, &self.by.registry) {
            (Some(_), ..) => locked.own,
            (None, Some(git), _) => source.is_some_and(|source| means(git, source, settings)),
            (None, None, Some(name)) => source.is_some_and(|source| means(name, source, settings)),
            (None, None, None) => {
                source.is_some_and(|source| matches!(Released::of(source), Released::CratesIo))
            }
        }
    }

    /// The version of what stands in; none where it is not on this machine.
    pub fn version(&self, finder: &mut Finder<'_>) -> Option<Version> {
        let package = match &self.by.path {
            Some(folder) => manifest::read(folder, super::Origin::Own, manifest::Above::Anywhere).ok()?.0,
            None => finder.newest(&self.by)?.0,
        };
        Version::parse(package.id.version()).ok()
    }

    /// Why what it stands in for is not here.
    pub fn absent(&self) -> String {
        let by = &self.by;
        match (&by.path, &by.git) {
            (Some(folder), _) => {
                format!(
                    "the folder {} stands in for it, and has no package that can be read",
                    folder.display()
                )
            }
            (None, Some(git)) => format!(
                "{} stands in for it, and is not on this machine: `cargo fetch` brings it",
                told(git.trim_start_matches("git+"))
            ),
            (None, None) => {
                "what stands in for it is not on this machine: `cargo fetch` brings it".to_owned()
            }
        }
    }
}

/// `[patch.SOURCE]` of a manifest, or of settings, in a folder.
pub(super) fn patches(table: &Table, folder: &Path) -> Vec<Patch> {
    let sources = table.get("patch").and_then(Value::as_table).into_iter().flatten();
    let tables = sources.filter_map(|(source, entries)| Some((source, entries.as_table()?)));
    let patches = |(source, entries): (&String, &Table)| -> Vec<Patch> {
        let by = entries.iter().map(|(key, value)| manifest::entry(folder, key, value));
        by.map(|by| Patch { of: Of::Source(source.clone()), by }).collect()
    };
    tables.flat_map(patches).collect()
}

/// `paths` of settings, in a folder: packages that stand in for whatever bears their names.
pub(super) fn overrides(table: &Table, folder: &Path) -> Vec<Patch> {
    let paths = table.get("paths").and_then(Value::as_array).into_iter().flatten();
    let patch = |path: &str| {
        let root = folder.join(path);
        let package =
            manifest::package_table(&manifest::parse(&root).ok()?)?.get("name")?.as_str()?.to_owned();
        let by = manifest::entry(
            folder,
            &package,
            &Value::Table(Table::from_iter([("path".to_owned(), path.into())])),
        );
        Some(Patch { of: Of::Version(None), by })
    };
    paths.filter_map(Value::as_str).filter_map(patch).collect()
}

/// Whether the name or address that a manifest writes means a source.
fn means(written: &str, source: &str, settings: &Settings) -> bool {
    let is_crates_io = matches!(Released::of(source), Released::CratesIo);
    match written {
        "crates-io" => is_crates_io,
        _ if is_crates_io => {
            matches!(Released::of(&format!("registry+{}", bare(written))), Released::CratesIo)
        }
        _ => {
            let address = |text: &str| {
                let text = text.split(['?', '#']).next().unwrap_or_default();
                bare(text).to_owned()
            };
            let written = settings.registry(written).unwrap_or_else(|| written.to_owned());
            address(&written) == address(source)
        }
    }
}

/// The name and the version of a package's id: `NAME:VERSION`, `NAME@VERSION`, `ADDRESS#NAME:VERSION`.
fn named(spec: &str) -> (&str, Option<&str>) {
    let last = spec.rsplit_once('#').map_or(spec, |(_, last)| last);
    match last.split_once([':', '@']) {
        Some((name, version)) => (name, Some(version)),
        None => (last, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart_however_they_are_written() {
        let settings = Settings::default();
        let git = "git+https://example.org/a.git?branch=b#abc";
        for (written, source, same) in [
            ("crates-io", CRATES_IO, true),
            ("https://github.com/rust-lang/crates.io-index", CRATES_IO, true),
            ("https://example.org/a", git, true),
            ("https://example.org/b", git, false),
            ("crates-io", git, false),
            ("https://example.org/a", CRATES_IO, false),
        ] {
            assert_eq!(means(written, source, &settings), same, "{written} {source}");
        }
        assert_eq!(named("a:1.0.0"), ("a", Some("1.0.0")));
        assert_eq!(named("https://example.org/x#a@1.0.0"), ("a", Some("1.0.0")));
        assert_eq!(named("a"), ("a", None));
    }
}
