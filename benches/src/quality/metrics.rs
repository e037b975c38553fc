//! The measures of a ranking, over its first [`DEPTH`] results.

use std::collections::{HashMap, HashSet};

/// How many results count: what a person looks at.
pub const DEPTH: usize = 10;

/// One ranking, or the mean over many. Each is between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// Discounted cumulative gain over the best possible; a grade `g` gains `2^g - 1`.
    pub ndcg: f64,
    /// The share of relevant paths that were found, of those that fit into the depth.
    pub recall: f64,
    /// One over the rank of the first relevant path.
    pub reciprocal_rank: f64,
}

/// Scores `ranking` (best first) against the grade of each relevant path. A path that comes again
/// gains nothing.
pub fn score<'a>(ranking: impl IntoIterator<Item = &'a str>, relevant: &HashMap<&str, u8>) -> Scores {
    let mut scores = Scores::default();
    let mut seen = HashSet::new();
    let (mut gain, mut found) = (0.0, 0usize);
    for (at, path) in ranking.into_iter().take(DEPTH).enumerate() {
        let Some(grade) = relevant.get(path).filter(|_| seen.insert(path)) else { continue };
        gain += discounted(*grade, at);
        found += 1;
        if scores.reciprocal_rank == 0.0 {
            scores.reciprocal_rank = 1.0 / (at + 1) as f64;
        }
    }
    let mut grades: Vec<u8> = relevant.values().copied().collect();
    grades.sort_unstable_by(|a, b| b.cmp(a));
    let ideal: f64 = grades.iter().take(DEPTH).enumerate().map(|(at, grade)| discounted(*grade, at)).sum();
    if ideal > 0.0 {
        scores.ndcg = gain / ideal;
        scores.recall = found as f64 / relevant.len().min(DEPTH) as f64;
    }
    scores
}

fn discounted(grade: u8, at: usize) -> f64 {
    (f64::from(grade).exp2() - 1.0) / (at as f64 + 2.0).log2()
}

impl Scores {
    /// The mean; zero over nothing.
    pub fn mean(all: &[Scores]) -> Scores {
        let n = all.len().max(1) as f64;
        let mean = |of: fn(&Scores) -> f64| all.iter().map(of).sum::<f64>() / n;
        Scores {
            ndcg: mean(|scores| scores.ndcg),
            recall: mean(|scores| scores.recall),
            reciprocal_rank: mean(|scores| scores.reciprocal_rank),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn the_best_order_scores_one() {
        let relevant = HashMap::from([("a", 3), ("b", 2), ("c", 1)]);
        let scores = score(["a", "b", "c", "x"], &relevant);
        assert!(near(scores.ndcg, 1.0) && near(scores.recall, 1.0) && near(scores.reciprocal_rank, 1.0));
    }

    #[test]
    fn a_known_ranking_scores_what_the_formula_says() {
        let relevant = HashMap::from([("a", 3), ("b", 1)]);
        let scores = score(["x", "b", "y", "a"], &relevant);
        let gain = 1.0 / 3f64.log2() + 7.0 / 5f64.log2();
        assert!(near(scores.ndcg, gain / (7.0 + 1.0 / 3f64.log2())), "{scores:?}");
        assert!(near(scores.recall, 1.0) && near(scores.reciprocal_rank, 0.5));
    }

    #[test]
    fn what_is_too_deep_twice_or_wrong_gains_nothing() {
        let relevant = HashMap::from([("a", 3), ("b", 3)]);
        let mut deep = vec!["x"; DEPTH];
        deep.push("a");
        assert_eq!(score(deep, &relevant), Scores::default());
        assert_eq!(score(["a", "a"], &relevant), score(["a"], &relevant));
        assert_eq!(score(["a"], &HashMap::new()), Scores::default());
        assert!(near(score(["a"], &relevant).recall, 0.5));
    }

    #[test]
    fn recall_is_of_what_fits() {
        let names: Vec<String> = (0..20).map(|i| i.to_string()).collect();
        let relevant: HashMap<&str, u8> = names.iter().map(|name| (name.as_str(), 1)).collect();
        assert!(near(score(names.iter().map(String::as_str), &relevant).recall, 1.0));
    }
}
