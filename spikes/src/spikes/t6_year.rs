//! T6: over a year with its changes of the clock, every occurrence of a job runs once.
//!
//! Why: a schedule that is right by itself is worth nothing if the rows drop or double what it says.
//!
//! Method: jobs in five zones live through a year in steps of eight hours of a simulated clock, with the product's store
//! and scheduler, on a real database; one is edited to another time in the middle of a day. What ran is compared with
//! what the schedule says.
//!
//! Accept when each occurrence has one row that succeeded, and none of before an edit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::FutureExt;
use jiff::Timestamp;
use zenith_core::jobs::{JobChange, RunStatus, Schedule, Store, zone};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::jobs::{AtOnce, Hands, job, scheduler, store};

const ANCHOR: &str = "anchor-a-day-back";

pub const SPIKE: Spike = Spike {
    id: "T6",
    title: "over a year with its changes of the clock every occurrence runs once",
    group: Group::Tenancy,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[Target::gate("occurrences without exactly one run", 0.0, Unit::Count)],
    faults: &[Fault { name: ANCHOR, what: "an edited job is due from a day before its edit on" }],
    run: |trial| run(trial).boxed(),
};

const STEP_MS: i64 = 8 * 60 * 60_000;
const JOBS: [(&str, &str, &str); 5] = [
    ("berlin", "30 2 * * *", "Europe/Berlin"),
    ("new york", "30 1 * * *", "America/New_York"),
    ("lord howe", "45 1 * * *", "Australia/Lord_Howe"),
    ("santiago", "0 0 * * *", "America/Santiago"),
    ("cairo", "15 0 * * 1-5", "Africa/Cairo"),
];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("jobs").await?;
    let first: Timestamp = "2026-01-01T12:00:00Z".parse()?;
    let end: Timestamp = "2027-01-01T12:00:00Z".parse()?;
    let edit: Timestamp = "2026-07-01T12:00:00Z".parse()?;
    let hands = Hands::at(first.as_millisecond());
    let store = store(&database, &hands).await?;
    for (name, schedule, zone) in JOBS {
        store
            .create(&zenith_core::jobs::NewJob { timezone: zone.to_string(), ..job(name, schedule) })
            .await?;
    }
    let executor = Arc::new(AtOnce::default());
    let mut scheduler = scheduler(store.clone(), &executor);
    let mut ran: BTreeMap<(String, i64), u64> = BTreeMap::new();
    let mut is_edited = false;
    let mut steps = 0u64;
    while hands.now() < end.as_millisecond() {
        hands.set(hands.now() + STEP_MS);
        if !is_edited && hands.now() >= edit.as_millisecond() {
            is_edited = true;
            let change = JobChange { schedule: Some("0 9 * * *".to_string()), ..JobChange::default() };
            let changed = store.change("berlin", &change).await?;
            if trial.has_fault(ANCHOR) {
                let sql = "UPDATE cron_jobs SET next_due_at = next_due_at - 86400000 WHERE id = ?1";
                database.open().await?.connect()?.execute(sql, [changed.id]).await?;
            }
        }
        // What ends in one round is written by the next.
        scheduler.round().await?;
        scheduler.settle().await?;
        steps += 1;
        if steps.is_multiple_of(60) {
            gather(&store, &mut ran).await?;
        }
    }
    gather(&store, &mut ran).await?;

    let edited = hands_of(edit);
    let mut expected: BTreeMap<(String, i64), u64> = BTreeMap::new();
    for (name, schedule, zone) in JOBS {
        let until = if name == "berlin" { edited } else { hands.now() };
        expect(&mut expected, name, schedule, zone, first, until)?;
    }
    expect(
        &mut expected,
        "berlin",
        "0 9 * * *",
        "Europe/Berlin",
        Timestamp::from_millisecond(edited)?,
        hands.now(),
    )?;
    let missing = expected.keys().filter(|key| ran.get(*key) != Some(&1)).count();
    let strange = ran.keys().filter(|key| !expected.contains_key(*key)).count();
    evidence.count("occurrences without exactly one run", (missing + strange) as u64, Unit::Count);
    evidence.count("occurrences", expected.len() as u64, Unit::Count);
    evidence.check_eq("runs", executor.runs.load(Ordering::SeqCst), expected.len() as u64);
    Ok(evidence)
}

/// The first step at which an edit is made.
fn hands_of(edit: Timestamp) -> i64 {
    edit.as_millisecond() + (STEP_MS - edit.as_millisecond() % STEP_MS) % STEP_MS
}

/// What succeeded, before the history forgets it. A row that was seen before counts once.
async fn gather(store: &Store, ran: &mut BTreeMap<(String, i64), u64>) -> anyhow::Result<()> {
    for (name, ..) in JOBS {
        let mut seen: BTreeMap<(String, i64), u64> = BTreeMap::new();
        for run in store.runs(name, 1000).await? {
            if run.status == RunStatus::Succeeded {
                *seen.entry((name.to_string(), run.key.scheduled_ms)).or_default() += 1;
            }
        }
        ran.extend(seen);
    }
    Ok(())
}

fn expect(
    expected: &mut BTreeMap<(String, i64), u64>,
    name: &str,
    schedule: &str,
    named: &str,
    after: Timestamp,
    until_ms: i64,
) -> anyhow::Result<()> {
    let (schedule, zone): (Schedule, _) = (schedule.parse()?, zone(named)?);
    let fires = schedule.fires(after, &zone, 1000).into_iter().map(|at| at.as_millisecond());
    expected.extend(fires.take_while(|at| *at <= until_ms).map(|at| ((name.to_string(), at), 1)));
    Ok(())
}
