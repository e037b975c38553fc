//! What the spikes of notes share: a document that is changed step by step, and what other programs read of its file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::process::Command;
use zenith_core::workspace::{FileProvider, Kind, Problem, Provider, Row, Snapshot, Value, table};
use zenith_harness::lab::{LabError, Tools};

/// A document, each moment of which is handed out.
pub struct Document {
    now: Snapshot,
    random: StdRng,
}

impl Document {
    /// Without rows. The same seed, the same history.
    pub fn new(seed: u64) -> Document {
        let now = Snapshot { document: "a document".to_owned(), ..Snapshot::default() };
        Document { now, random: StdRng::seed_from_u64(seed) }
    }

    /// With so many notes.
    pub fn of(seed: u64, notes: usize) -> Document {
        let mut document = Document::new(seed);
        for at in 0..notes {
            let (title, body) = (document.text(4), document.text(24));
            document.put(&format!("note-{at}"), &title, &body);
        }
        document
    }

    pub fn put(&mut self, id: &str, title: &str, body: &str) {
        self.now.problems.remove(&("notes".to_owned(), id.to_owned()));
        self.now.tables.entry("notes").or_default().insert(id.to_owned(), Arc::new(note(id, title, body)));
    }

    pub fn take(&mut self, id: &str) {
        self.now.problems.remove(&("notes".to_owned(), id.to_owned()));
        self.now.tables.entry("notes").or_default().remove(id);
    }

    /// One step of a random history: rows of few ids come, change, go, and are spoilt.
    pub fn step(&mut self) {
        let id = format!("note-{}", self.random.random_range(0..12));
        match self.random.random_range(0..8) {
            0 => self.take(&id),
            1 => {
                self.take(&id);
                let (table, why) = ("notes".to_owned(), self.text(2));
                let problem = Problem { table: table.clone(), id: id.clone(), field: None, why };
                self.now.problems.insert((table, id), vec![problem]);
            }
            _ => {
                let words = self.random.random_range(1..4);
                let (title, body) = (self.text(words), self.text(2 * words));
                self.put(&id, &title, &body);
            }
        }
    }

    /// The next moment.
    pub fn moment(&mut self) -> Arc<Snapshot> {
        self.now.generation += 1;
        Arc::new(self.now.clone())
    }

    /// Words that the model knows.
    pub fn text(&mut self, words: usize) -> String {
        const WORDS: [&str; 32] = [
            "spawn", "task", "folder", "file", "channel", "timer", "lock", "stream", "socket", "error",
            "parse", "number", "string", "vector", "thread", "memory", "wait", "remove", "create", "read",
            "write", "buffer", "server", "client", "header", "token", "cache", "queue", "signal", "process",
            "path", "time",
        ];
        let words: Vec<&str> = (0..words).map(|_| WORDS[self.random.random_range(0..WORDS.len())]).collect();
        words.join(" ")
    }
}

fn note(id: &str, title: &str, body: &str) -> Row {
    let columns = table("notes").map(|table| table.columns).unwrap_or_default();
    let values = columns.iter().map(|column| match (column.name, column.kind) {
        ("title", _) => Value::Text(title.to_owned()),
        ("body", _) => Value::Text(body.to_owned()),
        (_, Kind::Time) => Value::Integer(1_780_000_000_000),
        _ => Value::None,
    });
    Row { id: id.to_owned(), values: values.collect(), extra: serde_json::Map::new() }
}

/// Another program that reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outsider {
    /// SQLite's own program.
    Sqlite,
    /// SQLite in a browser, which is given the file's bytes.
    SqlJs,
    DuckDb,
}

/// What an outsider saw: the moment that the file says it is, the rows that it says there are, and those that there are.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    pub generation: i64,
    pub promised: i64,
    pub found: i64,
}

impl Seen {
    pub fn is_whole(&self) -> bool {
        self.promised == self.found
    }
}

const COUNTED: &str = "SELECT (SELECT generation FROM _zenith), (SELECT \"rows\" FROM _zenith), \
                       (SELECT count(*) FROM notes) + (SELECT count(*) FROM problems)";

