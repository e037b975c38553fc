//! The library's integration tests, in one binary since linking is what takes time.

mod claims;
mod ingest;
mod nearest;
mod ranking;
mod rooms;
mod runs;
mod shelf;
mod start;
mod support;
mod texts;
mod tokens;
mod visibility;
