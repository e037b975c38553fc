//! Whether the index is that of a project as it is now: cheap enough to be asked by everything that reads.
//!
//! # Decisions
//!
//! - **A stamp is asked first.** The hash of the lockfile's text, and the sizes and times of the files that one's
//!   own packages were read from and of their folders. While these are as the last run left them, nothing else is
//!   looked at, the catalog neither.
//! - **A run knows what it left out.** What could not be read, or was not asked for (`--direct`), is not told of again;
//!   what was not on this machine then, once it is: its folder in cargo's registry is looked for by name, and what is from
//!   git or another registry where the lockfile's source puts it.
//! - **A look changes nothing**, but for a stamp whose files prove to be the same.

use std::path::Path;

use serde::Serialize;

use super::known::KnownProject;
use super::record::text_of;
use crate::catalog::{Catalog, CatalogError, Status};
use crate::identity::Identity;
use crate::ingest::{Cargo, DiscoverError, lockfile};
use crate::package::{PackageId, Tier};

/// What of a project is not indexed as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Freshness {
    /// The project was never indexed, or by a version of the program that did not note it.
    pub is_new: bool,
    /// Locked, and not indexed.
    pub missing: Vec<PackageId>,
    /// Own packages whose files changed since they were indexed.
    pub changed: Vec<String>,
    /// Locked, and downloaded since: what was not on this machine when the project was indexed.
    pub arrived: Vec<PackageId>,
    /// Tells this state from another with the same packages.
    #[serde(skip)]
    state: String,
}

/// A look that failed.
#[derive(Debug, thiserror::Error)]
pub enum FreshnessError {
    #[error(transparent)]
    Lockfile(#[from] DiscoverError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("a part of the program stopped unexpectedly: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Freshness {
    /// Compares a lockfile and the code beside it with what the last run saw.
    pub async fn look(
        data_dir: &Path,
        lockfile: &Path,
        catalog: &Catalog,
        identity: &Identity,
        cargo: &Cargo,
    ) -> Result<Freshness, FreshnessError> {
        let (folder, path, cargo) = (data_dir.to_owned(), lockfile.to_owned(), cargo.clone());
        let mut seen = tokio::task::spawn_blocking(move || Seen::now(&folder, &path, &cargo)).await?;
        let changed = std::mem::take(&mut seen.changed);
        let mut freshness = Freshness {
            is_new: seen.known.is_none(),
            state: seen.state.clone(),
            changed,
            ..Freshness::default()
        };
        if !seen.is_same_lockfile || !seen.arrived.is_empty() {
            let ready =
                catalog.packages(identity).await?.into_iter().filter(|entry| entry.status == Status::Ready);
            let ready: std::collections::HashSet<(bool, PackageId)> =
                ready.map(|entry| (entry.tier() == Tier::Public, entry.id)).collect();
            let known = seen.known.unwrap_or_default();
            for package in lockfile::read(lockfile)?.packages {
                let Ok(id) = PackageId::rust(package.name, package.version) else { continue };
                let left_out = known.direct_only && !package.direct && !package.own;
                if left_out || ready.contains(&(!package.own, id.clone())) {
                    continue;
                }
                if seen.arrived.contains(&id) {
                    freshness.arrived.push(id);
                } else if !seen.is_same_lockfile && !known.without.contains(&id.to_string()) {
                    freshness.missing.push(id);
                }
            }
        }
        Ok(freshness)
    }

    /// Whether all is indexed as it is.
    pub fn is_fresh(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty() && self.arrived.is_empty()
    }
}

/// What a look at the files alone tells.
struct Seen {
    known: Option<KnownProject>,
    is_same_lockfile: bool,
    changed: Vec<String>,
    arrived: Vec<PackageId>,
    state: String,
}

impl Seen {
    fn now(data_dir: &Path, lockfile: &Path, cargo: &Cargo) -> Seen {
        let text = text_of(lockfile).unwrap_or_default();
        let Some(mut known) = KnownProject::read(data_dir, lockfile) else {
            let (changed, arrived) = (Vec::new(), Vec::new());
            return Seen { known: None, is_same_lockfile: false, changed, arrived, state: text };
        };
        let (mut changed, mut state, mut proved) = (Vec::new(), text.clone(), false);
        for own in &mut known.own {
            let Some(now) = own.again() else { continue };
            if own.is_same(&now) {
                // Something beside its files came or went.
                (*own, proved) = (now, true);
            } else {
                state += now.state();
                changed.push(own.name.clone());
            }
        }
        if proved {
            // It only saves the next look some work.
            let _ = known.write(data_dir);
        }
        let arrived = known.arrived(cargo);
        Seen { is_same_lockfile: known.text == text, known: Some(known), changed, arrived, state }
    }
}
