//! B1: a new DuckDB reads every column of the export from the bucket, with its type.
//!
//! Why: a reader has no schema but the file's. A timestamp that comes back as text, or JSON as a blob, would break
//! each query that uses it, and only there.
//!
//! Method: the three tables are exported; a DuckDB that never saw the tables loads `httpfs`, takes the secret and
//! asks for the columns and for ten rows of each file, whole. The ten rows are looked for among those that were written.
//!
//! Accept when names, order and types are the declared ones, and ten rows come, each as it was written.

use arrow_array::RecordBatch;
use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, blocking};
use crate::tables::{self, CHUNKS, PACKAGES, SYMBOLS};

const TEXT: &str = "timestamps-as-text";

pub const SPIKE: Spike = Spike {
    id: "B1",
    title: "a new DuckDB reads every column of the export from the bucket, with its type",
    group: Group::Read,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[Target::tripwire("ten rows of every table", 6.0)],
    faults: &[Fault { name: TEXT, what: "timestamps are exported as text" }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let as_text = trial.has_fault(TEXT);
    let (time, found) = blocking(move || {
        let rows = Rows {
            symbols: Rows::symbols(100).symbols,
            chunks: Rows::chunks(100).chunks,
            packages: Rows::packages(1000, 1000).packages,
        };
        let writer = place.writer(&rows)?;
        for table in [SYMBOLS, CHUNKS, PACKAGES] {
            let query = match as_text && table == SYMBOLS {
                true => format!("SELECT * REPLACE (created_at::VARCHAR AS created_at) FROM {table}"),
                false => format!("FROM {table}"),
            };
            writer.export(&query, &place.url(&format!("{table}.parquet")))?;
        }
        let reader = place.reader()?;
        let started = std::time::Instant::now();
        let mut found = Vec::new();
        for table in [SYMBOLS, CHUNKS, PACKAGES] {
            let urls = [place.url(&format!("{table}.parquet"))];
            let ten = format!("SELECT * FROM {} LIMIT 10", parquet(&urls)?);
            found.push((table, reader.columns_of(&urls)?, reader.batches(&ten)?));
        }
        let time = started.elapsed();
        let mut judged = Vec::new();
        for (table, columns, batches) in found {
            let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
            let width = batches.first().map_or(0, RecordBatch::num_columns);
            // Compared where the rows came from: each of the ten has its like there.
            let ten =
                format!("(SELECT * FROM {} LIMIT 10)", parquet(&[place.url(&format!("{table}.parquet"))])?);
            let strangers =
                writer.value::<i64>(&format!("SELECT count(*) FROM (FROM {ten} EXCEPT ALL FROM {table})"))?;
            judged.push((table, columns, rows, width, strangers));
        }
        Ok((time, judged))
    })
    .await?;
    for (table, columns, rows, width, strangers) in found {
        evidence.check_eq(format!("columns and types of {table}"), columns, tables::described(table)?);
        evidence.check_eq(format!("rows of {table}"), rows, 10);
        evidence.check_eq(format!("columns of the rows of {table}"), width, tables::columns(table)?.len());
        evidence.check_eq(format!("rows of {table} that were not written"), strangers, 0);
    }
    evidence.time("ten rows of every table", time);
    Ok(evidence)
}
