//! What each feature is worth: the weights are fitted without it, and the rest is judged.

use std::fmt::Write;

use zenith_core::search::features::{Feature, Weights};

use super::examined::{Example, mean};
use super::fit::fit;
use super::judged::Part;
use super::metrics::Scores;

/// An order with some features off, on the part that was fitted and on the part that was not.
pub struct Ablated {
    /// What is off.
    pub without: String,
    pub fit: Scores,
    pub held: Scores,
}

/// Features that speak of one thing, which go off together.
const TOGETHER: [(&str, &[Feature]); 6] = [
    (
        "late interaction",
        &[Feature::Late, Feature::TitleLate, Feature::NameLate, Feature::SectionLate, Feature::SectionTitle],
    ),
    ("mean vectors", &[Feature::Meaning, Feature::Cosine, Feature::SectionMeaning]),
    ("words", &[Feature::Words, Feature::Same, Feature::TitleSame, Feature::NameSame, Feature::SectionWords]),
    ("packages' names", &[Feature::Package, Feature::PackageWord, Feature::SectionPackage]),
    ("what the others say", &[Feature::Company, Feature::Told, Feature::Holds]),
    (
        "what nobody writes",
        &[Feature::Hidden, Feature::Unwritten, Feature::Older, Feature::Deprecated, Feature::Unstable],
    ),
];

/// The order with all features, then without each that any candidate has, then without some together.
pub fn ablate(examples: &[Example<'_>]) -> Vec<Ablated> {
    let of = |without: &str, weights: &Weights| Ablated {
        without: without.to_string(),
        fit: mean(examples, Part::Fit, weights),
        held: mean(examples, Part::Held, weights),
    };
    let all = fit(examples, |_| true);
    let mut rows = vec![of("nothing", &all)];
    let off = |list: &[Feature]| fit(examples, |feature| !list.contains(&feature));
    for feature in Feature::ALL.iter().filter(|feature| all.get(**feature) != 0.0) {
        rows.push(of(feature.name(), &off(&[*feature])));
    }
    for (name, features) in TOGETHER {
        rows.push(of(&format!("*{name}*"), &off(features)));
    }
    rows
}

/// The rows as a table in Markdown, each with how far it is from the first.
pub fn table(rows: &[Ablated]) -> String {
    let mut table =
        "| without | fit: nDCG@10 | MRR@10 | held: nDCG@10 | MRR@10 |\n|---|---|---|---|---|\n".to_string();
    let whole = rows.first();
    for row in rows {
        let cell = |of: fn(&Ablated) -> f64| {
            let from = whole.map_or(0.0, of);
            format!("{:.3} ({:+.3})", of(row), of(row) - from)
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} |",
            row.without,
            cell(|row| row.fit.ndcg),
            cell(|row| row.fit.reciprocal_rank),
            cell(|row| row.held.ndcg),
            cell(|row| row.held.reciprocal_rank)
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_what_each_row_loses() {
        let row = |without: &str, ndcg: f64| Ablated {
            without: without.to_string(),
            fit: Scores { ndcg, ..Scores::default() },
            held: Scores::default(),
        };
        let table = table(&[row("nothing", 0.5), row("words", 0.4)]);
        assert!(table.contains("| words | 0.400 (-0.100) |"), "{table}");
    }
}
