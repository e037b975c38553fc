use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::answers::source::Unread;
use crate::catalog::{CatalogEntry, PackageRoot};
use crate::identity::Scope;
use crate::ingest::{Origin, fingerprint};

const CALLS: &str = "fn f() { works::roll(1); }\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn entry(name: &str) -> CatalogEntry {
    CatalogEntry::ready(Scope::Public, PackageId::rust(name, "1.0.0").unwrap())
}

fn manifest(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n")
}

fn released(folder: &Path, name: &str) -> Result<PackageSource, Unread> {
    let root = PackageRoot { root: folder.to_path_buf(), fingerprint: None };
    PackageSource::open(&entry(name), Some(&root), Relation::Other, None)
}

fn survey(sources: Vec<PackageSource>) -> Survey {
    let wanted = Wanted {
        name: "roll".to_owned(),
        kind: "fn".to_owned(),
        paths: HashSet::from(["works::roll".to_owned()]),
        ..Wanted::default()
    };
    let until = Instant::now() + Duration::from_secs(600);
    Survey { wanted, own_blocks: HashSet::new(), sources, crates: HashMap::new(), until, enough: None }
}

fn run(survey: &Survey) -> Surveyed {
    let (events, _kept) = mpsc::unbounded_channel();
    survey.run(&events, &CancellationToken::new())
}

#[test]
fn every_kind_of_text_of_a_package_is_read_and_nothing_outside() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("user");
    write(folder.path(), "outside.rs", CALLS);
    write(&root, "Cargo.toml", &manifest("user"));
    write(
        &root,
        "src/lib.rs",
        &format!("/// ```\n/// works::roll(2);\n/// ```\n{CALLS}#[cfg(test)] mod tests {{ {CALLS} }}"),
    );
    for file in
        ["examples/a.rs", "tests/b.rs", "benches/c.rs", "inner/src/lib.rs", ".hidden/d.rs", "target/e.rs"]
    {
        write(&root, file, CALLS);
    }
    write(&root, "inner/Cargo.toml", &manifest("inner"));
    write(&root, "README.md", "# A\n\n```rust\nworks::roll(3);\n```\n\n```text\nworks::roll(4);\n```\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("outside.rs"), root.join("examples/link.rs")).unwrap();
    let found = run(&survey(vec![released(&root, "user").unwrap()]));
    let told: Vec<_> = found.uses.iter().map(|one| (one.file.as_str(), one.line, one.kind)).collect();
    assert_eq!(
        told,
        [
            ("README.md", 4, Kind::Documentation),
            ("benches/c.rs", 1, Kind::Bench),
            ("examples/a.rs", 1, Kind::Example),
            ("src/lib.rs", 4, Kind::Code),
            ("src/lib.rs", 5, Kind::Test),
            ("src/lib.rs", 2, Kind::Documentation),
            ("tests/b.rs", 1, Kind::Test),
        ]
    );
    assert_eq!((found.read, found.packages), (1, 1));
}

#[test]
fn a_folder_that_is_not_what_was_indexed_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "Cargo.toml", &manifest("user"));
    write(folder.path(), "src/lib.rs", CALLS);
    assert_eq!(released(folder.path(), "other").unwrap_err(), Unread::Changed);
    assert_eq!(released(&folder.path().join("gone"), "user").unwrap_err(), Unread::NotHere);
    let root = PackageRoot {
        root: folder.path().to_path_buf(),
        fingerprint: Some(fingerprint(folder.path(), Origin::Own)),
    };
    let open = || PackageSource::open(&entry("user"), Some(&root), Relation::Own, None);
    assert!(open().is_ok());
    write(folder.path(), "src/more.rs", CALLS);
    assert_eq!(open().unwrap_err(), Unread::Changed);
    // A standard library is one of a toolchain that is here.
    write(folder.path(), "Cargo.toml", &manifest("std"));
    assert_eq!(released(folder.path(), "std").unwrap_err(), Unread::Changed);
}

