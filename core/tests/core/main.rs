//! The library's integration tests, in one binary since linking is what takes time.

mod claims;
mod ingest;
mod ranking;
mod support;
mod tokens;
mod visibility;
