//! One user's jobs in one opened database.

mod changes;
mod rows;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libsql::{Connection, Database, Row, Transaction, TransactionBehavior, Value};
use tokio::sync::{Mutex, MutexGuard};

use super::error::JobError;
use super::job::Job;
use super::preview::Preview;
use super::run::{Run, RunKey};
use super::schema;
use crate::catalog::{Held, Sends, Trouble, again, query};
use crate::http::Unreached;
pub(super) use rows::{JOB_COLUMNS, RUN_COLUMNS, job_of, key_of, run_of};

/// How long the database may take to answer one question, or all of one transaction.
const DEADLINE: Duration = Duration::from_secs(10);
/// Of what a server did not do: it is busy with letting go of one database for another.
const SENDS: Sends = Sends { most: 4, pause: Duration::from_millis(30) };
/// Jobs of one user.
pub const JOBS_MAX: usize = 100;
/// How long a statement waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Milliseconds since 1970, as whoever schedules sees them.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// One user's jobs. Every statement names the user: that the database is another tenant's is one fence, the name the
/// second.
#[derive(Clone)]
pub struct Store {
    /// One at a time: what is sent beside a transaction would be part of it.
    connection: Arc<Mutex<Held>>,
    pub(super) user_id: String,
    clock: Clock,
    patience: Duration,
}

impl Store {
    /// Over a database whose tables there are; see [`schema::ensure`].
    pub fn new(connection: Connection, user_id: &str) -> Store {
        // A database on a server knows no such waiting.
        let _ = connection.busy_timeout(BUSY_TIMEOUT);
        Store::over(Held::lasting(connection), user_id)
    }

    /// Over a database on a server, for as long as one likes: a connection that rested is made anew.
    pub fn on_server(database: Arc<Database>, user_id: &str) -> Result<Store, JobError> {
        Ok(Store::over(Held::on_server(database)?, user_id))
    }

    /// From now on by another access to the same database, as who signs in again has it. Whatever works with these jobs
    /// goes on.
    pub async fn reach_by(&self, database: Arc<Database>) -> Result<(), JobError> {
        let held = Held::on_server(database)?;
        *self.connection.lock().await = held;
        Ok(())
    }

    fn over(held: Held, user_id: &str) -> Store {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Store {
            connection: Arc::new(Mutex::new(held)),
            user_id: user_id.to_string(),
            clock: Arc::new(move || i64::try_from(now().as_millis()).unwrap_or(i64::MAX)),
            patience: DEADLINE,
        }
    }

    /// Makes the tables where there are none.
    pub async fn ensure(&self) -> Result<(), JobError> {
        let connection = self.lock().await?;
        self.within(schema::ensure(&connection)).await
    }

    /// The same by another clock.
    pub fn with_clock(mut self, clock: Clock) -> Store {
        self.clock = clock;
        self
    }

    /// The same for a database that may take so long.
    pub fn with_patience(mut self, patience: Duration) -> Store {
        self.patience = patience;
        if let Ok(connection) = self.connection.try_lock() {
            let _ = connection.busy_timeout(patience);
        }
        self
    }

    pub fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// Every job, by name.
    pub async fn list(&self) -> Result<Vec<Job>, JobError> {
        let sql = format!("SELECT {JOB_COLUMNS} FROM cron_jobs WHERE user_id = ?1 ORDER BY name");
        self.ask(&sql, vec![], job_of).await?.into_iter().collect()
    }

    /// A job by its name or its id.
    pub async fn get(&self, job: &str) -> Result<Job, JobError> {
        let sql = format!(
            "SELECT {JOB_COLUMNS} FROM cron_jobs WHERE user_id = ?1 AND (id = ?2 OR name = ?2) ORDER BY id = ?2 DESC"
        );
        let found = self.ask(&sql, vec![text(job)], job_of).await?;
        found.into_iter().next().unwrap_or(Err(JobError::NotFound))
    }

    /// When a job is due next; of a paused one, when it would be.
    pub async fn next(&self, job: &str) -> Result<Preview, JobError> {
        let job = self.get(job).await?;
        Ok(job.given.check(&job.id)?.preview(self.now_ms()))
    }

