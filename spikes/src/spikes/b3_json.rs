//! B3: JSON survives Parquet, and its operators work on the bucket.
//!
//! Why: what a language has and the columns have not is in `metadata`. It is only worth keeping if one can filter
//! by it where it lies.
//!
//! Method: 200 symbols whose metadata holds flags, lists, nested objects and quotation marks; the exported file is
//! asked by `->>` and by path, and each value is compared with the one that was made.
//!
//! Accept when every value is the one that was written, and a filter by a flag finds exactly its rows.

use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial, Unit};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, blocking};

const TWICE: &str = "encoded-twice";

pub const SPIKE: Spike = Spike {
    id: "B3",
    title: "JSON survives Parquet, and its operators work on the bucket",
    group: Group::Read,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[],
    faults: &[Fault { name: TWICE, what: "the JSON is exported as a JSON string of itself" }],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 200;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let rows = Rows::symbols(ROWS);
    let asynchronous = rows.symbols.iter().filter(|symbol| symbol.is_async).count();
    let query = if trial.has_fault(TWICE) {
        "SELECT * REPLACE (to_json(metadata::VARCHAR) AS metadata) FROM api_symbols"
    } else {
        "FROM api_symbols"
    };
    let (found, flagged, nested) = blocking(move || {
        let url = place.url("api_symbols.parquet");
        place.writer(&rows)?.export(query, &url)?;
        let reader = place.reader()?;
        let file = parquet(&[url])?;
        let mut statement = reader
            .connection
            .prepare(&format!("SELECT metadata::VARCHAR FROM {file} ORDER BY created_at"))?;
        let found: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let same =
            found.iter().zip(&rows.symbols).filter(|(found, symbol)| **found == symbol.metadata).count();
        let flagged: i64 =
            reader.value(&format!("SELECT count(*) FROM {file} WHERE (metadata->>'is_async') = 'true'"))?;
        let nested: i64 = reader.value(&format!(
            "SELECT count(*) FROM {file} WHERE (metadata->>'$.where.T') = 'it''s \"quoted\"' \
             AND (metadata->>'$.generics[1]') = 'E'"
        ))?;
        Ok((same, flagged, nested))
    })
    .await?;
    evidence.check_eq("rows whose JSON is what was written", found, ROWS);
    evidence.check_eq("rows found by a flag", flagged, asynchronous as i64);
    evidence.check_eq("rows found by a nested value and one of a list", nested, ROWS as i64);
    evidence.count("symbols", ROWS as u64, Unit::Rows);
    Ok(evidence)
}
