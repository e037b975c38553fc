//! Items that a macro names: which rows there are, where they stand, and what they say.

use std::collections::HashSet;
use std::fs;
use std::sync::Arc;

use zenith_core::ingest::{Ingested, Ingester, Source, Symbol, SymbolKind};
use zenith_core::lake::ApiSymbol;
use zenith_core::package::PackageId;

use super::crates::{Crates, assert_has, assert_lacks};
use super::discovered;

/// What a package with this root file yields.
fn ingested(lib: &str) -> Ingested {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    write("Cargo.toml", "[package]\nname = \"k\"\nversion = \"1.0.0\"\nedition = \"2024\"\n");
    write("src/lib.rs", lib);
    let set = discovered(Source::Folder(folder.path().to_owned()));
    let ingested = Ingester::new(Arc::new(set)).ingest(0);
    assert!(ingested.skipped.is_empty(), "passed over: {:?}", ingested.skipped);
    ingested
}

/// The public rows but for macros, as `kind path`.
fn public(ingested: &Ingested) -> Vec<String> {
    let public = ingested.symbols.iter().filter(|one| one.visibility == "public" && one.path != "k");
    let mut rows: Vec<String> = public
        .filter(|one| one.kind.as_str() != "macro")
        .map(|one| format!("{} {}", one.kind.as_str(), one.path.trim_start_matches("k::")))
        .collect();
    rows.sort();
    rows
}

fn row<'a>(ingested: &'a Ingested, path: &str) -> &'a Symbol {
    ingested.symbols.iter().find(|one| one.path == path).unwrap_or_else(|| panic!("no row of {path}"))
}

