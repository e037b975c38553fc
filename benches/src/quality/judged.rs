//! The judged queries, and a corpus to ask them of.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zenith_core::Zenith;
use zenith_core::catalog::CatalogEntry;
use zenith_core::embed::symbol_text;
use zenith_core::lake::ApiSymbol;

/// A query and what a judge would want to see for it.
#[derive(Deserialize)]
pub struct Query {
    pub id: String,
    pub query: String,
    pub style: String,
    relevant: Vec<Relevant>,
}

#[derive(Deserialize)]
struct Relevant {
    path: String,
    grade: u8,
}

impl Query {
    /// The crates that the judged paths begin with.
    pub fn packages(&self) -> impl Iterator<Item = String> + '_ {
        self.relevant.iter().filter_map(|relevant| relevant.path.split("::").next()).map(str::to_string)
    }

    /// Path to grade: 3 is the answer, 2 serves as well in some case, 1 leads there.
    pub fn grades(&self) -> HashMap<&str, u8> {
        self.relevant.iter().map(|relevant| (relevant.path.as_str(), relevant.grade)).collect()
    }
}

/// Reads queries, one JSON object a line, and checks that each can be scored.
pub fn read_queries(path: &Path) -> Result<Vec<Query>> {
    let queries: Vec<Query> = read_lines(path)?;
    for query in &queries {
        let grades = query.grades();
        ensure!(grades.len() == query.relevant.len(), "{}: a path is judged twice", query.id);
        ensure!(grades.values().all(|grade| (1..=3).contains(grade)), "{}: a grade is not 1 to 3", query.id);
        ensure!(grades.values().any(|grade| *grade == 3), "{}: nothing is graded 3", query.id);
    }
    Ok(queries)
}

/// Paths, and the text that is embedded for each.
pub struct Corpus {
    pub paths: Vec<String>,
    pub texts: Vec<String>,
}

impl Corpus {
    /// The documented public symbols of packages, as their datasets hold them.
    pub async fn of(zenith: &Zenith, entries: impl Iterator<Item = &CatalogEntry>) -> Result<Corpus> {
        let mut corpus = Corpus { paths: Vec::new(), texts: Vec::new() };
        for dataset in entries.filter_map(|entry| entry.dataset.as_deref()) {
            let symbols: Vec<ApiSymbol> = zenith.lake.read(dataset).await?;
            for symbol in symbols.iter().filter(|symbol| symbol.visibility == "public") {
                if let Some(doc) = &symbol.doc_comment {
                    let signature = symbol.signature.as_deref().unwrap_or_default();
                    corpus.texts.push(symbol_text(&symbol.path, signature, Some(doc)));
                    corpus.paths.push(symbol.path.clone());
                }
            }
        }
        Ok(corpus)
    }
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let lines = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let parse = |(at, line)| {
        serde_json::from_str(line).with_context(|| format!("{} line {}", path.display(), at + 1))
    };
    lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_queries_can_be_scored() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/queries/queries.jsonl");
        let queries = read_queries(&path).unwrap();
        assert_eq!(queries.len(), 40);
        let mut ids: Vec<&str> = queries.iter().map(|query| query.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 40, "an id is used twice");
        for query in &queries {
            assert!(
                ["natural", "synonym", "identifier", "mixed"].contains(&query.style.as_str()),
                "{}",
                query.id
            );
        }
    }
}
