//! How well a query finds what a judge would want, for any number of rankers side by side.

mod embedders;
mod indexed;
mod judged;
mod metrics;
mod report;

pub use embedders::{ExactRanker, sentences_a_second};
pub use indexed::{IndexRanker, latencies};
pub use judged::{Corpus, Part, Query, read_queries};
pub use metrics::{Scores, score};
pub use report::{Ranker, Row, evaluate, print};
