//! Files that their owner alone can read.

use std::io::Write;
use std::path::Path;

/// Writes a file that its owner alone can read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let written = path.with_extension("new");
    // One left by a crash could have been made readable by others: it is made anew.
    match std::fs::remove_file(&written) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&written)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(written, path)
}
