//! Datasets: two Lance tables a package version, the unit that is shared.
//!
//! A dataset's place is `lance/{public | team/<org> | private/<sub>}/{ecosystem}/{package}/{version}/
//! {attempt}/`, relative to the store's root. Each attempt at indexing writes to a folder of its own,
//! and the catalog names the one that counts: a torn attempt is never read.

mod dataset;
mod duck;
pub mod export;
mod rows;
mod store;

pub use dataset::{Lake, LakeError};
pub use duck::{Duck, DuckError, Nearest};
pub use rows::{ApiSymbol, DocChunk, IndexedPackage, Row, SymbolOutline, from_batch, to_batch};
pub use store::{
    Listed, Object, Put, Store, StoreCredentials, StoreError, StoreSettings, Stored, Version, check_key,
};
