//! What is told of an item: alike by each of its paths, and whether it can be used here.

use crate::support::{Place, Run};

const GATE: &str = r#"//! Gates.
/// Opens a gate.
pub fn open_gate() -> u8 { 2 }
/// What shuts.
pub trait Shuts { fn shut(&self) {} }
/// A hinge.
#[cfg(target_os = "hermit")]
pub fn hinge() {}
pub mod small {
    pub fn hinge() {}
    pub fn grease() {}
}
/// Greases it all.
#[cfg(feature = "oil")]
pub fn grease() {}
"#;

const BARS: &str = "//! Bars.\n#[cfg(feature = \"extra\")]\npub use gate as gated;\npub use gate as gates;\n\
    pub mod other { pub trait Shuts { fn shut(&self); } }\n\
    pub struct Bar;\nimpl gates::Shuts for Bar {}\n";

/// Of another trait of the name, by a macro.
const FLAP: &str = "use bars::other::Shuts;\nmacro_rules! shut { ($name:ident) => { pub struct $name; impl Shuts for $name { fn shut(&self) {} } } }\nshut!(Flap);\n";

const MAIN: &str = "//! A program.\nmod flap;\nstruct Door;\nimpl lock::Shuts for Door {}\n/// Starts it.\npub fn start_it() {}\n\
    fn main() {\n    bars::gates::open_gate();\n    lock::open_gate();\n}\n";

/// A program that calls `gate` by another name, and by what `bars` shows of it.
fn place() -> Place {
    let place = Place::new();
    place.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"bars\", \"gate\", \"zapp\"]\n");
    let package = |name: &str, more: &str| {
        let text = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}");
        place.write(&format!("{name}/Cargo.toml"), &text);
    };
    package("gate", "[features]\noil = []\n");
    package("bars", "[dependencies]\ngate = { path = \"../gate\" }\n[features]\nextra = []\n");
    package("zapp", &zapp("lock = { package = \"gate\", path = \"../gate\" }"));
    place.write("gate/src/lib.rs", GATE);
    place.write("bars/src/lib.rs", BARS);
    place.write("zapp/src/main.rs", MAIN);
    place.write("zapp/src/flap.rs", FLAP);
    let locked = |name: &str, needs: &str| {
        format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [{needs}]\n")
    };
    let lock =
        [locked("bars", "\"gate\""), locked("gate", ""), locked("zapp", "\"bars\", \"gate\"")].concat();
    place.write("Cargo.lock", &format!("version = 4\n{lock}"));
    place.run(&["index"]).ok();
    place
}

fn zapp(gate: &str) -> String {
    format!("[dependencies]\nbars = {{ path = \"../bars\" }}\n{gate}\n")
}

/// The places that a run tells of.
fn places(run: &Run) -> Vec<(String, String)> {
    let line =
        |line: &serde_json::Value| (line["file"].as_str().unwrap().to_owned(), line["line"].to_string());
    run.json().iter().map(line).collect()
}

#[test]
fn an_item_is_used_where_it_is_whichever_of_its_paths_is_asked_for() {
    let place = place();
    for path in ["gate::open_gate", "bars::gates::open_gate", "bars::gated::open_gate", "lock::open_gate"] {
        let uses = place.run(&["show", "--uses", path, "--json"]).ok();
        let told = [("src/main.rs", "8"), ("src/main.rs", "9")]
            .map(|(file, line)| (file.to_owned(), line.to_owned()));
        assert_eq!(places(&uses), told, "{path}: {uses:#?}");
        assert!(uses.each("relation").iter().all(|relation| relation == "own"), "{path}: {uses:#?}");
    }
    // The path that is built here is the item's own.
    let shown = place.run(&["show", "bars::gated::open_gate"]).ok();
    assert!(
        shown.out.contains("use bars::gates::open_gate;") && !shown.out.contains("off here"),
        "{shown:#?}"
    );
}

#[test]
fn implementors_of_the_program_come_before_those_of_what_it_builds_on() {
    let place = place();
    for path in ["gate::Shuts", "bars::gates::Shuts"] {
        let found = place.run(&["show", "--implementors", path, "--json"]).ok();
        assert_eq!(found.each("type"), ["Door", "Bar"], "{path}: {found:#?}");
    }
}

