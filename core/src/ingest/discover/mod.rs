//! Which packages there are: from a lockfile, a folder, or cargo's registry folder.
//!
//! Cargo knows best, and is asked first: with the lockfile as it is, else with one that it makes in a copy.
//! Where it does not answer, manifests, lockfile and cargo's folders say the same, with less certainty. Either
//! way no package is read from the code of another source, and nothing that was asked for is left out unsaid:
//! it is a package, or missing, or broken, or an error that says what was found and what to type.

mod ask;
mod finder;
mod folder;
mod git;
pub mod lockfile;
pub(super) mod manifest;
mod members;
mod metadata;
mod mirror;
mod offline;
mod order;
mod patches;
mod platform;
mod registry;
mod released;
mod settings;
mod sysroot;
mod targets;
mod unlocked;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use self::finder::Finder;
use self::lockfile::Lockfile;
use super::{docs, walk};
use crate::package::{NameError, PackageId};

pub(super) use order::dependencies_first;
use order::sort;
pub(super) use platform::{ENVIRONMENT, VENDOR};
pub use sysroot::{STANDARD_CRATES, Toolchain, is_standard};

/// Where sources are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A `Cargo.lock`: its workspace and everything that it locks.
    Lockfile(PathBuf),
    /// A workspace that has no lockfile yet, by its folder: with everything that it depends on.
    Workspace(PathBuf),
    /// A cargo package or workspace, or any folder with code and documentation.
    Folder(PathBuf),
    /// A package in cargo's registry folder, by default its newest version there.
    Registry { name: String, version: Option<String> },
}

/// The cargo of this machine. Nothing of it is taken from the environment here.
#[derive(Clone, Debug)]
pub struct Cargo {
    /// The program, `cargo` where it is to be found by its name.
    pub program: PathBuf,
    /// `$CARGO_HOME`.
    pub home: PathBuf,
    /// The compiler, asked which toolchain builds a project and where it lies.
    pub rustc: PathBuf,
}

/// Packages, and how they know one another.
#[derive(Clone, Debug, Default)]
pub struct SourceSet {
    /// Direct dependencies, then one's own code, then the rest; each by name and version.
    pub packages: Vec<SourcePackage>,
    /// What is locked but not on this machine.
    pub missing: Vec<Missing>,
    /// One's own packages that cannot be read.
    pub broken: Vec<Broken>,
    /// The workspace's folder, or the package's.
    pub root: PathBuf,
    /// What is less certain than it could be, in sentences.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct SourcePackage {
    pub id: PackageId,
    pub root: PathBuf,
    pub origin: Origin,
    /// Whether the source asked for it. What it did not ask for is here so that re-exports can be
    /// followed into it.
    pub wanted: bool,
    /// A direct dependency of one's own code: normal, for builds or for tests.
    pub direct: bool,
    /// Built on this machine, as far as platforms decide; else it is locked for others.
    pub here: bool,
    pub description: Option<String>,
    pub repository: Option<String>,
    pub targets: Vec<Target>,
    /// Normal dependencies: the name in code, and where in the set it is.
    pub dependencies: BTreeMap<String, usize>,
    pub edition_2015: bool,
    /// The features that the project turns on, where that is known.
    pub features: Option<BTreeSet<String>>,
}

/// A crate of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    /// As cargo names them: `lib`, `proc-macro`, `bin`, `test`…
    pub kinds: Vec<String>,
    /// Its root file.
    pub entry: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Dependency,
    Own,
}

/// A package that is locked but cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub name: String,
    pub version: String,
    /// What would bring it.
    pub reason: String,
    /// As in [`SourcePackage`].
    pub here: bool,
}

/// A package of one's own that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its folder, from the workspace's.
    pub what: String,
    pub why: String,
}

