//! What does it cost to write a package's rows as Lance and as Parquet, beside the bare writes of the same batches, and to
//! read what was written, beside what would read it without Zenith? Each answer is checked before it is timed.

mod peers {
    pub mod dataset;
    pub mod parquet;
}

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arrow_array::RecordBatch;
use futures::stream;
use peers::{dataset, parquet};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zenith_benches::gate::{Gates, OfSize, Pace, keep};
use zenith_benches::samples::{entry, symbols};
use zenith_benches::targets;
use zenith_core::catalog::CatalogEntry;
use zenith_core::config::{Config, Overrides};
use zenith_core::embed::{Embedder, StaticModel};
use zenith_core::identity::Scope;
use zenith_core::lake::export::{Export, ExportMode, Exporter};
use zenith_core::lake::{ApiSymbol, DocChunk, Duck, Lake, Row, Store, from_batch, to_batch};
use zenith_core::package::PackageId;
use zenith_harness::lab::Tools;

const QUERY: &str = "read a stream with timeout";
const WORD: &str = "timeout";
const TOP: usize = 10;
/// Rows of a batch, as an indexer writes them.
const BATCH_ROWS: usize = 4096;

fn main() -> ExitCode {
    let mut gates = Gates::new("lake");
    // The one that is written, and the one that is read.
    let (written, read) = match gates.settings.pace {
        Pace::Test => (100, 200),
        Pace::Quick => (10_000, 10_000),
        Pace::Full => (10_000, 100_000),
    };
    let embedder = StaticModel::shipped().expect("the shipped model is whole");
    let sample = Sample::of(&embedder, written);
    writes(&mut gates, &sample);
    growth(&mut gates, &embedder, written);
    let sample = Sample::of(&embedder, read);
    lance_reads(&mut gates, &sample);
    parquet_reads(&mut gates, &sample);
    gates.finish()
}

/// A package's rows, as batches and as a dataset.
struct Sample {
    runtime: Runtime,
    folder: tempfile::TempDir,
    lake: Lake,
    entry: CatalogEntry,
    batches: Vec<RecordBatch>,
    wanted: Vec<f32>,
    /// Of a row in the midst of all.
    id: String,
}

impl Sample {
    fn of(embedder: &dyn Embedder, rows: usize) -> Sample {
        let folder = tempfile::tempdir().expect("there is a place for files");
        let package = PackageId::rust("sample", "1.0.0").expect("a name");
        let symbols = symbols(&package, embedder, rows).expect("they are made");
        let batches = symbols.chunks(BATCH_ROWS).map(|rows| to_batch(rows).expect("a batch")).collect();
        let entry = entry(&package, &Lake::place(&Scope::Public, &package, "kept"), embedder.id());
        let sample = Sample {
            runtime: Runtime::new().expect("threads can be started"),
            lake: Lake::new(folder.path()),
            entry: CatalogEntry { symbol_count: rows as u64, ..entry },
            folder,
            batches,
            wanted: embedder.embed(&[QUERY]).expect("it embeds"),
            id: symbols[rows / 2].id.clone(),
        };
        sample.write(sample.dataset());
        let none = stream::iter([to_batch::<DocChunk>(&[]).expect("a batch")]);
        sample
            .runtime
            .block_on(sample.lake.write::<DocChunk>(sample.dataset(), none))
            .expect("it is written");
        sample
    }

