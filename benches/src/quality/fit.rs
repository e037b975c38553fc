//! Weights from judged queries: a linear model whose scores, as a softmax over a query's candidates, shall
//! put the mass where the gain lies (ListNet, Cao et al. 2007), held near zero so that a feature weighs only
//! what the queries show, and to the direction that is known of it.

use zenith_core::search::features::{FEATURES, Feature, Weights};

use super::examined::{Example, Row};
use super::judged::Part;

/// How strongly weights are held near zero. Chosen on the part to fit, by leaving out packages.
const HELD: f64 = 0.001;
/// What a rule weighs at least, where the queries do not show it.
const RULE: f64 = 0.25;
const STEPS: usize = 300;
const STEP: f64 = 0.05;

/// Candidates of one query among which weights alone decide.
struct List {
    rows: Vec<Vec<f64>>,
    /// The share of the gain that each has.
    shares: Vec<f64>,
}

/// Fits the weights of the features that `is_used` lets in, to the part to fit alone.
pub fn fit(examples: &[Example<'_>], is_used: impl Fn(Feature) -> bool) -> Weights {
    let lists = lists(examples.iter().filter(|example| example.part == Part::Fit));
    let used: Vec<bool> = Feature::ALL.iter().map(|feature| is_used(*feature)).collect();
    let mut weights = vec![0.0; FEATURES];
    // Adam (Kingma and Ba 2015): features differ much in how often they are there at all.
    let (mut mean, mut square) = (vec![0.0; FEATURES], vec![0.0; FEATURES]);
    for step in 1..=STEPS {
        let gradient = gradient(&lists, &weights);
        let (mean_share, square_share) = (1.0 - 0.9_f64.powf(step as f64), 1.0 - 0.999_f64.powf(step as f64));
        for (at, feature) in Feature::ALL.iter().enumerate().filter(|(at, _)| used[*at]) {
            mean[at] = 0.9 * mean[at] + 0.1 * gradient[at];
            square[at] = 0.999 * square[at] + 0.001 * gradient[at] * gradient[at];
            let scale = (square[at] / square_share).sqrt() + 1e-8;
            weights[at] = directed(*feature, weights[at] - STEP * mean[at] / mean_share / scale);
        }
    }
    let list: Vec<(Feature, f32)> =
        Feature::ALL.iter().zip(&weights).map(|(feature, weight)| (*feature, *weight as f32)).collect();
    Weights::of(&list)
}

/// A weight in the direction that is known of its feature.
fn directed(feature: Feature, weight: f64) -> f64 {
    let least = if feature.is_rule() { RULE } else { 0.0 };
    match feature.direction() {
        1 => weight.max(least),
        -1 => weight.min(-least),
        _ => weight,
    }
}

fn lists<'a>(examples: impl Iterator<Item = &'a Example<'a>>) -> Vec<List> {
    let mut lists = Vec::new();
    for example in examples {
        let blocks = example.rows.chunk_by(|one, next| one.block == next.block);
        for rows in blocks {
            let gain: f64 = rows.iter().map(|row| row.gain).sum();
            if gain > 0.0 && rows.len() > 1 {
                let features = |row: &Row| row.features.all().iter().map(|x| f64::from(*x)).collect();
                lists.push(List {
                    shares: rows.iter().map(|row| row.gain / gain).collect(),
                    rows: rows.iter().map(features).collect(),
                });
            }
        }
    }
    lists
}

fn gradient(lists: &[List], weights: &[f64]) -> Vec<f64> {
    let mut gradient: Vec<f64> = weights.iter().map(|weight| HELD * weight).collect();
    for list in lists {
        let dot = |row: &Vec<f64>| row.iter().zip(weights).map(|(x, weight)| x * weight).sum::<f64>();
        let scores: Vec<f64> = list.rows.iter().map(dot).collect();
        let best = scores.iter().copied().fold(f64::MIN, f64::max);
        let masses: Vec<f64> = scores.iter().map(|score| (score - best).exp()).collect();
        let whole: f64 = masses.iter().sum();
        for ((row, mass), share) in list.rows.iter().zip(&masses).zip(&list.shares) {
            let off = (mass / whole - share) / lists.len() as f64;
            if off.abs() > 1e-12 {
                row.iter().zip(&mut gradient).for_each(|(x, gradient)| *gradient += off * x);
            }
        }
    }
    gradient
}
