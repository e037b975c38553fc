//! Datasets: two Lance tables a package version, the unit that is shared.
//!
//! A dataset's place is `lance/{public | team/<org> | private/<sub>}/{ecosystem}/{package}/{version}/
//! {attempt}/`, relative to the store's root. Each attempt at indexing writes to a folder of its own,
//! and the catalog names the one that counts: a torn attempt is never read.

mod check;
mod columns;
mod dataset;
mod declared;
mod duck;
pub mod export;
mod hash;
mod left_out;
mod names;
mod needs;
mod place;
mod rows;
pub(crate) mod sealed;
pub mod shared;
mod store;
mod texts;

pub use dataset::{Lake, LakeError};
pub use declared::DeclaredSymbol;
pub use duck::{Duck, DuckError, Nearest};
pub use hash::ContentHash;
pub use left_out::LeftOut;
pub use names::{Declaration, Names};
pub use needs::Needs;
pub use place::{attempt_of, imported_attempt, is_fetched, is_imported, is_pulled, pulled_attempt};
pub use rows::{ApiSymbol, DocChunk, IndexedPackage, PackageRows, Row, SymbolOutline, from_batch, to_batch};
pub use store::{
    Collected, KeyOrigin, Listed, Location, Object, Put, Store, StoreCredentials, StoreError, StoreProfile,
    StoreSettings, StoreStyle, Stored, Surroundings, Swap, Trouble, TroubleKind, Version, Waiting, check_key,
};
pub(crate) use store::{NOT_UTF8, absolute};
pub use texts::Texts;
