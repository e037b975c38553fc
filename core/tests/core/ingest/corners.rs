//! Corners of name resolution, of facades and of impls.

use std::fs;

use serde_json::json;
use zenith_core::ingest::SymbolKind::{Const, Enum, Fn, Macro, Method, Mod, Struct, Trait};
use zenith_core::ingest::{Origin, fingerprint};

use super::crates::{Crates, assert_has, assert_lacks, crate_of, paths};
use super::find;

#[test]
fn methods_for_different_arguments_of_a_type() {
    let text = "
        pub struct Open; pub struct Shut; pub struct Door<S, const N: usize = 0>(S); pub trait Swing { fn swing(&self); }
        impl Door<Open> { pub fn knock(&self) -> u8 { 1 } pub const NAME: u8 = 1; }
        impl Door<Shut> { pub fn knock(&self) -> u16 { 2 } pub const NAME: u8 = 2; }
        impl Door<(Open, Shut), 3> { pub fn knock(&self) -> u32 { 3 } }
        impl<'a> Door<&'a [Open]> { pub fn knock(&self) -> u64 { 4 } }
        impl Swing for Door<Open> { fn swing(&self) {} }
        impl Swing for Door<Shut> { fn swing(&self) {} }
        #[cfg(unix)] impl<T> Door<T> { pub fn once(&self) {} }
        #[cfg(not(unix))] impl<U> Door<U> { pub fn once(&self) -> u8 {} }
    ";
    let ingested = crate_of(text).ingest();
    let count = |path: &str| ingested.symbols.iter().filter(|symbol| symbol.path == path).count();
    assert_eq!(count("it::Door::knock"), 4);
    assert_eq!(count("it::Door::NAME"), 2);
    assert_eq!(count("it::Door::swing"), 2);
    assert_eq!(count("it::Door::once"), 1);
}

#[test]
fn a_private_import_hides_what_a_glob_brings() {
    let text = "
        mod inner { pub struct Error; pub struct Kept; pub fn mem() {} pub struct Own; pub mod fmt { pub fn f() {} } }
        mod other { pub struct Own; }
        pub use inner::*;
        use std::fmt::Error;
        use std::mem;
        use std::fmt;
        use other::Own;
    ";
    let ingested = crate_of(text).ingest();
    assert_has(&ingested, Struct, &["it::Kept"]);
    // A module hides no function.
    assert_has(&ingested, Fn, &["it::mem"]);
    assert_lacks(&ingested, &["it::Error", "it::Own", "it::fmt", "it::fmt::f"]);
}

#[test]
fn an_import_shows_the_meanings_of_a_name_that_may_be_shown() {
    let text = "
        mod a { pub(crate) struct both {} pub fn both() {} pub mod thing { pub fn deep() {} } pub(super) fn thing() {}
            pub trait Derive {} }
        pub use a::{both, thing};
        pub use macros::Derive; pub use a::Derive;
        use std::fmt::Display; pub use macros::Display;
    ";
    let ingested = Crates::new()
        .with("macros", &[("src/lib.rs", "#[macro_export] macro_rules! Derive { () => {} } #[macro_export] macro_rules! Display { () => {} }")])
        .with("it", &[("src/lib.rs", text)])
        .ingest();
    assert_has(&ingested, Fn, &["it::both", "it::thing::deep"]);
    assert_has(&ingested, Mod, &["it::thing"]);
    assert_has(&ingested, Trait, &["it::Derive"]);
    assert_has(&ingested, Macro, &["it::Derive", "it::Display"]);
    assert!(find(&ingested, Struct, "it::both").is_none());
    assert!(find(&ingested, Fn, "it::thing").is_none());
}

#[test]
fn an_explicit_name_goes_before_a_globs_whenever_it_is_found() {
    let text = "
        mod globbed { pub fn name() -> Globbed {} }
        mod explicit { pub use super::chain::name; }
        mod chain { pub use super::end::name; }
        mod end { pub fn name() -> Explicit {} }
        mod middle { pub use super::globbed::*; pub use super::explicit::name; }
        pub use middle::*;
        pub mod renamed { pub use super::middle::name as other; }
        pub mod further { pub use super::*; }
    ";
    let ingested = crate_of(text).ingest();
    for path in ["it::name", "it::renamed::other"] {
        let shown = ingested.symbols.iter().find(|symbol| {
            symbol.path == path
                || symbol.metadata.get("paths").is_some_and(|list| list.to_string().contains(path))
        });
        assert_eq!(shown.map(|one| one.signature.as_str()), Some("pub fn name() -> Explicit"), "{path}");
    }
    assert!(!ingested.symbols.iter().any(|one| one.signature.ends_with("Globbed")));
}

