//! Which packages of a lockfile are not built on this machine: found out with cargo when it is indexed, and
//! read on every search. Derived; a record that is gone or of another lockfile is made anew by the next run.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::record;
use crate::ingest::{DiscoverError, SourceSet};
use crate::search::Project;

const FOLDER: &str = "platforms";

/// What is known of one lockfile.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Platforms {
    /// Of the lockfile's text, and of the machine.
    of: String,
    /// Names and versions.
    others: BTreeSet<(String, String)>,
}

/// The project of a lockfile, with what is known of platforms in a data folder.
pub fn project(data_dir: &Path, lockfile: &Path) -> Result<Project, DiscoverError> {
    Ok(Project::read(lockfile)?.with_others(Platforms::read(data_dir, lockfile).others))
}

impl Platforms {
    /// What the last run on a lockfile found out; nothing, where there was none.
    pub fn read(data_dir: &Path, lockfile: &Path) -> Platforms {
        record::read(&record::place(data_dir, FOLDER, lockfile)).unwrap_or_default()
    }

    /// What discovery says of a lockfile.
    pub fn of(lockfile: &Path, set: &SourceSet) -> Platforms {
        let packages = set.packages.iter().filter(|package| !package.here);
        let packages = packages.map(|one| (one.id.name().to_string(), one.id.version().to_string()));
        let missing = set.missing.iter().filter(|one| !one.here);
        let missing = missing.map(|one| (one.name.clone(), one.version.clone()));
        Platforms { of: state(lockfile), others: packages.chain(missing).collect() }
    }

    /// Whether it is of the lockfile as it is now, and of this machine.
    pub fn is_current(&self, lockfile: &Path) -> bool {
        self.of == state(lockfile)
    }

    pub fn holds(&self, name: &str, version: &str) -> bool {
        self.others.contains(&(name.to_string(), version.to_string()))
    }

    /// Keeps it, at once or not at all.
    pub fn write(&self, data_dir: &Path, lockfile: &Path) -> io::Result<()> {
        record::write(&record::place(data_dir, FOLDER, lockfile), self)
    }
}

fn state(lockfile: &Path) -> String {
    let machine = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    format!("{} on {machine}", record::text_of(lockfile).unwrap_or_default())
}
