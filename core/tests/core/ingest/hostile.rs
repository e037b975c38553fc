//! Files made to break a reader: each is passed over and counted, and what stands beside it stays.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use zenith_core::ingest::{Cargo, Ingested, Ingester, SkipReason, Source, SymbolKind, discover};

use super::{cargo, discovered, find};

/// A package in a folder of its own, removed at the end.
struct Package {
    folder: TempDir,
}

impl Package {
    fn new(lib: &str) -> Package {
        let package = Package { folder: tempfile::tempdir().expect("a temporary folder") };
        package.write("src/lib.rs", lib.as_bytes());
        package
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, relative: impl AsRef<Path>, content: &[u8]) {
        let path = self.root().join(relative);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, content).expect("a file can be written");
    }

    fn ingest(&self) -> Ingested {
        let set = Arc::new(discovered(Source::Folder(self.root().to_owned())));
        Ingester::new(set).ingest(0)
    }
}

/// That everything but `reason` went well, and the function `well` beside the trouble is there.
fn assert_passed_over(ingested: &Ingested, reason: SkipReason, times: usize) {
    assert_eq!(ingested.skipped.get(&reason), Some(&times), "{:?}", ingested.skipped);
    assert_eq!(ingested.skipped.len(), 1, "{:?}", ingested.skipped);
    assert!(ingested.symbols.iter().any(|symbol| symbol.name == "well"), "{:?}", ingested.symbols);
}

#[test]
fn binary_huge_and_deep_files() {
    for (content, reason) in [
        (b"pub fn a() {}\0".to_vec(), SkipReason::NotText),
        (b"pub fn \xff() {}".to_vec(), SkipReason::NotText),
        ("// ".repeat(4 << 20).into_bytes(), SkipReason::TooLarge),
        ("mod a { ".repeat(100_000).into_bytes(), SkipReason::TooDeep),
        ("(".repeat(1_000_000).into_bytes(), SkipReason::TooDeep),
        (["type A = ", &"<".repeat(200_000)].concat().into_bytes(), SkipReason::Unparsable),
    ] {
        let package = Package::new("mod bad; pub fn well() {}");
        package.write("src/bad.rs", &content);
        let ingested = package.ingest();
        if reason == SkipReason::Unparsable {
            // Whether the parser gives up on it or makes something of it is its own affair.
            assert!(ingested.symbols.iter().any(|symbol| symbol.name == "well"));
        } else {
            assert_passed_over(&ingested, reason, 1);
        }
    }
}

#[test]
fn broken_code_keeps_what_can_be_read() {
    let package = Package::new("pub fn well() {}\n}}} pub struct ; fn (\npub fn after() {}\n\"unclosed");
    let ingested = package.ingest();
    assert!(ingested.symbols.iter().any(|symbol| symbol.name == "well"));
    for garbage in [
        "\u{feff}",
        "#[",
        "#[doc = ",
        "/*",
        "/**",
        "r#\"",
        "'",
        "'\\",
        "macro",
        "pub macro x(",
        "use {",
        "impl",
    ] {
        Package::new(garbage).ingest();
        Package::new(&format!("pub fn well() {{}}\n{garbage}")).ingest();
    }
}

#[test]
fn every_prefix_of_real_code_is_survived() {
    let path = super::fixtures().join("crates/constructs/src/lib.rs");
    let text = fs::read_to_string(path).expect("the fixture is there");
    let package = Package::new("");
    for end in (0..text.len()).step_by(23).filter(|&end| text.is_char_boundary(end)) {
        package.write("src/lib.rs", &text.as_bytes()[..end]);
        package.ingest();
    }
}

