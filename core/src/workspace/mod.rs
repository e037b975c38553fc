//! Notes: what a developer keeps about the exact versions that they build on, in a document that merges across
//! machines, and two databases that are made from it.

mod row;
mod snapshot;
mod table;

pub use row::{Problem, Row, Value};
pub use snapshot::{Changes, Snapshot};
pub use table::{Column, Kind, TABLES, Table, table};
