//! Every name of an item: its paths, the ones that are raw or in another Unicode form, its aliases, and what
//! a re-export says of it.

use serde_json::json;
use zenith_core::ingest::{Ingested, Symbol, SymbolKind};

use super::crates::crate_of;
use super::find;
use super::workspace::Workspace;

#[track_caller]
fn symbol<'a>(ingested: &'a Ingested, kind: SymbolKind, path: &str) -> &'a Symbol {
    find(ingested, kind, path).unwrap_or_else(|| {
        let paths: Vec<_> = ingested.symbols.iter().map(|one| (one.kind, &one.path)).collect();
        panic!("no {kind:?} {path} in {paths:?}")
    })
}

#[test]
fn a_row_knows_the_paths_that_lead_to_it() {
    let workspace = Workspace::of_one(
        "pub mod parts { pub struct Wheel; pub mod small { pub fn screw() {} } }\n\
         pub use parts as pieces;\npub use parts::Wheel as Disc;\n\
         mod imp { pub mod engine { pub struct Engine; } }\npub use imp::engine::Engine;\n\
         pub mod prelude { pub use super::*; }\n",
    );
    let ingested = workspace.ingest("one");
    let paths = |kind, path: &str| symbol(&ingested, kind, path).metadata["paths"].clone();
    assert_eq!(
        paths(SymbolKind::Mod, "one::parts"),
        json!(["one::pieces", "one::prelude::parts", "one::prelude::pieces"])
    );
    let wheel = symbol(&ingested, SymbolKind::Struct, "one::Disc");
    assert!(
        wheel.metadata["paths"].as_array().is_some_and(|list| list.contains(&"one::parts::Wheel".into()))
    );
    let engine = symbol(&ingested, SymbolKind::Struct, "one::Engine");
    assert_eq!(engine.metadata["declared_at"], "one::imp::engine::Engine");
}

#[test]
fn a_name_is_the_same_raw_and_in_either_unicode_form() {
    let workspace = Workspace::of_one(
        "pub mod r#match { pub fn r#type() {} pub fn r#plain() {} }\n\
         mod inner { pub struct Cafe\u{301}; }\npub use inner::Caf\u{e9};\n\
         pub use r#match::plain as r#renamed;\n",
    );
    let ingested = workspace.ingest("one");
    symbol(&ingested, SymbolKind::Fn, "one::r#match::r#type");
    symbol(&ingested, SymbolKind::Fn, "one::renamed");
    symbol(&ingested, SymbolKind::Struct, "one::Caf\u{e9}");
}

#[test]
fn aliases_are_kept_in_every_form_and_through_facades() {
    let workspace = Workspace::new(&[("one", &[]), ("facade", &["one"])])
        .with(
            "one/src/lib.rs",
            "#[doc(alias = \"memcpy\")]\n#[doc(alias(\"memmove\", \"bcopy\", \"a=b\"), inline)]\n\
             #[cfg_attr(docsrs, doc(alias = \"copy_bytes\"))]\n#[cfg_attr(not(doc), doc(alias = \"never\"))]\n\
             pub fn copy() {}\n\
             #[doc(alias(\"box\"))]\npub struct Frame {\n    #[doc(alias = \"width\")]\n    pub w: u32,\n}\n\
             pub enum Side {\n    #[doc(alias = \"port\")]\n    Left,\n}\n\
             macro_rules! group { ($($i:item)*) => { $(#[doc(alias = \"grouped\")] $i)* } }\n\
             group! { pub fn within() {} }\n\
             mod inner { pub struct Shown; }\n#[doc(alias = \"told\")]\npub use inner::Shown;\n",
        )
        .with("facade/src/lib.rs", "pub use one::*;");
    for (package, root) in [("one", "one"), ("facade", "facade")] {
        let ingested = workspace.ingest(package);
        let aliases = |kind, path: &str| {
            symbol(&ingested, kind, &format!("{root}::{path}")).metadata["aliases"].clone()
        };
        assert_eq!(
            aliases(SymbolKind::Fn, "copy"),
            json!(["memcpy", "memmove", "bcopy", "a=b", "copy_bytes"])
        );
        assert_eq!(aliases(SymbolKind::Struct, "Frame"), json!(["box", "width"]));
        assert_eq!(aliases(SymbolKind::Variant, "Side::Left"), json!(["port"]));
        assert_eq!(aliases(SymbolKind::Fn, "within"), json!(["grouped"]));
        assert_eq!(aliases(SymbolKind::Struct, "Shown"), json!(["told"]));
    }
}

