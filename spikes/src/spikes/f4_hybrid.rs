//! F4: a hybrid query over a Lance dataset on a bucket puts first what both meaning and words name.
//!
//! Why: one query is to serve who knows a word of the name and who only knows what it should do.
//!
//! Method: 1,000 symbols with both indexes. The question is near one symbol and asks for both words of its name; among
//! the nearest by vector others lack the words, among those with the words others are far away. lancedb fuses by
//! reciprocal ranks, DuckDB's extension by a weighted sum in equal parts.
//!
//! Accept when the symbol that both name comes first for both engines, and neither answers with rows that
//! neither side names.

use std::time::{Duration, Instant};

use futures::{FutureExt, TryStreamExt};
use lancedb::index::scalar::FullTextSearchQuery;
use lancedb::query::{QueryBase, QueryExecutionOptions, Select};
use zenith_core::lake::{ApiSymbol, Row};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial};

use crate::duck_lance::{Question, Work, ask};
use crate::parquet_export::SEED;
use crate::{lance_s3, rows};

const SHUFFLED: &str = "vectors-of-other-symbols";

pub const SPIKE: Spike = Spike {
    id: "F4",
    title: "a hybrid query over a Lance dataset on a bucket puts first what both meaning and words name",
    group: Group::Lance,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[Target::tripwire("hybrid query by lancedb", 2.0)],
    faults: &[Fault { name: SHUFFLED, what: "each symbol carries the vector of one of another package" }],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 1000;
const MEANT: [usize; 3] = [42, 500, 871];
const K: usize = 10;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let store = trial.lab.store().await?;
    let extension = trial.lab.tools().duckdb_extension("lance")?;
    let truth = rows::symbols(SEED, 0, ROWS);
    let mut written = truth.clone();
    if trial.has_fault(SHUFFLED) {
        let moved = truth.iter().cycle().skip(ROWS / 2).map(|symbol| symbol.embedding.clone());
        written.iter_mut().zip(moved).for_each(|(symbol, vector)| symbol.embedding = vector);
    }
    let table = lance_s3::write(&store, ApiSymbol::TABLE, &written).await?;
    lance_s3::index_vectors(&table).await?;
    lance_s3::index_names(&table, lance_s3::identifiers()).await?;

    let table = lance_s3::connect(&store).await?.open_table(ApiSymbol::TABLE).execute().await?;
    let mut slowest = Duration::ZERO;
    for number in MEANT {
        let started = Instant::now();
        let text = FullTextSearchQuery::new(words_of(&truth[number])).with_column("name".to_string())?;
        let query = table.query().full_text_search(text).limit(K).select(Select::columns(&["name"]));
        let query = query.nearest_to(rows::question(SEED, number).as_slice())?.refine_factor(10);
        let found = query.execute_hybrid(QueryExecutionOptions::default()).await?;
        let names = lance_s3::texts(&found.try_collect::<Vec<_>>().await?, "name")?;
        slowest = slowest.max(started.elapsed());
        judge(&mut evidence, "lancedb", &truth, number, &names);
    }
    evidence.time("hybrid query by lancedb", slowest);

    trial.progress("searching by DuckDB");
    let questions = MEANT.map(|number| Question::Hybrid {
        vector: rows::question(SEED, number),
        query: words_of(&truth[number]),
        k: K as u32,
    });
    let work =
        Work { extension, table: lance_s3::url(&store, ApiSymbol::TABLE), questions: questions.into() };
    for (number, found) in MEANT.into_iter().zip(ask(&store, &work).await?) {
        let names: Vec<String> = found.into_iter().map(|found| found.name).collect();
        judge(&mut evidence, "DuckDB", &truth, number, &names);
    }
    Ok(evidence)
}

fn judge(evidence: &mut Evidence, by: &str, truth: &[ApiSymbol], number: usize, names: &[String]) {
    let meant = &truth[number];
    evidence.check_eq(format!("{} comes first by {by}", meant.name), names.first(), Some(&meant.name));
    // Rows of its package are near; a vector from another package is not.
    let strays = names.iter().filter(|name| {
        let near = truth.iter().any(|row| row.name == **name && row.package == meant.package);
        !near && !name.split('_').any(|part| words_of(meant).split(' ').any(|word| word == part))
    });
    evidence.check_eq(format!("strays by {by}"), strays.count(), 0);
}

/// The words of its name, without the number that no other has.
fn words_of(symbol: &ApiSymbol) -> String {
    let words: Vec<&str> = symbol.name.split('_').take(2).collect();
    words.join(" ")
}
