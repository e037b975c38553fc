//! Reruns the claims that the architecture rests on.
//!
//! A [`lab`] starts real components and hands out real handles. A [`spike`] declares one claim and how
//! to try it; the [`runner`] tries it in a lab of its own and derives a [`verdict`]; [`report`] tells the
//! outcome as a table, as JSON, as JUnit or as Markdown, and keeps it for comparison.
//!
//! The harness never decides whether a claim is true by the clock alone, and never leaves a lab running.

pub mod backend;
pub mod evidence;
pub mod group;
pub mod issuer;
pub mod lab;
pub mod measure;
pub mod outcome;
pub mod report;
pub mod run_report;
pub mod runner;
pub mod spike;
pub mod text;
pub mod verdict;

pub use backend::Backend;
pub use evidence::Evidence;
pub use group::Group;
pub use measure::{Target, TargetKind, Unit};
pub use outcome::{Figure, Outcome};
pub use run_report::{FaultOutcome, FaultReport, RunReport};
pub use runner::{Event, Runner};
pub use spike::{Expected, Fault, Spike, Trial};
pub use verdict::Verdict;
