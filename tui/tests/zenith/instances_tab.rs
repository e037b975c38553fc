//! The tab Instances in a terminal: an instance is written in an editor, and published once it was shown what that puts.

use crate::instances::author;
use crate::screen::in_terminal;

/// To the tab, drawn anew, so that words are written whole.
const TO_INSTANCES: &str = "\u{1b}7\u{c}";

#[test]
fn an_instance_is_written_in_the_editor_and_published() {
    let place = author();
    let mut command = place.command(&[]);
    let editor = place.project().join("editor");
    std::fs::write(&editor, "#!/bin/sh\nprintf '{\"title\": \"Welcome\"}' >\"$1\"\n").unwrap();
    command.env("EDITOR", format!("sh {}", editor.display())).env_remove("VISUAL");
    let steps = [
        ("Cargo.lock", TO_INSTANCES),
        ("authored", "n\u{15}wgt_main_hero\r"),
        ("missing", "p"),
        ("objects", "a"),
        ("step", "q"),
    ];
    let (code, written) = in_terminal(&command, steps);
    assert_eq!(code, Some(0), "{written}");
    let status = place.run(&["instance", "status", "--json"]).ok();
    assert_eq!(status.json()[0]["progress"]["state"], "in_step", "{status:#?}");
    let read = place.run(&["instance", "resolve", "wgt_main_hero", "de", "--json"]).ok();
    assert_eq!(read.json()[0]["content"]["title"], "Willkommen");
}
