//! What follows from the data at each size.

use zenith_harness::Unit;
use zenith_harness::text::grouped;

use super::axes::{Format, Operation, State, Way};
use super::data::{Measurement, Size};

/// The delay of a real bucket: what a request to R2 took in the seeds' first run.
pub const FAR_MS: u64 = 140;
/// The line over which bytes come, which the lab's loopback does not show: 100 Mbit/s.
pub const BYTES_A_SECOND: f64 = 12.5e6;
/// Times nearer than this to one another are called the same.
const SAME: f64 = 1.15;

/// How long a measurement takes on a bucket far away over a line of 100 Mbit/s, in milliseconds.
pub fn far_ms(found: &Measurement) -> f64 {
    found.ms + line_ms(found)
}

/// What its bytes take on a line of 100 Mbit/s, in milliseconds.
pub fn line_ms(found: &Measurement) -> f64 {
    (found.traffic.bytes_read + found.traffic.bytes_written) as f64 / BYTES_A_SECOND * 1e3
}

/// One size in a paragraph, which begins with what to do.
pub fn of(size: &Size) -> String {
    let exports = &size.exports;
    let show = |bytes: u64| Unit::Bytes.show(bytes as f64);
    let mut text = format!(
        "**{} rows: {}** Parquet takes {} on the bucket, Lance {} with indexes ({} without).",
        grouped(size.rows),
        choice(size),
        show(exports.parquet_bytes),
        show(exports.lance_bytes + exports.lance_index_bytes),
        show(exports.lance_bytes),
    );
    for (state, begin) in [(State::Cold, "Cold"), (State::Warm, "Warm")] {
        let mut sides: Vec<(&str, Vec<String>)> =
            vec![("Parquet", vec![]), ("Lance", vec![]), ("neither", vec![])];
        for operation in Operation::ALL {
            let Some((winner, told)) = compare(size, operation, state) else { continue };
            sides[winner].1.push(format!("{} ({told})", operation.as_str()));
        }
        let parts: Vec<String> = sides
            .into_iter()
            .filter(|(_, operations)| !operations.is_empty())
            .map(|(side, operations)| format!(" {side} is faster for {}", operations.join(", ")))
            .collect();
        text.push_str(&format!(" {begin}, {FAR_MS} ms away:{}.", parts.join(";")));
    }
    text
}

/// Which side wins an operation, and both times; the held way competes with Parquet's ordinary vector query.
fn compare(size: &Size, operation: Operation, state: State) -> Option<(usize, String)> {
    let other = if operation == Operation::VectorHeld { Operation::Vector } else { operation };
    let parquet = far_ms(size.find(Format::Parquet, other, state, FAR_MS)?);
    let lance = far_ms(size.find(Format::Lance, operation, state, FAR_MS)?);
    let winner = match () {
        () if parquet * SAME < lance => 0,
        () if lance * SAME < parquet => 1,
        () => 2,
    };
    Some((winner, format!("{} against {}", seconds(parquet.min(lance)), seconds(parquet.max(lance)))))
}

/// Which way to search on the bucket at this size, by the cold vector query, since the first answer decides
/// whether one searches on the bucket at all. Of ways that take the same time, the simplest.
pub fn best(size: &Size) -> Option<Way> {
    let mut best: Option<(Way, f64)> = None;
    for way in Way::ALL {
        let time = far_ms(size.way(way, State::Cold, FAR_MS)?);
        if best.is_none_or(|(_, least)| time * SAME < least) {
            best = Some((way, time));
        }
    }
    best.map(|(way, _)| way)
}

/// The same in a sentence.
pub fn choice(size: &Size) -> &'static str {
    match best(size) {
        Some(Way::Parquet) => "Parquet is enough: read it whole once and keep it.",
        Some(Way::LanceIndex) => "search Lance by its index where it lies.",
        Some(Way::LanceHeld) => {
            "search Lance with its manifest in hand, read ids and vectors once and keep them."
        }
        None => "not measured at this distance.",
    }
}

pub fn seconds(ms: f64) -> String {
    Unit::Seconds.show(ms / 1e3)
}

#[cfg(test)]
mod tests {
    use super::super::data::{Exports, Traffic};
    use super::*;

    /// A size whose cold vector queries took so many milliseconds, a way each.
    fn size(times: [f64; 3]) -> Size {
        let measured = |(way, ms): (Way, f64)| Measurement {
            format: way.format(),
            operation: way.operation(),
            state: State::Cold,
            delay_ms: FAR_MS,
            rounds: 1,
            ms,
            traffic: Traffic::default(),
        };
        Size {
            rows: 10_000,
            exports: Exports::default(),
            recall: Vec::new(),
            measurements: Way::ALL.into_iter().zip(times).map(measured).collect(),
            traces: Vec::new(),
        }
    }

    #[test]
    fn the_fastest_way_is_chosen_and_of_equals_the_simplest() {
        assert_eq!(best(&size([500.0, 2000.0, 490.0])), Some(Way::Parquet));
        assert_eq!(best(&size([900.0, 2000.0, 490.0])), Some(Way::LanceHeld));
        assert_eq!(best(&size([20_000.0, 3000.0, 9000.0])), Some(Way::LanceIndex));
        assert!(
            of(&size([900.0, 2000.0, 490.0])).starts_with("**10,000 rows: search Lance with its manifest")
        );
    }

    #[test]
    fn bytes_take_time_on_a_line() {
        let mut found = size([100.0; 3]).measurements.remove(0);
        found.traffic.bytes_read = 12_500_000;
        assert!((far_ms(&found) - 1100.0).abs() < 1e-9);
    }
}
