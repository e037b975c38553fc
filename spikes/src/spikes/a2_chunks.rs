//! A2: `doc_chunks` is exported to a bucket as Parquet, whole.
//!
//! Why: documentation is half of what is searched; its texts are long, and some have no title.
//!
//! Method: as A1, with 100 chunks, a fifth of them without a title.
//!
//! Accept when no row differs in any column.

use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, blocking};
use crate::tables;

const NULLS_LOST: &str = "missing-titles-become-empty";
const ROWS_LOST: &str = "first-chunks-lost";

pub const SPIKE: Spike = Spike {
    id: "A2",
    title: "doc_chunks is exported to a bucket as Parquet, whole",
    group: Group::Export,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[Target::tripwire("export of 100 chunks", 30.0)],
    faults: &[
        Fault { name: NULLS_LOST, what: "the exported query turns missing titles into empty ones" },
        Fault { name: ROWS_LOST, what: "the exported query leaves out the first chunk of each package" },
    ],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 100;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let url = place.url("doc_chunks.parquet");
    let query = match trial.fault {
        Some(NULLS_LOST) => "SELECT * REPLACE (coalesce(section_title, '') AS section_title) FROM doc_chunks",
        Some(ROWS_LOST) => "FROM doc_chunks WHERE chunk_index > 0",
        _ => "FROM doc_chunks",
    };
    let (time, differences, untitled) = blocking(move || {
        let writer = place.writer(&Rows::chunks(ROWS))?;
        let started = std::time::Instant::now();
        writer.export(query, &url)?;
        let time = started.elapsed();
        let reader = place.writer(&Rows::chunks(ROWS))?;
        let file = parquet(&[url])?;
        let differences = reader.differences(&format!("FROM {}", tables::CHUNKS), &format!("FROM {file}"))?;
        let untitled: i64 =
            reader.value(&format!("SELECT count(*) FROM {file} WHERE section_title IS NULL"))?;
        Ok((time, differences, untitled))
    })
    .await?;
    evidence.check_eq("rows that differ", differences, 0);
    evidence.check_eq("rows without a title", untitled, (ROWS / 5) as i64);
    evidence.time("export of 100 chunks", time);
    evidence.count("chunks", ROWS as u64, Unit::Rows);
    Ok(evidence)
}
