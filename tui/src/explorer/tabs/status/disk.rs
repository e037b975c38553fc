//! What the data folder takes on disk.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A block of a file system, as `stat` counts them.
const BLOCK_BYTES: u64 = 512;

/// Bytes on disk, by what they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    /// Parts that hold something, in the order in which they are told.
    pub parts: Vec<(&'static str, u64)>,
}

impl Disk {
    pub fn total(&self) -> u64 {
        self.parts.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// Adds up every file of a data folder. It may be deep: the work is not for the screen's thread. What
/// goes away meanwhile, or cannot be read, counts nothing; links are not followed.
pub fn measure(data_dir: &Path) -> Disk {
    let mut parts: Vec<(&'static str, u64)> =
        ["datasets", "search index", "catalog", "replicas", "kept runs", "other"]
            .map(|part| (part, 0))
            .into();
    for entry in fs::read_dir(data_dir).into_iter().flatten().flatten() {
        let part = part(&entry.file_name().to_string_lossy());
        let bytes = bytes(&entry);
        parts.iter_mut().filter(|(name, _)| *name == part).for_each(|(_, sum)| *sum += bytes);
    }
    parts.retain(|(_, bytes)| *bytes > 0);
    Disk { parts }
}

/// What an entry of a data folder is for.
fn part(name: &str) -> &'static str {
    match name {
        "lance" => "datasets",
        "shelf" => "search index",
        "replicas" => "replicas",
        "spikes" => "kept runs",
        _ if name.starts_with("catalog.db") => "catalog",
        _ => "other",
    }
}

fn bytes(entry: &fs::DirEntry) -> u64 {
    let mut sum = 0;
    let mut folders = Vec::new();
    let mut add = |entry: &fs::DirEntry, folders: &mut Vec<_>| {
        let Ok(metadata) = entry.metadata() else { return };
        sum += metadata.blocks() * BLOCK_BYTES;
        if metadata.is_dir() {
            folders.push(entry.path());
        }
    };
    add(entry, &mut folders);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            add(&entry, &mut folders);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_counts_for_its_part_and_links_lead_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir_all(path.join("lance/public/rust")).unwrap();
        fs::write(path.join("lance/public/rust/rows"), vec![7; 100_000]).unwrap();
        fs::write(path.join("catalog.db"), vec![7; 5_000]).unwrap();
        std::os::unix::fs::symlink(path, path.join("lance/around")).unwrap();
        let disk = measure(path);
        let names: Vec<&str> = disk.parts.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["datasets", "catalog"]);
        assert!(disk.parts[0].1 >= 100_000 && disk.total() >= 105_000, "{disk:?}");
    }

    #[test]
    fn a_folder_that_is_not_there_takes_nothing() {
        assert_eq!(measure(Path::new("/nowhere/at/all")).total(), 0);
    }
}
