//! How an item is used, by whom, and how one gets it.

mod obtain;
mod versions;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use zenith_core::config::{Config, Overrides};
use zenith_core::embed::StaticModel;
use zenith_core::identity::Identity;
use zenith_core::search::PackageFilter;
use zenith_core::{Among, Asked, Zenith};

use crate::support::{Place, Run};

const WORKS: &str = r#"//! Wheels.
//!
//! ```
//! use wheel_works::Wheel;
//! let wheel = Wheel::new(3);
//! wheel.turn();
//! ```
/// A wheel.
pub struct Wheel { size: u8 }
/// Something that spins.
pub trait Spins { fn spin(&self) {} }
impl Wheel {
    /// Makes one.
    ///
    /// ```
    /// # use wheel_works::Wheel;
    /// let wheel = Wheel::new(7);
    /// assert_eq!(wheel.size(), 7);
    /// ```
    pub fn new(size: u8) -> Wheel { Wheel { size } }
    pub fn size(&self) -> u8 { self.size }
    pub fn turn(&self) {}
    #[deprecated(since = "0.1.0", note = "use `turn`")]
    pub fn rotate(&self) {}
}
impl Spins for Wheel {}
/// Rolls.
#[cfg(feature = "turbo")]
pub fn roll(size: u8) -> Wheel { Wheel::new(size) }
#[cfg(all(feature = "night", unix))]
pub fn glow() {}
"#;

const RIDE: &str = "use wheel_works::Wheel;\nfn main() {\n    // \u{1b}[2J\u{202e}\n    let front = Wheel::new(1);\n    front.turn();\n}\n";

const BIKE: &str = r#"use works::Spins;
pub struct Bike { front: works::Wheel }
impl Spins for Bike {
    fn spin(&self) { self.front.turn(); }
}
pub fn ride() -> u8 {
    let wheel = works::Wheel::new(4);
    wheel.turn();
    works::roll(3).turn();
    wheel.size()
}
pub fn other() { std::collections::VecDeque::<u8>::new().rotate_left(0); }
"#;

/// A workspace of a package that everyone may find, and one that only its owner sees.
fn workshop() -> Place {
    let place = Place::new();
    place.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"works\", \"bike\"]\n");
    place.write(
        "works/Cargo.toml",
        "[package]\nname = \"wheel-works\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.85\"\n\
         [features]\ndefault = []\nturbo = []\nnight = []\n",
    );
    place.write("works/src/lib.rs", WORKS);
    place.write("works/examples/ride.rs", RIDE);
    place.write(
        "bike/Cargo.toml",
        "[package]\nname = \"bike\"\nversion = \"0.2.0\"\nedition = \"2024\"\n[dependencies]\n\
         works = { package = \"wheel-works\", path = \"../works\", features = [\"turbo\"] }\n",
    );
    place.write("bike/src/lib.rs", BIKE);
    place.write(
        "bike/tests/rides.rs",
        "#[test]\nfn it_rides() {\n    assert_eq!(works::Wheel::new(2).size(), 2);\n}\n",
    );
    place.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"bike\"\nversion = \"0.2.0\"\ndependencies = [\n \"wheel-works\",\n]\n\n\
         [[package]]\nname = \"wheel-works\"\nversion = \"0.1.0\"\n",
    );
    place.run(&["index", "works", "--tier", "public"]).ok();
    place.run(&["index", "bike"]).ok();
    place
}

/// What a run tells of each: kind, package, file and line.
fn told(run: &Run) -> Vec<(String, String, String)> {
    let place = |line: &serde_json::Value| format!("{}:{}", line["file"].as_str().unwrap(), line["line"]);
    let text = |line: &serde_json::Value, field: &str| line[field].as_str().unwrap().to_string();
    run.json().iter().map(|line| (text(line, "kind"), text(line, "package"), place(line))).collect()
}

fn expected(list: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    list.iter().map(|(a, b, c)| (a.to_string(), b.to_string(), c.to_string())).collect()
}