/// A package's root file, and the public rows that it has.
const EXPANDED: &[(&str, &str, &[&str])] = &[
    (
        "names from arguments",
        "macro_rules! newtype { ($($(#[$m:meta])* $v:vis $n:ident($t:ty);)*) => { $($(#[$m])* $v struct $n($t);)* } }\n\
         newtype! { pub A(u8); B(Vec<u8>); pub C(Option<Box<dyn Fn(u8) -> u8>>); }",
        &["struct A", "struct C"],
    ),
    (
        "the first arm that takes the argument",
        "macro_rules! m { (fn $n:ident) => { pub fn $n() {} }; (struct $n:ident) => { pub struct $n; }; ($n:ident) => { pub enum $n { X } } }\n\
         m!(fn f); m!(struct S); m!(E);",
        &["enum E", "fn f", "struct S", "variant E::X"],
    ),
    (
        "nested repetitions, each with its outer name",
        "macro_rules! m { ($($e:ident { $($v:ident = $x:expr),* $(,)? })*) => { $(pub struct $e; impl $e { $(pub const $v: u8 = $x;)* })* } }\n\
         m! { A { ONE = 1, TWO = { 2 }, } B { ONE = f::<u8, u8>(1, 2) } C {} }",
        &["const A::ONE", "const A::TWO", "const B::ONE", "struct A", "struct B", "struct C"],
    ),
    (
        "inside impls and traits and extern blocks",
        "macro_rules! f { ($($n:ident)*) => { $(pub fn $n(&self) {})* } }\n\
         macro_rules! g { ($($n:ident)*) => { $(fn $n(&self);)* } }\n\
         macro_rules! x { ($($n:ident)*) => { $(pub fn $n(a: u8) -> u8;)* } }\n\
         pub struct S; impl S { f! { a b } } pub trait T { g! { c d } } unsafe extern \"C\" { x! { e } }",
        &["fn e", "method S::a", "method S::b", "method T::c", "method T::d", "struct S", "trait T"],
    ),
    (
        "an impl that a macro makes, with a macro in it",
        "macro_rules! i { ($t:ident: $($n:ident)*) => { impl $t { f! { $($n)* } } } }\n\
         macro_rules! f { ($($n:ident)*) => { $(pub fn $n(&self) {})* } }\n\
         pub struct S; i! { S: a b }",
        &["method S::a", "method S::b", "struct S"],
    ),
    (
        "macros that define macros",
        "macro_rules! outer { ($name:ident $d:tt) => { macro_rules! $name { ($d($d n:ident)*) => { $d(pub fn $d n() {})* } } } }\n\
         outer!(inner $);\ninner!(a b);",
        &["fn a", "fn b"],
    ),
    (
        "macros that call themselves, token by token",
        "macro_rules! m { () => {}; (const $n:ident; $($rest:tt)*) => { pub const $n: u8 = 0; m! { $($rest)* } }; ($n:ident; $($rest:tt)*) => { pub fn $n() {} m!($($rest)*); } }\n\
         m! { const A; b; const C; d; }",
        &["const A", "const C", "fn b", "fn d"],
    ),
    (
        "an accumulator",
        "macro_rules! m { (@ [$($done:tt)*]) => { pub enum E { $($done)* } }; (@ [$($done:tt)*] $n:ident $($r:tt)*) => { m!(@ [$($done)* $n,] $($r)*); }; ($($r:tt)*) => { m!(@ [] $($r)*); } }\n\
         m!(A B C);",
        &["enum E", "variant E::A", "variant E::B", "variant E::C"],
    ),
    (
        "every fragment",
        "macro_rules! m { ($v:vis $n:ident $l:lifetime $t:ty; $p:path; $e:expr; $lit:literal; $pat:pat; $b:block; $s:stmt; { $i:item } #[$meta:meta] $tt:tt) => { $i #[$meta] $v struct $n<$l>(&$l $t); pub const K: u8 = $e; impl $p for $n<'_> {} pub fn g() { let $pat = $lit; $s; $b } pub struct $tt; } }\n\
         pub trait Q {} m! { pub N 'a Vec<&'static [u8; 4]>; crate::Q; 1 + 2 * f(3, 4); -5; Some(x) | x; { 1 }; let a = b; { pub fn i() {} } #[must_use] T }",
        &["const K", "fn g", "fn i", "struct N", "struct T", "trait Q"],
    ),
    (
        "optional parts and other separators",
        "macro_rules! m { ($($n:ident $(: $t:ty)? $(= $e:expr)?);+ $(;)?) => { $(pub struct $n $(($t))?;)+ } }\n\
         m! { A; B: u8; C: Vec<u8> = 1; }",
        &["struct A", "struct B", "struct C"],
    ),
    (
        "names by path, from another module",
        "mod inner { macro_rules! m { ($n:ident) => { pub fn $n() {} } } pub(crate) use m; m!(private); }\n\
         pub mod other { crate::inner::m!(a); use crate::inner::m; m!(b); }",
        &["fn inner::private", "fn other::a", "fn other::b", "mod other"],
    ),
    (
        "the last of one name",
        "macro_rules! m { ($n:ident) => { pub fn $n() {} } }\nm!(a);\nmacro_rules! m { ($n:ident) => { pub struct $n; } }\nm!(B);\n\
         pub mod x { macro_rules! m { ($n:ident) => { pub enum $n {} } } m!(C); }\nm!(D);",
        &["enum x::C", "fn a", "mod x", "struct B", "struct D"],
    ),
    (
        "modules that a macro makes",
        "macro_rules! m { ($($n:ident { $($f:ident)* })*) => { $(pub mod $n { use super::*; $(pub fn $f() -> S { S })* f!(); })* } }\n\
         macro_rules! f { () => { pub struct Made; } }\n\
         pub struct S; m! { a { x y } b { z } }",
        &["fn a::x", "fn a::y", "fn b::z", "mod a", "mod b", "struct S", "struct a::Made", "struct b::Made"],
    ),
    (
        "imports that a macro makes",
        "mod hidden { pub struct A; pub struct B; } macro_rules! m { ($($n:ident as $o:ident),*) => { $(pub use hidden::$n as $o;)* } }\nm!(A as X, B as Y);",
        &["struct X", "struct Y"],
    ),
    (
        "what paste joins",
        "macro_rules! m { ($($n:ident)*) => { paste::paste! { $(pub fn [<get_ $n>]() {} pub struct [<$n:camel Id>]; pub const [<$n:upper _MAX>]: u8 = 0;)* } } }\n\
         m! { big_thing }",
        &["const BIG_THING_MAX", "fn get_big_thing", "struct BigThingId"],
    ),
    (
        "bitflags, where its crate is not at hand",
        "bitflags::bitflags! { /// Doc.\n#[derive(Clone)] pub struct Flags: u32 { const A = 1; #[doc(alias = \"x\")] const B = 1 << 1; const AB = Self::A.bits() | Self::B.bits(); const _ = !0; } }\n\
         pub fn after() {}",
        &[
            "const Flags::A",
            "const Flags::AB",
            "const Flags::B",
            "fn after",
            "method Flags::all",
            "method Flags::bits",
            "method Flags::complement",
            "method Flags::contains",
            "method Flags::difference",
            "method Flags::empty",
            "method Flags::from_bits",
            "method Flags::from_bits_truncate",
            "method Flags::insert",
            "method Flags::intersection",
            "method Flags::intersects",
            "method Flags::is_all",
            "method Flags::is_empty",
            "method Flags::remove",
            "method Flags::set",
            "method Flags::symmetric_difference",
            "method Flags::toggle",
            "method Flags::union",
            "struct Flags",
        ],
    ),
    (
        "statics of a thread, and lazy ones",
        "std::thread_local! { pub static A: Cell<u8> = const { Cell::new(1) }; static B: u8 = 2; }\n\
         lazy_static::lazy_static! { /// Doc.\npub static ref C: Vec<u8> = vec![1, 2]; static ref D: u8 = 1; }",
        &["static A", "static C", "struct C", "method C::deref", "method D::deref"],
    ),
    (
        "what a macro takes and drops is not there, and what it makes conditional is",
        "macro_rules! drop_it { ($($t:tt)*) => {} } drop_it! { pub fn never() {} }\n\
         macro_rules! cfg_x { ($($i:item)*) => { $(#[cfg(feature = \"x\")] $i)* } } cfg_x! { pub fn a() {} pub mod b { pub fn c() {} } }",
        &["fn a", "fn b::c", "mod b"],
    ),
    (
        "expressions that nothing sets off from what follows, and impls inside a constant",
        "macro_rules! options { ($(#[doc = $s:tt])* $v:vis struct $n:ident { $($(#[doc = $d:tt])* $fv:vis $f:ident: $t:ty, default = $e:expr)* $(,)* }) => { $v struct $n { $($fv $f: $t,)* } const _: () = { struct Inner; impl Inner { pub fn never() {} } impl $n { $(pub fn $f(&self) {})* } more! { $n } }; } }\n\
         macro_rules! more { ($n:ident) => { impl $n { pub fn more() {} } } }\n\
         options! { /// Doc.\npub struct O { /// A.\npub a: bool, default = true\n /// B.\npub b: Option<u8>, default = f(1)?.b()\n c: u8, default = 1 + 2 } }",
        &["method O::a", "method O::b", "method O::c", "method O::more", "struct O"],
    ),
    (
        "operators, generics and lifetimes as single trees",
        "macro_rules! m { ($a:tt $b:tt $c:tt $d:tt $n:ident) => { pub fn $n() {} } }\n\
         m!(=> ..= 'a :: a); m!(-> << (x y) && b); m!(1.5 \"x\" b'c' <= c);",
        &["fn a", "fn b", "fn c"],
    ),
    (
        "a macro named as the standard one that it hands on to",
        "macro_rules! thread_local { ($(static $n:ident;)*) => { $(pub struct $n;)* std::thread_local! { $(static $n;)* } } }\n\
         thread_local! { static A; static B; }",
        &["struct A", "struct B"],
    ),
    (
        "calls alone, among comments, in brackets of every kind",
        "macro_rules! all { () => { one!(A); /* then */ one! { B }; // and\n one![C]; self::one! { D } } }\n\
         macro_rules! one { ($n:ident) => { pub struct $n; } }\n\
         all!();",
        &["struct A", "struct B", "struct C", "struct D"],
    ),
    (
        "calls alone under a condition, or with items beside them",
        "macro_rules! all { () => { #[cfg(any())] one!(A); one!(B); pub fn f() {} one!(C); } }\n\
         macro_rules! one { ($n:ident) => { pub struct $n; } }\n\
         all!();",
        &["fn f", "struct A", "struct B", "struct C"],
    ),
    (
        "branches that the compiler chooses, by any path and name, in impls and through macros",
        "use std::cfg_select as sel; pub struct S;\n\
         cfg_select! { any() => { pub fn never() {} } all() => { pub fn a() {} } _ => { pub fn other() {} } }\n\
         std::cfg_select! { any(unix, windows, not(unix)) => { pub fn b() {} }, _ => {} }\n\
         impl S { core::cfg_select! { all() => { pub fn c(&self) {} pub const D: u8 = 1; } _ => {} } }\n\
         sel! { all() => { pub fn e() {} } _ => { } }\n\
         macro_rules! m { ($n:ident) => { cfg_select! { all() => { pub struct $n; } _ => { pub struct Never; } } } } m!(F);\n\
         macro_rules! n { ($($t:tt)*) => { cfg_select! { $($t)* } } } n! { _ => { pub fn g() {} } }",
        &[
            "const S::D",
            "fn a",
            "fn b",
            "fn e",
            "fn g",
            "fn never",
            "fn other",
            "method S::c",
            "struct F",
            "struct Never",
            "struct S",
        ],
    ),
    (
        "names that imports give macros of this crate",
        "mod mm { macro_rules! m { ($n:ident) => { pub struct $n; } } pub(crate) use m; pub(crate) use m as o;\n\
         pub mod deep { macro_rules! d { ($n:ident) => { pub enum $n {} } } pub(crate) use d as e; } pub(crate) use deep::e as f; }\n\
         use mm::m as r; r!(A); mm::o!(B); use mm::o; o!(C); use mm as other; other::f!(D); self::mm::deep::e!(E); crate::mm::f!(F);\n\
         pub mod inner { use super::mm::o as p; p!(G); mod globs { use super::super::mm::*; o!(H); } pub use globs::H; }",
        &[
            "enum D",
            "enum E",
            "enum F",
            "mod inner",
            "mod mm::deep",
            "struct A",
            "struct B",
            "struct C",
            "struct inner::G",
            "struct inner::H",
        ],
    ),
    (
        "words that are keywords only here and there, as names",
        "macro_rules! k { ($($n:ident)*) => { pub mod kws { $(pub const $n: u8 = 0;)* } pub mod fns { $(pub fn $n() {})* } } }\n\
         k! { default union auto safe raw macro_rules }\n\
         pub mod plain { pub const default: u8 = 1; pub const auto: u8 = 2; pub static union: u8 = 3; pub struct default; }",
        &[
            "const kws::auto",
            "const kws::default",
            "const kws::macro_rules",
            "const kws::raw",
            "const kws::safe",
            "const kws::union",
            "const plain::auto",
            "const plain::default",
            "fn fns::auto",
            "fn fns::default",
            "fn fns::macro_rules",
            "fn fns::raw",
            "fn fns::safe",
            "fn fns::union",
            "mod fns",
            "mod kws",
            "mod plain",
            "static plain::union",
            "struct plain::default",
        ],
    ),
];