#[test]
fn a_survey_ends_where_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "Cargo.toml", &manifest("user"));
    for file in 0..10 {
        write(folder.path(), &format!("src/m{file}.rs"), CALLS);
    }
    let survey = survey(vec![released(folder.path(), "user").unwrap()]);
    let left = Cell::new(3);
    let stops = || left.replace(left.get() - 1) == 0;
    let mut syntax = Syntax::new().unwrap();
    let reading = Reading { survey: &survey, source: &survey.sources[0], stops: &stops };
    let (uses, files, whole) = reading.all(&mut syntax);
    assert_eq!((uses.len(), files, whole), (3, 3, false));

    let (events, _kept) = mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let found = survey.run(&events, &cancel);
    assert_eq!((found.uses.len(), found.read, found.packages), (0, 0, 1));
    let late = Survey { until: Instant::now(), ..survey };
    assert_eq!(run(&late).read, 0);
}

#[test]
fn others_are_left_alone_where_there_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let package = |name: &str, relation: Relation| {
        let root = folder.path().join(name);
        write(&root, "Cargo.toml", &manifest(name));
        write(&root, "src/lib.rs", CALLS);
        PackageSource { relation, ..released(&root, name).unwrap() }
    };
    let sources = vec![
        package("works", Relation::Package),
        package("mine", Relation::Own),
        package("far", Relation::Other),
    ];
    let all = survey(sources);
    assert_eq!((run(&all).uses.len(), run(&all).packages), (3, 3));
    let some = Survey { enough: Some(2), ..all };
    assert_eq!((run(&some).uses.len(), run(&some).packages), (2, 2));
    assert_eq!(run(&Survey { enough: Some(3), ..some }).uses.len(), 3);
}

/// What a file imports, the files below it have by `use super::*`, and others by the path that it gives.
#[test]
fn what_other_files_of_a_package_import_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "Cargo.toml", &manifest("user"));
    let roll = "fn f() { roll(1); }\n";
    let around = format!("use super::*;\n{roll}");
    for (file, text) in [
        ("src/lib.rs", "mod a; mod b; mod c; mod shown;".to_owned()),
        ("src/a.rs", "use works::roll;\n#[cfg(test)] mod tests;\n".to_owned()),
        ("src/a/tests.rs", around.clone()),
        ("src/shown.rs", "pub use works::roll as go;\n".to_owned()),
        ("src/b.rs", "use crate::shown::go as roll;\nfn f() { roll(1); }\n".to_owned()),
        ("src/c/mod.rs", format!("pub fn {}", "roll(x: u8) {}\n")),
        ("src/c/tests.rs", around.clone()),
        ("src/bin/tool/main.rs", "use works::roll;\nmod part;\n".to_owned()),
        ("src/bin/tool/part.rs", around.clone()),
        ("tests/it/main.rs", "use works::roll;\nmod part;\n".to_owned()),
        ("tests/it/part.rs", around.clone()),
        ("tests/other/main.rs", "mod part;\nfn roll(x: u8) {}\n".to_owned()),
        ("tests/other/part.rs", around.clone()),
    ] {
        write(root, file, &text);
    }
    let found = run(&survey(vec![released(root, "user").unwrap()]));
    let calls = found.uses.iter().filter(|one| one.how == How::Call);
    let mut told: Vec<_> = calls.map(|one| (&*one.file, one.line, one.certain)).collect();
    told.sort();
    assert_eq!(
        told,
        [
            ("src/a/tests.rs", 2, true),
            ("src/b.rs", 2, true),
            ("src/bin/tool/part.rs", 2, true),
            ("tests/it/part.rs", 2, true),
        ]
    );
}

/// A program without a library beside it is the crate that its modules name.
#[test]
fn what_a_program_calls_of_itself_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("works");
    write(&root, "Cargo.toml", &manifest("works"));
    write(&root, "src/main.rs", "mod dice;\nfn roll(n: u8) {}\nfn main() { roll(1); crate::roll(2); }\n");
    write(&root, "src/dice.rs", "use crate::roll;\nfn throw() { roll(6); }\n");
    let lines = || -> Vec<(String, u32)> {
        let found = run(&survey(vec![released(&root, "works").unwrap()])).uses.into_iter();
        found.filter(|one| one.certain && one.how != How::Import).map(|one| (one.file, one.line)).collect()
    };
    let of = |file: &str, line| (file.to_owned(), line);
    assert_eq!(lines(), [of("src/dice.rs", 2), of("src/main.rs", 3), of("src/main.rs", 3)]);
    // With one, a name of the program may be another item's.
    write(&root, "src/lib.rs", "pub fn roll(n: u8) {}\n");
    assert_eq!(lines(), [of("src/dice.rs", 2)]);
}
