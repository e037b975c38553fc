//! F3: BM25 over a Lance dataset on a bucket finds identifiers by any of their words, by lancedb and by DuckDB.
//!
//! Why: the defaults of Lance's text index are made for prose: they stem, and drop words such as `with`, `into` and
//! `not`, which in names of functions are half of the meaning.
//!
//! Method: 1,000 symbols whose names are made of words, some of them English stop words; an index that cuts at
//! underscores and changes no word; each word is asked for by lancedb and by DuckDB's extension.
//!
//! Accept when each word finds exactly the names that contain it, and those that contain it twice come first.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::{FutureExt, TryStreamExt};
use lancedb::index::scalar::{FtsIndexBuilder, FullTextSearchQuery};
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use zenith_core::lake::{ApiSymbol, Row};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial};

use crate::duck_lance::{Question, Work, ask};
use crate::parquet_export::SEED;
use crate::{lance_s3, rows};

const PROSE: &str = "settings-for-prose";

pub const SPIKE: Spike = Spike {
    id: "F3",
    title: "BM25 over a Lance dataset on a bucket finds identifiers by any of their words, by lancedb and by DuckDB",
    group: Group::Lance,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[Target::tripwire("text query by lancedb", 2.0)],
    faults: &[Fault { name: PROSE, what: "the index has the defaults, which stem and drop stop words" }],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 1000;
const WORDS: [&str; 5] = ["spawn", "parse", "with", "into", "not"];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let store = trial.lab.store().await?;
    let extension = trial.lab.tools().duckdb_extension("lance")?;
    let truth = rows::symbols(SEED, 0, ROWS);
    let table = lance_s3::write(&store, ApiSymbol::TABLE, &truth).await?;
    let settings = if trial.has_fault(PROSE) { FtsIndexBuilder::default() } else { lance_s3::identifiers() };
    lance_s3::index_names(&table, settings).await?;

    let table = lance_s3::connect(&store).await?.open_table(ApiSymbol::TABLE).execute().await?;
    let mut slowest = Duration::ZERO;
    for word in WORDS {
        let started = Instant::now();
        let query = FullTextSearchQuery::new(word.to_string()).with_column("name".to_string())?;
        let found = table.query().full_text_search(query).limit(ROWS);
        let found: Vec<_> =
            found.select(Select::columns(&["name", "_score"])).execute().await?.try_collect().await?;
        slowest = slowest.max(started.elapsed());
        let names = lance_s3::texts(&found, "name")?;
        judge(&mut evidence, "lancedb", word, &truth, &names);
    }
    evidence.time("text query by lancedb", slowest);

    trial.progress("searching by DuckDB");
    let questions = WORDS.map(|word| Question::Text { query: word.to_string(), k: ROWS as u32 });
    let work =
        Work { extension, table: lance_s3::url(&store, ApiSymbol::TABLE), questions: questions.into() };
    for (word, found) in WORDS.into_iter().zip(ask(&store, &work).await?) {
        let names: Vec<String> = found.into_iter().map(|found| found.name).collect();
        judge(&mut evidence, "DuckDB", word, &truth, &names);
    }
    Ok(evidence)
}

fn judge(evidence: &mut Evidence, by: &str, word: &str, truth: &[ApiSymbol], names: &[String]) {
    let times = |name: &str| name.split('_').filter(|part| *part == word).count();
    let wanted: BTreeSet<&str> =
        truth.iter().map(|row| row.name.as_str()).filter(|name| times(name) > 0).collect();
    let found: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    evidence.check_eq(format!("names with `{word}` that {by} finds"), found.len(), wanted.len());
    evidence.check(format!("{by} finds those with `{word}` and no other"), found == wanted);
    let twice = wanted.iter().filter(|name| times(name) > 1).count();
    let first = names.iter().take(twice).all(|name| times(name) > 1);
    evidence.check(format!("{by} puts first those with `{word}` twice"), first);
}
