//! How a moment of the document gets into a base, and how what lies there is read.

use libsql::{Connection, Error, Row, Value as Sql};

use super::dump::{Dump, PROBLEMS, hash_of_problems, problem_key};
use super::values::{RowHash, hash_of, values};
use super::{dump, schema};
use crate::catalog::{NOW_MS, query};
use crate::workspace::row::Problem;
use crate::workspace::snapshot::{Changes, Snapshot};
use crate::workspace::table::Table;

const PUT_PROBLEM: &str =
    "INSERT INTO \"problems\" (\"table\", \"id\", \"place\", \"field\", \"why\") VALUES (?1, ?2, ?3, ?4, ?5)";

/// The tables of one base, and what was written into them.
pub(in crate::workspace) struct Rows {
    tables: &'static [Table],
    dump: Dump,
}

impl Rows {
    pub fn new(tables: &'static [Table]) -> Rows {
        Rows { tables, dump: Dump::default() }
    }

    /// The number of this schema, in the header of a file.
    pub fn version(&self) -> i64 {
        schema::version(self.tables)
    }

    /// Makes the tables and fills them, in a base without any. Only within a transaction.
    pub async fn fill(&mut self, connection: &Connection, snapshot: &Snapshot) -> Result<(), Error> {
        connection.execute_batch(&schema::create(self.tables)).await?;
        self.document(connection).await?;
        self.dump = Dump::default();
        for table in self.tables {
            let put = connection.prepare(&schema::upsert(table)).await?;
            let hash = RowHash::new(table);
            for (id, row) in snapshot.rows(table.name) {
                let values = values(table, row);
                self.dump.set((table.name, id.clone()), Some(hash.of(&values)));
                put.reset();
                put.execute(values).await?;
            }
        }
        connection.execute_batch(&schema::create_text(self.tables)).await?;
        self.problems(connection, snapshot).await
    }

    /// Brings the rows that changed. Only within a transaction; where it fails, what lies in the base must be read again
    /// before the next.
    pub async fn patch(
        &mut self,
        connection: &Connection,
        changes: &Changes,
        snapshot: &Snapshot,
    ) -> Result<(), Error> {
        for table in self.tables {
            let ids = changes.rows.iter().filter(|(name, _)| *name == table.name);
            let ids: Vec<&String> = ids.map(|(_, id)| id).collect();
            if ids.is_empty() {
                continue;
            }
            let put = connection.prepare(&schema::upsert(table)).await?;
            let take = connection.prepare(&schema::delete(table)).await?;
            let hash = RowHash::new(table);
            for id in ids {
                let values = snapshot.row(table.name, id).map(|row| values(table, row));
                self.dump.set((table.name, id.clone()), values.as_deref().map(|values| hash.of(values)));
                match values {
                    Some(values) => {
                        put.reset();
                        put.execute(values).await?;
                    }
                    None => {
                        take.reset();
                        take.execute([id.as_str()]).await?;
                    }
                }
            }
        }
        self.problems(connection, snapshot).await
    }

    /// Says which moment this is, in the same transaction as its rows.
    pub async fn mark(
        &self,
        connection: &Connection,
        snapshot: &Snapshot,
        model: Option<&str>,
    ) -> Result<(), Error> {
        connection.execute("DELETE FROM \"_zenith\"", ()).await?;
        let sql = format!(
            "INSERT INTO \"_zenith\" (\"document\", \"generation\", \"schema\", \"model\", \"rows\", \"dump_hash\", \
             \"made_at\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, {NOW_MS})"
        );
        let number = |number: u64| Sql::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let values = vec![
            Sql::Text(snapshot.document.clone()),
            number(snapshot.generation),
            Sql::Integer(self.version()),
            model.map_or(Sql::Null, |model| Sql::Text(model.to_owned())),
            number(self.dump.len() as u64),
            Sql::Text(self.dump.hash()),
        ];
        connection.execute(&sql, values).await?;
        Ok(())
    }

    /// Reads what really lies in the base, and goes on from there.
    pub async fn read(&mut self, connection: &Connection) -> Result<&Dump, Error> {
        let mut found = Dump::default();
        for table in self.tables {
            let hash = RowHash::new(table);
            let columns = table.columns.len() + 2;
            let sql = schema::select(table);
            let rows = query(connection, &sql, &[], |row| {
                let values = read_values(row, columns)?;
                Ok((text_of(values.first()), hash.of(&values)))
            });
            for (id, hash) in rows.await? {
                found.set((table.name, id), Some(hash));
            }
        }
        for (key, hash) in read_problems(connection).await? {
            found.set(key, Some(hash));
        }
        self.dump = found;
        Ok(&self.dump)
    }

