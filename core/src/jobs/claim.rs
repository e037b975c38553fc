//! What a scheduler does with rows: take the lease, account for due instants, start, renew, finish, declare lost.
//!
//! # Decisions
//!
//! - **A due instant is accounted for and passed in one transaction.** Whoever dies within it leaves the instant owed;
//!   after it there is a row. The key of a row is what makes two schedulers one, the lease only saves them the race.
//! - **Leases are by the database's clock, dues by the scheduler's.** Machines need not agree on the time to agree on
//!   who holds what; and a due instant is one of the wall's clock.
//! - **A row that is lost ends its run.** Finishing names holder, fence and a lease that stands; who comes late changes
//!   nothing, and is told so.

use std::collections::HashSet;
use std::time::Duration;

use libsql::Value;
use serde_json::json;

use super::action::Place;
use super::error::JobError;
use super::job::{Job, OnLost, Overlap};
use super::run::{Outcome, RunKey, RunStatus};
use super::store::{JOB_COLUMNS, JOBS_MAX, Store, job_of, key_of, key_values, text};
use super::timing::{Fate, Owed};
use crate::catalog::{NOW_MS, execute, query};

/// Due jobs that are accounted for at once: all that a user can have.
const DUE_MAX: usize = JOBS_MAX;
/// How much of a job's history is kept.
const RUNS_MAX: i64 = 100;
const HISTORY_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How often a lost run is tried again, where the job says that it may.
const LOST_RETRIES_MAX: u32 = 3;
/// Before the first further attempt; twice as long before each next one.
const BACKOFF_MS: i64 = 30_000;
const BACKOFF_MAX_MS: i64 = 3_600_000;

/// Who schedules, and with which right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    pub place: Place,
    pub holder: String,
    pub fence: i64,
    pub lease: Duration,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub next_due_ms: Option<i64>,
    /// When the first of those that wait may start.
    pub queued_ms: Option<i64>,
    pub lapsed: bool,
}

/// What became of due jobs.
#[derive(Debug, Default)]
pub(super) struct Accounted {
    /// Those that run from now on.
    pub run: Vec<RunKey>,
    /// Whether others wait for their turn.
    pub some_wait: bool,
}

/// Who schedules a place, as others see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Watch {
    pub holder: String,
    /// What it says of itself.
    pub told: String,
    /// For how long its lease stands, in milliseconds.
    pub lease_ms: i64,
}

impl Holding {
    fn lease_ms(&self) -> i64 {
        i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX)
    }

    /// Whether it holds the place still, as a condition over `?2`, `?3` and `?4`.
    fn stands() -> String {
        format!(
            "EXISTS (SELECT 1 FROM scheduler WHERE place = ?2 AND holder = ?3 AND fence = ?4 AND lease_until > {NOW_MS})"
        )
    }

    fn values(&self) -> Vec<Value> {
        vec![text(self.place.as_str()), text(&self.holder), Value::Integer(self.fence)]
    }
}

impl Store {
    /// Takes or keeps the lease of a place, and looks what there is to do, in one request. `None` where another holds it.
    pub(super) async fn look(
        &self,
        place: Place,
        holder: &str,
        lease: Duration,
        told: &str,
    ) -> Result<Option<(i64, Look)>, JobError> {
        let sql = format!(
            "INSERT INTO scheduler (place, holder, fence, lease_until, told) VALUES (?2, ?3, 1, {NOW_MS} + ?4, ?5) \
             ON CONFLICT (place) DO UPDATE SET fence = scheduler.fence + (scheduler.holder <> excluded.holder), \
             holder = excluded.holder, lease_until = excluded.lease_until, told = excluded.told \
             WHERE scheduler.holder = excluded.holder OR scheduler.lease_until <= {NOW_MS} RETURNING {}",
            looked_at(place)
        );
        let lease_ms = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
        let values = vec![text(place.as_str()), text(holder), Value::Integer(lease_ms), text(told)];
        Ok(self.ask(&sql, values, look_of).await?.into_iter().next())
    }

