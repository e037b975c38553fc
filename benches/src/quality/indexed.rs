//! The product itself as a ranker: its search over a data folder, in one mode.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::runtime::Runtime;
use zenith_core::Zenith;
use zenith_core::search::{Mode, Project, SearchRequest};

use super::judged::Query;
use super::report::Ranker;

/// Search as a user of the project meets it.
pub struct IndexRanker<'a> {
    name: String,
    runtime: &'a Runtime,
    zenith: &'a Zenith,
    project: Option<Arc<Project>>,
    mode: Mode,
}

impl<'a> IndexRanker<'a> {
    pub fn new(
        runtime: &'a Runtime,
        zenith: &'a Zenith,
        project: Option<Arc<Project>>,
        mode: Mode,
    ) -> IndexRanker<'a> {
        IndexRanker { name: format!("zenith, {mode}"), runtime, zenith, project, mode }
    }
}

impl Ranker for IndexRanker<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn rank(&self, query: &str, limit: usize) -> Result<Vec<String>> {
        let request =
            SearchRequest { query: query.to_string(), mode: self.mode, limit, ..SearchRequest::default() };
        let results = self.runtime.block_on(self.zenith.search(request, self.project.clone()))?;
        Ok(results.hits.into_iter().map(|hit| hit.path).collect())
    }
}

/// How long each query takes once everything is warm, over so many rounds: sorted.
pub fn latencies(ranker: &dyn Ranker, queries: &[Query], rounds: usize) -> Result<Vec<Duration>> {
    let mut spent = Vec::new();
    for round in 0..=rounds {
        for query in queries {
            let start = Instant::now();
            ranker.rank(&query.query, 10)?;
            // The first round warms what the others measure.
            if round > 0 {
                spent.push(start.elapsed());
            }
        }
    }
    spent.sort_unstable();
    Ok(spent)
}
