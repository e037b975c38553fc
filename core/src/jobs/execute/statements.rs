//! Statements in a tenant's own database.

use std::time::Duration;

use async_trait::async_trait;
use libsql::{Connection, Rows, Value};

use crate::catalog::Trouble;
use crate::jobs::executor::{Executor, ServiceWork, Task};
use crate::jobs::run::{Outcome, Output, RunStatus};

/// How often a statement is sent that the server has no connection for, and the pause before it is sent again.
const SENDS_MAX: u32 = 6;
const SENT_AGAIN_AFTER: Duration = Duration::from_millis(50);
/// Rows of an answer that are shown.
const ROWS_MAX: usize = 1000;

/// Runs statements over a connection to the tenant's own database, and nothing else.
pub struct Statements {
    pub connection: Connection,
}

#[async_trait]
impl Executor for Statements {
    type Work = ServiceWork;

    async fn run(&self, task: Task<ServiceWork>) -> Outcome {
        let mut output = Output::default();
        let done = tokio::select! {
            done = tokio::time::timeout(task.timeout, self.perform(&task.work.statements, &mut output)) => done,
            () = task.stop.cancelled() => return Outcome::new(RunStatus::Stopped, "it was stopped"),
        };
        let (status, why) = match done {
            Ok(Ok(())) => (RunStatus::Succeeded, None),
            Ok(Err(trouble)) => (RunStatus::Failed, Some(trouble.to_string())),
            Err(_) => (RunStatus::TimedOut, Some(told(task.timeout))),
        };
        Outcome { status, exit: None, output, why }
    }
}

fn told(timeout: Duration) -> String {
    format!("it ran for longer than {} s, and was stopped", timeout.as_secs())
}

impl Statements {
    /// Each statement by itself: what was done before one that fails stays, and the output says how far it came.
    async fn perform(&self, statements: &[String], output: &mut Output) -> Result<(), Trouble> {
        for statement in statements {
            let mut rows = self.ask(statement).await?;
            let mut count = 0;
            while let Some(row) = rows.next().await? {
                count += 1;
                if count <= ROWS_MAX {
                    output.push(line(&row).as_bytes());
                }
            }
            let changed = self.connection.changes();
            output.push(format!("({count} rows, {changed} changed)\n").as_bytes());
        }
        Ok(())
    }

    /// A server that has no connection to spare did nothing, and is asked again.
    async fn ask(&self, statement: &str) -> Result<Rows, Trouble> {
        let mut sends = 0;
        loop {
            let rows = self.connection.query(statement, ()).await.map_err(Trouble::from);
            sends += 1;
            match rows {
                Err(Trouble::Status(429)) if sends < SENDS_MAX => {
                    tokio::time::sleep(SENT_AGAIN_AFTER.saturating_mul(1 << sends)).await;
                }
                rows => return rows,
            }
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
