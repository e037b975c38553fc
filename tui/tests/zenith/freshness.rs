//! A project that changed since it was indexed is noticed by whatever reads.

use crate::gadget::{entry, lock, released, run, workshop};
use crate::support::Place;

const READS: [&[&str]; 4] = [
    &["search", "drive", "--json"],
    &["packages"],
    &["show", "app", "drive"],
    &["changes", "gadget", "1.0.0..1.1.0"],
];

#[track_caller]
fn quiet(place: &Place) {
    for arguments in READS {
        let told = run(place, arguments).ok();
        assert!(told.err.is_empty(), "{arguments:?}: {told:#?}");
    }
}

#[track_caller]
fn tells(place: &Place, what: &str) {
    for arguments in READS {
        let told = run(place, arguments).ok();
        let lines: Vec<&str> =
            told.err.lines().filter(|line| line.contains("since it was indexed")).collect();
        assert_eq!(
            lines,
            [format!("{what}; `zenith index` brings it up to date")],
            "{arguments:?}: {told:#?}"
        );
    }
}

fn indexed() -> Place {
    let place = workshop();
    run(&place, &["index"]).ok();
    run(&place, &["index", "gadget@1.1.0"]).ok();
    quiet(&place);
    place
}

#[test]
fn a_changed_lockfile_is_told_until_it_is_indexed() {
    let place = indexed();
    lock(&place, &[("gadget", "2.0.0")]);
    tells(&place, "Cargo.lock changed since it was indexed: 1 package is not indexed (gadget@2.0.0)");
    run(&place, &["index"]).ok();
    quiet(&place);
    // What it locks now is here already.
    lock(&place, &[("gadget", "1.0.0")]);
    quiet(&place);
}

#[test]
fn changed_code_is_told_until_it_is_indexed() {
    let place = indexed();
    place.write("src/lib.rs", "/// Drives on.\npub fn drive() {}\npub mod more;\n");
    tells(&place, "your code changed since it was indexed: app");
    place.write("src/more.rs", "pub fn further() {}\n");
    run(&place, &["index"]).ok();
    quiet(&place);
    // A file that no module names may be a program of its own.
    place.write("src/bin/tool.rs", "fn main() {}\n");
    tells(&place, "your code changed since it was indexed: app");
    run(&place, &["index"]).ok();
    // What nobody reads is no change, though its folder is another.
    place.write("src/notes.bin", "1");
    quiet(&place);
    std::fs::remove_file(place.project().join("src/more.rs")).unwrap();
    tells(&place, "your code changed since it was indexed: app");
}

#[test]
fn what_a_run_left_out_on_purpose_or_could_not_find_is_not_told_again() {
    let place = workshop();
    released(&place, "deep", "1.0.0", "pub fn down() {}");
    let text = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"gadget\"]\n"
        .to_string()
        + &entry("gadget", "1.0.0", &["deep", "absent"])
        + &entry("deep", "1.0.0", &[])
        + &entry("absent", "1.0.0", &[]);
    place.write("Cargo.lock", &text);
    run(&place, &["index", "--direct"]).ok();
    run(&place, &["index", "gadget@1.1.0"]).ok();
    quiet(&place);
    // With a change elsewhere in the file, too.
    place.write("Cargo.lock", &format!("# touched\n{text}"));
    quiet(&place);
    let all = run(&place, &["index"]).ok();
    assert!(all.out.contains("not here: absent@1.0.0"), "{all:#?}");
    place.write("Cargo.lock", &format!("# touched again\n{text}"));
    quiet(&place);
}

#[test]
fn a_project_that_was_never_indexed_is_told_as_new() {
    let place = workshop();
    let told = run(&place, &["packages"]).ok();
    assert!(
        told.err
            .starts_with("this project is new here: 2 packages are not indexed (app@0.1.0, gadget@1.0.0);"),
        "{told:#?}"
    );
}

/// What was locked before it was on this machine is told once it is.
#[test]
fn what_is_downloaded_later_is_told_until_it_is_indexed() {
    let place = workshop();
    lock(&place, &[("gadget", "1.0.0"), ("late", "1.0.0")]);
    let first = run(&place, &["index"]).ok();
    assert!(first.out.contains("not here: late@1.0.0"), "{first:#?}");
    run(&place, &["index", "gadget@1.1.0"]).ok();
    quiet(&place);
    released(&place, "late", "1.0.0", "pub fn at_last() {}");
    tells(&place, "downloaded since it was indexed: late@1.0.0");
    run(&place, &["index"]).ok();
    quiet(&place);
    assert_eq!(run(&place, &["search", "at_last", "--json"]).ok().each("package")[0], "late");
    // Indexed by its name, it is here too.
    lock(&place, &[("gadget", "1.0.0"), ("later", "1.0.0")]);
    run(&place, &["index"]).ok();
    released(&place, "later", "1.0.0", "pub fn at_last() {}");
    tells(&place, "downloaded since it was indexed: later@1.0.0");
    run(&place, &["index", "later@1.0.0"]).ok();
    quiet(&place);
}

/// What is from git or another registry does not lie where crates.io's packages do.
#[test]
fn what_is_checked_out_or_comes_from_another_registry_later_is_told_as_well() {
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
    let place = workshop();
    let manifest =
        |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n");
    let from = |name: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n")
    };
    place.write(
        "Cargo.lock",
        &("version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"woven\", \"foreign\"]\n"
            .to_string()
            + &from("woven", &format!("git+https://example.org/woven.git?branch=main#{COMMIT}"))
            + &from("foreign", "sparse+https://crates.example.org/api/")),
    );
    for version in ["gadget@1.0.0", "gadget@1.1.0"] {
        run(&place, &["index", version]).ok();
    }
    let first = run(&place, &["index"]).ok();
    assert!(first.out.contains("woven@1.0.0+git.0123456789"), "{first:#?}");
    quiet(&place);
    for (folder, name, version) in [
        ("git/checkouts/woven-00112233445566ff/0123456/crates/woven", "woven", "1.0.0+git.0123456789"),
        (
            "registry/src/crates.example.org-1111111111111111/foreign-1.0.0",
            "foreign",
            "1.0.0+crates.example.org.api",
        ),
    ] {
        place.write(&format!("../home/{folder}/Cargo.toml"), &manifest(name));
        place.write(&format!("../home/{folder}/src/lib.rs"), &format!("pub fn of_{name}() {{}}\n"));
        tells(&place, &format!("downloaded since it was indexed: {name}@{version}"));
        run(&place, &["index"]).ok();
        quiet(&place);
        let found = run(&place, &["search", &format!("of_{name}"), "--json"]).ok();
        assert_eq!(found.each("package")[0], name, "{found:#?}");
    }
    // Another commit is another package.
    let text = std::fs::read_to_string(place.project().join("Cargo.lock")).unwrap();
    place.write("Cargo.lock", &text.replace(COMMIT, &COMMIT.replace('0', "9")));
    run(&place, &["index"]).ok();
    quiet(&place);
    place.write("../home/git/checkouts/woven-00112233445566ff/0123457/Cargo.toml", &manifest("woven"));
    quiet(&place);
}
