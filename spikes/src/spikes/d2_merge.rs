//! D2: base and deltas are read as one table, each row once, the newest winning.
//!
//! Why: a package that is indexed again comes in a delta under the ids that the base has. Read plainly, both would
//! be found; deduplicated the wrong way round, the old one would be.
//!
//! Method: a base of 100 symbols, a delta of 50 new ones, a second delta with 10 of the base's again, changed and
//! later. One `read_parquet` of the three files, with
//! `QUALIFY row_number() OVER (PARTITION BY id ORDER BY created_at DESC) = 1`.
//!
//! Accept when base and first delta have 150 rows, all three files 160, merged 150, and the ten that were made again are the new ones.

use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, SEED, blocking};
use crate::rows;

const TWICE: &str = "not-deduplicated";
const OLDEST: &str = "oldest-wins";

pub const SPIKE: Spike = Spike {
    id: "D2",
    title: "base and deltas are read as one table, each row once, the newest winning",
    group: Group::Increments,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[],
    faults: &[
        Fault { name: TWICE, what: "the files are read without deduplication" },
        Fault { name: OLDEST, what: "of two rows of one id the older one is taken" },
    ],
    run: |trial| run(trial).boxed(),
};

const AGAIN: &str = "made again";

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let keep = match trial.fault {
        Some(TWICE) => "",
        Some(OLDEST) => "QUALIFY row_number() OVER (PARTITION BY id ORDER BY created_at) = 1",
        _ => "QUALIFY row_number() OVER (PARTITION BY id ORDER BY created_at DESC) = 1",
    };
    let (two, all, merged, again) = blocking(move || {
        let later = rows::symbols(SEED, 150, 1)[0].created_at;
        let mut changed = rows::symbols(SEED, 20, 10);
        for symbol in &mut changed {
            symbol.doc_comment = Some(AGAIN.to_string());
            symbol.created_at = later;
        }
        let files = [
            ("api_symbols.parquet", rows::symbols(SEED, 0, 100)),
            ("api_symbols_delta_1.parquet", rows::symbols(SEED, 100, 50)),
            ("api_symbols_delta_2.parquet", changed),
        ];
        let mut urls = Vec::new();
        for (file, symbols) in files {
            urls.push(place.url(file));
            place
                .writer(&Rows { symbols, ..Rows::default() })?
                .export("FROM api_symbols", &place.url(file))?;
        }
        let reader = place.reader()?;
        let files = parquet(&urls)?;
        let merged = format!("(SELECT * FROM {files} {keep})");
        let two: i64 = reader.value(&format!("SELECT count(*) FROM {}", parquet(&urls[..2])?))?;
        let all: i64 = reader.value(&format!("SELECT count(*) FROM {files}"))?;
        let count: i64 = reader.value(&format!("SELECT count(*) FROM {merged}"))?;
        let again: i64 =
            reader.value(&format!("SELECT count(*) FROM {merged} WHERE doc_comment = '{AGAIN}'"))?;
        Ok((two, all, count, again))
    })
    .await?;
    evidence.check_eq("rows of the base and the delta of new rows", two, 150);
    evidence.check_eq("rows of all files", all, 160);
    evidence.check_eq("rows merged", merged, 150);
    evidence.check_eq("rows that were made again", again, 10);
    Ok(evidence)
}
