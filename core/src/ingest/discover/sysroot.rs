//! The standard library: the toolchain's own crates, where their sources lie on this machine.
//!
//! Which toolchain a project is built with is rustup's to say: `rustc` is asked in the project's folder,
//! and nothing is installed for the answer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::manifest;
use super::{Cargo, DiscoverError, Missing, Origin, SourcePackage, SourceSet};
use crate::package::PackageId;

/// The crates that every program can name, each after what it builds on.
pub const STANDARD_CRATES: [&str; 3] = ["core", "alloc", "std"];
/// Where a toolchain keeps the sources, below its root.
const LIBRARY: &str = "lib/rustlib/src/rust/library";

/// A Rust toolchain on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    pub sysroot: PathBuf,
    /// As its crates are called here: of a nightly with the day of its making, since one follows another
    /// under the same number.
    pub version: String,
}

impl Toolchain {
    /// The toolchain that builds what lies in a folder; none where there is no Rust.
    pub fn of(folder: &Path, cargo: &Cargo) -> Option<Toolchain> {
        let ask = |arguments: &[&str]| {
            let mut command = Command::new(&cargo.rustc);
            command.args(arguments).current_dir(folder).env("RUSTUP_AUTO_INSTALL", "0");
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()
        };
        let (sysroot, version) = (ask(&["--print", "sysroot"])?, ask(&["--version", "--verbose"])?);
        let answer = |child: std::process::Child| {
            let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
            String::from_utf8(output.stdout).ok()
        };
        let (sysroot, version) = (answer(sysroot), answer(version));
        let sysroot = PathBuf::from(sysroot?.trim_end());
        Some(Toolchain { sysroot, version: version_in(&version?)? })
    }

    /// The standard library's crates, where the toolchain has their sources.
    pub fn packages(&self) -> Vec<SourcePackage> {
        let library = self.sysroot.join(LIBRARY);
        let package = |name: &str| {
            let root = library.join(name);
            let (mut package, _) =
                manifest::read(&root, Origin::Dependency, manifest::Above::Within(&library)).ok()?;
            package.id = PackageId::rust(name, self.version.as_str()).ok()?;
            package.targets.retain(super::Target::is_library);
            package.library()?;
            package.description = Some(format!("The Rust standard library's crate {name}"));
            package.repository = Some("https://github.com/rust-lang/rust".to_owned());
            package.direct = true;
            Some(package)
        };
        STANDARD_CRATES.into_iter().filter_map(package).collect()
    }

    /// Why the standard library's crates cannot be read, and what brings them; none where they are here.
    pub fn lacks_sources(&self) -> Option<&'static str> {
        self.packages().is_empty().then(|| self.remedy())
    }

    /// What brings the sources.
    fn remedy(&self) -> &'static str {
        match self.sysroot.components().any(|part| part.as_os_str() == "toolchains") {
            true => "its sources are not on this machine: `rustup component add rust-src` brings them",
            false => {
                "its sources are not on this machine: the package rust-src of whoever made this Rust brings them"
            }
        }
    }
}

/// `release: 1.95.0` of what rustc says of itself.
fn version_in(text: &str) -> Option<String> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let release = field("release:")?;
    match field("commit-date:").filter(|_| release.contains('-')) {
        Some(day) => Some(format!("{release}+{day}")),
        None => Some(release.to_owned()),
    }
}

/// Whether a package is a crate of the standard library.
pub fn is_standard(package: &SourcePackage) -> bool {
    STANDARD_CRATES.contains(&package.id.name())
        && package.root.parent().is_some_and(|parent| parent.ends_with("src/rust/library"))
}

/// Adds the standard library of what lies in `folder` to a set, so that re-exports of it can be followed.
/// `wanted` says that it is to be indexed too; where there is no rustc, or its sources are missing, that is told
/// then.
pub(super) fn add(set: &mut SourceSet, folder: &Path, cargo: &Cargo, wanted: bool) {
    let Some(toolchain) = Toolchain::of(folder, cargo) else {
        if wanted {
            set.notes.push("rustc does not answer; the standard library is not indexed".to_owned());
        }
        return;
    };
    let first = set.packages.len();
    set.packages.extend(toolchain.packages().into_iter().map(|package| SourcePackage { wanted, ..package }));
    if set.packages.len() == first {
        if wanted {
            let (name, version) = ("std".to_owned(), toolchain.version.clone());
            set.missing.push(Missing { name, version, reason: toolchain.remedy().to_owned(), here: true });
        }
        return;
    }
    let names: Vec<(String, usize)> = (first..)
        .zip(set.packages.iter().skip(first))
        .map(|(at, package)| (package.id.name().to_owned(), at))
        .collect();
    for (at, package) in set.packages.iter_mut().enumerate() {
        for (name, standard) in &names {
            // Each builds on those before it, and a dependency of that name goes first.
            if at < first || standard < &at {
                package.dependencies.entry(name.clone()).or_insert(*standard);
            }
        }
    }
}

/// A crate of the standard library by its name, of the toolchain at hand.
pub(super) fn package(name: &str, version: Option<&str>, cargo: &Cargo) -> Result<SourceSet, DiscoverError> {
    let absent = |why: &str| DiscoverError::NoStandardLibrary(name.to_owned(), why.to_owned());
    let toolchain = Toolchain::of(Path::new("."), cargo).ok_or_else(|| absent("there is no rustc here"))?;
    if version.is_some_and(|version| version != toolchain.version) {
        return Err(absent(&format!("the toolchain here has version {}", toolchain.version)));
    }
    let mut set = SourceSet { root: toolchain.sysroot.join(LIBRARY), ..SourceSet::default() };
    add(&mut set, Path::new("."), cargo, false);
    let found = set.packages.iter_mut().find(|package| package.id.name() == name);
    found.ok_or_else(|| absent(toolchain.remedy()))?.wanted = true;
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toolchain_is_called_by_its_release_and_a_nightly_by_its_day_too() {
        let text = |release: &str| {
            format!(
                "rustc {release} (abc 2026-04-14)\nbinary: rustc\ncommit-date: 2026-04-14\nrelease: {release}\n"
            )
        };
        assert_eq!(version_in(&text("1.95.0")).as_deref(), Some("1.95.0"));
        let nightly = version_in(&text("1.97.0-nightly")).unwrap();
        assert_eq!(nightly, "1.97.0-nightly+2026-04-14");
        assert!(PackageId::rust("std", nightly).is_ok());
        assert_eq!(version_in("nonsense"), None);
    }
}
