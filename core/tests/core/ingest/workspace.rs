//! A workspace of small packages, written where a test can say what stands in each file.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use zenith_core::ingest::{Cargo, Ingested, Ingester, Source, SourceSet, discover};

use super::cargo;

pub struct Workspace {
    folder: TempDir,
}

impl Workspace {
    /// Packages by name, with the names of those that each depends on.
    pub fn new(packages: &[(&str, &[&str])]) -> Workspace {
        let workspace = Workspace { folder: tempfile::tempdir().expect("a temporary folder") };
        let names: Vec<String> = packages.iter().map(|(name, _)| format!("{name:?}")).collect();
        let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", names.join(", "));
        workspace.write("Cargo.toml", &manifest);
        let mut lock = "version = 4\n".to_owned();
        for (name, dependencies) in packages {
            let wanted: String =
                dependencies.iter().map(|one| format!("{one} = {{ path = \"../{one}\" }}\n")).collect();
            let manifest = format!(
                "[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2024\"\n\n[dependencies]\n{wanted}"
            );
            workspace.write(&format!("{name}/Cargo.toml"), &manifest);
            workspace.write(&format!("{name}/src/lib.rs"), "");
            let locked: Vec<String> = dependencies.iter().map(|one| format!("{one:?}")).collect();
            let locked = format!("dependencies = [{}]\n", locked.join(", "));
            lock += &format!("\n[[package]]\nname = \"{name}\"\nversion = \"1.2.3\"\n{locked}");
        }
        workspace.write("Cargo.lock", &lock);
        workspace
    }

    /// One package named `one`, with this root file.
    pub fn of_one(lib: &str) -> Workspace {
        Workspace::new(&[("one", &[])]).with("one/src/lib.rs", lib)
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn with(self, relative: &str, text: &str) -> Workspace {
        self.write(relative, text);
        self
    }

    pub fn write(&self, relative: &str, text: &str) {
        let path = self.root().join(relative);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// The packages, with the standard library that `cargo` knows of.
    pub fn set_with(&self, cargo: &Cargo) -> Arc<SourceSet> {
        let source = Source::Lockfile(self.root().join("Cargo.lock"));
        Arc::new(discover(&source, cargo).expect("the lockfile is usable"))
    }

    pub fn ingest(&self, name: &str) -> Ingested {
        ingest(&self.set_with(&cargo()), name)
    }
}

pub fn ingest(set: &Arc<SourceSet>, name: &str) -> Ingested {
    let at = set.packages.iter().position(|package| package.id.name() == name);
    Ingester::new(set.clone()).ingest(at.expect("the package is in the set"))
}
