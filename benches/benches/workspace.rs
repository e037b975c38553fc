//! What does keeping two bases of the notes cost, beside the least that the same could cost? Each answer is checked
//! before it is timed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libsql::Value as Sql;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use zenith_benches::gate::{Gates, keep};
use zenith_benches::targets;
use zenith_core::embed::{DIMENSIONS, Embedder, StaticModel};
use zenith_core::workspace::{
    Changes, Driver, FileProvider, Kind, NoteSearch, Provider, Row, Snapshot, Value, Vectors,
    VectorsProvider, table,
};

const EDITS: usize = 40;

fn main() -> ExitCode {
    let mut gates = Gates::new("workspace");
    let is_test = gates.is_test();
    let count = if is_test { 1_000 } else { 10_000 };
    let runtime = Runtime::new().expect("threads can be started");
    let model: Arc<dyn Embedder> = Arc::new(StaticModel::shipped().expect("the model is inside"));
    let notes = Arc::new(notes(count));
    meaning(&mut gates, &runtime, &model, &notes);
    file(&mut gates, &runtime, &notes);
    searchable(&mut gates, &runtime, &model, notes);
    gates.finish()
}

/// What does the nearest of all notes take, beside a plain loop over the same vectors?
fn meaning(gates: &mut Gates, runtime: &Runtime, model: &Arc<dyn Embedder>, notes: &Snapshot) {
    let mut provider = VectorsProvider::new(model.clone());
    let vectors = provider.searched(model.clone());
    runtime.block_on(provider.rebuild(notes)).expect("the base is made");
    let plain = runtime.block_on(whole_vectors(&vectors));
    println!("distinct vectors: {}", plain.len() / DIMENSIONS);
    let words = "wait for a socket with a timer";
    let asked = model.embed(&[words]).expect("it embeds");
    let dot = |row: &[f32]| row.iter().zip(&asked).map(|(a, b)| a * b).sum::<f32>();
    let floor = || plain.chunks_exact(DIMENSIONS).map(dot).fold(f32::MIN, f32::max);
    let nearest = || {
        let near = runtime.block_on(vectors.near(words, 10)).expect("it answers");
        near.first().map_or(f64::MAX, |(_, distance)| *distance)
    };
    assert!((1.0 - f64::from(floor()) - nearest()).abs() < 1e-3, "both find the same nearest");
    gates.criterion.bench_function("workspace/the nearest of 10,000 notes", |bench| bench.iter(nearest));
    gates.criterion.bench_function("workspace/a plain scan of the same", |bench| bench.iter(floor));
    gates.answers(format!("{:.3}", nearest()));
    gates.ratio(
        "the nearest note, of a plain scan",
        targets::NEAREST_OF_SCAN_MAX,
        || keep(nearest()),
        || keep(floor()),
    );
    index(runtime, model, notes);
}

/// What would an index over the same vectors take, and find? Told, and held to nothing: which of them answers follows.
fn index(runtime: &Runtime, model: &Arc<dyn Embedder>, notes: &Snapshot) {
    let mut provider = VectorsProvider::new(model.clone()).with_scanned_max(0);
    let vectors = provider.searched(model.clone());
    let begun = Instant::now();
    let recall = runtime.block_on(async {
        provider.rebuild(notes).await.expect("the base is made");
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            if let Some(recall) = vectors.index_recall() {
                break recall;
            }
        }
    });
    let made = begun.elapsed();
    println!("an index: made in {made:?}, finds {recall:.3} of a sample");
}

