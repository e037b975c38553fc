//! The library's integration tests, in one binary since linking is what takes time.

mod claims;
mod doctor;
mod ingest;
mod jobs;
mod named;
mod nearest;
mod notes;
mod ranking;
mod rooms;
mod runs;
mod shelf;
mod signatures;
mod standings;
mod start;
mod support;
mod tenancy;
mod texts;
mod tokens;
mod visibility;