    /// Writes what each column means, for whoever opens the file.
    async fn document(&self, connection: &Connection) -> Result<(), Error> {
        let put = connection
            .prepare("INSERT INTO \"_columns\" (\"table\", \"column\", \"kind\", \"required\", \"about\") VALUES (?1, ?2, ?3, ?4, ?5)")
            .await?;
        let text = |text: &str| Sql::Text(text.to_owned());
        let mut rows = Vec::new();
        for table in self.tables {
            rows.push([text(table.name), Sql::Null, Sql::Null, Sql::Null, text(table.about)]);
            for column in table.columns {
                rows.push([
                    text(table.name),
                    text(column.name),
                    text(&format!("{:?}", column.kind).to_lowercase()),
                    Sql::Integer(i64::from(column.is_required)),
                    text(column.about),
                ]);
            }
            for (name, about) in [
                ("number", "This base's own, for its text index; means nothing elsewhere"),
                ("id", "The row's, in every base and on every machine"),
                ("extra", "Fields that this version does not know, as a JSON object"),
            ] {
                rows.push([text(table.name), text(name), Sql::Null, Sql::Null, text(about)]);
            }
        }
        for (table, column, about) in schema::DOCUMENTED {
            rows.push([text(table), column.map_or(Sql::Null, text), Sql::Null, Sql::Null, text(about)]);
        }
        for row in rows {
            put.reset();
            put.execute(row.to_vec()).await?;
        }
        Ok(())
    }

    /// Brings the problems: few, so that all of them are compared each time.
    async fn problems(&mut self, connection: &Connection, snapshot: &Snapshot) -> Result<(), Error> {
        let mut wanted = Dump::default();
        let mut changed = Vec::new();
        for ((table, id), problems) in &snapshot.problems {
            let (key, hash) = (problem_key(table, id), hash_of_problems(problems));
            if self.dump.get(&key) != Some(&hash) {
                changed.push((table, id, problems.as_slice()));
            }
            wanted.set(key, Some(hash));
        }
        let gone: Vec<_> = self.dump.problems().filter(|key| wanted.get(key).is_none()).cloned().collect();
        for key in gone {
            let (table, id) = dump::row_of_problem(&key.1);
            take_problems(connection, table, id).await?;
            self.dump.set(key, None);
        }
        for (table, id, problems) in changed {
            take_problems(connection, table, id).await?;
            for (place, problem) in (0..).zip(problems) {
                put_problem(connection, (table, id), place, problem).await?;
            }
            self.dump.set(problem_key(table, id), Some(hash_of_problems(problems)));
        }
        Ok(())
    }
}

async fn take_problems(connection: &Connection, table: &str, id: &str) -> Result<(), Error> {
    let sql = "DELETE FROM \"problems\" WHERE \"table\" = ?1 AND \"id\" = ?2";
    connection.execute(sql, [table, id]).await?;
    Ok(())
}

async fn put_problem(
    connection: &Connection,
    (table, id): (&str, &str),
    place: i64,
    problem: &Problem,
) -> Result<(), Error> {
    let [field, why] = dump::told_of(problem);
    let row = [Sql::Text(table.to_owned()), Sql::Text(id.to_owned()), Sql::Integer(place), field, why];
    connection.execute(PUT_PROBLEM, row.to_vec()).await?;
    Ok(())
}

async fn read_problems(connection: &Connection) -> Result<Vec<(dump::Key, blake3::Hash)>, Error> {
    let columns = ["table", "id", "field", "why"].map(|name| schema::as_bytes(&schema::quoted(name)));
    let sql =
        format!("SELECT {} FROM \"{PROBLEMS}\" ORDER BY \"table\", \"id\", \"place\"", columns.join(", "));
    let rows = query(connection, &sql, &[], |row| read_values(row, 4)).await?;
    let mut found: Vec<(dump::Key, Vec<Sql>)> = Vec::new();
    for row in rows {
        let key = problem_key(&text_of(row.first()), &text_of(row.get(1)));
        let told = row.into_iter().skip(2);
        match found.last_mut() {
            Some((last, values)) if *last == key => values.extend(told),
            _ => found.push((key, told.collect())),
        }
    }
    Ok(found.into_iter().map(|(key, values)| (key, hash_of(&values))).collect())
}

fn read_values(row: &Row, columns: usize) -> Result<Vec<Sql>, Error> {
    (0..columns).map(|at| row.get_value(i32::try_from(at).unwrap_or(i32::MAX))).collect()
}

fn text_of(value: Option<&Sql>) -> String {
    match value {
        Some(Sql::Blob(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(Sql::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Does all of it, or nothing. A COMMIT that finds a reader waits as long as the connection does; then nothing was done.
pub(in crate::workspace) async fn whole(
    connection: &Connection,
    work: impl AsyncFnOnce(&Connection) -> Result<(), Error>,
) -> Result<(), Error> {
    connection.execute("BEGIN IMMEDIATE", ()).await?;
    let mut done = work(connection).await;
    if done.is_ok() {
        done = connection.execute("COMMIT", ()).await.map(drop);
    }
    if done.is_err() {
        // SQLite may have rolled back by itself; then there is nothing to roll back.
        let _ = connection.execute("ROLLBACK", ()).await;
    }
    done
}
