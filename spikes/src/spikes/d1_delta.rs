//! D1: an export of what came since the last one has exactly those rows.
//!
//! Why: nobody wants to export ten thousand packages again because one was added. What a delta forgets, nobody
//! sees; what it repeats, everybody pays for.
//!
//! Method: 100 symbols made up to the instant T1 are exported; 50 later ones are added; the rows with
//! `created_at > T1` go to a second file. One row was made at T1 itself, where a wrong comparison would show.
//!
//! Accept when the delta has the 50 new rows and no other.

use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial, Unit};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, SEED, blocking};
use crate::rows;

const INCLUSIVE: &str = "bound-inclusive";

pub const SPIKE: Spike = Spike {
    id: "D1",
    title: "an export of what came since the last one has exactly those rows",
    group: Group::Increments,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[],
    faults: &[Fault { name: INCLUSIVE, what: "the delta takes the rows of the last export's instant again" }],
    run: |trial| run(trial).boxed(),
};

const BASE: usize = 100;
const NEW: usize = 50;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let than = if trial.has_fault(INCLUSIVE) { ">=" } else { ">" };
    let base = Rows::symbols(BASE);
    let new = rows::symbols(SEED, BASE, NEW);
    let (rows, foreign) = blocking(move || {
        let writer = place.writer(&base)?;
        writer.export("FROM api_symbols", &place.url("api_symbols.parquet"))?;
        let exported_at: i64 = writer.value("SELECT epoch_us(max(created_at)) FROM api_symbols")?;
        writer.insert(&new)?;
        let delta = place.url("api_symbols_delta.parquet");
        // A number of our own database: `COPY` takes no bound values.
        let query = format!("FROM api_symbols WHERE created_at {than} make_timestamp({exported_at})");
        writer.export(&query, &delta)?;
        let expected = place.writer(&Rows { symbols: new, ..Rows::default() })?;
        let file = parquet(&[delta])?;
        let rows: i64 = expected.value(&format!("SELECT count(*) FROM {file}"))?;
        Ok((rows, expected.differences("FROM api_symbols", &format!("FROM {file}"))?))
    })
    .await?;
    evidence.check_eq("rows of the delta", rows, NEW as i64);
    evidence.check_eq("rows that differ from the new ones", foreign, 0);
    evidence.count("delta", u64::try_from(rows)?, Unit::Rows);
    Ok(evidence)
}
