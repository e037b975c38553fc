//! Statements in a tenant's own database.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use libsql::{Connection, Database, Rows, Value};
use tokio::sync::Semaphore;

use crate::catalog::{Sends, Trouble, again, said_of};
use crate::jobs::executor::{Executor, ServiceWork, Task};
use crate::jobs::run::{Outcome, Output, RunStatus};
use crate::jobs::store::JOBS_MAX;

/// Of a statement that the server has no connection for.
const SENDS: Sends = Sends { most: 6, pause: Duration::from_millis(100) };
/// How long a run may take at most, whatever its job says: a service runs for many, and its own token of a database ends.
const TIMEOUT_MAX: Duration = Duration::from_secs(4 * 60);
/// Rows of an answer that are shown.
const ROWS_MAX: usize = 1000;

/// Runs statements in the tenant's own database, and nothing else.
pub struct Statements {
    database: RwLock<Arc<Database>>,
    /// Bounds what a server is asked at one time.
    turns: Semaphore,
}

impl Statements {
    /// Over a database that is asked by at most so many runs side by side.
    pub fn over(database: Arc<Database>, width: usize) -> Statements {
        Statements { database: RwLock::new(database), turns: Semaphore::new(width) }
    }

    /// What begins from now on reaches the database by another access.
    pub fn reach_by(&self, database: Arc<Database>) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = database;
    }

    /// One of its own for each run, since what one's transaction or rest does to a connection is no other's.
    fn connect(&self) -> Result<Connection, Trouble> {
        Ok(self.database.read().unwrap_or_else(PoisonError::into_inner).connect()?)
    }
}

#[async_trait]
impl Executor for Statements {
    type Work = ServiceWork;

    async fn run(&self, task: Task<ServiceWork>) -> Outcome {
        let timeout = task.timeout.min(TIMEOUT_MAX);
        let mut output = Output::default();
        let work = async {
            // They are never closed.
            let _turn = self.turns.acquire().await;
            // From here on, since those that wait for each other take no time of the server's.
            let statements = async {
                let connection = self.connect()?;
                perform(&connection, &task.work.statements, &mut output).await
            };
            tokio::time::timeout(timeout, statements).await
        };
        let done = tokio::select! {
            done = work => done,
            () = task.stop.cancelled() => return Outcome::new(RunStatus::Stopped, "it was stopped"),
        };
        let (status, why) = match done {
            Ok(Ok(())) => (RunStatus::Succeeded, None),
            Ok(Err(failure)) => (RunStatus::Failed, Some(failure.to_string())),
            Err(_) => (RunStatus::TimedOut, Some(told(timeout))),
        };
        Outcome { status, exit: None, output, why }
    }

    /// Every job of a user's: none of them waits for another to be begun.
    fn at_once(&self) -> usize {
        JOBS_MAX
    }
}

fn told(timeout: Duration) -> String {
    format!("it ran for longer than {} s, and was stopped", timeout.as_secs())
}

/// Each statement by itself: what was done before one that fails stays, and the output says how far it came.
async fn perform(connection: &Connection, statements: &[String], output: &mut Output) -> Result<(), Failure> {
    for statement in statements {
        let mut rows = ask(connection, statement).await?;
        let mut count = 0;
        while let Some(row) = rows.next().await? {
            count += 1;
            if count <= ROWS_MAX {
                output.push(line(&row).as_bytes());
            }
        }
        let changed = connection.changes();
        output.push(format!("({count} rows, {changed} changed)\n").as_bytes());
    }
    Ok(())
}

/// A server that has no connection to spare, or says that there is no such database, did nothing, and is asked again.
async fn ask(connection: &Connection, statement: &str) -> Result<Rows, Failure> {
    let send = || async move { connection.query(statement, ()).await.map_err(Failure::from) };
    let is_crowded = |trouble: &Trouble| *trouble == Trouble::Status(429) || trouble.is_not_there();
    again(SENDS, send, |failure: &Failure| is_crowded(&failure.trouble)).await
}

/// Why a statement failed. Of one that was refused its owner is told what the server said: it is about their own words and
/// tables.
struct Failure {
    trouble: Trouble,
    said: Option<String>,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        Failure { trouble, said: None }
    }
}

impl From<libsql::Error> for Failure {
    fn from(error: libsql::Error) -> Failure {
        Failure { said: said_of(&error), trouble: error.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.trouble, &self.said) {
            (Trouble::Refused(code), Some(said)) => write!(f, "the statement was refused: {said} ({code})"),
            (trouble, _) => write!(f, "{trouble}"),
        }
    }
}

fn line(row: &libsql::Row) -> String {
    let cells = (0..row.column_count()).map(|at| match row.get_value(at) {
        Ok(Value::Integer(number)) => number.to_string(),
        Ok(Value::Real(number)) => number.to_string(),
        Ok(Value::Text(text)) => text,
        Ok(Value::Blob(bytes)) => format!("({} bytes)", bytes.len()),
        Ok(Value::Null) | Err(_) => String::new(),
    });
    cells.collect::<Vec<_>>().join("\t") + "\n"
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::jobs::run::{RunKey, Trigger};

    #[tokio::test]
    async fn a_runs_time_begins_with_its_turn() {
        let database = libsql::Builder::new_local(":memory:").build().await.unwrap();
        let executor = Statements::over(Arc::new(database), 1);
        let timeout = Duration::from_secs(1);
        let task = Task {
            key: RunKey { job_id: "ab12".to_string(), trigger: Trigger::Due, scheduled_ms: 0, attempt: 1 },
            name: "a job".to_string(),
            timezone: "UTC".to_string(),
            work: ServiceWork { statements: vec!["SELECT 1".to_string()] },
            timeout,
            stop: CancellationToken::new(),
            end: CancellationToken::new(),
        };
        let turn = executor.turns.acquire().await.unwrap();
        let others = async {
            // The time itself is the condition.
            tokio::time::sleep(timeout * 3 / 2).await;
            drop(turn);
        };
        let (outcome, ()) = tokio::join!(executor.run(task), others);
        assert_eq!(outcome.status, RunStatus::Succeeded, "{:?}", outcome.why);
    }
}
