//! What tests share: a data folder with packages in it, and a runtime.

use std::path::Path;
use std::sync::Arc;

use zenith_core::Zenith;
use zenith_core::catalog::Finished;
use zenith_core::config::{Config, CredentialPlace};
use zenith_core::embed::{DIMENSIONS, Embedder, StaticModel};
use zenith_core::identity::{Identity, Scope};
use zenith_core::lake::{Lake, StoreSettings};
use zenith_core::package::PackageId;
use zenith_core::search::shelf::{Card, QuantizedVectors, ShelfPackage, ShelfRow};

/// Runs a test's story on a runtime of its own.
pub fn block_on<T>(story: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(story)
}

/// A package as its indexer would announce it.
pub fn finished(scope: &Scope, id: &PackageId) -> Finished {
    Finished {
        scope: scope.clone(),
        id: id.clone(),
        description: None,
        repo_url: None,
        symbol_count: 0,
        chunk_count: 0,
        dataset: Lake::place(scope, id, &format!("of-{}", scope.prefix().replace('/', "-"))),
        embedding_model: shipped().id().to_string(),
        indexed_at_ms: None,
    }
}

pub fn shipped() -> Arc<dyn Embedder> {
    Arc::new(StaticModel::shipped().unwrap())
}

/// Settings for a data folder, and for a machine without cargo.
pub fn config(data: &Path) -> Config {
    Config {
        data_dir: data.to_path_buf(),
        cargo_home: data.join("no-cargo"),
        cargo: "no-such-cargo".into(),
        rustc: "no-such-rustc".into(),
        tools_dir: data.join("tools"),
        service: None,
        credentials: CredentialPlace::File,
        store: StoreSettings::default(),
        file: data.join("config.toml"),
    }
}

/// A data folder that is removed with its test.
pub struct Folder {
    folder: tempfile::TempDir,
    local: Zenith,
}

impl Folder {
    pub async fn new() -> Folder {
        let folder = tempfile::tempdir().unwrap();
        let local = Zenith::open_as(config(folder.path()), Identity::local(), shipped()).await.unwrap();
        Folder { folder, local }
    }

    pub async fn open_as(&self, identity: Identity) -> Zenith {
        Zenith::open_as(config(self.folder.path()), identity, shipped()).await.unwrap()
    }

    /// Puts a package with functions of these names into a scope: on the shelf and in the catalog.
    pub async fn put(&self, scope: &Scope, package: &str, functions: &[&str]) {
        let id = PackageId::rust(package, "1.0.0").unwrap();
        let finished = finished(scope, &id);
        let embedder = shipped();
        let embedded = embedder.embed(functions).unwrap();
        assert_eq!(embedded.len(), functions.len() * DIMENSIONS);
        let mut vectors = QuantizedVectors::default();
        vectors.extend(&embedded);
        let rows = functions.iter().map(|name| function(package, name)).collect();
        let model = embedder.id().to_string();
        let shelved =
            ShelfPackage { id: id.clone(), dataset: finished.dataset.clone(), model, rows, vectors };
        self.local.search.shelf(scope).apply(&[shelved], &[]).unwrap();
        self.local.catalog.claim(scope, &[id], "test", false, |_| false).await.unwrap();
        self.local.catalog.finish(&[finished], "test").await.unwrap();
    }
}

fn function(package: &str, name: &str) -> ShelfRow {
    let card = Card {
        kind: "fn".to_string(),
        path: format!("{package}::{name}"),
        name: name.to_string(),
        signature: format!("pub fn {name}()"),
        file: "src/lib.rs".to_string(),
        line: 1,
        doc: String::new(),
        aliases: Vec::new(),
        declared_in: None,
    };
    ShelfRow { card, paths: Vec::new(), text: String::new(), quality: 100 }
}
