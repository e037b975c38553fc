//! Models compared by exact search over their vectors, and by speed.

use std::time::{Duration, Instant};

use anyhow::Result;
use zenith_core::embed::{DIMENSIONS, Embedder};

use super::judged::Corpus;
use super::report::Ranker;

/// Ranks a corpus by the cosine of every vector.
pub struct ExactRanker<'a> {
    model: &'a dyn Embedder,
    corpus: &'a Corpus,
    vectors: Vec<f32>,
}

impl<'a> ExactRanker<'a> {
    /// `vectors` are the model's, one a text of the corpus.
    pub fn new(model: &'a dyn Embedder, corpus: &'a Corpus, vectors: Vec<f32>) -> ExactRanker<'a> {
        ExactRanker { model, corpus, vectors }
    }
}

impl Ranker for ExactRanker<'_> {
    fn name(&self) -> &str {
        self.model.id()
    }

    fn rank(&self, query: &str, limit: usize) -> Result<Vec<String>> {
        let query = self.model.embed(&[query])?;
        let cosine = |vector: &[f32]| vector.iter().zip(&query).map(|(a, b)| a * b).sum::<f32>();
        let mut order: Vec<(f32, &String)> =
            self.vectors.chunks_exact(DIMENSIONS).map(cosine).zip(&self.corpus.paths).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(order.into_iter().take(limit).map(|(_, path)| path.clone()).collect())
    }
}

/// The speed of each model on the same texts, in turns, so that what else the machine does falls on
/// all alike. In a turn each model works for half a second or for one step, whichever is longer.
pub fn sentences_a_second(models: &[&dyn Embedder], texts: &[&str], turns: usize) -> Result<Vec<f64>> {
    const TURN: Duration = Duration::from_millis(500);
    const STEP: usize = 256;
    let mut done = vec![(0usize, Duration::ZERO); models.len()];
    for turn in 0..turns {
        for (model, (count, spent)) in models.iter().zip(&mut done) {
            let steps = texts.chunks(STEP).cycle().skip(turn * 7);
            let start = Instant::now();
            for step in steps {
                model.embed(step)?;
                *count += step.len();
                if start.elapsed() >= TURN {
                    break;
                }
            }
            *spent += start.elapsed();
        }
    }
    Ok(done.into_iter().map(|(count, spent)| count as f64 / spent.as_secs_f64()).collect())
}