    fn dataset(&self) -> &str {
        self.entry.dataset.as_deref().expect("it has a dataset")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn rows(&self) -> usize {
        count(&self.batches)
    }

    /// Writes the batches as a dataset.
    fn write(&self, dataset: &str) {
        let batches = stream::iter(self.batches.clone());
        self.runtime.block_on(self.lake.write::<ApiSymbol>(dataset, batches)).expect("it is written");
    }

    /// Exports the dataset to a new store.
    fn export(&self, to: &Path) -> Store {
        let store = Store::folder(to).expect("there is a place for files");
        let exporter =
            Exporter { store: store.clone(), lake: self.lake.clone(), exporter: "bench".to_string() };
        let (entries, cancel) = (std::slice::from_ref(&self.entry), CancellationToken::new());
        let (events, _) = unbounded_channel();
        let export = exporter.export(entries, &Scope::Public, ExportMode::Full, events, &cancel);
        let report = self.runtime.block_on(export).expect("it is exported");
        assert_eq!((report.symbols as usize, &report.failed), (self.rows(), &Vec::new()));
        store
    }
}

fn count(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("it can be removed");
}

/// What do a dataset and an export take until they lie on the disk, and are removed again?
fn writes(gates: &mut Gates, sample: &Sample) {
    let place = Lake::place(&Scope::Public, &sample.entry.id, "again");
    let ours = || {
        sample.write(&place);
        sample.lake.remove(&place).expect("it can be removed");
    };
    let bare = sample.path("bare");
    let theirs = || {
        sample.runtime.block_on(dataset::write(&bare, &sample.batches));
        remove(&bare);
    };
    let rows = sample.rows();
    gates.answers(rows.to_string());
    let name = format!("{rows} rows as Lance, of lancedb's write");
    gates.ratio(&name, targets::LANCE_OF_BARE_WRITE_MAX, ours, theirs);

    let (store, file) = (sample.path("store"), sample.path("bare.parquet"));
    let ours = || {
        drop(sample.export(&store));
        remove(&store);
    };
    let theirs = || {
        parquet::write(&file, &sample.batches);
        std::fs::remove_file(&file).expect("it can be removed");
    };
    let name = format!("{rows} rows as Parquet, of the bare write");
    gates.ratio(&name, targets::PARQUET_OF_BARE_WRITE_MAX, ours, theirs);
}

/// How does an export grow with its rows?
fn growth(gates: &mut Gates, embedder: &dyn Embedder, most: usize) {
    let samples = [most / 16, most / 4, most].map(|rows| Sample::of(embedder, rows));
    let mut works: Vec<OfSize<'_>> = Vec::new();
    for sample in &samples {
        let store = sample.path("store");
        let export = move || {
            drop(sample.export(&store));
            remove(&store);
        };
        works.push((sample.rows() as u64, Box::new(export)));
    }
    gates.growth("an export as Parquet, by its rows", targets::EXPORT_GROWTH_MAX, &mut works);
}

/// What do all rows of a dataset take, one by its id, and the nearest to a vector, beside lancedb?
fn lance_reads(gates: &mut Gates, sample: &Sample) {
    let (rows, runtime, bare) = (sample.rows(), &sample.runtime, sample.path("bare"));
    runtime.block_on(dataset::write(&bare, &sample.batches));
    let written = sample.batches.iter().flat_map(|batch| from_batch::<ApiSymbol>(batch).expect("its rows"));
    let read = runtime.block_on(sample.lake.read::<ApiSymbol>(sample.dataset())).expect("it reads");
    assert!(written.eq(read), "what was written is read");
    let ours =
        || count(&runtime.block_on(sample.lake.batches::<ApiSymbol>(sample.dataset())).expect("it reads"));
    let theirs = || runtime.block_on(dataset::scan(&bare));
    assert_eq!((ours(), theirs()), (rows, rows));
    gates.answers(rows.to_string());
    let name = format!("scan of {rows} rows of Lance, of lancedb's");
    gates.ratio(&name, targets::LANCE_SCAN_OF_BARE_MAX, || keep(ours()), || keep(theirs()));

    let ours =
        || runtime.block_on(sample.lake.row::<ApiSymbol>(sample.dataset(), &sample.id)).expect("it reads");
    let theirs = || runtime.block_on(dataset::point(&bare, &sample.id));
    assert_eq!((ours().map(|row| row.id), theirs()), (Some(sample.id.clone()), 1));
    gates.answers(&sample.id);
    let name = format!("one row by its id of {rows} of Lance, of lancedb's");
    gates.ratio(&name, targets::LANCE_POINT_OF_BARE_MAX, || keep(ours()), || keep(theirs()));

    let tools = Tools::new(&Config::load(Overrides::default()).expect("settings"));
    let extension = match tools.duckdb_extension("lance") {
        Ok(extension) => extension,
        Err(error) => return println!("not measured: {error}"),
    };
    let table = sample.lake.table::<ApiSymbol>(sample.dataset()).expect("it has a place");
    let duck = Duck::open(&[extension], std::slice::from_ref(&table)).expect("it opens");
    let ours = || duck.nearest(&table, &sample.wanted, TOP).expect("it answers");
    let theirs = || runtime.block_on(dataset::nearest(&bare, &sample.wanted, TOP));
    let distances: Vec<f32> = ours().iter().map(|found| found.distance).collect();
    assert!(are_alike(&distances, &theirs()), "{distances:?}, {:?}", theirs());
    gates.answers(format!("{distances:.3?}"));
    let name = format!("nearest of {rows} rows of Lance by DuckDB, of lancedb's");
    gates.ratio(&name, targets::LANCE_NEAREST_BY_DUCKDB_MAX, || keep(ours()), || keep(theirs()));
}

fn are_alike(one: &[f32], other: &[f32]) -> bool {
    one.len() == TOP && one.len() == other.len() && one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-4)
}

