//! Results as a table, and two of them beside each other.

use super::results::{Figure, Outcome, Results};

const BEGIN: &str = "<!-- gates -->\n";
const END: &str = "<!-- /gates -->";

/// A table of Markdown: what each bench ends in, and what README shows of all.
pub fn table(results: &[Results]) -> String {
    let head = ["bench", "ours", "peer", "ratio", "target", "verdict"].map(str::to_string);
    let rows = results.iter().flat_map(|results| {
        results.outcomes.iter().map(|outcome| {
            let [ours, peer, figure, target] = outcome.figure.told();
            let verdict = outcome.verdict.as_str().to_string();
            [format!("{}: {}", results.bench, outcome.name), ours, peer, figure, target, verdict]
        })
    });
    markdown(&head, &rows.collect::<Vec<_>>())
}

/// A page with another table between its markers; none where it has no markers.
pub fn with_table(page: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{table}{END}{after}"))
}

/// What changed from one run to another, gate by gate: the figures that decide. One that is not in both is told as such.
pub fn compared(before: &Results, after: &Results) -> String {
    let head = ["bench", "before", "after", "verdict"].map(str::to_string);
    let of = |results: &Results, name: &str| results.outcomes.iter().find(|of| of.name == name).cloned();
    let told = |outcome: Option<&Outcome>| {
        outcome.map_or("not there".to_string(), |outcome| {
            let [_, _, figure, _] = outcome.figure.told();
            figure
        })
    };
    let mut names: Vec<&str> = after.outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
    names.extend(before.outcomes.iter().map(|of| of.name.as_str()).filter(|name| of(after, name).is_none()));
    let rows = names.into_iter().map(|name| {
        let (was, is) = (of(before, name), of(after, name));
        let verdict = match (&was, &is) {
            (Some(was), Some(is)) => moved(&was.figure, &is.figure).to_string(),
            (None, _) => "new".to_string(),
            (_, None) => "gone".to_string(),
        };
        [format!("{}: {name}", after.bench), told(was.as_ref()), told(is.as_ref()), verdict]
    });
    markdown(&head, &rows.collect::<Vec<_>>())
}

/// Whether one figure is another than before, as far as their bounds can tell.
fn moved(was: &Figure, is: &Figure) -> &'static str {
    match (was, is) {
        (Figure::Ratio { ratio: was, .. }, Figure::Ratio { ratio: is, .. }) => {
            if is.upper < was.lower {
                "better"
            } else if is.lower > was.upper {
                "worse"
            } else {
                "the same"
            }
        }
        (Figure::Count { count: was, .. }, Figure::Count { count: is, .. }) => match is.cmp(was) {
            std::cmp::Ordering::Less => "better",
            std::cmp::Ordering::Equal => "the same",
            std::cmp::Ordering::Greater => "worse",
        },
        _ => "",
    }
}

fn markdown<const COLUMNS: usize>(head: &[String; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let wide = |column: usize| {
        let cells = std::iter::once(head).chain(rows).map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..COLUMNS).map(wide).collect();
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let dashes: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut table = line(head) + &format!("| {} |\n", dashes.join(" | "));
    table.extend(rows.iter().map(line));
    table
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::super::{Interval, Pace, Settings, Verdict};
    use super::*;

    fn results(ratio: f64, requests: u64) -> Results {
        let settings = Settings { pace: Pace::Full, filter: None, folder: PathBuf::new(), slowdown: 1 };
        let bounds = |median: f64| Interval { lower: median - 0.1, median, upper: median + 0.1 };
        let figure = Figure::Ratio {
            ratio: bounds(ratio),
            control: bounds(1.0),
            ours: Duration::from_micros(12),
            peer: Duration::from_millis(3),
            rounds: 31,
            most: 1.5,
        };
        let count = Figure::Count { count: requests, most: 2 };
        let mut results = Results::new("catalog", &settings);
        for (name, figure) in [("a lookup", figure), ("requests", count)] {
            results.outcomes.push(Outcome::of(name, figure, "0123abcd".to_string(), Pace::Full));
        }
        results
    }

    #[test]
    fn a_table_has_a_row_for_each_gate_and_what_was_kept_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let kept = results(1.2, 3);
        kept.keep(folder.path()).unwrap();
        let read = Results::read(&folder.path().join("catalog.json")).unwrap();
        assert!(read.has_failed(), "more requests than there may be");
        assert_eq!(read.outcomes[0].verdict, Verdict::Holds);
        let told = table(std::slice::from_ref(&read));
        assert_eq!(told, table(&[kept]));
        let rows: Vec<&str> = told.lines().collect();
        assert_eq!(rows.len(), 4, "{told}");
        for cell in ["catalog: a lookup", "12.0 µs", "3.00 ms", "1.20 (1.10 to 1.30)", "≤ 1.5", "holds"] {
            assert!(rows[2].contains(cell), "{cell}: {told}");
        }
        assert!(rows[3].contains("FAILED"), "{told}");
    }

    #[test]
    fn a_page_has_the_last_table_between_its_markers() {
        let page = |table: &str| format!("a\n{BEGIN}{table}{END}\nb\n");
        let [before, after] = ["| 1 |\n", "| 2 |\n"].map(page);
        assert_eq!(with_table(&before, "| 2 |\n"), Some(after));
        assert_eq!(with_table("no markers", "| 2 |\n"), None);
    }

    #[test]
    fn two_runs_differ_where_their_bounds_do_not_meet() {
        let moved = |was, is| {
            let told = compared(&results(was, 2), &results(is, 2));
            told.lines().nth(2).unwrap().rsplit('|').nth(1).unwrap().trim().to_string()
        };
        assert_eq!(moved(1.2, 1.25), "the same");
        assert_eq!(moved(1.2, 1.5), "worse");
        assert_eq!(moved(1.2, 0.9), "better");
        let told = compared(&results(1.0, 2), &results(1.0, 1));
        assert!(told.lines().nth(3).unwrap().contains("better"), "{told}");
    }
}
