//! What can be named to `zenith index`, and what is said of what cannot.

use std::path::Path;

use crate::support::{Place, Run};

const PACKAGE: &str = "[package]\nname = \"speaker\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// A command on a machine without cargo.
fn without_cargo(place: &Place, arguments: &[&str]) -> Run {
    let mut command = place.command(arguments);
    command.env("CARGO", "no-such-cargo").env("CARGO_HOME", place.project().join("home"));
    Run::of(command.output().unwrap())
}

#[test]
fn what_names_nothing_is_wrong_usage_and_says_what_to_type() {
    let place = Place::new();
    place.write("app/Cargo.toml", PACKAGE);
    place.write("app/Cargo.lock", "version = 4\n");
    place.write("app/src/lib.rs", "pub fn speak() {}");
    place.write("poetry.lock", "[[package]]\nname = \"requests\"\nversion = \"2.0.0\"\n");
    place.write("notes.txt", "");
    for (arguments, found, advice) in [
        (&["app/Cargo.toml"][..], "is a manifest", "app/Cargo.lock"),
        (&["app/src/lib.rs"], "is a Rust source file", "/app` indexes"),
        (&["poetry.lock"], "not a lockfile of cargo", "zenith index"),
        (&["notes.txt"], "of another kind", "zenith index"),
        (&["app/absent"], "there is no", "zenith index"),
        (&["absent.lock"], "there is no", "zenith index"),
        (&[""], "is empty", "zenith index ."),
        (&["@1.0.0"], "is empty", "zenith index"),
        (&["serde@"], "is empty", "zenith index"),
        (&["two words"], "not usable", "zenith index"),
        (&["--lockfile", "app"], "is a folder", "zenith index"),
        (&["--lockfile", "app/Cargo.toml"], "is a manifest", "zenith index"),
        (&["--lockfile", "absent/Cargo.lock"], "there is no", "cargo generate-lockfile"),
    ] {
        for json in [false, true] {
            let mut all = vec!["index"];
            all.extend(arguments);
            all.extend(json.then_some("--json"));
            let run = place.run(&all);
            assert_eq!(run.code, Some(2), "{run:#?}");
            for said in [found, "expected is", advice] {
                assert!(run.err.contains(said), "{said}: {run:#?}");
            }
            match json {
                true => assert!(run.each("error")[0].contains(found), "{run:#?}"),
                false => assert_eq!(run.out, "", "{run:#?}"),
            }
        }
    }
    assert_eq!(place.run(&["packages", "--json"]).ok().out, "");
}

