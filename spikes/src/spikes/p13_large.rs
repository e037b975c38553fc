//! P13: ten thousand notes, and many more that were, stay quick and small.
//!
//! Why: a document that merges keeps a trace of all that ever was. It must not cost more than what is.
//!
//! Method: 10,000 notes live; 73,000 more come and go; some are edited one by one.
//!
//! Accept when they open in time, an edit costs few bytes of log, and folds keep the records few.

use std::time::Instant;

use futures::FutureExt;
use zenith_core::workspace::{Edit, Value, Workspace, new_id};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::notes::{asked, behind, named};

const UNFOLDED: &str = "never-folded";

pub const SPIKE: Spike = Spike {
    id: "P13",
    title: "many notes, and many more that were, stay quick and small",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("bytes of log an edit", 150.0, Unit::Bytes),
        Target::gate("records since the last fold", 256.0, Unit::Count),
        Target::gate("bytes of a fold a note that is gone", 80.0, Unit::Bytes),
        Target::tripwire("opened", 5.0),
    ],
    faults: &[Fault { name: UNFOLDED, what: "the log takes no fold" }],
    run: |trial| run(trial).boxed(),
};

const ALIVE: usize = 10_000;
const GONE: usize = 73_000;
/// The same where the fault makes each edit dear.
const ALIVE_FEW: usize = 2_000;
const GONE_FEW: usize = 8_000;
/// Notes that come or go in one edit.
const AT_ONCE: usize = 1000;
const EDITS: usize = 600;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let folder = trial.lab.folder().join("machine");
    let is_small = trial.has_fault(UNFOLDED);
    let (alive, came_and_went) = if is_small { (ALIVE_FEW, GONE_FEW) } else { (ALIVE, GONE) };
    let notes = Workspace::open(&folder).await?;
    if trial.has_fault(UNFOLDED) {
        let refuse =
            "CREATE TRIGGER refuse BEFORE INSERT ON snapshots BEGIN SELECT RAISE(ABORT, 'full'); END";
        behind(notes.path(), refuse).await?;
    }
    let body = "a text of some words ".repeat(8);
    for _ in 0..alive / AT_ONCE {
        let edits = (0..AT_ONCE).map(|_| named(&new_id(), "a title of five words", &body));
        notes.edit(edits.collect()).await?;
    }
    let fold = "SELECT coalesce((SELECT length(bytes) FROM snapshots ORDER BY upto DESC LIMIT 1), 0)";
    let live = asked(notes.path(), fold).await?;
    for _ in 0..came_and_went / AT_ONCE {
        let ids: Vec<String> = (0..AT_ONCE).map(|_| new_id()).collect();
        notes.edit(ids.iter().map(|id| named(id, "t", "")).collect()).await?;
        notes.edit(ids.into_iter().map(|id| Edit::Remove { table: "notes", id }).collect()).await?;
        trial.progress("notes come and go");
    }
    let gone = asked(notes.path(), fold).await?.saturating_sub(live) / came_and_went as u64;
    evidence.count("bytes of a fold a note that is gone", gone, Unit::Bytes);

    let ids: Vec<String> = notes.snapshot().tables["notes"].keys().take(EDITS).cloned().collect();
    let mut times = Vec::new();
    for (at, id) in ids.into_iter().enumerate() {
        let title = ("title", Value::Text(format!("a title, changed {at}")));
        let changed = ("changed_at", Value::Integer(1_764_200_000_000 + at as i64));
        let begun = Instant::now();
        notes.edit(vec![Edit::Set { table: "notes", id, values: vec![title, changed] }]).await?;
        times.push(begun.elapsed());
    }
    times.sort();
    evidence.time("an edit, 95th of 100", times[times.len() * 95 / 100]);
    // Of the last that were not folded away: the update, its hash, and what its row has beside them.
    let logged = "SELECT CAST(avg(length(bytes) + length(hash) + 24) AS INTEGER) \
                  FROM (SELECT bytes, hash FROM updates ORDER BY seq DESC LIMIT 200)";
    evidence.count("bytes of log an edit", asked(notes.path(), logged).await?, Unit::Bytes);
    let health = notes.health().await?;
    evidence.count("records since the last fold", health.records as u64, Unit::Count);
    notes.close().await;

    let begun = Instant::now();
    let again = Workspace::open(&folder).await?;
    evidence.time("opened", begun.elapsed());
    evidence.check_eq("notes", again.snapshot().tables["notes"].len(), alive);
    evidence.count("bytes of the log's file", std::fs::metadata(again.path())?.len(), Unit::Bytes);
    Ok(evidence)
}
