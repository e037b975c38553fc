//! A lockfile that is written while the screen is open, told by the system: nothing runs until then. Where the system
//! is another than Linux, a look at the next key notices it.

use std::path::PathBuf;

#[cfg(target_os = "linux")]
use {
    rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags},
    rustix::io::Errno,
    std::ffi::OsStr,
    std::io,
    std::mem::MaybeUninit,
    std::os::fd::OwnedFd,
    std::os::unix::ffi::OsStrExt,
    std::path::Path,
    std::time::Duration,
    tokio::io::unix::AsyncFd,
};

/// Who writes a lockfile may write more; what came by then is one change.
#[cfg(target_os = "linux")]
const QUIET: Duration = Duration::from_millis(200);

/// Tells each time that a lockfile was written or replaced, for as long as the system tells it.
#[cfg(target_os = "linux")]
pub async fn watch(lockfile: PathBuf, changed: impl Fn()) {
    let (Some(folder), Some(name)) = (lockfile.parent(), lockfile.file_name()) else { return };
    let Ok(queue) = listen(folder) else { return };
    while let Ok(mut events) = queue.readable().await {
        let Ok(is_written) = drain(queue.get_ref(), name) else { return };
        events.clear_ready();
        drop(events);
        if is_written {
            tokio::time::sleep(QUIET).await;
            changed();
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub async fn watch(_: PathBuf, _: impl Fn()) {}

/// Only files of the folder itself are told of: a lockfile that is replaced is another file by the same name.
#[cfg(target_os = "linux")]
#[expect(deprecated, reason = "what replaces it is unsafe, and this queue is nobody else's to close")]
fn listen(folder: &Path) -> io::Result<AsyncFd<OwnedFd>> {
    let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    inotify::add_watch(&queue, folder, WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR)?;
    AsyncFd::new(queue)
}

/// Takes all that happened; whether a file of this name was written.
#[cfg(target_os = "linux")]
fn drain(queue: &OwnedFd, name: &OsStr) -> io::Result<bool> {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut events = Reader::new(queue, &mut buffer);
    let mut is_written = false;
    loop {
        match events.next() {
            Ok(event) => {
                is_written |= event.file_name().is_some_and(|file| file.to_bytes() == name.as_bytes())
            }
            Err(Errno::AGAIN) => return Ok(is_written),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_lockfile_that_is_written_or_replaced_is_told_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let lockfile = folder.path().join("Cargo.lock");
        std::fs::write(&lockfile, "one").unwrap();
        let queue = listen(folder.path()).unwrap();
        let written = || drain(queue.get_ref(), OsStr::new("Cargo.lock")).unwrap();
        std::fs::write(folder.path().join("notes"), "other").unwrap();
        assert!(!written());
        std::fs::write(&lockfile, "two").unwrap();
        assert!(written() && !written());
        std::fs::write(folder.path().join("new"), "three").unwrap();
        std::fs::rename(folder.path().join("new"), &lockfile).unwrap();
        assert!(written());

        let (sender, mut told) = unbounded_channel();
        tokio::spawn(watch(lockfile.clone(), move || sender.send(()).unwrap()));
        // Until it listens nothing is told, so it is written until something is.
        let writes = async {
            loop {
                std::fs::write(&lockfile, "four").unwrap();
                tokio::time::sleep(QUIET).await;
            }
        };
        let came = async {
            tokio::select! {
                came = told.recv() => came,
                () = writes => None,
            }
        };
        assert_eq!(tokio::time::timeout(PATIENCE, came).await, Ok(Some(())));
    }
}
