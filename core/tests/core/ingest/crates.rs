//! Small crates made for a test, as others see them unless the test says otherwise.

use std::fs;

use std::sync::Arc;

use tempfile::TempDir;
use zenith_core::ingest::{Ingested, Ingester, Origin, Source, SourcePackage, SourceSet, SymbolKind};

use super::{discovered, find};

/// Crates in folders of one workspace, removed at the end.
pub struct Crates {
    folder: TempDir,
    set: SourceSet,
}

impl Crates {
    pub fn new() -> Crates {
        Crates { folder: tempfile::tempdir().expect("a temporary folder"), set: SourceSet::default() }
    }

    /// A crate with these files, the first of which is `src/lib.rs`; it knows all that were added
    /// before.
    pub fn with(mut self, name: &str, files: &[(&str, &str)]) -> Crates {
        let root = self.folder.path().join(name);
        for (relative, text) in files {
            let path = root.join(relative);
            fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        let mut package = discovered(Source::Folder(root)).packages.swap_remove(0);
        package.origin = Origin::Dependency;
        let others = self.set.packages.iter().enumerate();
        package.dependencies = others.map(|(at, one)| (one.id.name().to_owned(), at)).collect();
        self.set.packages.push(package);
        self
    }

    /// Changes the crate that was added last.
    pub fn but(mut self, change: impl FnOnce(&mut SourcePackage)) -> Crates {
        change(self.set.packages.last_mut().expect("there is a crate"));
        self
    }

    pub fn features(self, on: &[&str]) -> Crates {
        self.but(|package| package.features = Some(on.iter().map(|&one| one.to_owned()).collect()))
    }

    pub fn own(self) -> Crates {
        self.but(|package| package.origin = Origin::Own)
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What the crate that was added last yields.
    pub fn ingest(&self) -> Ingested {
        Ingester::new(Arc::new(self.set.clone())).ingest(self.set.packages.len() - 1)
    }

    /// What the crate that was added first yields, after the last.
    pub fn ingest_first(&self) -> Ingested {
        let ingester = Ingester::new(Arc::new(self.set.clone()));
        ingester.ingest(self.set.packages.len() - 1);
        ingester.ingest(0)
    }
}

/// A crate of one file.
pub fn crate_of(text: &str) -> Crates {
    Crates::new().with("it", &[("src/lib.rs", text)])
}

/// Every row's path, in order.
pub fn paths(ingested: &Ingested) -> Vec<&str> {
    ingested.symbols.iter().map(|symbol| symbol.path.as_str()).collect()
}

pub fn assert_has(ingested: &Ingested, kind: SymbolKind, wanted: &[&str]) {
    for path in wanted {
        assert!(find(ingested, kind, path).is_some(), "{path} is not in {:?}", paths(ingested));
    }
}

pub fn assert_lacks(ingested: &Ingested, unwanted: &[&str]) {
    for path in unwanted {
        assert!(!paths(ingested).contains(path), "{path} is in {:?}", paths(ingested));
    }
}