#[test]
fn nothing_is_read_outside_the_package() {
    let outside = Package::new("pub fn secret() {}");
    let package = Package::new(
        "mod linked;\n#[path = \"../../outside.rs\"]\nmod named;\npub fn well() {}\n#[doc = include_str!(\"../../README.md\")]\npub fn documented() {}",
    );
    symlink(outside.root().join("src/lib.rs"), package.root().join("src/linked.rs"))
        .expect("a link can be made");
    symlink(outside.root(), package.root().join("docs")).expect("a link can be made");
    outside.write("README.md", b"secret words");
    symlink(outside.root().join("README.md"), package.root().join("README.md")).expect("a link can be made");
    let ingested = package.ingest();
    // The linked module, the linked folder and the linked README; and what would lie outside.
    let passed_over = [(SkipReason::OutsidePackage, 3), (SkipReason::NoFile, 1)];
    assert_eq!(ingested.skipped, BTreeMap::from(passed_over));
    assert!(ingested.symbols.iter().any(|symbol| symbol.name == "well"));
    assert!(find(&ingested, SymbolKind::Fn, "secret").is_none());
    assert!(!format!("{ingested:?}").contains("secret"));
}

#[test]
fn a_link_that_stays_inside_is_followed() {
    let package = Package::new("mod linked; pub fn well() {}");
    package.write("src/real.rs", b"pub fn through_the_link() {}");
    symlink(package.root().join("src/real.rs"), package.root().join("src/linked.rs"))
        .expect("a link can be made");
    let ingested = package.ingest();
    assert!(ingested.skipped.is_empty());
    assert!(ingested.symbols.iter().any(|symbol| symbol.name == "through_the_link"));
}

#[test]
fn modules_imports_and_macros_that_lead_to_themselves_end() {
    let package = Package::new("#[path = \"lib.rs\"] mod again; pub fn well() {}");
    assert_passed_over(&package.ingest(), SkipReason::TooDeep, 1);

    let package = Package::new("pub mod a; pub fn well() {}");
    package.write("src/a.rs", b"#[path = \"a/b.rs\"] pub mod b;");
    package.write("src/a/b.rs", b"#[path = \"../a.rs\"] pub mod a;");
    assert_passed_over(&package.ingest(), SkipReason::TooDeep, 1);

    let package = Package::new("include!(\"lib.rs\"); pub fn well() {}");
    assert_passed_over(&package.ingest(), SkipReason::TooDeep, 1);

    let package = Package::new("macro_rules! m { () => { pub fn well() {} m!(); } }\nm!();");
    assert_passed_over(&package.ingest(), SkipReason::TooDeep, 1);

    let text = "pub use a::*; pub mod a { pub use super::*; pub use super::b::x as y; }\n\
                pub mod b { pub use super::a::y as x; pub use super::a::*; pub use self::c as c; } pub fn well() {}";
    let ingested = Package::new(text).ingest();
    assert!(ingested.skipped.is_empty());
    assert_eq!(ingested.symbols.iter().filter(|symbol| symbol.name == "well").count(), 1);
}

#[test]
fn modules_that_all_show_one_another_end() {
    let names: String = (0..200).map(|n| format!("pub const A{n}: u8 = 0; ")).collect();
    let globs: String = (0..200).map(|n| format!("pub use super::m{n}::*; ")).collect();
    let modules: String = (0..200)
        .map(|n| {
            format!("pub mod m{n} {{ {globs} pub mod own{n} {{ {names} }} pub use self::own{n}::*; }}\n")
        })
        .collect();
    let ingested = Package::new(&format!("{modules} pub fn well() {{}}")).ingest();
    assert!(ingested.symbols.iter().any(|symbol| symbol.name == "well"));
}

