//! Ingesting leaves what it reads as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use zenith_core::ingest::{Ingester, Source};

use super::discovered;

/// Every file and folder below a folder, with what would tell of a write.
fn looked_at(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let (mut folders, mut found) = (vec![folder.to_path_buf()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        let metadata = fs::metadata(&folder).expect("it is there");
        found.insert(folder.clone(), (0, metadata.modified().expect("a time")));
        for entry in fs::read_dir(&folder).expect("it can be read") {
            let path = entry.expect("an entry").path();
            let metadata = fs::metadata(&path).expect("it is there");
            if metadata.is_dir() {
                folders.push(path);
            } else {
                found.insert(path, (metadata.len(), metadata.modified().expect("a time")));
            }
        }
    }
    found
}

#[test]
fn a_package_is_as_it_was_after_it_was_ingested() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    write("Cargo.toml", "[package]\nname = \"whole\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"whole\"\nversion = \"0.1.0\"\n");
    write("README.md", "# Whole\n\nA piece of documentation.\n");
    write("src/lib.rs", "//! Documented.\nmod part;\npub use part::Part;\nmod lost;\n");
    write("src/part.rs", "/// A part.\npub struct Part;\n");
    let before = looked_at(folder.path());
    let set = Arc::new(discovered(Source::Folder(folder.path().to_owned())));
    let ingested = Ingester::new(set).ingest(0);
    assert!(!ingested.symbols.is_empty() && !ingested.chunks.is_empty());
    assert_eq!(looked_at(folder.path()), before);
}
