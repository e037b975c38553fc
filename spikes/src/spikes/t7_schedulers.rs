//! T7: of four schedulers that race, each occurrence is one's, and who comes late changes nothing.
//!
//! Why: a laptop and a workstation of one user both serve their jobs, and either may sleep in the middle of a run. Twice
//! run is twice mailed.
//!
//! Method: four processes serve 20 jobs through half an hour of a simulated clock at once: 600 occurrences. At random the
//! one that holds the lease is stopped by a signal in the middle of whatever it does, until another has taken over, and then
//! goes on.
//!
//! Accept when each occurrence has one first attempt, no run of a lease that ended is written, and every run that began
//! has a row.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use libsql::Database;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::jobs::{Hands, job, store};
use crate::racer::Racer;

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
const MINUTES: i64 = 30;
/// 2026-06-01 12:00.
const FIRST_MS: i64 = 1_780_315_200_000;
/// Far longer than a minute's runs take.
const WITHIN: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);
/// Longer than the lease of one that is stopped stands, and a server lets its transaction stand.
const TAKEN_WITHIN: Duration = Duration::from_secs(7);

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("jobs").await?;
    let clock = trial.lab.folder().join("clock");
    set(&clock, FIRST_MS)?;
    let first = store(&database, &Hands::at(FIRST_MS)).await?;
    for number in 0..JOBS {
        first.create(&job(&format!("job {number}"), "* * * * *")).await?;
    }
    let aside = Aside(database.open().await?);
    if trial.has_fault(KEY) {
        let bare = "CREATE TABLE bare AS SELECT * FROM job_runs; DROP TABLE job_runs; \
                    ALTER TABLE bare RENAME TO job_runs;";
        aside.0.connect()?.execute_batch(bare).await?;
    }
    let racers = (0..SCHEDULERS).map(|_| Racer::start(&database, &clock)).collect::<Result<Vec<_>>>()?;
    let mut chance = StdRng::seed_from_u64(7);
    let (mut stops, mut taken_over) = (0u64, 0u64);
    for minute in 1..=MINUTES {
        trial.progress(format!("minute {minute} of {MINUTES}"));
        let due = FIRST_MS + minute * 60_000;
        set(&clock, due)?;
        if trial.has_fault(KEY) && minute % 10 == 0 {
            aside.set_back().await;
        }
        if chance.random_bool(0.3)
            && let Ok(Some(holder)) = aside.holder().await
            && let Some(racer) = racers.iter().find(|racer| racer.pid.to_string() == holder)
        {
            stops += 1;
            racer.signal("STOP").await?;
            // One that is stopped within a transaction keeps a file to itself: then nobody can.
            taken_over += u64::from(aside.is_taken_from(&holder).await);
            racer.signal("CONT").await?;
        }
        aside.until_all_ended(due).await?;
    }
    let mut late = 0;
    for racer in racers {
        late += racer.end().await?;
    }
    let twice = "SELECT count(*) FROM (SELECT 1 FROM job_runs WHERE kind = 'due' AND attempt = 1 \
                 GROUP BY job_id, scheduled_for HAVING count(*) <> 1)";
    let all = "SELECT count(*) FROM (SELECT DISTINCT job_id, scheduled_for FROM job_runs)";
    let open = "SELECT count(*) FROM job_runs WHERE status IN ('running', 'queued')";
    let wrong = aside.number(twice).await?
        + (JOBS as u64 * MINUTES.unsigned_abs()).abs_diff(aside.number(all).await?);
    evidence.count("occurrences without exactly one row", wrong, Unit::Count);
    evidence.check_eq("runs that are open at the end", aside.number(open).await?, 0);
    evidence.check("others took over from one that was stopped", taken_over > 0);
    evidence.count("schedulers that were stopped", stops, Unit::Count);
    evidence.count("of them, whose lease another took", taken_over, Unit::Count);
    evidence.count("runs of theirs that came too late and were thrown away", late, Unit::Count);
    Ok(evidence)
}

/// Written whole: nobody reads half a time.
fn set(clock: &Path, ms: i64) -> Result<()> {
    let written = clock.with_extension("new");
    std::fs::write(&written, ms.to_string())?;
    Ok(std::fs::rename(written, clock)?)
}

/// Looks at the rows past the product, each time anew: a server forgets a connection that rests. A file may be busy, and a
/// server have too much to do: then one looks again.
struct Aside(Database);

impl Aside {
    async fn number(&self, sql: &str) -> Result<u64> {
        let mut rows = self.0.connect()?.query(sql, ()).await?;
        let row = rows.next().await?.context("no count")?;
        Ok(u64::try_from(row.get::<i64>(0)?)?)
    }

    /// The process that schedules.
    async fn holder(&self) -> Result<Option<String>> {
        let sql =
            "SELECT told FROM scheduler WHERE lease_until > CAST(unixepoch('subsec') * 1000 AS INTEGER)";
        let mut rows = self.0.connect()?.query(sql, ()).await?;
        Ok(match rows.next().await? {
            Some(row) => Some(row.get(0)?),
            None => None,
        })
    }

    /// Whether another takes over from one that is stopped.
    async fn is_taken_from(&self, holder: &str) -> bool {
        let began = Instant::now();
        while began.elapsed() < TAKEN_WITHIN {
            if self.holder().await.is_ok_and(|other| other.is_some_and(|other| other != holder)) {
                return true;
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }

    /// Waits until a run of each job that was due at an instant has ended, however.
    async fn until_all_ended(&self, due: i64) -> Result<()> {
        let sql = format!(
            "SELECT count(DISTINCT job_id) FROM job_runs WHERE scheduled_for = {due} \
             AND status NOT IN ('running', 'queued')"
        );
        let began = Instant::now();
        while self.number(&sql).await.unwrap_or(0) < JOBS as u64 {
            ensure!(began.elapsed() < WITHIN, "not all of a minute's runs ended within {WITHIN:?}");
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// What a scheduler does that was stopped before it claimed, where nothing but the key is in its way.
    async fn set_back(&self) {
        let back = "UPDATE cron_jobs SET next_due_at = next_due_at - 60000";
        while let Ok(connection) = self.0.connect() {
            if connection.execute(back, ()).await.is_ok() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