#[test]
fn what_macros_name_has_rows() {
    for (what, lib, expected) in EXPANDED {
        let mut expected: Vec<String> = expected.iter().map(|&one| one.to_owned()).collect();
        expected.sort();
        assert_eq!(public(&ingested(lib)), expected, "{what}");
    }
}

/// Some crates look a name up in a list at compile time, by a macro that calls itself once a name.
#[test]
fn a_crate_may_call_macros_many_times() {
    let list = "A, B, C, D, E, F, G, H, ".repeat(6);
    let calls = |n: u32| format!("find!([{list}] pub struct S{n};);\n");
    let ingested = ingested(&format!(
        "macro_rules! find {{ ([$head:ident, $($tail:ident,)*] $i:item) => {{ $crate::find!([$($tail,)*] $i); }}; ([] $i:item) => {{ $i }} }}\n\
         pub(crate) use find;\n{}",
        (0..1_300).map(calls).collect::<String>()
    ));
    assert_eq!(public(&ingested).len(), 1_300);
}

#[test]
fn a_row_says_where_the_call_stands_and_what_its_author_wrote() {
    let lib = "macro_rules! codes {\n    ($($(#[$m:meta])* ($n:expr, $c:ident, $t:literal);)*) => {\n        impl Status {\n            $(\n                $(#[$m])*\n                pub const $c: Status = Status($n);\n            )*\n            /// All of them.\n            pub fn all() {}\n        }\n    };\n}\n\
               pub struct Status(u16);\n\
               codes! {\n    /// Not there\n    /// [a link]\n    (404, NOT_FOUND, \"Not Found\");\n    /** In a\n     * block. */\n    (200,\n     OK, \"OK\");\n}\n\
               macro_rules! pass { ($($i:item)*) => { $($i)* } }\n\
               pass! {\n    /// Doc.\n    #[must_use]\n    pub fn passed(\n        a: u8, // a comment\n    ) -> u8 {\n        a /* kept */\n    }\n}\n";
    let ingested = ingested(lib);
    let line = |text: &str| lib.lines().position(|line| line.contains(text)).expect("it is there") as u32 + 1;
    let not_found = row(&ingested, "k::Status::NOT_FOUND");
    assert_eq!((not_found.file_path.as_str(), not_found.line_start), ("src/lib.rs", line("NOT_FOUND, ")));
    assert_eq!(not_found.doc_comment.as_deref(), Some("Not there\n[a link]"));
    assert_eq!(not_found.signature, "pub const NOT_FOUND: Status = Status(404)");
    let ok = row(&ingested, "k::Status::OK");
    assert_eq!(ok.line_start, line("OK, \"OK\""));
    assert!(ok.doc_comment.as_deref().is_some_and(|doc| doc.contains("block.")));
    // What the macro names itself stands where it is called.
    let all = row(&ingested, "k::Status::all");
    assert_eq!((all.line_start, all.line_end), (line("codes! {"), line("OK, \"OK\"") + 1));
    assert_eq!(all.doc_comment.as_deref(), Some("All of them."));
    let passed = row(&ingested, "k::passed");
    assert_eq!((passed.line_start, passed.line_end), (line("pub fn passed"), line("a /* kept */") + 1));
    assert_eq!(passed.attributes, ["must_use"]);
    assert_eq!(passed.signature, "pub fn passed(a: u8) -> u8");
    assert!(passed.source.contains("a /* kept */"), "{}", passed.source);
}

