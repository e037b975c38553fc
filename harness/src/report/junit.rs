//! JUnit XML, for continuous integration: a suite a backend, a case a spike.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::backend::Backend;
use crate::outcome::Outcome;
use crate::verdict::Verdict;

/// The outcomes as one document.
pub fn report(outcomes: &[Outcome]) -> Result<String, SerializeError> {
    let mut report = Report::new("spikes");
    report.set_time(time(outcomes.iter().map(|outcome| outcome.seconds).sum()));
    for backend in Backend::all() {
        let mut suite = TestSuite::new(backend.as_str());
        let on_backend = outcomes.iter().filter(|outcome| outcome.backend == backend);
        suite.add_test_cases(on_backend.map(case));
        if suite.tests > 0 {
            report.add_test_suite(suite);
        }
    }
    report.to_string()
}

fn case(outcome: &Outcome) -> TestCase {
    let name = match &outcome.fault {
        Some(fault) => format!("{}::fault::{fault}", outcome.id),
        None => format!("{} {}", outcome.id, outcome.title),
    };
    let mut case = TestCase::new(name, status(outcome));
    case.set_classname(format!("spikes.{}", outcome.group));
    case.set_time(time(outcome.seconds));
    case.set_system_out(details(outcome));
    case
}

fn status(outcome: &Outcome) -> TestCaseStatus {
    let reasons = outcome.verdict.reasons().join("\n");
    let mut status = match &outcome.verdict {
        Verdict::NotRun { .. } if !outcome.required => TestCaseStatus::skipped(),
        Verdict::Broken { .. } | Verdict::NotRun { .. } => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ if outcome.failed() => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => return TestCaseStatus::success(),
    };
    let message = match outcome.verdict {
        Verdict::NotRun { .. } => reasons.clone(),
        _ => format!("{}, expected {}: {reasons}", outcome.verdict, outcome.expected.as_str()),
    };
    status.set_message(message).set_description(reasons);
    status
}

fn details(outcome: &Outcome) -> String {
    let mark = |holds: bool| if holds { "ok" } else { "no" };
    let checks = outcome.checks.iter().map(|check| format!("{} {}", mark(check.holds), check.what));
    let figures = outcome.figures.iter().map(|figure| format!("{}: {}", figure.name, figure.show()));
    let lines: Vec<String> = checks.chain(figures).chain(outcome.notes.iter().cloned()).collect();
    lines.join("\n")
}

/// A time from a file may be anything.
fn time(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::one_of_each;

    #[test]
    fn the_document_parses_back_and_counts() {
        let xml = report(&one_of_each()).unwrap();
        let report = Report::deserialize_from_str(&xml).unwrap();
        assert_eq!((report.tests, report.failures, report.errors, report.skipped), (4, 1, 1, 1));
        let suites: Vec<_> =
            report.test_suites.iter().map(|suite| (suite.name.as_str(), suite.tests)).collect();
        assert_eq!(suites, [("embedded", 1), ("local", 2), ("cloud", 1)]);
        assert!(xml.contains("rows: found &lt;3> &amp; |4|") || xml.contains("&lt;3&gt; &amp; |4|"), "{xml}");
    }

    #[test]
    fn a_required_backend_that_is_absent_is_an_error() {
        let mut outcomes = one_of_each();
        outcomes[3].required = true;
        let report = Report::deserialize_from_str(&report(&outcomes).unwrap()).unwrap();
        assert_eq!((report.errors, report.skipped), (2, 0));
    }
}