#[test]
fn a_row_says_what_the_names_are_that_an_import_gave() {
    let text = "
        use std::fs::File as StdFile; use std::io as stdio; use std::path::Path; use std::sync::Arc as Shared;
        pub fn open(a: &StdFile, b: &Path) -> stdio::Result<()> { let c: Shared<u8>; Ok(()) }
        pub struct Held { pub file: StdFile }
        pub fn plain(a: &Path) {}
        pub mod inner { pub fn other(a: StdFile) {} }
    ";
    let ingested = crate_of(text).ingest();
    let renamed =
        |kind, path| find(&ingested, kind, path).and_then(|row| row.metadata.get("renamed").cloned());
    let both = json!({"StdFile": "std::fs::File", "stdio": "std::io"});
    assert_eq!(renamed(Fn, "it::open"), Some(both));
    assert_eq!(renamed(Struct, "it::Held"), Some(json!({"StdFile": "std::fs::File"})));
    assert_eq!((renamed(Fn, "it::plain"), renamed(Fn, "it::inner::other")), (None, None));
}

#[test]
fn paths_of_the_2015_edition_start_at_the_root() {
    let text = "
        pub mod a { pub mod b { pub struct S; pub struct T; }
            pub mod c { pub use ::a::b::S as Again; pub use a::b::T as More; pub use ::{a::b::S as Third};
                impl ::a::b::S { pub fn found(&self) {} } } }
        extern crate other; pub mod d { pub use ::other::Out; pub use other::Out as Outer; }
    ";
    let crates =
        Crates::new().with("other", &[("src/lib.rs", "pub struct Out;")]).with("it", &[("src/lib.rs", text)]);
    let ingested = crates.but(|package| package.edition_2015 = true).ingest();
    let s = find(&ingested, Struct, "it::a::b::S").expect("it is declared");
    assert_eq!(s.metadata["paths"], json!(["it::a::c::Again", "it::a::c::Third"]));
    let t = find(&ingested, Struct, "it::a::b::T").expect("it is declared");
    assert_eq!(t.metadata["paths"], json!(["it::a::c::More"]));
    assert_has(&ingested, Method, &["it::a::b::S::found"]);
    assert_has(&ingested, Struct, &["it::d::Out"]);
}

#[test]
fn private_globs_are_followed_to_any_depth() {
    let modules: String = (0..12).map(|n| format!("mod m{n} {{ use super::*; ")).collect();
    let text = format!(
        "mod deep {{ pub struct Found; }} use deep::*; use ext::prelude::*; {modules} pub use Found as Shown; pub fn f(_: Found) {{}}
         impl Found {{ pub fn method(&self) {{}} }} pub use Foreign as Outer; {} pub use m0::m1::m2::m3::Nothing;
         mod way {{ pub use crate::m0::*; }}",
        "}".repeat(12)
    );
    let text = text.replace("mod m", "pub mod m");
    let ext = "pub mod prelude { pub use crate::inner::*; } mod inner { pub struct Foreign; impl Foreign { pub fn go(&self) {} } }";
    let ingested =
        Crates::new().with("ext", &[("src/lib.rs", ext)]).with("it", &[("src/lib.rs", &text)]).ingest();
    let deepest: String = (0..12).map(|n| format!("::m{n}")).collect();
    assert_has(&ingested, Struct, &[&format!("it{deepest}::Shown"), &format!("it{deepest}::Outer")]);
    assert_has(
        &ingested,
        Method,
        &[&format!("it{deepest}::Shown::method"), &format!("it{deepest}::Outer::go")],
    );
}

#[test]
fn a_crate_is_shown_whole_where_its_documentation_is_inline() {
    let part = "pub mod m { pub struct Deep; } pub fn top() {}";
    let crates = |attribute: &str| {
        let text = format!("{attribute} pub use part as shown;");
        Crates::new()
            .with("part", &[("src/lib.rs", part)])
            .but(|package| package.repository = Some("https://example.org/part".to_owned()))
            .with("it", &[("src/lib.rs", &text)])
            .but(|package| package.repository = Some("https://example.org/it".to_owned()))
    };
    let inline = crates("#[doc(inline)]").ingest();
    assert_has(&inline, Struct, &["it::shown::m::Deep"]);
    assert_has(&inline, Fn, &["it::shown::top"]);
    assert_eq!(paths(&crates("").ingest()), ["it", "it::shown"]);
}

