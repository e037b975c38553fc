use super::*;
use crate::identity::Scope;
use crate::ingest::Named;
use crate::package::PackageId;

fn entry(scope: Scope, name: &str, version: &str) -> CatalogEntry {
    CatalogEntry::ready(scope, PackageId::rust(name, version).unwrap())
}

fn symbol(kind: &str, path: &str, metadata: &str, attributes: &str) -> ApiSymbol {
    ApiSymbol {
        id: String::new(),
        ecosystem: "rust".to_owned(),
        package: String::new(),
        version: String::new(),
        file_path: "src/lib.rs".to_owned(),
        kind: kind.to_owned(),
        name: path.rsplit("::").next().unwrap().to_owned(),
        path: path.to_owned(),
        signature: None,
        source: None,
        doc_comment: None,
        line_start: 7,
        line_end: 7,
        visibility: "public".to_owned(),
        is_async: false,
        is_unsafe: false,
        is_error_type: false,
        returns_result: false,
        metadata: metadata.to_owned(),
        attributes: (!attributes.is_empty()).then(|| attributes.to_owned()),
        embedding: Vec::new(),
        created_at: 0,
    }
}

fn told(entry: &CatalogEntry, symbol: &ApiSymbol, known: &Known) -> Vec<String> {
    let facts = obtain(entry, symbol, known);
    assert!(facts.iter().all(|fact| !fact.source.is_empty()));
    facts.into_iter().map(|fact| format!("{}: {}", fact.what, fact.value)).collect()
}

fn manifest() -> Told {
    let feature =
        |name: &str, brings: &[&str]| (name.to_owned(), brings.iter().map(|one| (*one).to_owned()).collect());
    Told {
        name: "works".to_owned(),
        crate_name: "works".to_owned(),
        has_library: true,
        version: Some("1.2.3".to_owned()),
        rust_version: Some("1.70".to_owned()),
        features: BTreeMap::from([
            feature("default", &["std"]),
            feature("std", &["dep:x"]),
            feature("net", &[]),
        ]),
        dependencies: Vec::new(),
    }
}

#[test]
fn what_is_known_is_told() {
    let public = entry(Scope::Public, "works", "1.2.3");
    let metadata =
        r#"{"cfg":"all(feature = \"net\", unix)","deprecated":{"since":"1.2.0","note":"use\n `roll`"}}"#;
    let item = symbol("fn", "works::a::go", metadata, "");
    let on = |features: &[&str]| Known {
        manifest: Some(manifest()),
        features: Some((features.iter().map(|one| (*one).to_owned()).collect(), "cargo metadata")),
        ..Known::default()
    };
    let facts = |feature: &str| {
        vec![
            "use: use works::a::go;".to_owned(),
            feature.to_owned(),
            "add: cargo add works@1.2.3 --features net".to_owned(),
            "deprecated: since 1.2.0: use `roll`".to_owned(),
            "msrv: Rust 1.70".to_owned(),
            "only: cfg(unix)".to_owned(),
        ]
    };
    assert_eq!(told(&public, &item, &on(&["net"])), facts("feature: net; on in this project"));
    assert_eq!(
        told(&public, &item, &on(&["std"])),
        facts("feature: net; off in this project (net is not on)")
    );
}

