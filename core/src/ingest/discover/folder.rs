//! A folder that no manifest describes: with packages in it, or with code alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::{Broken, Cargo, DiscoverError, Origin, SourcePackage, SourceSet, Target};
use crate::ingest::walk;
use crate::package::PackageId;

/// Root files of a folder that has no manifest to name them.
const LOOSE_FILES_MAX: usize = 1_000;
/// Packages of one folder, and folders down to them.
const PACKAGES_MAX: usize = 1_000;
const DEPTH_MAX: usize = 8;

/// The packages and workspaces that lie below a folder, the outermost of each way down.
pub(super) fn projects(root: &Path) -> Vec<PathBuf> {
    let has_manifest = |folder: &Path| folder.join("Cargo.toml").is_file();
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .git_ignore(true)
        .git_exclude(true)
        .require_git(false)
        .parents(true)
        .max_depth(Some(DEPTH_MAX))
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let is_output = matches!(entry.file_name().to_str(), Some("target" | "node_modules"));
            // A package's own folders are its own matter.
            is_folder
                && !is_output
                && entry.path().parent().is_none_or(|above| entry.depth() == 0 || !has_manifest(above))
        })
        .build();
    let folders = walk.flatten().filter(|entry| entry.depth() > 0 && has_manifest(entry.path()));
    folders.take(PACKAGES_MAX).map(|entry| entry.path().to_owned()).collect()
}

/// Each project as if it were asked for by itself, all in one set. Those of one workspace are asked for once.
pub(super) fn of_projects(root: &Path, projects: &[PathBuf], cargo: &Cargo) -> SourceSet {
    let mut whole = SourceSet { root: root.to_owned(), ..SourceSet::default() };
    for project in projects {
        let is_it = |one: &SourcePackage| one.origin == Origin::Own && one.root == *project;
        if whole.packages.iter().any(is_it) {
            continue;
        }
        match super::governed(project, cargo) {
            Ok(one) => append(&mut whole, one),
            Err(error) => whole.broken.push(Broken::of(root, project, &error.to_string())),
        }
    }
    super::sort(&mut whole);
    whole
}

/// Adds a set to another; what both have is there once.
fn append(set: &mut SourceSet, other: SourceSet) {
    let root = set.root.clone();
    let first = set.packages.len();
    let mut places = Vec::with_capacity(other.packages.len());
    let mut next = first;
    let mut added = Vec::new();
    for package in other.packages {
        let same = set.packages.get_mut(..first).unwrap_or_default().iter_mut().enumerate();
        match same.into_iter().find(|(_, one)| one.id == package.id) {
            Some((at, one)) if one.root == package.root => {
                one.wanted |= package.wanted;
                places.push(at);
            }
            Some((at, one)) => {
                if package.wanted && package.origin == Origin::Own {
                    let why = format!("{} of that version lies in {} too", package.id, one.root.display());
                    set.broken.push(Broken::of(&root, &package.root, &why));
                }
                places.push(at);
            }
            None => {
                places.push(next);
                next += 1;
                added.push(package);
            }
        }
    }
    for mut package in added {
        package.dependencies.retain(|_, at| places.get(*at).map(|&new| *at = new).is_some());
        set.packages.push(package);
    }
    set.missing.extend(other.missing);
    set.broken.extend(other.broken);
    set.notes.extend(other.notes);
}

/// A folder of code: named after itself, its crates found by the usual file names, or else every source file
/// by itself.
pub(super) fn plain(root: &Path) -> Result<SourcePackage, DiscoverError> {
    let folder = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = usable_name(&folder);
    let usual = [("lib", "src/lib.rs"), ("lib", "lib.rs"), ("bin", "src/main.rs"), ("bin", "main.rs")];
    let target = |kind: &str, name: &str, relative: &str| Target {
        name: name.to_owned(),
        kinds: vec![kind.to_owned()],
        entry: root.join(relative),
    };
    let mut targets: Vec<Target> = usual
        .into_iter()
        .map(|(kind, relative)| target(kind, &name, relative))
        .filter(|target| target.entry.is_file())
        .collect();
    if targets.is_empty() {
        let files = walk::files(root, Origin::Own, |path| path.ends_with(".rs"), &mut BTreeMap::new());
        let sources = files.iter().filter_map(|file| file.relative.strip_suffix(".rs"));
        targets = sources
            .take(LOOSE_FILES_MAX)
            .map(|stem| {
                let name = stem.rsplit('/').next().unwrap_or(stem);
                target("bin", &usable_name(name), &format!("{stem}.rs"))
            })
            .collect();
    }
    Ok(SourcePackage {
        id: PackageId::rust(name, "0.0.0")?,
        root: root.to_owned(),
        origin: Origin::Own,
        wanted: true,
        direct: false,
        here: true,
        description: None,
        repository: None,
        targets,
        dependencies: BTreeMap::new(),
        edition_2015: false,
        features: None,
    })
}

/// A name that fits the grammar of package ids, as near to `name` as it allows.
fn usable_name(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    let usable: String = name.chars().take(100).map(keep).collect();
    let usable = usable.trim_start_matches('-');
    if usable.is_empty() { "folder".to_owned() } else { usable.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_folders_name_becomes_a_usable_one() {
        for name in ["", "-", "..", "a b", "ä", "\u{202e}x", &"x".repeat(500)] {
            let usable = usable_name(name);
            assert!(PackageId::rust(usable.as_str(), "0.0.0").is_ok(), "{name:?} became {usable:?}");
        }
        assert_eq!(usable_name("my-notes"), "my-notes");
    }
}
