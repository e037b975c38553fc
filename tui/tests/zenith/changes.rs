//! What changed between two versions.

use std::process::Command;

use crate::gadget::{command, entry, lock, released, run, workshop};
use crate::support::{Place, Run};

/// What happened to which item.
fn told(run: &Run) -> Vec<(String, String)> {
    run.each("change").into_iter().zip(run.each("path")).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(change, path)| ((*change).to_string(), (*path).to_string())).collect()
}

#[test]
fn each_item_is_told_once_and_what_breaks_comes_first() {
    let place = workshop();
    let changes = run(&place, &["changes", "gadget", "1.0.0..2.0.0", "--json"]).ok();
    assert_eq!(
        told(&changes),
        pairs(&[
            ("removed", "gadget::parts::Gone"),
            ("removed", "gadget::parts::Gone::vanish"),
            ("moved", "gadget::pieces::Bolt"),
            ("moved", "gadget::pieces::Bolt::tighten"),
            ("changed", "gadget::Wheel"),
            ("changed", "gadget::Wheel::turn"),
            ("deprecated", "gadget::old_way"),
            ("added", "gadget::fresh"),
            ("added", "gadget::pieces"),
        ]),
        "{changes:#?}"
    );
    let lines = changes.json();
    let bolt = &lines[2];
    assert_eq!(bolt["moved_from"], "gadget::parts::Bolt");
    let wheel = &lines[4];
    assert_eq!(wheel["before"], "pub struct Wheel { pub radius: u32 }");
    assert_eq!(wheel["after"], "pub struct Wheel { pub radius: u64 }");
    assert_eq!((&wheel["from"], &wheel["to"]), (&"1.0.0".into(), &"2.0.0".into()));
    assert_eq!((&wheel["file"], &wheel["line"]), (&"src/lib.rs".into(), &3.into()));
    assert!(lines[6]["deprecated"].as_str().unwrap().starts_with("use `keep`"), "{changes:#?}");
    assert!(lines[7]["before"].is_null() && lines[0]["after"].is_null(), "{changes:#?}");

    // The other way round, what came is what goes.
    let back = run(&place, &["changes", "gadget", "2.0.0..1.0.0", "--json"]).ok();
    let counted = |run: &Run, change: &str| run.each("change").iter().filter(|one| *one == change).count();
    assert_eq!((counted(&back, "removed"), counted(&back, "added")), (2, 2), "{back:#?}");

    let same = run(&place, &["changes", "gadget", "1.0.0..1.1.0"]).ok();
    assert!(same.out.contains("nothing that others can write differs"), "{same:#?}");
}

#[test]
fn a_person_reads_what_hangs_together_in_one_line() {
    let place = workshop();
    let changes = run(&place, &["changes", "gadget", "1.0.0..2.0.0"]).ok();
    for line in [
        "gadget 1.0.0 → 2.0.0  2 removed, 2 moved, 2 changed, 1 deprecated, 2 added",
        "removed    struct  gadget::parts::Gone  and 1 in it",
        "moved      struct  gadget::pieces::Bolt  from gadget::parts::Bolt  and 1 in it",
        "           - pub fn turn(&self, times: u32) -> u32",
        "           + pub fn turn(&self, count: u64) -> u64",
        "           deprecated: use `keep`",
    ] {
        assert!(changes.out.lines().any(|told| told == line), "{line:?} is not in {}", changes.out);
    }
    assert!(!changes.out.contains("vanish"), "{}", changes.out);
    assert!(!changes.out.contains('\u{1b}'), "text of a package rules no terminal: {:?}", changes.out);
}

