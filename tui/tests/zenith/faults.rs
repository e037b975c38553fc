//! Processes that die, that meet, and data folders that are damaged.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::support::{Place, Run};

const PACKAGES: usize = 24;

/// Kills an indexing process without warning at each stage of its run. Whatever is ready then is
/// whole and found, the next run completes the rest, and nobody needs to mend anything.
#[test]
fn a_kill_at_any_moment_leaves_packages_whole_or_absent() {
    let place = Place::with_workspace(PACKAGES);
    for lines in 1..8 {
        let mut child = place
            .command(&["index", "--force"])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stderr.take().unwrap()).lines();
        let seen = told.take(lines).filter(Result::is_ok).count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(seen > 0, "it says what it does");

        whole_and_found(&place, &format!("after {lines} lines"));
    }
    place.run(&["index"]).ok();
    assert_eq!(whole_and_found(&place, "at the end"), PACKAGES);
    let after = place.run(&["doctor", "--json"]).ok();
    assert!(
        after.each("what").contains(&"there are none".to_string()),
        "what was half written stays: {after:#?}"
    );
}

/// That every ready package is whole and found, before anything is mended; how many there are.
fn whole_and_found(place: &Place, when: &str) -> usize {
    for finding in place.run(&["doctor", "--json"]).json() {
        assert!(finding["state"] == "ok", "{when}: {finding}");
    }
    let packages = place.run(&["packages", "--json"]).ok();
    let is_ready = |line: &&serde_json::Value| line["status"] == "ready";
    let ready: Vec<_> =
        packages.json().iter().filter(is_ready).map(|line| line["package"].to_string()).collect();
    for name in &ready {
        let function = format!("do_{}", name.trim_matches('"'));
        let hits = place.run(&["search", &function, "--limit", "1", "--json"]).ok();
        assert_eq!(hits.each("name"), [function], "{when}");
    }
    ready.len()
}

#[test]
fn two_processes_on_one_data_folder_lose_nothing() {
    let place = Place::with_workspace(PACKAGES);
    let spawn =
        || place.command(&["index", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children = [spawn(), spawn(), spawn()];
    let mut indexed = 0;
    for child in children {
        let run = Run::of(child.wait_with_output().unwrap()).ok();
        indexed += run.json()[0]["indexed"].as_u64().unwrap();
    }
    assert_eq!(indexed, PACKAGES as u64, "each package by one process");
    assert_eq!(place.run(&["packages", "--json"]).ok().each("status"), vec!["ready"; PACKAGES]);
    place.run(&["doctor"]).ok();
}

#[test]
fn a_damaged_shelf_is_named_and_rebuilt() {
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    let before = place.run(&["search", "part of the work", "--json"]).ok();
    std::fs::write(place.data().join("shelf/private/local/text/meta.json"), "{").unwrap();
    let run = place.run(&["search", "part"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("doctor --repair"), "{run:#?}");
    assert_eq!(place.run(&["doctor"]).code, Some(1));
    place.run(&["doctor", "--repair"]).ok();
    let after = place.run(&["search", "part of the work", "--json"]).ok();
    assert_eq!(after.each("path"), before.each("path"));
}

#[test]
fn a_damaged_dataset_is_named_forgotten_and_indexed_again() {
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    std::fs::remove_dir_all(place.data().join("lance/private/local/rust/part1")).unwrap();
    assert_eq!(place.run(&["doctor"]).code, Some(1));
    place.run(&["doctor", "--repair"]).ok();
    assert_eq!(place.run(&["packages", "--json"]).ok().each("package"), ["part0"]);
    assert_eq!(place.run(&["index", "--json"]).ok().each("indexed"), ["1"]);
    place.run(&["doctor"]).ok();
}

/// What cannot be read is not known to be damaged.
#[cfg(unix)]
#[test]
fn a_dataset_that_cannot_be_read_is_not_forgotten() {
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    let versions = place.data().join("lance/private/local/rust/part1/0.1.0");
    let attempt = std::fs::read_dir(versions).unwrap().next().unwrap().unwrap().path();
    let versions = attempt.join("api_symbols.lance/_versions");
    let mut files = std::fs::read_dir(versions).unwrap().map(|file| file.unwrap().path());
    let is_manifest = |path: &std::path::PathBuf| path.extension().is_some_and(|kind| kind == "manifest");
    let file = files.find(is_manifest).unwrap();
    let away = file.with_extension("away");
    std::fs::rename(&file, &away).unwrap();
    // It leads to itself, and so cannot be opened, whoever asks.
    std::os::unix::fs::symlink(&file, &file).unwrap();
    std::fs::rename(place.data().join("lance/private/local/rust/part0"), place.data().join("part0")).unwrap();
    let doctor = place.run(&["doctor", "--repair"]);
    assert!(doctor.code == Some(1) && doctor.out.contains("nothing was forgotten"), "{doctor:#?}");
    assert_eq!(place.run(&["packages", "--json"]).ok().each("package"), ["part0", "part1"]);
}

#[test]
fn a_damaged_catalog_is_set_aside() {
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    std::fs::write(place.data().join("catalog.db"), "no database ".repeat(1000)).unwrap();
    assert_eq!(place.run(&["doctor"]).code, Some(1));
    place.run(&["doctor", "--repair"]).ok();
    place.run(&["index"]).ok();
    let hits = place.run(&["search", "do_part0", "--limit", "1", "--json"]).ok();
    assert_eq!(hits.each("name"), ["do_part0"]);
}
