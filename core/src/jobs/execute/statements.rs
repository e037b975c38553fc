//! Statements in a tenant's own database.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use libsql::{Connection, Database, Rows, Value};
use tokio::sync::Semaphore;

use crate::catalog::Trouble;
use crate::jobs::executor::{Executor, ServiceWork, Task};
use crate::jobs::run::{Outcome, Output, RunStatus};
use crate::jobs::store::JOBS_MAX;

/// How often a statement is sent that the server has no connection for, and the pause before it is sent again.
const SENDS_MAX: u32 = 6;
const SENT_AGAIN_AFTER: Duration = Duration::from_millis(50);
/// How long a run may take at most, whatever its job says: a service runs for many, and its own token of a database ends.
const TIMEOUT_MAX: Duration = Duration::from_secs(4 * 60);
/// Rows of an answer that are shown.
const ROWS_MAX: usize = 1000;

/// Runs statements in the tenant's own database, and nothing else.
pub struct Statements {
    database: Arc<Database>,
    /// Bounds what a server is asked at one time.
    turns: Semaphore,
}

impl Statements {
    /// Over a database that is asked by at most so many runs side by side.
    pub fn over(database: Arc<Database>, width: usize) -> Statements {
        Statements { database, turns: Semaphore::new(width) }
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
            // Its own, since what one run's transaction or rest does to a connection is no other's.
            let connection = self.database.connect()?;
            perform(&connection, &task.work.statements, &mut output).await
        };
        let done = tokio::select! {
            done = tokio::time::timeout(timeout, work) => done,
            () = task.stop.cancelled() => return Outcome::new(RunStatus::Stopped, "it was stopped"),
        };
        let (status, why) = match done {
            Ok(Ok(())) => (RunStatus::Succeeded, None),
            Ok(Err(trouble)) => (RunStatus::Failed, Some(trouble.to_string())),
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
async fn perform(connection: &Connection, statements: &[String], output: &mut Output) -> Result<(), Trouble> {
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
async fn ask(connection: &Connection, statement: &str) -> Result<Rows, Trouble> {
    let mut sends = 0;
    loop {
        let rows = connection.query(statement, ()).await.map_err(Trouble::from);
        sends += 1;
        match rows {
            Err(trouble) if is_asked_again(&trouble) && sends < SENDS_MAX => {
                tokio::time::sleep(SENT_AGAIN_AFTER.saturating_mul(1 << sends)).await;
            }
            rows => return rows,
        }
    }
}

fn is_asked_again(trouble: &Trouble) -> bool {
    *trouble == Trouble::Status(429) || trouble.is_not_there()
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
