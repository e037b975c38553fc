//! Answers of the version that is asked for, and by the name that the project gives a package.

use crate::gadget;
use crate::support::{Place, Run};

/// A project of two packages that build on two versions of `gadget`, each under a name of its own.
fn two_versions() -> Place {
    let place = gadget::workshop();
    place.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"both\"]\n");
    let manifest = |name: &str, needs: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n{needs}"
        )
    };
    place.write("app/Cargo.toml", &manifest("app", "gadget = \"2\"\n"));
    place.write("app/src/lib.rs", "pub fn app() { gadget::keep(1); }\n");
    let needs = "gadget = \"2\"\ngadget_1 = { package = \"gadget\", version = \"1\" }\n";
    place.write("both/Cargo.toml", &manifest("both", needs));
    place
        .write("both/src/lib.rs", "pub fn new() { gadget::keep(2); }\npub fn old() { gadget_1::keep(3); }\n");
    let own = |name: &str, needs: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [{needs}]\n")
    };
    let text = "version = 4\n".to_string()
        + &own("app", "\"gadget 2.0.0\"")
        + &own("both", "\"gadget 1.0.0\", \"gadget 2.0.0\"")
        + &gadget::entry("gadget", "1.0.0", &[])
        + &gadget::entry("gadget", "2.0.0", &[]);
    place.write("Cargo.lock", &text);
    std::fs::remove_dir_all(place.project().join("src")).unwrap();
    gadget::run(&place, &["index"]).ok();
    place
}

/// What a run tells of each: package and line.
fn lines_of(run: &Run) -> Vec<(String, String)> {
    run.each("package").into_iter().zip(run.each("line")).filter(|(package, _)| package != "gadget").collect()
}

#[test]
fn uses_and_examples_are_of_the_version_that_was_asked_for() {
    let place = two_versions();
    let pair = |package: &str, line: &str| (package.to_string(), line.to_string());
    for (asked, used) in [
        ("gadget@1.0.0", vec![pair("both", "2")]),
        ("gadget@1", vec![pair("both", "2")]),
        ("gadget@2.0", vec![pair("app", "1"), pair("both", "1")]),
    ] {
        let uses = gadget::run(&place, &["show", asked, "keep", "--uses", "--json"]).ok();
        let mut told = lines_of(&uses);
        told.sort();
        assert_eq!(told, used, "{asked}: {uses:#?}");
        assert!(!uses.err.contains("no Cargo.lock says"), "{uses:#?}");
        let examples = gadget::run(&place, &["examples", asked, "keep", "--json"]).ok();
        let mut told = lines_of(&examples);
        told.sort();
        assert_eq!(told, used, "{asked}: {examples:#?}");
    }
    // A version may stand in the path.
    for (path, line) in [("gadget@1.0.0::keep", "2"), ("gadget@1::keep", "2"), ("::gadget@1.0.0::keep", "2")]
    {
        let uses = gadget::run(&place, &["show", path, "--uses", "--json"]).ok();
        assert_eq!(lines_of(&uses), [pair("both", line)], "{path}: {uses:#?}");
        let examples = gadget::run(&place, &["examples", path, "--json"]).ok();
        assert_eq!(lines_of(&examples), [pair("both", line)], "{path}: {examples:#?}");
        let shown = gadget::run(&place, &["show", path, "--json"]).ok();
        assert_eq!(
            (shown.each("path"), shown.each("version")),
            (vec!["gadget::keep".into()], vec!["1.0.0".into()])
        );
    }
    let absent = gadget::run(&place, &["show", "gadget@9::keep"]);
    assert!(absent.code == Some(1) && absent.err.contains("gadget@9 is not indexed; gadget@"), "{absent:#?}");
    let other = gadget::run(&place, &["show", "gadget@2.0.0::kepe"]);
    assert!(other.err.contains("gadget@2.0.0 has no symbol kepe; is gadget::keep meant?"), "{other:#?}");
    // Without the lockfile what the manifests ask for is all that is known.
    std::fs::remove_file(place.project().join("Cargo.lock")).unwrap();
    let uses = gadget::run(&place, &["show", "gadget@1.0.0", "keep", "--uses", "--json"]).ok();
    assert_eq!(lines_of(&uses), [pair("both", "2")], "{uses:#?}");
    assert!(!uses.err.contains("no Cargo.lock says"), "one version alone is what is asked for: {uses:#?}");
    gadget::run(&place, &["index", "gadget@1.1.0"]).ok();
    let uses = gadget::run(&place, &["show", "gadget@1.0.0", "keep", "--uses", "--json"]).ok();
    assert!(uses.err.contains("no Cargo.lock says on which version both@0.1.0 builds"), "{uses:#?}");
    assert!(uses.err.contains("`cargo generate-lockfile` writes one"), "{uses:#?}");
}

#[test]
fn a_package_is_found_by_the_name_that_the_project_gives_it() {
    let place = two_versions();
    for typed in [&["show", "gadget_1::keep", "--json"][..], &["show", "gadget_1", "keep", "--json"]] {
        let shown = gadget::run(&place, typed).ok();
        let line = &shown.json()[0];
        assert_eq!((&line["package"], &line["version"]), (&"gadget".into(), &"1.0.0".into()), "{shown:#?}");
        assert_eq!(line["path"], "gadget::keep");
        let facts: Vec<&str> =
            line["obtain"].as_array().unwrap().iter().map(|fact| fact["value"].as_str().unwrap()).collect();
        assert_eq!(facts, ["use gadget_1::keep;", "cargo add gadget@1.0.0 --rename gadget_1"], "{shown:#?}");
    }
    let other = gadget::run(&place, &["show", "gadget@2.0.0", "keep"]).ok();
    assert!(other.out.contains("use gadget::keep;") && !other.out.contains("--rename"), "{other:#?}");
    let examples = gadget::run(&place, &["examples", "gadget_1::keep", "--json"]).ok();
    assert_eq!(lines_of(&examples).len(), 1, "{examples:#?}");
    for typed in [
        &["search", "keep pkg:gadget_1", "--json"][..],
        &["search", "keep", "--package", "gadget_1", "--json"],
    ] {
        let found = gadget::run(&place, typed).ok();
        let versions = found.each("version");
        assert!(!versions.is_empty() && versions.iter().all(|version| version == "1.0.0"), "{found:#?}");
    }
    let absent = gadget::run(&place, &["show", "gadget_9::keep"]);
    assert_eq!(absent.code, Some(1), "{absent:#?}");
}
