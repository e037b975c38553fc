//! What a run notes of a lockfile: a file for each below a folder of the data folder, named by where the lockfile
//! lies. Derived; one that is gone or damaged is made anew by the next run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A lockfile by the one path that leads to it.
pub fn canonical(lockfile: &Path) -> PathBuf {
    fs::canonicalize(lockfile).unwrap_or_else(|_| lockfile.to_owned())
}

/// Where the note of a lockfile lies.
pub fn place(data_dir: &Path, folder: &str, lockfile: &Path) -> PathBuf {
    let hash = blake3::hash(canonical(lockfile).as_os_str().as_encoded_bytes()).to_hex();
    data_dir.join(folder).join(format!("{hash}.json"))
}

pub fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// Keeps a note, at once or not at all.
pub fn write<T: Serialize>(path: &Path, note: &T) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, note)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The hash of a lockfile's text, and of that of the manifest beside it: where a workspace says which features it
/// turns on, the lockfile does not change.
pub fn text_of(lockfile: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&fs::read(lockfile)?);
    hasher.update(&fs::read(lockfile.with_file_name("Cargo.toml")).unwrap_or_default());
    Ok(hasher.finalize().to_hex().to_string())
}
