//! Where the code of one package lies on this machine, by its source and by nothing else.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use url::Url;

use super::git::Checkouts;
use super::lockfile::{LockedPackage, Lockfile};
use super::manifest::{self, Above, Wanted};
use super::patches::Patches;
use super::registry::{Registry, fits, split};
use super::released::{CRATES_IO, Released, qualified};
use super::settings::{Place, Settings};
use super::{Cargo, DiscoverError, Origin, SourcePackage};
use crate::http::shown_address;
use crate::package::PackageId;

pub(super) struct Finder<'a> {
    pub settings: Settings,
    pub patches: Patches,
    registry: OnceCell<Registry>,
    checkouts: Checkouts,
    vendored: HashMap<PathBuf, Vec<PathBuf>>,
    cargo: &'a Cargo,
}

/// A package and the dependencies that its manifest names.
pub(super) type Read = (SourcePackage, Vec<Wanted>);

impl<'a> Finder<'a> {
    /// With the settings that hold in a folder, and what its manifest says of other packages.
    pub fn new(folder: &Path, cargo: &'a Cargo) -> Finder<'a> {
        let settings = Settings::of(folder, cargo);
        Finder {
            patches: Patches::of(&settings, folder),
            settings,
            registry: OnceCell::new(),
            checkouts: Checkouts::of(cargo),
            vendored: HashMap::new(),
            cargo,
        }
    }

    /// Cargo's registry folder. It is listed when it is first asked for: where cargo answers, it never is.
    pub fn registry(&self) -> &Registry {
        self.registry.get_or_init(|| Registry::list(self.cargo))
    }

    /// Reads a locked package, or says what would bring it.
    pub fn locked(&mut self, one: &LockedPackage) -> Result<Read, String> {
        let source = one.source.as_deref().unwrap_or_default();
        let place = self.settings.place(source);
        let found = match &place {
            Place::Checkout { url, commit } => {
                self.checkouts.find(url, commit, &one.name, Some(&one.released))
            }
            Place::Vendored { folder, git } => self
                .vendored(folder, *git, &one.name, |version| version.to_string() == one.released)
                .map(|(_, root)| (root.clone(), root)),
            Place::CratesIo | Place::Registry(_) => {
                let found = self.registry().exact(&one.name, &one.released, &place);
                found.map(|root| (root.to_owned(), root.to_owned()))
            }
            Place::Elsewhere => None,
        };
        let (root, within) = found.ok_or_else(|| self.absent(one, &place))?;
        read(&root, &within).map_err(|error| error.to_string())
    }

    /// What stands in for a locked package, where the lockfile does not know it: why the package is not here.
    pub fn patched(&mut self, lock: &Lockfile, one: &LockedPackage) -> Option<String> {
        let patches = self.patches.unknown_to(lock, one, &self.settings);
        patches.into_iter().find_map(|patch| {
            let version = patch.version(self);
            let stands_in = version.is_none_or(|version| same_release(&version.to_string(), &one.released));
            stands_in.then(|| patch.absent())
        })
    }

    /// Whether a folder lies in one of git's checkouts.
    pub fn is_in_checkout(&self, folder: &Path) -> bool {
        self.checkouts.of_folder(folder).is_some()
    }

    /// Reads the newest package here that a manifest asks for, as its source lets it be named.
    pub fn newest(&mut self, wanted: &Wanted) -> Option<Read> {
        let index = wanted.registry.as_deref().map(|name| self.settings.registry(name));
        let source = match (&wanted.git, index) {
            (Some(git), _) => {
                let asked = git.split_once("?rev=").map_or("", |(_, rev)| rev);
                format!("{git}#{asked}")
            }
            (None, Some(index)) => index?,
            (None, None) => CRATES_IO.to_owned(),
        };
        let fits = |version: &Version| fits(&wanted.requirement, version);
        let (root, within, source) = match self.settings.place(&source) {
            Place::Checkout { url, commit } => {
                let (root, checkout) = self.checkouts.find(&url, &commit, &wanted.package, None)?;
                let commit = commit_of(&checkout).unwrap_or(commit);
                (root, checkout, format!("git+{url}#{commit}"))
            }
            Place::Vendored { folder, git } => {
                let (_, root) = self.vendored(&folder, git, &wanted.package, fits)?;
                (root.clone(), root, source)
            }
            place @ (Place::CratesIo | Place::Registry(_)) => {
                let path = self.registry().newest(&wanted.package, &place, fits)?.path.clone();
                (path.clone(), path, source)
            }
            Place::Elsewhere => return None,
        };
        let (mut package, list) = read(&root, &within).ok()?;
        let version = qualified(package.id.version(), Some(&source));
        package.id = PackageId::rust(package.id.name(), version).ok()?;
        Some((package, list))
    }

    /// Reads a package in a folder that one of git's checkouts holds.
    pub fn in_checkout(&self, folder: &Path) -> Option<Read> {
        let checkout = self.checkouts.of_folder(folder)?;
        let (mut package, list) = read(folder, &checkout).ok()?;
        let source = format!("git+#{}", commit_of(&checkout)?);
        let version = qualified(package.id.version(), Some(&source));
        package.id = PackageId::rust(package.id.name(), version).ok()?;
        Some((package, list))
    }

    /// The newest version in a vendor folder that fits: `NAME` or `NAME-VERSION`, and of a registry or of git
    /// as it is asked for.
    fn vendored(
        &mut self,
        folder: &Path,
        git: bool,
        name: &str,
        fits: impl Fn(&Version) -> bool,
    ) -> Option<(Version, PathBuf)> {
        let all = self.vendored.entry(folder.to_owned()).or_insert_with(|| super::folders(folder));
        let named = all.iter().filter(|path| {
            let folder = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            folder == name || split(folder).is_some_and(|(of, _)| of == name)
        });
        let found =
            named.filter(|path| is_of_git(path).is_none_or(|of_git| of_git == git)).filter_map(|path| {
                let (package, _) = read(path, path).ok()?;
                let version = Version::parse(package.id.version()).ok()?;
                (package.id.name() == name && fits(&version)).then(|| (version, path.clone()))
            });
        found.max()
    }

    /// Why a package is not here, and what brings it.
    fn absent(&self, one: &LockedPackage, place: &Place) -> String {
        let archive = format!("{}-{}.crate", one.name, one.released);
        let caches = super::folders(&self.cargo.home.join("registry").join("cache"));
        match (place, Released::of(one.source.as_deref().unwrap_or_default())) {
            (Place::Vendored { folder, .. }, _) => {
                format!("it is not in the folder {}: `cargo vendor` brings it", folder.display())
            }
            (_, Released::Git { url, commit, .. }) => {
                let commit: String = commit.chars().take(10).collect();
                let url = told(url);
                format!(
                    "commit {commit} of {url} is not checked out on this machine: `cargo fetch` brings it"
                )
            }
            _ if caches.iter().any(|cache| cache.join(&archive).is_file()) => {
                "its archive is here but was not unpacked: `cargo fetch` unpacks it".to_owned()
            }
            (Place::Registry(index), _) => {
                let index = told(index);
                format!("its sources, of {index}, are not on this machine: `cargo fetch` brings them")
            }
            _ => "its sources are not on this machine: `cargo fetch` brings them".to_owned(),
        }
    }
}

/// A released package: what it inherits lies within its repository.
fn read(root: &Path, within: &Path) -> Result<Read, DiscoverError> {
    let above = if root == within { Above::Nowhere } else { Above::Within(within) };
    manifest::read(root, Origin::Dependency, above)
}

/// The commit that a checkout stands at.
fn commit_of(checkout: &Path) -> Option<String> {
    let git = checkout.join(".git");
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let commit = match head.trim().strip_prefix("ref: ") {
        Some(branch) if !branch.contains("..") => fs::read_to_string(git.join(branch)).ok()?,
        Some(_) => return None,
        None => head,
    };
    let commit = commit.trim();
    (commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| commit.to_owned())
}

/// Whether a vendored package came from git: only what a registry released has a checksum of its archive.
fn is_of_git(folder: &Path) -> Option<bool> {
    let text = fs::read_to_string(folder.join(".cargo-checksum.json")).ok()?;
    let sums: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(sums.get("package").is_none_or(serde_json::Value::is_null))
}

/// Whether two versions differ in build metadata at most, which tells sources apart and not releases.
pub(super) fn same_release(one: &str, other: &str) -> bool {
    let plain = |version: &str| version.split('+').next().unwrap_or_default().to_owned();
    plain(one) == plain(other)
}

/// An address of a source, as it may be told.
pub(super) fn told(address: &str) -> String {
    let shown = Url::parse(address).ok().and_then(|url| shown_address(&url));
    shown.unwrap_or_else(|| "an address that is none".to_owned())
}
