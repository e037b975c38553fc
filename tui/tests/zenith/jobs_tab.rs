//! The tab Jobs, in a terminal, over jobs that are really kept and really run. Single words are waited for: a blank
//! that was blank before is not written; and Ctrl-L draws anew, so that they are written whole.

use crate::screen::in_terminal;
use crate::support::Place;

const DOWN: &str = "\u{1b}[B";
/// To the tab, drawn anew.
const TO_JOBS: &str = "\u{1b}5\u{c}";

/// A job is made in lines, paused, asked for, seen to wait since nothing runs it, and stopped.
#[test]
fn a_job_is_made_paused_asked_for_and_stopped() {
    let place = Place::new();
    let lines = format!("greet{DOWN}30 2 * * *{DOWN}{DOWN}echo hello\u{c}");
    let steps = [
        ("Cargo.lock", TO_JOBS),
        ("yet", "n\u{c}"),
        ("weekday", lines.as_str()),
        ("21:00Z", "\u{13}"),
        ("●", " "),
        ("○", "r"),
        ("waits,", "\r"),
        ("queued", "x"),
        ("stopped", "q"),
    ];
    let mut command = place.command(&[]);
    command.env("TZ", "Asia/Kolkata");
    let (code, written) = in_terminal(&command, steps);
    assert_eq!(code, Some(0), "{written}");
    let job = place.run(&["jobs", "--json"]).ok();
    assert_eq!((job.each("name"), job.each("enabled")), (vec!["greet".into()], vec!["false".into()]));
    assert_eq!(job.each("timezone"), ["Asia/Kolkata"], "the machine's zone");
    let runs = place.run(&["jobs", "runs", "greet", "--json"]).ok();
    assert_eq!((runs.each("status"), runs.each("trigger")), (vec!["stopped".into()], vec!["manual".into()]));
}

/// Another process makes a job, which shows by itself; the explorer is told to run jobs, runs it, shows what it wrote,
/// and leaves off.
#[test]
fn an_explorer_that_is_told_to_runs_what_another_process_made() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_zenith");
    // What it is told to write is no word of its command.
    let add = format!("{program} jobs add greet @yearly -- sh -c 'echo hel\"\"lo; exit 3' >added.log 2>&1");
    let steps = serde_json::json!([
        ["Cargo.lock", TO_JOBS],
        ["yet", "", add],
        ["●", "S"],
        ["explorer,", "r"],
        ["ended", "\r\u{c}"],
        ["hello", "S"],
        ["any", "q"],
    ]);
    let (code, written) = in_terminal(&place.command(&[]), steps);
    assert_eq!(code, Some(0), "{written}");
    let runs = place.run(&["jobs", "runs", "greet", "--json"]).ok();
    assert_eq!(runs.each("status"), ["failed"], "{runs:#?}");
}
