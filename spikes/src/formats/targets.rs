//! The targets of the plan and the bounds of the seeds, at 10,000 rows, and the floor below the times.

use super::axes::{Format, Operation, State, Way};
use super::conclusion::{FAR_MS, line_ms, seconds};
use super::data::{Measurement, Report, Size};

/// A target and what was found.
pub struct Outcome {
    pub what: &'static str,
    pub target: String,
    pub found: String,
    pub met: bool,
}

const COLD_MS_MAX: f64 = 600.0;
const WARM_MS_MAX: f64 = 200.0;
/// The seeds' bounds: an export of 10,000 symbols, and a query of any kind.
const EXPORT_MS_MAX: f64 = 30_000.0;
const QUERY_MS_MAX: f64 = 2000.0;
/// Both formats written together, of both written by themselves.
const BOTH_OF_BARE_MAX: f64 = 1.3;

pub fn of(report: &Report) -> Vec<Outcome> {
    let Some(size) = report.sizes.iter().find(|size| size.rows == 10_000) else { return Vec::new() };
    let mut outcomes = Vec::new();
    for (way, what) in [
        (Way::LanceHeld, "Lance, manifest in hand, ids and vectors kept"),
        (Way::LanceIndex, "Lance, opened by name, by its index"),
    ] {
        let find = |state| size.way(way, state, FAR_MS);
        if let (Some(cold), Some(warm)) = (find(State::Cold), find(State::Warm)) {
            outcomes.extend(vector(what, cold, warm));
        }
    }
    outcomes.push(both(size));
    let slower = size.exports.parquet.ms.max(size.exports.lance.ms);
    outcomes.push(below("export of 10,000 symbols, the slower format, no delay", slower, EXPORT_MS_MAX));
    for (format, operation, what) in [
        (Format::Parquet, Operation::Vector, "Parquet, vector query, cold, 140 ms a request"),
        (Format::Parquet, Operation::Text, "Parquet, text query, cold, 140 ms a request"),
        (Format::Lance, Operation::Vector, "Lance by its index, vector query, cold, 140 ms a request"),
        (Format::Lance, Operation::Text, "Lance, text query, cold, 140 ms a request"),
    ] {
        let found = size.find(format, operation, State::Cold, FAR_MS);
        outcomes.extend(found.map(|found| below(what, found.ms, QUERY_MS_MAX)));
    }
    outcomes
}

fn vector(what: &'static str, cold: &Measurement, warm: &Measurement) -> [Outcome; 3] {
    let traffic = &cold.traffic;
    [
        Outcome {
            what,
            target: "cold: ≤ 8 GETs on ≤ 3 dependent steps".to_string(),
            found: format!(
                "{} GETs, {} requests on {} steps",
                traffic.gets,
                traffic.requests(),
                traffic.steps
            ),
            met: traffic.gets <= 8 && traffic.steps <= 3,
        },
        Outcome {
            what,
            target: "warm: 0 GETs for ids".to_string(),
            found: format!("{} GETs on {} steps", warm.traffic.gets, warm.traffic.steps),
            met: warm.traffic.gets == 0,
        },
        Outcome {
            what,
            target: format!(
                "at {FAR_MS} ms: ≤ {} cold, ≤ {} warm",
                seconds(COLD_MS_MAX),
                seconds(WARM_MS_MAX)
            ),
            found: format!("{} cold, {} warm", seconds(cold.ms), seconds(warm.ms)),
            met: cold.ms <= COLD_MS_MAX && warm.ms <= WARM_MS_MAX,
        },
    ]
}

fn both(size: &Size) -> Outcome {
    let exports = &size.exports;
    let ratio = exports.both_ms / (exports.parquet.ms + exports.lance.ms);
    Outcome {
        what: "export of both formats",
        target: format!("≤ {BOTH_OF_BARE_MAX} × both bare writes"),
        found: format!("{ratio:.2} ×"),
        met: ratio <= BOTH_OF_BARE_MAX,
    }
}

fn below(what: &'static str, ms: f64, ms_max: f64) -> Outcome {
    let times = if ms <= ms_max {
        format!("{:.1} times below", ms_max / ms)
    } else {
        format!("{:.1} times above", ms / ms_max)
    };
    Outcome {
        what,
        target: format!("the seeds': < {}", seconds(ms_max)),
        found: format!("{}, {times}", seconds(ms)),
        met: ms < ms_max,
    }
}

/// What the time of a cold vector query consists of.
pub struct Floor {
    pub way: Way,
    pub steps: u64,
    /// The steps, one delay each.
    pub waiting_ms: f64,
    /// What remains of the measured time: reading, decoding and comparing.
    pub working_ms: f64,
    /// What the bytes would take at 100 Mbit/s, beyond the measured time.
    pub line_ms: f64,
    pub bytes: u64,
}

pub fn floors(size: &Size) -> Vec<Floor> {
    let floor = |way| {
        let found = size.way(way, State::Cold, FAR_MS)?;
        let waiting_ms = (found.traffic.steps * FAR_MS) as f64;
        Some(Floor {
            way,
            steps: found.traffic.steps,
            waiting_ms,
            working_ms: (found.ms - waiting_ms).max(0.0),
            line_ms: line_ms(found),
            bytes: found.traffic.bytes_read,
        })
    };
    Way::ALL.into_iter().filter_map(floor).collect()
}
