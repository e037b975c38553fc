//! What both databases share: the tables of a base, how a moment of the document gets into them, and what lies there.
//!
//! # Decisions
//!
//! - **Derived, and proven.** A base is never read back as truth. What lies in it is read for one reason: to compare it
//!   with the document, row by row ([`Dump`]). A base that was patched a thousand times must equal one made anew.
//! - **One transaction, the mark in it.** Rows, and the row of `_zenith` that says which moment they are, are committed
//!   together. Whatever dies in between leaves the moment before, whole.
//! - **The schema has no number that somebody must remember to raise**: it is a hash of the statements that make it. A
//!   base of another schema is made anew, never altered.
//! - **Rows by their ids, never by REPLACE**: an UPSERT of every column, which fires the triggers that keep the text index.
//! - **Every row has a number of its own beside its id**, declared, so that a VACUUM by another program leaves the text
//!   index right.

mod dump;
mod error;
mod fill;
mod schema;
mod values;

pub use dump::Dump;
pub use error::BaseError;
pub(super) use fill::{Rows, whole};
pub use schema::APPLICATION_ID;
pub(super) use schema::quoted;

#[cfg(test)]
mod tests;
