//! What a whole run found, and whether the program that ran it fails.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::verdict::Verdict;

/// Every spike of a run, in the order in which they ran.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The name of the run in the history.
    pub run: String,
    pub at: DateTime<Utc>,
    pub seconds: f64,
    pub outcomes: Vec<Outcome>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Where it was kept.
    pub kept: Option<PathBuf>,
    /// Why it could not be kept.
    pub not_kept: Option<String>,
}

impl RunReport {
    /// 0 where everything is as expected, else 1.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.stopped || self.outcomes.iter().any(Outcome::failed))
    }
}

/// A defect that was planted in a spike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultOutcome {
    pub fault: String,
    /// What was wrong, in one sentence.
    pub what: String,
    /// Whether the spike told: it was refuted by something that holds without the defect.
    pub caught: bool,
    pub outcome: Outcome,
}

impl FaultOutcome {
    /// `caught`, `MISSED` or `not run`.
    pub const fn as_str(&self) -> &'static str {
        match self.outcome.verdict {
            _ if self.caught => "caught",
            Verdict::NotRun { .. } => "not run",
            _ => "MISSED",
        }
    }

    /// Whether the run fails because of it.
    pub fn failed(&self) -> bool {
        match self.outcome.verdict {
            Verdict::NotRun { .. } => self.outcome.required,
            _ => !self.caught,
        }
    }
}

/// Every defect that was planted in a run.
#[derive(Clone, Debug)]
pub struct FaultReport {
    pub faults: Vec<FaultOutcome>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl FaultReport {
    /// 0 where every defect was caught, else 1.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.stopped || self.faults.iter().any(FaultOutcome::failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;
    use crate::outcome::tests::outcome;
    use crate::spike::Expected;

    fn not_run() -> Verdict {
        Verdict::NotRun { because: "absent".into() }
    }

    fn exit_code(outcomes: Vec<Outcome>, stopped: bool) -> u8 {
        let (run, at) = (String::new(), DateTime::default());
        RunReport { run, at, seconds: 0.0, outcomes, stopped, kept: None, not_kept: None }.exit_code()
    }

    #[test]
    fn a_run_fails_where_reality_differs_from_what_is_committed() {
        let holds = outcome("J1", Backend::Local, Verdict::Holds);
        let refuted = outcome("J1", Backend::Local, Verdict::Refuted { failures: vec![] });
        let broken = outcome("J1", Backend::Local, Verdict::Broken { why: String::new() });
        let known = Outcome { expected: Expected::Refuted, as_expected: true, ..refuted.clone() };
        assert_eq!(exit_code(vec![holds.clone(), known], false), 0);
        assert_eq!(exit_code(vec![holds.clone(), refuted], false), 1);
        assert_eq!(exit_code(vec![broken], false), 1);
        assert_eq!(exit_code(vec![holds], true), 1);
    }

    #[test]
    fn an_absent_backend_fails_only_where_it_is_required() {
        let absent = outcome("J1", Backend::Cloud, not_run());
        let required = Outcome { required: true, ..absent.clone() };
        assert_eq!(exit_code(vec![absent], false), 0);
        assert_eq!(exit_code(vec![required], false), 1);
    }

    #[test]
    fn a_fault_fails_the_run_unless_it_was_caught_or_could_not_be_planted() {
        let fault = |caught, verdict| FaultOutcome {
            fault: "f".into(),
            what: "w".into(),
            caught,
            outcome: outcome("J1", Backend::Local, verdict),
        };
        let caught = fault(true, Verdict::Refuted { failures: vec![] });
        let missed = fault(false, Verdict::Broken { why: String::new() });
        let absent = fault(false, not_run());
        assert_eq!([&caught, &missed, &absent].map(FaultOutcome::as_str), ["caught", "MISSED", "not run"]);
        assert_eq!([&caught, &missed, &absent].map(FaultOutcome::failed), [false, true, false]);
        let report = FaultReport { faults: vec![caught, missed], stopped: false };
        assert_eq!(report.exit_code(), 1);
    }
}
