//! What no project needs any more: packages that no known lockfile locks.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::known::KnownProject;
use crate::catalog::{CatalogEntry, Status};
use crate::ingest::{DiscoverError, STANDARD_CRATES, lockfile};
use crate::lake::is_fetched;
use crate::package::{PackageId, Tier};
use crate::search::PackageFilter;

/// What may be removed, and what that was judged by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unlocked {
    pub entries: Vec<CatalogEntry>,
    /// Lockfiles that were read.
    pub lockfiles: Vec<PathBuf>,
    /// Known projects whose lockfile is not there any more.
    pub gone: Vec<KnownProject>,
}

impl Unlocked {
    /// What of `entries` is in no lockfile of a known project. Of what this machine did not index itself (pulled
    /// and imported packages), of one's own code, the team's and the standard library, only what is `named`. What
    /// is being indexed is nobody's to remove. A lockfile that is there and cannot be read is an error: it might
    /// lock anything.
    pub fn among(
        entries: Vec<CatalogEntry>,
        known: Vec<KnownProject>,
        named: &[PackageFilter],
    ) -> Result<Unlocked, DiscoverError> {
        let mut unlocked = Unlocked::default();
        let mut locked: BTreeSet<PackageId> = BTreeSet::new();
        for project in known {
            if !project.lockfile.exists() {
                unlocked.gone.push(project);
                continue;
            }
            let packages = lockfile::read(&project.lockfile)?.packages;
            locked.extend(packages.into_iter().filter_map(|one| PackageId::rust(one.name, one.version).ok()));
            unlocked.lockfiles.push(project.lockfile);
        }
        let is_named = |entry: &CatalogEntry| named.iter().any(|filter| filter.holds_exactly(&entry.id));
        let is_derived = |entry: &CatalogEntry| {
            entry.tier() == Tier::Public
                && !STANDARD_CRATES.contains(&entry.id.name())
                && !entry.dataset.as_deref().is_some_and(is_fetched)
        };
        let may_go = |entry: &CatalogEntry| {
            (entry.claim.is_none() || entry.status == Status::Interrupted)
                && match named {
                    [] => is_derived(entry) && !locked.contains(&entry.id),
                    _ => is_named(entry),
                }
        };
        unlocked.entries = entries.into_iter().filter(may_go).collect();
        Ok(unlocked)
    }
}
