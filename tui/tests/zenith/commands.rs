//! Every command once, as its help shows it.

use crate::gadget;
use crate::support::{Place, fixture};

#[test]
fn a_folder_is_indexed_searched_and_shown() {
    let place = Place::new();
    let run = place.run(&["index", &fixture("constructs"), "--json"]).ok();
    assert_eq!(run.each("indexed"), ["1"]);

    let run = place.run(&["packages", "--json"]).ok();
    assert_eq!(run.each("tier"), ["private"]);
    assert_eq!(run.each("status"), ["ready"]);
    let name = run.each("package").remove(0);

    let listed = place.run(&["show", &name, "--json"]).ok();
    let path = listed.each("path").into_iter().find(|path| path.matches("::").count() == 1).unwrap();
    let hits = place.run(&["search", &path, "--json"]).ok();
    assert_eq!(hits.each("path")[0], path);
    let fields = [
        "rank",
        "score",
        "tier",
        "ecosystem",
        "package",
        "version",
        "kind",
        "path",
        "name",
        "signature",
        "file_package",
        "file",
        "line",
        "doc",
    ];
    let first = &hits.json()[0];
    let mut present: Vec<&str> = first.as_object().unwrap().keys().map(String::as_str).collect();
    present.sort_unstable();
    let mut expected = fields;
    expected.sort_unstable();
    assert_eq!(present, expected);

    let shown = place.run(&["show", &name, &path, "--json"]).ok();
    assert_eq!(shown.each("path")[0], path);
    assert!(!shown.each("source")[0].is_empty());
    place.run(&["doctor"]).ok();
}

#[test]
fn a_second_run_has_nothing_to_do_and_a_change_is_seen() {
    let place = Place::with_workspace(2);
    assert_eq!(place.run(&["index", "--json"]).ok().each("indexed"), ["2"]);
    assert_eq!(place.run(&["index", "--json"]).ok().each("indexed"), ["0"]);
    place.write("part1/src/lib.rs", "pub fn freshly_written() {}\n");
    assert_eq!(place.run(&["index", "--json"]).ok().each("indexed"), ["1"]);
    let hits = place.run(&["search", "freshly written", "--json"]).ok();
    assert_eq!(hits.each("path")[0], "part1::freshly_written");
    let gone = place.run(&["search", "do_part1", "--mode", "text", "--json"]).ok();
    assert!(!gone.each("name").contains(&"do_part1".to_string()), "{gone:#?}");
    place.run(&["doctor"]).ok();
}

#[test]
fn packages_can_be_asked_for_by_their_names() {
    let place = Place::with_workspace(3);
    place.run(&["index"]).ok();
    let some = place.run(&["packages", "part2", "part0@0.1.0", "--json"]).ok();
    assert_eq!(some.each("package"), ["part0", "part2"]);
    let typo = place.run(&["packages", "prt1"]);
    assert_eq!(typo.code, Some(1), "{typo:#?}");
    assert!(typo.err.contains("is part1 meant?"), "{typo:#?}");
    // What is there is listed, and each name that nothing bears is told.
    let mixed = place.run(&["packages", "part2", "prt1", "part0@0.1", "nosuch", "--json"]);
    assert_eq!(
        (mixed.code, mixed.each("package")),
        (Some(1), vec!["part0".into(), "part2".into()]),
        "{mixed:#?}"
    );
    assert!(
        mixed.err.contains("no package prt1 is") && mixed.err.contains("no package nosuch is"),
        "{mixed:#?}"
    );
    for (tier, advice) in [("team", "zenith pull"), ("public", "zenith index")] {
        let empty = place.run(&["packages", "--tier", tier]).ok();
        let says = format!("nothing of the {tier} tier is indexed");
        assert!(empty.out.contains(&says) && empty.out.contains(advice), "{empty:#?}");
    }
}

