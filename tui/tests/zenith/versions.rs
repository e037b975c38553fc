//! What an earlier version left on disks and stores is read, and becomes what this one writes.

use std::path::{Path, PathBuf};

use duckdb::Connection;

use crate::support::{Place, Run};

fn first() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/first-version")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Somebody whose data folder the first version wrote.
fn upgraded() -> Place {
    let place = Place::new();
    copy(&first(), &place.data());
    place
}

#[track_caller]
fn reads(place: &Place) {
    assert_eq!(place.run(&["packages", "--json"]).ok().each("status"), ["ready"]);
    let shown = place.run(&["show", "greeter", "greet", "--json"]).ok();
    assert_eq!(shown.each("doc"), ["Greets somebody by name."]);
    assert!(shown.each("source")[0].contains("hello"), "{shown:#?}");
    for mode in ["hybrid", "text", "vector"] {
        let hits = place.run(&["search", "greet somebody", "--mode", mode, "-n", "1", "--json"]).ok();
        assert_eq!(hits.each("path"), ["greeter::greet"], "{mode}");
    }
    place.run(&["doctor"]).ok();
}

#[test]
fn a_data_folder_of_the_first_version_is_read() {
    let place = upgraded();
    place.run(&["doctor", "--repair"]).ok();
    reads(&place);
}

#[test]
fn an_export_of_the_first_version_is_imported() {
    let (place, store) = (Place::new(), Place::new());
    copy(&first().join("store"), &store.data());
    let mut import = place.command(&["import", "--tier", "private", "--json"]);
    let imported = Run::of(import.env("ZENITH_STORE", store.data()).output().unwrap()).ok();
    assert_eq!((imported.each("imported"), imported.each("symbols")), (vec!["1".into()], vec!["5".into()]));
    reads(&place);
}

#[test]
fn the_next_export_is_of_this_version_as_a_whole() {
    let place = upgraded();
    let export = ["export", "--tier", "private", "--incremental", "--json"];
    let exported = place.run(&export).ok();
    assert_eq!((exported.each("changed"), exported.each("written")), (vec!["true".into()], vec!["1".into()]));
    assert_eq!(place.run(&export).ok().each("changed"), ["false"]);

    let manifest = std::fs::read(place.data().join("store/packages/private/local/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let file = manifest["packages"][0]["doc_chunks"].as_str().unwrap();
    let file = place.data().join("store/packages/private/local").join(file);
    let duck = Connection::open_in_memory().unwrap();
    let nothing: String = duck
        .query_row(
            "SELECT section_title || ' ' || typeof(created_at) FROM read_parquet(?) WHERE embedding IS NULL",
            [file.to_str().unwrap()],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(nothing, "日本語 TIMESTAMP WITH TIME ZONE");
}