#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    #[error("cannot read {path}: {why}")]
    Unreadable { path: String, why: String },
    #[error("cannot understand the lockfile {path}: {why}; `cargo generate-lockfile` writes a new one")]
    Lockfile { path: String, why: String },
    #[error("{0} is not in cargo's registry folder {1}; `cargo fetch` in a project that uses it brings it")]
    NotInRegistry(String, String),
    #[error("the standard library's crate {0} cannot be indexed: {1}")]
    NoStandardLibrary(String, String),
    #[error("{0} is not a folder")]
    NotAFolder(String),
    #[error("nothing to index in {place}: {found}; expected is {expected}; {advice}")]
    Nothing { place: String, found: String, expected: &'static str, advice: String },
    #[error(transparent)]
    Name(#[from] NameError),
}

/// The versions of a released package that lie in cargo's registry folder, the oldest first, as they are indexed.
pub fn versions_here(name: &str, cargo: &Cargo) -> Vec<String> {
    let registry = registry::Registry::list(cargo);
    let of_crates_io = registry.named(name).filter(|one| one.is_of_crates_io());
    of_crates_io.map(|one| one.version.to_string()).collect()
}

/// Whether a released package, as `name@version`, lies in cargo's registry folder. One from git never does.
pub fn is_downloaded(named: &str, cargo: &Cargo) -> bool {
    let folder = named.replacen('@', "-", 1);
    let is_plain = !folder.contains(['/', '\\']);
    is_plain
        && folders(&cargo.home.join("registry").join("src")).iter().any(|index| index.join(&folder).is_dir())
}

/// Those of some locked packages, as `name@version`, whose code lies where their sources put it: git's checkouts,
/// another registry, a vendor folder. `root` is the workspace's folder.
pub fn lying_here(root: &Path, lock: &Lockfile, wanted: &BTreeSet<&str>, cargo: &Cargo) -> BTreeSet<String> {
    let mut finder = Finder::new(root, cargo);
    let named = |one: &lockfile::LockedPackage| format!("{}@{}", one.name, one.version);
    let packages = lock.packages.iter().filter(|one| wanted.contains(named(one).as_str()));
    packages.filter(|one| finder.locked(one).is_ok()).map(named).collect()
}

/// Finds the packages of a source. A source that is itself unusable, or has no package that can be read, is an
/// error; packages that it names and that are not here are listed as missing or broken.
pub fn discover(source: &Source, cargo: &Cargo) -> Result<SourceSet, DiscoverError> {
    let set = match source {
        Source::Lockfile(path) => {
            let lock = lockfile::read(path)?;
            let root = absolute(path)?.parent().map(Path::to_owned).unwrap_or_default();
            project(&root, Some(lock), cargo)
        }
        Source::Workspace(path) => {
            let root = absolute(path)?;
            described(&root)?;
            project(&root, None, cargo)
        }
        Source::Folder(path) => folder(path, cargo)?,
        Source::Registry { name, version } if STANDARD_CRATES.contains(&name.as_str()) => {
            sysroot::package(name, version.as_deref(), cargo)?
        }
        Source::Registry { name, version } => unlocked::package(name, version.as_deref(), cargo)?,
    };
    match set.packages.iter().any(|package| package.wanted) {
        true => Ok(with_standard(set, source, cargo)),
        false => Err(nothing(source, &set)),
    }
}

/// The features that a project turns on of each package that it is built of, by cargo's word; none where cargo
/// does not answer. One run of it is enough where the lockfile is as it should be.
pub fn features_of(root: &Path, cargo: &Cargo) -> Option<BTreeMap<PackageId, BTreeSet<String>>> {
    if let Some(features) = metadata::features(root, cargo) {
        return Some(features);
    }
    let finder = Finder::new(root, cargo);
    let answer = metadata::packages(root, &finder.settings, cargo).ok()?;
    let packages = answer.packages.into_iter();
    Some(packages.filter_map(|package| Some((package.id, package.features?))).collect())
}

/// With the standard library of the toolchain that builds the source: a project's is indexed with it, of
/// other sources it is what their re-exports lead to.
fn with_standard(mut set: SourceSet, source: &Source, cargo: &Cargo) -> SourceSet {
    let root = set.root.clone();
    match source {
        Source::Lockfile(_) | Source::Workspace(_) => sysroot::add(&mut set, &root, cargo, true),
        Source::Folder(_) => sysroot::add(&mut set, &root, cargo, false),
        Source::Registry { name, .. } if STANDARD_CRATES.contains(&name.as_str()) => return set,
        Source::Registry { .. } => sysroot::add(&mut set, Path::new("."), cargo, false),
    }
    sort(&mut set);
    set
}

/// A workspace: cargo's own answer where it gives one, and what lockfile and manifests say for the rest.
fn project(root: &Path, lock: Option<Lockfile>, cargo: &Cargo) -> SourceSet {
    let mut finder = Finder::new(root, cargo);
    let mut set = SourceSet { root: root.to_owned(), ..SourceSet::default() };
    let (lock, tells_platforms) = match metadata::packages(root, &finder.settings, cargo) {
        Ok(answer) => {
            set.packages = answer.packages;
            (answer.lockfile.or(lock), answer.tells_platforms)
        }
        Err(why) => {
            set.notes
                .push(format!("cargo does not answer ({why}); manifests and lockfile were read instead"));
            (lock, false)
        }
    };
    match lock {
        Some(lock) => offline::complete(&mut set, &lock, tells_platforms, &mut finder),
        None if set.packages.is_empty() => unlocked::workspace(&mut set, &mut finder),
        None => {}
    }
    let empty = |package: &SourcePackage| package.origin == Origin::Own && package.targets.is_empty();
    for package in set.packages.iter_mut().filter(|package| empty(package)) {
        package.wanted = false;
        let why =
            "it has no crate: there is neither src/lib.rs nor src/main.rs, and the manifest names no other";
        set.broken.push(Broken::of(root, &package.root, why));
    }
    sort(&mut set);
    set
}

fn folder(path: &Path, cargo: &Cargo) -> Result<SourceSet, DiscoverError> {
    let root = absolute(path)?;
    if !root.is_dir() {
        return Err(DiscoverError::NotAFolder(path.display().to_string()));
    }
    let mut set = if root.join("Cargo.toml").is_file() {
        governed(&root, cargo)?
    } else {
        let projects = folder::projects(&root);
        if projects.is_empty() {
            let package = folder::plain(&root)?;
            readable(&package)?;
            return Ok(SourceSet { packages: vec![package], root, ..SourceSet::default() });
        }
        folder::of_projects(&root, &projects, cargo)
    };
    for package in &mut set.packages {
        package.wanted &= package.origin == Origin::Own && package.root.starts_with(&root);
    }
    // What is asked for is the code in the folder: that a dependency is not here is another matter.
    set.missing.clear();
    set.root = root;
    Ok(set)
}

/// The workspace that a package's folder belongs to.
fn governed(root: &Path, cargo: &Cargo) -> Result<SourceSet, DiscoverError> {
    described(root)?;
    let lock = root.ancestors().map(|folder| folder.join("Cargo.lock")).find(|path| path.is_file());
    if let Some(lock) = lock {
        let set = project(lock.parent().unwrap_or(root), Some(lockfile::read(&lock)?), cargo);
        // The folder may lie below a lockfile that knows nothing of it.
        if set.packages.iter().any(|one| one.origin == Origin::Own && one.root.starts_with(root)) {
            return Ok(set);
        }
    }
    Ok(project(root, None, cargo))
}

/// Whether a folder is the root of a workspace.
pub fn is_workspace(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file()
        && manifest::parse(folder).is_ok_and(|manifest| manifest.contains_key("workspace"))
}

/// Refuses a manifest that describes nothing.
fn described(root: &Path) -> Result<(), DiscoverError> {
    let manifest = manifest::parse(root)?;
    if manifest::package_table(&manifest).is_some() || manifest.contains_key("workspace") {
        return Ok(());
    }
    let tables: Vec<String> = manifest.keys().take(5).map(|key| format!("[{key}]")).collect();
    Err(DiscoverError::Nothing {
        place: root.display().to_string(),
        found: match tables.is_empty() {
            true => "its Cargo.toml is empty".to_owned(),
            false => format!("its Cargo.toml has only {}", tables.join(", ")),
        },
        expected: "a [package] or a [workspace] in it",
        advice: "`cargo init` there makes a package; `zenith index FOLDER` indexes another folder".to_owned(),
    })
}

/// Refuses a folder that has nothing which is read.
fn readable(package: &SourcePackage) -> Result<(), DiscoverError> {
    let root = &package.root;
    let count = |wanted: fn(&str) -> bool| walk::files(root, Origin::Own, wanted, &mut BTreeMap::new()).len();
    if !package.targets.is_empty() || count(docs::is_document) > 0 {
        return Ok(());
    }
    Err(DiscoverError::Nothing {
        place: root.display().to_string(),
        found: match count(|_| true) {
            0 if fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) => {
                "all that is in it is hidden or ignored by git".to_owned()
            }
            0 => "the folder is empty".to_owned(),
            1 => "of its 1 file none is Rust or documentation".to_owned(),
            files => format!("of its {files} files none is Rust or documentation"),
        },
        expected: "a Cargo.toml, .rs files, or a README.md",
        advice: "`zenith index FOLDER` indexes another folder, `zenith index NAME@VERSION` a package"
            .to_owned(),
    })
}

