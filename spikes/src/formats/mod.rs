//! Parquet beside Lance on a bucket: what is measured for F5, and what follows from it.
//!
//! [`measure`] runs a matrix of sizes, operations and delays against the lab's bucket; [`data`] is what it found;
//! [`conclusion`], [`targets`], [`report`] and [`chart`] are functions of that data alone, so that what is committed can
//! be recomputed by a test. [`comparison`] is the little of it that fits on a screen.
//!
//! # Decisions
//!
//! - **A report is a function of its data.** `formats` measures once; the page, the picture and the sentences
//!   are made from the committed JSON by the code that a test runs.

pub mod axes;
mod bench;
pub mod chart;
pub mod comparison;
pub mod conclusion;
pub mod data;
mod held;
mod lance;
pub mod measure;
mod parquet;
mod question;
pub mod report;
pub mod targets;

/// The spike that measures a part of it in every run.
pub const SPIKE_ID: &str = "F5";
/// The seed of the rows of F5.
const SEED: u64 = 5;
/// How many rows a search gives.
const K: usize = 10;
