//! F1: a Lance dataset on a bucket is read whole by lancedb and by DuckDB, JSON included.
//!
//! Why: Lance is the other candidate for the shared index. Before speed comes the question whether two engines
//! see the same rows in it over the network.
//!
//! Method: 300 symbols with every column are written by lancedb to `s3://…`; a new connection of lancedb reads all
//! of them; DuckDB's own `lance` extension, in another process, scans the same URL and filters by `metadata`.
//!
//! Accept when every row is the one that was written, bit for bit, and the filter finds exactly its rows.

use std::time::Instant;

use futures::FutureExt;
use zenith_core::lake::{ApiSymbol, Row};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::duck_lance::{Question, Work, ask};
use crate::parquet_export::SEED;
use crate::{lance_s3, rows};

const TWICE: &str = "encoded-twice";

pub const SPIKE: Spike = Spike {
    id: "F1",
    title: "a Lance dataset on a bucket is read whole by lancedb and by DuckDB, JSON included",
    group: Group::Lance,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[Target::tripwire("scan by lancedb", 10.0)],
    faults: &[Fault { name: TWICE, what: "the JSON is written as a JSON string of itself" }],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 300;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let store = trial.lab.store().await?;
    let extension = trial.lab.tools().duckdb_extension("lance")?;
    let truth = rows::symbols(SEED, 0, ROWS);
    let mut written = truth.clone();
    if trial.has_fault(TWICE) {
        written.iter_mut().for_each(|row| row.metadata = serde_json::Value::from(&*row.metadata).to_string());
    }
    lance_s3::write(&store, ApiSymbol::TABLE, &written).await?;

    let started = Instant::now();
    let table = lance_s3::connect(&store).await?.open_table(ApiSymbol::TABLE).execute().await?;
    let read = lance_s3::read_all::<ApiSymbol>(&table).await?;
    evidence.time("scan by lancedb", started.elapsed());
    evidence.check("lancedb reads what was to be written, in order", read == truth);

    trial.progress("scanning by DuckDB");
    let json = |path: &str, value: &str| Question::Json { path: path.to_string(), value: value.to_string() };
    let work = Work {
        extension,
        table: lance_s3::url(&store, ApiSymbol::TABLE),
        questions: vec![Question::Scan, json("$.is_async", "true"), json("$.where.T", "it's \"quoted\"")],
    };
    let found = ask(&store, &work).await?;
    let ids = |rows: &mut dyn Iterator<Item = &ApiSymbol>| {
        let mut ids: Vec<String> = rows.map(|row| row.id.clone()).collect();
        ids.sort();
        ids
    };
    let seen: Vec<Vec<String>> =
        found.into_iter().map(|rows| rows.into_iter().map(|row| row.id).collect()).collect();
    evidence.check("DuckDB sees every row", seen[0] == ids(&mut truth.iter()));
    let flagged = ids(&mut truth.iter().filter(|row| row.is_async));
    evidence.check_eq("rows that DuckDB finds by a flag", seen[1].len(), flagged.len());
    evidence.check("they are the ones with the flag", seen[1] == flagged);
    evidence.check_eq("rows that DuckDB finds by a nested value", seen[2].len(), ROWS);
    evidence.count("symbols", ROWS as u64, Unit::Rows);
    Ok(evidence)
}