/// Reads the file's bytes, as a browser does, and prints three numbers. Bytes have no lock: a journal beside the file, or
/// another time on it afterwards, says that they were taken while it was written.
const SQL_JS: &str = "\
const [folder, path, sql] = process.argv.slice(1);\n\
const fs = require('fs');\n\
const stamp = () => {\n\
  const journal = fs.statSync(path + '-journal', { throwIfNoEntry: false });\n\
  if (journal && journal.size > 0) throw 'database is locked';\n\
  return String(fs.statSync(path, { bigint: true }).mtimeNs);\n\
};\n\
const taken = () => {\n\
  for (let tries = 0; ; tries++) try {\n\
    const before = stamp();\n\
    const bytes = fs.readFileSync(path);\n\
    if (stamp() !== before) throw 'database is locked';\n\
    return bytes;\n\
  } catch (error) {\n\
    if (tries > 400) throw error;\n\
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);\n\
  }\n\
};\n\
require(folder + '/sql-wasm.js')({ locateFile: (name) => folder + '/' + name }).then((SQL) => {\n\
  console.log(new SQL.Database(taken()).exec(sql)[0].values[0].join('|'));\n\
}).catch((error) => { console.error(String(error)); process.exit(1); });";

/// Where what reads SQLite's files elsewhere lies.
pub fn outsiders(tools: &Tools) -> anyhow::Result<PathBuf> {
    let folder = tools.folder().join("outsiders-1");
    if folder.join("sql-wasm.js").is_file() && folder.join("sqlite_scanner.duckdb_extension").is_file() {
        return Ok(folder);
    }
    let because =
        "sql.js and DuckDB's reader of SQLite's files are not there; run `scripts/setup`, which brings them";
    Err(LabError::Absent { because: because.to_owned() }.into())
}

/// What another program reads of a file, as people use it: without a word to whoever writes. `None` where the file is
/// being written, or where its bytes were taken while they changed.
pub async fn look(outsider: Outsider, folder: &Path, path: &Path) -> anyhow::Result<Option<Seen>> {
    let mut command = match outsider {
        Outsider::Sqlite => {
            let mut command = Command::new("sqlite3");
            command.arg("-readonly").arg(path).arg(COUNTED);
            command
        }
        Outsider::SqlJs => {
            let mut command = Command::new("node");
            command.args(["-e", SQL_JS]).arg(folder).arg(path).arg(COUNTED);
            command
        }
        Outsider::DuckDb => {
            let (folder, path) = (folder.to_path_buf(), path.to_path_buf());
            return tokio::task::spawn_blocking(move || duckdb(&folder, &path)).await?;
        }
    };
    let output = command.output().await.with_context(|| format!("cannot start {outsider:?}"))?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if is_busy(&errors) {
        return Ok(None);
    }
    ensure!(output.status.success(), "{outsider:?}: {errors}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<i64> = text.trim().split('|').map(str::parse).collect::<Result<_, _>>()?;
    let [generation, promised, found] = numbers[..] else { anyhow::bail!("{outsider:?} printed {text:?}") };
    Ok(Some(Seen { generation, promised, found }))
}

fn duckdb(folder: &Path, path: &Path) -> anyhow::Result<Option<Seen>> {
    let config = duckdb::Config::default()
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")?;
    let connection = duckdb::Connection::open_in_memory_with_flags(config)?;
    let extension = folder.join("sqlite_scanner.duckdb_extension");
    let literal = |path: &Path| crate::sql::literal(path.to_str().context("a path that is no text")?);
    connection.execute_batch(&format!("LOAD {}", literal(&extension)?))?;
    let attach = format!("ATTACH {} AS seen (TYPE sqlite, READ_ONLY); USE seen", literal(path)?);
    let read = connection.execute_batch(&attach).and_then(|()| {
        connection.query_row(COUNTED, [], |row| {
            Ok(Seen { generation: row.get(0)?, promised: row.get(1)?, found: row.get(2)? })
        })
    });
    match read {
        Ok(seen) => Ok(Some(seen)),
        Err(error) if is_busy(&error.to_string()) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn is_busy(error: &str) -> bool {
    error.contains("database is locked")
}

/// Does what blocks its thread on one of its own, as a driver does.
pub async fn on_a_thread<T: Send + 'static>(
    work: impl AsyncFnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(work())).await?
}

/// Between two changes, far less than a driver leaves.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(30);

/// Makes the file anew and changes it, again and again, until the process is killed. Says when it has begun.
pub async fn keep_for_ever(path: &Path) -> anyhow::Result<()> {
    let mut file = FileProvider::new(path)?.context("somebody has the file")?;
    let mut document = Document::of(9, 1_000);
    for round in 0_i64.. {
        let mut moment = document.moment();
        let made = file.rebuild(&moment).await;
        if round == 0 && made.is_ok() {
            println!("begun");
        }
        for at in 0..5 {
            document.put(&format!("round-{round}-{at}"), "one more", "of them");
            document.take(&format!("round-{}-{at}", round - 2));
            let next = document.moment();
            // A reader may hold it up; what was not brought comes with the next one.
            if file.apply(&next.changes_since(&moment), &next).await.is_err() {
                break;
            }
            moment = next;
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}
