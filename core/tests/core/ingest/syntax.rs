//! Syntax that is rare, new or unstable: what stands there is found, and what follows it stays.

use zenith_core::ingest::SymbolKind::{Const, Fn, Macro, Method, Mod, Static, Trait, Type, Variant};

use super::crates::{Crates, assert_has, assert_lacks, crate_of};
use super::find;

#[test]
fn items_of_extern_blocks() {
    let text = "
        pub mod ffi {
            unsafe extern \"C\" {
                /// Opaque.
                pub type Opaque;
                pub type Generic<T = u8>;
                pub(crate) type Internal;
                type Private;
                pub unsafe static ERRNO: i32;
                pub safe static VERSION: i32;
                pub static mut PLAIN: u8;
                pub safe fn abs(x: i32) -> i32;
                pub fn free(at: *mut u8);
            }
        }
        pub fn after() {}
    ";
    let ingested = crate_of(text).ingest();
    assert_has(&ingested, Type, &["it::ffi::Opaque", "it::ffi::Generic"]);
    assert_has(&ingested, Static, &["it::ffi::ERRNO", "it::ffi::VERSION", "it::ffi::PLAIN"]);
    assert_has(&ingested, Fn, &["it::ffi::abs", "it::ffi::free", "it::after"]);
    assert_lacks(&ingested, &["it::ffi::Internal", "it::ffi::Private"]);
    let opaque = find(&ingested, Type, "it::ffi::Opaque").expect("just seen");
    assert_eq!(opaque.signature, "pub type Opaque");
    assert_eq!(opaque.doc_comment.as_deref(), Some("Opaque."));
    assert_eq!(opaque.visibility, "public");
    assert_eq!(
        find(&ingested, Static, "it::ffi::ERRNO").expect("just seen").signature,
        "pub unsafe static ERRNO: i32"
    );
}

#[test]
fn traits_that_the_grammar_does_not_know() {
    let text = "
        pub trait Bound {}
        /// Both.
        pub trait Alias<T = u8> = Bound + Fn(T) -> u8 where T: Copy;
        pub const trait Constant { fn f(&self); }
        pub const unsafe trait Both { fn g(&self); }
        pub auto trait Auto {}
        pub unsafe auto trait UnsafeAuto {}
        pub struct S;
        impl const Constant for S { fn f(&self) {} }
        impl<T: [const] Bound + ~const Constant> Bound for Vec<T> {}
        pub fn bounded<T: [const] Bound>(t: T) {}
        pub fn after() {}
    ";
    let ingested = crate_of(text).ingest();
    assert_has(&ingested, Trait, &["it::Alias", "it::Constant", "it::Both", "it::Auto", "it::UnsafeAuto"]);
    assert_has(&ingested, Method, &["it::Constant::f", "it::Both::g", "it::S::f"]);
    assert_has(&ingested, Fn, &["it::bounded", "it::after"]);
    let alias = find(&ingested, Trait, "it::Alias").expect("just seen");
    assert_eq!(alias.signature, "pub trait Alias<T = u8> = Bound + Fn(T) -> u8 where T: Copy");
    assert_eq!(alias.doc_comment.as_deref(), Some("Both."));
    assert_eq!(
        find(&ingested, Trait, "it::Constant").expect("just seen").signature,
        "pub const trait Constant"
    );
}

#[test]
fn what_follows_a_declarative_macro_stays_where_it_is() {
    let text = "
        pub mod inner {
            /// With brackets.
            pub macro one($x:expr) { { fn not_an_item() {} } }
            pub fn after_one() {}
            pub macro two { ($x:ty) => { mod not_a_module {} }, () => {} }
            pub mod deeper { pub(crate) macro three() {} pub const AFTER: u8 = 1; }
            pub fn after_two() {}
        }
        pub fn outside() {}
        macro_rules! old { () => { macro } }
        pub fn last() {}
    ";
    let ingested = crate_of(text).ingest();
    assert_has(&ingested, Macro, &["it::inner::one", "it::inner::two"]);
    assert_has(&ingested, Fn, &["it::inner::after_one", "it::inner::after_two", "it::outside", "it::last"]);
    assert_has(&ingested, Const, &["it::inner::deeper::AFTER"]);
    assert_lacks(&ingested, &["it::after_one", "it::not_an_item", "it::inner::not_a_module"]);
    let one = find(&ingested, Macro, "it::inner::one").expect("just seen");
    assert_eq!(one.doc_comment.as_deref(), Some("With brackets."));
    assert_eq!(one.metadata["macro_kind"], "declarative");
    assert_eq!(one.signature, "pub macro one");
    assert!(find(&ingested, Mod, "it::inner::one").is_none());
}

