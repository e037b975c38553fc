//! T8: down, asleep, with a moved clock or a run that goes on: each due instant has exactly one row that says why.
//!
//! Why: what did not run must be told as much as what did. A silence is what users of schedulers ask about most.
//!
//! Method: a job of every minute lives through a day of the simulated clock: hours without a scheduler, the clock set
//! two hours forth and back, and runs that go on for ten minutes. The rows are laid side by side.
//!
//! Accept when every minute of the day is covered by exactly one row, and each that did not run says why.

use std::sync::Arc;

use futures::FutureExt;
use zenith_core::jobs::{Run, RunStatus};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::jobs::{AtOnce, Hands, job, scheduler, store};

const PASSED_OVER: &str = "an-instant-passed-over";

pub const SPIKE: Spike = Spike {
    id: "T8",
    title: "through absence and moved clocks each due instant has one row that says why",
    group: Group::Tenancy,
    backends: &[Backend::Embedded, Backend::Local],
    expected: Expected::Holds,
    targets: &[Target::gate("instants without exactly one row", 0.0, Unit::Count)],
    faults: &[Fault { name: PASSED_OVER, what: "the next instant is moved on once, and no row is written" }],
    run: |trial| run(trial).boxed(),
};

/// 2026-06-01 12:00.
const FIRST_MS: i64 = 1_780_315_200_000;
const MINUTE_MS: i64 = 60_000;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("jobs").await?;
    let hands = Hands::at(FIRST_MS);
    let store = store(&database, &hands).await?;
    store.create(&job("every minute", "* * * * *")).await?;
    let executor = Arc::new(AtOnce::default());
    let mut scheduler = scheduler(store.clone(), &executor);
    let aside = database.open().await?.connect()?;

    // Half an hour as usual; away for three hours; the clock two hours forth, and back; then as usual.
    let usual = (1..=30).chain(211..=230);
    let moved = [350, 231, 232, 233].into_iter();
    let after = 351..=360;
    for minute in usual.chain(moved).chain(after) {
        hands.set(FIRST_MS + minute * MINUTE_MS + 5_000);
        if trial.has_fault(PASSED_OVER) && minute == 220 {
            let sql = "UPDATE cron_jobs SET next_due_at = next_due_at + 60000";
            aside.execute(sql, ()).await?;
        }
        // Runs of ten minutes: the rows of what runs stay open, and their time passes.
        if minute == 212 {
            aside.execute("UPDATE job_runs SET status = 'running', lease_until = 9e15, finished_at = NULL WHERE scheduled_for = (SELECT max(scheduled_for) FROM job_runs)", ()).await?;
        }
        if minute == 222 {
            aside
                .execute(
                    "UPDATE job_runs SET status = 'succeeded', lease_until = NULL WHERE status = 'running'",
                    (),
                )
                .await?;
        }
        scheduler.round().await?;
        scheduler.settle().await?;
    }
    let last = hands.now();
    let runs = store.runs("every minute", 1000).await?;
    let mut covered = std::collections::BTreeMap::<i64, u64>::new();
    for run in &runs {
        for minute in minutes(run) {
            *covered.entry(minute).or_default() += 1;
        }
    }
    // The history keeps a hundred rows; the oldest of those is the first minute that is looked at.
    let first = runs.iter().map(|run| run.key.scheduled_ms).min().unwrap_or(FIRST_MS);
    let due = (0..).map(|step| first + step * MINUTE_MS).take_while(|at| *at <= last);
    let (mut wrong, mut looked_at) = (0, 0u64);
    for at in due {
        looked_at += 1;
        wrong += u64::from(covered.get(&at) != Some(&1));
    }
    evidence.count("instants without exactly one row", wrong, Unit::Count);
    evidence.count("instants", looked_at, Unit::Count);
    let silent = runs.iter().filter(|run| run.status != RunStatus::Succeeded && run.why.is_none());
    evidence.check_eq("rows that do not say why", silent.count(), 0);
    let skipped = runs.iter().filter(|run| run.status == RunStatus::SkippedOverlap).count();
    evidence.check("while a run went on the next ones were left out", skipped >= 9);
    Ok(evidence)
}

fn minutes(run: &Run) -> impl Iterator<Item = i64> + use<> {
    let until = run.covers_until_ms;
    std::iter::successors(Some(run.key.scheduled_ms), |at| Some(at + MINUTE_MS))
        .take_while(move |at| *at <= until)
}
