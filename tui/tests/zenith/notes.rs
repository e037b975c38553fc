//! Notes as a user has them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::gadget::{lock, released, run, workshop};
use crate::support::{Place, Run, run_with_input};

/// The last letters of the id of the note with this title, as the list shows them.
fn short(place: &Place, title: &str) -> String {
    let listed = place.run(&["note", "--json"]).ok().json();
    let note = listed.iter().find(|note| note["title"] == title).unwrap();
    let id = note["id"].as_str().unwrap();
    id[id.len() - 8..].to_string()
}

fn titles(run: &Run) -> Vec<String> {
    run.each("title")
}

#[test]
fn a_note_is_kept_found_changed_shown_and_removed() {
    let place = Place::new();
    assert!(place.run(&["note"]).ok().out.contains("no notes yet"));
    let added = place
        .run(&["note", "add", "Why", "we", "wait", "--tag", "#async", "--body", "For äll.\n\nTwo."])
        .ok();
    assert!(added.out.starts_with("kept ") && added.out.contains("Why we wait"), "{added:#?}");
    let piped =
        run_with_input(place.command(&["note", "add", "From a pipe", "--body", "-"]), "line one\nline two\n");
    assert_eq!(piped.code, Some(0), "{piped:#?}");

    let found = place.run(&["note", "search", "ÄLL", "async", "--json"]).ok();
    assert_eq!(titles(&found), ["Why we wait"]);
    assert_eq!(place.run(&["note", "search", "nowhere", "--mode", "text"]).ok().out, "nothing found\n");
    assert_eq!(titles(&place.run(&["note", "list", "--tag", "async", "--json"]).ok()), ["Why we wait"]);

    let id = short(&place, "Why we wait");
    let shown = place.run(&["note", "show", &id]).ok();
    assert!(shown.out.starts_with("Why we wait\n") && shown.out.contains("For äll.\n\nTwo."), "{shown:#?}");
    let changed = ["note", "edit", &id, "--title", "Why", "--tag", "b", "--untag", "async", "--json"];
    let changed = place.run(&changed).ok().json();
    assert_eq!((&changed[0]["title"], &changed[0]["tags"]), (&"Why".into(), &serde_json::json!(["b"])));
    assert_eq!(changed[0]["body"], "For äll.\n\nTwo.", "what was not named stays");

    let exported = place.run(&["note", "export"]).ok();
    assert!(exported.out.contains("# Why\n\n#b\n\nFor äll."), "{exported:#?}");
    let removed = place.run(&["note", "rm", &id, &id]).ok();
    assert_eq!(removed.out.lines().count(), 1, "once, however often it is named: {removed:#?}");
    assert_eq!(titles(&place.run(&["note", "--json"]).ok()), ["From a pipe"]);
    let gone = place.run(&["note", "show", &id]);
    assert_eq!((gone.code, gone.err.contains("there is no note")), (Some(1), true), "{gone:#?}");
}

