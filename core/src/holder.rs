//! Who holds a claim: this process, known by a file that the operating system keeps locked for as
//! long as the process lives.
//!
//! # Decisions
//!
//! - **A dead process is known by its lock.** A holder keeps a file locked; who can lock it knows that the
//!   holder is gone and need not wait for the lease. Across machines, the lease alone decides.
//! - **A lock is let go by name**, not by closing its file: a program that this process starts has a copy of every
//!   open file for the moment before it begins, and a lock ends with the last copy (`flock(2)`).

use std::fs::File;
use std::path::{Path, PathBuf};

/// This process as the holder of claims. Its lock goes with the process, however that ends, so that
/// others on the machine need not wait for a lease to run out.
pub struct Holder {
    id: String,
    path: PathBuf,
    stays: bool,
    lock: File,
}

impl Holder {
    /// A holder that no other has the id of, in `folder`.
    pub fn new(folder: &Path) -> std::io::Result<Holder> {
        std::fs::create_dir_all(folder)?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        let path = folder.join(format!("{id}.lock"));
        let lock = File::create_new(&path)?;
        lock.lock()?;
        Ok(Holder { id, path, stays: false, lock })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Ends as a process that dies does: the file stays, unlocked, and says that whoever is still named
    /// as a holder is gone. For claims that could not be given back.
    pub fn leave_behind(mut self) {
        self.stays = true;
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.lock.unlock();
        if !self.stays {
            // One that stays behind is unlocked, which is what counts; the doctor removes it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// What one process alone does, for as long as it lives. The file of the lock stays: who removed it could remove it under
/// another that has just opened it, and both would hold one.
pub struct Alone {
    lock: File,
}

impl Alone {
    /// Takes a lock; `None` where another process holds it.
    pub fn take(path: &Path) -> std::io::Result<Option<Alone>> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let lock = File::options().create(true).truncate(false).write(true).open(path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Alone { lock })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        // What cannot be unlocked is when the file closes.
        let _ = self.lock.unlock();
    }
}

/// Whether a holder of this machine is known to be gone: its file is here and nobody locks it. One
/// without a file may live on another machine, where only the lease tells.
pub fn is_gone(folder: &Path, holder: &str) -> bool {
    if !holder.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return false;
    }
    let Ok(file) = File::open(folder.join(format!("{holder}.lock"))) else { return false };
    file.try_lock_shared().is_ok()
}

/// Removes the files of holders that are gone; returns how many. For when nothing is claimed: a claim
/// whose holder has no file is taken over by its lease alone.
pub fn sweep(folder: &Path) -> usize {
    let Ok(files) = std::fs::read_dir(folder) else { return 0 };
    let removable = |path: &PathBuf| {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        stem.is_some_and(|holder| is_gone(folder, holder))
    };
    files
        .flatten()
        .map(|file| file.path())
        .filter(removable)
        .filter(|path| std::fs::remove_file(path).is_ok())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_has_it_until_it_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/notes.lock");
        let first = Alone::take(&path).unwrap();
        assert!(first.is_some());
        assert!(Alone::take(&path).unwrap().is_none());
        drop(first);
        assert!(Alone::take(&path).unwrap().is_some());
    }

    #[test]
    fn what_a_starting_program_has_of_a_lock_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.lock");
        let first = Alone::take(&path).unwrap().unwrap();
        // What `fork(2)` leaves in a program that has not begun yet.
        let copied = first.lock.try_clone().unwrap();
        drop(first);
        assert!(Alone::take(&path).unwrap().is_some());
        drop(copied);

        let holder = Holder::new(folder.path()).unwrap();
        let (id, copied) = (holder.id().to_string(), holder.lock.try_clone().unwrap());
        holder.leave_behind();
        assert!(is_gone(folder.path(), &id));
        drop(copied);
    }

    #[test]
    fn a_holder_lives_as_long_as_its_lock() {
        let folder = tempfile::tempdir().unwrap();
        let holder = Holder::new(folder.path()).unwrap();
        let id = holder.id().to_string();
        assert!(!is_gone(folder.path(), &id), "it lives");
        assert!(!is_gone(folder.path(), "0123"), "an unknown one is not known to be gone");
        assert!(!is_gone(folder.path(), "../x"), "a strange one is not looked for");

        holder.leave_behind();
        assert!(is_gone(folder.path(), &id), "its claims were not given back");

        // What a killed process leaves behind: the file, unlocked.
        File::create(folder.path().join("dead.lock")).unwrap();
        assert!(is_gone(folder.path(), "dead"));
        assert_eq!(sweep(folder.path()), 2);
    }
}