#[test]
fn a_version_that_is_not_indexed_is_taken_from_the_registry_folder_or_told() {
    let place = workshop();
    let changes = run(&place, &["changes", "gadget", "1.0.0..2.0.0"]).ok();
    assert!(changes.err.contains("gadget@1.0.0 is not indexed"), "{changes:#?}");
    assert_eq!(run(&place, &["packages", "--json"]).each("version"), ["1.0.0", "2.0.0"]);
    let again = run(&place, &["changes", "gadget", "1.0.0..2.0.0"]).ok();
    assert!(!again.err.contains("taking it from"), "{again:#?}");

    let absent = run(&place, &["changes", "gadget", "1.0.0..9.9.9"]);
    assert_eq!(absent.code, Some(1));
    assert!(absent.err.contains("not 9.9.9") && absent.err.contains("cargo fetch"), "{absent:#?}");
    let unknown = run(&place, &["changes", "nobody"]);
    assert!(unknown.code == Some(1) && unknown.err.contains("no version of nobody"), "{unknown:#?}");
    for wrong in [&["changes", "gadget", "1.0.0"][..], &["changes", "gadget@1.0.0"], &["changes", "../x"]] {
        assert_eq!(run(&place, wrong).code, Some(2), "{wrong:?}");
    }
}

/// Runs git in the project, with nothing of the user's own.
fn git(place: &Place, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]);
    let output = git
        .args(arguments)
        .current_dir(place.project())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

fn commit(place: &Place) {
    git(place, &["add", "--all"]);
    git(place, &["commit", "--quiet", "--message", "a state"]);
}

#[test]
fn the_range_is_what_git_has_of_the_lockfile() {
    let place = workshop();
    // Without git, the newest two.
    let newest = run(&place, &["changes", "gadget"]).ok();
    assert!(newest.err.contains("gadget 1.1.0..2.0.0, the newest on this machine"), "{newest:#?}");

    git(&place, &["init", "--quiet"]);
    commit(&place);
    let unchanged = run(&place, &["changes", "gadget"]).ok();
    assert!(unchanged.err.contains("the newest on this machine"), "{unchanged:#?}");

    lock(&place, &[("gadget", "2.0.0")]);
    let uncommitted = run(&place, &["changes", "gadget", "--json"]).ok();
    let told = "gadget 1.0.0..2.0.0, as Cargo.lock changed since the last commit";
    assert!(uncommitted.err.contains(told), "{uncommitted:#?}");
    assert_eq!(uncommitted.each("from")[0], "1.0.0");

    commit(&place);
    // Another package came later: that is no change of this one.
    lock(&place, &[("gadget", "2.0.0"), ("other", "1.0.0")]);
    commit(&place);
    let committed = run(&place, &["changes", "gadget"]).ok();
    assert!(committed.err.contains("gadget 1.0.0..2.0.0, as commit "), "{committed:#?}");

    // One end is typed, the other found.
    let from = run(&place, &["changes", "gadget", "1.1.0..", "--json"]).ok();
    assert_eq!((&*from.each("from")[0], &*from.each("to")[0]), ("1.1.0", "2.0.0"));
    let to = run(&place, &["changes", "gadget", "..1.1.0"]).ok();
    assert!(to.out.contains("gadget 1.0.0 → 1.1.0"), "{to:#?}");
    let first = run(&place, &["changes", "gadget", "..1.0.0"]);
    assert_eq!(first.code, Some(1), "{first:#?}");

    // A commit without a lockfile says nothing, and is no end of the history.
    std::fs::remove_file(place.project().join("Cargo.lock")).unwrap();
    commit(&place);
    lock(&place, &[("gadget", "2.0.0"), ("other", "1.0.0")]);
    commit(&place);
    let committed = run(&place, &["changes", "gadget"]).ok();
    assert!(committed.err.contains("gadget 1.0.0..2.0.0, as commit "), "{committed:#?}");
}

