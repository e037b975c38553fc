//! Exports: Parquet beside a `manifest.json`, for readers of any kind and as one way to share an index.
//!
//! ```text
//! packages/{public | team/<org> | private/<sub>}/manifest.json
//! packages/{…}/{api_symbols | doc_chunks | indexed_packages}/{blake3 of its bytes}.parquet
//! ```
//!
//! Data files never change and are named by their content. The manifest alone changes, by one atomic
//! put on terms: a reader sees the old export or the new, never a mixture. It is a base and deltas, each
//! with the packages that it brings and, for a delta, those that it takes away; the newest wins. A
//! manifest and its data files say whose they are, and are refused under another scope.
//!
//! A reader that knows nothing of the merge takes the manifest's `packages`: of each package that is current
//! the files with its rows. A package's rows in any other file were replaced. An export of an earlier version
//! is read, and written anew as a whole by whoever exports next, so that all files of one are of one schema.
//!
//! # Decisions
//!
//! - **The bucket's own conditional put is the lock.** No database, no lease: a swap that lost reads the
//!   winner's manifest and is planned anew; what was packed before is reused. In a folder, a lock and a
//!   rename do the same.
//! - **A probe before the first put**, since services ignore what they do not know: a bucket without
//!   `If-Match` would lose exports silently. Reading needs no probe, and no right to write.
//! - **Each package lies in one file of each table**, packed to some 16,000 rows: who imports one package
//!   fetches some 30 MB at most, who imports all fetches each file once.
//! - **Compaction keeps large files that are still mostly used** and packs the rest; deltas that others add
//!   meanwhile are kept behind the new base. It happens past eight deltas, and on `--compact`.
//! - **A full export replaces a damaged one; an increment refuses to build on it.** What others had in it,
//!   they export again.
//! - **An import keeps what this machine indexed itself**, and gives its datasets the exporter's attempt and
//!   a part of its own: what is here already is known without reading a row.
//! - **Errors of a store say the server's code and nothing else that it answered**: S3 quotes whole requests.

mod collect;
mod compact;
mod data_file;
mod exporter;
mod freshness;
mod manifest;
#[cfg(test)]
mod outdated;
mod plan;
mod reader;
mod seal;
mod segment;

use tokio_util::sync::CancellationToken;

use crate::identity::Scope;
use crate::lake::{ContentHash, LakeError, StoreError};

pub use collect::GRACE;
pub use compact::DELTAS_MAX;
pub use exporter::{ExportEvent, ExportMode, ExportReport, Exporter};
pub use freshness::Freshness;
pub use manifest::{DataFile, ExportedPackage, ListedPackage, Manifest, SCHEMA_VERSION, Segment, Table};
pub use plan::indexed_here;
pub use reader::Export;

/// An export that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(
        "{object} in the store {store} is damaged: {why}; a full `zenith export` of this tier, by whoever \
         indexed its packages, makes it anew"
    )]
    Damaged { store: String, object: String, why: String },
    #[error(
        "{object} in the store {store} belongs to {found}, not to {expected}, and is not used; a full \
         `zenith export` of this tier makes it anew"
    )]
    Foreign { store: String, object: String, expected: String, found: String },
    #[error(
        "{object} in the store {store} was written by another version of zenith (schema {found}, this one \
         reads {SCHEMA_VERSION}); use that version, or export into another prefix"
    )]
    OtherSchema { store: String, object: String, found: u64 },
    #[error("nothing of the {scope} tier is exported to the store {store}; `zenith export` does that")]
    Absent { store: String, scope: String },
    #[error("others kept changing {object} in the store {store}; nothing was lost, run the command again")]
    Contended { store: String, object: String },
    #[error("the owner {0:?} cannot be part of a path: only letters, digits and _ - . + are")]
    Owner(String),
    #[error("cannot write {table} as Parquet: {why}")]
    Encode { table: &'static str, why: String },
    #[error("it was stopped; what was exported before stands as it was")]
    Cancelled,
    #[error("a part of the export stopped unexpectedly: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

impl ExportError {
    /// Whether it is what lies in the store that fails, and not the store.
    pub fn is_of_content(&self) -> bool {
        matches!(self, ExportError::Damaged { .. } | ExportError::Foreign { .. })
    }
}

/// Work on a store that can be dropped where it stands, and is when the user stops it. A swap cannot: only
/// its answer says whether it was done.
async fn unless_stopped<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, ExportError>>,
) -> Result<T, ExportError> {
    cancel.run_until_cancelled(work).await.unwrap_or(Err(ExportError::Cancelled))
}

/// The folder of a scope's export, as a key of a store.
fn folder(scope: &Scope) -> Result<String, ExportError> {
    match scope.is_well_formed() {
        true => Ok(format!("packages/{}", scope.prefix())),
        false => Err(ExportError::Owner(scope.prefix())),
    }
}

/// The key of a scope's manifest.
pub fn manifest_key(scope: &Scope) -> Result<String, ExportError> {
    Ok(format!("{}/manifest.json", folder(scope)?))
}

/// The key of a data file.
pub fn data_key(scope: &Scope, table: Table, hash: &ContentHash) -> Result<String, ExportError> {
    Ok(format!("{}/{}", folder(scope)?, table.file(hash)))
}
