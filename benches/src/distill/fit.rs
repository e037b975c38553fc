//! Fits a table to its teacher, and to what documentation says of names.
//!
//! Two losses, a batch of each a step: `1 - cosine` between a text's vector and the teacher's, and the
//! cross-entropy of finding, among a batch's names, the one that a sentence was written about.

use rayon::prelude::*;
use zenith_core::embed::DIMENSIONS;

/// How to fit. Everything is determined by these and the texts.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Passes over the examples.
    pub epochs: usize,
    /// Texts a step, and pairs.
    pub batch: usize,
    /// Adam's step, for rows whose mean length is 1; falls linearly to nothing.
    pub rate: f32,
    /// How much finding names counts beside agreeing with the teacher.
    pub pairs_weight: f32,
}

/// Texts as token numbers, and the teacher's unit vector of each, flattened.
#[derive(Clone, Copy)]
pub struct Examples<'a> {
    pub tokens: &'a [Vec<u32>],
    pub targets: &'a [f32],
}

impl Examples<'_> {
    fn target(&self, text: usize) -> &[f32] {
        &self.targets[text * DIMENSIONS..(text + 1) * DIMENSIONS]
    }
}

/// Sentences and the names that they were written about, as token numbers.
pub struct Pair {
    pub sentence: Vec<u32>,
    pub name: Vec<u32>,
}

type Vector = [f32; DIMENSIONS];

/// What a similarity is divided by before it competes with the others.
const TEMPERATURE: f32 = 0.05;

/// Fits `rows` to the examples at `train` and to `pairs`, by Adam on the rows that a batch touches.
pub fn fit(rows: &mut [f32], examples: Examples<'_>, train: &[usize], pairs: &[Pair], options: Options) {
    let mut adam = Adam::new(rows.len());
    let mut order = train.to_vec();
    let mut pair_order: Vec<usize> = (0..pairs.len()).collect();
    let steps = options.epochs * train.len().div_ceil(options.batch);
    let mut pair_batches = Vec::new();
    let mut step = 0;
    for epoch in 0..options.epochs {
        order.sort_by_cached_key(|text| shuffled(epoch, *text));
        for batch in order.chunks(options.batch) {
            let slopes: Vec<_> = batch.par_iter().map(|text| cosine_slope(rows, examples, *text)).collect();
            for (text, slope) in batch.iter().zip(&slopes) {
                adam.add(&examples.tokens[*text], slope, 1.0 / batch.len() as f32);
            }
            if options.pairs_weight > 0.0 {
                if pair_batches.is_empty() {
                    pair_order.sort_by_cached_key(|pair| shuffled(usize::MAX - step, *pair));
                    pair_batches = pair_order.chunks(options.batch).map(<[usize]>::to_vec).collect();
                }
                let batch = pair_batches.pop().unwrap_or_default();
                let batch: Vec<&Pair> = batch.iter().map(|pair| &pairs[*pair]).collect();
                let weight = options.pairs_weight / batch.len().max(1) as f32;
                for (pair, (sentence, name)) in batch.iter().zip(pair_slopes(rows, &batch)) {
                    adam.add(&pair.sentence, &sentence, weight);
                    adam.add(&pair.name, &name, weight);
                }
            }
            adam.step(rows, options.rate * (1.0 - step as f32 / steps as f32));
            step += 1;
        }
    }
}

/// Adam that touches only the rows with a gradient.
struct Adam {
    gradient: Vec<f32>,
    moments: Vec<[f32; 2]>,
    touched: Vec<u32>,
    steps: i32,
}

impl Adam {
    fn new(len: usize) -> Adam {
        Adam { gradient: vec![0.0; len], moments: vec![[0.0; 2]; len], touched: Vec::new(), steps: 0 }
    }

    fn add(&mut self, tokens: &[u32], slope: &Vector, weight: f32) {
        for token in tokens {
            self.touched.push(*token);
            let row = &mut self.gradient[row_of(*token)];
            row.iter_mut().zip(slope).for_each(|(sum, x)| *sum += weight * x);
        }
    }

    fn step(&mut self, rows: &mut [f32], rate: f32) {
        self.steps += 1;
        let bias = (1.0 - 0.9f32.powi(self.steps), 1.0 - 0.999f32.powi(self.steps));
        self.touched.sort_unstable();
        self.touched.dedup();
        for at in self.touched.drain(..).flat_map(row_of) {
            let gradient = std::mem::take(&mut self.gradient[at]);
            let [mean, square] = &mut self.moments[at];
            *mean = 0.9 * *mean + 0.1 * gradient;
            *square = 0.999 * *square + 0.001 * gradient * gradient;
            rows[at] -= rate * (*mean / bias.0) / ((*square / bias.1).sqrt() + 1e-8);
        }
    }
}