#[test]
fn a_long_chain_of_packages_ends() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let count = 3_000;
    let mut lock = "version = 4\n".to_owned();
    let mut members = Vec::new();
    for n in 0..count {
        let root = folder.path().join(format!("p{n}"));
        fs::create_dir_all(root.join("src")).expect("a folder can be made");
        let manifest = format!("[package]\nname = \"p{n}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        fs::write(root.join("Cargo.toml"), manifest).expect("a file can be written");
        let text = format!("pub use p{}::*; pub fn well{n}() {{}}", n + 1);
        fs::write(root.join("src/lib.rs"), text).expect("a file can be written");
        lock += &format!("[[package]]\nname = \"p{n}\"\nversion = \"0.1.0\"\n");
        lock += &format!("dependencies = [\"p{}\"]\n", (n + 1) % count);
        members.push(format!("\"p{n}\""));
    }
    let workspace = format!("[workspace]\nmembers = [{}]\n", members.join(", "));
    fs::write(folder.path().join("Cargo.toml"), workspace).expect("a file can be written");
    fs::write(folder.path().join("Cargo.lock"), lock).expect("a file can be written");
    let absent = Cargo { program: "no-such-cargo".into(), ..cargo() };
    let source = Source::Lockfile(folder.path().join("Cargo.lock"));
    let set = discover(&source, &absent).expect("the lockfile is usable");
    assert_eq!(set.packages.len(), count);
    let ingester = Ingester::new(Arc::new(set));
    for at in [0, count / 2, count - 1] {
        assert!(ingester.ingest(at).symbols.iter().any(|symbol| symbol.name.starts_with("well")));
    }
}

#[test]
fn what_doubles_at_every_step_ends() {
    for doubling in [
        "macro_rules! m { () => { m!(); m!(); } }\nm!();",
        "macro_rules! m { ($($x:tt)*) => { m! { $($x)* $($x)* } } }\nm! { a b c d }",
        "macro_rules! m { ($($x:ident)*) => { $( m! { $x $x } )* } }\nm! { a b c d e f g h }",
        "macro_rules! m { ($a:ty) => { m! { ($a, $a) } } }\nm! { u8 }",
    ] {
        let ingested = Package::new(&format!("{doubling} pub fn well() {{}}")).ingest();
        assert!(
            ingested.skipped.contains_key(&SkipReason::TooManyCalls),
            "{doubling}: {:?}",
            ingested.skipped
        );
        assert!(ingested.symbols.iter().any(|symbol| symbol.name == "well"));
    }
}

/// Few steps make much text of it: none of it counts, so that no half of a call does.
#[test]
fn a_call_that_stands_for_too_much_text_is_passed_over_whole() {
    let body = "y".repeat(2_000);
    let names: String = (0..600).map(|n| format!("f{n} ")).collect();
    let text = format!(
        "macro_rules! m {{ ($($x:ident)*) => {{ $(pub fn $x() {{ \"{body}\"; }})* }} }}\nm! {{ {names} }}\npub fn well() {{}}"
    );
    let ingested = Package::new(&text).ingest();
    assert_passed_over(&ingested, SkipReason::TooManyCalls, 1);
    let names: Vec<&str> = ingested.symbols.iter().map(|symbol| &*symbol.name).collect();
    assert!(names.contains(&"well") && !names.contains(&"f0"), "{names:?}");
}

