//! J4: the catalog leads to a dataset, and DuckDB's own Lance extension finds the right symbol in it.
//!
//! Why: this is the whole flow of a search that the documents describe: rows become a dataset, the
//! catalog says where it lies, another engine reads it there. If any of the formats disagreed, the
//! catalog would hand out paths that nobody can search.
//!
//! Method: symbols become rows through serde_arrow and a Lance dataset through lancedb, with vectors
//! of the shipped model; the product's catalog gets the row; the asker's identity gets the path from
//! the catalog; DuckDB with the real extension searches there, for each symbol's own words.
//!
//! Accept when every query finds its own symbol first, the distances are those of the vectors, and
//! an identity that may not see the row gets no path.

use std::time::Instant;

use anyhow::{Context, ensure};
use futures::FutureExt;
use zenith_core::embed::{DIMENSIONS, Embedder};
use zenith_core::identity::{Identity, Scope};
use zenith_core::lake::{ApiSymbol, Duck, Lake, to_batch};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::packages::{embedder, finished, id, put};
use crate::people::{self, Shape, sign_in};

const OTHER_PATH: &str = "path-of-another-dataset";
const SHUFFLED: &str = "vectors-of-other-symbols";

pub const SPIKE: Spike = Spike {
    id: "J4",
    title: "from the catalog to a dataset, where DuckDB's Lance extension finds the right symbol first",
    group: Group::Catalog,
    backends: &[Backend::Embedded, Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[Target::tripwire("one vector search by DuckDB", 2.0)],
    faults: &[
        Fault { name: OTHER_PATH, what: "the catalog's row names another package's dataset" },
        Fault { name: SHUFFLED, what: "each symbol carries the vector of the next" },
    ],
    run: |trial| run(trial).boxed(),
};

/// Symbols as an indexer finds them, with what their documentation says.
const SYMBOLS: [(&str, &str); 8] = [
    ("spawn_blocking", "run a blocking closure on a thread where it stalls nobody"),
    ("read_to_string", "read the entire contents of a file into a string"),
    ("binary_search", "search a sorted slice for an element"),
    ("from_utf8", "convert bytes to a string slice, checking that they are valid"),
    ("connect", "open a TCP connection to a remote host"),
    ("sleep", "wait until a duration has elapsed"),
    ("serialize", "turn a data structure into JSON text"),
    ("lock", "acquire a mutex, blocking the current thread until it can"),
];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let embedder = embedder()?;
    let lake = Lake::new(&trial.lab.folder().join("store"));
    let scope = Scope::Team(people::TEAM.to_string());

    trial.progress("writing two datasets");
    let wanted =
        write(&lake, &*embedder, &scope, "acme-widgets", &SYMBOLS, trial.has_fault(SHUFFLED)).await?;
    let decoys: Vec<(&str, &str)> =
        SYMBOLS.iter().map(|(name, _)| (*name, "something else entirely")).collect();
    let other = write(&lake, &*embedder, &scope, "acme-decoys", &decoys, false).await?;

    let database = trial.lab.database("catalog").await?;
    let catalog = database.catalog().await?;
    let package = id("acme-widgets")?;
    let mut row = finished(&scope, &package);
    row.dataset = if trial.has_fault(OTHER_PATH) { other } else { wanted };
    put(&catalog, &row).await?;

    let member = sign_in(trial.lab.issuer(), Shape::ClerkV2, &people::member()).await?;
    let entry = catalog.package(&member, &scope, &package).await?.context("a member does not see the row")?;
    let dataset = entry.dataset.context("the row names no dataset")?;
    for (who, identity) in [
        ("anonymous", Identity::Anonymous),
        ("an outsider", sign_in(trial.lab.issuer(), Shape::ClerkV2, &people::outsider()).await?),
    ] {
        let hidden = catalog.package(&identity, &scope, &package).await?;
        evidence.check(format!("{who} gets no path"), hidden.is_none());
    }

    trial.progress("searching by DuckDB");
    let table = lake.table::<ApiSymbol>(&dataset)?;
    let extension = trial.lab.tools().duckdb_extension("lance")?;
    let mut queries = Vec::new();
    for (name, doc) in SYMBOLS {
        queries.push((name, embedder.embed(&[doc])?));
    }
    let (found, seconds) = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        let duck = Duck::open(&[extension], std::slice::from_ref(&table))?;
        let mut found = Vec::new();
        let mut slowest = 0.0f64;
        for (name, vector) in queries {
            let started = Instant::now();
            let nearest = duck.nearest(&table, &vector, 3)?;
            slowest = slowest.max(started.elapsed().as_secs_f64());
            found.push((name, vector, nearest));
        }
        Ok((found, slowest))
    })
    .await??;
    evidence.time("one vector search by DuckDB", std::time::Duration::from_secs_f64(seconds));
    evidence.count("searches", found.len() as u64, Unit::Count);
    for (name, vector, nearest) in &found {
        let first = nearest.first().context("nothing was found")?;
        evidence.check_eq(format!("{name} is found first"), first.name.as_str(), *name);
        let expected = distance(vector, &first.embedding);
        let near = (f64::from(first.distance) - expected).abs() < 1e-3;
        evidence.check_with(format!("the distance of {name} is that of the vectors"), near, || {
            format!("{} instead of {expected}", first.distance)
        });
    }
    Ok(evidence)
}

async fn write(
    lake: &Lake,
    embedder: &dyn Embedder,
    scope: &Scope,
    package: &str,
    symbols: &[(&str, &str)],
    shuffled: bool,
) -> anyhow::Result<String> {
    let package = id(package)?;
    let docs: Vec<&str> = symbols.iter().map(|(_, doc)| *doc).collect();
    let mut vectors: Vec<Vec<f32>> = embedder.embed(&docs)?.chunks(DIMENSIONS).map(<[f32]>::to_vec).collect();
    ensure!(vectors.len() == symbols.len(), "the model gave {} vectors", vectors.len());
    if shuffled {
        vectors.rotate_left(1);
    }
    let rows: Vec<ApiSymbol> = symbols
        .iter()
        .zip(vectors)
        .enumerate()
        .map(|(number, ((name, doc), embedding))| symbol(&package, number, name, doc, embedding))
        .collect();
    let dataset = Lake::place(scope, &package, "first");
    let batch = to_batch(&rows)?;
    lake.write::<ApiSymbol>(&dataset, futures::stream::iter([batch])).await?;
    Ok(dataset)
}

fn symbol(
    package: &zenith_core::package::PackageId,
    number: usize,
    name: &str,
    doc: &str,
    embedding: Vec<f32>,
) -> ApiSymbol {
    ApiSymbol {
        id: format!("{number:032x}"),
        ecosystem: package.ecosystem().to_string(),
        package: package.name().to_string(),
        version: package.version().to_string(),
        file_path: "src/lib.rs".to_string(),
        kind: "fn".to_string(),
        name: name.to_string(),
        path: format!("acme_widgets::{name}"),
        signature: Some(format!("pub fn {name}()")),
        source: None,
        doc_comment: Some(doc.to_string()),
        line_start: 1,
        line_end: 2,
        visibility: "pub".to_string(),
        is_async: false,
        is_unsafe: false,
        is_error_type: false,
        returns_result: false,
        metadata: "{}".to_string(),
        attributes: None,
        embedding,
        created_at: 0,
    }
}

/// The squared Euclidean distance, which Lance searches by unless told otherwise.
fn distance(one: &[f32], other: &[f32]) -> f64 {
    one.iter().zip(other).map(|(a, b)| f64::from(a - b).powi(2)).sum()
}
