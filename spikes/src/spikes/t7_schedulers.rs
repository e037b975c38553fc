//! T7: of four schedulers that race, each occurrence is one's, and who comes late changes nothing.
//!
//! Why: a laptop and a workstation of one user both serve their jobs, and either may sleep in the middle of a run. Twice
//! run is twice mailed.
//!
//! Method: four schedulers, each with a connection of its own, serve 20 jobs through 100 minutes of a simulated clock at
//! once: 2,000 occurrences. At random the lease of whoever holds it is ended, as if its process had been stopped for
//! longer, in the middle of what it does.
//!
//! Accept when each occurrence has one first attempt, no run of a lease that ended is written, and every run that began
//! has a row.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use futures::FutureExt;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use zenith_core::jobs::{Missed, Scheduler};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::jobs::{AtOnce, Hands, job, scheduler, store};

const KEY: &str = "run-key-dropped";

pub const SPIKE: Spike = Spike {
    id: "T7",
    title: "of four schedulers that race each occurrence is one's",
    group: Group::Tenancy,
    backends: &[Backend::Embedded, Backend::Local],
    expected: Expected::Holds,
    targets: &[Target::gate("occurrences without exactly one row", 0.0, Unit::Count)],
    faults: &[Fault {
        name: KEY,
        what: "the table of runs has no key, and a scheduler that was away goes on where it was",
    }],
    run: |trial| run(trial).boxed(),
};

const SCHEDULERS: usize = 4;
const JOBS: usize = 20;
const MINUTES: i64 = 100;
/// 2026-06-01 12:00.
const FIRST_MS: i64 = 1_780_315_200_000;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("jobs").await?;
    let hands = Hands::at(FIRST_MS);
    let first = store(&database, &hands).await?;
    for number in 0..JOBS {
        let job = zenith_core::jobs::NewJob {
            missed: Missed::Latest,
            ..job(&format!("job {number}"), "* * * * *")
        };
        first.create(&job).await?;
    }
    let aside = database.open().await?.connect()?;
    if trial.has_fault(KEY) {
        aside.execute_batch("CREATE TABLE bare AS SELECT * FROM job_runs; DROP TABLE job_runs; ALTER TABLE bare RENAME TO job_runs;").await?;
    }
    let executor = Arc::new(AtOnce::default());
    let mut schedulers = Vec::new();
    for _ in 0..SCHEDULERS {
        schedulers.push(scheduler(store(&database, &hands).await?, &executor));
    }
    let mut chance = StdRng::seed_from_u64(7);
    let mut rows: BTreeMap<(String, i64), u64> = BTreeMap::new();
    for minute in 1..=MINUTES {
        hands.set(FIRST_MS + minute * 60_000);
        if trial.has_fault(KEY) && minute % 10 == 0 {
            // What a scheduler does that was stopped before it claimed, where nothing but the key is in its way.
            aside.execute("UPDATE cron_jobs SET next_due_at = next_due_at - 60000", ()).await?;
        }
        let racing: Vec<_> = schedulers.drain(..).map(|scheduler| tokio::spawn(twice(scheduler))).collect();
        if chance.random_bool(0.3) {
            // While they do what they do. A file may be busy with it; then the next minute has another chance.
            let _ = aside.execute("UPDATE scheduler SET lease_until = 0", ()).await;
        }
        for raced in racing {
            schedulers.push(raced.await?);
        }
        for scheduler in &mut schedulers {
            scheduler.settle().await?;
        }
        if minute % 20 == 0 || minute == MINUTES {
            // Whatever is owed or waits is done by whoever holds the lease now, a few at a time.
            for _ in 0..JOBS {
                for scheduler in &mut schedulers {
                    scheduler.round().await?;
                    scheduler.settle().await?;
                }
                if open(&aside).await? == 0 {
                    break;
                }
            }
            gather(&aside, &mut rows).await?;
        }
    }
    let expected = JOBS as u64 * u64::try_from(MINUTES)?;
    let wrong =
        rows.values().filter(|count| **count != 1).count() as u64 + expected.abs_diff(rows.len() as u64);
    evidence.count("occurrences without exactly one row", wrong, Unit::Count);
    evidence.check_eq("runs that are open at the end", open(&aside).await?, 0);
    evidence.count("runs", executor.runs.load(std::sync::atomic::Ordering::SeqCst), Unit::Count);
    Ok(evidence)
}

/// Two rounds. One that is busy, or lost its lease, tries again in the next minute.
async fn twice(mut scheduler: Scheduler<AtOnce>) -> Scheduler<AtOnce> {
    let _ = scheduler.round().await;
    let _ = scheduler.round().await;
    scheduler
}

/// How many runs have not ended.
async fn open(connection: &libsql::Connection) -> anyhow::Result<i64> {
    let sql = "SELECT count(*) FROM job_runs WHERE status IN ('running', 'queued')";
    let mut rows = connection.query(sql, ()).await?;
    let row = rows.next().await?.context("no count")?;
    Ok(row.get(0)?)
}

/// First attempts by occurrence, before the history forgets them.
async fn gather(
    connection: &libsql::Connection,
    rows: &mut BTreeMap<(String, i64), u64>,
) -> anyhow::Result<()> {
    let sql = "SELECT job_id, scheduled_for, count(*) FROM job_runs WHERE kind = 'due' AND attempt = 1 GROUP BY 1, 2";
    let mut found = connection.query(sql, ()).await?;
    while let Some(row) = found.next().await? {
        rows.insert((row.get(0)?, row.get(1)?), u64::try_from(row.get::<i64>(2)?)?);
    }
    Ok(())
}
