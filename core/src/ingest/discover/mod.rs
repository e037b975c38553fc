//! Which packages there are: from a lockfile, a folder, or cargo's registry folder.

pub mod lockfile;
mod manifest;
mod metadata;
mod offline;
mod registry;
mod sysroot;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::package::{NameError, PackageId};

pub use sysroot::{STANDARD_CRATES, Toolchain, is_standard};

/// Where sources are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A `Cargo.lock`: its workspace and everything that it locks.
    Lockfile(PathBuf),
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
    /// The workspace's folder, or the package's.
    pub root: PathBuf,
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
    #[error(transparent)]
    Name(#[from] NameError),
}

/// Finds the packages of a source. Only a source that is itself unusable is an error; packages that
/// it names and that are not here are listed as missing.
pub fn discover(source: &Source, cargo: &Cargo) -> Result<SourceSet, DiscoverError> {
    match source {
        Source::Lockfile(path) => {
            let lock = lockfile::read(path)?;
            let root = absolute(path)?.parent().map(Path::to_owned).unwrap_or_default();
            let mut set = locked(&root, &lock, cargo);
            sysroot::add(&mut set, &root, cargo, true);
            sort(&mut set);
            Ok(set)
        }
        Source::Folder(path) => folder(path, cargo),
        Source::Registry { name, version } if STANDARD_CRATES.contains(&name.as_str()) => {
            sysroot::package(name, version.as_deref(), cargo)
        }
        Source::Registry { name, version } => registry::package(name, version.as_deref(), cargo),
    }
}

/// A workspace with its lockfile: cargo's own answer where it gives one, for every platform or at
/// least for this one, and what the lockfile says for the rest.
fn locked(root: &Path, lock: &lockfile::Lockfile, cargo: &Cargo) -> SourceSet {
    let all = metadata::packages(root, cargo, metadata::Platforms::All);
    let found = all.or_else(|| metadata::packages(root, cargo, metadata::Platforms::Host));
    let mut set =
        SourceSet { packages: found.unwrap_or_default(), missing: Vec::new(), root: root.to_owned() };
    offline::complete(&mut set, lock, cargo);
    sort(&mut set);
    set
}

fn folder(path: &Path, cargo: &Cargo) -> Result<SourceSet, DiscoverError> {
    let root = absolute(path)?;
    if !root.is_dir() {
        return Err(DiscoverError::NotAFolder(path.display().to_string()));
    }
    if !root.join("Cargo.toml").is_file() {
        let package = manifest::plain_folder(&root)?;
        return Ok(SourceSet { packages: vec![package], missing: Vec::new(), root });
    }
    let lock = root.ancestors().map(|folder| folder.join("Cargo.lock")).find(|path| path.is_file());
    let mut set = match lock {
        Some(lock) => {
            let workspace = lock.parent().unwrap_or(&root).to_owned();
            locked(&workspace, &lockfile::read(&lock)?, cargo)
        }
        None => SourceSet { root: root.clone(), ..SourceSet::default() },
    };
    // The folder may lie below a lockfile that knows nothing of it.
    if !set.packages.iter().any(|one| one.origin == Origin::Own && one.root.starts_with(&root)) {
        set.packages = offline::own_packages(&root)?;
        set.missing.clear();
        sort(&mut set);
    }
    for package in &mut set.packages {
        package.wanted = package.origin == Origin::Own && package.root.starts_with(&root);
    }
    sysroot::add(&mut set, &root, cargo, false);
    sort(&mut set);
    set.root = root;
    Ok(set)
}

fn absolute(path: &Path) -> Result<PathBuf, DiscoverError> {
    let unreadable = |error: std::io::Error| DiscoverError::Unreadable {
        path: path.display().to_string(),
        why: error.to_string(),
    };
    fs::canonicalize(path).map_err(unreadable)
}

/// Direct dependencies first, since they are searched first; then one's own code, then the rest.
fn sort(set: &mut SourceSet) {
    let rank = |package: &SourcePackage| match (package.origin, package.direct) {
        (Origin::Dependency, true) => 0,
        (Origin::Own, _) => 1,
        (Origin::Dependency, false) => 2,
    };
    let mut order: Vec<usize> = (0..set.packages.len()).collect();
    order.sort_by_key(|&at| set.packages.get(at).map(|package| (rank(package), package.id.clone())));
    let mut place = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        if let Some(slot) = place.get_mut(old) {
            *slot = new;
        }
    }
    for package in &mut set.packages {
        package.dependencies.retain(|_, at| place.get(*at).map(|&new| *at = new).is_some());
    }
    let mut ranked: Vec<(usize, SourcePackage)> = place.into_iter().zip(set.packages.drain(..)).collect();
    ranked.sort_by_key(|(new, _)| *new);
    set.packages = ranked.into_iter().map(|(_, package)| package).collect();
    set.missing.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
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
