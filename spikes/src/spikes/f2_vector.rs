//! F2: a vector query over a Lance dataset on a bucket finds the true nearest, by lancedb and by DuckDB.
//!
//! Why: searching by meaning where the data lies is what Lance is there for.
//!
//! Method: 2,000 symbols on the bucket, indexed as F5 chooses (one list of one bit a dimension, the best compared
//! again by full vectors); questions near some symbols are asked by lancedb and by DuckDB's extension; the truth
//! is an exact comparison with every row.
//!
//! Accept when the symbol that is meant comes first for both, DuckDB's and lancedb's distances are those of the
//! vectors, and nine of ten of lancedb's answers are among the true nearest ten.

use std::time::{Duration, Instant};

use futures::{FutureExt, TryStreamExt};
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use zenith_core::lake::{ApiSymbol, Row};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial};

use crate::duck_lance::{Question, Work, ask};
use crate::parquet_export::SEED;
use crate::{lance_s3, rows};

const SHUFFLED: &str = "vectors-of-other-symbols";
const UNREFINED: &str = "not-refined";

pub const SPIKE: Spike = Spike {
    id: "F2",
    title: "a vector query over a Lance dataset on a bucket finds the true nearest, by lancedb and by DuckDB",
    group: Group::Lance,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[
        Target::tripwire("vector query by lancedb", 2.0),
        Target::gate("true nearest that were missed", 0.1, zenith_harness::Unit::Ratio),
    ],
    faults: &[
        Fault { name: SHUFFLED, what: "each symbol carries the vector of the next" },
        Fault {
            name: UNREFINED,
            what: "the best of the one-bit index are not compared by their full vectors",
        },
    ],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 2000;
const K: usize = 10;
const MEANT: [usize; 6] = [3, 402, 777, 1201, 1555, 1998];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let store = trial.lab.store().await?;
    let extension = trial.lab.tools().duckdb_extension("lance")?;
    let truth = rows::symbols(SEED, 0, ROWS);
    let mut written = truth.clone();
    if trial.has_fault(SHUFFLED) {
        let moved = truth.iter().cycle().skip(1).map(|symbol| symbol.embedding.clone());
        written.iter_mut().zip(moved).for_each(|(symbol, vector)| symbol.embedding = vector);
    }
    trial.progress("writing and indexing");
    let table = lance_s3::write(&store, ApiSymbol::TABLE, &written).await?;
    lance_s3::index_vectors(&table).await?;
    let refine = if trial.has_fault(UNREFINED) { 1 } else { 10 };

    let table = lance_s3::connect(&store).await?.open_table(ApiSymbol::TABLE).execute().await?;
    let (mut slowest, mut missed) = (Duration::ZERO, 0);
    for number in MEANT {
        let question = rows::question(SEED, number);
        let exact = rows::nearest(&truth, &question, K);
        let started = Instant::now();
        let mut query = table.query().nearest_to(question.as_slice())?.limit(K);
        // A factor of one asks for full vectors as well, of the same rows.
        query = if refine > 1 { query.refine_factor(refine) } else { query };
        let found = query.select(Select::columns(&["id", "_distance"])).execute().await?;
        let found: Vec<_> = found.try_collect().await?;
        slowest = slowest.max(started.elapsed());
        let ids = lance_s3::texts(&found, "id")?;
        let name = &truth[number].name;
        evidence.check_eq(format!("{name} comes first"), ids.first(), Some(&truth[number].id));
        missed += exact.iter().filter(|number| !ids.contains(&truth[**number].id)).count();
        let nearest = lance_s3::numbers(&found, "_distance")?.first().copied().unwrap_or(f32::MAX);
        let off = (nearest - distance(&truth[number].embedding, &question)).abs();
        evidence.check_with(format!("the distance of {name} is the vectors'"), off < 1e-4, || {
            format!("it is off by {off}")
        });
    }
    evidence.time("vector query by lancedb", slowest);
    evidence.ratio("true nearest that were missed", missed as f64 / (K * MEANT.len()) as f64);

    trial.progress("searching by DuckDB");
    let questions =
        MEANT.map(|number| Question::Vector { vector: rows::question(SEED, number), k: K as u32 });
    let work =
        Work { extension, table: lance_s3::url(&store, ApiSymbol::TABLE), questions: questions.into() };
    for (number, found) in MEANT.into_iter().zip(ask(&store, &work).await?) {
        let first = found.first().map(|found| found.id.as_str());
        evidence.check_eq(
            format!("{} comes first by DuckDB", truth[number].name),
            first,
            Some(truth[number].id.as_str()),
        );
        evidence.check_eq("rows by DuckDB", found.len(), K);
        evidence.check("they come by distance", found.windows(2).all(|pair| pair[0].score <= pair[1].score));
    }
    Ok(evidence)
}

/// The squared Euclidean distance, which Lance searches by unless told otherwise.
fn distance(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}
