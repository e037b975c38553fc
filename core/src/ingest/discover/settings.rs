//! What cargo's own settings say of where sources come from: `[source]` with what replaces what, the names
//! of registries, what stands in for packages, and what is built for. Read where cargo does not answer; cargo reads them itself.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Cargo;
use super::patches::{self, Patch};
use super::released::Released;

/// Sources that stand in for one another.
const REPLACEMENTS_MAX: usize = 10;

#[derive(Default)]
pub(super) struct Settings {
    sources: HashMap<String, Table>,
    registries: HashMap<String, String>,
    /// `build.target`.
    pub targets: Vec<String>,
    /// `[patch]` and `paths`, the nearest first.
    pub patches: Vec<Patch>,
}

/// Where the code of a released package is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A folder with a folder for each package, as `cargo vendor` makes it.
    Vendored { folder: PathBuf, git: bool },
    /// What was unpacked of crates.io.
    CratesIo,
    /// What was unpacked of the registry with this index.
    Registry(String),
    /// What was checked out of git.
    Checkout { url: String, commit: String },
    /// Nothing that is known here.
    Elsewhere,
}

impl Settings {
    /// Those that hold in a folder: of it, of the folders above it, and of cargo's home; the nearest wins.
    pub fn of(folder: &Path, cargo: &Cargo) -> Settings {
        let mut settings = Settings::default();
        let homes = folder.ancestors().map(|folder| folder.join(".cargo"));
        for home in homes.chain([cargo.home.clone()]) {
            let read = |name: &str| fs::read_to_string(home.join(name)).ok();
            // Of both names, cargo takes the old one.
            let Some(text) = read("config").or_else(|| read("config.toml")) else { continue };
            let Ok(table) = toml::from_str::<Table>(&text) else { continue };
            settings.take(&table, home.parent().unwrap_or(&home));
        }
        settings
    }

    fn take(&mut self, table: &Table, folder: &Path) {
        let entries = |key: &str| table.get(key).and_then(Value::as_table).into_iter().flatten();
        for (name, source) in entries("source") {
            let Some(mut source) = source.as_table().cloned() else { continue };
            if let Some(directory) = source.get("directory").and_then(Value::as_str) {
                let directory = folder.join(directory).display().to_string();
                source.insert("directory".to_owned(), Value::String(directory));
            }
            self.sources.entry(name.clone()).or_insert(source);
        }
        for (name, registry) in entries("registries") {
            if let Some(index) = registry.get("index").and_then(Value::as_str) {
                self.registries.entry(name.clone()).or_insert_with(|| index.to_owned());
            }
        }
        self.patches.extend(patches::patches(table, folder));
        self.patches.extend(patches::overrides(table, folder));
        if self.targets.is_empty() {
            self.targets = match table.get("build").and_then(|build| build.get("target")) {
                Some(Value::String(target)) => vec![target.clone()],
                Some(Value::Array(list)) => {
                    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                _ => Vec::new(),
            };
        }
    }

    /// A registry's source by the name that manifests use.
    pub fn registry(&self, name: &str) -> Option<String> {
        match self.registries.get(name) {
            Some(index) if index.starts_with("sparse+") => Some(index.clone()),
            Some(index) => Some(format!("registry+{index}")),
            // `registry-index` gives the index itself.
            None if name.contains("://") => Some(format!("registry+{name}")),
            None => None,
        }
    }

    /// Where the code of a source lies, after all replacements.
    pub fn place(&self, source: &str) -> Place {
        let released = Released::of(source);
        let git = matches!(released, Released::Git { .. });
        let mut place = match released {
            Released::CratesIo => Place::CratesIo,
            Released::Registry(index) => Place::Registry(index.to_owned()),
            Released::Git { url, commit, .. } => {
                Place::Checkout { url: url.to_owned(), commit: commit.to_owned() }
            }
        };
        let mut name = self.name_of(source);
        for _ in 0..REPLACEMENTS_MAX {
            let replacement = name.as_deref().and_then(|name| self.sources.get(name));
            let Some(next) =
                replacement.and_then(|source| source.get("replace-with")).and_then(Value::as_str)
            else {
                return place;
            };
            place = self.placed(next, git);
            name = Some(next.to_owned());
        }
        Place::Elsewhere
    }

    /// The name under which the settings speak of a source.
    fn name_of(&self, source: &str) -> Option<String> {
        let of_index = |index: &str| {
            let same = |value: &str| bare(value) == bare(index);
            let sources = self
                .sources
                .iter()
                .filter(|(_, table)| table.get("registry").and_then(Value::as_str).is_some_and(same));
            let registries = self.registries.iter().filter(|(_, value)| same(value));
            sources.map(|(name, _)| name).chain(registries.map(|(name, _)| name)).min().cloned()
        };
        match Released::of(source) {
            Released::CratesIo => Some("crates-io".to_owned()),
            Released::Registry(index) => of_index(index),
            Released::Git { url, query, .. } => {
                let mut named: Vec<&String> = self
                    .sources
                    .iter()
                    .filter(|(_, table)| {
                        let field = |key: &str| table.get(key).and_then(Value::as_str);
                        let asks =
                            |key: &&str| field(key).is_none_or(|value| query == format!("{key}={value}"));
                        field("git").is_some_and(|git| bare(git) == bare(url))
                            && ["rev", "branch", "tag"].iter().all(asks)
                    })
                    .map(|(name, _)| name)
                    .collect();
                named.sort();
                named.first().map(|name| (*name).clone())
            }
        }
    }

    /// Where what the settings call by this name lies.
    fn placed(&self, name: &str, git: bool) -> Place {
        let field = |key: &str| self.sources.get(name)?.get(key)?.as_str();
        if let Some(folder) = field("directory") {
            return Place::Vendored { folder: PathBuf::from(folder), git };
        }
        match field("registry").or_else(|| self.registries.get(name).map(String::as_str)) {
            Some(index) => match Released::of(&format!("registry+{}", bare(index))) {
                Released::CratesIo => Place::CratesIo,
                _ => Place::Registry(bare(index).to_owned()),
            },
            None if name == "crates-io" => Place::CratesIo,
            None => Place::Elsewhere,
        }
    }
}

/// An address as far as it tells sources apart.
pub(super) fn bare(address: &str) -> &str {
    let address = ["sparse+", "registry+", "git+"]
        .iter()
        .find_map(|kind| address.strip_prefix(kind))
        .unwrap_or(address);
    address.trim_end_matches('/').trim_end_matches(".git")
}

#[cfg(test)]
mod tests {
    use super::super::released::CRATES_IO;
    use super::*;

