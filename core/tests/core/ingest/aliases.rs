//! What stands behind a type alias stands under the alias.

use zenith_core::ingest::SymbolKind::{Const, Method, Type, Variant};

use super::crates::{Crates, assert_has, assert_lacks, crate_of, paths};
use super::find;

const LOCKS: &str = "
    pub trait Raw {}
    pub struct Mutex<R, T>(R, T);
    impl<R: Raw, T> Mutex<R, T> { pub fn lock(&self) {} pub const fn raw() {} fn private() {} }
    impl<R, T> Default for Mutex<R, T> { fn default() -> Self { loop {} } }
    pub struct Fast;
    pub struct Slow;
    impl<T> Mutex<Fast, T> { pub fn spin(&self) {} }
    impl<T> Mutex<Slow, T> { pub fn sleep(&self) {} }
";

#[test]
fn of_another_crates_type() {
    let text = "
        pub struct RawMutex;
        /// A mutex.
        pub type Mutex<T> = locks::Mutex<RawMutex, T>;
        pub type FairMutex<T> = locks::Mutex<(), T>;
        pub use locks::Fast;
        pub mod fast { pub type Spinning<T> = locks::Mutex<super::Fast, T>; pub type Again<T> = Spinning<T>; }
        type Hidden<T> = locks::Mutex<u8, T>;
    ";
    let ingested =
        Crates::new().with("locks", &[("src/lib.rs", LOCKS)]).with("it", &[("src/lib.rs", text)]).ingest();
    assert_has(&ingested, Type, &["it::Mutex", "it::FairMutex"]);
    let expected =
        ["it::Mutex::lock", "it::Mutex::default", "it::FairMutex::lock", "it::fast::Spinning::lock"];
    assert_has(&ingested, Method, &expected);
    assert_has(&ingested, Method, &["it::fast::Spinning::spin", "it::fast::Again::spin"]);
    assert_lacks(&ingested, &["it::Mutex::private", "it::Mutex::spin", "it::Mutex::sleep"]);
    assert_lacks(&ingested, &["it::fast::Spinning::sleep", "it::Hidden::lock"]);
    let lock = find(&ingested, Method, "it::Mutex::lock").expect("just seen");
    assert_eq!(lock.metadata["declared_in"]["path"], "locks::Mutex::lock");
    assert_eq!(lock.file_path, "src/lib.rs");
}

#[test]
fn through_a_facade_of_the_crate_with_the_alias() {
    let ingested = Crates::new()
        .with("locks", &[("src/lib.rs", LOCKS)])
        .with("middle", &[("src/lib.rs", "pub type Mutex<T> = locks::Mutex<u8, T>;")])
        .with("it", &[("src/lib.rs", "pub use middle::Mutex as Lock; pub type Other = middle::Mutex<u8>;")])
        .ingest();
    assert_has(&ingested, Method, &["it::Lock::lock", "it::Other::lock"]);
}

#[test]
fn of_another_crates_type_that_is_shown_whole_too() {
    let text = "#[doc(inline)] pub use locks; pub type Mutex<T> = locks::Mutex<u8, T>;";
    let ingested =
        Crates::new().with("locks", &[("src/lib.rs", LOCKS)]).with("it", &[("src/lib.rs", text)]).ingest();
    assert_has(&ingested, Method, &["it::locks::Mutex::lock", "it::Mutex::lock"]);
}

#[test]
fn of_a_private_type_of_ones_own() {
    let text = "
        mod imp {
            pub struct Inner<T>(T);
            impl<T> Inner<T> { pub fn go(&self) {} pub const MAX: u8 = 1; }
            impl Inner<u8> { pub fn byte(&self) {} }
            impl Inner<u16> { pub fn word(&self) {} }
            pub enum Kind { One, Two }
        }
        pub type Outer = imp::Inner<u8>;
        pub type Kind = imp::Kind;
        pub mod deep { pub type Alias = crate::Outer; }
        impl Outer { pub fn of_alias(&self) {} }
    ";
    for crates in [crate_of(text), crate_of(text).own()] {
        let ingested = crates.ingest();
        assert_has(&ingested, Method, &["it::Outer::go", "it::Outer::byte", "it::Outer::of_alias"]);
        assert_has(&ingested, Method, &["it::deep::Alias::go"]);
        let of_alias = find(&ingested, Method, "it::Outer::of_alias").expect("just seen");
        let others = of_alias.metadata["paths"].to_string();
        assert!(others.contains("\"it::deep::Alias::of_alias\""), "{others}");
        assert_has(&ingested, Const, &["it::Outer::MAX"]);
        assert_has(&ingested, Variant, &["it::Kind::One", "it::Kind::Two"]);
        assert_lacks(&ingested, &["it::Outer::word"]);
    }
}

#[test]
fn a_type_with_rows_of_its_own_has_the_alias_as_another_path() {
    let text = "pub struct Open; pub struct Array<T>(T); impl<T> Array<T> { pub fn len(&self) {} }
        pub type Bytes = Array<u8>; impl Bytes { pub fn read(&self) {} }";
    let ingested = crate_of(text).ingest();
    let len = find(&ingested, Method, "it::Array::len").expect("it is declared");
    assert_eq!(len.metadata["paths"], serde_json::json!(["it::Bytes::len"]));
    let read = find(&ingested, Method, "it::Bytes::read").expect("it is written under the alias");
    assert_eq!(read.metadata["paths"], serde_json::json!(["it::Array::read"]));
    assert_lacks(&ingested, &["it::Bytes::len"]);
}

#[test]
fn impls_on_aliases_of_one_type_are_told_apart() {
    let text = "pub struct Bin; pub struct Text; pub struct View<T>(T);
        pub type BinView = View<Bin>; pub type TextView = View<Text>;
        impl From<u8> for BinView { fn from(_: u8) -> Self { loop {} } }
        impl From<u8> for TextView { fn from(_: u8) -> Self { loop {} } }";
    let ingested = crate_of(text).ingest();
    assert_has(&ingested, Method, &["it::BinView::from", "it::TextView::from"]);
}

#[test]
fn aliases_that_lead_nowhere_or_in_circles_end() {
    let text = "
        pub type A = B; pub type B = A; pub type C<T> = T; pub type D = std::collections::HashMap<u8, u8>;
        pub type E = [u8; 4]; pub type F = dyn Fn(u8); pub type G = <u8 as Into<u8>>::X; pub type H = absent::X;
        pub type I = I; pub type Result<T> = std::result::Result<T, u8>; impl A { pub fn well(&self) {} }
    ";
    let ingested = crate_of(text).ingest();
    assert_eq!(paths(&ingested).len(), 12, "{:?}", paths(&ingested));
}
