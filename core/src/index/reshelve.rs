//! The shelf from the datasets: what makes it derived.

use std::sync::Arc;

use super::IndexError;
use crate::catalog::{CatalogEntry, Status};
use crate::identity::Scope;
use crate::lake::{Lake, LakeError, PackageRows};
use crate::package::PackageId;
use crate::search::shelf::{Shelf, ShelfPackage};
use crate::search::{Search, ShelfError};

/// Rows read before they are put on a shelf: what bounds memory.
const ROWS_AT_ONCE: usize = 60_000;

/// What had to be done to a shelf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reshelved {
    /// It was unreadable, or of another layout, and is made anew.
    pub rebuilt: bool,
    /// Ready packages that it lacked.
    pub added: usize,
    /// Packages on it that the catalog does not know.
    pub removed: usize,
    /// Ready packages whose datasets cannot be read: they have to be indexed again.
    pub unreadable: Vec<PackageId>,
}

/// Brings a scope's shelf in line with the catalog's entries of that scope. An unreadable shelf, and one
/// of another version's layout, is made anew.
pub async fn reshelve(
    search: &Search,
    lake: &Lake,
    scope: &Scope,
    entries: &[CatalogEntry],
) -> Result<Reshelved, IndexError> {
    let shelf = search.shelf(scope);
    let mut result = Reshelved::default();
    let (present, rebuild) = match shelf.snapshot() {
        Err(ShelfError::Damaged { .. } | ShelfError::OtherLayout { .. }) => {
            result.rebuilt = true;
            let shelf = shelf.clone();
            let rebuild = tokio::task::spawn_blocking(move || shelf.rebuild()).await??;
            (rebuild.present.clone(), Some(rebuild))
        }
        snapshot => {
            let snapshot = snapshot?;
            let packages = snapshot.iter().flat_map(|snapshot| snapshot.packages());
            (packages.map(|package| package.shelved.clone()).collect(), None)
        }
    };
    let ready: Vec<&CatalogEntry> =
        entries.iter().filter(|entry| entry.status == Status::Ready && entry.scope == *scope).collect();
    let lies_there = |entry: &CatalogEntry| {
        let dataset = entry.dataset.as_deref().unwrap_or_default();
        present.iter().any(|shelved| shelved.id == entry.id && shelved.dataset == dataset)
    };
    // While a shelf is made anew, others may put packages on it that `entries` knows nothing of yet.
    let unknown: Vec<PackageId> = present
        .iter()
        .filter(|_| rebuild.is_none())
        .filter(|shelved| !ready.iter().any(|entry| entry.id == shelved.id))
        .map(|shelved| shelved.id.clone())
        .collect();
    result.removed = unknown.len();

    let mut batch = Vec::new();
    let mut rows = 0;
    for entry in ready.iter().filter(|entry| !lies_there(entry)) {
        match load(search, lake, entry).await {
            Ok(package) => {
                rows += package.rows.len();
                batch.push(package);
                result.added += 1;
            }
            Err(_) => result.unreadable.push(entry.id.clone()),
        }
        if rows >= ROWS_AT_ONCE {
            apply(&shelf, std::mem::take(&mut batch), Vec::new()).await?;
            rows = 0;
        }
    }
    if !batch.is_empty() || !unknown.is_empty() {
        apply(&shelf, batch, unknown).await?;
    }
    if let Some(rebuild) = rebuild {
        rebuild.finish()?;
    }
    Ok(result)
}

async fn apply(
    shelf: &Arc<Shelf>,
    adds: Vec<ShelfPackage>,
    removes: Vec<PackageId>,
) -> Result<(), IndexError> {
    let shelf = shelf.clone();
    tokio::task::spawn_blocking(move || shelf.apply(&adds, &removes)).await??;
    Ok(())
}

async fn load(search: &Search, lake: &Lake, entry: &CatalogEntry) -> Result<ShelfPackage, LakeError> {
    let dataset = entry.dataset.clone().unwrap_or_default();
    let rows = PackageRows { symbols: lake.read(&dataset).await?, chunks: lake.read(&dataset).await? };
    let model = entry.embedding_model.as_deref().unwrap_or_default();
    Ok(ShelfPackage::of(&entry.id, &dataset, model, &rows, search.embedder().as_ref()))
}
