//! How a statement is sent to a database, and its answer read.
//!
//! A question is read to its end before the next statement: a server goes on with one whose rows nobody takes,
//! notices late that nobody does, and then stops whatever the connection is doing, since sqld's flag for it is
//! the connection's and not the question's. libSQL lets go of an answer at its last row, a little before its
//! end, so that a statement may be stopped all the same. One that was stopped has changed nothing, and is sent
//! again. Within a transaction it is not: what SQLite stops there ends the transaction, and the statements before it
//! are gone with it. Whoever began the transaction begins it anew.

use std::time::Duration;

use libsql::{Connection, Error, Row, Rows, Statement, Value};

use super::trouble::Trouble;

/// How often something is sent that a server did not do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sends {
    pub most: u32,
    /// Before it is sent again; twice as long each time.
    pub pause: Duration,
}

/// Of a statement that the server stops, which need not wait.
const STOPPED: Sends = Sends { most: 4, pause: Duration::ZERO };

/// Does something again, for as long as what it fails by may pass.
pub(crate) async fn again<T, E, F: Future<Output = Result<T, E>>>(
    sends: Sends,
    send: impl Fn() -> F,
    may_pass: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let mut pause = sends.pause;
    for _ in 1..sends.most {
        match send().await {
            Err(error) if may_pass(&error) => {}
            done => return done,
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2);
    }
    send().await
}

/// Runs a statement. Returns how many rows it changed.
pub(crate) async fn execute(connection: &Connection, sql: &str, values: &[Value]) -> Result<u64, Error> {
    let send = || connection.execute(sql, values.to_vec());
    again(STOPPED, send, |error| is_sent_again(connection, error)).await
}

/// Asks a question and reads all its rows.
pub(crate) async fn query<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value],
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let send = || query_once(connection, sql, values, &read);
    again(STOPPED, send, |error| is_sent_again(connection, error)).await
}

async fn query_once<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value],
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    all_of(connection.query(sql, values.to_vec()).await?, read).await
}

/// Asks a question that was prepared, of a file. It is at its end afterwards, whatever came of it: one that is not keeps
/// others from writing.
pub(crate) async fn query_prepared<T>(
    statement: &Statement,
    values: Vec<Value>,
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    statement.reset();
    let found = match statement.query(values).await {
        Ok(rows) => all_of(rows, read).await,
        Err(error) => Err(error),
    };
    statement.reset();
    found
}

async fn all_of<T>(mut rows: Rows, read: impl Fn(&Row) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    while let Some(row) = rows.next().await? {
        found.push(read(&row)?);
    }
    Ok(found)
}

fn is_sent_again(connection: &Connection, error: &Error) -> bool {
    // A transaction on a server says `false` here for as long as it is held, whatever became of it there.
    Trouble::from(error) == Trouble::Interrupted && connection.is_autocommit()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn what_was_stopped_is_sent_again_outside_a_transaction_and_nothing_else_is() {
        let refused = |code: &str| {
            Error::Hrana(format!("stream error: `Error {{ message: \"x\", code: \"{code}\" }}`").into())
        };
        let database = libsql::Builder::new_local(":memory:").build().await.unwrap();
        let connection = database.connect().unwrap();
        assert!(is_sent_again(&connection, &refused("SQLITE_INTERRUPT")));
        assert!(!is_sent_again(&connection, &refused("SQLITE_CONSTRAINT")));

        let transaction = connection.transaction().await.unwrap();
        assert!(!is_sent_again(&transaction, &refused("SQLITE_INTERRUPT")), "what came before it is gone");
    }

    #[tokio::test]
    async fn what_may_pass_is_sent_again_and_not_for_ever() {
        let sends = Sends { most: 3, pause: Duration::ZERO };
        let sent = Cell::new(0);
        let send = async |answers: &[Result<u8, &'static str>]| {
            sent.set(0);
            let next = || {
                let answer = answers[sent.get()];
                sent.set(sent.get() + 1);
                std::future::ready(answer)
            };
            (again(sends, next, |error| *error == "busy").await, sent.get())
        };
        assert_eq!(send(&[Ok(1)]).await, (Ok(1), 1));
        assert_eq!(send(&[Err("busy"), Ok(2)]).await, (Ok(2), 2));
        assert_eq!(send(&[Err("busy"), Err("gone"), Ok(3)]).await, (Err("gone"), 2));
        assert_eq!(send(&[Err("busy"), Err("busy"), Err("busy"), Ok(4)]).await, (Err("busy"), 3));
    }
}
