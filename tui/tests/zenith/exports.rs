//! Sharing an index by exports, through the lab's bucket and over the wire.

mod collect;
mod cut;
mod damage;
mod killed;
mod named;
mod promises;
mod readers;
mod services;
#[cfg(unix)]
mod stopped;
mod story;
mod words;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::catalog::Status;
use zenith_core::config::{Config, Overrides};
use zenith_core::identity::Scope;
use zenith_core::index::ImportReport;
use zenith_core::lake::PackageRows;
use zenith_core::lake::export::{Export, ExportMode, ExportReport};
use zenith_core::lake::{Store, StoreSettings};
use zenith_core::package::Tier;
use zenith_core::search::SearchRequest;
use zenith_core::{Zenith, ZenithError};
use zenith_harness::lab::Bucket;

use crate::support::{Place, store_settings, with_store};

const LOCATION: &str = "s3://zenith/team";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A bucket, and a folder below which each user has their data.
struct World {
    runtime: Runtime,
    folder: TempDir,
    bucket: Bucket,
}

impl World {
    fn new() -> World {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let bucket = runtime.block_on(Bucket::start(&folder.path().join("s3"), "zenith")).unwrap();
        World { runtime, folder, bucket }
    }

    fn settings(&self) -> StoreSettings {
        store_settings(&self.bucket, LOCATION)
    }

    fn store(&self) -> Store {
        Store::open(&self.settings(), self.folder.path()).unwrap()
    }

    /// A data folder, opened with this bucket as its store.
    fn open(&self, data: PathBuf) -> Zenith {
        let overrides = Overrides { data_dir: Some(data) };
        let config = Config { store: self.settings(), ..Config::load(overrides).unwrap() };
        self.runtime.block_on(Zenith::open(config)).unwrap()
    }

    /// A new user with nothing.
    fn newcomer(&self, name: &str) -> Zenith {
        self.open(self.folder.path().join(name))
    }

    /// The program in a place, with this bucket as its store.
    fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = place.command(arguments);
        with_store(&mut command, &self.bucket, LOCATION);
        command
    }

    /// Has the bucket asked again what it promises, the next time that something relies on it.
    fn forget_verdicts(&self, place: &Place) {
        // None is kept of a probe that failed.
        let _ = std::fs::remove_dir_all(place.data().join("probed"));
    }

    fn export(&self, zenith: &Zenith, tier: Tier, mode: ExportMode) -> Result<ExportReport, ZenithError> {
        let (events, _) = mpsc::unbounded_channel();
        self.runtime.block_on(zenith.export(tier, mode, events, CancellationToken::new()))
    }

    fn import(&self, zenith: &Zenith, tier: Tier) -> Result<ImportReport, ZenithError> {
        let (events, _) = mpsc::unbounded_channel();
        self.runtime.block_on(zenith.import(tier, None, DAY, events, CancellationToken::new()))
    }

    /// Everything that the export of a scope holds, each row of it verified; with its number.
    fn contents(&self, scope: &Scope) -> (u64, Vec<(String, PackageRows)>) {
        self.runtime.block_on(async {
            let mut export = Export::open(&self.store(), scope).await.unwrap().unwrap();
            let ids: Vec<_> = export.manifest.live().keys().map(|id| (*id).clone()).collect();
            let mut rows = Vec::new();
            for id in ids {
                rows.push((id.to_string(), export.package(&id).await.unwrap().unwrap()));
            }
            (export.manifest.sequence, rows)
        })
    }

    /// Each ready package of a user: whole, and found by a search for one of its symbols.
    fn found(&self, zenith: &Zenith) -> Vec<String> {
        self.runtime.block_on(async {
            let mut names = Vec::new();
            for entry in zenith.packages().await.unwrap().iter().filter(|entry| entry.status == Status::Ready)
            {
                let symbols = zenith.symbols(entry).await.unwrap();
                assert_eq!(symbols.len() as u64, entry.symbol_count, "{} is not whole", entry.id);
                let request =
                    SearchRequest { query: symbols[0].path.clone(), limit: 200, ..SearchRequest::default() };
                let hits = zenith.search(request, None).await.unwrap().hits;
                assert!(hits.iter().any(|hit| hit.package == entry.id.name()), "{} is not found", entry.id);
                names.push(entry.id.to_string());
            }
            names
        })
    }

    /// Where an object of the bucket lies on this disk.
    fn object(&self, key: &str) -> PathBuf {
        self.folder.path().join("s3/zenith/team").join(key)
    }

    fn data_files(&self, table: &str) -> Vec<PathBuf> {
        let folder = self.object(&format!("packages/private/local/{table}"));
        let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|end| end == "parquet")).collect()
    }
}

/// The scope of the machine's own user.
fn own() -> Scope {
    Scope::Private("local".to_string())
}

const MANIFEST: &str = "packages/private/local/manifest.json";
