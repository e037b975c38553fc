//! Which projects were indexed into a data folder, and what they looked like then: told by the run that indexed
//! one, read by what asks whether it is still so. Derived; a record that is gone is made anew by the next run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::{IndexReport, IndexRequest, record};
use crate::ingest::{
    Cargo, Origin, Source, SourcePackage, SourceSet, fingerprint, is_downloaded, lockfile, lying_here,
    read_files,
};
use crate::package::PackageId;

const FOLDER: &str = "projects";

/// A lockfile that was indexed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownProject {
    pub lockfile: PathBuf,
    /// The hash of its text.
    pub(super) text: String,
    /// What is only a dependency of a dependency was left out.
    pub(super) direct_only: bool,
    /// What could not be indexed, as `name@version`: the run said so, and nothing changed since.
    pub(super) without: BTreeSet<String>,
    /// What was locked and lay nowhere on this machine, as `name@version`: it may be downloaded later.
    #[serde(default)]
    pub(super) absent: BTreeSet<String>,
    /// The features that the project turns on of each package, by `name@version`.
    #[serde(default)]
    features: BTreeMap<String, BTreeSet<String>>,
    pub(super) own: Vec<OwnCode>,
}

/// A package of one's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OwnCode {
    pub name: String,
    pub root: PathBuf,
    fingerprint: String,
    /// Files that it is read from, and the folders that they stand in.
    paths: Vec<PathBuf>,
    /// Of sizes and times of those.
    stamp: String,
}

impl KnownProject {
    /// What a run is about to index. Taken before the run looks at the files: whatever changes meanwhile is seen.
    pub(super) fn of(lockfile: &Path, text: String, set: &SourceSet, request: &IndexRequest) -> KnownProject {
        let own = set.packages.iter().filter(|package| package.origin == Origin::Own && package.wanted);
        KnownProject {
            lockfile: record::canonical(lockfile),
            text,
            direct_only: request.direct_only,
            without: BTreeSet::new(),
            absent: set.missing.iter().map(|one| format!("{}@{}", one.name, one.version)).collect(),
            features: set.packages.iter().filter_map(features).collect(),
            own: own.map(|package| OwnCode::of(package.id.name(), &package.root)).collect(),
        }
    }

    /// With what the run could not index. What lies in cargo's folders, and is missing all the same, is not waited
    /// for.
    pub(super) fn after(mut self, report: &IndexReport, cargo: &Cargo) -> KnownProject {
        let here = self.downloaded(cargo);
        self.absent.retain(|name| !here.contains(name));
        let failures = report.failed.iter().chain(&report.missing);
        self.without.extend(failures.map(|failure| failure.package.clone()));
        self
    }

    /// Whether the project turns on other features of a package than when it was indexed: what these bring is told of
    /// its rows.
    pub(super) fn has_other_features(&self, package: &SourcePackage) -> bool {
        let Some((id, now)) = features(package) else { return false };
        self.features.get(&id).is_some_and(|before| *before != now)
    }

    /// The features that the project turns on of each package, as cargo said when it was indexed; none where its
    /// lockfile or its own code, manifests among that, changed since. Looks at files, and blocks.
    pub fn features(&self) -> Option<BTreeMap<PackageId, BTreeSet<String>>> {
        let is_same = |own: &OwnCode| own.again().is_none_or(|now| own.is_same(&now));
        let text = record::text_of(&self.lockfile).ok()?;
        if self.features.is_empty() || text != self.text || !self.own.iter().all(is_same) {
            return None;
        }
        let id = |name: &String| {
            let (name, version) = name.split_once('@')?;
            PackageId::rust(name, version).ok()
        };
        Some(self.features.iter().filter_map(|(name, on)| Some((id(name)?, on.clone()))).collect())
    }

    /// What was absent, and is in cargo's folders now.
    pub(super) fn arrived(&self, cargo: &Cargo) -> Vec<PackageId> {
        let arrived = self.downloaded(cargo).into_iter();
        arrived
            .filter_map(|name| {
                name.split_once('@').and_then(|(name, version)| PackageId::rust(name, version).ok())
            })
            .collect()
    }

