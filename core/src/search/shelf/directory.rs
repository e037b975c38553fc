//! The files of a text index, as a reader needs them: it takes a lock where it may, and goes without where the folder
//! can only be read.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use tantivy::directory::error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};

/// Tantivy locks a reader against the removal of files while it opens them. Without the lock a file may be gone
/// between the list and its opening; readers begin anew then, as they do where a writer commits between the two.
#[derive(Clone, Debug)]
pub struct ReaderDirectory(MmapDirectory);

impl ReaderDirectory {
    pub fn open(folder: &Path) -> Result<ReaderDirectory, OpenDirectoryError> {
        MmapDirectory::open(folder).map(ReaderDirectory)
    }
}

impl Directory for ReaderDirectory {
    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.0.acquire_lock(lock) {
            Err(LockError::IoError(error)) if is_only_readable(&error) => {
                Ok(DirectoryLock::from(Box::new(())))
            }
            taken => taken,
        }
    }

    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.0.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.0.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.0.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.0.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.0.sync_directory()
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.0.watch(callback)
    }
}

fn is_only_readable(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// What the system said, where it and not the index is the reason.
pub fn cause(error: &tantivy::TantivyError) -> Option<io::Error> {
    use tantivy::TantivyError;
    let source = match error {
        TantivyError::IoError(source)
        | TantivyError::LockFailure(LockError::IoError(source), _)
        | TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error: source, .. })
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: source, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: source, .. }) => source,
        TantivyError::LockFailure(LockError::LockBusy, _) => {
            return Some(io::Error::other("another program holds its lock"));
        }
        _ => return None,
    };
    // A file that ends early or is missing is the index's own trouble.
    let is_of_the_index = matches!(
        source.kind(),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof | ErrorKind::NotFound
    );
    let told = || match source.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(source.kind(), source.to_string()),
    };
    (!is_of_the_index).then(told)
}

#[cfg(test)]
mod tests {
    use tantivy::TantivyError;

    use super::*;

    #[test]
    fn the_system_is_the_cause_where_it_says_so_and_no_damage_is_told() {
        let full = io::Error::from_raw_os_error(28);
        let kind = |error: TantivyError| cause(&error).map(|error| error.kind());
        assert_eq!(kind(TantivyError::IoError(Arc::new(full))), Some(ErrorKind::StorageFull));
        let denied = LockError::wrap_io_error(ErrorKind::PermissionDenied.into());
        assert_eq!(kind(TantivyError::LockFailure(denied, None)), Some(ErrorKind::PermissionDenied));
        assert!(kind(TantivyError::LockFailure(LockError::LockBusy, None)).is_some());
        let short = io::Error::from(ErrorKind::UnexpectedEof);
        assert_eq!(kind(TantivyError::IoError(Arc::new(short))), None);
        assert_eq!(kind(TantivyError::SchemaError("other".to_string())), None);
    }
}
