//! A workspace once more, in links: what cargo makes a lockfile in without touching the user's own.
//!
//! Every folder on the way to the workspace's is a folder of the mirror, and whatever lies beside the way is
//! a link to it, so that a path that leaves the workspace leads where it always does. Only `Cargo.lock` is a
//! copy.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// More entries of one folder are not linked.
const ENTRIES_MAX: usize = 20_000;

pub(super) struct Mirror {
    base: PathBuf,
    /// The workspace's folder in the mirror.
    pub root: PathBuf,
    _folder: TempDir,
}

impl Mirror {
    /// Mirrors the workspace in a folder, whose path is canonical.
    pub fn of(workspace: &Path) -> io::Result<Mirror> {
        let folder = TempDir::with_prefix("zenith-")?;
        let base = folder.path().canonicalize()?;
        let mut there = base.clone();
        let mut here = PathBuf::from("/");
        let mut way: Vec<&OsStr> = workspace.strip_prefix("/").map_err(io::Error::other)?.iter().collect();
        way.reverse();
        loop {
            let next = way.pop();
            link_all(&here, &there, &base, next)?;
            let Some(next) = next else { break };
            (here, there) = (here.join(next), there.join(next));
            fs::create_dir(&there)?;
        }
        let lock = workspace.join("Cargo.lock");
        if lock.is_file() {
            fs::write(there.join("Cargo.lock"), fs::read(lock)?)?;
        }
        Ok(Mirror { base, root: there, _folder: folder })
    }

    /// What a path in the mirror stands for.
    pub fn real(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.base).map_or_else(|_| path.to_owned(), |rest| Path::new("/").join(rest))
    }

    /// What is said of the mirror, said of what it stands for.
    pub fn real_words(&self, words: &str) -> String {
        words.replace(&self.base.display().to_string(), "")
    }
}

/// Links all that lies in a folder, but the mirror itself, the next folder on the way, and lockfiles, which
/// cargo would write through the link.
fn link_all(here: &Path, there: &Path, base: &Path, next: Option<&OsStr>) -> io::Result<()> {
    // A folder that may be passed but not listed has nothing to lead to.
    let entries = fs::read_dir(here).into_iter().flatten().flatten();
    for entry in entries.take(ENTRIES_MAX) {
        let name = entry.file_name();
        if Some(name.as_os_str()) == next || name == "Cargo.lock" || entry.path() == base {
            continue;
        }
        link(&entry.path(), &there.join(&name))?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Elsewhere a link takes rights that users do not have.
#[cfg(not(unix))]
fn link(_target: &Path, _link: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
