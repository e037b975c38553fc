//! Notes: what a developer keeps about the exact versions that they build on, in a document that merges across
//! machines, and two databases that are made from it.

mod base;
mod driver;
#[cfg(test)]
mod equal;
mod file;
mod provider;
mod row;
mod search;
mod snapshot;
mod table;
#[cfg(test)]
mod testing;
mod vectors;

pub use base::{APPLICATION_ID, BaseError, Dump};
pub use driver::{Counts, Driver, Kept, Standing, WAIT_MAX};
pub use file::FileProvider;
pub use provider::Provider;
pub use row::{Problem, Row, Value};
pub use search::NoteSearch;
pub use snapshot::{Changes, Snapshot};
pub use table::{Column, Kind, TABLES, Table, table};
pub use vectors::{NoteHit, RECALL_MIN, SCANNED_MAX, Vectors, VectorsProvider};