#[test]
fn examples_come_from_documentation_examples_own_code_and_tests() {
    let place = workshop();
    let run = place.run(&["examples", "wheel_works::Wheel::new", "--json"]).ok();
    assert_eq!(
        told(&run),
        expected(&[
            ("documentation", "wheel-works", "src/lib.rs:17"),
            ("example", "wheel-works", "examples/ride.rs:2"),
            ("code", "bike", "src/lib.rs:6"),
            ("documentation", "wheel-works", "src/lib.rs:4"),
            ("test", "bike", "tests/rides.rs:1"),
        ]),
        "{run:#?}"
    );
    let first = &run.json()[0];
    assert_eq!(first["code"], "let wheel = Wheel::new(7);\nassert_eq!(wheel.size(), 7);");
    assert_eq!(
        (&first["rank"], &first["certain"], &first["relation"]),
        (&1.into(), &true.into(), &"package".into())
    );
    assert_eq!(run.each("version"), ["0.1.0", "0.1.0", "0.2.0", "0.1.0", "0.2.0"]);

    let few = place.run(&["examples", "wheel-works@0.1.0", "Wheel::new", "--limit", "2", "--json"]).ok();
    assert_eq!(told(&few), told(&run)[..2]);
    let shown = place.run(&["show", "wheel_works::Wheel::new", "--examples", "-n", "2"]).ok();
    assert!(
        shown.out.contains("Makes one.") && shown.out.contains("1  wheel-works@0.1.0 · src/lib.rs:17"),
        "{shown:#?}"
    );
    assert!(
        shown.out.contains("let front = Wheel::new(1);") && !shown.out.contains(['\u{1b}', '\u{202e}']),
        "{shown:#?}"
    );
    let none = place.run(&["examples", "wheel_works::Wheel::rotate"]).ok();
    assert!(none.out.contains("no example of wheel_works::Wheel::rotate"), "{none:#?}");
    for wrong in
        [&["examples", "wheel_works"][..], &["examples", "wheel_works::nothing"], &["examples", "nothing"]]
    {
        let run = place.run(wrong);
        assert!(run.code == Some(1) && run.err.contains("`zenith "), "{run:#?}");
    }
}

#[test]
fn who_uses_an_item_is_told_and_ones_own_code_first() {
    let place = workshop();
    let run = place.run(&["show", "wheel_works::Wheel::turn", "--uses", "--json"]).ok();
    assert_eq!(
        told(&run),
        expected(&[
            ("code", "bike", "src/lib.rs:4"),
            ("code", "bike", "src/lib.rs:8"),
            ("code", "bike", "src/lib.rs:9"),
            ("example", "wheel-works", "examples/ride.rs:5"),
            ("documentation", "wheel-works", "src/lib.rs:6"),
        ])
    );
    assert_eq!(run.each("within")[..3], ["spin", "ride", "ride"]);
    assert_eq!(run.json()[0]["text"], "fn spin(&self) { self.front.turn(); }");
    assert!(run.each("certain").iter().all(|certain| certain == "true"));
    assert!(!run.err.contains("packages"), "how far it is tells a terminal alone: {run:#?}");
    let command = place.command(&["show", "wheel_works::Wheel::turn", "--uses"]);
    let (code, written) = crate::screen::in_terminal(&command, [("2/2 packages", "")]);
    assert_eq!(code, Some(0), "{written}");
    let few = place.run(&["show", "wheel_works::Wheel::turn", "--uses", "-n", "1"]).ok();
    assert!(few.out.contains("and 4 more; `--limit 5` shows all"), "{few:#?}");
}

#[test]
fn implementors_are_told_of_sources_and_of_rows() {
    let place = workshop();
    let run = place.run(&["show", "wheel_works::Spins", "--implementors", "--json"]).ok();
    assert_eq!(run.each("type"), ["Bike", "Wheel"], "{run:#?}");
    assert_eq!(run.each("by"), ["source", "source"]);
    // Without the source the rows say that it may be.
    std::fs::rename(place.project().join("bike"), place.project().join("moved")).unwrap();
    let run = place.run(&["show", "wheel_works::Spins", "--implementors", "--json"]).ok();
    assert_eq!(run.each("type"), ["Bike", "Wheel"], "{run:#?}");
    assert_eq!(
        (run.each("by"), run.each("certain")),
        (vec!["rows".into(), "source".into()], vec!["false".into(), "true".into()])
    );
    let run = place.run(&["show", "wheel_works::Wheel", "--implementors"]);
    assert!(run.code == Some(1) && run.err.contains("no trait"), "{run:#?}");
    let run = place.run(&["show", "wheel_works@0.1::Spins", "--implementors", "--json"]).ok();
    assert_eq!(run.each("type"), ["Bike", "Wheel"], "by the name of its crate, with a version: {run:#?}");
}

/// A workspace of a package, and another that shows what the first declares.
pub fn shop() -> Place {
    let place = Place::new();
    let manifest = |name: &str, needs: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n{needs}"
        )
    };
    place.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"wheels\", \"shop\"]\n");
    place.write("wheels/Cargo.toml", &manifest("wheels", ""));
    place.write(
        "wheels/src/lib.rs",
        "pub trait Spins { fn spin(&self); }\npub struct Hub;\nimpl Spins for Hub { fn spin(&self) {} }\n",
    );
    place.write("shop/Cargo.toml", &manifest("shop", "wheels = { path = \"../wheels\" }\n"));
    place.write(
        "shop/src/lib.rs",
        "pub use wheels::{Hub, Spins};\npub struct Own;\nimpl Spins for Own { fn spin(&self) {} }\n",
    );
    place.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"shop\"\nversion = \"0.1.0\"\ndependencies = [\n \"wheels\",\n]\n\n\
         [[package]]\nname = \"wheels\"\nversion = \"0.1.0\"\n",
    );
    place.run(&["index"]).ok();
    place
}

