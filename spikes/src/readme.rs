//! The table of spikes in the README, made from the registry.

use zenith_harness::report::markdown::escape;
use zenith_harness::{Group, Spike, Target};

const BEGIN: &str = "<!-- spikes -->";
const END: &str = "<!-- /spikes -->";

/// The table, as it stands between the markers of the README.
pub fn table(spikes: &[Spike]) -> String {
    let mut table = String::from("| spike | claim | runs on | verdict | held to |\n|---|---|---|---|---|\n");
    for group in Group::all() {
        let mut title = format!("| **{}** | **{group}** | | | |\n", group.letter());
        for spike in spikes.iter().filter(|spike| spike.group == group) {
            table.push_str(&std::mem::take(&mut title));
            table.push_str(&row(spike));
        }
    }
    table
}

/// What stands between the markers of this text.
pub fn between_markers(readme: &str) -> Option<&str> {
    let (_, rest) = readme.split_once(BEGIN)?;
    rest.split_once(END).map(|(between, _)| between)
}

fn row(spike: &Spike) -> String {
    let backends: Vec<&str> = spike.backends.iter().map(|backend| backend.as_str()).collect();
    let targets: Vec<String> = spike.targets.iter().map(held_to).collect();
    let (id, title) = (escape(spike.id), escape(spike.title));
    let (backends, expected) = (backends.join(", "), spike.expected.as_str());
    format!("| {id} | {title} | {backends} | {expected} | {} |\n", targets.join("; "))
}

fn held_to(target: &Target) -> String {
    format!("{} ≤ {}", escape(target.figure), target.unit.show(target.at_most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::toys::TOYS;

    #[test]
    fn each_spike_has_a_row_below_its_group() {
        let table = table(TOYS);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 2 + 2 + TOYS.len());
        assert_eq!(lines[2], "| **A** | **export** | | | |");
        assert_eq!(lines[3], "| A1 | Rows are written | embedded, local | holds | requests ≤ 2 requests |");
    }

    #[test]
    fn the_markers_are_found_or_not() {
        let text = format!("a\n{BEGIN}\ntable\n{END}\nb");
        assert_eq!(between_markers(&text), Some("\ntable\n"));
        assert_eq!(between_markers(BEGIN), None);
    }
}
