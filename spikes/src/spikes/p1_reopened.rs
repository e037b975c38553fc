//! P1: notes are after a start what they were before it.
//!
//! Why: the log is the only copy. What was told as kept must be there, whatever ended the program.
//!
//! Method: some hundreds of random edits through two folds; the notes are opened again from the log alone, while the first
//! program still has it open, as after a kill.
//!
//! Accept when all rows are equal and no record is damaged.

use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::notes::{Machine, same, spoil_last};

const FLIPPED: &str = "one-bit-of-a-record";
const CUT: &str = "record-cut-off";

pub const SPIKE: Spike = Spike {
    id: "P1",
    title: "notes are after a start what they were before it",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[Target::gate("records that cannot be read", 0.0, Unit::Count)],
    faults: &[
        Fault { name: FLIPPED, what: "one bit of the last record is another" },
        Fault { name: CUT, what: "the last record ends after 20 bytes" },
    ],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let mut before = Machine::start(&trial, "machine").await?;
    before.edit(600).await?;
    if trial.has_fault(FLIPPED) {
        let flip = |bytes: &mut Vec<u8>| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        };
        spoil_last(before.notes.path(), flip).await?;
    }
    if trial.has_fault(CUT) {
        spoil_last(before.notes.path(), |bytes| bytes.truncate(20)).await?;
    }
    let after = Machine::start(&trial, "machine").await?;
    evidence.check("the rows are the same", same(&before, &after));
    let health = after.notes.health().await?;
    evidence.count("records that cannot be read", health.damaged_records.len() as u64, Unit::Count);
    evidence.count("records since the last fold", health.records as u64, Unit::Count);
    evidence.check("two folds are behind it", health.records < 256);
    Ok(evidence)
}