#[test]
fn what_is_on_by_default_is_not_asked_for() {
    let item = symbol("struct", "works::Std", r#"{"cfg":"feature = \"std\""}"#, "");
    let known = Known { manifest: Some(manifest()), ..Known::default() };
    let facts = told(&entry(Scope::Public, "works", "1.2.3"), &item, &known);
    assert_eq!(facts[1..3], ["feature: std; on by default", "add: cargo add works@1.2.3"]);
}

#[test]
fn of_a_facade_the_feature_is_asked_for_that_turns_the_others_on() {
    let item = symbol("method", "works::Wheel::env", r#"{"cfg":"feature = \"env\""}"#, "");
    let add = |features: &[(&str, &[&str])]| {
        let mut manifest = manifest();
        for (name, brings) in features {
            let brings = brings.iter().map(|one| (*one).to_owned()).collect();
            manifest.features.insert((*name).to_owned(), brings);
        }
        let declaring = Some("works-base".to_owned());
        let known = Known { manifest: Some(manifest), declaring, ..Known::default() };
        told(&entry(Scope::Public, "works", "1.2.3"), &item, &known).remove(2)
    };
    assert_eq!(
        add(&[("all", &["works-base/env"]), ("env", &["works-base?/env"])]),
        "add: cargo add works@1.2.3 --features env"
    );
    assert_eq!(add(&[("all", &["works-base/env"])]), "add: cargo add works@1.2.3 --features all");
    assert_eq!(add(&[("default", &["std"]), ("std", &["works-base/env"])]), "add: cargo add works@1.2.3");
    assert_eq!(add(&[]), "add: cargo add works@1.2.3");
}

#[test]
fn of_what_a_facade_shows_under_a_condition_its_own_features_are_told() {
    let metadata =
        r#"{"shown_cfg":"all(feature = \"net\", all(feature = \"net\", feature = \"std\"), unix)"}"#;
    let item = symbol("fn", "works::go", metadata, "");
    let facts = |on: Option<&[&str]>| {
        let known = Known {
            manifest: Some(manifest()),
            declaring: Some("works-base".to_owned()),
            facade_features: on.map(|on| on.iter().map(|one| (*one).to_owned()).collect()),
            // Features of the same name are those of another package.
            features: Some((BTreeSet::from(["net".to_owned()]), "cargo metadata")),
            ..Known::default()
        };
        told(&entry(Scope::Public, "works", "1.2.3"), &item, &known)
    };
    assert_eq!(
        facts(Some(&["std"])),
        [
            "use: use works::go;",
            "feature: net and std; off in this project (net is not on)",
            "add: cargo add works@1.2.3 --features net",
            "msrv: Rust 1.70",
            "only: cfg(unix)",
        ]
    );
    assert_eq!(facts(Some(&["net", "std"]))[1], "feature: net and std; on in this project");
    assert_eq!(facts(None)[1], "feature: net and std");
}

#[test]
fn what_is_not_known_is_not_told() {
    let item = symbol("fn", "works::go", "{}", "");
    let git = entry(Scope::Public, "works", "1.2.3+git.0123456789");
    assert_eq!(told(&git, &item, &Known::default()), ["use: use works::go;"]);
    let team = entry(Scope::Team("acme".to_owned()), "works", "1.2.3");
    assert_eq!(told(&team, &item, &Known::default()), ["use: use works::go;"]);
    for odd in ["", "[]", r#"{"cfg":3,"deprecated":null,"unstable":[]}"#, r#"{"cfg":"(((("}"#] {
        assert_eq!(told(&git, &symbol("fn", "works::go", odd, ""), &Known::default()).len(), 1, "{odd}");
    }
    let of_trait = symbol("method", "works::Wheel::fmt", r#"{"trait":"fmt::Debug"}"#, "");
    assert!(told(&team, &of_trait, &Known::default()).is_empty());
    let private = ApiSymbol { visibility: "private".to_owned(), ..symbol("fn", "works::go", "{}", "") };
    assert!(told(&team, &private, &Known::default()).is_empty());
}

#[test]
fn the_standard_library_says_since_when() {
    let std = entry(Scope::Public, "std", "1.90.0");
    let attributes = "must_use\nstable(feature = \"rust1\", since = \"1.0.0\")";
    let item = symbol("method", "std::vec::Vec::len", r#"{"unstable":"x"}"#, attributes);
    let facts = told(&std, &item, &Known::default());
    assert_eq!(facts[..2], ["use: use std::vec::Vec;", "since: Rust 1.0.0"]);
    assert!(facts[2].contains("#![feature(x)]"));
}

#[test]
fn a_folder_is_written_as_a_shell_takes_it() {
    let own = entry(Scope::Private("local".to_owned()), "works", "0.1.0");
    let known = Known { root: Some(PathBuf::from("/a b/it's")), ..Known::default() };
    let facts = told(&own, &symbol("fn", "works::go", "{}", ""), &known);
    assert_eq!(facts[1], r"add: cargo add --path '/a b/it'\''s'");
}

/// `pub use works_derive::Spin;`, where the package that declares it is optional.
#[test]
fn what_an_optional_package_declares_needs_the_feature_that_brings_it() {
    use crate::ingest::Named;
    let declared =
        r#"{"declared_in":{"package":"works-derive","version":"1.2.3","path":"works_derive::Spin"}}"#;
    let item = symbol("macro", "works::Spin", declared, "");
    let public = entry(Scope::Public, "works", "1.2.3");
    let known = |features: &[(&str, &[&str])], built: &[Built], on: Option<&[&str]>| {
        let mut manifest = manifest();
        for (name, brings) in features {
            let brings = brings.iter().map(|one| (*one).to_owned()).collect();
            manifest.features.insert((*name).to_owned(), brings);
        }
        let named = |built: &Built| Named {
            package: "works-derive".to_owned(),
            alias: None,
            requirement: "=1.2.3".to_owned(),
            built: *built,
        };
        manifest.dependencies = built.iter().map(named).collect();
        Known {
            manifest: Some(manifest),
            facade_features: on.map(|on| on.iter().map(|one| (*one).to_owned()).collect()),
            declaring: Some("works-derive".to_owned()),
            ..Known::default()
        }
    };
    let facts = |known: &Known| told(&public, &item, known)[1..3].to_vec();
    let derive: &[(&str, &[&str])] = &[("derive", &["works-derive"]), ("all", &["net", "derive"])];
    // As serde has it: a dependency of no platform keeps the versions together.
    let optional = &[Built::Sometimes, Built::Optionally];
    assert_eq!(
        facts(&known(derive, optional, Some(&["derive"]))),
        ["feature: derive; on in this project", "add: cargo add works@1.2.3 --features derive"]
    );
    assert_eq!(
        facts(&known(&[("derive", &["dep:works-derive"])], optional, Some(&["net"]))),
        [
            "feature: derive; off in this project (derive is not on)",
            "add: cargo add works@1.2.3 --features derive"
        ]
    );
    assert_eq!(
        facts(&known(&[("default", &["derive"]), derive[0]], optional, None)),
        ["feature: derive; on by default", "add: cargo add works@1.2.3"]
    );
    assert_eq!(
        facts(&known(&[], optional, None)),
        ["feature: works-derive", "add: cargo add works@1.2.3 --features works-derive"]
    );
    for built in [&[Built::Always][..], &[Built::Optionally, Built::Always], &[]] {
        assert_eq!(facts(&known(derive, built, None))[0], "add: cargo add works@1.2.3", "{built:?}");
    }
}

#[test]
fn alternatives_and_what_has_to_be_off_are_told() {
    let public = entry(Scope::Public, "works", "1.2.3");
    let known = |on: &[&str]| Known {
        features: Some((on.iter().map(|one| (*one).to_owned()).collect(), "cargo metadata")),
        ..Known::default()
    };
    let any = symbol("fn", "works::go", r#"{"cfg":"any(feature = \"net\", feature = \"tls\")"}"#, "");
    assert_eq!(told(&public, &any, &known(&["tls"]))[1], "feature: net or tls; on in this project");
    let off = symbol("fn", "works::go", r#"{"cfg":"not(feature = \"net\")"}"#, "");
    assert_eq!(
        told(&public, &off, &known(&["net"]))[1],
        "feature: without net; off in this project while net is on"
    );
}

#[test]
fn a_renamed_package_is_added_under_its_other_name() {
    let item = symbol("fn", "works::go", "{}", "");
    let known = Known { alias: Some(("works_1".to_owned(), "app".to_owned())), ..Known::default() };
    let facts = told(&entry(Scope::Public, "works", "1.2.3"), &item, &known);
    assert_eq!(facts, ["use: use works_1::go;", "add: cargo add works@1.2.3 --rename works_1"]);
}

#[test]
fn a_package_is_added_as_it_is_here_and_tells_its_features() {
    let known = Known { manifest: Some(manifest()), ..Known::default() };
    let expected = Offer {
        add: Some("cargo add works@1.2.3".to_owned()),
        default: vec!["std".to_owned()],
        optional: vec!["net".to_owned()],
        rust_version: Some("1.70".to_owned()),
    };
    assert_eq!(offer(&entry(Scope::Public, "works", "1.2.3"), &known), expected);
    let own = Known { root: Some("/code/my works".into()), ..known.clone() };
    let local = entry(Scope::Private("local".to_owned()), "works", "1.2.3");
    assert_eq!(offer(&local, &own).add.as_deref(), Some("cargo add --path '/code/my works'"));
    let hidden = Known {
        manifest: Some(Told { features: BTreeMap::from([("__inner".to_owned(), Vec::new())]), ..manifest() }),
        ..Known::default()
    };
    let offered = offer(&entry(Scope::Public, "works", "1.2.3"), &hidden);
    assert!(offered.default.is_empty() && offered.optional.is_empty(), "{offered:?}");
    let nothing = offer(&entry(Scope::Public, "works", "1.2.3+git.0123"), &Known::default());
    assert_eq!(nothing, Offer::default(), "of what is not known nothing is told");
}

#[test]
fn a_feature_that_stands_for_a_dependency_is_asked_for_by_the_one_that_turns_it_on() {
    let mut manifest = manifest();
    manifest.features.insert("all".to_owned(), vec!["works-derive".to_owned(), "net".to_owned()]);
    manifest.features.insert("derive".to_owned(), vec!["works-derive".to_owned()]);
    manifest.dependencies.push(Named {
        package: "works-derive".to_owned(),
        alias: None,
        requirement: "1".to_owned(),
        built: Built::Optionally,
    });
    let condition = r#"feature = \"works-derive\""#;
    let facts = |metadata: String, declaring: Option<&str>, on: &[&str]| {
        let known = Known {
            manifest: Some(manifest.clone()),
            declaring: declaring.map(str::to_owned),
            facade_features: Some(on.iter().map(|one| (*one).to_owned()).collect()),
            ..Known::default()
        };
        told(&entry(Scope::Public, "works", "1.2.3"), &symbol("macro", "works::Go", &metadata, ""), &known)
    };
    let shown = || format!(r#"{{"shown_cfg":"{condition}"}}"#);
    let off = facts(shown(), Some("works-derive"), &["std"]);
    assert_eq!(off[1], "feature: derive; off in this project (derive is not on)");
    assert_eq!(off[2], "add: cargo add works@1.2.3 --features derive");
    let on = facts(shown(), Some("works-derive"), &["derive", "works-derive"]);
    assert_eq!(on[1], "feature: derive; on in this project");
    let own = facts(format!(r#"{{"cfg":"{condition}"}}"#), None, &[]);
    assert_eq!(own[2], "add: cargo add works@1.2.3 --features derive");
}

#[test]
fn what_is_in_a_program_is_neither_used_nor_added_elsewhere() {
    let program = Known { manifest: Some(Told { has_library: false, ..manifest() }), ..Known::default() };
    let works = entry(Scope::Private("me".to_owned()), "works", "1.2.3");
    let facts = told(&works, &symbol("fn", "works::go", "{}", ""), &program);
    assert_eq!(facts, ["only: within works, which is a program", "msrv: Rust 1.70"]);
    assert_eq!(offer(&works, &program).add, None);
}
