//! What a command that reads says of a project that is not indexed as it is.
//!
//! It says so on standard error and reads what there is: a search that began to index would take seconds where
//! one expects a tenth, and write where one asked to read. The explorer indexes beside its screen.

use std::path::Path;

use zenith_core::{Zenith, find_lockfile};

use crate::stale;

/// Tells in one line whether the project that governs a folder changed since it was indexed.
pub async fn tell(zenith: &Zenith, folder: &Path) {
    let Some(lockfile) = find_lockfile(folder) else { return };
    // A lockfile that cannot be read is the command's own error.
    let Ok(freshness) = zenith.freshness(&lockfile).await else { return };
    if let Some(what) = stale::told(&freshness) {
        eprintln!("{what}; `zenith index` brings it up to date");
    }
}
