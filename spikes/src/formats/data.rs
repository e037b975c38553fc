//! What was measured, as it is committed.

use serde::{Deserialize, Serialize};
use zenith_harness::lab::{Count, Request, RequestKind, steps};

use super::axes::{Format, Operation, State, Way};

/// A whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The machine and the versions, as a reader needs them to repeat it.
    pub conditions: String,
    pub sizes: Vec<Size>,
}

/// One number of rows, in both formats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Size {
    pub rows: usize,
    pub exports: Exports,
    /// The share of the true nearest ten that each way of asking found.
    pub recall: Vec<Recall>,
    pub measurements: Vec<Measurement>,
    /// What a cold vector query asked the bucket for, each way.
    pub traces: Vec<Trace>,
}

/// Writing to the bucket, without a delay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exports {
    pub parquet: Export,
    pub lance: Export,
    /// Building Lance's indexes afterwards.
    pub lance_index: Export,
    /// Rows in memory to both formats, without indexes, at one time.
    pub both_ms: f64,
    /// Bytes on the bucket.
    pub parquet_bytes: u64,
    /// Without indexes.
    pub lance_bytes: u64,
    pub lance_index_bytes: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Export {
    pub ms: f64,
    pub traffic: Traffic,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recall {
    pub format: Format,
    pub operation: Operation,
    pub recall: f64,
}

/// One operation in one state at one delay; the median of its rounds by time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    pub format: Format,
    pub operation: Operation,
    pub state: State,
    pub delay_ms: u64,
    pub rounds: usize,
    pub ms: f64,
    pub traffic: Traffic,
}

/// Requests by kind, and how many had to wait for one another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    pub gets: u64,
    pub heads: u64,
    pub lists: u64,
    pub puts: u64,
    pub deletes: u64,
    pub bytes_read: u64,
    pub bytes_written: u64,
    pub steps: u64,
}

/// The requests of one operation, in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    pub format: Format,
    pub operation: Operation,
    pub requests: Vec<Asked>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// One more than that of any request that it can have waited for.
    pub step: usize,
    pub kind: String,
    pub file: String,
    pub bytes: u64,
}

impl Asked {
    pub fn all(requests: &[Request]) -> Vec<Asked> {
        let asked = |(step, request): (usize, &Request)| {
            let kind = match request.kind {
                RequestKind::Get => "GET",
                RequestKind::Head => "HEAD",
                RequestKind::List => "LIST",
                RequestKind::Put => "PUT",
                RequestKind::Delete => "DELETE",
            };
            Asked { step, kind: kind.to_string(), file: file(&request.target), bytes: request.bytes }
        };
        steps(requests).into_iter().zip(requests).map(asked).collect()
    }
}

/// What of a dataset a request is about: the path within it, without names that nobody chose.
fn file(target: &str) -> String {
    const CHOSEN_CHARS_MAX: usize = 20;
    let path = target.split('?').next().unwrap_or_default();
    let within = path
        .split_once(".lance/")
        .map_or_else(|| path.rsplit('/').next().unwrap_or(path), |(_, within)| within);
    let part = |part: &str| match part.rsplit_once('.') {
        Some((name, end)) if name.len() > CHOSEN_CHARS_MAX => format!("….{end}"),
        None if part.len() > CHOSEN_CHARS_MAX => "…".to_string(),
        _ => part.to_string(),
    };
    within.split('/').map(part).collect::<Vec<_>>().join("/")
}

impl Traffic {
    pub fn new(count: Count, steps: usize) -> Traffic {
        Traffic {
            gets: count.gets,
            heads: count.heads,
            lists: count.lists,
            puts: count.puts,
            deletes: count.deletes,
            bytes_read: count.bytes_read,
            bytes_written: count.bytes_written,
            steps: steps as u64,
        }
    }

    /// What a million of them cost at R2, in dollars: $4.50 a million writes and listings (class A), $0.36 a
    /// million reads (class B); deleting and the bytes themselves are free.
    pub fn dollars_a_million(&self) -> f64 {
        4.50 * (self.puts + self.lists) as f64 + 0.36 * (self.gets + self.heads) as f64
    }

    pub fn requests(&self) -> u64 {
        self.gets + self.heads + self.lists + self.puts + self.deletes
    }
}

impl Size {
    pub fn find(
        &self,
        format: Format,
        operation: Operation,
        state: State,
        delay_ms: u64,
    ) -> Option<&Measurement> {
        self.measurements.iter().find(|found| {
            found.format == format
                && found.operation == operation
                && found.state == state
                && found.delay_ms == delay_ms
        })
    }

    /// A vector query, as it is done one way.
    pub fn way(&self, way: Way, state: State, delay_ms: u64) -> Option<&Measurement> {
        self.find(way.format(), way.operation(), state, delay_ms)
    }

    pub fn trace(&self, way: Way) -> Option<&Trace> {
        self.traces.iter().find(|trace| trace.format == way.format() && trace.operation == way.operation())
    }

    pub fn recall(&self, format: Format, operation: Operation) -> Option<f64> {
        let mut found = self.recall.iter();
        found.find(|found| found.format == format && found.operation == operation).map(|found| found.recall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_what_somebody_chose() {
        let index =
            "/zenith/lab/lance/symbols_100.lance/_indices/0f8b7a3e-9c1d-4f6e-8a2b-0123456789ab/index.idx";
        assert_eq!(file(index), "_indices/…/index.idx");
        let data = "/zenith/lab/lance/s.lance/data/010111101010101010010011ab34cd56ef.lance?x-id=GetObject";
        assert_eq!(file(data), "data/….lance");
        assert_eq!(file("/zenith/lab/parquet/100/base.parquet"), "base.parquet");
    }

    #[test]
    fn a_million_requests_cost_what_r2_says() {
        let traffic = Traffic { gets: 2, heads: 1, lists: 1, puts: 1, deletes: 5, ..Traffic::default() };
        assert!((traffic.dollars_a_million() - (2.0 * 4.50 + 3.0 * 0.36)).abs() < 1e-9);
    }
}