/// A name that is locked twice means the version that the project itself names, whichever was indexed last.
#[test]
fn of_several_versions_the_one_that_the_project_names_is_meant() {
    let place = workshop();
    let app =
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"gadget 2.0.0\"]\n";
    let lockfile = format!("{app}{}{}", entry("gadget", "1.0.0", &[]), entry("gadget", "2.0.0", &[]));
    place.write("Cargo.lock", &lockfile);
    run(&place, &["index"]).ok();
    for last in ["1.0.0", "2.0.0"] {
        run(&place, &["index", &format!("gadget@{last}"), "--force"]).ok();
        for command in [&["show", "gadget::keep"][..], &["examples", "gadget::keep"]] {
            let shown = run(&place, command);
            assert!(shown.err.contains("this is of gadget@2.0.0; there is also 1.0.0"), "{shown:#?}");
        }
        let shown = run(&place, &["show", "gadget::keep", "--json"]).ok();
        assert_eq!(shown.each("version")[0], "2.0.0", "{shown:#?}");
        let older = run(&place, &["show", "gadget@1.0.0", "keep", "--json"]).ok();
        assert_eq!(older.each("version")[0], "1.0.0", "{older:#?}");
    }
}

#[test]
fn used_keeps_what_the_projects_code_names() {
    let place = workshop();
    let unknown = run(&place, &["changes", "gadget", "1.0.0..2.0.0", "--used"]);
    assert!(unknown.code == Some(1) && unknown.err.contains("zenith index"), "{unknown:#?}");
    run(&place, &["index"]).ok();
    let used = run(&place, &["changes", "gadget", "1.0.0..2.0.0", "--used", "--json"]).ok();
    assert_eq!(
        told(&used),
        pairs(&[
            ("changed", "gadget::Wheel"),
            ("changed", "gadget::Wheel::turn"),
            ("deprecated", "gadget::old_way"),
        ])
    );
    place.write("src/lib.rs", "use gadget::*;\npub fn f() { fresh(); }\n");
    let used = run(&place, &["changes", "gadget", "1.0.0..2.0.0", "--used", "--json"]).ok();
    assert_eq!(told(&used), pairs(&[("added", "gadget::fresh")]));
}

const LOOM: &str = "
pub enum Thread { Red, Blue }
pub struct Yarn<'a> { pub name: &'a str }
pub trait Weaves { fn weave(&self); }
pub fn spin<'a>(wool: &'a str, oil: &str) -> Yarn<'a> { Yarn { name: wool } }
pub fn dye() {}
#[cfg(feature = \"wool\")]
pub fn card() {}
#[cfg(feature = \"wool\")]
pub fn comb() {}
#[cfg(any(feature = \"wool\", feature = \"silk\"))]
pub fn reel() {}
";

const LOOM_NEXT: &str = "
#[non_exhaustive]
pub enum Thread { Red, Blue }
pub struct Yarn<'wool> { pub name: &'wool str }
pub trait Weaves { fn weave(&self); fn unravel(&self); fn mend(&self) { self.weave() } }
pub trait Knits { fn knit(&self); }
pub fn spin<'wool>(wool: &'wool str, oil: &str) -> Yarn<'wool> { Yarn { name: wool } }
#[cfg(feature = \"colour\")]
pub fn dye() {}
#[cfg(feature = \"fleece\")]
pub fn card() {}
pub fn comb() {}
#[cfg(any(feature = \"silk\", feature = \"wool\", unix))]
pub fn reel() {}
";

/// What breaks somebody without another signature.
#[test]
fn what_is_closed_demanded_or_gated_is_told_and_a_lifetimes_name_is_not() {
    let place = workshop();
    released(&place, "loom", "1.0.0", LOOM);
    released(&place, "loom", "2.0.0", LOOM_NEXT);
    // The beginning of a version will do.
    let changes = run(&place, &["changes", "loom", "1..2.0", "--json"]).ok();
    assert_eq!(
        told(&changes),
        pairs(&[
            ("changed", "loom::Thread"),
            ("required", "loom::Weaves::unravel"),
            ("gated", "loom::card"),
            ("gated", "loom::dye"),
            ("added", "loom::Knits"),
            ("added", "loom::Knits::knit"),
            ("added", "loom::Weaves::mend"),
        ]),
        "{changes:#?}"
    );
    let lines = changes.json();
    assert_eq!(lines[0]["after"], "#[non_exhaustive] pub enum Thread");
    let needs = |at: usize| (lines[at]["needed"].clone(), lines[at]["needs"].clone());
    assert_eq!(needs(2), ("wool".into(), "fleece".into()));
    assert_eq!(needs(3), (serde_json::Value::Null, "colour".into()));
    assert_eq!((&lines[0]["from"], &lines[0]["to"]), (&"1.0.0".into(), &"2.0.0".into()));
    let text = run(&place, &["changes", "loom", "1.0.0..2.0.0"]).ok().out;
    for line in [
        "required   method  loom::Weaves::unravel",
        "           whoever implements the trait must have it",
        "gated      fn      loom::dye",
        "           needs colour, and needed no feature",
    ] {
        assert!(text.lines().any(|told| told == line), "{line:?} is not in {text}");
    }
}