#[test]
fn what_yields_nothing_fails_and_leaves_nothing_behind() {
    let place = Place::new();
    let project = place.project();
    std::fs::create_dir(project.join("nothing")).unwrap();
    place.write("empty/Cargo.toml", "");
    place.write("tables/Cargo.toml", "[dependencies]\n");
    place.write("data/main.py", "print()");
    place.write("virtual/Cargo.toml", "[workspace]\nmembers = []\n");
    place.write("unbuilt/Cargo.toml", PACKAGE);
    place.write("locked/Cargo.lock", "version = 4\n");
    for (source, found) in [
        ("nothing", "the folder is empty"),
        ("empty", "Cargo.toml is empty"),
        ("tables", "has only [dependencies]"),
        ("data", "of its 1 file none is Rust"),
        ("virtual", "no members"),
        ("unbuilt", "src/lib.rs"),
        ("locked/Cargo.lock", "locks no package"),
        ("no-such-package", "no-such-package is not in cargo's registry folder"),
    ] {
        let run = place.run(&["index", source, "--json"]);
        assert_eq!(run.code, Some(1), "{run:#?}");
        assert!(run.each("error")[0].contains(found), "{run:#?}");
        let run = place.run(&["index", source]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{run:#?}");
        assert!(run.err.contains(found), "{run:#?}");
    }
    assert_eq!(place.run(&["packages", "--json"]).ok().out, "");
    // A package is there, and nothing in it.
    place.write("blank/Cargo.toml", PACKAGE);
    place.write("blank/src/main.rs", "");
    let run = place.run(&["index", "blank"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.out.contains("nothing was found"), "{run:#?}");
    let run = place.run(&["index", "blank", "--json"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.each("error")[0].contains("nothing was found"), "{run:#?}");
}

#[test]
fn a_broken_member_is_named_beside_what_is_indexed() {
    let place = Place::with_workspace(2);
    place.write("part1/Cargo.toml", "[package\n");
    let run = place.run(&["index"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.out.contains("1 package indexed") && run.out.contains("failed: part1 ("), "{run:#?}");
    assert_eq!(place.run(&["packages", "--json"]).ok().each("package"), ["part0"]);
    let again = place.run(&["index"]);
    assert_eq!(again.code, Some(1), "{again:#?}");
}

#[test]
fn a_project_without_a_lockfile_is_indexed_and_stays_without() {
    let place = Place::new();
    place.write("Cargo.toml", "[workspace]\nmembers = [\"crates/**\"]\nresolver = \"3\"\n");
    place.write("crates/a/Cargo.toml", PACKAGE);
    place.write("crates/a/src/lib.rs", "pub fn speak() {}");
    place.write("crates/deep/b/Cargo.toml", &PACKAGE.replace("speaker", "listener"));
    place.write("crates/deep/b/src/bin/ear.rs", "/// Hears.\nfn hear() {}\nfn main() {}");
    place.run(&["index"]).ok();
    assert_eq!(place.run(&["packages", "--json"]).ok().each("package"), ["listener", "speaker"]);
    assert_eq!(place.run(&["search", "hear", "--json"]).ok().each("path")[0], "ear::hear");
    assert!(!place.project().join("Cargo.lock").exists());
}

#[test]
fn what_other_platforms_need_ranks_behind_and_says_so() {
    let place = Place::new();
    let src = "home/registry/src/index.crates.io-1949cf8c6b5b557f";
    let other = "[target.'cfg(target_os = \"none such\")'.dependencies]\n";
    place.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\nhere = \"1\"\n{other}far = \"1\"\n"));
    place.write("src/lib.rs", "");
    let mut lock = "version = 4\n[[package]]\nname = \"speaker\"\nversion = \"0.1.0\"\n\
                    dependencies = [\"far\", \"here\"]\n"
        .to_string();
    for (name, doc) in [("far", "/// Opens a file, whatever it takes: a file is opened.\n"), ("here", "")] {
        place.write(
            &format!("{src}/{name}-1.0.0/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n"),
        );
        place.write(
            &format!("{src}/{name}-1.0.0/src/lib.rs"),
            &format!("{doc}pub fn open_file() {{}}\n{doc}pub fn open_file_{name}() {{}}\n"),
        );
        lock += &format!(
            "[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n\
             source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
        );
    }
    place.write("Cargo.lock", &lock);
    let run = without_cargo(&place, &["index"]).ok();
    assert!(run.out.contains("in all 2 packages here, 1 of other platforms"), "{run:#?}");
    assert!(run.out.contains("note: cargo does not answer"), "{run:#?}");
    let again = without_cargo(&place, &["index"]).ok();
    assert!(again.out.contains("all 2 packages here, 1 of other platforms ready"), "{again:#?}");
    for mode in ["hybrid", "text"] {
        let hits = place.run(&["search", "open file", "--mode", mode, "--json"]).ok();
        let packages = hits.each("package");
        let others = hits.each("other_platform");
        assert!(packages.iter().filter(|name| *name == "far").count() >= 2, "{hits:#?}");
        assert!(packages.is_sorted_by_key(|name| name == "far"), "{hits:#?}");
        for (package, other) in packages.iter().zip(&others) {
            assert_eq!(other == "true", package == "far", "{hits:#?}");
        }
    }
    // Who types the name means it; what else is like it comes from here.
    let shown = place.run(&["search", "open_file_far"]).ok();
    assert!(shown.out.starts_with("  1  far::open_file_far"), "{shown:#?}");
    assert!(shown.out.contains("far 1.0.0 · other platform"), "{shown:#?}");
    let both = place.run(&["search", "open_file", "--json"]).ok();
    assert_eq!(both.each("path")[..2], ["here::open_file", "here::open_file_here"]);
    for arguments in
        [&["search", "open file", "--here", "--json"][..], &["search", "open file platform:here", "--json"]]
    {
        let hits = place.run(arguments).ok();
        assert!(hits.each("package").iter().all(|name| name == "here"), "{hits:#?}");
    }
    let listed = place.run(&["packages", "--json"]).ok();
    assert_eq!(listed.each("package"), ["here", "speaker", "far"].map(String::from));
    assert_eq!(listed.each("other_platform"), ["false", "false", "true"]);
    let listed = place.run(&["packages"]).ok();
    assert!(listed.out.ends_with("2 packages here, 1 of other platforms\n"), "{listed:#?}");
    assert!(listed.out.contains("· other platform"), "{listed:#?}");
}

#[test]
fn a_change_in_a_module_that_git_ignores_is_seen() {
    let place = Place::with_workspace(1);
    place.write(".gitignore", "generated.rs\n");
    place.write("part0/src/lib.rs", "mod generated;\npub use generated::*;\n");
    place.write("part0/src/generated.rs", "pub fn first_draft() {}\n");
    place.run(&["index"]).ok();
    assert_eq!(place.run(&["search", "first_draft", "--json"]).ok().each("path")[0], "part0::first_draft");
    assert_eq!(place.run(&["index", "--json"]).ok().each("indexed"), ["0"]);
    place.write("part0/src/generated.rs", "pub fn final_version() {}\n");
    assert_eq!(place.run(&["index", "--json"]).ok().each("indexed"), ["1"]);
    assert_eq!(
        place.run(&["search", "final_version", "--json"]).ok().each("path")[0],
        "part0::final_version"
    );
}

#[test]
fn a_toolchain_that_is_not_here_keeps_cargo_from_nothing() {
    let place = Place::new();
    place.write("Cargo.toml", PACKAGE);
    place.write("src/lib.rs", "pub fn speak() {}");
    place.write("rust-toolchain.toml", "[toolchain]\nchannel = \"nightly-2099-12-31\"\n");
    let mut command = place.command(&["index"]);
    // As from a shell: cargo by its name, and nothing that a cargo above this test decided.
    command.env("CARGO", "cargo").env_remove("RUSTUP_TOOLCHAIN");
    let run = Run::of(command.output().unwrap()).ok();
    assert!(run.out.contains("1 package indexed"), "{run:#?}");
    // What that toolchain alone has is not here, which is told; cargo itself answers.
    let notes: Vec<&str> = run.out.lines().filter(|line| line.starts_with("note:")).collect();
    assert_eq!(notes, ["note: rustc does not answer; the standard library is not indexed"], "{run:#?}");
    assert!(!place.project().join("Cargo.lock").exists());
}

/// Two checkouts of one workspace: each shows its own code, whichever was indexed last.
#[test]
fn another_checkout_of_the_same_packages_is_indexed_as_it_is() {
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    let other = place.project().with_file_name("other");
    copy(&place.project(), &other);
    std::fs::write(other.join("part0/src/lib.rs"), "pub fn of_the_other() {}").unwrap();
    let in_other = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.current_dir(&other);
        Run::of(command.output().unwrap()).ok()
    };
    assert_eq!(in_other(&["index", "--json"]).each("indexed"), ["1"]);
    assert_eq!(in_other(&["search", "of_the_other", "--json"]).each("name")[0], "of_the_other");
    assert_eq!(place.run(&["index", "--json"]).ok().each("indexed"), ["1"], "the first again");
    assert_eq!(place.run(&["search", "do_part0", "--json"]).ok().each("name")[0], "do_part0");
    assert_eq!(place.run(&["index", "--json"]).ok().each("indexed"), ["0"]);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// Nothing is left out in silence: the run, the list and its JSON say it, with a setting that takes the rest.
#[test]
fn what_is_left_out_of_a_large_package_is_told_with_the_setting_that_takes_it() {
    let place = Place::new();
    place.write("Cargo.toml", PACKAGE);
    place.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"speaker\"\nversion = \"0.1.0\"\n");
    let functions: String = (0..1_499).map(|number| format!("pub fn f{number}() {{}}\n")).collect();
    place.write("src/lib.rs", &functions);
    let with = |symbols: &str, arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("ZENITH_SYMBOLS", symbols);
        Run::of(command.output().unwrap())
    };
    for told in [with("1000", &["index"]).ok(), with("1000", &["index"]).ok()] {
        assert!(
            told.out.contains("left out: speaker@0.1.0 has 1,000 of 1,500 symbols; ZENITH_SYMBOLS=10000"),
            "{told:#?}"
        );
        assert_eq!(told.out.matches("1,500").count(), 1, "once: {told:#?}");
    }
    let listed = place.run(&["packages"]).ok();
    assert!(
        listed.out.contains("1000 of 1500 symbols") && listed.out.contains("ZENITH_SYMBOLS=10000"),
        "{listed:#?}"
    );
    let number = |run: &Run| run.json()[0]["left_out"].as_u64();
    assert_eq!(number(&place.run(&["packages", "--json"]).ok()), Some(500));

    let lifted = with("10000", &["index"]).ok();
    assert!(lifted.out.contains("1 package indexed") && !lifted.out.contains("left out"), "{lifted:#?}");
    let listed = place.run(&["packages"]).ok();
    assert!(listed.out.contains("1500 symbols") && !listed.out.contains("ZENITH_SYMBOLS"), "{listed:#?}");
    assert_eq!(number(&place.run(&["packages", "--json"]).ok()), Some(0));

    let refused = with("999", &["packages"]);
    assert!(refused.code != Some(0) && refused.err.contains("a number from 1000 to 1000000"), "{refused:#?}");
}
