//! The packages of a workspace from its manifests: its members, and whatever lies in a folder that they
//! depend on.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use toml::{Table, Value};

use super::manifest::{self, Above, Wanted};
use super::patches::Patches;
use super::{Broken, DiscoverError, Origin, SourcePackage};

/// More folders are not members that anyone listed.
const FOLDERS_MAX: usize = 10_000;

/// One's own packages, and those that cannot be read.
#[derive(Default)]
pub(super) struct Members {
    pub packages: Vec<(SourcePackage, Vec<Wanted>)>,
    pub broken: Vec<Broken>,
}

impl Members {
    /// Reads the workspace or package at `root`, and the folders that stand in for what it builds on.
    pub fn read(root: &Path, patches: &Patches) -> Result<Members, DiscoverError> {
        let manifest = manifest::parse(root)?;
        let mut members = Members::default();
        let mut open: Vec<PathBuf> = Vec::new();
        if manifest::package_table(&manifest).is_some() {
            open.push(root.to_owned());
        }
        if let Some(workspace) = manifest.get("workspace").and_then(Value::as_table) {
            open.extend(folders(root, workspace, &mut members.broken));
        }
        open.extend(patches.folders().cloned());
        open.reverse();
        let mut seen: HashSet<PathBuf> = HashSet::new();
        while let Some(folder) = open.pop() {
            let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
            if seen.len() == FOLDERS_MAX || !seen.insert(real.clone()) {
                continue;
            }
            match manifest::read(&real, Origin::Own, Above::Anywhere) {
                Ok((package, wanted)) => {
                    open.extend(wanted.iter().filter_map(|one| one.path.clone()));
                    members.packages.push((package, wanted));
                }
                Err(error) => members.broken.push(Broken::of(root, &folder, &error.to_string())),
            }
        }
        Ok(members)
    }

    /// Takes the member of a name, of this version where there are several.
    pub fn take(&mut self, name: &str, version: &str) -> Result<(SourcePackage, Vec<Wanted>), String> {
        let named = |exact: bool| {
            move |(package, _): &(SourcePackage, Vec<Wanted>)| {
                package.id.name() == name && (!exact || package.id.version() == version)
            }
        };
        let at = self.packages.iter().position(named(true));
        let at = at.or_else(|| self.packages.iter().position(named(false)));
        match at {
            Some(at) => Ok(self.packages.swap_remove(at)),
            None => Err("its folder was not found in the workspace".to_owned()),
        }
    }

    /// Whether what cannot be read is probably the member of this name.
    pub fn is_broken(&self, name: &str) -> bool {
        let folder = |one: &Broken| Path::new(&one.what).file_name().map(|name| name.to_owned());
        self.broken.iter().any(|one| folder(one).is_some_and(|folder| folder == name))
    }
}

/// The folders that `members` names and `exclude` leaves in.
fn folders(root: &Path, workspace: &Table, broken: &mut Vec<Broken>) -> Vec<PathBuf> {
    let list = |key: &str| -> Vec<&str> {
        let values = workspace.get(key).and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_str).collect()
    };
    let members = list("members");
    let excluded: Vec<PathBuf> = list("exclude").into_iter().map(|one| plain(&root.join(one))).collect();
    let named: Vec<PathBuf> = members.iter().map(|one| plain(&root.join(one))).collect();
    let is_excluded = |folder: &PathBuf| {
        excluded.iter().any(|one| folder.starts_with(one)) && !named.iter().any(|one| folder.starts_with(one))
    };
    let mut folders = Vec::new();
    for (member, folder) in members.iter().zip(&named) {
        if !member.contains(['*', '?', '[']) {
            if folder.join("Cargo.toml").is_file() {
                folders.push(folder.clone());
            } else {
                let why = "there is no Cargo.toml in it, though the workspace lists it as a member";
                broken.push(Broken::of(root, folder, why));
            }
            continue;
        }
        // The very matcher that cargo expands members with.
        let root = root.to_str().map(glob::Pattern::escape).unwrap_or_default();
        let matches = glob::glob(&format!("{root}/{member}")).into_iter().flatten();
        let matches = matches.take(FOLDERS_MAX * 10).flatten().map(|path| plain(&path));
        folders
            .extend(matches.filter(|path| path.join("Cargo.toml").is_file()).filter(|path| !is_built(path)));
    }
    folders.retain(|folder| !is_excluded(folder));
    folders.truncate(FOLDERS_MAX);
    folders
}

/// What cargo packed or built lies in `target`, with manifests of its own.
fn is_built(folder: &Path) -> bool {
    folder.ancestors().any(|above| above.join("CACHEDIR.TAG").is_file() && above.ends_with("target"))
}

/// A path without `.` and `..`, as far as its words go: what cargo compares.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

impl Broken {
    /// A folder of a workspace, by its path in it.
    pub(super) fn of(root: &Path, folder: &Path, why: &str) -> Broken {
        let shown = folder.strip_prefix(root).unwrap_or(folder);
        let what = if shown.as_os_str().is_empty() { folder } else { shown };
        Broken { what: what.display().to_string(), why: why.to_owned() }
    }
}
