//! The files of a replica, by what the file system tells of them.
//!
//! They are never opened here: closing a file ends every lock that SQLite holds on it in this process.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What libSQL keeps: the database, its log, the log's index in shared memory, and the companion that says
/// how far the server's log was followed.
pub(super) const SUFFIXES: [&str; 4] = ["", "-wal", "-shm", "-client_wal_index"];

/// How the files of a replica stand. Readers change none of it, so that it differs from what a sync left
/// where anything else did something to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Files {
    pub database: Stamp,
    pub log: Stamp,
    pub companion: Stamp,
}

/// One file. None and an empty one are the same: nothing is in either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub bytes: u64,
    /// Nanoseconds since 1970.
    written_ns: i64,
    /// The same for the file's name and rights: nobody can set this one back.
    changed_ns: i64,
}

impl Files {
    pub fn at(path: &Path) -> Files {
        let stamp = |suffix| std::fs::metadata(beside(path, suffix)).map(|file| Stamp::of(&file));
        let [database, log, companion] =
            ["", "-wal", "-client_wal_index"].map(|s| stamp(s).unwrap_or_default());
        // Who opens the log as root makes sure of its owner, which counts as a change and is none.
        Files { database, log: Stamp { changed_ns: 0, ..log }, companion }
    }
}

impl Stamp {
    fn of(file: &Metadata) -> Stamp {
        if file.len() == 0 {
            return Stamp::default();
        }
        #[cfg(unix)]
        let (written_ns, changed_ns) = {
            use std::os::unix::fs::MetadataExt;
            let ns = |seconds: i64, ns: i64| seconds.saturating_mul(1_000_000_000).saturating_add(ns);
            (ns(file.mtime(), file.mtime_nsec()), ns(file.ctime(), file.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (written_ns, changed_ns) = {
            let since = file.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
            (since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0), 0)
        };
        Stamp { bytes: file.len(), written_ns, changed_ns }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }
}

/// The path of a companion.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}
