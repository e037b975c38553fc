//! Sharing an index by push and pull: a team's catalog on a real server, their datasets in the lab's
//! bucket.

mod cut;
mod damage;
mod doubt;
mod fences;
mod killed;
#[cfg(unix)]
mod stopped;
mod story;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::catalog::{Catalog, CatalogEntry, Status};
use zenith_core::config::{Config, Overrides};
use zenith_core::identity::{Identity, Scope};
use zenith_core::index::{PullReport, PushReport};
use zenith_core::lake::shared::{self, Contents};
use zenith_core::lake::{Lake, Store, StoreSettings};
use zenith_core::package::Tier;
use zenith_core::tenancy::Tenant;
use zenith_core::{Zenith, ZenithError};
use zenith_harness::issuer::Person;
use zenith_harness::lab::{Bucket, Lab, LabDatabase, LabService, ServiceOptions, Wire};

use crate::support::{Place, Run, local_lab, run_with_input, store_settings, with_store};

const LOCATION: &str = "s3://zenith/shared";
const TEAM: &str = "org_acme";

/// A team with a service, a catalog that is reached through a wire, and a bucket.
struct Team {
    runtime: Runtime,
    lab: Arc<Lab>,
    bucket: Arc<Bucket>,
    service: LabService,
    catalog: LabDatabase,
    /// To the server of the catalogs.
    wire: Wire,
}

fn olive() -> Person {
    Person::new("user_olive").of(TEAM, "acme", "admin")
}

/// Of the same team, and may read alone.
fn rita() -> Person {
    Person::new("user_rita").of(TEAM, "acme", "member")
}

/// Of another team.
fn stranger() -> Person {
    Person::new("user_sam").of("org_other", "other", "admin")
}

impl Team {
    /// `None` where the server is not on this machine and nobody requires it.
    fn start() -> Option<Team> {
        let runtime = Runtime::new().unwrap();
        let lab = local_lab(&runtime)?;
        let options = ServiceOptions {
            publishers: vec!["user_olive".to_string()],
            team_writers: vec!["admin".to_string()],
            ..ServiceOptions::default()
        };
        let (bucket, service, catalog, wire) = runtime.block_on(async {
            let service = lab.service(options).await.unwrap();
            let catalog = service.database(&Tenant::Organisation(TEAM.to_string())).await.unwrap();
            let wire = Wire::to(lab.server().unwrap().address()).await.unwrap();
            (lab.bucket().await.unwrap().clone(), service, catalog, wire)
        });
        // Members go by the wire; what the tests look at does not.
        service.reach_databases_at(format!("http://{}", wire.address()).parse().unwrap());
        Some(Team { runtime, lab, bucket, service, catalog, wire })
    }

    /// The program in a place, with this bucket as its store.
    fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = place.command(arguments);
        with_store(&mut command, &self.bucket, LOCATION);
        command.env("ZENITH_CREDENTIALS", "file");
        command
    }

    fn run(&self, place: &Place, arguments: &[&str]) -> Run {
        Run::of(self.command(place, arguments).output().unwrap())
    }

    fn login(&self, place: &Place, person: &Person) {
        let token = self.lab.issuer().mint_clerk_v2(person, Duration::from_secs(60)).unwrap();
        let login = self.command(place, &["login", self.service.url().as_str()]);
        run_with_input(login, token.expose_secret()).ok();
    }

    /// Somebody with a project of `count` packages, all of them indexed for the team.
    fn with_index(&self, count: usize) -> Place {
        let place = Place::with_workspace(count);
        self.login(&place, &olive());
        self.run(&place, &["index", "--tier", "team"]).ok();
        place
    }

    /// Somebody of the team who has nothing yet, and knows what is shared.
    fn member(&self) -> Place {
        let place = Place::new();
        self.login(&place, &rita());
        self.run(&place, &["sync"]).ok();
        place
    }

    fn open(&self, place: &Place) -> Zenith {
        let overrides = Overrides { data_dir: Some(place.data()) };
        let config = Config {
            store: self.settings(),
            credentials: zenith_core::config::CredentialPlace::File,
            ..Config::load(overrides).unwrap()
        };
        self.runtime.block_on(Zenith::open(config)).unwrap()
    }

    fn settings(&self) -> StoreSettings {
        store_settings(&self.bucket, LOCATION)
    }

    fn push(&self, zenith: &Zenith) -> Result<PushReport, ZenithError> {
        let (events, _) = mpsc::unbounded_channel();
        self.runtime.block_on(zenith.push(Tier::Team, false, events, CancellationToken::new()))
    }

    fn pull(&self, zenith: &Zenith) -> Result<PullReport, ZenithError> {
        let (events, _) = mpsc::unbounded_channel();
        self.runtime.block_on(zenith.pull(None, &[], false, events, CancellationToken::new()))
    }

    /// What the team's catalog lists as ready; each of it is whole on the store, every byte compared.
    fn shared(&self) -> Vec<CatalogEntry> {
        self.runtime.block_on(async {
            let member = Identity::user("user_rita", Some(TEAM.to_string())).unwrap();
            let entries = self.catalog().await.packages(&member).await.unwrap();
            let ready: Vec<CatalogEntry> =
                entries.into_iter().filter(|entry| entry.status == Status::Ready).collect();
            let store = Store::open(&self.settings(), self.lab.folder()).unwrap();
            for entry in &ready {
                let folder = tempfile::tempdir().unwrap();
                let (lake, place) = (Lake::new(folder.path()), shared::Place::of(entry).unwrap());
                let contents = Contents::read(&store, &place).await.unwrap();
                shared::download(&store, &place, &contents, &lake, "lance/copy").await.unwrap();
                let rows =
                    shared::read_fetched(&store, &place, &contents, &lake, "lance/copy").await.unwrap();
                assert_eq!(rows.symbols.len() as u64, entry.symbol_count, "{} is not whole", entry.id);
            }
            ready
        })
    }

    async fn catalog(&self) -> Catalog {
        self.catalog.catalog().await.unwrap()
    }

    /// Nothing is shared any more: neither rows nor objects.
    fn forget(&self) {
        self.runtime.block_on(async {
            let member = Identity::user("user_rita", Some(TEAM.to_string())).unwrap();
            let catalog = self.catalog().await;
            for entry in catalog.packages(&member).await.unwrap() {
                catalog.remove(&entry.scope, &entry.id).await.unwrap();
            }
        });
        let _ = std::fs::remove_dir_all(self.object(""));
    }

    /// Where an object of the bucket lies on this disk.
    fn object(&self, key: &str) -> PathBuf {
        self.lab.folder().join("s3/zenith/shared").join(key)
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        let keep = std::thread::panicking();
        if let Some(look) = self.runtime.block_on(self.lab.close(keep)) {
            eprintln!("kept for a look: {look}");
        }
    }
}

/// The scope that all of this is about.
fn team() -> Scope {
    Scope::Team(TEAM.to_string())
}
