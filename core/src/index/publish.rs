//! From written packages to searchable ones: the shelf first, then the catalog, so that whatever the
//! catalog calls ready is found.

use std::collections::BTreeMap;

use super::package::Written;
use super::{IndexError, Progress};
use crate::catalog::{Catalog, PackageRoot};
use crate::identity::Scope;
use crate::lake::{Lake, is_pulled};
use crate::package::PackageId;
use crate::search::Search;
use crate::search::shelf::ShelfPackage;

/// A written package with what this machine remembers of its source.
pub struct Announcement {
    pub written: Written,
    /// `None` where its source never was here.
    pub source: Option<PackageRoot>,
    /// Earlier versions of one's own code from the same folder, which this one replaces.
    pub supersedes: Vec<PackageId>,
}

/// Publishes packages, all of them in one commit of each scope's shelf and one of the catalog.
/// Returns those that are ready: a claim that was lost meanwhile leaves its package to the taker.
pub async fn publish(
    catalog: &Catalog,
    search: &Search,
    lake: &Lake,
    holder: &str,
    announcements: Vec<Announcement>,
) -> Result<Vec<PackageId>, IndexError> {
    let mut by_scope: BTreeMap<Scope, (Vec<ShelfPackage>, Vec<PackageId>)> = BTreeMap::new();
    let mut finished = Vec::with_capacity(announcements.len());
    let mut roots = Vec::with_capacity(announcements.len());
    let mut superseded = Vec::new();
    for Announcement { written, source, supersedes } in announcements {
        let scope = written.finished.scope.clone();
        roots.extend(source.map(|source| (scope.clone(), written.finished.id.clone(), source)));
        superseded.extend(supersedes.iter().map(|id| (scope.clone(), id.clone())));
        let (adds, removes) = by_scope.entry(scope).or_default();
        adds.push(written.shelf);
        removes.extend(supersedes);
        finished.push(written.finished);
    }
    for (scope, (adds, removes)) in by_scope {
        let shelf = search.shelf(&scope);
        tokio::task::spawn_blocking(move || shelf.apply(&adds, &removes)).await??;
    }
    catalog.set_roots(&roots).await?;
    let outcomes = catalog.finish(&finished, holder).await?;
    let mut unnamed = Vec::new();
    let mut ready = Vec::new();
    for (package, outcome) in finished.into_iter().zip(outcomes) {
        match outcome {
            Ok(replaced) => {
                // A dataset that was pulled anew lies where it lay before.
                unnamed.extend(replaced.filter(|dataset| *dataset != package.dataset));
                ready.push(package.id);
            }
            // Who took the claim over pulls into the same place; the doctor finds what nobody needs.
            Err(()) if is_pulled(&package.dataset) => {}
            Err(()) => unnamed.push(package.dataset),
        }
    }
    for (scope, id) in superseded {
        unnamed.extend(catalog.remove(&scope, &id).await?);
    }
    for dataset in unnamed {
        // A folder that stays costs space alone, and the doctor finds it.
        let _ = lake.remove(&dataset);
    }
    Ok(ready)
}

impl Progress {
    pub(super) fn written(written: &Written) -> Progress {
        let finished = &written.finished;
        Progress::Written {
            id: finished.id.clone(),
            symbols: finished.symbol_count,
            chunks: finished.chunk_count,
        }
    }
}
