//! The tables of a tenant's jobs. Every statement may be run again.

use libsql::Connection;

use super::error::JobError;
use crate::catalog::query;

/// Raised when a column changes its meaning; jobs of a later number are not opened.
pub const VERSION: i64 = 1;

/// A job. The first eight columns are those of the plan that this follows, as they stand there.
const JOBS: &str = "
CREATE TABLE IF NOT EXISTS cron_jobs (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL,
    name         TEXT NOT NULL,
    schedule     TEXT NOT NULL,
    command      TEXT NOT NULL,
    enabled      BOOLEAN DEFAULT 1,
    created_at   TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at   TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    timezone     TEXT NOT NULL DEFAULT 'UTC',
    action       TEXT NOT NULL DEFAULT 'program' CHECK (action IN ('program', 'zenith', 'sql')),
    folder       TEXT,
    variables    TEXT NOT NULL DEFAULT '{}',
    overlap      TEXT NOT NULL DEFAULT 'skip',
    missed       TEXT NOT NULL DEFAULT 'latest',
    catchup_s    INTEGER NOT NULL DEFAULT 86400,
    jitter_s     INTEGER NOT NULL DEFAULT 0,
    timeout_s    INTEGER NOT NULL DEFAULT 3600,
    retries      INTEGER NOT NULL DEFAULT 0,
    on_lost      TEXT NOT NULL DEFAULT 'leave',
    pause_after  INTEGER NOT NULL DEFAULT 0,
    failures     INTEGER NOT NULL DEFAULT 0,
    revision     INTEGER NOT NULL DEFAULT 1,
    anchored_at  INTEGER NOT NULL DEFAULT 0,
    next_due_at  INTEGER,
    paused_by    TEXT
)";

/// What became of a due instant, of a run by hand, and of each further attempt. The key is what makes two schedulers
/// one: a due instant of a job has one first attempt. A row covers one instant, or after a long absence the
/// `covers` instants up to `covers_until`. Times are milliseconds since 1970; leases are by the database's clock.
const RUNS: &str = "
CREATE TABLE IF NOT EXISTS job_runs (
    job_id         TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('due', 'manual')),
    scheduled_for  INTEGER NOT NULL,
    attempt        INTEGER NOT NULL,
    status         TEXT NOT NULL,
    holder         TEXT,
    fence          INTEGER,
    lease_until    INTEGER,
    not_before     INTEGER NOT NULL DEFAULT 0,
    stop_requested INTEGER NOT NULL DEFAULT 0,
    started_at     INTEGER,
    finished_at    INTEGER,
    exit           INTEGER,
    output_head    TEXT,
    output_tail    TEXT,
    output_bytes   INTEGER,
    why            TEXT,
    covers         INTEGER NOT NULL DEFAULT 1,
    covers_until   INTEGER,
    PRIMARY KEY (job_id, kind, scheduled_for, attempt)
)";

/// Who schedules: of each place that runs jobs (a user's machines, a service's) one at a time.
const SCHEDULER: &str = "
CREATE TABLE IF NOT EXISTS scheduler (
    place       TEXT PRIMARY KEY CHECK (place IN ('machine', 'service')),
    holder      TEXT NOT NULL,
    fence       INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    told        TEXT NOT NULL DEFAULT ''
)";

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS jobs_version (version INTEGER NOT NULL PRIMARY KEY)";

/// What makes the tables, in order.
pub const STATEMENTS: &[&str] = &[
    JOBS,
    "CREATE UNIQUE INDEX IF NOT EXISTS cron_jobs_name ON cron_jobs (user_id, name)",
    "CREATE INDEX IF NOT EXISTS cron_jobs_due ON cron_jobs (next_due_at) WHERE enabled",
    RUNS,
    "CREATE INDEX IF NOT EXISTS job_runs_open ON job_runs (status, job_id) WHERE status IN ('queued', 'running')",
    SCHEDULER,
    VERSIONS,
    "INSERT INTO jobs_version SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM jobs_version)",
];

/// Makes the tables where there are none. Jobs of a later version are left alone.
pub async fn ensure(connection: &Connection) -> Result<(), JobError> {
    let versions = "SELECT count(*) FROM sqlite_master WHERE name = 'jobs_version'";
    let made = query(connection, versions, &[], |row| row.get::<i64>(0)).await?;
    if made.first().is_none_or(|count| *count == 0) {
        for statement in STATEMENTS {
            connection.execute(statement, ()).await?;
        }
    }
    let found = query(connection, "SELECT max(version) FROM jobs_version", &[], |row| row.get::<i64>(0));
    match found.await?.first() {
        Some(found) if *found > VERSION => Err(JobError::Newer { found: *found, known: VERSION }),
        _ => Ok(()),
    }
}
