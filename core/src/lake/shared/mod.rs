//! Datasets on a store: the very files of a dataset, and beside them what it consists of.
//!
//! ```text
//! lance/{public | team/<org> | private/<sub>}/{ecosystem}/{package}/{version}/{attempt}/contents.json
//! lance/{…}/{attempt}/{api_symbols | doc_chunks}.lance/…
//! ```
//!
//! A place is that of the machine that indexed the package, and is written once. `contents.json` is put
//! last: it names every file with its size and hash, and says whose the dataset is. Without it there is
//! nothing to read; with it, what is missing or changed shows.
//!
//! # Decisions
//!
//! - **Datasets are shared as the very files that their maker has.** Nothing is encoded again, a reader
//!   compares hashes instead of rows, and what is there already is known by name and size. F5 measured the
//!   alternative.
//! - **The contents carry each table's manifest**, so that who reads a dataset where it lies needs one step
//!   to know it and three to have it: no listing, no look for the latest version. Such a reader is lance's
//!   own, with a commit handler that knows the version.
//! - **What lies elsewhere is read once, whole but for its source, and held on a shelf.** One ranking serves
//!   both, and a second search of the same program asks the store nothing. 50,000 rows are the bound; beyond
//!   it, `pull`.
//! - **Of a public version the first push stays, of one's own code what was indexed last.** Rows keep the
//!   time of indexing, not of pushing, and are compared once more after the claim. Replaced datasets stay
//!   until what replaced them has been whole for two days, for readers of an older replica.
//! - **Lance reads a bucket through our client.** One of its own would add keys and addresses from the
//!   environment.
//! - **A push claims as an indexer does**, in the shared catalog: of two, one uploads. Claims are settled by
//!   single statements, since each is a round trip.

mod contents;
mod download;
mod read;
mod upload;

pub use contents::{ContentFile, Contents};
pub use download::download;
pub(super) use read::{count_of, open_at};
pub use read::{open, read_fetched, read_searchable};
pub use upload::{Uploaded, remove_stale, remove_version, upload};

use super::{LakeError, StoreError, check_key};
use crate::catalog::CatalogEntry;
use crate::identity::Scope;
use crate::package::PackageId;

/// The file of a dataset that names the others.
const CONTENTS: &str = "contents.json";

/// A dataset that cannot be put on a store, or be had from there.
#[derive(Debug, thiserror::Error)]
pub enum SharedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(
        "{package} is not in the store {store}: check that ZENITH_STORE names the one that it was pushed to; \
         `zenith sync` fetches where it lies now, and whoever shares it can run `zenith push --force`"
    )]
    Absent { store: String, package: String },
    #[error(
        "{object} in the store {store} is damaged: {why}; `zenith push --force` by whoever shares it mends it"
    )]
    Damaged { store: String, object: String, why: String },
    #[error(
        "{object} in the store {store} belongs to {found}, not to {expected}, and is not used; `zenith push \
         --force` by whoever shares it mends it"
    )]
    Foreign { store: String, object: String, expected: String, found: String },
    #[error(
        "{object} in the store {store} was written by another version of zenith (schema {found}, this one \
         reads {}); use that version",
        contents::SCHEMA_VERSION
    )]
    OtherSchema { store: String, object: String, found: u64 },
    #[error(
        "the shared catalog names a place for {package} that is not {package}'s: {place:?}; nothing is read \
         from there"
    )]
    Misplaced { package: String, place: String },
    #[error("cannot {attempted} {}: {source}", path.display())]
    File { attempted: &'static str, path: std::path::PathBuf, source: std::io::Error },
    #[error("cannot read {package} where it lies in the store {store}: {why}; `zenith pull` says more")]
    Remote { store: String, package: String, why: String },
    #[error("a part of the program stopped unexpectedly: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

impl SharedError {
    /// Whether the store is what fails, so that the next dataset would fail as well.
    pub fn is_of_store(&self) -> bool {
        matches!(
            self,
            SharedError::Store(
                StoreError::Unreachable { .. }
                    | StoreError::Refused { .. }
                    | StoreError::Lacks { .. }
                    | StoreError::Settings(_)
            )
        )
    }

    /// Whether this machine's disk is.
    pub fn is_of_disk(&self) -> bool {
        matches!(
            self,
            SharedError::Store(StoreError::File { .. }) | SharedError::Lake(_) | SharedError::File { .. }
        )
    }
}

/// Where a dataset lies and whose it is. Made from an entry of a catalog only if the place is below the
/// folder of that very scope, package and version: a row of one tenant cannot point into another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub scope: Scope,
    pub id: PackageId,
    /// The key that everything of the dataset begins with.
    pub key: String,
    /// What the catalog says of it.
    pub symbol_count: u64,
    pub chunk_count: u64,
    pub embedding_model: String,
}

impl Place {
    pub fn of(entry: &CatalogEntry) -> Result<Place, SharedError> {
        let place = entry.dataset.clone().unwrap_or_default();
        let folder = super::Lake::place(&entry.scope, &entry.id, "");
        let attempt = place.strip_prefix(&folder).unwrap_or_default();
        if attempt.contains('/') || check_key(attempt).is_err() {
            return Err(SharedError::Misplaced {
                package: entry.id.to_string(),
                place: place.chars().take(200).collect(),
            });
        }
        Ok(Place {
            scope: entry.scope.clone(),
            id: entry.id.clone(),
            key: place,
            symbol_count: entry.symbol_count,
            chunk_count: entry.chunk_count,
            embedding_model: entry.embedding_model.clone().unwrap_or_default(),
        })
    }

    /// The key of a file of the dataset.
    pub fn file(&self, path: &str) -> String {
        format!("{}/{path}", self.key)
    }

    /// What the keys of every attempt at the package begin with.
    fn version(&self) -> String {
        super::Lake::place(&self.scope, &self.id, "")
    }

    fn contents(&self) -> String {
        self.file(CONTENTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_cannot_point_into_another_tenants_folder() {
        let entry = |dataset: &str| CatalogEntry {
            dataset: Some(dataset.to_string()),
            ..CatalogEntry::ready(Scope::Team("acme".to_string()), PackageId::rust("p", "1.0.0").unwrap())
        };
        let place = Place::of(&entry("lance/team/acme/rust/p/1.0.0/a1")).unwrap();
        assert_eq!(place.file("x.lance/y"), "lance/team/acme/rust/p/1.0.0/a1/x.lance/y");
        for bad in [
            "",
            "lance/team/acme/rust/p/1.0.0/",
            "lance/team/acme/rust/p/1.0.0/..",
            "lance/team/acme/rust/p/1.0.0/a/b",
            "lance/team/acme/rust/p/1.0.1/a1",
            "lance/team/other/rust/p/1.0.0/a1",
            "lance/private/acme/rust/p/1.0.0/a1",
            "s3://other/lance/team/acme/rust/p/1.0.0/a1",
        ] {
            assert!(matches!(Place::of(&entry(bad)), Err(SharedError::Misplaced { .. })), "{bad:?}");
        }
    }
}
