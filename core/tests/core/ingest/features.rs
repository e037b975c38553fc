//! Of alternatives the one that is on, and the others with what to change for them.

use serde_json::json;
use zenith_core::ingest::{Ingested, Symbol, SymbolKind};

use super::crates::{Crates, assert_has, crate_of};

const TEXT: &str = "
    #[cfg(feature = \"fast\")]
    pub fn go() -> Fast { loop {} }
    #[cfg(not(feature = \"fast\"))]
    pub fn go() -> Slow { loop {} }
    #[cfg(all(windows, unix))]
    pub fn go() -> Nowhere { loop {} }

    #[cfg(all(feature = \"net\", any(feature = \"tls\", feature = \"both\")))]
    pub mod net { pub fn connect() {} }

    pub struct Door;
    #[cfg(feature = \"fast\")]
    impl Door { pub fn open(&self) -> Fast { loop {} } }
    #[cfg(not(feature = \"fast\"))]
    impl Door { pub fn open(&self) -> Slow { loop {} } }

    macro_rules! cfg_fast { ($($item:item)*) => { $( #[cfg(feature = \"fast\")] $item )* } }
    macro_rules! cfg_not_fast { ($($item:item)*) => { $( #[cfg(not(feature = \"fast\"))] $item )* } }
    cfg_not_fast! { pub fn wrapped() -> Slow { loop {} } }
    cfg_fast! { pub fn wrapped() -> Fast { loop {} } }
";

fn rows<'a>(ingested: &'a Ingested, path: &str) -> Vec<&'a Symbol> {
    ingested.symbols.iter().filter(|symbol| symbol.path == path).collect()
}

#[test]
fn the_alternative_that_cargo_says_is_on_comes_first_and_the_other_says_what_to_change() {
    for path in ["it::go", "it::Door::open", "it::wrapped"] {
        let on = crate_of(TEXT).features(&["fast"]).ingest();
        let [first, second] = rows(&on, path)[..] else { panic!("{path}: {:?}", rows(&on, path)) };
        assert!(first.signature.ends_with("Fast") && second.signature.ends_with("Slow"), "{path}");
        assert_eq!((first.metadata.get("enable"), first.metadata.get("disable")), (None, None));
        assert_eq!(second.metadata["disable"], json!(["fast"]), "{path}");

        let off = crate_of(TEXT).features(&[]).ingest();
        let [first, second] = rows(&off, path)[..] else { panic!("{path}: {:?}", rows(&off, path)) };
        assert!(first.signature.ends_with("Slow") && second.signature.ends_with("Fast"), "{path}");
        assert_eq!(second.metadata["enable"], json!(["fast"]), "{path}");
    }
}

#[test]
fn what_no_feature_in_use_brings_says_which_would() {
    let ingested = crate_of(TEXT).features(&["tls"]).ingest();
    assert_has(&ingested, SymbolKind::Fn, &["it::net::connect"]);
    assert_eq!(rows(&ingested, "it::net::connect")[0].metadata["enable"], json!(["net"]));
    assert_eq!(rows(&ingested, "it::net")[0].metadata["enable"], json!(["net"]));
}

#[test]
fn where_features_are_not_known_every_one_counts_as_on() {
    let ingested = crate_of(TEXT).ingest();
    let [only] = rows(&ingested, "it::go")[..] else { panic!("one of the alternatives") };
    assert!(only.signature.ends_with("Fast"));
    assert!(!ingested.symbols.iter().any(|one| one.metadata.contains_key("enable")));
}

#[test]
fn a_re_export_goes_to_the_alternative_that_is_on() {
    let text = "
        mod one { pub struct Lock; impl Lock { pub fn one(&self) {} } }
        mod two { pub struct Lock; impl Lock { pub fn two(&self) {} } }
        #[cfg(feature = \"one\")] pub use one::Lock;
        #[cfg(not(feature = \"one\"))] pub use two::Lock;
    ";
    let one = crate_of(text).features(&["one"]).ingest();
    assert_has(&one, SymbolKind::Method, &["it::Lock::one"]);
    let two = crate_of(text).features(&[]).ingest();
    assert_has(&two, SymbolKind::Method, &["it::Lock::two"]);
}

#[test]
fn a_module_that_a_feature_would_show_is_shown_with_it() {
    let files = [
        (
            "src/lib.rs",
            "#[cfg(feature = \"open\")] pub mod frame; #[cfg(not(feature = \"open\"))] mod frame;
             #[cfg(feature = \"open\")] pub mod dummy { pub fn here() -> Open {} }
             #[cfg(not(feature = \"open\"))] pub mod dummy { pub fn here() -> Shut {} }
             #[cfg(all(unix, windows))] pub mod arch { pub fn wrong() {} }
             #[cfg(feature = \"open\")] pub mod arch { pub fn right() {} }",
        ),
        ("src/frame.rs", "pub fn inside() {}"),
    ];
    let off = Crates::new().with("it", &files).features(&[]).ingest();
    assert_eq!(rows(&off, "it::frame::inside")[0].metadata["enable"], json!(["open"]));
    let [first, second] = rows(&off, "it::dummy::here")[..] else {
        panic!("{:?}", rows(&off, "it::dummy::here"))
    };
    assert!(first.signature.ends_with("Shut") && second.signature.ends_with("Open"));
    assert_eq!(second.metadata["enable"], json!(["open"]));
    assert_has(&off, SymbolKind::Fn, &["it::arch::right"]);
    let on = Crates::new().with("it", &files).features(&["open"]).ingest();
    assert_eq!(rows(&on, "it::frame::inside")[0].metadata.get("enable"), None);
}

#[test]
fn a_feature_of_the_declaring_package_is_told_with_its_name() {
    let ingested = Crates::new()
        .with("base", &[("src/lib.rs", "#[cfg(feature = \"x\")] pub fn extra() {}")])
        .features(&[])
        .with("it", &[("src/lib.rs", "pub use base::extra;")])
        .features(&[])
        .ingest();
    assert_eq!(rows(&ingested, "it::extra")[0].metadata["enable"], json!(["base/x"]));
}

#[test]
fn documentation_is_that_of_the_features_that_are_on() {
    let text = "
        #[cfg_attr(feature = \"fast\", doc = \"Fast.\", doc(alias = \"quick\"))]
        #[cfg_attr(not(feature = \"fast\"), doc = \"Slow.\")]
        pub fn go() {}
        mod inner { pub fn shown() {} }
        #[cfg_attr(feature = \"fast\", doc = \"Shown fast.\")]
        #[cfg_attr(not(feature = \"fast\"), doc = \"Shown slowly.\")]
        pub use inner::shown;
    ";
    for (features, go, shown, alias) in
        [(&["fast"][..], "Fast.", "Shown fast.", true), (&[], "Slow.", "Shown slowly.", false)]
    {
        let ingested = crate_of(text).features(features).ingest();
        let doc = |path: &str| rows(&ingested, path)[0].doc_comment.clone().unwrap_or_default();
        assert_eq!((doc("it::go").as_str(), doc("it::shown").as_str()), (go, shown));
        assert_eq!(rows(&ingested, "it::go")[0].metadata.contains_key("aliases"), alias);
    }
    let unknown = crate_of(text).ingest();
    assert_eq!(rows(&unknown, "it::go")[0].doc_comment.as_deref(), Some("Fast."));
}