/// Why a source has no package that could be indexed.
fn nothing(source: &Source, set: &SourceSet) -> DiscoverError {
    let place = match source {
        Source::Lockfile(path) | Source::Workspace(path) | Source::Folder(path) => path.display().to_string(),
        Source::Registry { name, .. } => name.clone(),
    };
    let broken = set.broken.first().map(|one| format!("{}: {}", one.what, one.why));
    let (found, advice) = match (broken, set.missing.first()) {
        (Some(broken), _) => {
            let more = set.broken.len() - 1;
            let more = if more == 0 { String::new() } else { format!(" (and {more} more like it)") };
            (format!("{broken}{more}"), "`cargo check` there says more".to_owned())
        }
        (None, Some(one)) => {
            let (all, name) = (set.missing.len(), &one.name);
            let none = match all {
                1 => "the 1 package that it names is not".to_owned(),
                _ => format!("none of the {all} packages that it names is"),
            };
            let found = format!("{none} on this machine ({name}: {})", one.reason);
            (found, "`cargo fetch` beside its Cargo.toml brings what it locks".to_owned())
        }
        (None, None) if matches!(source, Source::Lockfile(_)) => (
            "it locks no package".to_owned(),
            "`cargo generate-lockfile` beside its Cargo.toml writes it anew".to_owned(),
        ),
        (None, None) => (
            "its workspace has no members".to_owned(),
            "name the folder of a package: `zenith index FOLDER`".to_owned(),
        ),
    };
    DiscoverError::Nothing { place, found, expected: "at least one package whose code is here", advice }
}

/// The folders in a folder.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn absolute(path: &Path) -> Result<PathBuf, DiscoverError> {
    let unreadable = |error: std::io::Error| DiscoverError::Unreadable {
        path: path.display().to_string(),
        why: error.to_string(),
    };
    fs::canonicalize(path).map_err(unreadable)
}

impl SourcePackage {
    /// The target that other packages see.
    pub fn library(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.is_library())
    }
}

impl Target {
    pub fn is_library(&self) -> bool {
        let library = |kind: &String| {
            matches!(kind.as_str(), "lib" | "rlib" | "dylib" | "cdylib" | "staticlib" | "proc-macro")
        };
        self.kinds.iter().any(library)
    }

    /// The name in code.
    pub fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }
}
