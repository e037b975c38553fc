//! C1: ten thousand symbols are exported to a bucket in less than 30 seconds.
//!
//! Why: whoever indexes waits for the export. The seeds' first run took 5.1 s to R2.
//!
//! Method: 10,000 symbols with all columns and vectors of 384 dimensions, by one `COPY` from a table in memory; the
//! time is that of the statement. The rows are counted and their ids compared afterwards by a new DuckDB.
//!
//! Accept when all rows arrived and it took less than 30 s; the size is reported.

use futures::FutureExt;
use object_store::ObjectStoreExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, SEED, blocking};
use crate::rows;

const HALF: &str = "half-exported";

pub const SPIKE: Spike = Spike {
    id: "C1",
    title: "ten thousand symbols are exported to a bucket in less than 30 seconds",
    group: Group::Speed,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[
        Target::tripwire("export of 10,000 symbols", 30.0),
        // The vectors alone are 15.4 MB and do not compress.
        Target::gate("size", 40.0 * 1024.0 * 1024.0, Unit::Bytes),
    ],
    faults: &[Fault { name: HALF, what: "the exported query stops at half of the rows" }],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 10_000;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let query = if trial.has_fault(HALF) { "FROM api_symbols LIMIT 5000" } else { "FROM api_symbols" };
    trial.progress("making 10,000 symbols");
    let (time, count, present) = blocking({
        let place = place.clone();
        move || {
            let writer = place.writer(&Rows::symbols(ROWS))?;
            let url = place.url("api_symbols.parquet");
            let started = std::time::Instant::now();
            writer.export(query, &url)?;
            let time = started.elapsed();
            let reader = place.reader()?;
            let file = parquet(&[url])?;
            let count: i64 = reader.value(&format!("SELECT count(DISTINCT id) FROM {file}"))?;
            let last = rows::symbol_id(SEED, ROWS - 1);
            let present = reader.connection.query_row(
                &format!("SELECT count(*) FROM {file} WHERE id = ?"),
                [last],
                |row| row.get::<_, i64>(0),
            )?;
            Ok((time, count, present))
        }
    })
    .await?;
    evidence.check_eq("ids on the bucket", count, ROWS as i64);
    evidence.check_eq("rows with the last id", present, 1);
    evidence.time("export of 10,000 symbols", time);
    let object =
        place.store.client()?.head(&place.store.path("packages/org_acme/api_symbols.parquet")).await?;
    evidence.count("size", object.size, Unit::Bytes);
    Ok(evidence)
}
