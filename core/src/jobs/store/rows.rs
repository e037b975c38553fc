//! From rows to values. What cannot be read was written by something else, and is an error of that row alone.

use libsql::Row;

use crate::jobs::action::Action;
use crate::jobs::error::JobError;
use crate::jobs::job::{Job, Missed, NewJob, OnLost, Overlap};
use crate::jobs::run::{Run, RunKey, RunStatus, Trigger};

pub(in crate::jobs) const JOB_COLUMNS: &str = "id, name, schedule, command, COALESCE(enabled, 1), CAST(unixepoch(created_at) * 1000 AS INTEGER), \
     CAST(unixepoch(updated_at) * 1000 AS INTEGER), timezone, action, folder, variables, overlap, missed, catchup_s, \
     jitter_s, timeout_s, retries, on_lost, pause_after, failures, revision, next_due_at, paused_by";

pub(in crate::jobs) const RUN_COLUMNS: &str = "r.job_id, r.kind, r.scheduled_for, r.attempt, r.status, r.started_at, r.finished_at, r.exit, r.output_head, \
     r.output_tail, r.output_bytes, r.why, r.covers, r.covers_until";

type Read<T> = Result<Result<T, JobError>, libsql::Error>;

/// Reads [`JOB_COLUMNS`].
pub(in crate::jobs) fn job_of(row: &Row) -> Read<Job> {
    let id: String = row.get(0)?;
    let name: String = row.get(1)?;
    let unreadable = |what: &str| Ok(Err(JobError::Unreadable(format!("{name}: {what}"))));
    let variables: String = row.get(10)?;
    let action = Action::of_row(&row.get::<String>(8)?, &row.get::<String>(3)?, row.get(9)?, &variables);
    let Some(action) = action else { return unreadable("command") };
    let number = |at| -> Result<u32, libsql::Error> { Ok(u32::try_from(row.get::<i64>(at)?).unwrap_or(0)) };
    let Some(overlap) = Overlap::named(&row.get::<String>(11)?) else { return unreadable("overlap") };
    let Some(missed) = Missed::named(&row.get::<String>(12)?) else { return unreadable("missed") };
    let Some(on_lost) = OnLost::named(&row.get::<String>(17)?) else { return unreadable("on_lost") };
    let given = NewJob {
        name: name.clone(),
        schedule: row.get(2)?,
        timezone: row.get(7)?,
        action,
        overlap,
        missed,
        catchup_s: number(13)?,
        jitter_s: number(14)?,
        timeout_s: number(15)?,
        retries: number(16)?,
        on_lost,
        pause_after: number(18)?,
    };
    Ok(Ok(Job {
        id,
        given,
        enabled: row.get::<i64>(4)? != 0,
        created_ms: row.get::<Option<i64>>(5)?.unwrap_or(0),
        updated_ms: row.get::<Option<i64>>(6)?.unwrap_or(0),
        failures: number(19)?,
        revision: row.get(20)?,
        next_due_ms: row.get(21)?,
        paused_by: row.get(22)?,
    }))
}

/// Reads the four columns of a run's key.
pub(in crate::jobs) fn key_of(row: &Row) -> Read<RunKey> {
    let job_id = row.get(0)?;
    let Some(trigger) = Trigger::named(&row.get::<String>(1)?) else {
        return Ok(Err(JobError::Unreadable("a run's kind".to_string())));
    };
    let attempt = u32::try_from(row.get::<i64>(3)?).unwrap_or(1);
    Ok(Ok(RunKey { job_id, trigger, scheduled_ms: row.get(2)?, attempt }))
}

/// Reads [`RUN_COLUMNS`].
pub(in crate::jobs) fn run_of(row: &Row) -> Read<Run> {
    let key = match key_of(row)? {
        Ok(key) => key,
        Err(error) => return Ok(Err(error)),
    };
    let Some(status) = RunStatus::named(&row.get::<String>(4)?) else {
        return Ok(Err(JobError::Unreadable("a run's status".to_string())));
    };
    let text =
        |at| -> Result<String, libsql::Error> { Ok(row.get::<Option<String>>(at)?.unwrap_or_default()) };
    Ok(Ok(Run {
        covers_until_ms: row.get::<Option<i64>>(13)?.unwrap_or(key.scheduled_ms),
        key,
        status,
        started_ms: row.get(5)?,
        finished_ms: row.get(6)?,
        exit: row.get::<Option<i64>>(7)?.and_then(|exit| i32::try_from(exit).ok()),
        output_head: text(8)?,
        output_tail: text(9)?,
        output_bytes: row.get::<Option<i64>>(10)?.unwrap_or(0),
        why: row.get(11)?,
        covers: row.get(12)?,
    }))
}
