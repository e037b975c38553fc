//! What every program of ours writes for people. Text from packages, servers, files and errors is
//! untrusted: whatever of it reaches a terminal passes [`clean`] or [`clean_line`] first.

mod clean;
mod error;
mod words;

pub use clean::{clean, clean_line, clean_line_of, escaped_json};
pub use error::{is_broken_pipe, with_causes};
pub(crate) use words::group;
pub use words::{ago, counted, fit, grouped};
