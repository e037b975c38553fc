//! Ingest over crates: small ones made for it, hostile ones, and the ones this workspace builds on.

mod aliases;
mod changes;
mod chosen;
mod corners;
mod coverage;
mod crates;
mod discovery;
mod features;
mod golden;
#[cfg(unix)]
mod hostile;
mod macros;
mod names;
mod patches;
mod projects;
mod real;
mod rustdoc;
#[cfg(unix)]
mod standard;
mod syntax;
mod texts;
mod untouched;
mod workspace;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zenith_core::ingest::{
    Cargo, Ingested, Ingester, Origin, Source, SourceSet, Symbol, SymbolKind, discover,
};

/// The workspace's folder.
fn workspace() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let root = root.canonicalize().expect("the workspace has a lockfile");
    root.parent().expect("a file is in a folder").to_owned()
}

fn fixtures() -> PathBuf {
    workspace().join("fixtures")
}

/// The cargo that runs this test.
fn cargo() -> Cargo {
    let program = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    // What the toolchain at hand has is not for these tests to find.
    Cargo { program, home: home.expect("cargo has a home"), rustc: "no-such-rustc".into() }
}

fn discovered(source: Source) -> SourceSet {
    discover(&source, &cargo()).expect("the source is usable")
}

/// The fixture crates, as their author sees them or (`Dependency`) as others do.
fn fixture_crates(origin: Origin) -> Arc<SourceSet> {
    let mut set = discovered(Source::Folder(fixtures().join("crates")));
    for package in &mut set.packages {
        package.origin = origin;
    }
    Arc::new(set)
}

fn ingested(set: &Arc<SourceSet>, name: &str) -> Ingested {
    let at = set.packages.iter().position(|package| package.id.name() == name);
    Ingester::new(set.clone()).ingest(at.expect("the package is in the set"))
}

fn find<'a>(ingested: &'a Ingested, kind: SymbolKind, path: &str) -> Option<&'a Symbol> {
    ingested.symbols.iter().find(|symbol| symbol.kind == kind && symbol.path == path)
}
