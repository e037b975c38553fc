//! A1: `api_symbols` is exported to a bucket as Parquet, whole.
//!
//! Why: the first half of sharing an index without a database server is that a plain `COPY` puts it where
//! others can read it. A column or a row that got lost there would be missed by nobody until it is needed.
//!
//! Method: 100 symbols with vectors, JSON and every column filled go into DuckDB and by
//! `COPY … TO 's3://…' (FORMAT PARQUET)` to the bucket. A new DuckDB reads the file; another table there holds
//! the rows that were meant; each row of one is looked for in the other, with multiplicity.
//!
//! Accept when the file is on the bucket and no row differs in any column, bit for bit in the vectors.

use futures::FutureExt;
use object_store::ObjectStoreExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, blocking};
use crate::tables;

const COLUMN_LOST: &str = "column-emptied";
const ROUNDED: &str = "vectors-rounded";

pub const SPIKE: Spike = Spike {
    id: "A1",
    title: "api_symbols is exported to a bucket as Parquet, whole",
    group: Group::Export,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[Target::tripwire("export of 100 symbols", 30.0)],
    faults: &[
        Fault { name: COLUMN_LOST, what: "the exported query leaves one column empty" },
        Fault { name: ROUNDED, what: "the exported query rounds the vectors" },
    ],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 100;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let url = place.url("api_symbols.parquet");
    let query = match trial.fault {
        Some(COLUMN_LOST) => "SELECT * REPLACE (NULL AS signature) FROM api_symbols",
        Some(ROUNDED) => {
            "SELECT * REPLACE (list_transform(embedding, x -> round(x, 3)::FLOAT) AS embedding) FROM api_symbols"
        }
        _ => "FROM api_symbols",
    };
    let (time, differences, rows) = blocking({
        let (place, url) = (place.clone(), url.clone());
        move || {
            let writer = place.writer(&Rows::symbols(ROWS))?;
            let started = std::time::Instant::now();
            writer.export(query, &url)?;
            let time = started.elapsed();
            // Another process would read it so: nothing but the file is shared.
            let reader = place.writer(&Rows::symbols(ROWS))?;
            let file = parquet(&[url])?;
            let rows: i64 = reader.value(&format!("SELECT count(*) FROM {file}"))?;
            let differences =
                reader.differences(&format!("FROM {}", tables::SYMBOLS), &format!("FROM {file}"))?;
            Ok((time, differences, rows))
        }
    })
    .await?;
    let path = place.store.path("packages/org_acme/api_symbols.parquet");
    let object = place.store.client()?.head(&path).await;
    evidence.check("the file is on the bucket", object.is_ok());
    evidence.check_eq("its rows", rows, ROWS as i64);
    evidence.check_eq("rows that differ", differences, 0);
    evidence.time("export of 100 symbols", time);
    evidence.count("size", object.map(|object| object.size).unwrap_or_default(), Unit::Bytes);
    Ok(evidence)
}