#[test]
fn what_wasm_bindgen_imports_stands_under_its_type() {
    let text = "
        use wasm_bindgen::prelude::*;
        #[wasm_bindgen]
        extern \"C\" {
            #[wasm_bindgen(extends = Object, typescript_type = \"Array<any>\")]
            #[derive(Clone, Debug)]
            pub type Array<T = JsValue>;
            #[wasm_bindgen(constructor)]
            pub fn new() -> Array;
            #[wasm_bindgen(catch, constructor)]
            pub fn with(a: u32) -> Result<Array, JsValue>;
            /// Concatenates.
            #[wasm_bindgen(method, js_name = concat)]
            pub fn concat<T>(this: &Array<T>, other: &Array<T>) -> Array<T>;
            # [wasm_bindgen (structural , method , getter , js_class = \"Array\")]
            pub fn length(this: &Array) -> u32;
            #[wasm_bindgen(static_method_of = Array, js_name = isArray)]
            pub fn is_array(value: &JsValue) -> bool;
            #[wasm_bindgen(js_name = parseInt)]
            pub fn parse_int(text: &str) -> f64;
        }
        #[wasm_bindgen]
        pub fn exported(this: &Array) {}
    ";
    let ingested = crate_of(text).ingest();
    assert_has(&ingested, Type, &["it::Array"]);
    let methods = ["new", "with", "concat", "length", "is_array"].map(|name| format!("it::Array::{name}"));
    assert_has(&ingested, Method, &methods.each_ref().map(String::as_str));
    assert_has(&ingested, Fn, &["it::parse_int", "it::exported"]);
    assert_lacks(&ingested, &["it::new", "it::concat", "it::is_array"]);
    let concat = find(&ingested, Method, "it::Array::concat").expect("just seen");
    assert_eq!(concat.doc_comment.as_deref(), Some("Concatenates."));
    assert!(!concat.is_unsafe && !find(&ingested, Fn, "it::parse_int").expect("just seen").is_unsafe);
}

#[test]
fn what_cxx_imports_with_a_receiver_stands_under_its_type() {
    let text = "
        #[cxx::bridge]
        pub mod ffi {
            unsafe extern \"C++\" {
                pub type Client;
                pub fn connect() -> UniquePtr<Client>;
                pub fn send(self: &Client, text: &str);
                pub fn close(self: Pin<&mut Client>);
            }
        }
    ";
    let ingested = crate_of(text).ingest();
    assert_has(&ingested, Method, &["it::ffi::Client::send", "it::ffi::Client::close"]);
    assert_has(&ingested, Fn, &["it::ffi::connect"]);
}

#[test]
fn impls_inside_constants() {
    let text = "
        pub struct Outer; pub mod inner { pub struct Inner; }
        const _: () = {
            //! Not the crate's documentation.
            use inner::Inner;
            struct Local;
            impl Local { pub fn hidden(&self) {} }
            impl Outer { /// Found.
                pub fn found(&self) {} }
            impl Clone for inner::Inner { fn clone(&self) -> Self { Inner } }
            const LOCAL: u8 = 1;
            const _: () = { impl Outer { pub fn deeper(&self) {} } };
            #[macro_export] macro_rules! exported { () => {} }
            fn local() {}
        };
        pub const NAMED: u8 = { impl Outer { pub fn of_named(&self) {} } 1 };
        #[cfg(test)] const _: () = { impl Outer { pub fn in_tests(&self) {} } };
        pub fn after() {}
    ";
    let ingested = crate_of(text).ingest();
    assert_has(
        &ingested,
        Method,
        &["it::Outer::found", "it::Outer::deeper", "it::Outer::of_named", "it::inner::Inner::clone"],
    );
    assert_has(&ingested, Macro, &["it::exported"]);
    assert_has(&ingested, Const, &["it::NAMED"]);
    assert_has(&ingested, Fn, &["it::after"]);
    assert_lacks(
        &ingested,
        &["it::LOCAL", "it::Local", "it::local", "it::Local::hidden", "it::Outer::in_tests"],
    );
    let root = find(&ingested, Mod, "it").expect("a crate has a row");
    assert_eq!(root.doc_comment, None);
}

