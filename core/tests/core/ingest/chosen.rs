//! Modules whose file a build chooses, and files that are not there.

use std::collections::BTreeMap;

use zenith_core::ingest::SkipReason;
use zenith_core::ingest::SymbolKind::{Fn, Struct};

use super::crates::{Crates, assert_has, assert_lacks, crate_of};
use super::find;

#[test]
fn every_file_that_a_build_script_may_choose_is_read() {
    let lib = "
        #[cfg_attr(portable, path = \"backend/portable/mod.rs\")]
        #[cfg_attr(raw, path = \"backend/raw/mod.rs\")]
        #[cfg_attr(any(raw, target_os = \"nowhere\"), path = \"backend/absent/mod.rs\")]
        mod backend;
        pub use backend::*;
    ";
    let portable = "pub mod fs; /// Portable.\npub fn both() {} pub fn portable_only() {}";
    let raw = "pub mod fs; /// Raw.\npub fn both() {} pub fn raw_only() {}";
    let files = [
        ("src/lib.rs", lib),
        ("src/backend/portable/mod.rs", portable),
        ("src/backend/portable/fs.rs", "pub struct Flags;"),
        ("src/backend/raw/mod.rs", raw),
        ("src/backend/raw/fs.rs", "pub struct Flags;"),
    ];
    let ingested = Crates::new().with("it", &files).ingest();
    assert_has(&ingested, Fn, &["it::both", "it::portable_only", "it::raw_only"]);
    assert_has(&ingested, Struct, &["it::fs::Flags"]);
    assert_eq!(ingested.skipped, BTreeMap::new());
    let both: Vec<_> = ingested.symbols.iter().filter(|one| one.path == "it::both").collect();
    assert_eq!(both.len(), 1);
    let raw = find(&ingested, Fn, "it::raw_only").expect("just seen");
    assert_eq!(raw.metadata["cfg"], "raw");
}

#[test]
fn the_one_that_bears_this_systems_name_goes_first() {
    let name = format!("{}_raw", std::env::consts::OS);
    let lib = format!(
        "#[cfg_attr(portable, path = \"a.rs\")] #[cfg_attr({name}, path = \"b.rs\")] mod backend; pub use backend::f;"
    );
    let files = [
        ("src/lib.rs", lib.as_str()),
        ("src/a.rs", "pub fn f() -> A {}"),
        ("src/b.rs", "pub fn f() -> B {}"),
    ];
    let ingested = Crates::new().with("it", &files).ingest();
    let f = find(&ingested, Fn, "it::f").expect("it is in both");
    assert_eq!(f.signature, "pub fn f() -> B");
}

#[test]
fn the_usual_file_goes_before_those_under_a_condition() {
    let lib = "#[cfg_attr(custom, path = \"other.rs\")] pub mod m;";
    let files =
        [("src/lib.rs", lib), ("src/m.rs", "pub fn usual() {}"), ("src/other.rs", "pub fn usual() -> u8 {}")];
    let ingested = Crates::new().with("it", &files).ingest();
    assert_eq!(find(&ingested, Fn, "it::m::usual").expect("it is there").signature, "pub fn usual()");
    let files = [("src/lib.rs", lib), ("src/m.rs", "pub fn usual() {}")];
    assert_eq!(Crates::new().with("it", &files).ingest().skipped, BTreeMap::new());
}

#[test]
fn features_choose_a_file_where_they_are_known() {
    let lib = "#[cfg_attr(feature = \"std\", path = \"with.rs\")] #[cfg_attr(not(feature = \"std\"), path = \"without.rs\")] pub mod m;";
    let files =
        [("src/lib.rs", lib), ("src/with.rs", "pub fn with() {}"), ("src/without.rs", "pub fn without() {}")];
    let with = Crates::new().with("it", &files).features(&["std"]).ingest();
    assert_has(&with, Fn, &["it::m::with"]);
    assert_lacks(&with, &["it::m::without"]);
    let without = Crates::new().with("it", &files).features(&[]).ingest();
    assert_has(&without, Fn, &["it::m::without"]);
    assert_lacks(&without, &["it::m::with"]);
}

#[test]
fn what_is_not_there_is_counted() {
    for (text, reason, count) in [
        ("mod absent; pub fn well() {}", SkipReason::NoFile, 1),
        ("#[cfg_attr(custom, path = \"absent.rs\")] mod m; pub fn well() {}", SkipReason::NoFile, 1),
        ("#[path = \"absent.rs\"] mod m; mod n; pub fn well() {}", SkipReason::NoFile, 2),
        ("include!(\"absent.rs\"); pub fn well() {}", SkipReason::NoFile, 1),
        (
            "include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/absent.rs\")); pub fn well() {}",
            SkipReason::NoFile,
            1,
        ),
        ("include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\")); pub fn well() {}", SkipReason::Generated, 1),
        ("pub mod a { include!(env!(\"MADE\")); } pub fn well() {}", SkipReason::Generated, 1),
    ] {
        let ingested = crate_of(text).ingest();
        assert_has(&ingested, Fn, &["it::well"]);
        assert_eq!(ingested.skipped, BTreeMap::from([(reason, count)]), "{text}");
    }
    for text in
        ["#[cfg(windows)] #[cfg(unix)] mod absent;", "#[cfg(test)] mod tests;", "made! { mod absent; }"]
    {
        assert_eq!(crate_of(text).ingest().skipped, BTreeMap::new(), "{text}");
    }
}

#[test]
fn a_path_from_the_packages_folder_is_read() {
    let lib = "include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/shared/part.rs\"));";
    let files = [("src/lib.rs", lib), ("shared/part.rs", "pub fn part() {}")];
    assert_has(&Crates::new().with("it", &files).ingest(), Fn, &["it::part"]);
}
