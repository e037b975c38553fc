//! The packages that this workspace builds on: names that every user of them knows.

use std::sync::{Arc, LazyLock};

use zenith_core::ingest::{Ingested, Ingester, Source, SourceSet, SymbolKind, discover, lockfile};

use super::{cargo, discovered, find, workspace};

static SET: LazyLock<Arc<SourceSet>> =
    LazyLock::new(|| Arc::new(discovered(Source::Lockfile(workspace().join("Cargo.lock")))));
static INGESTER: LazyLock<Ingester> = LazyLock::new(|| Ingester::new(SET.clone()));

/// The newest version of a package in this workspace.
fn package(name: &str) -> Ingested {
    let named = SET.packages.iter().enumerate().filter(|(_, package)| package.id.name() == name);
    let (at, _) = named.max_by_key(|(at, _)| *at).unwrap_or_else(|| panic!("{name} is not in the lockfile"));
    INGESTER.ingest(at)
}

/// The package that declares what stands at a path of another.
fn declared_in(ingested: &Ingested, kind: SymbolKind, path: &str) -> String {
    let symbol = find(ingested, kind, path).unwrap_or_else(|| panic!("{path} was not found"));
    let declared = symbol.metadata.get("declared_in").and_then(|declared| declared.get("package"));
    declared.and_then(|name| name.as_str()).unwrap_or("itself").to_owned()
}

#[test]
fn the_lockfile_and_cargo_agree() {
    let lock = lockfile::read(&workspace().join("Cargo.lock")).expect("the lockfile is readable");
    assert_eq!(lock.packages.len(), SET.packages.len() + SET.missing.len());
    for package in &SET.packages {
        let same = |one: &&lockfile::LockedPackage| {
            one.name == package.id.name() && one.version == package.id.version()
        };
        let locked = lock.packages.iter().find(same).expect("cargo names what is locked");
        assert_eq!(locked.direct, package.direct, "{}", package.id);
    }
}

#[test]
fn tokio_stands_where_its_users_write_it() {
    let tokio = package("tokio");
    let spawn = find(&tokio, SymbolKind::Fn, "tokio::spawn").expect("tokio::spawn");
    assert_eq!(spawn.file_path, "src/task/spawn.rs");
    assert!(
        spawn.doc_comment.as_deref().is_some_and(|doc| doc.starts_with("Spawns a new asynchronous task"))
    );
    assert_eq!(spawn.metadata["cfg"], "feature = \"rt\"");
    assert_eq!(spawn.metadata["paths"], serde_json::json!(["tokio::task::spawn"]));
    assert!(find(&tokio, SymbolKind::Mod, "tokio::spawn").is_none(), "a private module is not shown");
    for (kind, path) in [
        (SymbolKind::Fn, "tokio::task::spawn_blocking"),
        (SymbolKind::Method, "tokio::runtime::Runtime::block_on"),
        (SymbolKind::Fn, "tokio::sync::mpsc::channel"),
        (SymbolKind::Macro, "tokio::select"),
        (SymbolKind::Macro, "tokio::join"),
        (SymbolKind::Fn, "tokio::fs::read_to_string"),
    ] {
        assert!(find(&tokio, kind, path).is_some(), "{path}");
    }
    assert_eq!(declared_in(&tokio, SymbolKind::Macro, "tokio::main"), "tokio-macros");
}

#[test]
fn facades_show_what_other_packages_declare() {
    let clap = package("clap");
    assert_eq!(declared_in(&clap, SymbolKind::Trait, "clap::Parser"), "clap_builder");
    assert_eq!(declared_in(&clap, SymbolKind::Macro, "clap::Parser"), "clap_derive");
    assert_eq!(declared_in(&clap, SymbolKind::Method, "clap::Command::arg"), "clap_builder");
    let serde = package("serde");
    assert_eq!(declared_in(&serde, SymbolKind::Trait, "serde::Serialize"), "serde_core");
    assert_eq!(declared_in(&serde, SymbolKind::Macro, "serde::Serialize"), "serde_derive");
    let deserializer = find(&serde, SymbolKind::Trait, "serde::Deserializer").expect("serde::Deserializer");
    let others = deserializer.metadata["paths"].as_array().expect("it has other paths");
    assert!(others.contains(&"serde::de::Deserializer".into()));
    assert_eq!(declared_in(&serde, SymbolKind::Method, "serde::de::Error::custom"), "serde_core");
    let futures = package("futures");
    assert_eq!(declared_in(&futures, SymbolKind::Trait, "futures::StreamExt"), "futures-util");
    let path = "futures::StreamExt::for_each_concurrent";
    let method = find(&futures, SymbolKind::Method, path).expect(path);
    let others = method.metadata["paths"].as_array().expect("it has other paths");
    assert!(others.contains(&"futures::stream::StreamExt::for_each_concurrent".into()));
    let arrow = package("arrow");
    assert_eq!(declared_in(&arrow, SymbolKind::Type, "arrow::array::Int32Array"), "arrow-array");
}

#[test]
fn macros_and_errors_of_well_known_packages() {
    assert!(find(&package("serde_json"), SymbolKind::Macro, "serde_json::json").is_some());
    assert!(find(&package("tracing"), SymbolKind::Macro, "tracing::info").is_some());
    assert_eq!(declared_in(&package("thiserror"), SymbolKind::Macro, "thiserror::Error"), "thiserror-impl");
    let regex = package("regex");
    let new = find(&regex, SymbolKind::Method, "regex::Regex::new").expect("regex::Regex::new");
    assert!(new.returns_result);
    assert!(find(&regex, SymbolKind::Enum, "regex::Error").is_some_and(|error| error.is_error_type));
}

#[test]
fn a_package_comes_from_the_registry_by_name_and_version() {
    let version =
        SET.packages.iter().find(|package| package.id.name() == "serde").map(|one| one.id.version());
    let source = |version: Option<&str>| Source::Registry {
        name: "serde".to_owned(),
        version: version.map(str::to_owned),
    };
    let set = discovered(source(version));
    let wanted: Vec<usize> = (0..set.packages.len()).filter(|&at| set.packages[at].wanted).collect();
    assert_eq!(wanted.len(), 1);
    let ingester = Ingester::new(Arc::new(set));
    let serde = ingester.ingest(wanted[0]);
    assert_eq!(declared_in(&serde, SymbolKind::Trait, "serde::Serialize"), "serde_core");
    assert!(discover(&source(Some("0.0.1-absent")), &cargo()).is_err());
    assert!(discover(&source(Some("../..")), &cargo()).is_err());
}
