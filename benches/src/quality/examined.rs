//! Judged queries with the features of all their candidates: what weights are fitted to, and judged by,
//! without searching anew.

use std::sync::Arc;

use anyhow::Result;
use tokio::runtime::Runtime;
use zenith_core::Zenith;
use zenith_core::search::features::{Features, Weights};
use zenith_core::search::{Mode, NameMatch, Project, SearchRequest};

use super::judged::{Part, Query};
use super::metrics::{DEPTH, Scores, score};

/// Enough of a list, since an item may lie under several paths.
const LIMIT: usize = 100;

/// A query's candidates.
pub struct Example<'a> {
    pub part: Part,
    query: &'a Query,
    pub rows: Vec<Row>,
}

/// A candidate.
pub struct Row {
    path: String,
    /// What stands before any score.
    pub block: (u8, NameMatch),
    pub features: Features,
    /// What it gains at the first place.
    pub gain: f64,
}

/// Asks every query and keeps what its order is made from.
pub fn examine<'a>(
    runtime: &Runtime,
    zenith: &Zenith,
    project: &Arc<Project>,
    mode: Mode,
    queries: &'a [Query],
) -> Result<Vec<Example<'a>>> {
    let visible = runtime.block_on(zenith.packages())?;
    let example = |query: &'a Query| {
        let text = query.query.clone();
        let request = SearchRequest { query: text, mode, limit: LIMIT, ..SearchRequest::default() };
        let grades = query.grades();
        let gain = |path: &str| grades.get(path).map_or(0.0, |grade| f64::from(*grade).exp2() - 1.0);
        let candidates = zenith.search.examine(&request, &visible, Some(project))?;
        let rows = candidates.into_iter().map(|candidate| Row {
            gain: gain(&candidate.path),
            block: (candidate.class, candidate.name),
            features: candidate.features,
            path: candidate.path,
        });
        Ok(Example { part: query.part, query, rows: rows.collect() })
    };
    queries.iter().map(example).collect()
}

impl Example<'_> {
    /// How good the order is that weights give.
    pub fn scores(&self, weights: &Weights) -> Scores {
        let mut order: Vec<(f32, &Row)> =
            self.rows.iter().map(|row| (row.features.score(weights), row)).collect();
        order.sort_by(|a, b| b.1.block.cmp(&a.1.block).then(b.0.total_cmp(&a.0)));
        let mut paths: Vec<&str> = Vec::with_capacity(DEPTH);
        for (_, row) in order {
            if !paths.contains(&row.path.as_str()) {
                paths.push(&row.path);
            }
            if paths.len() == DEPTH {
                break;
            }
        }
        score(paths, &self.query.grades())
    }
}

/// The mean over the examples of one part.
pub fn mean(examples: &[Example<'_>], part: Part, weights: &Weights) -> Scores {
    let of_part = examples.iter().filter(|example| example.part == part);
    Scores::mean(&of_part.map(|example| example.scores(weights)).collect::<Vec<_>>())
}
