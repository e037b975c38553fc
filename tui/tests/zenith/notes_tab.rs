//! The tab Notes, in a terminal, over notes that are really kept. Single words are waited for: a blank that was blank
//! before is not written; and Ctrl-L draws anew, so that they are written whole.

use std::process::Command;

use crate::gadget::{command, run, workshop};
use crate::screen::in_terminal;
use crate::support::Place;

const DOWN: &str = "\u{1b}[B";
/// To the tab, drawn anew.
const TO_NOTES: &str = "\u{1b}6\u{c}";
/// Ctrl-S, which keeps what stands in the lines.
const KEEP: &str = "\u{13}";

/// The explorer with an editor that is a script over the file that it is given.
fn with_editor(mut explorer: Command, place: &Place, script: &str) -> Command {
    let editor = place.project().join("editor.sh");
    std::fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
    explorer.env_remove("VISUAL").env("EDITOR", format!("sh '{}'", editor.display()));
    explorer
}

/// A first note is made in lines, another in the editor, the first is written on in the editor and deleted; and the file for
/// other tools holds what is left.
#[test]
fn notes_are_made_written_on_and_deleted() {
    let place = Place::new();
    let lines = format!("waits{DOWN}some text{DOWN}{DOWN}one{KEEP}");
    let script = "if grep -q waits \"$1\"; then sed -i 's/some/SOME/' \"$1\"; else printf 'Colours\\n\\nred\\n' >\"$1\"; fi";
    let steps = [
        ("Cargo.lock", TO_NOTES),
        ("moves", "n\u{c}"),
        ("About", lines.as_str()),
        ("notes.db", "e"),
        ("changed", "\u{c}"),
        ("SOME", "n\u{1b}e"),
        ("kept", "\u{c}"),
        ("red", "jd\u{c}"),
        ("stays", "d"),
        ("removed", "q"),
    ];
    let explorer = with_editor(place.command(&[]), &place, script);
    let (code, written) = in_terminal(&explorer, steps);
    assert_eq!(code, Some(0), "{written}");
    let notes = place.run(&["note", "--json"]).ok();
    assert_eq!((notes.each("title"), notes.each("body")), (vec!["Colours".into()], vec!["red\n".into()]));
    let doctor = place.run(&["doctor"]).ok();
    assert!(doctor.out.contains("notes.db holds all 1 rows"), "{doctor:#?}");
}

/// What another process writes shows by itself, with what became of what it speaks of, and is searched by meaning; and the
/// open explorer brings it to the file for other tools.
#[test]
fn what_another_process_writes_shows_and_what_it_speaks_of_is_opened() {
    let place = workshop();
    run(&place, &["index", "gadget@1.0.0"]).ok();
    run(&place, &["note", "add", "first", "--on", "gadget::parts::Wheel::turn"]).ok();
    crate::gadget::lock(&place, &[("gadget", "2.0.0")]);
    run(&place, &["index", "gadget@2.0.0"]).ok();
    let program = env!("CARGO_BIN_EXE_zenith");
    let add =
        format!("{program} note add 'Retries' --body 'Ask the server again after a while.' >added.log 2>&1");
    let steps = serde_json::json!([
        ["searched", TO_NOTES],
        ["changed", "", add],
        ["Retries", "/try request once more backoff\u{c}"],
        ["meaning", "\r\u{1b}\u{c}"],
        ["first", "jF\u{c}"],
        ["Wheel", "q"],
    ]);
    let (code, written) = in_terminal(&command(&place, &[]), steps);
    assert_eq!(code, Some(0), "{written}");
    let doctor = run(&place, &["doctor"]).ok();
    assert!(doctor.out.contains("notes.db holds all 2 rows"), "{doctor:#?}");
}

/// A note is written on what is selected in Explore, and shows beside it in the plain search; and one goes on where one was.
#[test]
fn a_note_is_written_on_an_item_where_one_reads_it() {
    let place = workshop();
    run(&place, &["index", "gadget@1.0.0"]).ok();
    let steps = [
        ("searched", "pkg:gadget stop"),
        ("Wheel::stop", "\u{1b}n\u{c}"),
        ("About", format!("brakes late{KEEP}\u{c}").leak()),
        ("kept", "\u{3}\u{3}"),
    ];
    let (code, written) = in_terminal(&command(&place, &[]), steps);
    assert_eq!(code, Some(0), "{written}");
    let notes = run(&place, &["note", "--json"]).ok();
    assert_eq!(
        (notes.each("title"), notes.each("item")),
        (vec!["brakes late".into()], vec!["gadget::parts::Wheel::stop".into()])
    );
    assert!(notes.each("signature")[0].contains("pub fn stop(&self)"), "{notes:#?}");
}