#[test]
fn what_a_macro_makes_several_times_in_one_line_is_told_apart() {
    let lib = "pub struct Door<T>(T); pub struct Open; pub struct Shut;\n\
               macro_rules! imp { ($($t:ty => $a:ty),*) => { $(impl Door<$t> { pub fn go(&self, x: $a) -> $a { x } })* } }\n\
               imp!(Open => u8, Shut => u16);";
    let ingested = ingested(lib);
    let package = PackageId::rust("k", "1.0.0").expect("a good name");
    let rows: Vec<ApiSymbol> =
        ingested.symbols.iter().map(|symbol| ApiSymbol::new(&package, symbol, Vec::new(), 0)).collect();
    let ids: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids.len(), rows.len(), "{rows:?}");
    let went: Vec<_> = rows.iter().filter(|row| row.path == "k::Door::go").collect();
    assert_eq!(went.len(), 2);
    // Only what would be taken for another is numbered: the ids of datasets that are there stay.
    let alone = ingested.symbols.iter().filter(|symbol| symbol.twin > 0).count();
    assert_eq!(alone, 1);
    let first = rows.iter().find(|row| row.path == "k::Open").expect("it is there");
    assert_eq!(first.id, "52c7972119428bbace2b5b853cd9a5ca");
}

#[test]
fn flags_have_the_methods_of_the_version_that_makes_them() {
    let first = "#[macro_export] macro_rules! bitflags { ($($t:tt)*) => {} }";
    let second = "pub mod parser {} #[macro_export] macro_rules! bitflags { ($($t:tt)*) => {} }";
    let ingested = Crates::new()
        .with("one", &[("src/lib.rs", first)])
        .but(|package| package.targets[0].name = "bitflags".to_owned())
        .with("two", &[("src/lib.rs", second)])
        .but(|package| package.targets[0].name = "bitflags".to_owned())
        .with(
            "it",
            &[(
                "src/lib.rs",
                "bf1::bitflags! { pub struct Old: u32 { const A = 1; } }\n\
                 bitflags::bitflags! { pub struct New: u32 { const A = 1; } }",
            )],
        )
        .but(|package| package.dependencies = [("bf1".to_owned(), 0), ("bitflags".to_owned(), 1)].into())
        .ingest();
    assert_has(&ingested, SymbolKind::Const, &["it::Old::A", "it::New::A"]);
    assert_has(&ingested, SymbolKind::Method, &["it::Old::from_bits_unchecked", "it::New::from_bits_retain"]);
    assert_lacks(&ingested, &["it::Old::from_bits_retain", "it::New::from_bits_unchecked"]);
}
