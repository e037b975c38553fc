//! What anybody would write who has the database and no library of ours.

use std::hint::black_box;

use libsql::{Connection, Statement, params};
use tokio::runtime::Runtime;

/// The statement that finds a package among those that somebody sees.
pub struct Bare {
    runtime: Runtime,
    find: Statement,
}

const FIND: &str = "SELECT * FROM indexed_packages WHERE scope IN ('public', 'team/team', 'private/user') \
                    AND ecosystem = 'rust' AND package = ?1 AND version = ?2";

impl Bare {
    /// Over a connection, opened as whoever is compared with it opens theirs.
    pub fn of(connection: impl Future<Output = Connection>) -> Bare {
        let runtime = Runtime::new().expect("threads can be started");
        let find = runtime.block_on(async { connection.await.prepare(FIND).await.expect("it is prepared") });
        Bare { runtime, find }
    }

    /// How many packages of these names there are.
    pub fn find<'a>(&self, names: impl Iterator<Item = &'a str>) -> u64 {
        let mut found = 0;
        self.runtime.block_on(async {
            for name in names {
                self.find.reset();
                let mut rows = self.find.query(params![name, "1.0.0"]).await.expect("it answers");
                while let Some(row) = rows.next().await.expect("it answers") {
                    black_box(read(&row));
                    found += 1;
                }
            }
        });
        found
    }
}

/// Every column, as whoever uses the row reads it.
pub fn read(row: &libsql::Row) -> Vec<libsql::Value> {
    (0..row.column_count()).map(|column| row.get_value(column).expect("a value")).collect()
}