#[test]
fn crates_of_one_workspace_show_one_another_where_no_repository_is_named() {
    let crates = Crates::new()
        .with("part", &[("src/lib.rs", "pub mod m { pub struct Deep; }")])
        .with("it", &[("src/lib.rs", "pub use part; pub extern crate part as again;")]);
    assert_lacks(&crates.ingest(), &["it::part::m::Deep"]);
    fs::write(crates.folder().join("Cargo.toml"), "[workspace]\nmembers = [\"*\"]\n")
        .expect("a file can be written");
    let ingested = crates.ingest();
    let deep = ingested.symbols.iter().find(|one| one.name == "Deep").expect("it is shown");
    assert!(["it::part::m::Deep", "it::again::m::Deep"].contains(&deep.path.as_str()));
}

#[test]
fn a_helper_of_many_tests_is_found_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    write("Cargo.toml", "[package]\nname = \"it\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    write("Cargo.lock", "version = 4\n[[package]]\nname = \"it\"\nversion = \"0.1.0\"\n");
    write("src/lib.rs", "pub mod util;");
    write("src/main.rs", "mod util; fn main() {}");
    write("src/util.rs", "/// Useful.\npub fn useful() {}");
    let helper = "//! Helps.\npub struct Lab; impl Lab { pub fn new() {} } impl Default for Lab { fn default() -> Lab { Lab } }";
    write("tests/common/mod.rs", helper);
    for test in ["a", "b", "c"] {
        write(&format!("tests/{test}.rs"), &format!("mod common;\n#[test]\nfn of_{test}() {{}}"));
    }
    let set =
        std::sync::Arc::new(super::discovered(zenith_core::ingest::Source::Folder(folder.path().to_owned())));
    let ingested = super::ingested(&set, "it");
    for name in ["Lab", "new", "default", "common", "useful", "util"] {
        assert_eq!(ingested.symbols.iter().filter(|one| one.name == name).count(), 1, "{name}");
    }
    let lab = ingested.symbols.iter().find(|one| one.name == "Lab").expect("just seen");
    assert_eq!(lab.metadata["paths"].as_array().map(Vec::len), Some(2));
    for test in ["of_a", "of_b", "of_c", "main"] {
        assert!(ingested.symbols.iter().any(|one| one.name == test), "{test}");
    }
    assert_eq!(ingested.chunks.iter().filter(|chunk| chunk.content.contains("Helps.")).count(), 1);
}

#[test]
fn a_change_in_an_ignored_file_that_is_a_module_is_seen() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    write(".gitignore", "*.gen.rs\n/src/made\n/scratch\n*.inc\nplain.rs\n");
    write(
        "src/lib.rs",
        "#[path = \"api.gen.rs\"] mod api; mod made; include!(\"part.inc\"); mod a { mod plain; }",
    );
    write("src/made/mod.rs", "mod deeper;");
    let ignored = ["src/api.gen.rs", "src/made/deeper.rs", "src/part.inc", "src/a/plain.rs"];
    for name in ignored.iter().chain(&["scratch/notes.rs", "src/other.gen.rs"]) {
        write(name, "fn a() {}");
    }
    let mut before = fingerprint(folder.path(), Origin::Own);
    for name in ignored {
        write(name, "fn changed() {}");
        let after = fingerprint(folder.path(), Origin::Own);
        assert_ne!(after, before, "{name}");
        before = after;
    }
    for name in ["scratch/notes.rs", "src/other.gen.rs"] {
        write(name, "fn changed() {}");
        assert_eq!(fingerprint(folder.path(), Origin::Own), before, "{name}");
    }
}

#[test]
fn raw_names_and_enums_through_globs() {
    let text = "
        pub mod r#match { pub fn r#type() {} } pub use r#match::r#type as plain;
        mod e { pub enum E { A, B } } pub use e::E::{self, *}; pub const C: u8 = 1;
    ";
    let ingested = crate_of(text).ingest();
    assert_has(&ingested, Enum, &["it::E"]);
    assert_has(&ingested, Const, &["it::C"]);
    assert!(paths(&ingested).contains(&"it::A"), "{:?}", paths(&ingested));
}
