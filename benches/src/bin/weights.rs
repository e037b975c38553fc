//! Fits the weights of the ranking to the judged queries' part to fit, says what they come to on both parts,
//! and writes them where the library reads them. The features come from a data folder that holds this
//! workspace's packages.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use zenith_benches::quality::{Part, Scores, ablate, examine, fit, mean, read_queries, table};
use zenith_core::Zenith;
use zenith_core::config::{Config, Overrides};
use zenith_core::search::features::{Feature, Weights};
use zenith_core::search::{Mode, Project, SearchRequest};

/// Fits the ranking's weights to judged queries.
#[derive(Parser)]
struct Args {
    /// Judged queries, one JSON object a line
    #[arg(long, default_value = "fixtures/queries/queries.jsonl")]
    queries: PathBuf,
    /// The project whose packages are searched; index it first
    #[arg(long, default_value = "Cargo.lock")]
    lockfile: PathBuf,
    /// Its data folder, where it is not the usual one
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where the library's weights are written
    #[arg(long)]
    write: Option<PathBuf>,
    /// Where the report of what each feature is worth is written
    #[arg(long)]
    report: Option<PathBuf>,
}

const HEAD: &str = "//! What each feature weighs. Written by `benches/src/bin/weights.rs`, which fits it to judged queries: change
//! features and queries, not this.

#![allow(clippy::approx_constant, reason = \"a weight may be near any number\")]

use super::features::Feature;
";

const REPORT: &str = "# What the order of results is made from

Written by `weights --report` (`benches/src/bin/weights.rs`). Each row is an order whose weights were fitted without one feature, to
the part `fit` of the judged queries, and judged on both parts; in brackets, how far it is from the order with all
features. Queries and packages of the part `held` were fitted to by nothing. A row in italics leaves out all features that speak
of one thing.
";

fn main() -> Result<()> {
    let args = Args::parse();
    let queries = read_queries(&args.queries)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let zenith = runtime.block_on(Zenith::open(Config::load(Overrides { data_dir: args.data.clone() })?))?;
    let project = Arc::new(Project::read(&args.lockfile)?);
    // A shelf of another layout is made anew by the first search.
    let first = SearchRequest { query: "first".to_string(), limit: 1, ..SearchRequest::default() };
    runtime.block_on(zenith.search(first, Some(project.clone())))?;

    let (mut code, mut report) = (HEAD.to_string(), REPORT.to_string());
    for (mode, name, what) in
        [(Mode::Hybrid, "HYBRID", "Of words and meaning together."), (Mode::Text, "TEXT", "Of words alone.")]
    {
        let examples = examine(&runtime, &zenith, &project, mode, &queries)?;
        let weights = fit(&examples, |_| true);
        for (part, which) in [(Part::Fit, "fit"), (Part::Held, "held")] {
            let Scores { ndcg, recall, reciprocal_rank } = mean(&examples, part, &weights);
            println!(
                "{mode}, {which}: nDCG@10 {ndcg:.3}  recall@10 {recall:.3}  MRR@10 {reciprocal_rank:.3}"
            );
        }
        write!(code, "\n/// {what}\npub const {name}: &[(Feature, f32)] = &[\n{}];\n", lines(&weights))?;
        if args.report.is_some() {
            write!(report, "\n## {mode}\n\n{}", table(&ablate(&examples)))?;
        }
    }
    if let Some(path) = &args.write {
        std::fs::write(path, code).with_context(|| format!("writing {}", path.display()))?;
    }
    if let Some(path) = &args.report {
        std::fs::write(path, report).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

/// One line a weight that is any, as rustfmt leaves it.
fn lines(weights: &Weights) -> String {
    let some = Feature::ALL.iter().filter(|feature| weights.get(**feature).abs() >= 0.005);
    some.map(|feature| format!("    (Feature::{feature:?}, {:.2}),\n", weights.get(*feature))).collect()
}