/// What does making the file take, beside the bare statements that make the same, and one edit beside all of it?
fn file(gates: &mut Gates, runtime: &Runtime, notes: &Arc<Snapshot>) {
    let folder = tempfile::tempdir().expect("there is a place for files");
    let path = folder.path().join("notes.db");
    let mut provider = FileProvider::new(&path).expect("the folder is writable").expect("nobody else has it");
    runtime.block_on(provider.rebuild(notes)).expect("the file is made");
    let bare = runtime.block_on(Bare::of(&path));
    let bare_path = folder.path().join("bare.db");
    let floor = || runtime.block_on(bare.write(&bare_path));
    floor();
    let count = |path: &Path| runtime.block_on(count_notes(path));
    assert_eq!(count(&path), count(&bare_path), "both hold the same");
    gates.answers(format!("{:?}", count(&path)));
    let rebuild = || runtime.block_on(provider.rebuild(notes)).expect("it is made");
    gates.ratio("the file made anew, of bare inserts", targets::REBUILD_OF_INSERTS_MAX, rebuild, floor);

    let mut moment = (**notes).clone();
    let mut at = 0;
    let mut edit = || {
        at += 1;
        let edited = edited(&mut moment, at);
        runtime.block_on(provider.apply(&edited, &moment)).expect("it is brought");
    };
    gates.criterion.bench_function("workspace/one edit into the file", |bench| bench.iter(&mut edit));
    // Of a tenth of the notes, what a commit costs by itself weighs ten times as much.
    let most = targets::EDIT_OF_REBUILD_MAX * if gates.is_test() { 10.0 } else { 1.0 };
    let made_anew = folder.path().join("anew.db");
    let mut anew =
        FileProvider::new(&made_anew).expect("the folder is writable").expect("nobody else has it");
    let all = || runtime.block_on(anew.rebuild(notes)).expect("it is made");
    gates.ratio("one edit into the file, of all of it", most, edit, all);
}

/// How long after an edit is it found, by who does not ask for it to be brought, and by who does?
fn searchable(gates: &mut Gates, runtime: &Runtime, model: &Arc<dyn Embedder>, notes: Arc<Snapshot>) {
    runtime.block_on(async {
        let provider = VectorsProvider::new(model.clone());
        let vectors = provider.searched(model.clone());
        let mut moment = (*notes).clone();
        let (moments, seen) = watch::channel(notes);
        let driver = Driver::start(provider, seen);
        let search = NoteSearch::new(driver.clone(), vectors.clone());
        driver.at_least(0).await.expect("it is made");
        let (mut waited, mut asked) = (Vec::new(), Vec::new());
        for at in 0..2 * EDITS {
            edited(&mut moment, at);
            let word = format!("edited{at}x");
            let begun = Instant::now();
            moments.send(Arc::new(moment.clone())).expect("the driver listens");
            if at % 2 == 0 {
                let mut standing = driver.standing();
                standing.wait_for(|is| is.applied == Some(moment.generation)).await.expect("it goes on");
                assert_eq!(vectors.search(&word, 1).await.expect("it answers").len(), 1);
                waited.push(begun.elapsed());
            } else {
                let hits = search.search(&word, 1, moment.generation).await.expect("it answers");
                assert!(hits.first().is_some_and(|hit| hit.has_words), "{hits:?}");
                asked.push(begun.elapsed());
            }
        }
        gates.measured("an edit is searchable, p95", p95(waited), targets::SEARCHABLE_MAX);
        gates.measured("an edit that is waited for is searchable, p95", p95(asked), targets::SEARCHABLE_MAX);
        driver.close().await;
    });
}

fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 95 / 100]
}

/// Changes one note; returns what changed.
fn edited(moment: &mut Snapshot, at: usize) -> Changes {
    let id = format!("note-{}", at * 7 % 100);
    let row = note(&id, &format!("edited{at}x timer"), &text(at));
    moment.tables.entry("notes").or_default().insert(id.clone(), Arc::new(row));
    moment.generation += 1;
    Changes { rows: [("notes", id)].into() }
}

fn notes(count: usize) -> Snapshot {
    let rows = (0..count).map(|at| {
        let id = format!("note-{at}");
        let row = note(&id, &text(at * 31 + 7), &[text(at), text(at * 17), text(at * 5)].join(" "));
        (id, Arc::new(row))
    });
    let tables = BTreeMap::from([("notes", rows.collect())]);
    Snapshot { document: "a document".to_owned(), generation: 0, tables, ..Snapshot::default() }
}

fn note(id: &str, title: &str, body: &str) -> Row {
    let columns = table("notes").expect("it is declared").columns;
    let values = columns.iter().map(|column| match (column.name, column.kind) {
        ("title", _) => Value::Text(title.to_owned()),
        ("body", _) => Value::Text(body.to_owned()),
        ("tags", _) => Value::Words(["async", "later"].map(str::to_owned).into()),
        ("package", _) => Value::Text("tokio".to_owned()),
        (_, Kind::Time) => Value::Integer(1_780_000_000_000),
        _ => Value::None,
    });
    Row { id: id.to_owned(), values: values.collect(), extra: serde_json::Map::new() }
}

