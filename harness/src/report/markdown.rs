//! Markdown: a summary table, then each spike with what was found.

use crate::measure::Unit;
use crate::outcome::Outcome;
use crate::run_report::RunReport;
use crate::text::clean_line;

/// The run as a page.
pub fn report(report: &RunReport) -> String {
    let mut page = format!("# Spikes, {}\n\n", report.at.format("%Y-%m-%d %H:%M UTC"));
    page.push_str(super::table::summary(&report.outcomes, report.seconds).trim_end());
    page.push_str(if report.stopped { ". The run was stopped before its end.\n\n" } else { ".\n\n" });
    page.push_str("| spike | claim | backend | verdict | time |\n|---|---|---|---|---|\n");
    for outcome in &report.outcomes {
        let [id, title] = [&outcome.id, &outcome.title].map(|text| escape(text));
        let (backend, verdict, time) =
            (outcome.backend, verdict(outcome), Unit::Seconds.show(outcome.seconds));
        page.push_str(&format!("| {id} | {title} | {backend} | {verdict} | {time} |\n"));
    }
    report.outcomes.iter().for_each(|outcome| section(&mut page, outcome));
    page
}

fn section(page: &mut String, outcome: &Outcome) {
    let (id, title) = (escape(&outcome.id), escape(&outcome.title));
    page.push_str(&format!("\n## {id} on {}: {}\n\n{title}\n", outcome.backend, verdict(outcome)));
    list(page, "", outcome.verdict.reasons().iter().map(|reason| escape(reason)));
    let check = |check: &crate::evidence::Check| {
        let mark = if check.holds { "x" } else { " " };
        let detail = check.detail.as_deref().map(|detail| format!(": {}", escape(detail)));
        format!("[{mark}] {}{}", escape(&check.what), detail.unwrap_or_default())
    };
    list(page, "Checks:\n\n", outcome.checks.iter().map(check));
    if !outcome.figures.is_empty() {
        page.push_str("\n| figure | found | at most | |\n|---|---|---|---|\n");
    }
    for figure in &outcome.figures {
        let at_most = figure.target.map(|target| figure.unit.show(target)).unwrap_or_default();
        let met = figure.met.map_or("", |met| if met { "met" } else { "**missed**" });
        let (name, found) = (escape(&figure.name), figure.unit.show(figure.value));
        page.push_str(&format!("| {name} | {found} | {at_most} | {met} |\n"));
    }
    list(page, "Notes:\n\n", outcome.notes.iter().map(|note| escape(note)));
    if let Some(kept) = &outcome.kept {
        page.push_str(&format!("\nLook again: {}\n", escape(kept)));
    }
}

fn list(page: &mut String, title: &str, items: impl ExactSizeIterator<Item = String>) {
    if items.len() > 0 {
        page.push_str(&format!("\n{title}"));
    }
    items.for_each(|item| page.push_str(&format!("- {item}\n")));
}

fn verdict(outcome: &Outcome) -> String {
    match outcome.failed() {
        true => format!("**{}**, expected {}", outcome.verdict, outcome.expected.as_str()),
        false => outcome.verdict.to_string(),
    }
}

/// Text that Markdown shows as it is, on one line.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean_line(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => escaped.extend(['\\', c]),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::one_of_each;

    fn page() -> String {
        let outcomes = one_of_each();
        let at = outcomes[0].at;
        let run = "run".to_string();
        super::report(&RunReport {
            run,
            at,
            seconds: 5.0,
            outcomes,
            stopped: true,
            kept: None,
            not_kept: None,
        })
    }

    #[test]
    fn the_page_tells_each_spike_with_its_evidence() {
        let page = page();
        assert!(page.starts_with("# Spikes, 2027-01-15 08:00 UTC\n"), "{page}");
        assert!(page.contains("stopped before its end"), "{page}");
        assert!(page.contains("\n## J1 on local: **refuted**, expected holds\n"), "{page}");
        assert!(page.contains("- [x] it answers\n"), "{page}");
        assert!(page.contains("| beside Parquet | 1.25 x | 1.5 x | met |"), "{page}");
    }

    #[test]
    fn text_from_outside_neither_breaks_a_table_nor_becomes_markup() {
        let page = page();
        assert!(page.contains("| The claim of A1 \\| holds |"), "{page}");
        assert!(page.contains("- rows: found &lt;3> &amp; \\|4\\|\n"), "{page}");
        assert_eq!(escape("a\n# b"), "a \\# b");
    }
}
