//! What a lockfile names and cargo did not tell of: looked up in the registry folder, or listed as
//! missing with what would bring it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::lockfile::Lockfile;
use super::manifest::{self, Wanted};
use super::registry::Registry;
use super::{Cargo, DiscoverError, Missing, Origin, SourcePackage, SourceSet};
use crate::package::PackageId;

/// Adds to the set what the lockfile names and the set lacks.
pub(super) fn complete(set: &mut SourceSet, lock: &Lockfile, cargo: &Cargo) {
    let known: HashMap<(String, String), usize> = places(set);
    let lacking = |name: &str, version: &str| !known.contains_key(&(name.to_owned(), version.to_owned()));
    if lock.packages.iter().all(|one| !lacking(&one.name, &one.version)) {
        return;
    }
    let registry = Registry::list(cargo);
    let mut own = own_packages(&set.root).unwrap_or_default();
    let mut added: HashSet<usize> = HashSet::new();
    let mut wanted: HashMap<usize, Vec<Wanted>> = HashMap::new();
    for (index, one) in lock.packages.iter().enumerate().filter(|(_, one)| lacking(&one.name, &one.version)) {
        let Ok(id) = PackageId::rust(one.name.as_str(), one.version.as_str()) else {
            set.missing.push(missing(one, "its name or version is not usable".to_owned()));
            continue;
        };
        let mut package = if one.own {
            let Some(at) = own.iter().position(|package| package.id.name() == one.name) else {
                set.missing.push(missing(one, "its folder was not found in the workspace".to_owned()));
                continue;
            };
            own.swap_remove(at)
        } else {
            let read =
                registry.exact(&one.name, &one.version).map(|path| manifest::read(path, Origin::Dependency));
            match read {
                Some(Ok((package, list))) => {
                    wanted.insert(set.packages.len(), list);
                    package
                }
                Some(Err(error)) => {
                    set.missing.push(missing(one, error.to_string()));
                    continue;
                }
                None => {
                    set.missing.push(missing(one, absent(one, cargo)));
                    continue;
                }
            }
        };
        package.id = id;
        package.direct = one.direct;
        set.packages.push(package);
        added.insert(index);
    }
    connect(set, lock, &added, &wanted);
}

/// Gives the packages that were added the dependencies that the lockfile names.
fn connect(
    set: &mut SourceSet,
    lock: &Lockfile,
    added: &HashSet<usize>,
    wanted: &HashMap<usize, Vec<Wanted>>,
) {
    let places = places(set);
    let place = |index: usize| {
        let one = lock.packages.get(index)?;
        places.get(&(one.name.clone(), one.version.clone())).copied()
    };
    for &index in added {
        let (Some(at), Some(one)) = (place(index), lock.packages.get(index)) else { continue };
        let mut dependencies = Vec::new();
        for other in one.dependencies.iter().filter_map(|&other| place(other)) {
            let Some(package) = set.packages.get(other) else { continue };
            let named = |wanted: &&Wanted| wanted.package == package.id.name();
            let alias =
                wanted.get(&at).and_then(|list| list.iter().find(named)).and_then(|one| one.alias.clone());
            let name = alias.or_else(|| package.library().map(|target| target.crate_name()));
            dependencies.extend(name.map(|name| (name, other)));
        }
        if let Some(package) = set.packages.get_mut(at) {
            package.dependencies.extend(dependencies);
        }
    }
}

fn places(set: &SourceSet) -> HashMap<(String, String), usize> {
    let key = |one: &SourcePackage| (one.id.name().to_owned(), one.id.version().to_owned());
    set.packages.iter().enumerate().map(|(at, one)| (key(one), at)).collect()
}

fn missing(one: &super::lockfile::LockedPackage, reason: String) -> Missing {
    Missing { name: one.name.clone(), version: one.version.clone(), reason }
}

fn absent(one: &super::lockfile::LockedPackage, cargo: &Cargo) -> String {
    let archive = format!("{}-{}.crate", one.name, one.version);
    let caches = fs::read_dir(cargo.home.join("registry").join("cache")).into_iter().flatten().flatten();
    if caches.map(|cache| cache.path().join(&archive)).any(|path| path.is_file()) {
        "its archive is here but was not unpacked: `cargo fetch` unpacks it".to_owned()
    } else {
        "its sources are not on this machine: `cargo fetch` brings them".to_owned()
    }
}

/// The packages of the workspace at `root`, from its manifests: the root's own and its members.
pub(super) fn own_packages(root: &Path) -> Result<Vec<SourcePackage>, DiscoverError> {
    let path = root.join("Cargo.toml");
    let unreadable = |why: String| DiscoverError::Unreadable { path: path.display().to_string(), why };
    let text = fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
    let manifest: toml::Table =
        toml::from_str(&text).map_err(|error| unreadable(error.message().to_owned()))?;
    let members = manifest.get("workspace").and_then(|workspace| workspace.get("members"));
    let members =
        members.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
    let mut folders: Vec<PathBuf> = members.flat_map(|member| expand(root, member)).collect();
    if manifest.contains_key("package") {
        folders.insert(0, root.to_owned());
    }
    Ok(folders.iter().filter_map(|folder| Some(manifest::read(folder, Origin::Own).ok()?.0)).collect())
}

/// A member's folder, or with `*` as its last part every folder there.
fn expand(root: &Path, member: &str) -> Vec<PathBuf> {
    let Some(parent) = member.strip_suffix('*').map(|parent| root.join(parent)) else {
        return vec![root.join(member)];
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