/// What do all rows of an export take that is checked, beside DuckDB's scan; and does DuckDB read our file as quickly as one
/// of its own?
fn parquet_reads(gates: &mut Gates, sample: &Sample) {
    let (rows, store) = (sample.rows(), sample.export(&sample.path("store")));
    let open = async || Export::open(&store, &Scope::Public).await.expect("it reads").expect("it is there");
    let manifest = sample.runtime.block_on(open()).manifest;
    let files = manifest.files();
    let [(table, hash)] =
        files.iter().filter(|(table, _)| table.as_str() == ApiSymbol::TABLE).collect::<Vec<_>>()[..]
    else {
        panic!("one package lies in one file of symbols: {files:?}")
    };
    let key = zenith_core::lake::export::data_key(&Scope::Public, *table, hash).expect("a key");
    let file = PathBuf::from(store.address(&key).expect("a path"));
    let own = sample.path("own.parquet");
    let connection = duckdb::Connection::open_in_memory().expect("it opens");
    let [ours, theirs] = [&file, &own].map(|file| parquet::Duck { connection: &connection, file });
    ours.copy(&own);

    let package = || {
        let read =
            async { open().await.package(&sample.entry.id).await.expect("it reads").expect("it is there") };
        sample.runtime.block_on(read).symbols.len()
    };
    assert_eq!((package(), ours.scan(), theirs.scan()), (rows, rows, rows));
    gates.answers(rows.to_string());
    let name = format!("{rows} rows of an export, of DuckDB's scan");
    gates.ratio(&name, targets::PARQUET_SCAN_OF_DUCKDB_MAX, || keep(package()), || keep(ours.scan()));

    let most = targets::PARQUET_OF_OWN_FILE_MAX;
    let name = |what: &str| format!("{what} of {rows} rows of Parquet by DuckDB, of those that it wrote");
    gates.ratio(&name("scan"), most, || keep(ours.scan()), || keep(theirs.scan()));

    let nearest = |duck: &parquet::Duck<'_>| duck.nearest(&sample.wanted, TOP);
    assert!(are_alike(&nearest(&ours), &nearest(&theirs)));
    gates.answers(format!("{:.3?}", nearest(&ours)));
    gates.ratio(&name("nearest"), most, || keep(nearest(&ours)), || keep(nearest(&theirs)));

    let found = ours.having(WORD);
    assert!(found > 0 && found == theirs.having(WORD), "{found} rows have the word");
    gates.answers(found.to_string());
    gates.ratio(&name("a word"), most, || keep(ours.having(WORD)), || keep(theirs.having(WORD)));

    assert_eq!((ours.point(&sample.id), theirs.point(&sample.id)), (1, 1));
    gates.answers(&sample.id);
    let point = |duck: &parquet::Duck<'_>| duck.point(&sample.id);
    gates.ratio(&name("one row by its id"), most, || keep(point(&ours)), || keep(point(&theirs)));
}