/// What a facade shows of another package is told of once, as that package's, by whichever name the trait is asked for.
#[test]
fn implementors_that_a_facade_shows_are_told_of_once() {
    let place = shop();
    let rows = place.run(&["show", "shop::Hub::spin", "--json"]).ok();
    assert_eq!(rows.each("file_package"), ["wheels@0.1.0"], "the facade has a row of it: {rows:#?}");
    // By the sources, and where those are gone by the rows.
    for by in ["source", "rows"] {
        for asked in ["shop::Spins", "wheels::Spins"] {
            let run = place.run(&["show", asked, "--implementors", "--json"]).ok();
            let mut told: Vec<_> = run.each("package").into_iter().zip(run.each("type")).collect();
            told.sort();
            let expected =
                [("shop".to_string(), "Own".to_string()), ("wheels".to_string(), "Hub".to_string())];
            assert_eq!(told, expected, "{asked}: {run:#?}");
            assert_eq!(run.each("by"), [by, by]);
        }
        if by == "source" {
            std::fs::rename(place.project().join("wheels"), place.project().join("gone")).unwrap();
            std::fs::rename(place.project().join("shop"), place.project().join("away")).unwrap();
        }
    }
}

/// A trait and the macro that derives it share a path, and so do their uses.
#[test]
fn the_uses_of_a_trait_are_told_beside_those_of_its_derive() {
    let place = Place::new();
    let manifest = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    place.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"spin-derive\", \"spinner\", \"app\"]\n",
    );
    place.write("spin-derive/Cargo.toml", &manifest("spin-derive", "[lib]\nproc-macro = true\n"));
    place.write(
        "spin-derive/src/lib.rs",
        "#[proc_macro_derive(Spin)] pub fn derive_spin(_: proc_macro::TokenStream) -> proc_macro::TokenStream { todo!() }\n",
    );
    let needs = "[dependencies]\nspin-derive = { path = \"../spin-derive\" }\n";
    place.write("spinner/Cargo.toml", &manifest("spinner", needs));
    place.write("spinner/src/lib.rs", "pub use spin_derive::Spin;\n\n\n\npub trait Spin {}\n");
    place.write("app/Cargo.toml", &manifest("app", "[dependencies]\nspinner = { path = \"../spinner\" }\n"));
    place.write(
        "app/src/lib.rs",
        "use spinner::Spin;\n#[derive(Spin)]\npub struct Top;\npub fn f<T: Spin>(_: T) {}\n",
    );
    place.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"spinner\",\n]\n\n\
         [[package]]\nname = \"spin-derive\"\nversion = \"0.1.0\"\n\n\
         [[package]]\nname = \"spinner\"\nversion = \"0.1.0\"\ndependencies = [\n \"spin-derive\",\n]\n",
    );
    place.run(&["index"]).ok();
    let shown = place.run(&["show", "spinner::Spin", "--json"]).ok();
    assert_eq!(shown.each("kind"), ["macro", "trait"], "the macro is the first: {shown:#?}");
    let run = place.run(&["show", "spinner::Spin", "--uses", "--json"]).ok();
    let own: Vec<_> =
        told(&run).into_iter().filter(|(_, package, _)| package == "app").map(|(.., at)| at).collect();
    assert_eq!(own, ["src/lib.rs:1", "src/lib.rs:2", "src/lib.rs:4"], "{run:#?}");
}

/// What one may not see is no example, no use and no implementor.
#[test]
fn the_code_of_others_is_never_shown() {
    let place = workshop();
    let seen = |identity: Identity| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let config = Config::load(Overrides { data_dir: Some(place.data()) }).unwrap();
            let model = Arc::new(StaticModel::shipped().unwrap());
            let zenith = Zenith::open_as(config, identity, model).await.unwrap();
            let entry = zenith.find_packages(&PackageFilter::parse("wheel-works")).await.unwrap().remove(0);
            let mut packages = Vec::new();
            for path in ["Wheel::new", "Wheel", "Spins"] {
                let symbol = zenith.symbol(&entry, path).await.unwrap().remove(0);
                let within = Duration::from_secs(60);
                let asked = Asked { entry: entry.clone(), symbol, project: None, among: Among::All, within };
                let (events, _kept) = tokio::sync::mpsc::unbounded_channel();
                let stop = CancellationToken::new;
                let examples = zenith.examples(&asked, 50, stop()).await.unwrap().found;
                packages.extend(examples.into_iter().map(|one| one.package));
                let uses = zenith.uses(&asked, events.clone(), stop()).await.unwrap().found;
                packages.extend(uses.into_iter().map(|one| one.package));
                let implementors = zenith.implementors(&asked, events, stop()).await.unwrap().found;
                packages.extend(implementors.into_iter().map(|one| one.package));
            }
            packages.sort();
            packages.dedup();
            packages
        })
    };
    assert_eq!(seen(Identity::local()), ["bike", "wheel-works"]);
    for other in [Identity::Anonymous, Identity::user("bob", Some("acme".to_string())).unwrap()] {
        assert_eq!(seen(other), ["wheel-works"]);
    }
}

