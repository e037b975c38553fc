//! The standard library: re-exports of it, and itself where the toolchain has its sources.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use zenith_core::ingest::{Cargo, Ingested, Source, SymbolKind, discover};

use super::workspace::{Workspace, ingest};
use super::{cargo, find};

const SHOWN: &str = "pub mod time {\n    //! Time.\n    /// Said here.\n    #[doc(no_inline)]\n    pub use std::time::Duration;\n}\n\
    mod hidden { pub(crate) use core::mem::swap; pub use ::std::io::{self, Read as Reads}; }\n\
    pub use hidden::{io, Reads};\nextern crate alloc as heap;\npub use heap::vec::Vec;\n\
    mod core_like { pub struct Mine; }\npub use core_like::Mine;\n\
    use std::fmt;\npub use self::time::Duration as Span;\n";

fn kind_of(ingested: &Ingested, path: &str) -> Option<SymbolKind> {
    ingested.symbols.iter().find(|symbol| symbol.path == path).map(|symbol| symbol.kind)
}

#[test]
fn a_re_export_of_the_standard_library_has_a_row() {
    let workspace = Workspace::new(&[("one", &[]), ("facade", &["one"])])
        .with("one/src/lib.rs", SHOWN)
        .with("facade/src/lib.rs", "pub use one::time;\npub use one::Reads;");
    let one = workspace.ingest("one");
    let span = find(&one, SymbolKind::Type, "one::Span").expect("the shorter path is the better one");
    assert_eq!(span.signature, "pub use std::time::Duration as Span");
    assert_eq!(span.metadata["declared_in"]["path"], "std::time::Duration");
    assert_eq!(span.metadata["paths"], serde_json::json!(["one::time::Duration"]));
    assert_eq!((span.file_path.as_str(), span.line_start), ("src/lib.rs", 5));
    assert_eq!(span.doc_comment.as_deref(), Some("Said here."));
    assert_eq!(kind_of(&one, "one::io"), Some(SymbolKind::Mod));
    assert_eq!(kind_of(&one, "one::Reads"), Some(SymbolKind::Type));
    assert_eq!(
        find(&one, SymbolKind::Type, "one::Vec").map(|one| one.signature.as_str()),
        Some("pub use alloc::vec::Vec")
    );
    assert_eq!(kind_of(&one, "one::fmt"), None, "what is private is nobody's");
    let facade = workspace.ingest("facade");
    assert_eq!(kind_of(&facade, "facade::time::Duration"), Some(SymbolKind::Type));
    assert_eq!(kind_of(&facade, "facade::Reads"), Some(SymbolKind::Type));
}