    fn settings(text: &str) -> Settings {
        let mut settings = Settings::default();
        settings.take(&toml::from_str(text).unwrap(), Path::new("/project"));
        settings
    }

    #[test]
    fn without_settings_a_source_lies_where_cargo_unpacks_it() {
        let none = Settings::default();
        assert_eq!(none.place(CRATES_IO), Place::CratesIo);
        assert_eq!(
            none.place("sparse+https://crates.example.org/index/"),
            Place::Registry("https://crates.example.org/index/".to_owned())
        );
        let git = Place::Checkout { url: "https://example.org/a".to_owned(), commit: "abc".to_owned() };
        assert_eq!(none.place("git+https://example.org/a?branch=b#abc"), git);
    }

    #[test]
    fn what_cargo_vendor_writes_is_followed() {
        let settings = settings(
            r#"
            [source.crates-io]
            replace-with = "vendored-sources"
            [source."git+https://example.org/a?rev=abc"]
            git = "https://example.org/a"
            rev = "abc"
            replace-with = "vendored-sources"
            [source.vendored-sources]
            directory = "vendor"
            "#,
        );
        let vendored = |git| Place::Vendored { folder: PathBuf::from("/project/vendor"), git };
        assert_eq!(settings.place(CRATES_IO), vendored(false));
        assert_eq!(settings.place("git+https://example.org/a?rev=abc#abc"), vendored(true));
        assert!(matches!(settings.place("git+https://example.org/b#abc"), Place::Checkout { .. }));
    }

    #[test]
    fn a_mirror_is_followed_and_a_ring_ends() {
        let mirrored = settings(
            "[source.crates-io]\nreplace-with = \"mirror\"\n\
             [source.mirror]\nregistry = \"sparse+https://mirror.example.org/index/\"\n",
        );
        let mirror = Place::Registry("https://mirror.example.org/index".to_owned());
        assert_eq!(mirrored.place(CRATES_IO), mirror);
        let ring =
            settings("[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nreplace-with = \"crates-io\"\n");
        assert_eq!(ring.place(CRATES_IO), Place::Elsewhere);
    }
}
