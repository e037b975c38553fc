//! What tests share: a data folder with packages in it, and a runtime.

use std::path::Path;
use std::sync::Arc;

use zenith_core::Zenith;
use zenith_core::catalog::Finished;
use zenith_core::config::{Config, CredentialPlace};
use zenith_core::embed::{DIMENSIONS, Embedder, StaticModel, symbol_text};
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
        // Files of a shelf are named by the attempt, which no two packages share.
        dataset: Lake::place(scope, id, &attempt(scope, id)),
        embedding_model: shipped().id().to_string(),
        indexed_at_ms: None,
    }
}

fn attempt(scope: &Scope, id: &PackageId) -> String {
    format!("of-{}-{}-{}", scope.prefix(), id.name(), id.version()).replace(['/', '.'], "-")
}

pub fn shipped() -> Arc<dyn Embedder> {
    Arc::new(StaticModel::shipped().unwrap())
}

/// Settings for a data folder, and for a machine without cargo.
pub fn config(data: &Path) -> Config {
    Config {
        publish: Default::default(),
        keys: Default::default(),
        is_data_usual: false,
        data_dir: data.to_path_buf(),
        cargo_home: data.join("no-cargo"),
        cargo: "no-such-cargo".into(),
        rustc: "no-such-rustc".into(),
        tools_dir: data.join("tools"),
        service: None,
        credentials: CredentialPlace::File,
        store: StoreSettings::default(),
        symbols_max: zenith_core::ingest::SYMBOLS_MAX,
        screen: Default::default(),
        unknown: Vec::new(),
        passed_over: Vec::new(),
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
        self.put_rated(scope, package, functions, |_| 100).await;
    }

    /// The same, each as good a result as its number in the list makes it.
    pub async fn put_rated(
        &self,
        scope: &Scope,
        package: &str,
        functions: &[&str],
        quality: impl Fn(usize) -> u8,
    ) {
        let id = PackageId::rust(package, "1.0.0").unwrap();
        let finished = finished(scope, &id);
        self.shelve_rated(scope, &id, &finished.dataset, &finished.embedding_model, functions, quality);
        self.announce(scope, finished).await;
    }

    /// Puts functions of these names on a shelf, as rows of a dataset with vectors of a model.
    pub fn shelve(&self, scope: &Scope, id: &PackageId, dataset: &str, model: &str, functions: &[&str]) {
        self.shelve_rated(scope, id, dataset, model, functions, |_| 100);
    }

    fn shelve_rated(
        &self,
        scope: &Scope,
        id: &PackageId,
        dataset: &str,
        model: &str,
        functions: &[&str],
        quality: impl Fn(usize) -> u8,
    ) {
        let embedded = shipped().embed(functions).unwrap();
        assert_eq!(embedded.len(), functions.len() * DIMENSIONS);
        let mut vectors = QuantizedVectors::default();
        vectors.extend(&embedded);
        let rated = functions.iter().enumerate();
        let rows = rated.map(|(number, name)| function(id.name(), name, quality(number))).collect();
        let (dataset, model) = (dataset.to_string(), model.to_string());
        let shelved = ShelfPackage { id: id.clone(), dataset, model, rows, vectors, parts: Vec::new() };
        self.local.search.shelf(scope).apply(&[shelved], &[]).unwrap();
    }

    /// Puts rows of a package's version into a scope, each with the vector that an item like it has.
    pub async fn put_rows(&self, scope: &Scope, package: &str, version: &str, rows: Vec<ShelfRow>) {
        let id = PackageId::rust(package, version).unwrap();
        let finished = finished(scope, &id);
        let text = |row: &ShelfRow| symbol_text(&row.card.path, &row.card.signature, Some(&row.text));
        let texts: Vec<String> = rows.iter().map(text).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut vectors = QuantizedVectors::default();
        vectors.extend(&shipped().embed(&texts).unwrap());
        let (dataset, model) = (finished.dataset.clone(), finished.embedding_model.clone());
        let shelved = ShelfPackage { id, dataset, model, rows, vectors, parts: Vec::new() };
        self.local.search.shelf(scope).apply(&[shelved], &[]).unwrap();
        self.announce(scope, finished).await;
    }

    /// Makes a package ready in the catalog.
    pub async fn announce(&self, scope: &Scope, finished: Finished) {
        let ids = [finished.id.clone()];
        self.local.catalog.claim(scope, &ids, "test", true, |_| false).await.unwrap();
        self.local.catalog.finish(&[finished], "test").await.unwrap();
    }
}

/// A function as a shelf keeps it.
pub fn function(package: &str, name: &str, quality: u8) -> ShelfRow {
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
        needs: Default::default(),
        only: None,
    };
    ShelfRow { card, quality, ..ShelfRow::default() }
}
