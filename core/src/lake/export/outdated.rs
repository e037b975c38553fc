//! Tests: an export that the first version wrote is read, and written anew as a whole.

use bytes::Bytes;
use chrono::Utc;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::data_file::tests::encode_first_version;
use super::seal::seal;
use super::*;
use crate::catalog::CatalogEntry;
use crate::lake::columns::tests::chunks;
use crate::lake::{ApiSymbol, DocChunk, Lake, Put, Store, to_batch};
use crate::package::PackageId;

struct World {
    folder: TempDir,
    store: Store,
    lake: Lake,
    /// The file that the first version wrote.
    old: DataFile,
}

fn id(name: &str) -> PackageId {
    PackageId::rust(name, "1.0.0").unwrap()
}

impl World {
    /// Two packages in one file of the first version: `mine` is still here, `theirs` was brought by another.
    async fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(&folder.path().join("store")).unwrap();
        let lake = Lake::new(folder.path());
        let rows = [chunks(&id("mine")), chunks(&id("theirs"))].concat();
        let (old, bytes) = encode_first_version(&Scope::Public, Table::DocChunks, &to_batch(&rows).unwrap());
        let key = data_key(&Scope::Public, Table::DocChunks, &old.hash).unwrap();
        store.put(&key, bytes, Put::Overwrite).await.unwrap();

        let package = |name: &str, exporter: &str| ExportedPackage {
            id: id(name),
            symbol_count: 0,
            chunk_count: 2,
            attempt: "a1".to_string(),
            indexed_at_ms: 5,
            embedding_model: Some("m".to_string()),
            description: None,
            repo_url: None,
            exported_by: exporter.to_string(),
            symbols: None,
            chunks: Some(old.hash.clone()),
            left_out: None,
        };
        let mut base = Segment::new(Utc::now());
        base.files = vec![old.clone()];
        base.packages = vec![package("mine", "me"), package("theirs", "them")];
        let mut manifest = Manifest::new(&Scope::Public, 7, Utc::now(), base, Vec::new());
        manifest.schema_version = 1;
        manifest.packages.iter_mut().for_each(|one| one.doc_chunks = None);
        let key = manifest_key(&Scope::Public).unwrap();
        store.put(&key, Bytes::from(seal(&manifest).unwrap()), Put::Create).await.unwrap();

        let dataset = Lake::place(&Scope::Public, &id("mine"), "a1");
        let none = to_batch::<ApiSymbol>(&[]).unwrap();
        lake.write::<ApiSymbol>(&dataset, futures::stream::iter([none])).await.unwrap();
        let rows = to_batch(&chunks(&id("mine"))).unwrap();
        lake.write::<DocChunk>(&dataset, futures::stream::iter([rows])).await.unwrap();
        World { folder, store, lake, old }
    }

    fn entry(&self) -> CatalogEntry {
        CatalogEntry {
            chunk_count: 2,
            dataset: Some(Lake::place(&Scope::Public, &id("mine"), "a1")),
            embedding_model: Some("m".to_string()),
            indexed_at_ms: Some(5),
            ..CatalogEntry::ready(Scope::Public, id("mine"))
        }
    }

    async fn export(&self) -> ExportReport {
        let exporter =
            Exporter { store: self.store.clone(), lake: self.lake.clone(), exporter: "me".to_string() };
        let (events, _) = mpsc::unbounded_channel();
        let cancel = CancellationToken::new();
        exporter
            .export(&[self.entry()], &Scope::Public, ExportMode::Incremental, events, &cancel)
            .await
            .unwrap()
    }

    async fn open(&self) -> Export {
        Export::open(&self.store, &Scope::Public).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn an_export_of_the_first_version_is_read() {
    let world = World::new().await;
    let mut export = world.open().await;
    for name in ["mine", "theirs"] {
        let rows = export.package(&id(name)).await.unwrap().unwrap();
        assert_eq!(rows.chunks, chunks(&id(name)));
    }
}

#[tokio::test]
async fn whoever_exports_next_writes_it_anew_with_what_others_brought() {
    let world = World::new().await;
    let report = world.export().await;
    assert_eq!((report.changed, report.sequence, report.packages, report.deltas), (true, 8, 2, 0));
    let mut export = world.open().await;
    assert_eq!(export.manifest.schema_version, SCHEMA_VERSION);
    assert!(
        !export.manifest.files().contains(&(Table::DocChunks, &world.old.hash)),
        "a file of the first version"
    );
    for listed in &export.manifest.packages {
        let file = listed.doc_chunks.as_deref().unwrap();
        let path = world.folder.path().join("store/packages/public").join(file);
        assert!(path.exists(), "{path:?}");
    }
    let theirs = export.manifest.live().get(&id("theirs")).unwrap().1.exported_by.clone();
    assert_eq!(theirs, "them", "it stays theirs");
    for name in ["mine", "theirs"] {
        assert_eq!(export.package(&id(name)).await.unwrap().unwrap().chunks, chunks(&id(name)));
    }
    assert!(!world.export().await.changed, "once is enough");
}

/// What cannot be read is not dropped: who brought it can bring it again.
#[tokio::test]
async fn what_others_brought_and_is_damaged_stays_named() {
    let world = World::new().await;
    let key = data_key(&Scope::Public, Table::DocChunks, &world.old.hash).unwrap();
    world.store.put(&key, Bytes::from_static(b"torn"), Put::Overwrite).await.unwrap();
    let report = world.export().await;
    assert_eq!((report.changed, report.packages), (true, 2));
    let mut export = world.open().await;
    assert_eq!(export.package(&id("mine")).await.unwrap().unwrap().chunks, chunks(&id("mine")));
    assert!(matches!(export.package(&id("theirs")).await, Err(ExportError::Damaged { .. })));
}
