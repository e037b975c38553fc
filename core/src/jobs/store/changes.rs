//! What a user does with jobs: create, change, delete, pause, resume, run now, stop.

use libsql::{Transaction, Value};

use super::{JOBS_MAX, Store, key_values, text};
use crate::catalog::{execute, query};
use crate::jobs::error::JobError;
use crate::jobs::job::{Job, JobChange, NewJob, Overlap};
use crate::jobs::run::{Run, RunKey, RunStatus, Trigger};
use crate::jobs::timing::Timing;

/// The columns that a user gives, from `?3` on.
const GIVEN: [&str; 15] = [
    "name",
    "schedule",
    "command",
    "timezone",
    "action",
    "folder",
    "variables",
    "overlap",
    "missed",
    "catchup_s",
    "jitter_s",
    "timeout_s",
    "retries",
    "on_lost",
    "pause_after",
];

fn given(job: &NewJob) -> Vec<Value> {
    let number = |value: u32| Value::Integer(i64::from(value));
    vec![
        text(job.name.trim()),
        text(&job.schedule),
        text(&job.action.command()),
        text(&job.timezone),
        text(job.action.kind()),
        job.action.folder().map_or(Value::Null, text),
        text(&job.action.variables()),
        text(job.overlap.as_str()),
        text(job.missed.as_str()),
        number(job.catchup_s),
        number(job.jitter_s),
        number(job.timeout_s),
        number(job.retries),
        text(job.on_lost.as_str()),
        number(job.pause_after),
    ]
}

fn or_null(value: Option<i64>) -> Value {
    value.map_or(Value::Null, Value::Integer)
}

