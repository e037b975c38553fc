//! F5: Parquet beside Lance on a bucket: requests, bytes and time, by size and by distance.
//!
//! Why: the documents chose Lance for the shared index after a comparison of 100 rows, and their vector query over
//! 10,000 rows on R2 took 3.0 s against a bound of 2 s. What a bucket far away makes one pay for is requests that
//! wait for one another.
//!
//! Method: the same rows in both formats at 100, 1,000 and 10,000 rows. Opening, vector, text, point and package
//! queries and an append of one row for each hundred are asked, cold and warm, and every answer is checked; the
//! lab's S3 server counts. At 10,000 rows vector queries and point reads again with 140 ms before each answer. The
//! whole matrix with 100,000 rows and more delays is the program `formats`, its result
//! `benches/reports/parquet-lance.md`.
//!
//! Accept when every answer is right, recall is at least 0.9, and a reader with the manifest in hand needs at most 8
//! GETs on 3 dependent steps for a cold vector query over 10,000 rows and none for a warm one. A query by Lance's
//! index needs more, and how many is recorded; the report says why.

use anyhow::Context;
use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::formats::SPIKE_ID;
use crate::formats::axes::Operation;
use crate::formats::comparison::{self, Comparison};
use crate::formats::conclusion::FAR_MS;
use crate::formats::data::Size;
use crate::formats::measure::{self, Plan};

const MANY: &str = "many-small-fragments";
const LACKING: &str = "rows-missing-from-parquet";

pub const SPIKE: Spike = Spike {
    id: SPIKE_ID,
    title: "vectors of ten thousand symbols on a bucket are searched in 3 steps as Lance, in 4 as Parquet",
    group: Group::Lance,
    // The others do not count.
    backends: &[Backend::Local],
    expected: Expected::Holds,
    targets: &[
        Target::gate("GETs, Lance held, cold, 10,000 rows", 8.0, Unit::Requests),
        Target::gate("steps, Lance held, cold, 10,000 rows", 3.0, Unit::Count),
        Target::gate("GETs, Lance held, warm, 10,000 rows", 0.0, Unit::Requests),
        Target::gate("steps, Parquet, cold, 10,000 rows", 4.0, Unit::Count),
        Target::gate("GETs, Parquet, warm, 10,000 rows", 0.0, Unit::Requests),
        // What the library needs today; fewer would be news, more a defect of the layout.
        Target::gate("GETs, Lance index, cold, 10,000 rows", 20.0, Unit::Requests),
        Target::gate("steps, Lance index, cold, 10,000 rows", 16.0, Unit::Count),
        Target::gate("both exports / bare exports, 10,000 rows", 1.3, Unit::Ratio),
        Target::tripwire("Lance held, cold, 10,000 rows, 140 ms away", 3.0),
        Target::tripwire("Lance held, warm, 10,000 rows, 140 ms away", 1.0),
    ],
    faults: &[
        Fault { name: MANY, what: "the Lance dataset is written in fragments of 500 rows" },
        Fault { name: LACKING, what: "the Parquet file lacks the last tenth of the rows" },
    ],
    run: |trial| run(trial).boxed(),
};

const LARGEST: usize = comparison::ROWS;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let planted = trial.fault.is_some();
    let plan = Plan {
        // A planted fault shows at the largest size.
        sizes: if planted { vec![LARGEST] } else { vec![100, 1000, LARGEST] },
        delays_ms: vec![0, FAR_MS],
        rounds: 1,
        // One turn may be disturbed by whatever else the machine does.
        export_turns: 3,
        delayed: vec![Operation::Vector, Operation::VectorHeld, Operation::Point],
        delayed_from_rows: LARGEST,
        fragment_rows: if trial.has_fault(MANY) { 500 } else { usize::MAX },
        parquet_lacks: if trial.has_fault(LACKING) { LARGEST / 10 } else { 0 },
    };
    for &rows in &plan.sizes {
        let (size, wrong) = measure::size(&trial, &plan, rows).await?;
        evidence.check_with(format!("every answer about {rows} rows is right"), wrong.is_empty(), || {
            wrong.join("; ")
        });
        for found in &size.recall {
            let what =
                format!("recall of {} ({}) at {rows} rows", found.format.as_str(), found.operation.as_str());
            evidence.check_with(what, found.recall >= 0.9, || format!("{:.2}", found.recall));
        }
        if rows == LARGEST {
            record(&mut evidence, &size)?;
        }
    }
    Ok(evidence)
}

fn record(evidence: &mut Evidence, size: &Size) -> anyhow::Result<()> {
    // Steps are told apart by the delay: without one, answers come before the next request is sent.
    let comparison = Comparison::of_size(size).context("the vector queries were not all measured")?;
    comparison.record(evidence);
    let exports = &size.exports;
    let bare = exports.parquet.ms + exports.lance.ms;
    evidence.ratio("both exports / bare exports, 10,000 rows", exports.both_ms / bare);
    evidence.count("Parquet on the bucket", exports.parquet_bytes, Unit::Bytes);
    evidence.count("Lance on the bucket", exports.lance_bytes + exports.lance_index_bytes, Unit::Bytes);
    Ok(())
}
