//! The folders that packages were indexed from, where they are still what they were.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::usage::Standing;
use crate::catalog::{CatalogEntry, PackageRoot};
use crate::ingest::{Origin, PackageFolder, STANDARD_CRATES, Told, Toolchain, fingerprint, origin_of};
use crate::package::Tier;

/// What a package is to the item that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// It has the item, or shows it.
    Package,
    /// One's own code.
    Own,
    /// It builds on the package that has the item.
    Other,
}

/// A package's source on this machine.
#[derive(Debug)]
pub struct PackageSource {
    pub entry: CatalogEntry,
    pub relation: Relation,
    pub folder: PackageFolder,
    pub manifest: Option<Told>,
    /// Names by which its code means another version of the package that is asked about.
    pub strangers: HashSet<String>,
}

/// Why a package's source is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unread {
    /// It was indexed elsewhere, or its folder is gone.
    NotHere,
    /// It is not what was indexed.
    Changed,
}

impl PackageSource {
    /// Opens the folder of an entry that the catalog handed out. `toolchain` is asked of the standard library.
    pub fn open(
        entry: &CatalogEntry,
        root: Option<&PackageRoot>,
        relation: Relation,
        toolchain: Option<&Toolchain>,
    ) -> Result<PackageSource, Unread> {
        let root = root.ok_or(Unread::NotHere)?;
        let origin = origin_of(root.fingerprint.as_deref());
        let folder = PackageFolder::open(&root.root, origin).ok_or(Unread::NotHere)?;
        let manifest = folder.manifest();
        let same = match origin {
            Origin::Own => root.fingerprint.as_ref() == Some(&fingerprint(&root.root, origin)),
            _ if is_standard(entry) => toolchain.is_some_and(|one| is_of(one, entry, &folder)),
            Origin::Dependency => manifest.as_ref().is_some_and(|manifest| is_released_as(manifest, entry)),
        };
        let (entry, strangers) = (entry.clone(), HashSet::new());
        match same {
            true => Ok(PackageSource { entry, relation, folder, manifest, strangers }),
            false => Err(Unread::Changed),
        }
    }

    /// The name of its library in code.
    pub fn crate_name(&self) -> String {
        let named = self.manifest.as_ref().map(|manifest| manifest.crate_name.clone());
        named.unwrap_or_else(|| self.entry.id.name().replace('-', "_"))
    }

    /// What names mean in one of its files. `crates` are the names in code of packages by their own.
    pub fn standing(&self, relative: &str, crates: &HashMap<String, String>) -> Standing {
        let renamed = self.manifest.iter().flat_map(|manifest| &manifest.dependencies);
        let renamed = renamed.filter_map(|one| Some((one.alias.clone()?, crates.get(&one.package)?.clone())));
        let mut aliases: HashMap<String, String> = renamed.collect();
        // No crate is called so, and no path leads there.
        aliases.extend(self.strangers.iter().map(|name| (name.clone(), format!("{name}@"))));
        Standing { module: self.module(relative), aliases }
    }

    /// The path of a file's module. Tests, examples and programs are crates of their own, which no other can name;
    /// none of a program that may share its modules with the library.
    fn module(&self, relative: &str) -> Option<Vec<String>> {
        let (folder, inside) = relative.strip_suffix(".rs")?.split_once('/')?;
        let (folder, inside) = match inside.strip_prefix("bin/") {
            Some(inside) if folder == "src" => ("bin", inside),
            _ => (folder, inside),
        };
        let mut path: Vec<String> = inside.split('/').map(str::to_owned).collect();
        match folder {
            "src" if inside == "main" && self.folder.root().join("src/lib.rs").is_file() => return None,
            "src" => path.insert(0, self.crate_name()),
            "bin" | "tests" | "examples" | "benches" => {
                let name = path.first_mut()?;
                *name = format!("{name}@{folder}");
            }
            _ => return None,
        }
        let last = path.last().map(String::as_str);
        if path.len() > 1
            && (last == Some("mod") || (path.len() == 2 && matches!(last, Some("lib" | "main"))))
        {
            path.pop();
        }
        Some(path)
    }
}

/// Whether an entry is a crate of the standard library.
pub fn is_standard(entry: &CatalogEntry) -> bool {
    entry.tier() == Tier::Public && STANDARD_CRATES.contains(&entry.id.name())
}

fn is_of(toolchain: &Toolchain, entry: &CatalogEntry, folder: &PackageFolder) -> bool {
    let sysroot = toolchain.sysroot.canonicalize();
    toolchain.version == entry.id.version() && sysroot.is_ok_and(|sysroot| folder.root().starts_with(sysroot))
}

/// Whether a folder's manifest is of the package and version. That of a package from elsewhere than crates.io
/// bears its source behind the version.
fn is_released_as(manifest: &Told, entry: &CatalogEntry) -> bool {
    let Some(version) = &manifest.version else { return false };
    let rest = entry.id.version().strip_prefix(version.as_str());
    manifest.name == entry.id.name()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', '.']))
}