    /// What of the absent lies here. Where a package that bears its source in its version is to lie, the lockfile
    /// says: it is read where there is one.
    fn downloaded(&self, cargo: &Cargo) -> BTreeSet<String> {
        let plain = self.absent.iter().filter(|name| is_downloaded(name, cargo));
        let mut here: BTreeSet<String> = plain.cloned().collect();
        let elsewhere: BTreeSet<&str> =
            self.absent.iter().map(String::as_str).filter(|name| name.contains('+')).collect();
        if let Some(root) = self.lockfile.parent().filter(|_| !elsewhere.is_empty())
            && let Ok(lock) = lockfile::read(&self.lockfile)
        {
            here.extend(lying_here(root, &lock, &elsewhere, cargo));
        }
        here
    }

    /// What is known of a lockfile, if it was indexed.
    pub fn read(data_dir: &Path, lockfile: &Path) -> Option<KnownProject> {
        record::read(&record::place(data_dir, FOLDER, lockfile))
    }

    /// Every project that was indexed into a data folder, by the paths of their lockfiles.
    pub fn all(data_dir: &Path) -> Vec<KnownProject> {
        let files = fs::read_dir(data_dir.join(FOLDER)).into_iter().flatten().flatten();
        let mut known: Vec<KnownProject> = files.filter_map(|file| record::read(&file.path())).collect();
        known.sort_by(|a, b| a.lockfile.cmp(&b.lockfile));
        known
    }

    /// The folders of one's own packages.
    pub fn own_folders(&self) -> impl Iterator<Item = &Path> {
        self.own.iter().map(|own| own.root.as_path())
    }

    /// Keeps it, at once or not at all.
    pub(super) fn write(&self, data_dir: &Path) -> io::Result<()> {
        record::write(&record::place(data_dir, FOLDER, &self.lockfile), self)
    }

    /// Forgets it.
    pub fn forget(&self, data_dir: &Path) -> io::Result<()> {
        match fs::remove_file(record::place(data_dir, FOLDER, &self.lockfile)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl OwnCode {
    fn of(name: &str, root: &Path) -> OwnCode {
        let files = read_files(root);
        let mut paths: BTreeSet<PathBuf> =
            files.iter().filter_map(|file| file.parent()).map(Path::to_owned).collect();
        paths.insert(root.to_owned());
        paths.extend(files);
        let paths: Vec<PathBuf> = paths.into_iter().collect();
        let stamp = stamp(&paths);
        OwnCode {
            name: name.to_owned(),
            root: root.to_owned(),
            fingerprint: fingerprint(root, Origin::Own),
            paths,
            stamp,
        }
    }

    /// What it looks like now, if files may have changed: a look at each costs some microseconds.
    pub fn again(&self) -> Option<OwnCode> {
        (stamp(&self.paths) != self.stamp).then(|| OwnCode::of(&self.name, &self.root))
    }

    /// Whether what is read for it is the same.
    pub fn is_same(&self, other: &OwnCode) -> bool {
        self.fingerprint == other.fingerprint
    }

    /// Tells one state of it from another.
    pub fn state(&self) -> &str {
        &self.fingerprint
    }
}

/// A package, and what is on of its features, where that is known.
fn features(package: &SourcePackage) -> Option<(String, BTreeSet<String>)> {
    Some((package.id.to_string(), package.features.clone()?))
}

/// The lockfile that a request is for.
pub(super) fn lockfile_of(request: &IndexRequest) -> Option<&Path> {
    match &request.source {
        Source::Lockfile(path) => Some(path),
        _ => None,
    }
}

fn stamp(paths: &[PathBuf]) -> String {
    let mut hasher = blake3::Hasher::new();
    for path in paths {
        let metadata = fs::metadata(path).ok();
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        hasher.update(&since.map_or(0, |since| since.as_nanos()).to_le_bytes());
        hasher.update(&metadata.map_or(u64::MAX, |metadata| metadata.len()).to_le_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