/// A toolchain whose standard library is a small one: the compiler at hand, told to look elsewhere.
fn toolchain(folder: &std::path::Path) -> Cargo {
    let library = folder.join("toolchains/small/lib/rustlib/src/rust/library");
    let write = |name: &str, text: &str| {
        let path = library.join(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    for (name, lib) in [
        (
            "core",
            "//! The core.\npub mod time {\n    /// A span of time.\n    #[stable(feature = \"d\", since = \"1.3.0\")]\n    pub struct Duration;\n    \
             impl Duration {\n        /// From seconds.\n        pub const fn from_secs(secs: u64) -> Duration { Duration }\n    }\n}\n\
             #[unstable(feature = \"odd\", issue = \"none\")]\npub fn odd() {}\n\
             #[rustc_doc_primitive = \"str\"]\n/// String slices.\nmod prim_str {}\n\
             pub mod str { impl str { /// Without blanks.\n pub fn trim(&self) -> &str { self } } impl<T> [T] { pub fn first(&self) {} } }\n",
        ),
        (
            "alloc",
            "pub mod vec { pub struct Vec<T>(T); impl<T> Vec<T> { pub fn push(&mut self, value: T) {} } }\n",
        ),
        (
            "std",
            "//! The standard library.\nextern crate alloc as alloc_crate;\npub use alloc_crate::vec;\npub use core::time;\n#[macro_export]\nmacro_rules! println { () => {} }\n",
        ),
    ] {
        write(
            &format!("{name}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n"),
        );
        write(&format!("{name}/src/lib.rs"), lib);
    }
    let known = cargo();
    let rustc = Some(known.program.with_file_name("rustc")).filter(|rustc| rustc.is_file());
    let rustc = rustc.unwrap_or_else(|| PathBuf::from("rustc"));
    let script = folder.join("rustc");
    let sysroot = folder.join("toolchains/small");
    let text = format!("#!/bin/sh\nexec {:?} --sysroot {:?} \"$@\"\n", rustc, sysroot);
    fs::write(&script, text).expect("a file can be written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    Cargo { rustc: script, ..known }
}

#[test]
fn the_standard_library_is_indexed_in_the_toolchains_version() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cargo = toolchain(folder.path());
    let workspace = Workspace::of_one(SHOWN);
    let set = workspace.set_with(&cargo);
    let standard: Vec<_> = set.packages.iter().filter(|package| package.id.name() != "one").collect();
    let names: Vec<_> = standard.iter().map(|package| package.id.name()).collect();
    assert_eq!(names, ["alloc", "core", "std"]);
    assert!(
        standard
            .iter()
            .all(|package| package.wanted && package.direct && package.id.version().starts_with("1."))
    );
    assert!(set.missing.is_empty());

    let std = ingest(&set, "std");
    let method = find(&std, SymbolKind::Method, "std::time::Duration::from_secs").expect("std shows core");
    assert_eq!(method.metadata["declared_in"]["package"], "core");
    assert!(find(&std, SymbolKind::Method, "std::vec::Vec::push").is_some());
    assert!(find(&std, SymbolKind::Macro, "std::println").is_some());
    let core = ingest(&set, "core");
    let trim =
        find(&core, SymbolKind::Method, "core::primitive::str::trim").expect("a primitive has methods");
    assert_eq!(trim.doc_comment.as_deref(), Some("Without blanks."));
    assert!(find(&core, SymbolKind::Method, "core::primitive::slice::first").is_some());
    assert_eq!(find(&core, SymbolKind::Fn, "core::odd").expect("odd").metadata["unstable"], "odd");

    let one = ingest(&set, "one");
    let span = find(&one, SymbolKind::Struct, "one::Span").expect("its kind is known now");
    assert_eq!(span.metadata["declared_in"]["path"], "core::time::Duration");
    assert_eq!(span.doc_comment.as_deref(), Some("A span of time."));
    assert_eq!(kind_of(&one, "one::Span::from_secs"), None, "its methods stand under std alone");
}

#[test]
fn one_crate_of_the_standard_library_is_asked_for_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cargo = toolchain(folder.path());
    let source = |version: Option<&str>| Source::Registry {
        name: "std".to_owned(),
        version: version.map(str::to_owned),
    };
    let set = discover(&source(None), &cargo).expect("its sources are there");
    let wanted: Vec<_> = set.packages.iter().filter(|one| one.wanted).map(|one| one.id.name()).collect();
    assert_eq!(wanted, ["std"]);
    let other = discover(&source(Some("0.9.0")), &cargo).expect_err("it is another version");
    assert!(other.to_string().contains("the toolchain here has version 1."), "{other}");
}

#[test]
fn what_brings_the_sources_is_told_where_they_are_missing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cargo = toolchain(folder.path());
    fs::remove_dir_all(folder.path().join("toolchains/small/lib")).expect("a folder can be removed");
    let set = Workspace::of_one("").set_with(&cargo);
    let told: Vec<_> = set.missing.iter().map(|one| (one.name.as_str(), one.reason.as_str())).collect();
    assert!(
        matches!(told.as_slice(), [("std", reason)] if reason.contains("rustup component add rust-src")),
        "{told:?}"
    );
    let none = Workspace::of_one("").set_with(&super::cargo());
    assert!(
        none.missing.is_empty() && none.packages.len() == 1,
        "without a compiler there is nothing to tell"
    );
}
