//! Notes: what a developer keeps about the exact versions that they build on, in a document that merges across
//! machines, and two databases that are made from it.
//!
//! A [`Workspace`] is opened once a program. What is edited is in its log when [`Workspace::edit`] returns; what is in the
//! document is seen as a [`Snapshot`], and followed by [`Workspace::moments`].

mod ask;
mod base;
mod document;
mod driver;
#[cfg(test)]
mod equal;
mod error;
mod file;
mod handle;
mod lib0;
mod log;
mod note;
mod owner;
mod provider;
mod row;
mod scratch;
mod search;
mod snapshot;
pub mod sync;
mod table;
#[cfg(test)]
mod testing;
mod vectors;
mod walk;

pub use ask::{Health, Taken};
pub use base::{APPLICATION_ID, BaseError, Dump};
pub use document::{BODY_BYTES_MAX, Edit, EditError, ROWS_MAX, UPDATE_BYTES_MAX, Unreadable, new_id};
pub use driver::{Counts, Driver, Kept, Standing, WAIT_MAX};
pub use error::{Refusal, WorkspaceError};
pub use file::{FileLook, FileProvider};
pub use handle::{Draft, Workspace, log_path};
pub use note::{Note, Target, found};
pub use provider::Provider;
pub use row::{Problem, Row, Value};
pub use search::NoteSearch;
pub use snapshot::{Changes, Snapshot};
pub use table::{Column, Kind, TABLES, Table, table};
pub use vectors::{NoteHit, RECALL_MIN, SCANNED_MAX, Vectors, VectorsProvider};
