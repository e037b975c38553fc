//! The crates of a package, as cargo would find them: those that the manifest lists, and those that
//! lie where crates lie.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Target;
use super::manifest::package_table;

/// Crates of one kind beside the library.
struct Sort {
    /// As cargo names it, and the table that lists them.
    kind: &'static str,
    folder: &'static str,
    /// The switch that turns the looking off.
    switch: &'static str,
}

const SORTS: [Sort; 4] = [
    Sort { kind: "bin", folder: "src/bin", switch: "autobins" },
    Sort { kind: "example", folder: "examples", switch: "autoexamples" },
    Sort { kind: "test", folder: "tests", switch: "autotests" },
    Sort { kind: "bench", folder: "benches", switch: "autobenches" },
];

/// Found files of one kind; more are not crates that anyone wrote.
const FOUND_MAX: usize = 2_000;

/// The library and the other crates of the package at `root`, those whose root file is there.
pub(super) fn of(root: &Path, manifest: &Table, name: &str) -> Vec<Target> {
    let mut targets = vec![library(root, manifest, name)];
    for sort in &SORTS {
        let listed = listed(root, manifest, sort, name);
        let found = found(root, manifest, sort, name);
        let new =
            |target: &Target| !listed.iter().any(|one| one.name == target.name || one.entry == target.entry);
        let found: Vec<Target> = found.into_iter().filter(new).collect();
        targets.extend(listed);
        targets.extend(found);
    }
    targets.retain(|target| target.entry.is_file());
    targets
}

fn library(root: &Path, manifest: &Table, name: &str) -> Target {
    let library = manifest.get("lib").and_then(Value::as_table);
    let field = |key: &str| library.and_then(|library| library.get(key));
    let procedural = field("proc-macro").or_else(|| field("proc_macro")).and_then(Value::as_bool);
    let types = field("crate-type").or_else(|| field("crate_type")).and_then(Value::as_array);
    let types: Vec<String> =
        types.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let kinds = match (procedural, types.is_empty()) {
        (Some(true), _) => vec!["proc-macro".to_owned()],
        (_, true) => vec!["lib".to_owned()],
        (_, false) => types,
    };
    Target {
        name: field("name").and_then(Value::as_str).unwrap_or(name).to_owned(),
        kinds,
        entry: root.join(field("path").and_then(Value::as_str).unwrap_or("src/lib.rs")),
    }
}

fn target(sort: &Sort, name: &str, entry: PathBuf) -> Target {
    Target { name: name.to_owned(), kinds: vec![sort.kind.to_owned()], entry }
}

/// The crates that a table lists, each at its path or where one of its name lies.
fn listed(root: &Path, manifest: &Table, sort: &Sort, package: &str) -> Vec<Target> {
    let entries = manifest.get(sort.kind).and_then(Value::as_array).into_iter().flatten();
    entries
        .filter_map(|entry| {
            let field = |key: &str| entry.get(key).and_then(Value::as_str);
            let path = field("path").map(|path| root.join(path));
            let name = field("name").or_else(|| Path::new(field("path")?).file_stem()?.to_str())?;
            let folder = root.join(sort.folder);
            let own = (sort.kind == "bin" && name == package).then(|| root.join("src/main.rs"));
            let usual = [folder.join(format!("{name}.rs")), folder.join(name).join("main.rs")];
            let entry = path.or_else(|| usual.into_iter().chain(own).find(|path| path.is_file()))?;
            Some(target(sort, name, entry))
        })
        .collect()
}

/// The crates that lie in their folder: `NAME.rs` and `NAME/main.rs`.
fn found(root: &Path, manifest: &Table, sort: &Sort, package: &str) -> Vec<Target> {
    let switch = package_table(manifest).and_then(|package| package.get(sort.switch));
    if switch.and_then(Value::as_bool) == Some(false) {
        return Vec::new();
    }
    let entries = fs::read_dir(root.join(sort.folder)).into_iter().flatten().flatten();
    let mut found: Vec<Target> = entries
        .take(FOUND_MAX)
        .filter_map(|entry| {
            let path = entry.path();
            let name = path.file_stem()?.to_str()?.to_owned();
            match path.is_dir() {
                true => Some(target(sort, path.file_name()?.to_str()?, path.join("main.rs"))),
                false => (path.extension()? == "rs").then(|| target(sort, &name, path)),
            }
        })
        .collect();
    found.sort_by(|a, b| a.entry.cmp(&b.entry));
    if sort.kind == "bin" {
        found.insert(0, target(sort, package, root.join("src/main.rs")));
    }
    found
}
