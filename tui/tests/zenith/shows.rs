//! `show` opens what search finds and whatever compiles.

use crate::support::{Place, fixture};

const LIB: &str = "//! # Guide\n//!\n//! ## First steps\n//!\n//! Take them one by one.\n\n\
    pub mod parts {\n    pub struct Wheel;\n    impl Wheel { pub fn turn(&self) {} }\n    pub mod small { pub fn screw() {} }\n}\n\
    pub use parts as pieces;\n\
    mod imp { pub mod engine { /// Runs.\n #[doc(alias = \"motor\")]\n #[doc(alias(\"turbine\", \"+=\"))]\n pub struct Engine; impl Engine { pub fn start(&self) {} } } }\n\
    pub use imp::engine::Engine;\n\
    pub mod prelude { pub use crate::{Engine as Motor, parts::*}; }\n\
    pub mod r#match { pub fn r#type() {} pub fn caf\u{e9}() {} }\n\
    pub mod time { pub use std::time::Duration; }\n";

fn speller() -> Place {
    let place = Place::new();
    place.write("Cargo.toml", "[package]\nname = \"speller-kit\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\nname = \"speller\"\n");
    place.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"speller-kit\"\nversion = \"0.1.0\"\n");
    place.write("src/lib.rs", LIB);
    place.run(&["index"]).ok();
    place
}

