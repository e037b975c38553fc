//! From evidence to a verdict.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::measure::Target;
use crate::outcome::Figure;
use crate::spike::Expected;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check is true and every target met.
    Holds,
    /// The claim was tried and is not true: the checks that failed, the targets that were missed.
    Refuted { failures: Vec<String> },
    /// It could not be tried here.
    NotRun { because: String },
    /// An error, a panic or the deadline stopped it, or its evidence supports no verdict.
    Broken { why: String },
}

impl Verdict {
    /// The verdict in one or two words.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Refuted { .. } => "refuted",
            Verdict::NotRun { .. } => "not run",
            Verdict::Broken { .. } => "broken",
        }
    }

    /// Whether this is what is committed.
    pub fn is(&self, expected: Expected) -> bool {
        match self {
            Verdict::Holds => expected == Expected::Holds,
            Verdict::Refuted { .. } => expected == Expected::Refuted,
            Verdict::NotRun { .. } | Verdict::Broken { .. } => false,
        }
    }

    /// Whether the claim was tried to the end.
    pub const fn is_reached(&self) -> bool {
        matches!(self, Verdict::Holds | Verdict::Refuted { .. })
    }

    /// What led to it, a line each.
    pub fn reasons(&self) -> &[String] {
        match self {
            Verdict::Holds => &[],
            Verdict::Refuted { failures } => failures,
            Verdict::NotRun { because } => std::slice::from_ref(because),
            Verdict::Broken { why } => std::slice::from_ref(why),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The figures beside their targets.
pub(crate) fn figures(evidence: &Evidence, targets: &[Target]) -> Vec<Figure> {
    let beside = |recorded: &crate::evidence::Recorded| {
        let target = targets.iter().find(|target| target.figure == recorded.name);
        Figure {
            name: recorded.name.clone(),
            value: recorded.value,
            unit: recorded.unit,
            target: target.map(|target| target.at_most),
            kind: target.map(|target| target.kind),
            met: target.map(|target| recorded.value <= target.at_most),
        }
    };
    evidence.figures.iter().map(beside).collect()
}

/// The verdict that the evidence supports.
///
/// Evidence with a hole supports none: a target without its figure would otherwise be met by not
/// measuring, and a spike without checks would hold by doing nothing.
pub(crate) fn judge(evidence: &Evidence, targets: &[Target], figures: &[Figure]) -> Verdict {
    let mut defects = evidence.defects.clone();
    if evidence.checks.is_empty() {
        defects.push("it made no check".to_string());
    }
    for target in targets {
        match figures.iter().find(|figure| figure.name == target.figure) {
            None => defects.push(format!("the figure {:?} has a target and was not recorded", target.figure)),
            Some(figure) if figure.unit != target.unit => defects.push(format!(
                "the figure {:?} was recorded in {:?}, its target is in {:?}",
                target.figure, figure.unit, target.unit
            )),
            Some(_) => {}
        }
    }
    if !defects.is_empty() {
        return Verdict::Broken { why: defects.join("; ") };
    }
    let failed = evidence.checks.iter().filter(|check| !check.holds).map(|check| match &check.detail {
        Some(detail) => format!("{}: {detail}", check.what),
        None => check.what.clone(),
    });
    let missed = figures.iter().filter(|figure| figure.met == Some(false));
    let missed = missed.map(|figure| format!("{}: {}", figure.name, figure.show()));
    let failures: Vec<String> = failed.chain(missed).collect();
    match failures.is_empty() {
        true => Verdict::Holds,
        false => Verdict::Refuted { failures },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Unit;

    const TARGETS: &[Target] =
        &[Target::gate("requests", 2.0, Unit::Requests), Target::tripwire("query", 2.0)];

    fn verdict(targets: &[Target], record: impl FnOnce(&mut Evidence)) -> Verdict {
        let mut evidence = Evidence::new();
        record(&mut evidence);
        judge(&evidence, targets, &figures(&evidence, targets))
    }

    fn measured(evidence: &mut Evidence, requests: u64, seconds: u64) {
        evidence.check("it answers", true);
        evidence.count("requests", requests, Unit::Requests);
        evidence.time("query", std::time::Duration::from_secs(seconds));
    }

    fn why(verdict: Verdict) -> String {
        match verdict {
            Verdict::Broken { why } => why,
            other => panic!("not broken: {other:?}"),
        }
    }

    #[test]
    fn true_checks_and_met_targets_hold_up_to_the_bound() {
        assert_eq!(verdict(TARGETS, |evidence| measured(evidence, 2, 2)), Verdict::Holds);
    }

    #[test]
    fn a_failed_check_refutes_with_what_was_found() {
        let refuted = verdict(&[], |evidence| {
            evidence.check("it answers", true);
            evidence.check("it is fast", false);
            evidence.check_eq("rows", 3, 4);
        });
        assert_eq!(refuted.reasons(), ["it is fast", "rows: found 3, expected 4"]);
        assert_eq!(refuted.as_str(), "refuted");
    }

    #[test]
    fn a_missed_gate_and_a_missed_tripwire_refute() {
        let refuted = verdict(TARGETS, |evidence| measured(evidence, 3, 5));
        assert_eq!(refuted.reasons(), ["requests: 3 of ≤ 2 requests", "query: 5 of ≤ 2 s"]);
    }

    #[test]
    fn evidence_with_a_hole_is_broken() {
        assert!(why(verdict(&[], |_| {})).contains("no check"));
        let unmeasured = verdict(TARGETS, |evidence| evidence.check("it answers", true));
        assert!(why(unmeasured).contains("\"requests\" has a target"));
        let other_unit = verdict(&TARGETS[..1], |evidence| {
            evidence.check("it answers", true);
            evidence.count("requests", 1, Unit::Bytes);
        });
        assert!(why(other_unit).contains("in Bytes"));
    }

    #[test]
    fn a_figure_that_is_no_number_or_comes_twice_is_broken() {
        let twice = verdict(TARGETS, |evidence| {
            measured(evidence, 1, 1);
            evidence.count("requests", 9, Unit::Requests);
        });
        assert!(why(twice).contains("twice"));
        let no_number = verdict(&[], |evidence| {
            evidence.check("it answers", true);
            evidence.ratio("speed", f64::NAN);
        });
        assert!(why(no_number).contains("no number"));
    }

    #[test]
    fn only_a_verdict_that_was_reached_can_be_expected() {
        let refuted = Verdict::Refuted { failures: vec![] };
        assert!(Verdict::Holds.is(Expected::Holds) && !Verdict::Holds.is(Expected::Refuted));
        assert!(refuted.is(Expected::Refuted) && !refuted.is(Expected::Holds));
        for stopped in [Verdict::NotRun { because: String::new() }, Verdict::Broken { why: String::new() }] {
            assert!(!stopped.is(Expected::Holds) && !stopped.is(Expected::Refuted));
            assert!(!stopped.is_reached());
        }
    }
}