const SPOOL: &str = "
pub trait Feeds { fn gen(&self) -> u8; }
pub fn random() -> u8 { 0 }
pub fn thread() {}
pub mod prelude { pub use crate::{random, thread, Feeds}; }
pub use wool;
";

const SPOOL_NEXT: &str = "
pub trait Feeds { fn r#gen(&self) -> u8; }
#[deprecated]
pub fn random() -> u8 { 0 }
pub fn thread(length: u8) {}
pub mod prelude { pub use crate::Feeds; }
pub use wool;
";

/// A package of some version that shows another crate, which is a part of it where both name one repository.
fn spool(place: &Place, version: &str, code: &str, repository: &str) {
    released(place, "spool", version, code);
    let manifest = format!(
        "[package]\nname = \"spool\"\nversion = \"{version}\"\nedition = \"2024\"\n\
         repository = \"https://example.org/{repository}\"\n[dependencies]\nwool = \"1\"\n"
    );
    let registry = "../home/registry/src/index.crates.io-1949cf8c6b5b557f";
    place.write(&format!("{registry}/spool-{version}/Cargo.toml"), &manifest);
    place.write(
        &format!("{registry}/wool-1.0.0/Cargo.toml"),
        "[package]\nname = \"wool\"\nversion = \"1.0.0\"\nrepository = \"https://example.org/spool\"\n",
    );
    place.write(&format!("{registry}/wool-1.0.0/src/lib.rs"), "pub fn shear() {}\n");
}

/// What only looks like a change: a raw name, another path that is gone, a crate that is shown as one row now.
#[test]
fn an_item_that_stays_where_it_is_neither_moved_nor_went() {
    let place = workshop();
    spool(&place, "1.0.0", SPOOL, "spool");
    spool(&place, "2.0.0", SPOOL_NEXT, "elsewhere");
    let changes = run(&place, &["changes", "spool", "1..2", "--json"]).ok();
    assert_eq!(
        told(&changes),
        pairs(&[
            ("removed", "spool::prelude::random"),
            ("removed", "spool::prelude::thread"),
            ("changed", "spool::thread"),
            ("deprecated", "spool::random"),
        ]),
        "{changes:#?}"
    );
    let lines = changes.json();
    assert_eq!(
        (&lines[0]["stays_at"], &lines[0]["moved_from"]),
        (&"spool::random".into(), &serde_json::Value::Null)
    );
    let text = run(&place, &["changes", "spool", "1..2"]).ok().out;
    let line = "removed    fn      spool::prelude::random  stays at spool::random";
    assert!(text.lines().any(|told| told == line), "{text}");
    // The other way round nothing came that was there.
    let back = run(&place, &["changes", "spool", "2..1", "--json"]).ok();
    assert_eq!(told(&back), pairs(&[("changed", "spool::thread")]), "{back:#?}");

    // Who writes the path that is left is not touched by the one that is gone.
    place.write("src/lib.rs", "use spool::random;\npub fn f() { spool::prelude::thread(); random(); }\n");
    lock(&place, &[("spool", "1.0.0")]);
    run(&place, &["index"]).ok();
    let used = run(&place, &["changes", "spool", "1..2", "--used", "--json"]).ok();
    assert_eq!(
        told(&used),
        pairs(&[
            ("removed", "spool::prelude::thread"),
            ("changed", "spool::thread"),
            ("deprecated", "spool::random"),
        ]),
        "{used:#?}"
    );
}

#[test]
fn an_open_range_is_of_the_locked_version_and_what_is_missing_is_told() {
    let place = workshop();
    lock(&place, &[("gadget", "1.1.0")]);
    let ends = |text: &str| {
        let changes = run(&place, &["changes", "gadget", text]).ok();
        changes.out.lines().next().unwrap().split("  ").next().unwrap().to_string()
    };
    assert_eq!(ends("1.."), "gadget 1.0.0 → 1.1.0");
    assert_eq!(ends("1.1.0.."), "gadget 1.1.0 → 2.0.0");
    assert_eq!(ends("..2"), "gadget 1.1.0 → 2.0.0");
    assert_eq!(ends("..1.1.0"), "gadget 1.0.0 → 1.1.0");
    let open = run(&place, &["changes", "gadget", "1.."]).ok();
    assert!(open.err.contains("gadget 1.0.0..1.1.0, as Cargo.lock has it"), "{open:#?}");
    for (text, why) in [
        ("3..4", "of gadget 2.0.0, 1.1.0, 1.0.0 are on this machine, none that begins with 4"),
        ("2..", "none later than 2.0.0"),
        ("..1.0.0", "none earlier than 1.0.0"),
        ("1.0.0..9.9.9", "of gadget 2.0.0, 1.1.0, 1.0.0 are on this machine, not 9.9.9"),
    ] {
        let told = run(&place, &["changes", "gadget", text]);
        assert!(told.code == Some(1) && told.err.contains(why), "{text}: {told:#?}");
        assert!(told.err.contains("`cargo fetch`"), "{text}: {told:#?}");
    }
    let wrong = run(&place, &["changes", "gadget", "1.0.0"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("`FROM..` goes to the locked version"), "{wrong:#?}");
}

/// `tackle = { package = "gadget" }`.
#[test]
fn a_package_is_known_by_the_name_that_the_project_gives_it() {
    let place = workshop();
    place.write(
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\ntackle-box = { package = \"gadget\", version = \"*\" }\n",
    );
    place.write("src/lib.rs", "pub fn drive() { tackle_box::old_way(); }\n");
    run(&place, &["index"]).ok();
    for name in ["tackle-box", "tackle_box", "Gadget"] {
        let changes = run(&place, &["changes", name, "1.0.0..2.0.0", "--used", "--json"]).ok();
        assert_eq!(told(&changes), pairs(&[("deprecated", "gadget::old_way")]), "{name}: {changes:#?}");
        assert_eq!(changes.each("package"), ["gadget"], "{name}");
        let packages = run(&place, &["packages", name, "--json"]).ok();
        assert_eq!(packages.each("package")[0], "gadget", "{name}: {packages:#?}");
    }
    let none = run(&place, &["packages", "tackle"]);
    assert!(none.code == Some(1) && none.err.contains("no package tackle is indexed"), "{none:#?}");
}

/// What is not in the rows of one version may still be in its code.
#[test]
fn a_version_that_has_not_all_of_its_symbols_here_is_told() {
    let place = workshop();
    let large: String = (0..1_499).map(|number| format!("pub fn f{number}() {{}}\n")).collect();
    released(&place, "large", "1.0.0", &large);
    released(&place, "large", "1.1.0", "pub fn f0() {}\n");
    let cut = command(&place, &["index", "large@1.0.0"]).env("ZENITH_SYMBOLS", "1000").output().unwrap();
    assert!(cut.status.success(), "{cut:?}");
    let told = "large@1.0.0 has 1,000 of 1,500 symbols here: what seems to have come or gone may be one that was left out";
    let changes = run(&place, &["changes", "large", "1.0..1.1"]).ok();
    assert!(changes.err.contains(told), "{changes:#?}");
    let whole = run(&place, &["changes", "gadget", "1.0.0..2.0.0"]).ok();
    assert!(!whole.err.contains("left out"), "{whole:#?}");
}