#[test]
fn every_path_of_an_item_is_opened() {
    let place = speller();
    for (written, path) in [
        ("speller::parts::small::screw", "speller::parts::small::screw"),
        ("speller::pieces::small::screw", "speller::parts::small::screw"),
        ("speller::prelude::small::screw", "speller::parts::small::screw"),
        ("crate::pieces::Wheel::turn", "speller::parts::Wheel::turn"),
        ("speller::prelude::Motor::start", "speller::Engine::start"),
        ("speller::imp::engine::Engine", "speller::Engine"),
        ("<Engine as Machine>::start", "speller::Engine::start"),
        ("match::type", "speller::r#match::r#type"),
        ("speller::r#match::r#type", "speller::r#match::r#type"),
        ("match::cafe\u{301}", "speller::r#match::caf\u{e9}"),
        ("time::Duration", "speller::time::Duration"),
        ("motor", "speller::Engine"),
        ("+=", "speller::Engine"),
    ] {
        let run = place.run(&["show", "speller-kit", written, "--json"]).ok();
        assert_eq!(run.each("path").first().map(String::as_str), Some(path), "{written}");
    }
    let run = place.run(&["show", "speller::pieces::small::screw", "--json"]).ok();
    assert_eq!(run.each("path"), ["speller::parts::small::screw"]);
    let run = place.run(&["show", "speller-kit", "parts::nothing"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("zenith search parts::nothing"), "{run:#?}");
    let run = place.run(&["show", "speller::time::Duration::from_secs"]);
    assert!(place.run(&["show", "std::time::Duration"]).err.contains("`zenith index std` indexes it"));
    assert!(run.err.contains("leads into std, and std is not indexed; `zenith index std`"), "{run:#?}");
}

#[test]
fn a_path_is_followed_into_the_package_that_declares_its_end() {
    let place = Place::new();
    place.run(&["index", &fixture("")]).ok();
    for (package, written, path) in [
        ("facade", "facade_core::ext::EngineExt", "facade::EngineExt"),
        ("facade", "StartError::code", "facade::StartFailure::code"),
        ("facade", "facade::everything::parts::small::screw", "facade::small::screw"),
        ("facade", "facade::constructs::Point::new", "constructs::Point::new"),
        ("facade", "facade::looped::constructs::shapes::Shape", "constructs::Shape"),
    ] {
        let run = place.run(&["show", package, written, "--json"]).ok();
        let found = run.each("path");
        assert!(found.iter().any(|found| found == path), "{written}: {found:?}");
    }
    let run = place.run(&["show", "facade", "constructs::Point::new", "--json"]).ok();
    assert_eq!(run.each("package"), ["constructs"]);
    // A file is named with the package that it is in.
    for (path, package) in [("facade::Engine", "facade-core@"), ("facade::Polish", "facade@")] {
        let shown = place.run(&["show", path]).ok();
        let places = shown.out.lines().filter(|line| line.contains(" · src/"));
        assert!(places.into_iter().any(|line| line.starts_with(package)), "{path}: {shown:#?}");
        let files = place.run(&["show", path, "--json"]).ok().each("file_package");
        assert!(files.iter().any(|file| file.starts_with(package)), "{path}: {files:?}");
    }
    // So does search, in every form, and what it names stands there.
    for (path, package, declared) in [
        ("facade::Engine", "facade-core", "pub trait Engine"),
        ("facade::EngineExt", "facade-core", "pub trait EngineExt"),
        ("facade::Polish", "facade", "pub trait Polish"),
    ] {
        let hits = place.run(&["search", path, "--limit", "20", "--json"]).ok().json();
        let hit = hits.iter().find(|hit| hit["path"] == path && hit["package"] == "facade").unwrap();
        let (name, version) = hit["file_package"].as_str().unwrap().split_once('@').unwrap();
        assert_eq!((name, version), (package, "1.2.3"), "{hit:#}");
        let file = std::path::Path::new(&fixture(name)).join(hit["file"].as_str().unwrap());
        let text = std::fs::read_to_string(file).unwrap();
        let line = text.lines().nth(hit["line"].as_u64().unwrap() as usize - 1).unwrap();
        assert!(line.contains(declared), "{path}: {line}");
    }
    let found = place.run(&["search", "facade::Engine", "--limit", "1"]).ok();
    assert!(
        found.out.contains("facade 1.2.3") && found.out.contains("facade-core@1.2.3 · src/"),
        "{found:#?}"
    );
    // Asked for by the name of its own crate, an item is that of its own package.
    let own = place.run(&["show", "facade_core::Engine", "--json"]).ok();
    assert!(own.each("package").iter().all(|package| package == "facade-core"), "{own:#?}");
}

#[test]
fn what_search_finds_is_opened() {
    let place = speller();
    for query in ["first steps", "turn", "screw", "type", "duration", "caf\u{e9}"] {
        let hits = place.run(&["search", query, "--json"]).ok().json();
        assert!(!hits.is_empty(), "{query}");
        for hit in hits {
            let (package, path) = (hit["package"].as_str().unwrap(), hit["path"].as_str().unwrap());
            let run = place.run(&["show", package, path, "--json"]).ok();
            assert!(run.each("path").contains(&path.to_string()), "{query}: {path}");
        }
    }
    let section = place.run(&["show", "speller-kit", "First steps", "--json"]).ok();
    assert!(section.each("doc")[0].contains("one by one"), "{section:#?}");
}

#[test]
fn what_something_is_called_elsewhere_finds_it_and_says_so() {
    let place = speller();
    for (query, alias) in [("motor", "motor"), ("Turbine", "turbine"), ("turb", "turbine"), ("+=", "+=")] {
        for mode in ["hybrid", "text"] {
            let hits = place.run(&["search", query, "--mode", mode, "--json"]).ok();
            assert_eq!(hits.each("path")[0], "speller::Engine", "{query}");
            assert_eq!(hits.each("alias")[0], alias, "{query}");
        }
    }
    let by_name = place.run(&["search", "engine", "--json"]).ok();
    assert_eq!(by_name.each("path")[0], "speller::Engine");
    assert!(by_name.json()[0].get("alias").is_none(), "its own name needs no explanation");
    assert!(place.run(&["search", "turbine"]).ok().out.contains("called turbine elsewhere"));
    assert!(place.run(&["show", "speller::Engine"]).ok().out.contains("called motor, turbine, += elsewhere"));
}

#[test]
fn a_shelf_of_another_layout_is_made_anew_by_itself() {
    let place = speller();
    let folder = place.data().join("shelf/private/local");
    let meta = folder.join("text/meta.json");
    let text = std::fs::read_to_string(&meta).unwrap();
    let format = r#"\"format\":5"#;
    assert!(text.contains(format), "{text}");
    let other_format = text.replace(format, r#"\"format\":1"#);
    let other_fields = text.replace(r#""alias""#, r#""something""#);
    for other in [&other_format, &other_fields] {
        std::fs::write(&meta, other).unwrap();
        let run = place.run(&["search", "turbine", "--json"]).ok();
        assert_eq!(run.each("path")[0], "speller::Engine");
        assert!(run.err.contains("made anew"), "{run:#?}");
        let again = place.run(&["search", "turbine", "--json"]).ok();
        assert!(!again.err.contains("made anew"), "{again:#?}");
        place.run(&["doctor"]).ok();
    }
    // Its making was interrupted: what lies there is a part.
    std::fs::write(folder.join("partial"), "").unwrap();
    std::fs::remove_dir_all(folder.join("text")).unwrap();
    assert_eq!(place.run(&["search", "turbine", "--json"]).ok().each("path")[0], "speller::Engine");
    // A run that writes to it puts its packages on a new one, and the next search brings the others.
    std::fs::write(&meta, std::fs::read_to_string(&meta).unwrap().replace(format, r#"\"format\":1"#))
        .unwrap();
    place.write("other/Cargo.toml", "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    place.write("other/src/lib.rs", "pub fn lonely() {}\n");
    place.run(&["index", "other"]).ok();
    assert_eq!(place.run(&["search", "turbine", "--json"]).ok().each("path")[0], "speller::Engine");
    assert_eq!(place.run(&["search", "lonely", "--json"]).ok().each("path")[0], "other::lonely");
    place.run(&["doctor"]).ok();
}

#[test]
fn who_mistypes_a_package_or_a_filter_is_told() {
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    for arguments in
        [&["show", "prat0"][..], &["search", "piece", "--package", "prat0"], &["search", "piece pkg:prat0"]]
    {
        let run = place.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{run:#?}");
        assert!(run.err.contains("no package prat0 is indexed; is part0 meant?"), "{run:#?}");
    }
    for arguments in [&["show", "part0@9.9.9"][..], &["search", "piece pkg:part0@9.9.9"]] {
        let run = place.run(arguments);
        assert!(run.code == Some(1) && run.err.contains("part0@0.1.0 is"), "{run:#?}");
    }
    let run = place.run(&["search", "piece pkg:part0 tier:public"]);
    assert!(run.code == Some(1) && run.err.contains("left out by what else limits"), "{run:#?}");
    for arguments in
        [&["search", "piece kind:foo tier:bar"][..], &["search", "piece kind:foo tier:bar", "--json"]]
    {
        let run = place.run(arguments).ok();
        assert!(run.err.contains("kind:foo is no kind; use one of fn, "), "{run:#?}");
        assert!(run.err.contains("tier:bar is no tier; use one of public, team, private"), "{run:#?}");
    }
    assert!(
        !place.run(&["search", "piece kind:struct std::fmt a:b"]).ok().err.contains("searched as a word")
    );
}

#[test]
fn what_is_off_says_which_feature_it_needs_and_does_not_come_first() {
    let place = Place::new();
    place.write(
        "Cargo.toml",
        "[package]\nname = \"switched\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[features]\nnet = []\ndefault = [\"slow\"]\nslow = []\n",
    );
    place.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"switched\"\nversion = \"0.1.0\"\n");
    place.write(
        "src/lib.rs",
        "#[cfg(feature = \"net\")]\npub fn connect() {}\n\
         #[cfg(feature = \"net\")]\npub fn open() -> Quick { loop {} }\n\
         #[cfg(all(feature = \"slow\", not(feature = \"net\")))]\npub fn open() -> Slow { loop {} }\n\
         #[cfg(not(feature = \"slow\"))]\npub fn hurry() {}\n",
    );
    place.run(&["index"]).ok();
    let on = "off here: needs the feature net";
    let off = "off here: needs the feature slow to be off";
    for (path, words) in [("switched::connect", on), ("switched::hurry", off)] {
        assert!(place.run(&["show", path]).ok().out.contains(words), "{path}");
        assert!(place.run(&["search", path]).ok().out.contains(words), "{path}");
    }
    let hits = place.run(&["search", "switched::connect", "--json"]).ok();
    assert_eq!(hits.json()[0]["enable"], serde_json::json!(["net"]));
    assert!(hits.json()[0].get("disable").is_none());
    let shown = place.run(&["show", "switched::open", "--json"]).ok();
    assert_eq!(shown.each("signature"), ["pub fn open() -> Slow", "pub fn open() -> Quick"]);
    let text = place.run(&["show", "switched::open"]).ok().out;
    let (first, second) = (text.find("-> Slow").unwrap(), text.find("-> Quick").unwrap());
    assert!(
        first < second && text.matches("off here").count() == 1 && text.find("off here").unwrap() > first
    );
    let found = place.run(&["search", "open", "--json"]).ok();
    assert_eq!(found.each("signature")[0], "pub fn open() -> Slow");
    assert!(found.json()[0].get("enable").is_none());
}

#[test]
fn who_mistypes_an_item_is_told_what_is_like_it() {
    let place = speller();
    for (typed, like) in [
        ("speller::parts::small::srcew", "speller::parts::small::screw"),
        ("speller::prats::Wheel", "speller::parts::Wheel"),
        ("speller::screw", "speller::parts::small::screw"),
        ("speller-kit@0.1.0::Enigne", "speller::Engine"),
    ] {
        for arguments in [&["show", typed][..], &["examples", typed], &["show", typed, "--uses"]] {
            let run = place.run(arguments);
            let told = format!("; is {like}");
            assert!(run.code == Some(1) && run.err.contains(&told), "{typed}: {run:#?}");
        }
    }
    let run = place.run(&["show", "speller::nothing_like_it"]);
    assert!(run.code == Some(1) && !run.err.contains("meant"), "{run:#?}");
}

/// The standard library is told to be missing where a path begins with it and it is, and nowhere else.
#[test]
fn a_standard_library_that_is_not_indexed_is_told_of_wherever_a_path_begins_with_it() {
    let place = speller();
    // A test, a module or a program may bear such a name.
    place.write("tests/core.rs", "#[test]\nfn swap() {}\n");
    place.write("src/main.rs", "mod alloc { pub fn swap() {} }\nfn main() { alloc::swap() }\n");
    place.run(&["index"]).ok();
    for name in ["std", "core", "alloc"] {
        let missing = format!("{name} is not indexed; `zenith index {name}` indexes it");
        let path = format!("{name}::mem::swap");
        let rooted = format!("::{path}");
        let versioned = format!("{name}@1.95::mem::swap");
        let filter = format!("swap pkg:{name}");
        for arguments in [
            &["show", name][..],
            &["show", &path],
            &["show", &rooted],
            &["show", &versioned],
            &["show", &path, "--uses"],
            &["show", "speller-kit", &path],
            &["examples", &path],
            &["search", &path],
            &["search", &filter],
            &["packages", name],
        ] {
            let run = place.run(arguments);
            assert!(run.err.contains(&missing), "{arguments:?}: {run:#?}");
            assert!(!run.err.contains("meant"), "{arguments:?}: {run:#?}");
        }
    }
    for arguments in [
        &["show", "stdx::mem::swap"][..],
        &["show", "mem::swap"],
        &["show", "speller::nothing"],
        &["search", "std core alloc"],
        &["search", "mem::swap"],
        &["packages", "nothing"],
    ] {
        let run = place.run(arguments);
        assert!(!run.err.contains("zenith index "), "{arguments:?}: {run:#?}");
    }
}

/// A toolchain without the sources is told of, with what brings them.
#[cfg(unix)]
#[test]
fn a_toolchain_without_sources_is_told_of() {
    use std::os::unix::fs::PermissionsExt;
    let place = speller();
    let rustc = place.project().join("../toolchains/rustc");
    let sysroot = rustc.parent().unwrap();
    let code = format!(
        "#!/bin/sh\nif [ \"$1\" = --print ]; then echo {}; else echo 'release: 1.95.0'; fi\n",
        sysroot.display()
    );
    place.write("../toolchains/rustc", &code);
    std::fs::set_permissions(&rustc, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = crate::support::Run::of(
        place.command(&["show", "std::mem::swap"]).env("ZENITH_RUSTC", &rustc).output().unwrap(),
    );
    let told = "std is not indexed; its sources are not on this machine: `rustup component add rust-src` brings \
                them, then `zenith index std` indexes it";
    assert!(run.code == Some(1) && run.err.contains(told), "{run:#?}");
}
