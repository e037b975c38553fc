//! Keeping the index that of the projects that are there: what is not indexed as it is, what nobody needs.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::{Zenith, ZenithError};
use crate::catalog::CatalogEntry;
use crate::index::{Failure, Freshness, KnownProject, Unlocked};
use crate::search::PackageFilter;

/// Packages that are removed before the next look at whether to stop: a shelf is written once for all of them.
const REMOVED_AT_ONCE: usize = 64;

/// What a removal did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cleaned {
    pub packages: usize,
    /// Forgotten, with files that lie there still; the doctor removes them.
    pub remains: Vec<Failure>,
    pub cancelled: bool,
}

impl Zenith {
    /// What of a project's lockfile and own code is not indexed as it is now; see [`Freshness`].
    pub async fn freshness(&self, lockfile: &Path) -> Result<Freshness, ZenithError> {
        let (data_dir, cargo) = (&self.config.data_dir, self.cargo());
        Ok(Freshness::look(data_dir, lockfile, &self.catalog, &self.identity, &cargo).await?)
    }

    /// What no known project locks, or what is `named`; see [`Unlocked::among`].
    pub async fn unlocked(&self, named: &[PackageFilter]) -> Result<Unlocked, ZenithError> {
        let (entries, data_dir, named) =
            (self.packages().await?, self.config.data_dir.clone(), named.to_vec());
        let look = move || Unlocked::among(entries, KnownProject::all(&data_dir), &named);
        Ok(tokio::task::spawn_blocking(look).await??)
    }

    /// Removes packages, the catalog's rows first: what it does not name is not found, and a process that dies in
    /// between leaves files that nobody names. After `cancel`, what is removed stays so and the rest is kept.
    pub async fn clean(
        &self,
        entries: &[CatalogEntry],
        cancel: &CancellationToken,
    ) -> Result<Cleaned, ZenithError> {
        let mut cleaned = Cleaned::default();
        let index = self.local_index();
        for group in entries.chunks(REMOVED_AT_ONCE) {
            if cancel.is_cancelled() {
                cleaned.cancelled = true;
                break;
            }
            let keys: Vec<_> = group.iter().map(|entry| (entry.scope.clone(), entry.id.clone())).collect();
            cleaned.remains.extend(index.remove(&keys).await?);
            cleaned.packages += keys.len();
        }
        Ok(cleaned)
    }

    /// Bytes that the dataset of an entry takes on this machine.
    pub async fn size(&self, entry: &CatalogEntry) -> Result<u64, ZenithError> {
        let Some(dataset) = entry.dataset.clone() else { return Ok(0) };
        let lake = self.lake.clone();
        Ok(tokio::task::spawn_blocking(move || lake.size(&dataset)).await??)
    }
}