#[test]
fn macros_made_to_cost_time_end() {
    let nested = "$(".repeat(60) + "$x:tt" + &")*".repeat(60);
    let deep_type = "Vec<".repeat(3_000) + &">".repeat(3_000);
    let tuples = "&(".repeat(200) + &")".repeat(200);
    let arms = "(a $($x:tt)* b) => {};".repeat(2_000);
    let many = "x ".repeat(100_000);
    let items = "($a:item) => {};".repeat(4_000);
    let variables: String = (0..10_000).map(|n| format!("$a{n}:tt ")).collect();
    let bound: String = (0..10_000).map(|n| format!("$a{n}:ident, ")).collect();
    for (rules, argument) in [
        (format!("({nested}) => {{}};"), many.clone()),
        (format!("({nested}) => {{}};"), String::new()),
        ("($($a:ty),*) => { $(pub fn f(a: $a);)* };".to_owned(), deep_type),
        ("($($a:ty),*) => {};".to_owned(), tuples),
        (arms, format!("a {many}")),
        (items.clone(), format!("struct {many}")),
        (items, format!("{}!", "a::".repeat(100_000))),
        (format!("($(x $(y {variables})?)*) => {{}};"), many.clone()),
        (format!("($($x:ident)* {bound}) => {{ $( $(pub struct $x;)* )* }};"), many.clone()),
        ("($($a:tt)*) => { $($($a)*)* };".to_owned(), "x".to_owned()),
        ("($a:ident $a:ident) => { pub struct $a; };".to_owned(), "X Y".to_owned()),
        ("($($a:ident)* ; $($b:ident)*) => { $(pub struct $a $b;)* };".to_owned(), "X Y ; Z".to_owned()),
        ("($".to_owned(), "x".to_owned()),
        (
            "($a) => { $a }; ($a:) => {}; ($a:no) => {}; ($(a)) => {}; ($(a),) => {}".to_owned(),
            "x".to_owned(),
        ),
        ("() => { $crate $ $( $) ${count(x)} }".to_owned(), String::new()),
        ("($($a:vis)*) => { $($a)* };".to_owned(), "x".to_owned()),
        ("($($($a:vis)*)*) => {};".to_owned(), "pub x".to_owned()),
    ] {
        let text = format!("macro_rules! m {{ {rules} }}\nm! {{ {argument} }}\npub fn well() {{}}");
        Package::new(&text).ingest();
        let text =
            format!("pub fn well() {{}}\nmacro_rules! m {{ {rules} }}\nimpl X {{ m! {{ {argument} }} }}");
        let ingested = Package::new(&text).ingest();
        assert!(
            ingested.symbols.iter().any(|symbol| symbol.name == "well"),
            "{}",
            &rules[..rules.len().min(80)]
        );
    }
    // A name that is defined and called very often.
    let text = "macro_rules! m { ($x:ident) => { pub fn $x() {} } }\nm!(a);\n".repeat(5_000);
    assert!(
        Package::new(&format!("{text} pub fn well() {{}}"))
            .ingest()
            .symbols
            .iter()
            .any(|one| one.name == "well")
    );
}

#[test]
fn what_is_looked_for_in_vain_behind_and_before_every_word_ends() {
    let bytes = (8 << 20) - 64;
    for words in ["trait ", "pub type ", ") type "] {
        let package = Package::new("mod bad; pub fn well() {}");
        package.write("src/bad.rs", words.repeat(bytes / words.len()).as_bytes());
        assert!(package.ingest().symbols.iter().any(|symbol| symbol.name == "well"), "{words}");
    }
}

#[test]
fn every_prefix_of_a_macros_call_is_survived() {
    let path = super::fixtures().join("crates/macros/src/definitions.rs");
    let definitions = fs::read_to_string(path).expect("the fixture is there");
    let call =
        "functions! { /// How many.\n fn count() -> Vec<&'static (dyn Fn(u8) -> [u8; 2] + 'static)>; }";
    let package = Package::new("");
    for end in (0..call.len()).filter(|&end| call.is_char_boundary(end)) {
        package.write("src/lib.rs", format!("{definitions}\n{}", &call[..end]).as_bytes());
        package.ingest();
    }
    for end in (0..definitions.len()).step_by(7) {
        package.write("src/lib.rs", format!("{}\n{call}", &definitions[..end]).as_bytes());
        package.ingest();
    }
}

// Other systems refuse to make such a name.
#[cfg(target_os = "linux")]
#[test]
fn odd_names_are_passed_over() {
    let package = Package::new("pub fn well() {}");
    package.write("docs/two\nlines.md", b"# A\n\nText.");
    package.write(
        Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"docs/\xff.md")),
        b"# B\n\nText.",
    );
    package.write(format!("docs/{}.md", "x".repeat(240)), b"# C\n\nText.");
    let ingested = package.ingest();
    assert_passed_over(&ingested, SkipReason::OddName, 2);
    assert_eq!(ingested.chunks.len(), 1);
}
