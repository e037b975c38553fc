//! How a figure moved from run to run.

use std::collections::BTreeMap;

use serde::Serialize;

use super::history::KeptRun;
use crate::backend::Backend;
use crate::measure::Unit;
use crate::outcome::Outcome;
use crate::text::clean_line;

/// The name under which the time of the whole spike is compared.
pub const WHOLE: &str = "whole spike";
/// As many values as a sparkline shows.
const SPARKS_MAX: usize = 30;
const SPARKS: [char; 5] = ['▁', '▂', '▃', '▅', '▇'];

/// One figure of one spike on one backend, over the runs that reached a verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trend {
    pub id: String,
    pub backend: Backend,
    pub figure: String,
    pub unit: Unit,
    /// What the last run held it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// The oldest first; never empty.
    pub values: Vec<f64>,
}

/// Every figure of the spikes that `wanted` accepts, by spike, backend and name.
pub fn trends(runs: &[KeptRun], wanted: impl Fn(&str) -> bool) -> Vec<Trend> {
    let mut trends: BTreeMap<(String, Backend, String), Trend> = BTreeMap::new();
    let outcomes = runs.iter().flat_map(|run| &run.outcomes);
    for outcome in outcomes.filter(|outcome| outcome.verdict.is_reached() && wanted(&outcome.id)) {
        for (name, value, unit, target) in figures(outcome) {
            let (id, backend) = (clean_line(&outcome.id), outcome.backend);
            let key = (id.clone(), backend, name.clone());
            let trend = trends.entry(key).or_insert_with(|| Trend {
                id,
                backend,
                figure: name,
                unit,
                target,
                values: Vec::new(),
            });
            // A figure that changed its unit begins anew.
            if trend.unit != unit {
                trend.values.clear();
                trend.unit = unit;
            }
            trend.target = target;
            trend.values.push(value);
        }
    }
    trends.into_values().collect()
}

/// The figures of a spike, with its whole time as one more.
fn figures(outcome: &Outcome) -> impl Iterator<Item = (String, f64, Unit, Option<f64>)> {
    let whole = (WHOLE.to_string(), outcome.seconds, Unit::Seconds, None);
    let recorded = outcome.figures.iter();
    std::iter::once(whole)
        .chain(recorded.map(|figure| (clean_line(&figure.name), figure.value, figure.unit, figure.target)))
}

impl Trend {
    /// The value of the last run.
    pub fn last(&self) -> f64 {
        self.values.last().copied().unwrap_or_default()
    }

    /// The middle value; of an even number, the mean of the two in the middle.
    pub fn median(&self) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.as_slice() {
            [] => 0.0,
            values if values.len().is_multiple_of(2) => f64::midpoint(values[middle - 1], values[middle]),
            values => values[middle],
        }
    }

    /// The least value.
    pub fn min(&self) -> f64 {
        self.values.iter().copied().min_by(f64::total_cmp).unwrap_or_default()
    }

    /// The greatest value.
    pub fn max(&self) -> f64 {
        self.values.iter().copied().max_by(f64::total_cmp).unwrap_or_default()
    }

    /// The last values between the least and the greatest of them; level where all are equal.
    pub fn sparkline(&self) -> String {
        let shown = &self.values[self.values.len().saturating_sub(SPARKS_MAX)..];
        let least = shown.iter().copied().min_by(f64::total_cmp).unwrap_or_default();
        let greatest = shown.iter().copied().max_by(f64::total_cmp).unwrap_or_default();
        let level = |value: f64| match greatest - least {
            range if range > 0.0 => (value - least) / range * (SPARKS.len() - 1) as f64,
            _ => 0.0,
        };
        // The cast saturates, so that no value from a file is out of bounds.
        shown.iter().map(|value| SPARKS[(level(*value).round() as usize).min(SPARKS.len() - 1)]).collect()
    }
}

/// The trends as an aligned table.
pub fn table(trends: &[Trend]) -> String {
    let head = ["ID", "BACKEND", "FIGURE", "LAST", "MEDIAN", "RANGE", "TREND", "RUNS"];
    let mut rows = vec![head.map(String::from).to_vec()];
    rows.extend(trends.iter().map(|trend| {
        let show = |value| trend.unit.show(value);
        let last = match trend.target {
            Some(target) => trend.unit.show_of(trend.last(), target),
            None => show(trend.last()),
        };
        vec![
            trend.id.clone(),
            trend.backend.to_string(),
            trend.figure.clone(),
            last,
            show(trend.median()),
            format!("{} – {}", show(trend.min()), show(trend.max())),
            trend.sparkline(),
            trend.values.len().to_string(),
        ]
    }));
    super::table::align(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::tests::outcome;
    use crate::verdict::Verdict;

    fn run(value: f64, verdict: Verdict) -> KeptRun {
        let mut outcome = outcome("J1", Backend::Local, verdict);
        outcome.figures[0].value = value;
        KeptRun { run: String::new(), at: outcome.at, outcomes: vec![outcome] }
    }

    fn of(values: &[f64]) -> Trend {
        let runs: Vec<KeptRun> = values.iter().map(|value| run(*value, Verdict::Holds)).collect();
        trends(&runs, |_| true).into_iter().find(|trend| trend.figure == "beside Parquet").unwrap()
    }

    #[test]
    fn a_trend_has_the_last_the_middle_and_the_range() {
        let trend = of(&[3.0, 1.0, 2.0, 5.0]);
        assert_eq!((trend.last(), trend.median(), trend.min(), trend.max()), (5.0, 2.5, 1.0, 5.0));
        assert_eq!(trend.sparkline(), "▃▁▂▇");
        assert_eq!(trend.target, Some(1.5));
        assert_eq!(of(&[2.0, 2.0]).sparkline(), "▁▁");
        assert_eq!(of(&[1.0, 9.0, 4.0]).median(), 4.0);
        assert_eq!(of(&[1.0; 300]).sparkline().chars().count(), SPARKS_MAX);
    }

    #[test]
    fn odd_values_from_a_file_are_shown_somehow() {
        assert_eq!(of(&[f64::MAX, f64::MIN]).sparkline().chars().count(), 2);
        assert!(table(&[of(&[-1.0, 1e300])]).contains("RUNS"));
    }

    #[test]
    fn runs_without_a_verdict_and_other_spikes_do_not_count() {
        let broken = run(9.0, Verdict::Broken { why: String::new() });
        let runs = [run(1.0, Verdict::Holds), broken];
        assert!(trends(&runs, |_| true).iter().all(|trend| trend.values.len() == 1));
        assert!(trends(&runs, |id| id == "J2").is_empty());
        let names: Vec<_> = trends(&runs, |_| true).into_iter().map(|trend| trend.figure).collect();
        assert_eq!(names, ["beside Parquet", "rows", WHOLE]);
    }

    #[test]
    fn the_table_is_aligned_and_names_the_target() {
        let table = table(&[of(&[1.0, 1.25])]);
        assert!(table.contains("1.25 of ≤ 1.5 x  1.12 x  1 x – 1.25 x  ▁▇     2\n"), "{table}");
    }
}