impl Store {
    /// Keeps a new job. It is due from now on.
    pub async fn create(&self, job: &NewJob) -> Result<Job, JobError> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let timing = job.check(&id)?;
        let now = self.now_ms();
        let places: Vec<String> = (3..GIVEN.len() + 3).map(|place| format!("?{place}")).collect();
        let sql = format!(
            "INSERT INTO cron_jobs (user_id, id, {}, anchored_at, next_due_at) SELECT ?1, ?2, {}, ?{}, ?{} \
             WHERE (SELECT count(*) FROM cron_jobs WHERE user_id = ?1) < {JOBS_MAX} ON CONFLICT DO NOTHING",
            GIVEN.join(", "),
            places.join(", "),
            GIVEN.len() + 3,
            GIVEN.len() + 4,
        );
        let mut values = vec![text(&id)];
        values.extend(given(job));
        values.extend([Value::Integer(now), or_null(timing.next_ms(now))]);
        let values = self.with_user(values);
        self.whole(async |transaction| {
            if execute(transaction, &sql, &values).await? == 1 {
                return Ok(());
            }
            let named = self.named(transaction, job.name.trim()).await?;
            Err(if named.is_some() { JobError::Taken(job.name.clone()) } else { JobError::Quota(JOBS_MAX) })
        })
        .await?;
        self.get(&id).await
    }

    /// Changes a job. A new schedule counts from now on: nothing runs for a time before the change.
    pub async fn change(&self, job: &str, change: &JobChange) -> Result<Job, JobError> {
        let found = self.get(job).await?;
        let wanted = change.applied(&found.given);
        let timing = wanted.check(&found.id)?;
        let is_other_time = (&wanted.schedule, &wanted.timezone, wanted.jitter_s)
            != (&found.given.schedule, &found.given.timezone, found.given.jitter_s);
        self.rewrite(&found, &wanted, async |transaction| {
            if !is_other_time || !found.enabled {
                return Ok(());
            }
            self.miss_overdue(transaction, &found, "its schedule was changed before it ran").await?;
            self.anchor(transaction, &found, &timing).await
        })
        .await?;
        self.get(&found.id).await
    }

    /// Stops a job from being due. What runs goes on.
    pub async fn pause(&self, job: &str, by: &str) -> Result<Job, JobError> {
        let found = self.get(job).await?;
        if !found.enabled {
            return Ok(found);
        }
        self.rewrite(&found, &found.given, async |transaction| {
            self.miss_overdue(transaction, &found, "it was paused before it ran").await?;
            let sql = "UPDATE cron_jobs SET enabled = 0, next_due_at = NULL, paused_by = ?3 \
                       WHERE user_id = ?1 AND id = ?2";
            execute(transaction, sql, &self.with_user(vec![text(&found.id), text(by)])).await?;
            Ok(())
        })
        .await?;
        self.get(&found.id).await
    }

    /// Makes a paused job due again, from now on: nothing of the time between is made up.
    pub async fn resume(&self, job: &str) -> Result<Job, JobError> {
        let found = self.get(job).await?;
        if found.enabled {
            return Ok(found);
        }
        let timing = found.given.check(&found.id)?;
        self.rewrite(&found, &found.given, async |transaction| {
            let sql = "UPDATE cron_jobs SET enabled = 1, paused_by = NULL, failures = 0 \
                       WHERE user_id = ?1 AND id = ?2";
            execute(transaction, sql, &self.with_user(vec![text(&found.id)])).await?;
            self.anchor(transaction, &found, &timing).await
        })
        .await?;
        self.get(&found.id).await
    }

    /// Forgets a job and its history. What runs is stopped by its scheduler, which finds no row of it any more.
    pub async fn delete(&self, job: &str) -> Result<Job, JobError> {
        let found = self.get(job).await?;
        self.whole(async |transaction| {
            let values = self.with_user(vec![text(&found.id)]);
            let gone = execute(transaction, "DELETE FROM cron_jobs WHERE user_id = ?1 AND id = ?2", &values);
            if gone.await? != 1 {
                return Err(JobError::NotFound);
            }
            execute(transaction, "DELETE FROM job_runs WHERE job_id = ?2", &values).await?;
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Asks for a run now, beside those that are due: the next due one comes all the same. It obeys the overlap
    /// policy, and a row says what became of it.
    pub async fn run_now(&self, job: &str) -> Result<Run, JobError> {
        let found = self.get(job).await?;
        let key = self
            .whole(async |transaction| {
                let mut key = RunKey {
                    job_id: found.id.clone(),
                    trigger: Trigger::Manual,
                    scheduled_ms: self.now_ms(),
                    attempt: 1,
                };
                let open = self.open_runs(transaction, &found.id).await?;
                let is_waiting = open.contains(&RunStatus::Queued);
                let (status, why) = match found.given.overlap {
                    _ if open.is_empty() => (RunStatus::Queued, None),
                    Overlap::Skip => (RunStatus::SkippedOverlap, Some("the run before had not ended")),
                    _ if is_waiting => (RunStatus::SkippedOverlap, Some("one was waiting already")),
                    Overlap::QueueOne => (RunStatus::Queued, None),
                    Overlap::CancelPrevious => {
                        self.stop_running(transaction, &found.id).await?;
                        (RunStatus::Queued, None)
                    }
                };
                let sql = "INSERT INTO job_runs (job_id, kind, scheduled_for, attempt, status, why, finished_at) \
                           VALUES (?2, ?3, ?4, ?5, ?6, ?7, CASE WHEN ?6 <> 'queued' THEN ?4 END) \
                           ON CONFLICT DO NOTHING";
                loop {
                    let mut values = key_values(&key);
                    values.extend([text(status.as_str()), why.map_or(Value::Null, text)]);
                    if execute(transaction, sql, &self.with_user(values)).await? == 1 {
                        return Ok(key);
                    }
                    // Asked for twice in one millisecond.
                    key.scheduled_ms += 1;
                }
            })
            .await?;
        self.run(&key).await
    }

    /// Stops what runs and waits of a job; returns how many runs that were.
    pub async fn stop(&self, job: &str) -> Result<u64, JobError> {
        let found = self.get(job).await?;
        self.whole(async |transaction| {
            let running = self.stop_running(transaction, &found.id).await?;
            let sql = "UPDATE job_runs SET status = 'stopped', finished_at = ?3, why = 'stopped before it began' \
                       WHERE job_id = ?2 AND status = 'queued'";
            let values = self.with_user(vec![text(&found.id), Value::Integer(self.now_ms())]);
            Ok(running + execute(transaction, sql, &values).await?)
        })
        .await
    }

    /// Writes what a user gives, where the job is still as it was found, and whatever belongs to that.
    async fn rewrite(
        &self,
        found: &Job,
        wanted: &NewJob,
        more: impl AsyncFnOnce(&Transaction) -> Result<(), JobError> + Clone,
    ) -> Result<(), JobError> {
        self.whole(async |transaction| {
            let other = self.named(transaction, wanted.name.trim()).await?;
            if other.is_some_and(|other| other != found.id) {
                return Err(JobError::Taken(wanted.name.clone()));
            }
            let sets: Vec<String> = GIVEN
                .iter()
                .enumerate()
                .map(|(place, column)| format!("{column} = ?{}", place + 3))
                .collect();
            let sql = format!(
                "UPDATE cron_jobs SET {}, revision = revision + 1, updated_at = CURRENT_TIMESTAMP \
                 WHERE user_id = ?1 AND id = ?2 AND revision = ?{}",
                sets.join(", "),
                GIVEN.len() + 3,
            );
            let mut values = vec![text(&found.id)];
            values.extend(given(wanted));
            values.push(Value::Integer(found.revision));
            if execute(transaction, &sql, &self.with_user(values)).await? != 1 {
                return Err(JobError::Changed);
            }
            more.clone()(transaction).await
        })
        .await
    }

    /// A job is due from now on.
    async fn anchor(&self, transaction: &Transaction, job: &Job, timing: &Timing) -> Result<(), JobError> {
        let now = self.now_ms();
        let sql = "UPDATE cron_jobs SET anchored_at = ?3, next_due_at = ?4 WHERE user_id = ?1 AND id = ?2";
        let values = vec![text(&job.id), Value::Integer(now), or_null(timing.next_ms(now))];
        execute(transaction, sql, &self.with_user(values)).await?;
        Ok(())
    }

    /// Due instants that no scheduler took before a change: each has its row all the same.
    async fn miss_overdue(&self, transaction: &Transaction, found: &Job, why: &str) -> Result<(), JobError> {
        // A scheduler may have advanced it since the job was looked at.
        let sql = "SELECT next_due_at FROM cron_jobs WHERE user_id = ?1 AND id = ?2";
        let due = query(transaction, sql, &self.with_user(vec![text(&found.id)]), |row| row.get(0)).await?;
        let (Some(Some(first)), now) = (due.into_iter().next(), self.now_ms()) else { return Ok(()) };
        let (owed, _) = found.given.check(&found.id)?.owed(first, now, &found.given);
        for owed in owed {
            let sql = "INSERT INTO job_runs (job_id, kind, scheduled_for, attempt, status, finished_at, why, covers, \
                       covers_until) VALUES (?1, 'due', ?2, 1, 'missed', ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
            let values = [
                text(&found.id),
                Value::Integer(owed.at_ms),
                Value::Integer(now),
                text(why),
                Value::Integer(owed.covers),
                Value::Integer(owed.until_ms),
            ];
            execute(transaction, sql, &values).await?;
        }
        Ok(())
    }

    async fn named(&self, transaction: &Transaction, name: &str) -> Result<Option<String>, JobError> {
        let sql = "SELECT id FROM cron_jobs WHERE user_id = ?1 AND name = ?2";
        let found = query(transaction, sql, &self.with_user(vec![text(name)]), |row| row.get(0)).await?;
        Ok(found.into_iter().next())
    }

    /// The states of a job's runs that have not ended.
    async fn open_runs(&self, transaction: &Transaction, id: &str) -> Result<Vec<RunStatus>, JobError> {
        let sql = "SELECT status FROM job_runs WHERE job_id = ?1 AND status IN ('queued', 'running')";
        let found = query(transaction, sql, &[text(id)], |row| row.get::<String>(0)).await?;
        Ok(found.iter().filter_map(|status| RunStatus::named(status)).collect())
    }

    async fn stop_running(&self, transaction: &Transaction, id: &str) -> Result<u64, JobError> {
        let sql = "UPDATE job_runs SET stop_requested = 1 WHERE job_id = ?1 AND status = 'running'";
        Ok(execute(transaction, sql, &[text(id)]).await?)
    }
}
