//! B2: vectors survive Parquet, and `array_cosine_similarity` ranks by them on the bucket.
//!
//! Why: Parquet knows lists, not vectors of a fixed length. If the cast back failed or changed a value, searching
//! by meaning over a shared export would be impossible or, worse, slightly wrong.
//!
//! Method: 1,000 symbols, exported; questions near some of them are asked by the documents' own query; the same
//! similarities are computed here from the rows that were made.
//!
//! Accept when every vector has 384 dimensions and no two are alike, scores lie between 0 and 1, fall from row to row, are those computed here to 1e-5, and the symbol
//! that is meant comes first.

use futures::FutureExt;
use zenith_core::embed::DIMENSIONS;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial};

use crate::duck_s3::parquet;
use crate::parquet_export::{Place, Rows, SEED, blocking};
use crate::rows;

const SHUFFLED: &str = "vectors-of-other-symbols";

pub const SPIKE: Spike = Spike {
    id: "B2",
    title: "vectors survive Parquet, and array_cosine_similarity ranks by them on the bucket",
    group: Group::Read,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[Target::tripwire("one vector query over 1,000 rows", 2.0)],
    faults: &[Fault { name: SHUFFLED, what: "each symbol is exported with the vector of another" }],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 1000;
const MEANT: [usize; 3] = [7, 501, 998];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let exported = Rows::symbols(ROWS);
    let truth = exported.symbols.clone();
    let mut written = exported;
    if trial.has_fault(SHUFFLED) {
        let moved = truth.iter().cycle().skip(1).map(|symbol| symbol.embedding.clone());
        written.symbols.iter_mut().zip(moved).for_each(|(symbol, vector)| symbol.embedding = vector);
    }
    let (slowest, answers, vectors) = blocking(move || {
        let url = place.url("api_symbols.parquet");
        place.writer(&written)?.export("FROM api_symbols", &url)?;
        let reader = place.reader()?;
        let mut slowest = std::time::Duration::ZERO;
        let mut answers = Vec::new();
        for number in MEANT {
            let started = std::time::Instant::now();
            answers.push((
                number,
                reader.most_alike(std::slice::from_ref(&url), &rows::question(SEED, number), 5)?,
            ));
            slowest = slowest.max(started.elapsed());
        }
        let count = |what: &str| {
            let file = parquet(std::slice::from_ref(&url))?;
            reader.value::<i64>(&format!(
                "SELECT count(DISTINCT {what}) FROM {file} WHERE len(embedding) = {DIMENSIONS}"
            ))
        };
        Ok((slowest, answers, (count("id")?, count("embedding")?)))
    })
    .await?;
    evidence.check_eq(
        "rows with 384 dimensions, and their different vectors",
        vectors,
        (ROWS as i64, ROWS as i64),
    );
    for (number, answer) in answers {
        let wanted = &truth[number].name;
        evidence.check_eq(
            format!("{wanted} comes first"),
            answer.first().map(|(name, _)| name),
            Some(wanted),
        );
        let ranked = answer.windows(2).all(|pair| pair[0].1 >= pair[1].1);
        let bounded = answer.iter().all(|(_, score)| (0.0..=1.0).contains(score));
        evidence.check(format!("the scores for {wanted} are between 0 and 1, and fall"), ranked && bounded);
        let question = rows::question(SEED, number);
        let furthest = answer.iter().map(|(name, score)| {
            let symbol = truth.iter().find(|symbol| &symbol.name == name);
            symbol.map_or(f64::MAX, |symbol| (score - cosine(&symbol.embedding, &question)).abs())
        });
        let furthest = furthest.fold(0.0, f64::max);
        evidence.check_with(format!("the scores for {wanted} are the vectors'"), furthest < 1e-5, || {
            format!("one is off by {furthest}")
        });
    }
    evidence.time("one vector query over 1,000 rows", slowest);
    Ok(evidence)
}

fn cosine(one: &[f32], other: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
}