/// How `1 - cosine` changes with each component of the sum of a text's rows.
fn cosine_slope(rows: &[f32], examples: Examples<'_>, text: usize) -> Vector {
    let (unit, length) = pool(rows, &examples.tokens[text]);
    let mut slope = [0.0; DIMENSIONS];
    slope.iter_mut().zip(examples.target(text)).for_each(|(slope, t)| *slope = -t);
    through_normalization(slope, &unit, length)
}

/// How the cross-entropy of finding each sentence's name, and each name's sentence, changes with the
/// sums of their rows.
fn pair_slopes(rows: &[f32], batch: &[&Pair]) -> Vec<(Vector, Vector)> {
    let sentences: Vec<_> = batch.par_iter().map(|pair| pool(rows, &pair.sentence)).collect();
    let names: Vec<_> = batch.par_iter().map(|pair| pool(rows, &pair.name)).collect();
    let toward = |from: &[(Vector, f32)], to: &[(Vector, f32)]| -> Vec<Vec<f32>> {
        let softmax = |at: usize| {
            let mut row: Vec<f32> =
                to.iter().map(|(unit, _)| ((dot(&from[at].0, unit) - 1.0) / TEMPERATURE).exp()).collect();
            let sum: f32 = row.iter().sum();
            row.iter_mut().for_each(|x| *x /= sum);
            row[at] -= 1.0;
            row
        };
        (0..from.len()).into_par_iter().map(softmax).collect()
    };
    let (forth, back) = (toward(&sentences, &names), toward(&names, &sentences));
    let pull =
        |at: usize, from: &[(Vector, f32)], to: &[(Vector, f32)], own: &[Vec<f32>], other: &[Vec<f32>]| {
            let mut slope = [0.0; DIMENSIONS];
            for (index, (unit, _)) in to.iter().enumerate() {
                let weight = (own[at][index] + other[index][at]) / TEMPERATURE;
                slope.iter_mut().zip(unit).for_each(|(slope, x)| *slope += weight * x);
            }
            through_normalization(slope, &from[at].0, from[at].1)
        };
    (0..batch.len())
        .into_par_iter()
        .map(|at| (pull(at, &sentences, &names, &forth, &back), pull(at, &names, &sentences, &back, &forth)))
        .collect()
}

/// From the slope by a unit vector to the slope by the vector of length `length` it was made of.
fn through_normalization(mut slope: Vector, unit: &Vector, length: f32) -> Vector {
    if length == 0.0 {
        return [0.0; DIMENSIONS];
    }
    let along = dot(&slope, unit);
    slope.iter_mut().zip(unit).for_each(|(slope, x)| *slope = (*slope - along * x) / length);
    slope
}

/// The normalised sum of the tokens' rows, and the sum's length.
pub fn pool(rows: &[f32], tokens: &[u32]) -> (Vector, f32) {
    let mut sum = [0.0; DIMENSIONS];
    for token in tokens {
        sum.iter_mut().zip(&rows[row_of(*token)]).for_each(|(sum, x)| *sum += x);
    }
    let length = dot(&sum, &sum).sqrt();
    if length > 0.0 {
        sum.iter_mut().for_each(|x| *x /= length);
    }
    (sum, length)
}

/// The mean cosine between the table's vectors and the teacher's, over the examples at `texts`.
pub fn agreement(rows: &[f32], examples: Examples<'_>, texts: &[usize]) -> f64 {
    let cosine = |text: &usize| {
        let (unit, _) = pool(rows, &examples.tokens[*text]);
        f64::from(dot(&unit, examples.target(*text)))
    };
    let cosines: Vec<f64> = texts.par_iter().map(cosine).collect();
    cosines.iter().sum::<f64>() / texts.len().max(1) as f64
}

/// The table's vectors of texts, flattened.
pub fn embed<'a>(rows: &[f32], texts: impl Iterator<Item = &'a Vec<u32>>) -> Vec<f32> {
    texts.flat_map(|tokens| pool(rows, tokens).0).collect()
}

/// One over the rank of each sentence's own name among all names, on average. Both are unit vectors,
/// flattened, in the same order.
pub fn reciprocal_rank(sentences: &[f32], names: &[f32]) -> f64 {
    let (sentences, names) = (sentences.as_chunks::<DIMENSIONS>().0, names.as_chunks::<DIMENSIONS>().0);
    let reciprocal = |(sentence, own): (&Vector, &Vector)| {
        let own = dot(sentence, own);
        let better = names.iter().filter(|name| dot(sentence, *name) > own).count();
        1.0 / (better + 1) as f64
    };
    let ranks: Vec<f64> = sentences.par_iter().zip(names).map(reciprocal).collect();
    ranks.iter().sum::<f64>() / ranks.len().max(1) as f64
}

