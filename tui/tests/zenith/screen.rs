//! The explorer in a terminal of its own.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::Place;

/// Runs the explorer: waits for each text, then sends the keys beside it.
fn explore(place: &Place, steps: &[(&str, &str)]) -> (Option<i32>, String) {
    let steps = serde_json::to_string(steps).unwrap();
    let program = place.command(&[]);
    let mut terminal = Command::new("python3");
    terminal.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zenith/terminal.py"));
    terminal.arg(steps).arg(program.get_program()).current_dir(place.project());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    let Output { status, stdout, stderr } = terminal.output().unwrap();
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    (status.code(), String::from_utf8_lossy(&stdout).into_owned())
}

#[test]
fn it_indexes_beside_the_screen_finds_and_gives_the_terminal_back() {
    let place = Place::with_workspace(3);
    let steps = [("3 packages", "2"), ("hybrid", "do_part1"), ("part1::do_part1", "\u{3}\u{3}")];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
    let (entered, left) = (written.find("\u{1b}[?1049h"), written.rfind("\u{1b}[?1049l"));
    assert!(entered.is_some() && entered < left, "it leaves the alternate screen: {written:?}");
    assert!(written.rfind("\u{1b}[?25h") > written.rfind("\u{1b}[?25l"), "it shows the cursor again");
    place.run(&["doctor"]).ok();
}

/// Alt with an arrow leads back, Alt with a letter opens the palette, from a line that one types as well.
#[test]
fn one_goes_back_to_the_search_and_quits_by_the_palette() {
    let place = Place::with_workspace(3);
    let steps = [
        ("3 packages", "2"),
        ("hybrid", "do_part1"),
        ("part1::do_part1", "\r"),
        ("‹", "\u{1b}[1;3D"),
        ("hybrid", "\u{1b}x"),
        ("Actions", "quit\r"),
    ];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
}

#[test]
fn without_a_lockfile_it_opens_and_says_what_to_do() {
    let place = Place::new();
    let (code, written) = explore(&place, &[("zenith index", "q")]);
    assert_eq!(code, Some(0), "{written}");
}

#[test]
fn a_spike_runs_beside_the_screen_and_is_kept() {
    let place = Place::new();
    // The first one that needs nothing, on the backend that is nothing. Single words: a blank that was
    // blank before is not written.
    let first = zenith_spikes::all().iter().position(|spike| spike.id == "J0").unwrap();
    let run = "j".repeat(first) + "b\r";
    let steps = [("no Cargo.lock here", "3"), ("A1", run.as_str()), ("✓", "q")];
    let (code, written) = explore(&place, &steps);
    assert_eq!(code, Some(0), "{written}");
    let runs = std::fs::read_dir(place.data().join("spikes/runs")).unwrap();
    assert_eq!(runs.count(), 1, "{written}");
}