#[test]
fn odd_syntax_in_ones_own_files() {
    let files = [
        ("src/lib.rs", "pub mod a; const trait Own {} trait Alias = Own; macro m() {}"),
        ("src/a.rs", "pub type A; pub fn b() {}"),
    ];
    let ingested = Crates::new().with("it", &files).own().ingest();
    assert_has(&ingested, Trait, &["it::Own", "it::Alias"]);
    assert_has(&ingested, Macro, &["it::m"]);
    assert_has(&ingested, Fn, &["it::a::b"]);
}

#[test]
fn impls_and_macros_inside_bodies() {
    let long = "let filling = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];";
    let text = format!(
        "pub struct T; pub struct Local; pub trait Go {{ fn go(&self) {{ impl T {{ pub fn of_default(&self) {{}} }} }} }}
        fn f() {{ impl T {{ pub fn x(&self) {{}} }} }}
        static X: () = {{ impl T {{ pub fn y(&self) {{}} }} }};
        fn long() {{
            {long}
            /// Documented.
            #[must_use]
            impl T {{
                /// Found.
                pub fn in_long(&self) {{ {long} impl T {{ pub fn in_method(&self) {{}} }} }}
            }}
            #[macro_export] macro_rules! exported {{ () => {{}} }}
            macro_rules! kept {{ () => {{}} }}
            if true {{ loop {{ unsafe impl Send for T {{}} impl T {{ pub fn in_loop(&self) {{}} }} }} }}
            fn inner() {{ {long} impl T {{ pub fn in_inner(&self) {{}} }} }}
            struct Local; impl Local {{ pub fn hidden(&self) {{}} }}
            let implied: Box<dyn Fn()> = Box::new(|| {{ impl T {{ pub fn in_closure(&self) {{}} }} }});
        }}
        #[cfg(test)] fn tested() {{ impl T {{ pub fn in_tests(&self) {{}} }} }}
        fn odd() {{ {long} impl ; impl < T {{ }}; impl U {{ fn }} }}
        pub fn after() {{}}
    "
    );
    let ingested = crate_of(&text).ingest();
    let found = ["x", "y", "of_default", "in_long", "in_method", "in_loop", "in_inner", "in_closure"];
    let found: Vec<String> = found.iter().map(|name| format!("it::T::{name}")).collect();
    assert_has(&ingested, Method, &found.iter().map(String::as_str).collect::<Vec<_>>());
    assert_has(&ingested, Macro, &["it::exported"]);
    assert_has(&ingested, Fn, &["it::after"]);
    assert_lacks(
        &ingested,
        &["it::kept", "it::Local::hidden", "it::T::in_tests", "it::inner", "it::T::hidden", "it::long"],
    );
    let row = find(&ingested, Method, "it::T::in_long").expect("it is there");
    assert_eq!(row.doc_comment.as_deref(), Some("Found."));
    let line = text.lines().position(|line| line.contains("pub fn in_long")).expect("it is there") as u32 + 1;
    assert_eq!((row.line_start, row.line_end), (line, line));
    let own = crate_of(&text).own().ingest();
    assert_lacks(&own, &["it::Local::hidden", "it::inner"]);
}

#[test]
fn a_variants_value_is_part_of_its_signature() {
    let text = "pub enum E { A = { const X: u8 = 1; X as isize }, B { b: u8 }, C(u8) }";
    let ingested = crate_of(text).ingest();
    let signature =
        |path: &str| find(&ingested, Variant, path).map(|row| row.signature.clone()).unwrap_or_default();
    assert_eq!(signature("it::E::A"), "A = { const X: u8 = 1; X as isize }");
    assert_eq!(signature("it::E::B"), "B { b: u8 }");
    assert_eq!(signature("it::E::C"), "C(u8)");
}