#[test]
fn a_feature_that_is_turned_on_is_told_once_it_is_indexed_again() {
    let place = place();
    let off = "off here: needs the feature oil";
    assert!(place.run(&["show", "gate::grease"]).ok().out.contains(off));
    // The lockfile and the package itself stay as they are.
    let manifest = "[package]\nname = \"zapp\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let on = zapp("lock = { package = \"gate\", path = \"../gate\", features = [\"oil\"] }");
    place.write("zapp/Cargo.toml", &format!("{manifest}{on}"));
    let again = place.run(&["index"]).ok();
    assert!(again.out.contains("with other features than before, and so indexed anew: 1"), "{again:#?}");
    assert!(!place.run(&["show", "gate::grease"]).ok().out.contains("off here"));
    let found = place.run(&["search", "grease", "--json"]).ok();
    assert_eq!(found.each("path")[0], "gate::grease", "{found:#?}");
    let nothing = place.run(&["index"]).ok();
    assert!(!nothing.out.contains("anew"), "{nothing:#?}");
}

#[test]
fn what_is_not_built_here_says_so_and_comes_after_what_is() {
    let place = place();
    let found = place.run(&["search", "hinge", "--json"]).ok();
    assert_eq!(found.each("path")[..2], ["gate::small::hinge", "gate::hinge"], "{found:#?}");
    assert_eq!(found.json()[1]["only"], "target_os = \"hermit\"");
    let found = place.run(&["search", "hinge"]).ok();
    assert!(found.out.contains("not built here: only with cfg(target_os = \"hermit\")"), "{found:#?}");
    let found = place.run(&["search", "grease", "--json"]).ok();
    assert_eq!(found.each("path")[..2], ["gate::small::grease", "gate::grease"], "{found:#?}");
}

#[test]
fn a_program_tells_no_way_to_build_on_it() {
    let place = place();
    let shown = place.run(&["show", "zapp::start_it"]).ok();
    assert!(shown.out.contains("within zapp, which is a program"), "{shown:#?}");
    assert!(!shown.out.contains("use zapp") && !shown.out.contains("cargo add"), "{shown:#?}");
    assert!(place.run(&["show", "gate::open_gate"]).ok().out.contains("cargo add --path"));
}

#[test]
fn a_path_is_found_with_typing_errors_and_by_the_name_that_the_project_gives_its_crate() {
    let place = place();
    for typed in ["gat::open_gte", "gates::opne_gate", "gate opne_gate", "lock::open_gate"] {
        let found = place.run(&["search", typed, "--json"]).ok();
        assert!(found.each("name")[0] == "open_gate", "{typed}: {found:#?}");
    }
}

#[test]
fn what_no_signature_answers_is_told_and_what_is_no_query_refused() {
    let place = place();
    let told = "no function has a signature like this";
    assert!(place.run(&["search", "-> Nonexistent"]).ok().err.contains(told));
    assert!(!place.run(&["search", "-> u8"]).ok().err.contains(told));
    for (query, why) in
        [("", "the query is empty"), ("  ", "the query is empty"), (&*"x".repeat(2_000), "at most 512 bytes")]
    {
        let refused = place.run(&["search", query]);
        assert!(refused.code == Some(2) && refused.err.contains(why), "{refused:#?}");
    }
    place.run(&["search", "", "--kind", "fn"]).ok();
    let refused = place.run(&["show", "@1::x"]);
    assert!(refused.code == Some(2) && refused.err.contains("no package is named"), "{refused:#?}");
}

#[test]
fn code_of_another_project_says_so_and_comes_after_this_ones() {
    let place = place();
    let manifest = "[package]\nname = \"alien\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    place.write("../alien/Cargo.toml", manifest);
    place.write("../alien/Cargo.lock", "version = 4\n\n[[package]]\nname = \"alien\"\nversion = \"0.1.0\"\n");
    let documented = "/// Opens a gate, and a gate, whatever gate it is: the best there is.\n".repeat(9);
    place.write(
        "../alien/src/lib.rs",
        &format!("{documented}pub fn open_gate() {{}}\n{documented}pub fn start_it() {{}}\n"),
    );
    let alien = place.project().with_file_name("alien");
    let indexed = place.command(&["index"]).current_dir(&alien).output().unwrap();
    assert!(indexed.status.success(), "{indexed:?}");
    for name in ["open_gate", "start_it"] {
        let found = place.run(&["search", name, "--json"]).ok();
        let at = found.each("package").iter().position(|package| package == "alien").unwrap();
        let of_name = found.each("name").iter().filter(|one| *one == name).count();
        assert_eq!(at + 1, of_name, "it is the last of its name: {found:#?}");
        assert_eq!(found.json()[at]["other_project"], true);
    }
    assert!(place.run(&["search", "open_gate"]).ok().out.contains("alien 0.1.0 · another project"));
    let at_home = place.command(&["search", "open_gate"]).current_dir(&alien).output().unwrap();
    let at_home = String::from_utf8(at_home.stdout).unwrap();
    assert!(at_home.lines().next().unwrap().contains("alien::open_gate"), "{at_home}");
    assert!(!at_home.lines().next().unwrap().contains("another project"), "{at_home}");
}