#[test]
fn what_a_note_holds_rules_no_terminal() {
    let place = Place::new();
    place.run(&["note", "add", "red \u{1b}[31m", "--body", "\u{1b}]0;title\u{7}body\u{202e}"]).ok();
    let id = short(&place, "red \u{1b}[31m");
    for command in [&["note"][..], &["note", "show", &id], &["note", "export"], &["note", "search", "body"]] {
        let run = place.run(command).ok();
        let whole = run.out + &run.err;
        assert!(!whole.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{command:?}: {whole:?}");
        assert!(whole.contains("red"), "{command:?}: {whole:?}");
    }
}

/// An editor that replaces one text by another in the file that it is given.
fn with_editor(mut command: Command, place: &Place, script: &str) -> Run {
    let editor = place.project().join("editor.sh");
    std::fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
    command.env_remove("VISUAL").env("EDITOR", format!("sh '{}'", editor.display()));
    Run::of(command.output().unwrap())
}

#[test]
fn an_editor_writes_a_note_and_what_others_wrote_meanwhile_stays() {
    let place = Place::new();
    let written =
        with_editor(place.command(&["note", "add"]), &place, "printf 'Title\\n\\none two three\\n' > \"$1\"")
            .ok();
    assert!(written.out.contains("Title"), "{written:#?}");
    let id = short(&place, "Title");
    let nothing = with_editor(place.command(&["note", "add"]), &place, "true");
    assert_eq!((nothing.code, nothing.err.contains("nothing was written")), (Some(1), true), "{nothing:#?}");

    // While the editor is open, another window changes the first word; the editor changes the last.
    let zenith = env!("CARGO_BIN_EXE_zenith");
    let script = format!(
        "'{zenith}' note edit {id} --body 'ONE two three\n' >/dev/null || exit 1\nsed 's/three/THREE/' \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\""
    );
    with_editor(place.command(&["note", "edit", &id]), &place, &script).ok();
    let shown = place.run(&["note", "show", &id, "--json"]).ok().json();
    assert_eq!(shown[0]["body"], "ONE two THREE\n");

    let failed = with_editor(place.command(&["note", "edit", &id]), &place, "exit 3");
    assert_eq!((failed.code, failed.err.contains("ended with")), (Some(1), true), "{failed:#?}");
}

/// How what each note speaks of stands, by title.
fn standings(place: &Place) -> Vec<(String, Value)> {
    let listed = run(place, &["note", "--json"]).ok().json();
    let mut found: Vec<_> = listed
        .into_iter()
        .map(|note| (note["title"].as_str().unwrap().to_string(), note["standing"]["state"].clone()))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn named(list: &[(&str, &str)]) -> Vec<(String, Value)> {
    list.iter().map(|(title, state)| ((*title).to_string(), Value::from(*state))).collect()
}

#[test]
fn a_note_speaks_of_an_item_in_the_locked_version_and_says_what_became_of_it() {
    let place = workshop();
    run(&place, &["index", "gadget@1.0.0"]).ok();
    let add = |title: &str, on: &str| {
        run(&place, &["note", "add", title, "--on", on, "--json"]).ok().json().remove(0)
    };
    let turn = add("turn", "gadget::parts::Wheel::turn");
    assert_eq!((&turn["package"], &turn["version"]), (&"gadget".into(), &"1.0.0".into()), "{turn}");
    assert_eq!(turn["item"], "gadget::parts::Wheel::turn");
    assert!(turn["signature"].as_str().unwrap().contains("times: u32"), "{turn}");
    add("stop", "gadget::parts::Wheel::stop");
    add("vanish", "gadget::parts::Gone::vanish");
    add("whole", "gadget");
    let all_same = [("stop", "same"), ("turn", "same"), ("vanish", "same"), ("whole", "same")];
    assert_eq!(standings(&place), named(&all_same));

    let wrong = run(&place, &["note", "add", "typo", "--on", "gadget::parts::Wheel::turm"]);
    assert_eq!((wrong.code, wrong.err.contains("turn")), (Some(1), true), "{wrong:#?}");

    // The lockfile moves on. What is not indexed cannot be compared.
    lock(&place, &[("gadget", "2.0.0")]);
    let newer = [("stop", "newer"), ("turn", "newer"), ("vanish", "newer"), ("whole", "newer")];
    assert_eq!(standings(&place), named(&newer));
    run(&place, &["index", "gadget@2.0.0"]).ok();
    let compared = [("stop", "same"), ("turn", "changed"), ("vanish", "gone"), ("whole", "newer")];
    assert_eq!(standings(&place), named(&compared));
    let listed = run(&place, &["note"]).ok().out;
    for told in ["[same in 2.0.0]", "[changed in 2.0.0]", "[gone in 2.0.0]", "[2.0.0 is locked now, later]"] {
        assert!(listed.contains(told), "{told} is not in {listed}");
    }
    let shown = run(&place, &["note", "show", &short_of(&turn)]).ok().out;
    assert!(shown.contains("was pub fn turn(&self, times: u32) -> u32"), "{shown}");
    assert!(shown.contains("is  pub fn turn(&self, count: u64) -> u64"), "{shown}");

    released(&place, "other", "1.0.0", "");
    lock(&place, &[("other", "1.0.0")]);
    assert!(standings(&place).iter().all(|(_, state)| state == "gone"));
    assert!(run(&place, &["note"]).ok().out.contains("[not locked here]"));
}

fn short_of(note: &Value) -> String {
    let id = note["id"].as_str().unwrap();
    id[id.len() - 8..].to_string()
}

#[test]
fn what_is_locked_and_not_indexed_is_spoken_of_all_the_same() {
    let place = workshop();
    let added = run(&place, &["note", "add", "early", "--on", "gadget::parts::Wheel", "--json"]).ok().json();
    assert_eq!((&added[0]["version"], &added[0]["item"]), (&"1.0.0".into(), &"gadget::parts::Wheel".into()));
    assert_eq!(added[0]["signature"], Value::Null);
    let unknown = run(&place, &["note", "add", "far", "--on", "elsewhere"]);
    assert!(unknown.err.contains("name its version: elsewhere@VERSION"), "{unknown:#?}");
    let versioned =
        run(&place, &["note", "add", "far", "--on", "elsewhere@3.1.4", "--file", "src/lib.rs:7", "--json"]);
    let versioned = versioned.ok().json();
    assert_eq!((&versioned[0]["version"], &versioned[0]["file"]), (&"3.1.4".into(), &"src/lib.rs".into()));
    assert_eq!((&versioned[0]["line"], &versioned[0]["standing"]["state"]), (&7.into(), &"gone".into()));
}

/// A note shows below what it speaks of: that of an item below the item, that of a package once.
#[test]
fn notes_stand_beside_what_a_search_finds() {
    let place = workshop();
    run(&place, &["index", "gadget@1.0.0"]).ok();
    let search = |more: &[&str]| run(&place, &[&["search", "Wheel", "--local"], more].concat()).ok();
    let (before, before_json) = (search(&[]), search(&["--json"]));
    assert!(!place.data().join("workspace").exists(), "no log of notes is made by a search");
    assert!(before_json.json().iter().all(|hit| hit.get("notes").is_none()), "{before_json:#?}");

    let add = |title: &str, on: &str| run(&place, &["note", "add", title, "--on", on]).ok();
    add("turns \u{1b}[31mleft", "gadget::parts::Wheel::turn");
    add("pinned", "gadget");
    add("elsewhere", "other@1.0.0");
    let told = search(&[]).out;
    let (at, line) = (told.find("gadget::parts::Wheel::turn").unwrap(), told.find("turns left").unwrap());
    let next = told[at..].find("\n  ").map(|next| at + next).unwrap();
    assert!(at < line && next < line, "{told}");
    assert_eq!((told.matches("turns left").count(), told.matches(": pinned").count()), (1, 1), "{told}");
    assert!(!told.contains("elsewhere") && !told.contains('\u{1b}'), "{told}");
    let kept = |told: &str| {
        told.lines()
            .filter(|line| !line.contains("note ") && !line.contains("note on"))
            .map(String::from)
            .collect::<Vec<_>>()
    };
    assert_eq!(kept(&told), kept(&before.out), "all else is as it was");
    let notes = |path: &str| {
        let hits = search(&["--json"]).json();
        let hit = hits.into_iter().find(|hit| hit["path"] == path).unwrap();
        let titles =
            hit["notes"].as_array().unwrap().iter().map(|note| note["title"].as_str().unwrap().to_string());
        titles.collect::<Vec<_>>()
    };
    assert_eq!(notes("gadget::parts::Wheel::turn"), ["turns \u{1b}[31mleft", "pinned"], "JSON escapes it");
    assert_eq!(notes("gadget::parts::Wheel"), ["pinned"]);

    lock(&place, &[("gadget", "2.0.0")]);
    run(&place, &["index", "gadget@2.0.0"]).ok();
    assert!(search(&[]).out.contains("(written at 1.0.0)"));

    // Notes that cannot be read are told of, and keep nothing from being found.
    std::fs::write(place.data().join("workspace/log.db"), "no database").unwrap();
    let without = search(&[]);
    assert!(
        without.err.contains("no notes are shown") && without.out.contains("Wheel::turn"),
        "{without:#?}"
    );
}

/// What has the words comes first, then what means the same.
#[test]
fn notes_are_found_by_what_they_mean() {
    let place = Place::new();
    place.run(&["note", "add", "Retries", "--body", "Ask the server again after a while."]).ok();
    place.run(&["note", "add", "Colours", "--body", "The palette of the terminal decides."]).ok();
    let search =
        |words: &str, mode: &str| place.run(&["note", "search", words, "--mode", mode, "--json"]).ok();
    assert_eq!(titles(&search("try request once more backoff", "vector"))[0], "Retries");
    assert_eq!(titles(&search("try request once more backoff", "text")), [""; 0]);
    let hybrid = search("try request once more backoff", "hybrid");
    assert_eq!(titles(&hybrid)[0], "Retries");
    assert!(hybrid.err.contains("no note has these words"), "{hybrid:#?}");
    assert_eq!(titles(&search("olour", "hybrid")), ["Colours"], "within a word too");
    let wrong = place.run(&["note", "search", "x", "--mode", "other"]);
    assert_eq!((wrong.code, wrong.err.contains("hybrid, text, vector")), (Some(2), true), "{wrong:#?}");
}

/// What another program reads of the file for other tools: titles, in the order of their ids.
fn read_elsewhere(place: &Place) -> String {
    let script = "import sqlite3, sys; base = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True); \
                  print(','.join(title for title, in base.execute('SELECT title FROM notes ORDER BY id')))";
    let path = place.data().join("workspace/notes.db");
    let run = Run::of(Command::new("python3").args(["-c", script]).arg(path).output().unwrap()).ok();
    run.out.trim().to_string()
}

/// Every command that changes a note leaves the file for other tools as the notes are.
#[test]
fn other_tools_read_the_notes_after_each_change() {
    let place = Place::new();
    place.run(&["note", "add", "one"]).ok();
    assert_eq!(read_elsewhere(&place), "one");
    place.run(&["note", "add", "two"]).ok();
    assert_eq!(read_elsewhere(&place), "one,two");
    place.run(&["note", "edit", &short(&place, "one"), "--title", "ONE"]).ok();
    assert_eq!(read_elsewhere(&place), "ONE,two");
    place.run(&["note", "rm", &short(&place, "two")]).ok();
    assert_eq!(read_elsewhere(&place), "ONE");
    let (between, other) = (tempfile::tempdir().unwrap(), Place::new());
    sync(&place, between.path(), &[]).ok();
    sync(&other, between.path(), &["--join"]).ok();
    assert_eq!(read_elsewhere(&other), "ONE");
    assert!(place.run(&["doctor"]).ok().out.contains("notes.db holds all 1 rows"));

    // One that is not ours stays, and the note is kept all the same.
    let path = place.data().join("workspace/notes.db");
    std::fs::write(&path, "my own words").unwrap();
    let added = place.run(&["note", "add", "three"]).ok();
    assert!(added.err.contains("is not a file that zenith made"), "{added:#?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "my own words");
    std::fs::remove_file(&path).unwrap();
    let repaired = place.run(&["doctor", "--repair"]).ok();
    assert!(repaired.out.contains("made anew of the notes"), "{repaired:#?}");
    assert_eq!(read_elsewhere(&place), "ONE,three");
}

fn sync(place: &Place, folder: &Path, more: &[&str]) -> Run {
    let folder = folder.to_str().unwrap();
    place.run(&[&["note", "sync", folder, "--json"], more].concat())
}

#[test]
fn two_machines_meet_through_a_folder() {
    let (one, other) = (Place::new(), Place::new());
    let between = tempfile::tempdir().unwrap();
    one.run(&["note", "add", "from one"]).ok();
    other.run(&["note", "add", "from other"]).ok();
    sync(&one, between.path(), &[]).ok();
    let refused = sync(&other, between.path(), &[]);
    assert_eq!((refused.code, refused.err.contains("--join")), (Some(1), true), "{refused:#?}");
    assert_eq!(sync(&other, between.path(), &["--join"]).ok().json()[0]["has_joined"], true);
    sync(&one, between.path(), &[]).ok();
    let exported = |place: &Place| {
        let mut lines: Vec<_> =
            place.run(&["note", "export", "--json"]).ok().out.lines().map(String::from).collect();
        lines.sort();
        lines
    };
    assert_eq!((exported(&one), exported(&one).len()), (exported(&other), 2));
    let absent = sync(&one, &between.path().join("none"), &[]);
    assert!(absent.err.contains("there is no folder"), "{absent:#?}");
    // What the settings say of another place is nothing to a folder.
    let folder = between.path().to_str().unwrap();
    let mut torn = one.command(&["note", "sync", folder]);
    Run::of(torn.env("ZENITH_STORE", "s3//torn").output().unwrap()).ok();
    let nowhere = one.run(&["note", "sync"]);
    assert!(nowhere.err.contains("ZENITH_STORE"), "{nowhere:#?}");
}

#[test]
fn the_doctor_names_what_is_damaged_in_the_log_and_sets_it_aside() {
    let place = Place::new();
    for title in ["one", "two", "three"] {
        place.run(&["note", "add", title]).ok();
    }
    assert!(place.run(&["doctor"]).ok().out.contains("3 rows, and 0 that are none; the log reads whole"));
    // One bit of the second record, where its title is.
    let log = place.data().join("workspace/log.db");
    let mut bytes = std::fs::read(&log).unwrap();
    let at = bytes.windows(3).position(|part| part == b"two").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&log, bytes).unwrap();
    let listed = place.run(&["note", "--json"]).ok();
    assert_eq!(titles(&listed), ["three", "one"]);
    assert!(listed.err.contains("1 record of the notes' log cannot be read"), "{listed:#?}");
    let told = place.run(&["doctor"]);
    assert_eq!(
        (told.code, told.out.contains("record 2 of their log is damaged")),
        (Some(1), true),
        "{told:#?}"
    );
    let repaired = place.run(&["doctor", "--repair"]).ok();
    assert!(
        repaired.out.contains("what cannot be read was set aside: `zenith note sync` brings"),
        "{repaired:#?}"
    );
    assert!(place.run(&["doctor"]).ok().out.contains("2 rows, and 0 that are none"));
}

#[test]
fn commands_at_the_same_time_lose_nothing_of_each_other() {
    let place = Place::new();
    place.run(&["note", "add", "first"]).ok();
    let started: Vec<_> = (0..6)
        .map(|number| place.command(&["note", "add", &format!("at once {number}")]).spawn().unwrap())
        .collect();
    for mut child in started {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(place.run(&["note", "--json"]).ok().out.lines().count(), 7);
    assert_eq!(read_elsewhere(&place).split(',').count(), 7, "whoever was last left all of it");
}

/// The version of one's own code stays while the code changes.
#[test]
fn of_own_code_the_same_version_is_no_proof() {
    let place = workshop();
    run(&place, &["index"]).ok();
    run(&place, &["note", "add", "drives", "--on", "app::drive"]).ok();
    assert_eq!(standings(&place), named(&[("drives", "same")]));
    for (code, state, told) in [
        ("/// Drives.\npub fn drive(speed: u8) { let _ = speed; }\n", "changed", "[changed in 0.1.0]"),
        ("pub fn steer() {}\n", "gone", "[gone in 0.1.0]"),
    ] {
        place.write("src/lib.rs", code);
        run(&place, &["index"]).ok();
        assert_eq!(standings(&place), named(&[("drives", state)]));
        assert!(run(&place, &["note"]).ok().out.contains(told), "{told}");
    }
}

#[test]
fn what_a_note_is_to_speak_of_is_checked_as_far_as_it_can_be() {
    let place = workshop();
    run(&place, &["index", "gadget@1.0.0"]).ok();
    let add = |more: &[&str]| run(&place, &[&["note", "add", "title", "--json"], more].concat());
    for (more, why) in [
        (&["--on", "gadget@hello::make"][..], "hello is no version"),
        (&["--on", "@1"], "no package is named"),
        (&["--on", "gadget", "--file", "../../etc/passwd"], "lies in no package"),
        (&["--on", "gadget", "--file", "src/lib.rs:abc"], "is no number of a line"),
    ] {
        let refused = add(more);
        assert_eq!((refused.code, refused.err.contains(why)), (Some(1), true), "{more:?}: {refused:#?}");
    }
    let kept = add(&["--on", "gadget@9.9.9::Foo::bar"]).ok();
    assert!(kept.err.contains("gadget@9.9.9 is not indexed here"), "{kept:#?}");
    assert_eq!(kept.json()[0]["item"], "gadget::Foo::bar");
    let kept = add(&["--on", "gadget", "--file", "src/nope.rs:2"]).ok();
    assert!(kept.err.contains("lies in src/nope.rs"), "{kept:#?}");
    let whole = add(&["--on", "gadget", "--file", "src/lib.rs:2"]).ok();
    assert!(!whole.err.contains("src/lib.rs"), "{whole:#?}");

    // And a note may speak of nothing again.
    let id = short_of(&kept.json()[0]);
    let edited = run(&place, &["note", "edit", &id, "--on", "", "--json"]).ok().json();
    assert_eq!((&edited[0]["package"], &edited[0]["file"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_changes_nothing_is_said_to_and_what_makes_no_sense_is_refused() {
    let place = Place::new();
    place.run(&["note", "add", "one", "--tag", "a"]).ok();
    let id = short(&place, "one");
    let same = place.run(&["note", "edit", &id, "--untag", "nosuch"]).ok();
    assert!(same.out.starts_with("left as it was:"), "{same:#?}");
    for (typed, why) in [
        (&["note", "add", "\u{200b}"][..], "that can be seen"),
        (&["note", "search", "-n", "0", "one"], "0"),
        (&["note", "sync", ""], "the place is empty"),
    ] {
        let refused = place.run(typed);
        assert!(refused.code != Some(0) && refused.err.contains(why), "{typed:?}: {refused:#?}");
    }
}

#[test]
fn a_log_that_lost_all_is_told_and_nothing_is_written_over_it() {
    let place = Place::new();
    place.run(&["note", "add", "one"]).ok();
    let log = place.data().join("workspace/log.db");
    std::fs::write(&log, "").unwrap();
    for typed in [&["note"][..], &["note", "add", "two"], &["doctor"], &["doctor", "--repair"]] {
        let run = place.run(typed);
        let whole = run.out.clone() + &run.err;
        assert!(run.code == Some(1) && whole.contains("has no bytes"), "{typed:?}: {run:#?}");
    }
    assert_eq!(read_elsewhere(&place), "one", "what other tools read still holds them");
    std::fs::write(place.data().join("jobs.db"), "").unwrap();
    let jobs = place.run(&["jobs"]);
    assert!(jobs.code == Some(1) && jobs.err.contains("jobs.db"), "{jobs:#?}");
}
