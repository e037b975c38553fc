//! Finding packages where cargo answers, and where it does not.

use std::collections::BTreeSet;
use std::fs;

use zenith_core::ingest::{Cargo, Origin, Source, SourceSet, discover, fingerprint};

use super::{cargo, discovered, fixtures, workspace};

fn names(set: &SourceSet) -> BTreeSet<String> {
    set.packages.iter().map(|package| package.id.to_string()).collect()
}

#[test]
fn without_cargo_the_lockfile_and_the_registry_say_the_same() {
    let source = Source::Lockfile(workspace().join("Cargo.lock"));
    let with = discovered(source.clone());
    let absent = Cargo { program: "no-such-cargo".into(), ..cargo() };
    let without = discover(&source, &absent).expect("the lockfile is enough");
    assert_eq!(names(&with), names(&without));
    assert_eq!(with.root, without.root);
    let tokio = |set: &SourceSet| {
        let at = set.packages.iter().find(|package| package.id.name() == "clap").expect("clap");
        let names = at.dependencies.keys().cloned().collect::<Vec<_>>();
        (at.direct, at.library().map(|target| target.entry.clone()), names)
    };
    assert_eq!(tokio(&with), tokio(&without));
}

#[test]
fn what_was_never_downloaded_is_listed_with_what_brings_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lock = "version = 4\n[[package]]\nname = \"present\"\nversion = \"1.0.0\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
                [[package]]\nname = \"absent\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n\
                [[package]]\nname = \"cached\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n\
                [[package]]\nname = \"../odd\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n";
    fs::write(folder.path().join("Cargo.lock"), lock).expect("a file can be written");
    let home = folder.path().join("home");
    fs::create_dir_all(home.join("registry/cache/index")).expect("a folder can be made");
    let present = home.join("registry/src/index.crates.io-1949cf8c6b5b557f/present-1.0.0");
    fs::create_dir_all(&present).expect("a folder can be made");
    fs::write(present.join("Cargo.toml"), "[package]\nname = \"present\"\nversion = \"1.0.0\"\n")
        .expect("a file can be written");
    fs::write(home.join("registry/cache/index/cached-1.0.0.crate"), b"").expect("a file can be written");
    let source = Source::Lockfile(folder.path().join("Cargo.lock"));
    let set = discover(&source, &Cargo { home, ..cargo() }).expect("the lockfile is usable");
    assert_eq!(names(&set), BTreeSet::from(["present@1.0.0".to_owned()]));
    let reasons: Vec<_> = set.missing.iter().map(|one| (one.name.as_str(), one.reason.as_str())).collect();
    assert!(matches!(
        reasons.as_slice(),
        [("../odd", odd), ("absent", absent), ("cached", cached)]
            if odd.contains("not usable") && absent.contains("cargo fetch") && cached.contains("unpacked")
    ));
}

#[test]
fn direct_dependencies_come_first_and_the_rest_last() {
    let set = discovered(Source::Lockfile(workspace().join("Cargo.lock")));
    let ranks: Vec<u8> = set
        .packages
        .iter()
        .map(|package| match (package.direct, package.origin) {
            (true, _) => 0,
            (false, Origin::Own) => 1,
            (false, Origin::Dependency) => 2,
        })
        .collect();
    assert!(ranks.is_sorted());
    assert!(ranks.contains(&0) && ranks.contains(&1) && ranks.contains(&2));
}

#[test]
fn a_folder_without_a_manifest_is_a_package_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("my notes");
    fs::create_dir_all(&root).expect("a folder can be made");
    fs::write(root.join("snippet.rs"), "/// Kept.\nfn snippet() {}").expect("a file can be written");
    fs::write(root.join("README.md"), "# Notes\n\nText.").expect("a file can be written");
    let set = discovered(Source::Folder(root));
    assert_eq!(set.packages[0].id.to_string(), "my_notes@0.0.0");
    let ingested = super::ingested(&std::sync::Arc::new(set), "my_notes");
    assert!(ingested.symbols.iter().any(|symbol| symbol.path == "snippet::snippet"));
    assert_eq!(ingested.chunks.len(), 1);
    assert!(discover(&Source::Folder(fixtures().join("nowhere")), &cargo()).is_err());
}

#[test]
fn a_fingerprint_changes_with_what_is_read_and_not_with_the_rest() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file can be written");
    write("lib.rs", "fn a() {}");
    let first = fingerprint(folder.path(), Origin::Own);
    write("picture.png", "not read");
    assert_eq!(fingerprint(folder.path(), Origin::Own), first);
    write("lib.rs", "fn ab() {}");
    assert_ne!(fingerprint(folder.path(), Origin::Own), first);
    // A module may be what a generator writes and git ignores; what a cache holds is none.
    write(".gitignore", "generated.rs\n/cache\n");
    write("lib.rs", "mod generated;");
    write("generated.rs", "fn a() {}");
    fs::create_dir(folder.path().join("cache")).expect("a folder can be made");
    write("cache/CACHEDIR.TAG", "");
    let first = fingerprint(folder.path(), Origin::Own);
    write("cache/other.rs", "fn a() {}");
    assert_eq!(fingerprint(folder.path(), Origin::Own), first);
    write("generated.rs", "fn ab() {}");
    assert_ne!(fingerprint(folder.path(), Origin::Own), first);
}

#[test]
fn without_cargo_the_same_is_built_here() {
    let source = Source::Lockfile(workspace().join("Cargo.lock"));
    let absent = Cargo { program: "no-such-cargo".into(), ..cargo() };
    let here = |set: &SourceSet, here: bool| -> BTreeSet<String> {
        set.packages.iter().filter(|one| one.here == here).map(|one| one.id.to_string()).collect()
    };
    let with = discovered(source.clone());
    let without = discover(&source, &absent).expect("the lockfile is enough");
    assert_eq!(here(&with, false), here(&without, false));
    assert!(here(&with, false).len() > 30 && here(&with, true).len() > 500);
}
