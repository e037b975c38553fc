//! A3: `indexed_packages` is exported to a bucket as Parquet, whole.
//!
//! Why: a reader that knows which versions are there need not open the large files to find out.
//!
//! Method: as A1, with the packages of 1,000 symbols and 700 chunks. Beyond the comparison of rows, the sums of
//! the counts are those of the symbols and chunks.
//!
//! Accept when no row differs, and the sums are right.

use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial, Unit};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, blocking};
use crate::tables;

const SWAPPED: &str = "counts-swapped";

pub const SPIKE: Spike = Spike {
    id: "A3",
    title: "indexed_packages is exported to a bucket as Parquet, whole",
    group: Group::Export,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[],
    faults: &[Fault { name: SWAPPED, what: "the exported query swaps the counts of symbols and chunks" }],
    run: |trial| run(trial).boxed(),
};

const SYMBOLS: usize = 1000;
const CHUNKS: usize = 700;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let url = place.url("indexed_packages.parquet");
    let query = if trial.has_fault(SWAPPED) {
        "SELECT * REPLACE (chunk_count AS symbol_count, symbol_count AS chunk_count) FROM indexed_packages"
    } else {
        "FROM indexed_packages"
    };
    let (differences, symbols, chunks) = blocking(move || {
        place.writer(&Rows::packages(SYMBOLS, CHUNKS))?.export(query, &url)?;
        let reader = place.writer(&Rows::packages(SYMBOLS, CHUNKS))?;
        let file = parquet(&[url])?;
        let differences =
            reader.differences(&format!("FROM {}", tables::PACKAGES), &format!("FROM {file}"))?;
        let sum = |column: &str| reader.value::<i64>(&format!("SELECT sum({column})::BIGINT FROM {file}"));
        Ok((differences, sum("symbol_count")?, sum("chunk_count")?))
    })
    .await?;
    evidence.check_eq("rows that differ", differences, 0);
    evidence.check_eq("symbols of all packages", symbols, SYMBOLS as i64);
    evidence.check_eq("chunks of all packages", chunks, CHUNKS as i64);
    evidence.count("packages", SYMBOLS.div_ceil(100) as u64, Unit::Rows);
    Ok(evidence)
}