/// A tier that is empty is not an index that is.
#[test]
fn an_empty_tier_is_told_with_what_fills_it_and_a_name_is_not_offered_for_itself() {
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    for arguments in [&["search", "do_part0 tier:team"][..], &["search", "do_part0", "--tier", "team"]] {
        let empty = place.run(arguments).ok();
        let told = "nothing of the team tier is indexed; `zenith login SERVICE`";
        assert!(empty.out.contains(told) && !empty.out.contains("nothing is indexed here"), "{empty:#?}");
    }
    let two = place.run(&["search", "x", "--tier", "team", "--tier", "public"]).ok();
    assert!(two.out.contains("nothing of the team and public tiers is indexed"), "{two:#?}");
    let other = place.run(&["packages", "--tier", "team", "part0"]);
    let told = "part0 is of the private tier, not of the team tier";
    assert!(other.code == Some(1) && other.err.contains(told) && !other.err.contains("meant?"), "{other:#?}");
    let nobody = place.run(&["packages", "--tier", "team", "part7"]);
    assert!(nobody.err.contains("is part0 meant?"), "{nobody:#?}");
}

/// Words that nothing has, and a path without its package, are told as that.
#[test]
fn what_is_near_alone_and_what_ends_a_path_are_told() {
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    let told = "nothing has these words";
    let near = place.run(&["search", "zzqqx vvkkw"]).ok();
    assert!(near.err.contains(told) && near.out.contains("Piece"), "{near:#?}");
    let found = place.run(&["search", "do_part1"]).ok();
    assert!(found.out.contains("part1::do_part1") && !found.err.contains(told), "{found:#?}");
    for typed in ["do_part1", "::do_part1"] {
        let ending = place.run(&["show", typed]);
        let told = "is part1::do_part1 meant?";
        assert!(ending.code == Some(1) && ending.err.contains(told), "{ending:#?}");
    }
    let nobody = place.run(&["show", "part7"]);
    assert!(
        nobody.err.contains("no package part7 is indexed") && nobody.err.contains("part0"),
        "{nobody:#?}"
    );
}

/// The beginning of a version is enough wherever one is typed.
#[test]
fn the_beginning_of_a_version_names_it() {
    let place = gadget::workshop();
    let run = |arguments: &[&str]| gadget::run(&place, arguments);
    let indexed = run(&["index", "gadget@1"]).ok();
    assert!(indexed.out.contains("1 package"), "{indexed:#?}");
    run(&["index", "gadget@2.0"]).ok();
    assert_eq!(run(&["packages", "--json"]).ok().each("version"), ["1.1.0", "2.0.0"]);
    for (typed, version) in [("gadget@1", "1.1.0"), ("gadget@1.1", "1.1.0"), ("gadget@2", "2.0.0")] {
        assert_eq!(run(&["packages", typed, "--json"]).ok().each("version"), [version]);
        assert_eq!(run(&["show", typed, "keep", "--json"]).ok().each("version"), [version]);
        let found = run(&["search", &format!("keep pkg:{typed}"), "--json"]).ok().each("version");
        assert!(!found.is_empty() && found.iter().all(|found| found == version), "{typed}: {found:?}");
    }
    let absent = run(&["show", "gadget@1.2", "keep"]);
    assert!(absent.code == Some(1) && absent.err.contains("gadget@1.2 is not indexed"), "{absent:#?}");
}

/// Documentation that is longer than what is kept says where it goes on.
#[test]
fn a_documentation_that_was_cut_says_so() {
    let place = Place::with_workspace(1);
    let long = "/// A word after another, and no end.\n".repeat(1_000);
    place.write("part0/src/lib.rs", &format!("{long}pub fn long() {{}}\n/// Short.\npub fn short() {{}}\n"));
    place.run(&["index"]).ok();
    let shown = place.run(&["show", "part0::long"]).ok();
    assert!(
        shown.out.contains("documentation is kept up to 32 KiB; it may go on in part0@0.1.0 · src/lib.rs:"),
        "{}",
        shown.out.lines().rev().take(4).collect::<Vec<_>>().join("\n")
    );
    assert_eq!(place.run(&["show", "part0::long", "--json"]).ok().each("doc_cut"), ["true"]);
    assert!(!place.run(&["show", "part0::short"]).ok().out.contains("32 KiB"));
}

