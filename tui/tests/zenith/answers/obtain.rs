//! How one gets an item: its path, its feature, the line that adds its package; each with where that is known from.

use super::{WORKS, workshop};
use crate::support::{Place, Run};

#[test]
fn how_one_gets_an_item_is_told_with_where_it_is_known_from() {
    let place = workshop();
    let facts = |path: &str| -> Vec<(String, String)> {
        let line = place.run(&["show", path, "--json"]).ok().json().remove(0);
        let text = |fact: &serde_json::Value, field: &str| fact[field].as_str().unwrap().to_string();
        let list = line["obtain"].as_array().unwrap().clone();
        assert!(list.iter().all(|fact| !text(fact, "source").is_empty()));
        list.iter().map(|fact| (text(fact, "what"), text(fact, "value"))).collect()
    };
    let of = |list: &[(String, String)], what: &str| -> Option<String> {
        list.iter().find(|(one, _)| one == what).map(|(_, value)| value.clone())
    };
    let roll = facts("wheel_works::roll");
    assert_eq!(of(&roll, "use").as_deref(), Some("use works::roll;"), "as this project calls the package");
    assert_eq!(of(&roll, "feature").as_deref(), Some("turbo; on in this project"));
    assert!(of(&roll, "add").unwrap().ends_with("/works --rename works --features turbo"), "{roll:?}");
    assert_eq!(of(&roll, "msrv").as_deref(), Some("Rust 1.85"));
    assert_eq!(of(&roll, "only"), None);
    #[cfg(unix)]
    {
        let glow = facts("wheel_works::glow");
        assert_eq!(of(&glow, "feature").as_deref(), Some("night; off in this project (night is not on)"));
        assert_eq!(of(&glow, "only").as_deref(), Some("cfg(unix)"));
    }
    let rotate = facts("wheel_works::Wheel::rotate");
    assert_eq!(of(&rotate, "deprecated").as_deref(), Some("since 0.1.0: use `turn`"));
    assert_eq!(of(&rotate, "feature"), None);
    let shown = place.run(&["show", "wheel_works::roll"]).ok();
    assert!(shown.out.contains("feature    turbo; on in this project  (cfg of src/lib.rs:"), "{shown:#?}");
}

/// A condition counts wherever it stands: on the `pub use` that shows an item, around it, and around a module on the way.
#[test]
fn the_features_of_what_shows_an_item_are_told() {
    let place = Place::new();
    let manifest = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    place.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"front\", \"back\", \"app\"]\n");
    place.write("back/Cargo.toml", &manifest("back", ""));
    place.write(
        "back/src/lib.rs",
        "pub fn start() {}\npub struct Gear;\nimpl Gear { pub fn shift(&self) {} }\n",
    );
    let needs = "[features]\nmacros = []\nrt = []\n[dependencies]\nback = { path = \"../back\" }\n";
    place.write("front/Cargo.toml", &manifest("front", needs));
    place.write(
        "front/src/lib.rs",
        "macro_rules! with_rt { ($($item:item)*) => { $( #[cfg(feature = \"rt\")] $item )* } }\n\
         #[cfg(feature = \"macros\")]\npub mod outer {\n    with_rt! { #[cfg(not(test))] pub use back::start as begin; }\n}\n\
         mod inner { pub fn own() {} pub struct Part; impl Part { pub fn turn(&self) {} } }\n\
         #[cfg(all(feature = \"rt\", feature = \"macros\", feature = \"rt\"))]\npub use inner::own;\n\
         with_rt! { #[cfg(feature = \"rt\")] pub use inner::Part; }\n\
         #[cfg(feature = \"macros\")] mod shown { pub use back::*; }\n#[cfg(feature = \"macros\")] pub use shown::Gear;\n",
    );
    let needs = "[dependencies]\nfront = { path = \"../front\", features = [\"macros\"] }\n";
    place.write("app/Cargo.toml", &manifest("app", needs));
    place.write("app/src/lib.rs", "");
    place.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"front\",\n]\n\n\
         [[package]]\nname = \"back\"\nversion = \"0.1.0\"\n\n\
         [[package]]\nname = \"front\"\nversion = \"0.1.0\"\ndependencies = [\n \"back\",\n]\n",
    );
    place.run(&["index"]).ok();
    let rt_is_off = "off in this project (rt is not on)";
    for (path, feature, add) in [
        ("front::outer::begin", Some(format!("macros and rt; {rt_is_off}")), " --features macros,rt"),
        ("front::own", Some(format!("rt and macros; {rt_is_off}")), " --features macros,rt"),
        ("front::Part", Some(format!("rt; {rt_is_off}")), " --features rt"),
        ("front::Part::turn", Some(format!("rt; {rt_is_off}")), " --features rt"),
        ("front::Gear", Some("macros; on in this project".to_string()), " --features macros"),
        ("front::Gear::shift", Some("macros; on in this project".to_string()), " --features macros"),
        ("back::start", None, "back"),
    ] {
        let line = place.run(&["show", path, "--json"]).ok().json().remove(0);
        let fact = |what: &str| {
            let facts = line["obtain"].as_array().unwrap();
            let found: Vec<&str> = facts
                .iter()
                .filter(|fact| fact["what"] == what)
                .map(|fact| fact["value"].as_str().unwrap())
                .collect();
            assert!(found.len() < 2, "{path}: {line:#}");
            found.first().map(ToString::to_string)
        };
        assert_eq!(fact("feature"), feature, "{path}: {line:#}");
        assert!(fact("add").unwrap().ends_with(add), "{path}: {line:#}");
    }
    let found = place.run(&["search", "front::Part", "--limit", "1"]).ok();
    assert!(found.out.contains("off here: needs the feature rt"), "{found:#?}");
}

/// However many items a path means, cargo is asked once, and not at all where none needs a feature.
#[cfg(unix)]
#[test]
fn cargo_is_asked_once_for_all_items_that_are_shown() {
    use std::os::unix::fs::PermissionsExt;
    let place = workshop();
    let modules: String = (0..6)
        .map(|at| {
            format!(
                "pub mod part{at} {{ #[cfg(feature = \"turbo\")] pub fn go() {{}} pub fn stay() {{}} }}\n"
            )
        })
        .collect();
    place.write("works/src/lib.rs", &format!("{WORKS}{modules}"));
    place.run(&["index", "works", "--tier", "public"]).ok();
    let (cargo, log) = (place.project().join("../counting-cargo"), place.project().join("../asked"));
    let real = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_string());
    place.write(
        "../counting-cargo",
        &format!("#!/bin/sh\necho \"$1\" >> '{}'\nexec '{real}' \"$@\"\n", log.display()),
    );
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    let asked = |arguments: &[&str]| {
        let _ = std::fs::remove_file(&log);
        let run = Run::of(place.command(arguments).env("CARGO", &cargo).output().unwrap()).ok();
        (run, std::fs::read_to_string(&log).unwrap_or_default())
    };
    let (shown, log) = asked(&["show", "wheel-works", "go", "--json"]);
    let on = shown
        .json()
        .iter()
        .filter(|line| line["obtain"].to_string().contains("turbo; on in this project"))
        .count();
    assert_eq!((on, log.as_str()), (6, "metadata\n"), "{shown:#?}");
    let (shown, log) = asked(&["show", "wheel-works", "stay", "--json"]);
    assert_eq!((shown.json().len(), log.as_str()), (6, ""), "{shown:#?}");
}