/// Eight words that the model knows, others for each number.
fn text(at: usize) -> String {
    const WORDS: [&str; 32] = [
        "spawn", "task", "folder", "file", "channel", "timer", "lock", "stream", "socket", "error", "parse",
        "number", "string", "vector", "thread", "memory", "wait", "remove", "create", "read", "write",
        "buffer", "server", "client", "header", "token", "cache", "queue", "signal", "process", "path",
        "time",
    ];
    let mut seed = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let words = (0..8).map(|_| {
        seed ^= seed >> 29;
        seed = seed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        WORDS[(seed >> 59) as usize]
    });
    words.collect::<Vec<_>>().join(" ")
}

async fn whole_vectors(vectors: &Vectors) -> Vec<f32> {
    let read = async |connection: &libsql::Connection| {
        let mut rows = connection.query("SELECT e FROM vectors", ()).await?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().await? {
            let bytes = row.get::<Vec<u8>>(0)?;
            let number = |raw: &[u8]| f32::from_le_bytes(raw.try_into().expect("four bytes"));
            found.extend(bytes.chunks_exact(4).map(number));
        }
        Ok(found)
    };
    vectors.ask(read).await.expect("it answers")
}

async fn count_notes(path: &Path) -> (i64, i64) {
    let connection = open(path).await;
    let sql = "SELECT count(*), (SELECT count(*) FROM notes_text WHERE notes_text MATCH 'timer') FROM notes";
    let row = connection.query(sql, ()).await.expect("it answers").next().await.expect("it answers");
    let row = row.expect("one row");
    (row.get(0).expect("a number"), row.get(1).expect("a number"))
}

async fn open(path: &Path) -> libsql::Connection {
    let database = libsql::Builder::new_local(path).build().await.expect("it opens");
    database.connect().expect("it opens")
}

/// The bare statements that make a file of the same content: what no program that makes it can do without.
struct Bare {
    create: Vec<String>,
    rows: Vec<Vec<Sql>>,
}

impl Bare {
    async fn of(path: &Path) -> Bare {
        let connection = open(path).await;
        let mut create = Vec::new();
        let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'notes~_text~_%' ESCAPE '~'";
        let mut found = connection.query(sql, ()).await.expect("it answers");
        while let Some(row) = found.next().await.expect("it answers") {
            create.push(row.get::<String>(0).expect("a text"));
        }
        let mut rows = Vec::new();
        let mut found = connection.query("SELECT * FROM notes", ()).await.expect("it answers");
        let columns = found.column_count();
        while let Some(row) = found.next().await.expect("it answers") {
            rows.push((0..columns).map(|at| row.get_value(at).expect("a value")).collect());
        }
        Bare { create, rows }
    }

    async fn write(&self, path: &Path) {
        let connection = open(path).await;
        let settings = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL; PRAGMA cache_spill = OFF; \
                        BEGIN IMMEDIATE; DROP TABLE IF EXISTS notes_text; DROP TABLE IF EXISTS notes; \
                        DROP TABLE IF EXISTS searches; DROP TABLE IF EXISTS findings; DROP TABLE IF EXISTS tags; \
                        DROP TABLE IF EXISTS problems; DROP TABLE IF EXISTS _columns; DROP TABLE IF EXISTS _zenith;";
        connection.execute_batch(settings).await.expect("it begins");
        for create in &self.create {
            connection.execute(create, ()).await.expect("it is created");
        }
        let places: Vec<&str> = self.rows.first().into_iter().flatten().map(|_| "?").collect();
        let sql = format!("INSERT INTO notes VALUES ({})", places.join(", "));
        let put = connection.prepare(&sql).await.expect("it is prepared");
        for row in &self.rows {
            put.reset();
            put.execute(row.clone()).await.expect("it is inserted");
        }
        drop(put);
        let end = "INSERT INTO notes_text (notes_text) VALUES ('rebuild'); COMMIT;";
        connection.execute_batch(end).await.expect("it is committed");
    }
}
