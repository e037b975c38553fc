//! From sources to rows: find the packages, parse their files, cut their documentation.
//!
//! It reads files and returns values; it never writes, to the catalog or anywhere else.

mod symbol;

pub use symbol::{Chunk, Ingested, SkipReason, Symbol, SymbolKind};
