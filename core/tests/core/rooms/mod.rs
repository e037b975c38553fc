//! Which room may name which: the one declaration, and the test that holds it.
//!
//! A room names only rooms that stand above it here, so there is no circle; and an arrow that is
//! declared is one that the code has, so the list stays true.

mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use self::paths::{Named, named};

/// The crates, by folder, each with those that it may depend on.
const CRATES: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("harness", &["core"]),
    ("spikes", &["core", "harness"]),
    ("tui", &["core", "harness", "spikes"]),
    ("benches", &["core", "harness", "spikes", "tui"]),
];

/// The rooms of the library, each with those that it may name.
const ROOMS: &[(&str, &[&str])] = &[
    ("package", &[]),
    ("words", &[]),
    ("holder", &[]),
    ("http", &[]),
    ("task", &[]),
    ("behind", &[]),
    ("private", &[]),
    ("json", &[]),
    ("embed", &["behind", "words"]),
    ("ingest", &["behind", "http", "package"]),
    ("identity", &["http", "json", "package"]),
    ("catalog", &["holder", "http", "identity", "package", "task"]),
    ("lake", &["catalog", "embed", "http", "identity", "ingest", "package", "task"]),
    ("config", &["http", "identity", "ingest", "lake"]),
    ("session", &["catalog", "config", "http", "identity", "package", "private"]),
    ("search", &["catalog", "embed", "holder", "identity", "ingest", "lake", "package", "words"]),
    ("index", &["catalog", "embed", "holder", "identity", "ingest", "lake", "package", "search"]),
    ("answers", &["catalog", "identity", "ingest", "lake", "package"]),
    ("jobs", &["catalog", "http", "task"]),
    ("publish", &["catalog", "holder", "http", "json", "lake", "package"]),
    ("workspace", &["catalog", "embed", "holder", "http", "identity", "lake", "task"]),
    (
        "zenith",
        &[
            "answers",
            "behind",
            "catalog",
            "config",
            "embed",
            "holder",
            "identity",
            "index",
            "ingest",
            "jobs",
            "lake",
            "package",
            "publish",
            "search",
            "session",
            "workspace",
        ],
    ),
    ("tenancy", &["catalog", "http", "identity", "jobs", "package", "private", "task"]),
    ("service", &["catalog", "config", "holder", "identity", "jobs", "private", "tenancy"]),
    ("doctor", &["catalog", "config", "holder", "identity", "index", "session", "workspace", "zenith"]),
];

/// An arrow, with the places that it comes from.
type Arrows = BTreeMap<(String, String), BTreeSet<PathBuf>>;

