//! P7: notes are found by meaning: nearly all of the nearest, all of the equal ones, and nothing that has no meaning.
//!
//! Why: an index of vectors may lose rows without a word: equal ones, those near to a vector of nothing, and those that
//! it does not reach.
//!
//! Method: 3,000 notes of words that the model knows, 300 equal ones among them, by a scan and by an index. For sixty
//! questions the ten nearest are compared with what a plain comparison of all whole vectors says.
//!
//! Accept when at least 95 of 100 are found both ways, and all 300 equal ones.

use std::sync::Arc;

use futures::FutureExt;
use libsql::{Connection, Value};
use zenith_core::embed::{Embedder, StaticModel};
use zenith_core::workspace::{Provider, RECALL_MIN, SCANNED_MAX, Vectors, VectorsProvider};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::bases::Document;

const NOTHING: &str = "vectors-of-nothing";
const EQUAL: usize = 300;
const NEAREST: usize = 10;

pub const SPIKE: Spike = Spike {
    id: "P7",
    title: "notes are found by meaning, and equal ones all of them",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("share of the nearest that a scan misses", 1.0 - RECALL_MIN, Unit::Ratio),
        Target::gate("share of the nearest that an index misses", 1.0 - RECALL_MIN, Unit::Ratio),
        Target::gate("equal notes that are not found", 0.0, Unit::Count),
    ],
    faults: &[Fault {
        name: NOTHING,
        what: "the base holds vectors of NaN and of zeros, some of them the notes'",
    }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let model: Arc<dyn Embedder> = Arc::new(StaticModel::shipped()?);
    let mut document = Document::of(7, 3_000);
    for at in 0..EQUAL {
        document.put(&format!("equal-{at}"), "Drop the semaphore's permit", "");
    }
    let moment = document.moment();
    let questions: Vec<String> = (0..60).map(|_| document.text(5)).collect();
    let mut equal = usize::MAX;
    for (name, scanned_max) in [("a scan", SCANNED_MAX), ("an index", 100)] {
        trial.progress(name);
        let mut provider = VectorsProvider::new(model.clone()).with_scanned_max(scanned_max);
        let vectors = provider.searched(model.clone());
        provider.rebuild(&moment).await?;
        if trial.has_fault(NOTHING) {
            vectors.ask(async |connection| spoil(connection).await).await?;
        }
        while scanned_max < SCANNED_MAX && vectors.index_recall().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        if let Some(recall) = vectors.index_recall() {
            evidence.check("an index answers", vectors.is_indexed());
            evidence.note(format!("of its own sample the index found {recall:.3}"));
        }
        let missed = missed(&vectors, &model, &questions).await?;
        evidence.ratio(format!("share of the nearest that {name} misses"), missed);
        let found = vectors.near("drop the semaphore's permit", 1_000).await.unwrap_or_default();
        equal = equal.min(found.iter().filter(|(id, _)| id.starts_with("equal")).count());
    }
    evidence.count("equal notes that are not found", EQUAL.saturating_sub(equal) as u64, Unit::Count);
    Ok(evidence)
}

/// What share of the nearest is not found, by their distances.
async fn missed(vectors: &Vectors, model: &Arc<dyn Embedder>, questions: &[String]) -> anyhow::Result<f64> {
    let (mut found, mut there) = (0, 0);
    for question in questions {
        let asked: Vec<u8> = model.embed(&[question])?.iter().flat_map(|x| x.to_le_bytes()).collect();
        // By notes, as the answer is.
        let whole = format!(
            "SELECT min(vector_distance_cos(e, ?1)) AS d FROM vectors JOIN pieces USING (vid) GROUP BY note \
             ORDER BY d LIMIT {NEAREST}"
        );
        let best = vectors
            .ask(async |connection| {
                let mut rows = connection.query(&whole, vec![Value::Blob(asked.clone())]).await?;
                let mut best = Vec::new();
                while let Some(row) = rows.next().await? {
                    best.push(row.get::<f64>(0).unwrap_or(f64::NAN));
                }
                Ok(best)
            })
            .await?;
        let near = vectors.near(question, NEAREST).await.unwrap_or_default();
        there += best.len();
        found += near.iter().zip(&best).filter(|((_, got), best)| (got - *best).abs() < 1e-6).count();
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    Ok(1.0 - found as f64 / there.max(1) as f64)
}

/// Vectors as a program would keep them that takes whatever a model gives.
async fn spoil(connection: &Connection) -> Result<(), libsql::Error> {
    let bytes = |number: f32| Value::Blob((0..384).flat_map(|_| number.to_le_bytes()).collect());
    for (remainder, number) in [(1_i64, f32::NAN), (2, 0.0)] {
        let sql = "UPDATE vectors SET e = ?1 WHERE vid % 20 = ?2";
        connection.execute(sql, vec![bytes(number), Value::Integer(remainder)]).await?;
        let sql = "UPDATE coarse SET e = vector8(?1) WHERE vid % 20 = ?2";
        connection.execute(sql, vec![bytes(number), Value::Integer(remainder)]).await?;
    }
    Ok(())
}
