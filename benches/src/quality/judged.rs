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
    pub part: Part,
    relevant: Vec<Relevant>,
}

/// What a query may be used for. Both parts judge; the packages that answer in one answer nothing in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Weights may be fitted to it.
    Fit,
    /// Nothing may be fitted to it.
    Held,
}

#[derive(Deserialize)]
struct Relevant {
    path: String,
    grade: u8,
}

impl Query {
    /// The crates that the judged paths begin with.
    pub fn packages(&self) -> impl Iterator<Item = String> + '_ {
        self.relevant.iter().map(|relevant| crate_of(&relevant.path))
    }

    /// Path to grade: 3 is the answer, 2 serves as well in some case, 1 leads there.
    pub fn grades(&self) -> HashMap<&str, u8> {
        self.relevant.iter().map(|relevant| (relevant.path.as_str(), relevant.grade)).collect()
    }
}

/// The crate that a path begins with: `tokio::task::spawn`, or a section, `tracing-subscriber › Usage`.
fn crate_of(path: &str) -> String {
    let package = path.split(" › ").next().unwrap_or(path);
    package.split("::").next().unwrap_or(package).replace('-', "_")
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
    use std::collections::HashSet;
    use std::path::PathBuf;

    use super::*;

    const STYLES: [&str; 9] =
        ["natural", "synonym", "identifier", "mixed", "task", "symptom", "signature", "section", "own"];

    fn committed() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/queries/queries.jsonl")
    }

    #[test]
    fn the_committed_queries_can_be_scored() {
        let queries = read_queries(&committed()).unwrap();
        assert!(queries.len() >= 150, "{}", queries.len());
        let ids: HashSet<&str> = queries.iter().map(|query| query.id.as_str()).collect();
        assert_eq!(ids.len(), queries.len(), "an id is used twice");
        let texts: HashSet<&str> = queries.iter().map(|query| query.query.as_str()).collect();
        assert_eq!(texts.len(), queries.len(), "a query is asked twice");
        for query in &queries {
            assert!(STYLES.contains(&query.style.as_str()), "{}: an unknown style", query.id);
            for path in query.grades().keys() {
                assert!(!path.is_empty() && path.trim() == *path, "{}: {path:?} is no path", query.id);
            }
        }
    }

    #[test]
    fn the_parts_are_balanced_and_share_no_answer() {
        let queries = read_queries(&committed()).unwrap();
        let count = |part: Part, style: Option<&str>| {
            let of_style = |query: &&Query| style.is_none_or(|style| style == query.style);
            queries.iter().filter(|query| query.part == part).filter(of_style).count()
        };
        for part in [Part::Fit, Part::Held] {
            assert!(count(part, None) * 5 >= queries.len() * 2, "{part:?} is less than two fifths");
            for style in STYLES {
                assert!(count(part, Some(style)) >= 5, "{part:?} has too few queries of style {style}");
            }
        }
        let mut parts: HashMap<String, Part> = HashMap::new();
        for query in &queries {
            for answer in query.relevant.iter().filter(|relevant| relevant.grade == 3) {
                let package = crate_of(&answer.path);
                let part = *parts.entry(package.clone()).or_insert(query.part);
                assert_eq!(part, query.part, "{}: {package} answers in both parts", query.id);
            }
        }
        assert!(parts.len() >= 60, "only {} packages answer", parts.len());
    }

    #[test]
    fn a_path_says_its_crate() {
        assert_eq!(crate_of("tokio::task::spawn"), "tokio");
        assert_eq!(crate_of("anyhow"), "anyhow");
        assert_eq!(crate_of("arrow-array › Zero-Copy Slicing"), "arrow_array");
    }
}
