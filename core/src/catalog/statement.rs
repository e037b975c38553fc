//! How a statement is sent to a database, and its answer read.
//!
//! A question is read to its end before the next statement: a server goes on with one whose rows nobody takes,
//! notices late that nobody does, and then stops whatever the connection is doing, since sqld's flag for it is
//! the connection's and not the question's. libSQL lets go of an answer at its last row, a little before its
//! end, so that a statement may be stopped all the same. One that was stopped has changed nothing, and is sent
//! again. Within a transaction it is not: what SQLite stops there ends the transaction, and the statements before it
//! are gone with it. Whoever began the transaction begins it anew.

use libsql::{Connection, Error, Row, Value};

use super::trouble::Trouble;

/// How often a statement is sent that the server stops.
pub(crate) const SENDS_MAX: usize = 4;

/// Runs a statement. Returns how many rows it changed.
pub(crate) async fn execute(connection: &Connection, sql: &str, values: &[Value]) -> Result<u64, Error> {
    let mut sends = 0;
    loop {
        let done = connection.execute(sql, values.to_vec()).await;
        sends += 1;
        if !is_sent_again(connection, sends, &done) {
            return done;
        }
    }
}

/// Asks a question and reads all its rows.
pub(crate) async fn query<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value],
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut sends = 0;
    loop {
        let found = query_once(connection, sql, values, &read).await;
        sends += 1;
        if !is_sent_again(connection, sends, &found) {
            return found;
        }
    }
}

async fn query_once<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value],
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut rows = connection.query(sql, values.to_vec()).await?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().await? {
        found.push(read(&row)?);
    }
    Ok(found)
}

fn is_sent_again<T>(connection: &Connection, sends: usize, answer: &Result<T, Error>) -> bool {
    let stopped = answer.as_ref().is_err_and(|error| Trouble::from(error) == Trouble::Interrupted);
    // A transaction on a server says `false` here for as long as it is held, whatever became of it there.
    stopped && sends < SENDS_MAX && connection.is_autocommit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_stopped_is_sent_again_outside_a_transaction_and_nothing_else_is() {
        let refused = |code: &str| -> Result<(), Error> {
            Err(Error::Hrana(format!("stream error: `Error {{ message: \"x\", code: \"{code}\" }}`").into()))
        };
        let database = libsql::Builder::new_local(":memory:").build().await.unwrap();
        let connection = database.connect().unwrap();
        assert!(is_sent_again(&connection, 1, &refused("SQLITE_INTERRUPT")));
        assert!(!is_sent_again(&connection, SENDS_MAX, &refused("SQLITE_INTERRUPT")), "not for ever");
        assert!(!is_sent_again(&connection, 1, &refused("SQLITE_CONSTRAINT")));
        assert!(!is_sent_again(&connection, 1, &Ok(())));

        let transaction = connection.transaction().await.unwrap();
        assert!(!is_sent_again(&transaction, 1, &refused("SQLITE_INTERRUPT")), "what came before it is gone");
    }
}
