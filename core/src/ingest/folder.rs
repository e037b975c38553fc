//! A package's folder, read again after it was indexed: within the same bounds, and nothing outside of it.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::discover::manifest::{self, Above};
use super::{Origin, docs, walk};

pub use super::discover::manifest::{Built, Named, Told};

/// The folder that a package was indexed from.
#[derive(Debug)]
pub struct PackageFolder {
    /// Canonical.
    root: PathBuf,
    origin: Origin,
}

impl PackageFolder {
    /// None where there is no folder.
    pub fn open(root: &Path, origin: Origin) -> Option<PackageFolder> {
        let root = fs::canonicalize(root).ok().filter(|root| root.is_dir())?;
        Some(PackageFolder { root, origin })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its source files and its documentation, relative, in the order of their paths; without those of
    /// packages that lie inside of it.
    pub fn files(&self) -> Vec<String> {
        let found = walk::files(&self.root, self.origin, is_read, &mut BTreeMap::new());
        let manifests = found.iter().filter_map(|file| file.relative.strip_suffix("/Cargo.toml"));
        let inside: HashSet<&str> = manifests.collect();
        let own = |relative: &str| {
            let folders = relative.match_indices('/').filter_map(|(at, _)| relative.get(..at));
            !folders.into_iter().any(|folder| inside.contains(folder))
        };
        let files = found.iter().map(|file| file.relative.as_str());
        files.filter(|file| !file.ends_with("Cargo.toml") && own(file)).map(str::to_owned).collect()
    }

    /// The text of one of its files; none where it is not text, too large, or not inside.
    pub fn read(&self, relative: &str) -> Option<String> {
        walk::read_text(&self.root, &self.root.join(relative)).ok().map(|(_, text)| text)
    }

    /// What its manifest tells; none where it has none that can be read.
    pub fn manifest(&self) -> Option<Told> {
        // A released package inherits nothing, and nothing outside of it is read.
        let above = if self.origin == Origin::Own { Above::Anywhere } else { Above::Nowhere };
        manifest::told(&self.root, above)
    }
}

fn is_read(relative: &str) -> bool {
    relative.ends_with(".rs") || docs::is_document(relative) || Path::new(relative).ends_with("Cargo.toml")
}