#[test]
fn what_changed_since_it_was_indexed_is_left_out_and_named() {
    let place = workshop();
    place.write("bike/src/more.rs", "pub fn more() {}\n");
    place.write("bike/src/lib.rs", &format!("mod more;\n{BIKE}"));
    let run = place.run(&["examples", "wheel_works::Wheel::new", "--json"]).ok();
    assert!(run.each("package").iter().all(|package| package == "wheel-works"), "{run:#?}");
    assert!(run.err.contains("bike@0.2.0 is not what was indexed any more"), "{run:#?}");
    place.run(&["index", "bike"]).ok();
    let run = place.run(&["examples", "wheel_works::Wheel::new", "--json"]).ok();
    assert!(run.each("package").contains(&"bike".to_string()), "{run:#?}");
}

/// Where the sources are gone, the rows still have what the documentation shows.
#[test]
fn without_its_source_a_package_shows_its_documentation() {
    let place = workshop();
    std::fs::rename(place.project().join("works"), place.project().join("moved")).unwrap();
    let run = place.run(&["examples", "wheel-works", "Wheel::new", "--json"]).ok();
    let own: Vec<_> = told(&run).into_iter().filter(|(_, package, _)| package == "wheel-works").collect();
    assert_eq!(own.len(), 2, "{run:#?}");
    assert_eq!(run.json()[0]["code"], "let wheel = Wheel::new(7);\nassert_eq!(wheel.size(), 7);");
}

/// A released package of cargo's registry folder.
#[test]
fn a_real_package_shows_how_it_is_used() {
    let place = Place::new();
    place.run(&["index", "bytes"]).ok();
    let run = place.run(&["examples", "bytes::Bytes::slice", "--json"]).ok();
    let first = &run.json()[0];
    assert_eq!(
        (first["kind"].as_str(), first["file"].as_str()),
        (Some("documentation"), Some("src/bytes.rs"))
    );
    assert!(first["code"].as_str().unwrap().contains(".slice("), "{first:#?}");
    assert!(run.json().iter().any(|one| one["kind"] == "test" && one["certain"] == true), "{run:#?}");
    let run = place.run(&["show", "bytes::Buf", "--implementors", "--json"]).ok();
    let types = run.each("type");
    for known in ["Bytes", "BytesMut", "&[u8]", "Take<T>", "Chain<T, U>"] {
        assert!(types.iter().any(|one| one == known), "{known} of {types:?}");
    }
    let facts = place.run(&["show", "bytes::Bytes"]).ok();
    assert!(
        facts.out.contains("use        use bytes::Bytes;") && facts.out.contains("cargo add bytes@1."),
        "{facts:#?}"
    );
}

/// What may be a use is told apart, behind what is one.
#[test]
fn what_may_be_a_use_stands_behind_the_sure_ones() {
    let place = workshop();
    place.write(
        "bike/src/lib.rs",
        &format!("mod more;\n{BIKE}").replace("front: works::Wheel", "pub(crate) front: works::Wheel"),
    );
    place.write(
        "bike/src/more.rs",
        "pub fn far(bike: &crate::Bike) { bike.front.turn(); }\npub fn other(x: X) { x.turn(); }\n",
    );
    place.run(&["index", "bike"]).ok();
    let run = place.run(&["show", "wheel_works::Wheel::turn", "--uses", "--json"]).ok();
    let certain = run.each("certain");
    assert_eq!(certain, [vec!["true"; 5], vec!["false"]].concat(), "{run:#?}");
    assert_eq!(told(&run).last().unwrap().2, "src/more.rs:1");
    let run = place.run(&["show", "wheel_works::Wheel::turn", "--uses"]).ok();
    let (sure, maybe) = run.out.split_once("\nmaybe, by the name of what it is called on (1):\n").unwrap();
    assert!(
        !sure.contains("more.rs") && maybe.contains("src/more.rs:1") && maybe.contains("maybe"),
        "{run:#?}"
    );
}
