//! Says how well search finds what the judged queries want: the product's three modes over a data
//! folder, and the shipped model beside its teacher.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use zenith_benches::memo::Memo;
use zenith_benches::quality::{
    Corpus, ExactRanker, IndexRanker, Part, Query, Ranker, ablate, evaluate, examine, latencies, print,
    read_queries, sentences_a_second, table,
};
use zenith_benches::teacher::Teacher;
use zenith_core::Zenith;
use zenith_core::config::{Config, Overrides};
use zenith_core::embed::{Embedder, StaticModel};
use zenith_core::search::{Mode, Project};

/// Compares search modes and embedding models on judged queries.
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
    /// Measures warm searches too, in so many rounds
    #[arg(long, default_value_t = 0)]
    rounds: usize,
    /// The folder of all-MiniLM-L6-v2: compares models by exact search over the documented public
    /// symbols of the packages that the queries speak of
    #[arg(long, requires = "memo")]
    teacher: Option<PathBuf>,
    /// Keeps the teacher's vectors for a next run
    #[arg(long)]
    memo: Option<PathBuf>,
    /// Fails where hybrid search scores below this nDCG@10 on the queries held back, or on either part below
    /// one of its halves
    #[arg(long)]
    floor: Option<f64>,
    /// Prints what each feature of the ranking is worth
    #[arg(long)]
    ablation: bool,
    /// Prints what each query found in hybrid mode
    #[arg(long)]
    verbose: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let queries = read_queries(&args.queries)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let config = Config::load(Overrides { data_dir: args.data.clone() })?;
    let zenith = runtime.block_on(Zenith::open(config))?;
    let project = std::sync::Arc::new(Project::read(&args.lockfile)?);
    let entries = runtime.block_on(zenith.packages())?;
    let symbols: u64 =
        entries.iter().filter(|entry| project.holds(entry)).map(|entry| entry.symbol_count).sum();
    println!("{} queries over {symbols} symbols", queries.len());

    let rankers: Vec<IndexRanker<'_>> = [Mode::Text, Mode::Vector, Mode::Hybrid]
        .map(|mode| IndexRanker::new(&runtime, &zenith, Some(project.clone()), mode))
        .into();
    let (fit, held): (Vec<Query>, Vec<Query>) =
        read_queries(&args.queries)?.into_iter().partition(|query| query.part == Part::Fit);
    for (name, part) in
        [("fitted to", &fit), ("held back", &held)].into_iter().filter(|(_, part)| !part.is_empty())
    {
        println!("\n{} queries that were {name}", part.len());
        let rows = rankers.iter().map(|ranker| evaluate(ranker, part)).collect::<Result<Vec<_>>>()?;
        print(&rows);
        if let Some(floor) = args.floor {
            let [text, vector, hybrid] = [0, 1, 2].map(|row| rows.get(row).map_or(0.0, |row| row.all.ndcg));
            let is_held = name == "held back";
            ensure!(
                !is_held || hybrid >= floor,
                "hybrid search scores {hybrid:.3}, below the floor of {floor}"
            );
            ensure!(hybrid >= text && hybrid >= vector, "hybrid search scores below one of its halves");
        }
    }
    if args.ablation {
        let show = |mode: Mode| -> Result<()> {
            println!(
                "\n{mode}, fitted without a feature\n\n{}",
                table(&ablate(&examine(&runtime, &zenith, &project, mode, &queries)?))
            );
            Ok(())
        };
        show(Mode::Hybrid)?;
        show(Mode::Text)?;
    }
    if args.verbose {
        let hybrid = rankers.last().context("there is a hybrid mode")?;
        for query in &queries {
            println!("\n{} {}", query.id, query.query);
            let grades = query.grades();
            for (rank, path) in (1..).zip(hybrid.rank(&query.query, 10)?) {
                println!("{rank:>4} {} {path}", grades.get(path.as_str()).copied().unwrap_or(0));
            }
        }
    }
    if args.rounds > 0 {
        for ranker in &rankers {
            let spent = latencies(ranker, &queries, args.rounds)?;
            let at = |share: usize| spent[(spent.len() - 1) * share / 100].as_secs_f64() * 1e3;
            println!(
                "{}: p50 {:.1} ms, p99 {:.1} ms over {} searches",
                ranker.name(),
                at(50),
                at(99),
                spent.len()
            );
        }
    }
    if let (Some(folder), Some(memo)) = (&args.teacher, &args.memo) {
        let named: HashSet<String> = queries.iter().flat_map(|query| query.packages()).collect();
        let of_named = entries.iter().filter(|entry| named.contains(&entry.id.name().replace('-', "_")));
        let corpus = runtime.block_on(Corpus::of(&zenith, of_named.filter(|entry| project.holds(entry))))?;
        compare_models(&corpus, &queries, folder, memo, args.rounds)?;
    }
    Ok(())
}

fn compare_models(
    corpus: &Corpus,
    queries: &[Query],
    teacher: &std::path::Path,
    memo: &std::path::Path,
    turns: usize,
) -> Result<()> {
    let texts: Vec<&str> = corpus.texts.iter().map(String::as_str).collect();
    println!("\nmodels alone, by exact search over {} documented symbols", texts.len());
    let (model, teacher) = (StaticModel::shipped()?, Teacher::load(teacher)?);
    let of_teacher = Memo::open(&teacher, memo)?.embed("corpus", &texts)?;
    print(&[
        evaluate(&ExactRanker::new(&model, corpus, model.embed(&texts)?), queries)?,
        evaluate(&ExactRanker::new(&teacher, corpus, of_teacher), queries)?,
    ]);
    let models: [&dyn Embedder; 2] = [&model, &teacher];
    for (model, speed) in models.iter().zip(sentences_a_second(&models, &texts, turns)?) {
        println!("{}: {speed:.0} sentences a second", model.id());
    }
    Ok(())
}