    /// The same for who holds the place: it writes nothing, and `None` is no lease any more.
    pub(super) async fn glance(&self, place: Place, holder: &str) -> Result<Option<(i64, Look)>, JobError> {
        let sql = format!(
            "SELECT {} FROM scheduler WHERE place = ?2 AND holder = ?3 AND lease_until > {NOW_MS}",
            looked_at(place)
        );
        Ok(self.ask(&sql, vec![text(place.as_str()), text(holder)], look_of).await?.into_iter().next())
    }

    /// When something of a place is due, waits to start, or runs under a lease that ends, in milliseconds since 1970.
    pub async fn next_due(&self, place: Place) -> Result<Option<i64>, JobError> {
        let kinds = place.kinds();
        let sql = format!(
            "SELECT min(due) FROM (SELECT min(next_due_at) AS due FROM cron_jobs WHERE user_id = ?1 AND enabled \
             AND action IN ({kinds}) UNION ALL \
             SELECT min(CASE r.status WHEN 'queued' THEN r.not_before ELSE r.lease_until END) \
             FROM job_runs r JOIN cron_jobs j ON j.id = r.job_id AND j.user_id = ?1 AND j.action IN ({kinds}) \
             WHERE r.status IN ('queued', 'running'))"
        );
        let found = self.ask(&sql, Vec::new(), |row| row.get::<Option<i64>>(0)).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// Who schedules a place now.
    pub async fn watch(&self, place: Place) -> Result<Option<Watch>, JobError> {
        let sql = format!(
            "SELECT holder, told, lease_until - {NOW_MS} FROM scheduler WHERE place = ?2 AND lease_until > {NOW_MS}"
        );
        let read =
            |row: &libsql::Row| Ok(Watch { holder: row.get(0)?, told: row.get(1)?, lease_ms: row.get(2)? });
        Ok(self.ask(&sql, vec![text(place.as_str())], read).await?.into_iter().next())
    }

    /// Gives the lease back.
    pub(super) async fn release(&self, place: Place, holder: &str) -> Result<(), JobError> {
        let sql = "UPDATE scheduler SET lease_until = 0 WHERE place = ?2 AND holder = ?3 RETURNING 1";
        self.ask(sql, vec![text(place.as_str()), text(holder)], |_| Ok(())).await.map(drop)
    }

    /// The jobs of a place that are due.
    pub(super) async fn due(&self, place: Place, now_ms: i64) -> Result<Vec<Job>, JobError> {
        let sql = format!(
            "SELECT {JOB_COLUMNS} FROM cron_jobs WHERE user_id = ?1 AND enabled AND next_due_at <= ?2 \
             AND action IN ({}) ORDER BY next_due_at LIMIT {DUE_MAX}",
            place.kinds()
        );
        let found = self.ask(&sql, vec![Value::Integer(now_ms)], job_of).await?;
        // One that cannot be read keeps none of the others from running.
        Ok(found.into_iter().filter_map(Result::ok).collect())
    }

    /// Accounts for what jobs owe: a row an instant, and the next instant. At most `free` rows say that they run; the
    /// caller runs those.
    pub(super) async fn account(
        &self,
        holding: &Holding,
        jobs: &[Job],
        free: usize,
    ) -> Result<Accounted, JobError> {
        let now = self.now_ms();
        let mut rows = Vec::new();
        let mut next = Vec::new();
        let mut left = free;
        for job in jobs {
            let (Some(first), Ok(timing)) = (job.next_due_ms, job.given.check(&job.id)) else { continue };
            let (owed, following) = timing.owed(first, now, &job.given);
            rows.extend(owed.into_iter().map(|owed| {
                let waits = owed.fate == Fate::Run && left == 0;
                left -= usize::from(owed.fate == Fate::Run && left > 0);
                row_of(job, owed, waits)
            }));
            next.push(json!([job.id, job.revision, first, following]));
        }
        let rows = serde_json::Value::from(rows).to_string();
        let next = serde_json::Value::from(next).to_string();
        let ids = serde_json::json!(jobs.iter().map(|job| &job.id).collect::<Vec<_>>()).to_string();
        self.whole(async |transaction| {
            let mut values = self.with_user(holding.values());
            values.extend([Value::Integer(now), Value::Integer(holding.lease_ms()), text(&rows)]);
            let sql = insert_rows(holding.place);
            let made =
                query(transaction, &sql, &values, |row| Ok((row.get::<String>(4)?, key_of(row)?))).await?;
            let mut values = self.with_user(holding.values());
            values.push(text(&next));
            execute(transaction, &advance(), &values).await?;
            let queued = made.iter().filter(|(status, _)| status == RunStatus::Queued.as_str());
            let queued: HashSet<String> =
                queued.filter_map(|(_, key)| Some(key.as_ref().ok()?.job_id.clone())).collect();
            for job in jobs.iter().filter(|job| queued.contains(&job.id)) {
                if job.given.overlap == Overlap::CancelPrevious {
                    let sql =
                        "UPDATE job_runs SET stop_requested = 1 WHERE job_id = ?1 AND status = 'running'";
                    execute(transaction, sql, &[text(&job.id)]).await?;
                }
            }
            if made.len() > jobs.len() {
                execute(transaction, PRUNE, &prune_values(&ids, now)).await?;
            }
            let running = made.into_iter().filter(|(status, _)| status == RunStatus::Running.as_str());
            let run = running.map(|(_, key)| key).collect::<Result<_, _>>()?;
            Ok(Accounted { run, some_wait: !queued.is_empty() })
        })
        .await
    }

    /// Starts what waits, the oldest of each job, at most `free`; or one run alone.
    pub(super) async fn start(
        &self,
        holding: &Holding,
        free: usize,
        only: Option<&RunKey>,
    ) -> Result<Vec<RunKey>, JobError> {
        let sql = format!(
            "UPDATE job_runs SET status = 'running', holder = ?3, fence = ?4, lease_until = {NOW_MS} + ?6, \
             started_at = ?5, why = NULL WHERE rowid IN ( \
               SELECT r.rowid FROM job_runs r JOIN cron_jobs j ON j.id = r.job_id AND j.user_id = ?1 \
                 AND j.action IN ({}) \
               WHERE r.status = 'queued' AND r.not_before <= ?5 \
               AND NOT EXISTS (SELECT 1 FROM job_runs o WHERE o.job_id = r.job_id AND o.status = 'running') \
               AND NOT EXISTS (SELECT 1 FROM job_runs o WHERE o.job_id = r.job_id AND o.status = 'queued' \
                 AND (o.not_before, o.scheduled_for, o.attempt, o.rowid) < (r.not_before, r.scheduled_for, r.attempt, r.rowid)) \
               AND (?8 IS NULL OR (r.job_id = ?8 AND r.kind = ?9 AND r.scheduled_for = ?10)) \
               ORDER BY r.scheduled_for LIMIT ?7) \
             AND {} RETURNING job_id, kind, scheduled_for, attempt",
            holding.place.kinds(),
            Holding::stands(),
        );
        let mut values = holding.values();
        values.extend([
            Value::Integer(self.now_ms()),
            Value::Integer(holding.lease_ms()),
            Value::Integer(i64::try_from(free).unwrap_or(i64::MAX)),
        ]);
        values.extend(match only {
            Some(key) => key_values(key).into_iter().take(3).collect(),
            None => vec![Value::Null; 3],
        });
        self.ask(&sql, values, key_of).await?.into_iter().collect()
    }

    /// Keeps the leases of what this holder runs. Returns those runs, each with whether it is to stop; a run that is
    /// missing is not this holder's any more.
    pub(super) async fn renew(&self, holding: &Holding) -> Result<Vec<(RunKey, bool)>, JobError> {
        let sql = format!(
            "UPDATE job_runs SET lease_until = {NOW_MS} + ?5 WHERE status = 'running' AND holder = ?3 \
             AND lease_until > {NOW_MS} AND job_id IN (SELECT id FROM cron_jobs WHERE user_id = ?1) \
             RETURNING job_id, kind, scheduled_for, attempt, stop_requested"
        );
        let mut values = holding.values();
        values.push(Value::Integer(holding.lease_ms()));
        let found = self.ask(&sql, values, |row| Ok((key_of(row)?, row.get::<i64>(4)? != 0))).await?;
        found.into_iter().map(|(key, stop)| Ok((key?, stop))).collect()
    }

    /// Writes how a run ended; `false` where the row is no longer this holder's, and nothing was changed. A failed
    /// run is tried again where the job says so, and a job that fails too often is paused.
    pub(super) async fn finish(
        &self,
        holding: &Holding,
        key: &RunKey,
        outcome: &Outcome,
        secrets: &[String],
    ) -> Result<bool, JobError> {
        let sql = format!(
            "UPDATE job_runs SET status = ?6, finished_at = ?7, exit = ?8, output_head = ?9, output_tail = ?10, \
             output_bytes = ?11, why = ?12, lease_until = NULL \
             WHERE job_id = ?2 AND kind = ?3 AND scheduled_for = ?4 AND attempt = ?5 AND status = 'running' \
             AND holder = ?13 AND fence = ?14 AND lease_until > {NOW_MS}"
        );
        let now = self.now_ms();
        let (head, tail) = outcome.output.told(secrets);
        let mut values = key_values(key);
        values.extend([
            text(outcome.status.as_str()),
            Value::Integer(now),
            outcome.exit.map_or(Value::Null, |exit| Value::Integer(i64::from(exit))),
            Value::Text(head),
            Value::Text(tail),
            Value::Integer(i64::try_from(outcome.output.bytes()).unwrap_or(i64::MAX)),
            outcome.why.as_deref().map_or(Value::Null, text),
            text(&holding.holder),
            Value::Integer(holding.fence),
        ]);
        let values = self.with_user(values);
        let is_failure = matches!(outcome.status, RunStatus::Failed | RunStatus::TimedOut);
        if !is_failure && !is_pruned_after(key) {
            // As it usually is, nothing else is to be written: one request, where a transaction is several.
            let usual = format!(
                "{sql} AND NOT EXISTS (SELECT 1 FROM cron_jobs WHERE id = ?2 AND failures > 0) RETURNING 1"
            );
            if !self.ask_with(&usual, values.clone(), |row| row.get::<i64>(0)).await?.is_empty() {
                return Ok(true);
            }
        }
        let again = now + backoff(key);
        self.whole(async |transaction| {
            if execute(transaction, &sql, &values).await? != 1 {
                return Ok(false);
            }
            if is_failure {
                let mut values = key_values(key);
                values.extend([Value::Integer(again), text("the attempt before failed")]);
                execute(transaction, RETRY, &self.with_user(values)).await?;
            }
            // What was stopped neither failed nor succeeded.
            if is_failure || outcome.status == RunStatus::Succeeded {
                let count = Value::Integer(i64::from(is_failure));
                execute(transaction, COUNT, &self.with_user(vec![text(&key.job_id), count])).await?;
            }
            let ids = json!([key.job_id]).to_string();
            execute(transaction, PRUNE, &prune_values(&ids, now)).await?;
            Ok(true)
        })
        .await
    }

    /// What runs under a lease that lapsed.
    pub(super) async fn lapsed(&self, holding: &Holding) -> Result<Vec<RunKey>, JobError> {
        let sql = format!(
            "SELECT job_id, kind, scheduled_for, attempt FROM job_runs WHERE status = 'running' \
             AND lease_until <= {NOW_MS} AND job_id IN (SELECT id FROM cron_jobs WHERE user_id = ?1 AND action IN ({}))",
            holding.place.kinds(),
        );
        self.ask(&sql, Vec::new(), key_of).await?.into_iter().collect()
    }

    /// Declares lost what runs under a lease that lapsed; returns it. A job that may run twice gets a further attempt.
    pub(super) async fn lapse(&self, holding: &Holding) -> Result<Vec<RunKey>, JobError> {
        let sql = format!(
            "UPDATE job_runs SET status = 'lost', finished_at = ?5, lease_until = NULL, \
             why = 'the scheduler that ran it was lost; how it ended, nobody knows' \
             WHERE status = 'running' AND lease_until <= {NOW_MS} AND {} AND job_id IN \
             (SELECT id FROM cron_jobs WHERE user_id = ?1 AND action IN ({})) \
             RETURNING job_id, kind, scheduled_for, attempt",
            Holding::stands(),
            holding.place.kinds(),
        );
        let now = self.now_ms();
        let mut values = holding.values();
        values.push(Value::Integer(now));
        let values = self.with_user(values);
        self.whole(async |transaction| {
            let lost = query(transaction, &sql, &values, key_of).await?;
            let lost: Vec<RunKey> = lost.into_iter().collect::<Result<_, _>>()?;
            for key in &lost {
                let mut values = key_values(key);
                values.extend([Value::Integer(now), text("the attempt before was lost")]);
                execute(transaction, &retry_lost(), &self.with_user(values)).await?;
            }
            Ok(lost)
        })
        .await
    }
}

/// What a look asks for, as columns of the scheduler's row.
fn looked_at(place: Place) -> String {
    let kinds = place.kinds();
    let mine = format!("(SELECT id FROM cron_jobs WHERE user_id = ?1 AND action IN ({kinds}))");
    format!(
        "fence, (SELECT min(next_due_at) FROM cron_jobs WHERE user_id = ?1 AND enabled AND action IN ({kinds})), \
         (SELECT min(not_before) FROM job_runs WHERE status = 'queued' AND job_id IN {mine}), \
         (SELECT count(*) FROM job_runs WHERE status = 'running' AND lease_until <= {NOW_MS} AND job_id IN {mine})"
    )
}

fn look_of(row: &libsql::Row) -> Result<(i64, Look), libsql::Error> {
    let look = Look { next_due_ms: row.get(1)?, queued_ms: row.get(2)?, lapsed: row.get::<i64>(3)? > 0 };
    Ok((row.get(0)?, look))
}

/// A due instant as the statement below reads it.
fn row_of(job: &Job, owed: Owed, waits: bool) -> serde_json::Value {
    let fate = match owed.fate {
        Fate::Run if waits => "wait",
        Fate::Run => "run",
        Fate::Queue => "queue",
        Fate::Missed => "missed",
    };
    json!([job.id, job.revision, owed.at_ms, fate, owed.covers, owed.until_ms])
}

/// A row an instant, with what the overlap policy makes of it. Of each job at most one instant is to run at once, so
/// what the statement itself inserts changes nothing of what it decides.
fn insert_rows(place: Place) -> String {
    let missed = match place {
        Place::Machine => "nothing was there to run it: zenith was not running, or the machine slept",
        Place::Service => "the service was not running then, or did not know of it yet",
    };
    format!(
        "INSERT INTO job_runs (job_id, kind, scheduled_for, attempt, status, holder, fence, lease_until, started_at, \
         finished_at, why, covers, covers_until) \
         SELECT job, 'due', at, 1, status, \
           CASE status WHEN 'running' THEN ?3 END, CASE status WHEN 'running' THEN ?4 END, \
           CASE status WHEN 'running' THEN {NOW_MS} + ?6 END, CASE status WHEN 'running' THEN ?5 END, \
           CASE WHEN status IN ('missed', 'skipped-overlap') THEN ?5 END, \
           CASE status WHEN 'missed' THEN '{missed}' \
             WHEN 'skipped-overlap' THEN CASE waiting WHEN 0 THEN 'the run before had not ended' \
               ELSE 'one was waiting already' END \
             WHEN 'queued' THEN CASE fate WHEN 'wait' THEN 'as many runs go on as may at one time' END END, \
           covers, until \
         FROM (SELECT *, CASE fate WHEN 'missed' THEN 'missed' WHEN 'queue' THEN 'queued' ELSE \
             CASE WHEN running + waiting = 0 THEN CASE fate WHEN 'run' THEN 'running' ELSE 'queued' END \
               WHEN overlap = 'skip' OR waiting > 0 THEN 'skipped-overlap' ELSE 'queued' END \
           END AS status \
           FROM (SELECT w.value ->> 0 AS job, w.value ->> 2 AS at, w.value ->> 3 AS fate, w.value ->> 4 AS covers, \
               w.value ->> 5 AS until, j.overlap AS overlap, \
               (SELECT count(*) FROM job_runs r WHERE r.job_id = j.id AND r.status = 'running') AS running, \
               (SELECT count(*) FROM job_runs r WHERE r.job_id = j.id AND r.status = 'queued') AS waiting \
             FROM json_each(?7) AS w JOIN cron_jobs AS j ON j.id = w.value ->> 0 AND j.revision = w.value ->> 1 \
               AND j.enabled AND j.user_id = ?1 \
             WHERE {})) \
         WHERE true ON CONFLICT DO NOTHING RETURNING job_id, kind, scheduled_for, attempt, status",
        Holding::stands()
    )
}

/// The next due instant of each job, where nobody changed the job meanwhile.
fn advance() -> String {
    format!(
        "UPDATE cron_jobs SET next_due_at = w.next FROM (SELECT value ->> 0 AS id, value ->> 1 AS revision, \
         value ->> 2 AS first, value ->> 3 AS next FROM json_each(?5)) AS w \
         WHERE cron_jobs.id = w.id AND cron_jobs.revision = w.revision AND cron_jobs.next_due_at = w.first \
         AND cron_jobs.user_id = ?1 AND {}",
        Holding::stands()
    )
}

/// A further attempt of a run, where its job has one left.
const RETRY: &str = "INSERT INTO job_runs (job_id, kind, scheduled_for, attempt, status, not_before, why) \
    SELECT ?2, ?3, ?4, ?5 + 1, 'queued', ?6, ?7 FROM cron_jobs WHERE user_id = ?1 AND id = ?2 AND retries >= ?5 \
    ON CONFLICT DO NOTHING";

fn retry_lost() -> String {
    format!(
        "INSERT INTO job_runs (job_id, kind, scheduled_for, attempt, status, not_before, why) \
         SELECT ?2, ?3, ?4, ?5 + 1, 'queued', ?6, ?7 FROM cron_jobs WHERE user_id = ?1 AND id = ?2 \
         AND on_lost = '{}' AND retries + {LOST_RETRIES_MAX} >= ?5 ON CONFLICT DO NOTHING",
        OnLost::Retry.as_str()
    )
}

/// Counts failures in a row, and pauses a job that has too many.
const COUNT: &str = "UPDATE cron_jobs SET failures = CASE ?3 WHEN 0 THEN 0 ELSE failures + 1 END, \
    enabled = CASE WHEN ?3 AND pause_after > 0 AND failures + 1 >= pause_after THEN 0 ELSE enabled END, \
    next_due_at = CASE WHEN ?3 AND pause_after > 0 AND failures + 1 >= pause_after THEN NULL ELSE next_due_at END, \
    paused_by = CASE WHEN ?3 AND pause_after > 0 AND failures + 1 >= pause_after THEN 'its failures' ELSE paused_by END \
    WHERE user_id = ?1 AND id = ?2";

/// Keeps the newest rows of each job, and none that is older than a month.
const PRUNE: &str = "DELETE FROM job_runs WHERE rowid IN (SELECT id FROM (SELECT rowid AS id, scheduled_for, \
    row_number() OVER (PARTITION BY job_id ORDER BY scheduled_for DESC, attempt DESC) AS place FROM job_runs \
    WHERE job_id IN (SELECT value FROM json_each(?1)) AND status NOT IN ('queued', 'running')) \
    WHERE place > ?2 OR scheduled_for < ?3)";

fn prune_values(ids: &str, now: i64) -> [Value; 3] {
    [text(ids), Value::Integer(RUNS_MAX), Value::Integer(now - HISTORY_MS)]
}

/// A number below 256 that is a run's always, and other runs' another.
fn chance(key: &RunKey) -> i64 {
    let hash = blake3::hash(format!("{}{}", key.job_id, key.scheduled_ms).as_bytes());
    i64::from(hash.as_bytes().first().copied().unwrap_or(0))
}

/// Whether the history is looked through after a run: now and then, since it costs requests and a few rows more do not.
fn is_pruned_after(key: &RunKey) -> bool {
    chance(key) % 16 == 0
}

/// How long a failed run waits for its next attempt: twice as long each time, and not all jobs at one time.
fn backoff(key: &RunKey) -> i64 {
    let doubled = BACKOFF_MS.saturating_mul(1 << key.attempt.min(10).saturating_sub(1)).min(BACKOFF_MAX_MS);
    doubled + doubled * chance(key) / 1024
}
