//! Each fixture crate's symbols and chunks, column by column, against `fixtures/golden`.
//!
//! `ZENITH_BLESS=1 cargo test --release --workspace --test core golden` writes the files anew;
//! read the difference before committing it.

use std::fs;

use serde::Serialize;
use zenith_core::ingest::Origin;

use super::{fixture_crates, fixtures, ingested};

#[test]
fn what_others_see_of_every_construct() {
    check("constructs", Origin::Dependency, "constructs");
}

#[test]
fn what_its_author_sees_of_every_construct() {
    check("constructs", Origin::Own, "constructs.own");
}

#[test]
fn what_a_facade_shows_of_other_packages() {
    check("facade", Origin::Dependency, "facade");
}

#[test]
fn procedural_macros_under_the_names_that_they_define() {
    check("facade-derive", Origin::Dependency, "facade-derive");
}

#[test]
fn items_inside_macros() {
    check("macros", Origin::Dependency, "macros");
}

fn check(package: &str, origin: Origin, file: &str) {
    let ingested = ingested(&fixture_crates(origin), package);
    compare(&format!("{file}.symbols.jsonl"), &ingested.symbols);
    compare(&format!("{file}.chunks.jsonl"), &ingested.chunks);
    assert!(ingested.skipped.is_empty(), "passed over: {:?}", ingested.skipped);
}

fn compare<T: Serialize>(file: &str, rows: &[T]) {
    let line = |row: &T| serde_json::to_string(row).expect("a row is JSON") + "\n";
    let found: String = rows.iter().map(line).collect();
    let path = fixtures().join("golden").join(file);
    if std::env::var_os("ZENITH_BLESS").is_some() {
        fs::write(&path, &found).expect("the golden file can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    // As values: the order of an object's keys depends on what else is built.
    let parse = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("a golden row is JSON");
    for (n, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(parse(found), parse(expected), "{file}, line {}", n + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "rows in {file}");
}
