//! A connection that is not used again after a rest, since its server forgot it.

use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libsql::{Connection, Database, Error};

/// Half of what sqld leaves a connection that nobody uses.
const RESTED: Duration = Duration::from_secs(5);

/// A connection, and how another is made where it may have been forgotten.
pub(crate) struct Held {
    connection: Connection,
    used: Instant,
    server: Option<Arc<Database>>,
}

impl Held {
    /// One that stays: nobody forgets that of a file.
    pub(crate) fn lasting(connection: Connection) -> Held {
        Held { connection, used: Instant::now(), server: None }
    }

    /// One to a database on a server.
    pub(crate) fn on_server(server: Arc<Database>) -> Result<Held, Error> {
        Ok(Held { connection: server.connect()?, used: Instant::now(), server: Some(server) })
    }

    /// Before it is used: one that rested is made anew, which asks the server nothing.
    pub(crate) fn wake(&mut self) -> Result<(), Error> {
        if let Some(server) = self.server.as_ref().filter(|_| self.used.elapsed() > RESTED) {
            self.connection = server.connect()?;
        }
        self.used = Instant::now();
        Ok(())
    }
}

impl Deref for Held {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}
