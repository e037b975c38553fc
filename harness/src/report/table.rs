//! An aligned table for people, and below it whatever is not as expected.

use crate::measure::Unit;
use crate::outcome::Outcome;
use crate::run_report::FaultOutcome;
use crate::text::{clean_line, fit};
use crate::verdict::Verdict;

/// Longer titles are cut, so that a row fits a wide terminal.
const TITLE_CHARS_MAX: usize = 52;

/// Every outcome, its further targets on rows of their own.
pub fn outcomes(outcomes: &[Outcome]) -> String {
    let mut rows = vec![["ID", "CLAIM", "BACKEND", "VERDICT", "TIME", "TARGETS"].map(String::from).to_vec()];
    for outcome in outcomes {
        let mut targets = outcome.figures.iter().filter(|figure| figure.target.is_some()).map(|figure| {
            let miss = if figure.met == Some(false) { "  missed" } else { "" };
            format!("{}: {}{miss}", clean_line(&figure.name), figure.show())
        });
        let verdict = match outcome.failed() {
            true => format!("{} !", outcome.verdict),
            false => outcome.verdict.to_string(),
        };
        rows.push(vec![
            clean_line(&outcome.id),
            fit(&clean_line(&outcome.title), TITLE_CHARS_MAX),
            outcome.backend.to_string(),
            verdict,
            time(outcome),
            targets.next().unwrap_or_default(),
        ]);
        rows.extend(targets.map(|target| {
            let mut row = vec![String::new(); 5];
            row.push(target);
            row
        }));
    }
    align(&rows)
}

/// What is not as expected, what was not run, and what was kept: a paragraph each.
pub fn details(outcomes: &[Outcome]) -> String {
    let told = |outcome: &&Outcome| outcome.failed() || !outcome.verdict.is_reached();
    let mut text = String::new();
    for outcome in outcomes.iter().filter(told) {
        text.push_str(&headline(outcome));
        lines(&mut text, outcome.verdict.reasons());
        if outcome.failed() {
            lines(&mut text, &outcome.notes);
        }
        if let Some(kept) = &outcome.kept {
            text.push_str(&format!("  look again: {}\n", clean_line(kept)));
        }
    }
    text
}

/// The last line: how many of each.
pub fn summary(outcomes: &[Outcome], seconds: f64) -> String {
    let count = |verdict: &str| outcomes.iter().filter(|o| o.verdict.as_str() == verdict).count();
    let counts = ["holds", "refuted", "broken", "not run"].map(|verdict| (count(verdict), verdict));
    let told =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, verdict)| format!("{count} {verdict}"));
    let told: Vec<String> = told.collect();
    let failed = match outcomes.iter().filter(|outcome| outcome.failed()).count() {
        0 if outcomes.iter().all(|outcome| outcome.verdict.is_reached()) => "all as expected".to_string(),
        0 => "what ran is as expected".to_string(),
        failed => format!("{failed} not as expected"),
    };
    format!("{} in {}; {failed}\n", told.join(", "), Unit::Seconds.show(seconds))
}

/// Every planted fault, and whether it was caught.
pub fn faults(faults: &[FaultOutcome]) -> String {
    let mut rows = vec![["ID", "FAULT", "BACKEND", "RESULT", "TIME"].map(String::from).to_vec()];
    rows.extend(faults.iter().map(|fault| {
        vec![
            clean_line(&fault.outcome.id),
            clean_line(&fault.fault),
            fault.outcome.backend.to_string(),
            fault.as_str().to_string(),
            time(&fault.outcome),
        ]
    }));
    let mut text = align(&rows);
    for fault in faults.iter().filter(|fault| !fault.caught) {
        let (id, name) = (clean_line(&fault.outcome.id), clean_line(&fault.fault));
        let verdict = fault.outcome.verdict.as_str();
        text.push_str(&format!("\n{id} {name}: {}: {verdict}\n", clean_line(&fault.what)));
        lines(&mut text, fault.outcome.verdict.reasons());
    }
    text
}

fn headline(outcome: &Outcome) -> String {
    let (id, backend, verdict) = (clean_line(&outcome.id), outcome.backend, &outcome.verdict);
    let differs = match verdict {
        _ if !outcome.failed() => String::new(),
        Verdict::NotRun { .. } => ", but required".to_string(),
        _ => format!(", expected {}", outcome.expected.as_str()),
    };
    format!("\n{id} on {backend}: {verdict}{differs}\n")
}

/// How long it ran, if it did.
fn time(outcome: &Outcome) -> String {
    match outcome.verdict {
        Verdict::NotRun { .. } => String::new(),
        _ => Unit::Seconds.show(outcome.seconds),
    }
}

fn lines(text: &mut String, lines: &[String]) {
    lines.iter().for_each(|line| text.push_str(&format!("  {}\n", clean_line(line))));
}

/// Columns as wide as their widest cell, two spaces apart, nothing at the end of a line.
pub fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::one_of_each;

    #[test]
    fn columns_are_aligned_and_a_failure_is_marked() {
        let table = outcomes(&one_of_each());
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 5);
        let column = |line: &str| line.find("local").or(line.find("embedded")).or(line.find("BACKEND"));
        assert!(lines[..4].iter().all(|line| column(line) == column(lines[0])), "{table}");
        assert!(lines[1].ends_with("holds      1.25 s  beside Parquet: 1.25 of ≤ 1.5 x"), "{table}");
        assert!(lines[2].contains("refuted !") && lines[4].contains("not run "), "{table}");
        assert!(table.lines().all(|line| line == line.trim_end()));
    }

    #[test]
    fn each_further_target_has_a_row() {
        let mut outcome = one_of_each().remove(0);
        let again = outcome.figures[0].clone();
        outcome.figures.push(crate::outcome::Figure { met: Some(false), value: 2.0, ..again });
        let table = outcomes(&[outcome]);
        assert!(table.lines().nth(2).is_some_and(|line| line.ends_with("2 of ≤ 1.5 x  missed")), "{table}");
    }

    #[test]
    fn what_differs_is_told_and_what_holds_is_not() {
        let mut all = one_of_each();
        all[1].kept = Some("ls /kept".into());
        let text = details(&all);
        assert!(text.contains("J1 on local: refuted, expected holds\n  rows: found"), "{text}");
        assert!(text.contains("look again: ls /kept") && text.contains("no account"), "{text}");
        assert!(!text.contains("A1"), "{text}");
        assert_eq!(summary(&all, 2.0), "1 holds, 1 refuted, 1 broken, 1 not run in 2 s; 2 not as expected\n");
    }

    #[test]
    fn a_backend_that_is_absent_is_told_as_such() {
        let mut absent = one_of_each().split_off(3);
        assert_eq!(summary(&absent, 0.0), "1 not run in 0 s; what ran is as expected\n");
        absent[0].required = true;
        assert!(details(&absent).contains("K1 on cloud: not run, but required\n  no account"));
    }

    #[test]
    fn a_missed_fault_is_explained() {
        let outcome = one_of_each().remove(0);
        let fault = FaultOutcome { fault: "leak".into(), what: "A leak".into(), caught: false, outcome };
        let text = faults(&[fault]);
        assert!(text.contains("MISSED") && text.contains("A1 leak: A leak: holds"), "{text}");
    }
}