#[test]
fn a_room_names_only_what_is_declared() {
    let source = root().join("core/src");
    let mut arrows = Arrows::new();
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let place = file.strip_prefix(&source).unwrap().to_path_buf();
        let Some(room) = room_of(&place) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        for named in named(&place, &text) {
            match named {
                Named::Room(named) => {
                    // What the crate's root hands on comes from the façade.
                    let named = if mods().contains(&named) { named } else { "zenith".to_string() };
                    if named != room {
                        arrows.entry((room.clone(), named)).or_default().insert(place.clone());
                    }
                }
                Named::Hidden(what) => wrong.push(format!("{}: {what}", place.display())),
                Named::Environment if room == "config" => {}
                Named::Environment => {
                    wrong.push(format!("{}: only `config` reads the environment", place.display()));
                }
            }
        }
    }
    let declared: BTreeSet<_> = ROOMS.iter().map(|(room, _)| (*room).to_string()).collect();
    assert_eq!(mods(), declared, "the modules of core/src/lib.rs are the rooms that are declared here");
    wrong.extend(differences(ROOMS, &arrows));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_crate_depends_only_on_what_is_declared() {
    let manifest = |path: &Path| -> toml::Table {
        std::fs::read_to_string(path.join("Cargo.toml")).unwrap().parse().unwrap()
    };
    let workspace = manifest(&root());
    let shared = &workspace["workspace"]["dependencies"];
    let members: BTreeSet<_> =
        workspace["workspace"]["members"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
    assert_eq!(members, CRATES.iter().map(|(name, _)| *name).collect(), "the members are declared here");
    let mut arrows = Arrows::new();
    for member in members {
        let place = PathBuf::from(member).join("Cargo.toml");
        for (name, dependency) in dependencies(&manifest(&root().join(member))) {
            let inherited = dependency.get("workspace").is_some();
            let path = if inherited { shared[&name].get("path") } else { dependency.get("path") };
            let Some(path) = path.and_then(toml::Value::as_str) else { continue };
            let named = Path::new(path).file_name().unwrap().to_str().unwrap().to_string();
            arrows.entry((member.to_string(), named)).or_default().insert(place.clone());
        }
    }
    let wrong = differences(CRATES, &arrows);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The map is read whole by who comes new: a room's decisions stand in its own documentation.
#[test]
fn the_map_is_short_and_names_what_is_there() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(map.lines().count() < 300, "{} lines", map.lines().count());
    let named: Vec<&str> = map.split('`').skip(1).step_by(2).collect();
    let is_file = |named: &&&str| CRATES.iter().any(|(folder, _)| named.starts_with(&format!("{folder}/")));
    for path in named.iter().filter(is_file) {
        assert!(root().join(path).exists(), "{path} is not there");
    }
    for (room, _) in ROOMS {
        let is_named = |path: &&str| {
            [format!("core/src/{room}/"), format!("core/src/{room}.rs")]
                .iter()
                .any(|own| path.starts_with(own))
        };
        assert!(named.iter().any(is_named) || named.contains(&format!("{room}.rs").as_str()), "{room}");
    }
}

#[test]
fn what_is_declared_has_no_circle() {
    for declared in [CRATES, ROOMS] {
        for (at, (room, may_name)) in declared.iter().enumerate() {
            for named in *may_name {
                let above = declared[..at].iter().any(|(above, _)| above == named);
                assert!(above, "`{room}` may name `{named}`, which does not stand above it");
            }
        }
    }
}

/// Arrows that the code has and nobody declared, and those that are declared and not there.
fn differences(declared: &[(&str, &[&str])], arrows: &Arrows) -> Vec<String> {
    let may =
        |from: &str, to: &str| declared.iter().any(|(room, names)| *room == from && names.contains(&to));
    let undeclared = arrows.iter().filter(|((from, to), _)| !may(from, to));
    let undeclared = undeclared.map(|((from, to), places)| {
        let places: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        format!("`{from}` must not name `{to}`: {}", places.join(", "))
    });
    let unused = declared.iter().flat_map(|(from, names)| names.iter().map(move |to| (*from, *to)));
    let unused = unused.filter(|(from, to)| !arrows.contains_key(&((*from).to_string(), (*to).to_string())));
    undeclared.chain(unused.map(|(from, to)| format!("`{from}` no longer names `{to}`"))).collect()
}

/// Every dependency of a manifest: for building, testing, running, and on some platforms alone.
fn dependencies(manifest: &toml::Table) -> Vec<(String, &toml::Value)> {
    let mut found = Vec::new();
    for (key, value) in manifest {
        let Some(table) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            found.extend(table.iter().map(|(name, dependency)| (name.clone(), dependency)));
        } else if key == "target" {
            found.extend(table.values().filter_map(toml::Value::as_table).flat_map(dependencies));
        }
    }
    found
}

/// The modules that the library's root declares.
fn mods() -> BTreeSet<String> {
    let root = std::fs::read_to_string(root().join("core/src/lib.rs")).unwrap();
    let lines = root.lines().filter_map(|line| line.strip_suffix(';'));
    lines.filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")).map(String::from).collect()
}

/// The room that a file below `src` belongs to; none for the root, which declares them.
fn room_of(place: &Path) -> Option<String> {
    let first = place.iter().next()?.to_str()?.trim_end_matches(".rs");
    (first != "lib").then(|| first.to_string())
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
