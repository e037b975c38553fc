//! Rankers side by side on the same queries.

use anyhow::Result;

use super::judged::Query;
use super::metrics::{DEPTH, Scores, score};

/// Anything that answers a query with paths.
pub trait Ranker {
    /// Names its row in the report.
    fn name(&self) -> &str;

    /// The best paths for `query`, best first, at most `limit`.
    fn rank(&self, query: &str, limit: usize) -> Result<Vec<String>>;
}

/// A ranker's mean scores, over all queries and for each style.
pub struct Row {
    pub name: String,
    pub all: Scores,
    pub styles: Vec<(String, Scores)>,
}

/// Asks `ranker` every query.
pub fn evaluate(ranker: &dyn Ranker, queries: &[Query]) -> Result<Row> {
    let mut scored: Vec<(&str, Scores)> = Vec::new();
    for query in queries {
        let ranking = ranker.rank(&query.query, DEPTH)?;
        scored.push((&query.style, score(ranking.iter().map(String::as_str), &query.grades())));
    }
    let mean_of = |style: Option<&str>| {
        let of_style = scored.iter().filter(|(each, _)| style.is_none_or(|style| style == *each));
        Scores::mean(&of_style.map(|(_, scores)| *scores).collect::<Vec<_>>())
    };
    let mut styles: Vec<&str> = scored.iter().map(|(style, _)| *style).collect();
    styles.sort_unstable();
    styles.dedup();
    let styles = styles.into_iter().map(|style| (style.to_owned(), mean_of(Some(style)))).collect();
    Ok(Row { name: ranker.name().to_owned(), all: mean_of(None), styles })
}

/// Prints one line a ranker: the three measures, then nDCG by style.
pub fn print(rows: &[Row]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    for row in rows {
        let Scores { ndcg, recall, reciprocal_rank } = row.all;
        print!(
            "{:width$}  nDCG@{DEPTH} {ndcg:.3}  recall@{DEPTH} {recall:.3}  MRR@{DEPTH} {reciprocal_rank:.3}",
            row.name
        );
        for (style, scores) in &row.styles {
            print!("  {style} {:.3}", scores.ndcg);
        }
        println!();
    }
}
