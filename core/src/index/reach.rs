//! Searching what others share where it lies: the rows of datasets that are not on this machine are read
//! from the store once, and held while the program runs.

use std::time::Duration;

use futures::{StreamExt, stream};

use super::arrivals::LocalIndex;
use crate::catalog::CatalogEntry;
use crate::lake::shared::{self, Contents, Place, SharedError};
use crate::lake::{PackageRows, Store};
use crate::search::HeldError;

const PACKAGES_AT_ONCE: usize = 16;
/// More rows than this are not read for a search: their vectors alone are 75 MB.
pub const ROWS_MAX: u64 = 50_000;

/// A dataset of more bytes is not read for a search, however few rows it tells of.
const BYTES_MAX: u64 = 512 << 20;

/// What could be searched where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Packages that a search now goes through without their being here.
    pub held: usize,
    /// Packages that would be too much to read for a search.
    pub too_large: usize,
    /// Packages that could not be read, and why the first of them could not.
    pub unread: usize,
    pub because: Option<String>,
}

/// Reads what of the `shared` entries is neither here nor held, as far as it can be had within the
/// `deadline`; the smallest first. What is held and no longer `shared` is let go of.
pub(crate) async fn reach(
    index: &LocalIndex,
    store: &Store,
    shared: &[CatalogEntry],
    deadline: Duration,
) -> Result<Reached, HeldError> {
    let held = index.search.held();
    let turn = held.turn().await;
    held.keep(&shared.iter().collect::<Vec<_>>())?;
    let known: Vec<CatalogEntry> = held.packages().into_iter().map(|held| held.entry).collect();
    let is_held = |entry: &&CatalogEntry| known.iter().any(|held| held.dataset == entry.dataset);
    let mut todo: Vec<CatalogEntry> = shared.iter().filter(|entry| !is_held(entry)).cloned().collect();
    let rows = |entry: &CatalogEntry| entry.symbol_count.saturating_add(entry.chunk_count);
    todo.sort_by_key(rows);
    let mut reached = Reached::default();
    let mut sum = known.iter().fold(0_u64, |sum, entry| sum.saturating_add(rows(entry)));
    todo.retain(|entry| {
        sum = sum.saturating_add(rows(entry));
        reached.too_large += usize::from(sum > ROWS_MAX);
        sum <= ROWS_MAX
    });
    let wanted = todo.len();
    let reads = todo.into_iter().map(|entry| async move {
        let rows = read(store, &entry).await;
        (entry, rows)
    });
    let mut reads = stream::iter(reads).buffer_unordered(PACKAGES_AT_ONCE);
    let end = tokio::time::Instant::now() + deadline;
    let mut brought = Vec::new();
    while let Ok(Some((entry, read))) = tokio::time::timeout_at(end, reads.next()).await {
        match read {
            Ok(rows) => brought.push((entry, rows)),
            Err(error) => reached.because = reached.because.or_else(|| Some(error.to_string())),
        }
    }
    drop(reads);
    reached.unread = wanted - brought.len();
    if reached.unread > 0 {
        let late = || format!("the store {} did not answer within {} s", store.name(), deadline.as_secs());
        reached.because = reached.because.or_else(|| Some(late()));
    }
    let search = index.search.clone();
    if !brought.is_empty() {
        // A thread of its own: a shelf is written.
        let added = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            search.held().add(brought, search.embedder().as_ref())
        })
        .await;
        added.unwrap_or_else(|stopped| Err(HeldError::Folder(std::io::Error::other(stopped))))?;
    }
    reached.held = held.packages().len();
    Ok(reached)
}

async fn read(store: &Store, entry: &CatalogEntry) -> Result<PackageRows, SharedError> {
    let place = Place::of(entry)?;
    let contents = Contents::read(store, &place).await?;
    if contents.bytes() > BYTES_MAX {
        let why = format!("it has {} bytes", contents.bytes());
        let (store, package) = (store.name().to_string(), entry.id.to_string());
        return Err(SharedError::Remote { store, package, why });
    }
    shared::read_searchable(store, &place, &contents).await
}
