//! The tab Jobs, in a terminal, over jobs that are really kept and really run.

use crate::screen::in_terminal;
use crate::support::Place;

/// A job is made in lines, paused, asked for, seen to wait, and stopped. Single words are waited for: a blank that was
/// blank before is not written.
#[test]
fn a_job_is_made_paused_asked_for_and_stopped() {
    let place = Place::new();
    let steps = [
        ("Cargo.lock", "\u{1b}5"),
        ("yet", "n"),
        ("weekday", "greet\r"),
        ("Schedule", "30 2 * * *"),
        ("02:30Z", "\r\recho hello\r"),
        ("kept", ""),
        ("●", " "),
        ("paused:", ""),
        ("○", "r"),
        ("waits,", "\r"),
        ("queued", "x"),
        ("stopped", "q"),
    ];
    let (code, written) = in_terminal(&place.command(&[]), steps);
    assert_eq!(code, Some(0), "{written}");
    let job = place.run(&["jobs", "--json"]).ok();
    assert_eq!((job.each("name"), job.each("enabled")), (vec!["greet".into()], vec!["false".into()]));
    let runs = place.run(&["jobs", "runs", "greet", "--json"]).ok();
    assert_eq!((runs.each("status"), runs.each("trigger")), (vec!["stopped".into()], vec!["manual".into()]));
}

/// Another process makes a job, which shows by itself; the explorer runs it and shows what it wrote.
#[test]
fn an_explorer_that_is_told_to_runs_what_another_process_made() {
    let place = Place::new();
    let add = format!(
        "{} jobs add greet @yearly -- sh -c 'echo hel''lo; exit 3' >added.log 2>&1",
        env!("CARGO_BIN_EXE_zenith")
    );
    let steps = serde_json::json!([
        ["Cargo.lock", "\u{1b}5"],
        ["yet", "", add],
        ["●", "S"],
        ["leaves", "r"],
        ["greet failed", "\r"],
        ["Answered", ""],
        ["hello", "S"],
        ["more", "q"],
    ]);
    let (code, written) = in_terminal(&place.command(&[]), steps);
    assert_eq!(code, Some(0), "{written}");
    let runs = place.run(&["jobs", "runs", "greet", "--json"]).ok();
    assert_eq!(runs.each("status"), vec!["failed"], "{runs:#?}");
}
