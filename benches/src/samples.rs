//! Made-up packages of any size, the same in every run.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use zenith_core::catalog::{Catalog, CatalogEntry, Status};
use zenith_core::embed::{DIMENSIONS, Embedder};
use zenith_core::identity::Scope;
use zenith_core::lake::ApiSymbol;
use zenith_core::package::PackageId;
use zenith_core::search::Search;
use zenith_core::search::shelf::{Card, QuantizedVectors, ShelfPackage, ShelfRow};

const WORDS: [&str; 32] = [
    "spawn", "join", "read", "write", "parse", "token", "stream", "buffer", "lock", "channel", "send",
    "receive", "error", "retry", "timeout", "cache", "index", "search", "vector", "text", "file", "path",
    "thread", "task", "async", "block", "decode", "encode", "header", "request", "response", "client",
];

/// The `number`th text of three words and a sentence.
pub fn text(number: usize) -> String {
    let word = |salt: usize| WORDS[(number.wrapping_mul(2_654_435_761) >> (salt * 5)) % WORDS.len()];
    format!("{}_{}_{}. Lets a {} {} the {}", word(0), word(1), word(2), word(3), word(1), word(4))
}

/// Puts `packages` packages of `rows` rows each on the public shelf below `folder`.
pub fn shelve(
    folder: &Path,
    embedder: &Arc<dyn Embedder>,
    packages: usize,
    rows: usize,
) -> Result<(Search, Vec<CatalogEntry>)> {
    let search = Search::new(folder, embedder.clone());
    let mut shelved = Vec::new();
    let mut entries = Vec::new();
    for package in 0..packages {
        let id = PackageId::rust(format!("sample{package}"), "1.0.0")?;
        let dataset = format!("lance/public/rust/sample{package}/1.0.0/{package:032x}");
        let texts: Vec<String> = (0..rows).map(|row| text(package * rows + row)).collect();
        let mut vectors = QuantizedVectors::default();
        vectors.extend(&embedder.embed(&texts.iter().map(String::as_str).collect::<Vec<_>>())?);
        let rows = texts.iter().enumerate().map(|(row, text)| function(id.name(), row, text)).collect();
        entries.push(entry(&id, &dataset, embedder.id()));
        shelved.push(ShelfPackage {
            id,
            dataset,
            model: embedder.id().to_string(),
            rows,
            vectors,
            parts: Vec::new(),
        });
    }
    search.shelf(&Scope::Public).apply(&shelved, &[])?;
    Ok((search, entries))
}

/// `rows` symbols of a package, as they lie in a dataset.
pub fn symbols(id: &PackageId, embedder: &dyn Embedder, rows: usize) -> Result<Vec<ApiSymbol>> {
    let texts: Vec<String> = (0..rows).map(text).collect();
    let vectors = embedder.embed(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
    let symbols = texts.iter().zip(vectors.chunks_exact(DIMENSIONS)).enumerate();
    Ok(symbols.map(|(number, (text, vector))| symbol(id, number, text, vector)).collect())
}

fn symbol(id: &PackageId, number: usize, text: &str, vector: &[f32]) -> ApiSymbol {
    let (name, doc) = text.split_once(". ").unwrap_or((text, ""));
    let line = i32::try_from(number % 2000).unwrap_or_default();
    ApiSymbol {
        // In no order, as a hash of the product's is.
        id: blake3::hash(&number.to_le_bytes()).to_hex()[..32].to_string(),
        ecosystem: id.ecosystem().to_string(),
        package: id.name().to_string(),
        version: id.version().to_string(),
        file_path: format!("src/m{}.rs", number / 100),
        kind: "fn".to_string(),
        name: name.to_string(),
        path: format!("{}::m{}::{name}", id.name(), number / 100),
        signature: Some(format!("pub fn {name}()")),
        source: Some(format!("pub fn {name}() {{\n    {doc}\n}}")),
        doc_comment: Some(doc.to_string()),
        line_start: line,
        line_end: line + 3,
        visibility: "public".to_string(),
        is_async: false,
        is_unsafe: false,
        is_error_type: false,
        returns_result: false,
        metadata: "{}".to_string(),
        attributes: None,
        embedding: vector.to_vec(),
        created_at: 0,
    }
}

fn function(package: &str, row: usize, text: &str) -> ShelfRow {
    let (name, doc) = text.split_once(". ").unwrap_or((text, ""));
    let card = Card {
        kind: "fn".to_string(),
        path: format!("{package}::m{row}::{name}"),
        name: name.to_string(),
        signature: format!("pub fn {name}()"),
        file: "src/lib.rs".to_string(),
        line: 1,
        doc: doc.to_string(),
        aliases: Vec::new(),
        declared_in: None,
        needs: Default::default(),
        only: None,
    };
    ShelfRow { card, text: doc.to_string(), quality: 100, ..ShelfRow::default() }
}

/// A ready package in a dataset.
pub fn entry(id: &PackageId, dataset: &str, model: &str) -> CatalogEntry {
    CatalogEntry {
        scope: Scope::Public,
        id: id.clone(),
        description: None,
        repo_url: None,
        symbol_count: 0,
        chunk_count: 0,
        source_cached: false,
        dataset: Some(dataset.to_string()),
        embedding_model: Some(model.to_string()),
        status: Status::Ready,
        claim: None,
        error: None,
        indexed_by: None,
        indexed_at_ms: None,
    }
}

/// A catalog of `rows` packages in a new file, as [`fill`] has them.
pub async fn fill_catalog(path: &Path, rows: u64) -> Result<()> {
    drop(Catalog::open(path).await?);
    fill(&libsql::Builder::new_local(path).build().await?.connect()?, rows).await
}

/// Fills the tables of a catalog with `rows` packages: half public, a quarter each of the team `team` and private of
/// `user`.
pub async fn fill(connection: &libsql::Connection, rows: u64) -> Result<()> {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows}),
         t(i, tier) AS (SELECT i, CASE (i * 100 / {rows}) % 4 WHEN 0 THEN 'team' WHEN 2 THEN 'private' ELSE 'public' END FROM n)
         INSERT INTO indexed_packages (scope, ecosystem, package, version, visibility, owner_id, team_id, \
             status, r2_lance_path, schema_version)
         SELECT CASE tier WHEN 'team' THEN 'team/team' WHEN 'private' THEN 'private/user' ELSE tier END, 'rust', \
             'package-' || i, '1.0.0', tier, CASE tier WHEN 'private' THEN 'user' END, \
             CASE tier WHEN 'team' THEN 'team' END, 'ready', 'lance/x', 1 FROM t"
    );
    connection.execute(&sql, ()).await?;
    Ok(())
}

/// Some of these packages, spread over all of them, in every tier.
pub fn some_packages(rows: u64, count: u64) -> Vec<PackageId> {
    let name = |number: u64| format!("package-{}", number * rows / count);
    (0..count).map(|number| PackageId::rust(name(number), "1.0.0").expect("the name is sound")).collect()
}
