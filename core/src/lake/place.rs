//! What the places of datasets are called, and what their names tell.

use super::Lake;
use crate::identity::Scope;
use crate::package::PackageId;

/// The folder of all datasets in a store.
pub(super) const FOLDER: &str = "lance";
/// Stands in the attempt of a dataset that was fetched: after the attempt of who indexed it.
const FETCHED: char = '.';
const PULLED: &str = "pulled";

impl Lake {
    /// The place of one attempt's datasets, relative to the store's root.
    pub fn place(scope: &Scope, id: &PackageId, attempt: &str) -> String {
        format!("{FOLDER}/{}/{}/{}/{}/{attempt}", scope.prefix(), id.ecosystem(), id.name(), id.version())
    }
}

/// The attempt at indexing that a dataset's place names, on whichever machine it was made.
pub fn attempt_of(dataset: &str) -> &str {
    let last = dataset.rsplit('/').next().unwrap_or(dataset);
    last.split(FETCHED).next().unwrap_or(last)
}

/// Whether a dataset came from a store, rather than from sources on this machine.
pub fn is_fetched(dataset: &str) -> bool {
    dataset.rsplit('/').next().unwrap_or(dataset).contains(FETCHED)
}

/// Whether a dataset's files were pulled, into a place that another pull of the same attempt shares.
pub fn is_pulled(dataset: &str) -> bool {
    dataset.rsplit(FETCHED).next() == Some(PULLED)
}

/// Whether a dataset was written by an import.
pub fn is_imported(dataset: &str) -> bool {
    is_fetched(dataset) && !is_pulled(dataset)
}

/// A new name for the dataset that an import writes from an attempt's rows.
pub fn imported_attempt(attempt: &str) -> String {
    format!("{attempt}{FETCHED}{}", uuid::Uuid::new_v4().simple())
}

/// The name of the dataset that an attempt's files are pulled into: the same each time, so that a pull
/// goes on where the last one ended.
pub fn pulled_attempt(attempt: &str) -> String {
    format!("{attempt}{FETCHED}{PULLED}")
}
