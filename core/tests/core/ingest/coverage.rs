//! Everything public that rustdoc knows of a crate has a row.
//!
//! `scripts/coverage` has rustdoc write its JSON for the most used crates of the lockfile, compares,
//! and writes `fixtures/coverage` anew: rustdoc's lists of a few crates whose items are named by
//! macros. These are compared in every test run, without rustdoc.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use zenith_core::ingest::{Ingested, Ingester, Source, SourceSet};

use super::rustdoc::{self, Documented, Item};
use super::{discovered, fixtures, workspace};

static SET: LazyLock<Arc<SourceSet>> =
    LazyLock::new(|| Arc::new(discovered(Source::Lockfile(workspace().join("Cargo.lock")))));
static INGESTER: LazyLock<Ingester> = LazyLock::new(|| Ingester::new(SET.clone()));

/// Crates of which the lists are committed: small ones, and each names its items through other macros.
const LISTED: [&str; 8] =
    ["arrow-schema", "bitflags", "byteorder", "bytes", "fastrand", "half", "http", "num-traits"];
/// What share of rustdoc's items has a row in the crates that `scripts/coverage` asks for.
const SHARE_MIN: f64 = 0.99;

/// The rows' paths, all of those that a row knows. rustdoc tells raw names without their mark.
fn paths(ingested: &Ingested) -> HashSet<String> {
    let more = ingested.symbols.iter().filter_map(|symbol| symbol.metadata.get("paths")?.as_array());
    let more = more.flatten().filter_map(|path| path.as_str());
    let all = ingested.symbols.iter().map(|symbol| symbol.path.as_str()).chain(more);
    all.map(|path| path.replace("r#", "")).collect()
}

pub(super) fn ingested(name: &str, version: &str) -> Option<(Ingested, PathBuf)> {
    let is_it = |id: &zenith_core::package::PackageId| {
        id.version() == version && id.name().replace('-', "_") == name.replace('-', "_")
    };
    let at = SET.packages.iter().position(|package| is_it(&package.id))?;
    Some((INGESTER.ingest(at), SET.packages[at].root.clone()))
}

#[test]
fn the_public_items_of_listed_crates_have_rows() {
    let mut missing = Vec::new();
    for name in LISTED {
        let file = fixtures().join("coverage").join(format!("{name}.txt"));
        let text = fs::read_to_string(&file).expect("scripts/coverage wrote the list");
        let mut lines = text.lines();
        let version =
            lines.next().and_then(|first| first.strip_prefix("# ")).expect("its version comes first");
        let (ingested, _) = ingested(name, version)
            .unwrap_or_else(|| panic!("{name} {version} is not locked: run scripts/coverage again"));
        let found = paths(&ingested);
        missing.extend(lines.filter(|path| !found.contains(*path)).map(str::to_owned));
    }
    assert!(missing.is_empty(), "{} items without a row: {missing:#?}", missing.len());
}

/// Why an item has no row, as far as its place tells.
fn cause(item: &Item, root: &Path) -> &'static str {
    let path =
        if Path::new(&item.file).is_absolute() { PathBuf::from(&item.file) } else { root.join(&item.file) };
    if path.components().any(|part| part.as_os_str() == "out") && !path.starts_with(root) {
        return "in a file that a build script writes";
    }
    let Ok(text) = fs::read_to_string(&path) else { return "in a file that is not the package's" };
    let line = text.lines().nth(item.line.saturating_sub(1) as usize).unwrap_or_default().trim();
    match line {
        _ if line.starts_with("#[") => "by an attribute or a derive",
        _ if line.contains('!') => "by a macro",
        _ => "declared in plain sight",
    }
}

#[test]
#[ignore = "needs rustdoc's JSON: run scripts/coverage"]
fn the_public_items_of_the_most_used_crates_have_rows() {
    let folder =
        PathBuf::from(std::env::var_os("ZENITH_RUSTDOC").expect("scripts/coverage names the folder"));
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder is readable")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let (mut all, mut found_of_all) = (0, 0);
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut table = String::new();
    let mut list = String::new();
    for file in &files {
        let Documented { name, version, items } = rustdoc::read(file);
        let Some((ingested, root)) = ingested(&name, &version) else {
            println!("{name} {version} is not a package of the lockfile by that name");
            continue;
        };
        let found = paths(&ingested);
        let has_row = |item: &&Item| item.paths.iter().any(|path| found.contains(path.as_str()));
        let (present, missing): (Vec<&Item>, Vec<&Item>) = items.iter().partition(has_row);
        all += items.len();
        found_of_all += present.len();
        writeln!(table, "{:>6} of {:>6}  {name} {version}", present.len(), items.len())
            .expect("a string takes all");
        for item in missing {
            let cause = cause(item, &root);
            *causes.entry(cause).or_default() += 1;
            writeln!(list, "{cause}: {} {} at {}:{}", item.kind, item.paths[0], item.file, item.line)
                .expect("a string takes all");
        }
        let listed = LISTED.into_iter().find(|one| one.replace('-', "_") == name);
        if let Some(listed) = listed.filter(|_| std::env::var_os("ZENITH_BLESS").is_some()) {
            let mut paths: Vec<&str> = items.iter().map(|item| item.paths[0].as_str()).collect();
            paths.sort_unstable();
            paths.dedup();
            let target = fixtures().join("coverage").join(format!("{listed}.txt"));
            fs::write(target, format!("# {version}\n{}\n", paths.join("\n")))
                .expect("the list can be written");
        }
    }
    fs::write(folder.join("missing.txt"), &list).expect("the list can be written");
    let share = found_of_all as f64 / all.max(1) as f64;
    println!("{table}{found_of_all} of {all} public items have a row: {:.2} %", share * 100.0);
    for (cause, count) in causes {
        println!("{count:>6}  {cause}");
    }
    println!("what has none is listed in {}", folder.join("missing.txt").display());
    assert!(share >= SHARE_MIN, "fewer than {:.0} % have a row", SHARE_MIN * 100.0);
}