#[test]
fn no_results_and_more_than_there_can_be_are_no_wish() {
    let place = Place::new();
    for limit in ["0", "1001", "many"] {
        for command in [&["search", "part"][..], &["examples", "part0"]] {
            let run = place.run(&[command, &["-n", limit]].concat());
            assert_eq!(run.code, Some(2), "{run:#?}");
        }
    }
}

#[test]
fn a_new_version_of_own_code_replaces_the_old_one() {
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    place.write("part0/Cargo.toml", "[package]\nname = \"part0\"\nversion = \"0.2.0\"\nedition = \"2024\"\n");
    place.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"part0\"\nversion = \"0.2.0\"\n");
    place.run(&["index"]).ok();
    assert_eq!(place.run(&["packages", "--json"]).ok().each("version"), ["0.2.0"]);
    place.run(&["doctor"]).ok();
}

#[test]
fn names_are_found_however_they_are_spelled() {
    let place = Place::new();
    place.write("Cargo.toml", "[package]\nname = \"speller\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    place.write("src/lib.rs", "pub mod task {\n    /// Runs it elsewhere.\n    pub fn spawn_blocking(until: std::time::Duration) -> Option<u8> { None }\n    pub fn spawn() {}\n}\n");
    place.run(&["index", "."]).ok();
    for spelling in [
        "spawn_blocking",
        "SpawnBlocking",
        "spawn blocking",
        "speller::task::spawn_blocking",
        "task::spawn_bl",
        "spawnblocking",
        "speller task spawn blocking",
        "sp_bl",
        "spwan_blocking",
        "task::spawnblockin",
        "Duration -> Option<T>",
        "-> Option<u8>",
    ] {
        let hits = place.run(&["search", spelling, "--json"]).ok();
        assert_eq!(
            hits.each("path").first().map(String::as_str),
            Some("speller::task::spawn_blocking"),
            "{spelling}"
        );
    }
    let filtered = place.run(&["search", "spawn kind:mod", "--json"]).ok();
    assert!(filtered.each("kind").iter().all(|kind| kind == "mod"), "{filtered:#?}");
}

#[test]
fn no_query_is_an_error() {
    let place = Place::with_workspace(1);
    place.run(&["search", "before", "anything", "is", "indexed"]).ok();
    place.run(&["index"]).ok();
    // As long as a query may be.
    let long = "wordy ".repeat(85);
    for query in
        ["日本語の質問", "'\"; DROP TABLE x; --", "((*?", "::", "kind:", "\u{202e}abc", "a:b:c", &long]
    {
        for mode in ["hybrid", "text", "vector"] {
            place.run(&["search", "--mode", mode, "--", query]).ok();
        }
    }
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_to_do() {
    let place = Place::new();
    for arguments in
        [&["search", "--mode", "best", "x"][..], &["nonsense"], &["search", "--kind", "widget", "x"]]
    {
        let run = place.run(arguments);
        assert_eq!(run.code, Some(2), "{run:#?}");
    }
    let run = place.run(&["index"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("Cargo.lock"), "{run:#?}");
    let run = place.run(&["show", "nothing"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("zenith packages"), "{run:#?}");
    let run = place.run(&["index", "x", "--tier", "team"]);
    assert_eq!(run.code, Some(1));
}

#[test]
fn without_a_terminal_the_main_job_is_done_all_the_same() {
    let place = Place::with_workspace(2);
    let run = place.run(&[]).ok();
    assert!(run.out.contains("private: 2 packages"), "{run:#?}");
    assert!(run.out.contains("zenith search"), "{run:#?}");
}

#[test]
fn keys_are_listed_by_the_names_that_the_settings_know() {
    let place = Place::new();
    let settings = "[keys]\nquit = 'F9'\nqit = 'x'\n";
    std::fs::write(place.project().with_file_name("config.toml"), settings).unwrap();
    let plain = place.run(&["keys"]).ok();
    let line = |name: &str| plain.out.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
    assert!(line("quit").contains("F9") && !line("quit").contains(" q "), "{}", plain.out);
    assert!(line("copy").contains("Alt-y") && line("copy").contains("(Explore, Search"), "{}", plain.out);
    assert!(plain.err.contains("qit is no action"), "{}", plain.err);
    let json = place.run(&["keys", "--json"]).ok().json();
    assert_eq!(json.len(), plain.out.lines().count());
    assert!(json.iter().any(|one| one["name"] == "half-page-down" && one["keys"][0] == "Ctrl-D"), "{json:?}");
}

#[test]
fn who_asks_is_told_and_completions_are_printed() {
    let place = Place::new();
    assert_eq!(place.run(&["whoami", "--json"]).ok().each("subject"), ["local"]);
    assert!(place.run(&["completions", "bash"]).ok().out.contains("zenith"));
}

#[test]
fn text_from_a_package_cannot_drive_the_terminal() {
    let place = Place::new();
    place.write("Cargo.toml", "[package]\nname = \"hostile\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    place.write("src/lib.rs", "/// \u{1b}]0;owned\u{7}\u{1b}[2J evil \u{202e}txet\npub fn harmless() {}\n");
    place.run(&["index", "."]).ok();
    for arguments in [&["search", "harmless"][..], &["show", "hostile", "harmless"]] {
        let out = place.run(arguments).ok().out;
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{out:?}");
        assert!(out.contains("evil"), "{out:?}");
    }
}

#[test]
fn an_item_under_two_paths_is_found_once() {
    let place = Place::new();
    place.run(&["index", &fixture("")]).ok();
    let declared = place.run(&["show", "facade-core", "EngineExt", "--json"]).ok().each("path");
    let shown = place.run(&["show", "facade", "EngineExt", "--json"]).ok().each("path");
    assert_eq!(
        (declared, shown),
        (vec!["facade_core::ext::EngineExt".to_string()], vec!["facade::EngineExt".to_string()])
    );
    let hits = place.run(&["search", "EngineExt", "--json"]).ok();
    let traits = hits.each("name").iter().filter(|name| *name == "EngineExt").count();
    assert_eq!(traits, 1, "{hits:#?}");
}

#[test]
fn the_help_says_what_every_command_promises() {
    let place = Place::new();
    let help = place.run(&["--help"]).ok().out;
    for promise in [
        "Exit codes: 0 done, 1 failed, 2 wrong usage",
        "Ctrl-C stops any command within 5 s",
        "one JSON object a line",
    ] {
        assert!(help.contains(promise), "{promise:?} is not in {help}");
    }
    for command in [
        "index", "search", "packages", "show", "examples", "sync", "pull", "push", "export", "import",
        "login", "doctor",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in {help}");
    }
    let search = place.run(&["search", "--help"]).ok().out;
    for promise in ["nearest first", "search hash map entry", "search sp_bl", "search '&str -> Result<Url>'"]
    {
        assert!(search.contains(promise), "{promise:?} is not in {search}");
    }
}

/// A settings file may come from a newer version.
#[test]
fn what_is_no_setting_is_told_and_stops_nothing() {
    let place = Place::with_workspace(1);
    std::fs::write(place.data().with_file_name("config.toml"), "colour = 'hush'\nmouse = false\n").unwrap();
    let run = place.run(&["packages"]).ok();
    assert!(run.err.contains("\"colour\"") && run.err.contains("passed over"), "{run:#?}");
    assert!(!run.err.contains("hush") && !run.err.contains("mouse"), "{run:#?}");
}