fn row_of(token: u32) -> std::ops::Range<usize> {
    let at = token as usize * DIMENSIONS;
    at..at + DIMENSIONS
}

/// Eight sums side by side, so that the compiler uses vector registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let mut sums = [0.0f32; 8];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// An order that looks random and is the same in every run.
pub fn shuffled(seed: usize, at: usize) -> [u8; 32] {
    let mut hash = blake3::Hasher::new();
    hash.update(&(seed as u64).to_le_bytes()).update(&(at as u64).to_le_bytes());
    *hash.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(seed: usize) -> impl Iterator<Item = f32> {
        (0..DIMENSIONS).map(move |j| ((seed * 31 + j * (seed + 1)) as f32).sin())
    }

    const OPTIONS: Options = Options { epochs: 300, batch: 8, rate: 0.02, pairs_weight: 0.0 };

    #[test]
    fn a_fitted_table_comes_nearer_to_its_teacher() {
        let mut rows: Vec<f32> = (0..8).flat_map(wave).collect();
        let hidden: Vec<f32> = (20..28).flat_map(wave).collect();
        let tokens: Vec<Vec<u32>> = (0..28u32).map(|i| vec![i % 8, (i / 4) % 8, 7]).collect();
        let targets: Vec<f32> = tokens.iter().flat_map(|text| pool(&hidden, text).0).collect();
        let examples = Examples { tokens: &tokens, targets: &targets };
        let all: Vec<usize> = (0..tokens.len()).collect();
        let before = agreement(&rows, examples, &all);
        fit(&mut rows, examples, &all, &[], OPTIONS);
        let after = agreement(&rows, examples, &all);
        assert!(before < 0.5 && after > 0.95, "{before} before, {after} after");
    }

    #[test]
    fn a_fitted_table_finds_what_a_sentence_is_about() {
        let mut rows: Vec<f32> = (0..24).flat_map(wave).collect();
        let tokens = [vec![0u32]];
        let targets: Vec<f32> = pool(&rows, &[0]).0.to_vec();
        let examples = Examples { tokens: &tokens, targets: &targets };
        let pairs: Vec<Pair> =
            (0..12u32).map(|i| Pair { sentence: vec![i, (i + 1) % 12], name: vec![12 + i] }).collect();
        let rank = |rows: &[f32]| {
            let sentences = embed(rows, pairs.iter().map(|pair| &pair.sentence));
            reciprocal_rank(&sentences, &embed(rows, pairs.iter().map(|pair| &pair.name)))
        };
        let before = rank(&rows);
        fit(&mut rows, examples, &[0], &pairs, Options { pairs_weight: 1.0, batch: 12, ..OPTIONS });
        let after = rank(&rows);
        assert!(before < 0.6 && after > 0.95, "{before} before, {after} after");
    }

    #[test]
    fn slopes_are_what_small_steps_measure() {
        let mut rows: Vec<f32> = (0..6).flat_map(wave).collect();
        let pairs: Vec<Pair> =
            (0..3u32).map(|i| Pair { sentence: vec![i], name: vec![i + 3, (i + 1) % 3 + 3] }).collect();
        let batch: Vec<&Pair> = pairs.iter().collect();
        let loss = |rows: &[f32]| -> f32 {
            let units = |of: fn(&Pair) -> &Vec<u32>| {
                pairs.iter().map(|pair| pool(rows, of(pair)).0).collect::<Vec<_>>()
            };
            let (s, n) = (units(|pair| &pair.sentence), units(|pair| &pair.name));
            let entropy = |from: &[Vector], to: &[Vector]| -> f32 {
                let logit = |a: &Vector, b: &Vector| dot(a, b) / TEMPERATURE;
                from.iter()
                    .zip(to)
                    .map(|(a, own)| to.iter().map(|b| logit(a, b).exp()).sum::<f32>().ln() - logit(a, own))
                    .sum()
            };
            entropy(&s, &n) + entropy(&n, &s)
        };
        let slopes = pair_slopes(&rows, &batch);
        for j in [0, 100, 383] {
            let measured = {
                rows[j] += 0.01;
                let up = loss(&rows);
                rows[j] -= 0.02;
                let down = loss(&rows);
                rows[j] += 0.01;
                (up - down) / 0.02
            };
            let computed = slopes[0].0[j];
            assert!(
                (measured - computed).abs() < 0.02 + 0.05 * computed.abs(),
                "{measured} against {computed}"
            );
        }
    }
}