    /// The last runs of a job, newest first.
    pub async fn runs(&self, job: &str, most: usize) -> Result<Vec<Run>, JobError> {
        let job = self.get(job).await?;
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM job_runs r JOIN cron_jobs j ON j.id = r.job_id AND j.user_id = ?1 \
             WHERE r.job_id = ?2 ORDER BY r.scheduled_for DESC, r.attempt DESC LIMIT ?3"
        );
        let most = Value::Integer(i64::try_from(most).unwrap_or(i64::MAX));
        self.ask(&sql, vec![text(&job.id), most], run_of).await?.into_iter().collect()
    }

    /// The last runs of every job, newest first of each, without their output.
    pub async fn recent(&self, most: usize) -> Result<Vec<Run>, JobError> {
        let columns = RUN_COLUMNS.replace("r.output_head", "''").replace("r.output_tail", "''");
        let sql = format!(
            "SELECT {columns} FROM (SELECT *, row_number() OVER (PARTITION BY job_id ORDER BY scheduled_for DESC, \
             attempt DESC) AS place FROM job_runs) r JOIN cron_jobs j ON j.id = r.job_id AND j.user_id = ?1 \
             WHERE r.place <= ?2 ORDER BY r.job_id, r.place"
        );
        let most = Value::Integer(i64::try_from(most).unwrap_or(i64::MAX));
        self.ask(&sql, vec![most], run_of).await?.into_iter().collect()
    }

    /// One run.
    pub async fn run(&self, key: &RunKey) -> Result<Run, JobError> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM job_runs r JOIN cron_jobs j ON j.id = r.job_id AND j.user_id = ?1 \
             WHERE r.job_id = ?2 AND r.kind = ?3 AND r.scheduled_for = ?4 AND r.attempt = ?5"
        );
        let found = self.ask(&sql, key_values(key), run_of).await?;
        found.into_iter().next().unwrap_or(Err(JobError::NoRun))
    }

    /// Asks a question whose `?1` is the user.
    pub(super) async fn ask<T>(
        &self,
        sql: &str,
        values: Vec<Value>,
        read: impl Fn(&Row) -> Result<T, libsql::Error>,
    ) -> Result<Vec<T>, JobError> {
        self.ask_with(sql, self.with_user(values), read).await
    }

    /// The same with all its values.
    pub(super) async fn ask_with<T>(
        &self,
        sql: &str,
        values: Vec<Value>,
        read: impl Fn(&Row) -> Result<T, libsql::Error>,
    ) -> Result<Vec<T>, JobError> {
        let connection = self.lock().await?;
        let (connection, values, read) = (&connection, &values, &read);
        let send = || async move { query(connection, sql, values, read).await.map_err(JobError::from) };
        self.within(again(SENDS, send, JobError::is_not_there)).await
    }

    /// Does several statements whole or not at all. They name the user as `?1` by [`Store::with_user`]. Where the
    /// server stops one of them, or says that there is no such database, all are done anew.
    pub(super) async fn whole<T>(
        &self,
        work: impl AsyncFnOnce(&Transaction) -> Result<T, JobError> + Clone,
    ) -> Result<T, JobError> {
        let connection = self.lock().await?;
        let send = || whole_once(&connection, work.clone());
        self.within(again(SENDS, send, JobError::is_done_anew)).await
    }

    pub(super) fn with_user(&self, mut values: Vec<Value>) -> Vec<Value> {
        values.insert(0, text(&self.user_id));
        values
    }

    async fn lock(&self) -> Result<MutexGuard<'_, Held>, JobError> {
        let mut held = self.within(async { Ok(self.connection.lock().await) }).await?;
        held.wake()?;
        Ok(held)
    }

    /// A database that does not answer is away.
    async fn within<T>(&self, work: impl Future<Output = Result<T, JobError>>) -> Result<T, JobError> {
        let done = tokio::time::timeout(self.patience, work).await;
        done.unwrap_or(Err(JobError::Store(Trouble::Unreached(Unreached::Silent))))
    }
}

async fn whole_once<T>(
    connection: &Connection,
    work: impl AsyncFnOnce(&Transaction) -> Result<T, JobError>,
) -> Result<T, JobError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
    match work(&transaction).await {
        Ok(done) => {
            transaction.commit().await?;
            Ok(done)
        }
        Err(error) => {
            // What was not committed goes in any case.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_string())
}

pub(super) fn key_values(key: &RunKey) -> Vec<Value> {
    vec![
        text(&key.job_id),
        text(key.trigger.as_str()),
        Value::Integer(key.scheduled_ms),
        Value::Integer(i64::from(key.attempt)),
    ]
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::catalog::execute;

    #[tokio::test]
    async fn what_the_server_stopped_half_way_is_done_anew_from_the_beginning() {
        let database = libsql::Builder::new_local(":memory:").build().await.unwrap();
        let connection = database.connect().unwrap();
        connection.execute("CREATE TABLE seen (id INTEGER)", ()).await.unwrap();
        let store = Store::new(connection, "user_olive");
        let begun = Cell::new(0);
        let work = async |transaction: &Transaction| {
            begun.set(begun.get() + 1);
            execute(transaction, "INSERT INTO seen VALUES (1)", &[]).await?;
            match begun.get() {
                1 => Err(JobError::Store(Trouble::Interrupted)),
                _ => Ok(()),
            }
        };
        store.whole(work).await.unwrap();
        let rows = store.ask("SELECT count(*) FROM seen", vec![], |row| row.get::<u64>(0)).await.unwrap();
        assert_eq!((begun.get(), rows), (2, vec![1]));

        let always = async |_: &Transaction| Err::<(), _>(JobError::Store(Trouble::Interrupted));
        assert!(store.whole(always).await.is_err(), "not for ever");
    }
}
