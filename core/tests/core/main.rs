//! The library's integration tests, in one binary since linking is what takes time.

mod ingest;