#[test]
fn a_re_export_says_something_of_what_it_shows() {
    let workspace = Workspace::new(&[("one", &[]), ("facade", &["one"])])
        .with(
            "one/src/lib.rs",
            "mod inner {\n    pub struct Bare;\n    /// Of itself.\n    pub struct Told;\n    pub struct Deep;\n}\n\
             /// Of the first.\npub use inner::Bare;\n/// In front.\n#[doc(inline)]\npub use inner::Told;\n\
             mod between {\n    /// Said between.\n    pub use super::inner::Deep;\n}\npub use between::Deep;\n\
             /// The real thing.\npub struct Engine;\n/// An old name.\npub use Engine as Motor;\n",
        )
        .with("facade/src/lib.rs", "/// Everything of one.\npub use one;\n#[doc = \"Said outside.\"]\npub use one::Bare;\npub use one::Told;");
    let one = workspace.ingest("one");
    let doc =
        |ingested: &Ingested, path: &str| symbol(ingested, SymbolKind::Struct, path).doc_comment.clone();
    assert_eq!(doc(&one, "one::Bare").as_deref(), Some("Of the first."));
    assert_eq!(doc(&one, "one::Told").as_deref(), Some("In front.\n\nOf itself."));
    assert_eq!(doc(&one, "one::Deep").as_deref(), Some("Said between."));
    assert_eq!(doc(&one, "one::Engine").as_deref(), Some("The real thing."));
    let facade = workspace.ingest("facade");
    assert_eq!(doc(&facade, "facade::Bare").as_deref(), Some("Said outside."));
    assert_eq!(doc(&facade, "facade::Told").as_deref(), Some("In front.\n\nOf itself."));
    let module = symbol(&facade, SymbolKind::Mod, "facade::one");
    assert_eq!(module.doc_comment.as_deref(), Some("Everything of one."));
}

#[test]
fn documentation_is_read_wherever_it_is_written() {
    let workspace = Workspace::of_one(
        "#![cfg_attr(docsrs, doc = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/docs/front.md\")))]\n\
         #[cfg_attr(doc, doc = \"When documented.\")]\n#[cfg_attr(not(doc), doc = \"Never.\")]\npub fn when() {}\n\
         #[cfg_attr(feature = \"a\", doc = \"With a.\")]\n#[cfg_attr(not(feature = \"a\"), doc = \"Without a.\")]\n\
         pub fn feature() {}\n\
         #[cfg_attr(all(), cfg_attr(docsrs, doc = \"Nested.\", deprecated))]\npub fn nested() {}\n\
         #[doc = concat!(\"Version \", env!(\"CARGO_PKG_VERSION\"), \" of [`\", stringify!(Thing), \"`].\")]\n\
         #[doc = \"\"]\n#[doc = concat!(\"Second\", ' ', \"paragraph.\")]\npub struct Thing;\n\
         /// First.\n#[doc = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/src/part.md\"))]\npub fn included() {}\n\
         #[doc = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../secret.md\"))]\npub fn outside() {}\n\
         #[doc(cfg(doc))]\npub fn plain() {}\n",
    )
    .with("one/docs/front.md", "# The front\n")
    .with("one/src/part.md", "A part.\n\n    kept\n");
    let ingested = workspace.ingest("one");
    let doc = |kind, path: &str| symbol(&ingested, kind, path).doc_comment.clone().unwrap_or_default();
    assert_eq!(doc(SymbolKind::Mod, "one"), "# The front");
    assert_eq!(doc(SymbolKind::Fn, "one::when"), "When documented.");
    // Cargo says that it is off.
    assert_eq!(doc(SymbolKind::Fn, "one::feature"), "Without a.");
    assert_eq!(doc(SymbolKind::Fn, "one::nested"), "Nested.");
    assert_eq!(doc(SymbolKind::Struct, "one::Thing"), "Version 1.2.3 of [`Thing`].\n\nSecond paragraph.");
    assert_eq!(doc(SymbolKind::Fn, "one::included"), "First.\nA part.\n\n    kept");
    assert_eq!(doc(SymbolKind::Fn, "one::outside"), "");
    assert_eq!(doc(SymbolKind::Fn, "one::plain"), "");
}

#[test]
fn a_renamed_re_export_is_heard_beside_a_glob() {
    let ingested = crate_of(
        "mod i { pub fn c() {} /// Own.\n pub fn d() {} pub fn e() {} }\n\
         /// D\n#[doc(alias = \"zz\")]\npub use i::c as cc;\n\
         /// Also.\n#[doc(alias = \"yy\")]\npub use i::d as dd;\n\
         pub use i::*;",
    )
    .ingest();
    for (path, doc, alias) in [("it::c", "D", "zz"), ("it::d", "Own.", "yy")] {
        let row = symbol(&ingested, SymbolKind::Fn, path);
        assert_eq!(row.doc_comment.as_deref(), Some(doc), "{path}");
        assert_eq!(row.metadata["aliases"], serde_json::json!([alias]), "{path}");
    }
    assert_eq!(symbol(&ingested, SymbolKind::Fn, "it::e").doc_comment, None);
}
