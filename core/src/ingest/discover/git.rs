//! What cargo checked out of git: a folder for each repository, in it one for each commit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::manifest::{self, Above};
use super::{Cargo, Origin};

/// Folders within a repository, and manifests in it.
const DEPTH_MAX: usize = 16;
const MANIFESTS_MAX: usize = 5_000;
/// Git shortens commits to no less.
const COMMIT_CHARS_MIN: usize = 4;

/// The checkouts of this machine, each looked through once.
pub(super) struct Checkouts {
    folder: PathBuf,
    packages: HashMap<PathBuf, Vec<Checked>>,
}

/// A package in a checkout.
struct Checked {
    name: String,
    version: String,
    root: PathBuf,
}

impl Checkouts {
    pub fn of(cargo: &Cargo) -> Checkouts {
        Checkouts { folder: cargo.home.join("git").join("checkouts"), packages: HashMap::new() }
    }

    /// The folder of a package in the very commit that is locked, and the checkout that it lies in.
    pub fn find(
        &mut self,
        url: &str,
        commit: &str,
        name: &str,
        version: Option<&str>,
    ) -> Option<(PathBuf, PathBuf)> {
        let checkout = self.checkout(url, commit)?;
        let packages = self.packages.entry(checkout.clone()).or_insert_with(|| look_through(&checkout));
        let fits = |one: &&Checked| one.name == name && version.is_none_or(|version| one.version == version);
        Some((packages.iter().find(fits)?.root.clone(), checkout))
    }

    /// The checkout that a folder lies in.
    pub fn of_folder(&self, folder: &Path) -> Option<PathBuf> {
        let all = self.folder.canonicalize().ok()?;
        let way: Vec<_> = folder.strip_prefix(&all).ok()?.components().take(2).collect();
        (way.len() == 2).then(|| way.iter().fold(all, |path, part| path.join(part)))
    }

    /// `NAME-HASH/COMMIT`: the hash is of cargo's making, so that the name and the commit tell.
    fn checkout(&self, url: &str, commit: &str) -> Option<PathBuf> {
        let address = url.trim_end_matches('/').trim_end_matches(".git");
        let repository = address.rsplit(['/', ':']).next().filter(|name| !name.is_empty())?.to_lowercase();
        let is_of_it = |path: &PathBuf| {
            let folder = path.file_name().and_then(|name| name.to_str()).map(str::to_lowercase);
            let rest =
                folder.as_deref().and_then(|folder| folder.strip_prefix(&repository)?.strip_prefix('-'));
            rest.map(|rest| rest.trim_end_matches("-shallow"))
                .is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        let is_commit = |path: &PathBuf| {
            let short = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let (least, most) = if short.len() < commit.len() { (short, commit) } else { (commit, short) };
            least.len() >= COMMIT_CHARS_MIN && most.starts_with(least)
        };
        let repositories = super::folders(&self.folder).into_iter().filter(is_of_it);
        let checkouts: Vec<PathBuf> = repositories.flat_map(|path| super::folders(&path)).collect();
        match (commit, checkouts.as_slice()) {
            // Without a commit, only what is the only one can be meant.
            ("", [one]) => Some(one.clone()),
            _ => checkouts.into_iter().find(is_commit),
        }
    }
}

/// Every package below a checkout, those nearest its root first.
fn look_through(checkout: &Path) -> Vec<Checked> {
    let walk = WalkBuilder::new(checkout)
        .standard_filters(false)
        .hidden(true)
        .max_depth(Some(DEPTH_MAX))
        .filter_entry(|entry| entry.file_name() != "target")
        .build();
    let manifests = walk.flatten().filter(|entry| entry.file_name() == "Cargo.toml").take(MANIFESTS_MAX);
    let mut folders: Vec<PathBuf> =
        manifests.filter_map(|entry| Some(entry.path().parent()?.to_owned())).collect();
    folders.sort_by_key(|folder| (folder.components().count(), folder.clone()));
    let read = |root: PathBuf| {
        let (package, _) = manifest::read(&root, Origin::Dependency, Above::Within(checkout)).ok()?;
        let (name, version) = (package.id.name().to_owned(), package.id.version().to_owned());
        Some(Checked { name, version, root })
    };
    folders.into_iter().filter_map(read).collect()
}
