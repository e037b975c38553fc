//! Labs: real components, started for one spike and gone after it. A lab abstracts where components
//! come from, not how they are asked: it hands out real addresses and real handles.

mod bucket;
mod cloud;
mod container;
mod database;
mod faults;
mod manners;
mod peers;
mod platform;
mod promises;
mod requests;
mod service;
mod sqld;
mod store;
mod tools;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use tokio::sync::OnceCell;
use zenith_core::config::{Config, CredentialPlace, PublishSettings, ScreenSettings};
use zenith_core::ingest::SYMBOLS_MAX;
use zenith_core::lake::StoreSettings;

pub use bucket::{Bucket, KEY_ID, REGION, SECRET};
pub use database::LabDatabase;
pub use faults::{Count, Fault, FaultPlan, Speech};
pub use manners::Manners;
pub use peers::{Peers, YjsKind, YjsServer};
pub use platform::{Manner, Platform};
pub use promises::Promise;
pub use requests::{Request, RequestKind, dependent_steps, steps};
pub use service::{CrowdedServer, LabService, ServiceOptions};
pub use store::StoreAddress;
pub use tools::Tools;
pub use wire::{CutAt, State as WireState, Wire};

use crate::backend::Backend;
use crate::issuer::Issuer;
use cloud::Cloud;
use database::SqlServer;

/// Databases that a lab's server keeps open: more than any spike has, so that it never says of one that it is not there.
const OPEN_MAX: usize = 1000;

/// What labs are started with.
#[derive(Clone, Debug)]
pub struct LabOptions {
    /// Where components lie that the machine was given.
    pub tools: Tools,
}

impl LabOptions {
    pub fn new(config: &Config) -> LabOptions {
        LabOptions { tools: Tools::new(config) }
    }
}

/// A lab that is not there.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A component is missing here: the spike does not run, and says why.
    #[error("{because}")]
    Absent { because: String },
    /// A component is here and does not start.
    #[error("the lab could not be started: {0:#}")]
    Failed(#[from] anyhow::Error),
}

/// Real components, with a folder for whatever is kept meanwhile.
pub struct Lab {
    backend: Backend,
    folder: PathBuf,
    options: LabOptions,
    issuer: Arc<Issuer>,
    servers: Servers,
    bucket: OnceCell<Arc<Bucket>>,
    /// The bucket's server, where it is not in this process.
    s3: OnceCell<container::S3Container>,
    /// A prefix at a provider.
    cloud_store: OnceCell<StoreAddress>,
    closed: AtomicBool,
}

/// Where databases come from.
enum Servers {
    /// Files of this machine.
    Files,
    /// A server of this lab's own.
    Own(SqlServer),
    /// A provider's. The account is looked for when the first database is asked for: a spike that needs a
    /// bucket alone runs without one.
    Cloud(OnceCell<Box<Cloud>>),
}

impl Lab {
    /// Starts what a backend consists of.
    pub async fn start(backend: Backend, options: &LabOptions) -> Result<Lab, LabError> {
        // What is asked for first is what may be absent.
        let sqld = if backend == Backend::Local { Some(options.tools.sqld()?) } else { None };
        let folder = tempfile::Builder::new()
            .prefix("zenith-lab-")
            .tempdir()
            .context("cannot make a folder for the lab")?;
        let issuer = Issuer::start().await?;
        let key = issuer.database_public_key_pem()?;
        let servers = match (backend, sqld) {
            (Backend::Local, Some(program)) => {
                let sqld = sqld::Sqld::start(program, &folder.path().join("sqld"), &key, OPEN_MAX).await?;
                Servers::Own(SqlServer::Process(Box::new(sqld)))
            }
            (Backend::Container, _) => {
                let container = Box::new(container::SqldContainer::start(&key).await?);
                Servers::Own(SqlServer::Container(container))
            }
            (Backend::Cloud, _) => Servers::Cloud(OnceCell::new()),
            _ => Servers::Files,
        };
        Ok(Lab {
            backend,
            folder: folder.keep(),
            options: options.clone(),
            issuer: Arc::new(issuer),
            servers,
            bucket: OnceCell::new(),
            s3: OnceCell::new(),
            cloud_store: OnceCell::new(),
            closed: AtomicBool::new(false),
        })
    }

    /// A folder of this lab's own.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn backend(&self) -> Backend {
        self.backend
    }

    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The same for what outlives a borrow of the lab.
    pub fn issuer_shared(&self) -> Arc<Issuer> {
        self.issuer.clone()
    }

    pub fn tools(&self) -> &Tools {
        &self.options.tools
    }

    /// The server of the databases, where the lab has one of its own.
    pub fn server(&self) -> anyhow::Result<&SqlServer> {
        match &self.servers {
            Servers::Own(server) => Ok(server),
            _ => anyhow::bail!("the {} lab has no database server of its own", self.backend),
        }
    }

    /// A new, empty database. Its name is unique where others could have the same.
    pub async fn database(&self, name: &str) -> anyhow::Result<LabDatabase> {
        match &self.servers {
            Servers::Files => Ok(LabDatabase::File(self.folder.join(format!("{name}.db")))),
            Servers::Own(server) => server.create(name, &self.issuer).await.map(LabDatabase::Served),
            Servers::Cloud(account) => {
                let cloud =
                    account.get_or_try_init(|| async { Cloud::from_environment().map(Box::new) }).await?;
                cloud.create(name).await.map(LabDatabase::Served)
            }
        }
    }

    /// The lab's bucket, started when it is first asked for.
    pub async fn bucket(&self) -> anyhow::Result<&Arc<Bucket>> {
        let folder = self.folder.join("s3");
        self.bucket.get_or_try_init(|| async { Ok(Arc::new(Bucket::start(&folder, "zenith").await?)) }).await
    }

    /// An empty place in a bucket: of this process, of a container, or of the user's account.
    pub async fn store(&self) -> anyhow::Result<StoreAddress> {
        match self.backend {
            Backend::Embedded | Backend::Local => Ok(self.bucket().await?.store()),
            Backend::Container => Ok(self.s3.get_or_try_init(container::S3Container::start).await?.store()),
            Backend::Cloud => {
                let address = async { StoreAddress::from_environment() };
                Ok(self.cloud_store.get_or_try_init(|| address).await?.clone())
            }
        }
    }

    /// Settings of a user of the product who keeps everything in one folder of the lab.
    pub fn config(&self, user: &str) -> Config {
        let data_dir = self.folder.join(user);
        Config {
            keys: Default::default(),
            is_data_usual: false,
            cargo_home: data_dir.join("cargo"),
            cargo: PathBuf::from("cargo"),
            // What a lab finds does not hang on the toolchain that it runs under.
            rustc: PathBuf::from("no-rustc"),
            tools_dir: self.options.tools.folder().to_path_buf(),
            service: None,
            credentials: CredentialPlace::File,
            store: StoreSettings::default(),
            publish: PublishSettings::default(),
            symbols_max: SYMBOLS_MAX,
            screen: ScreenSettings::default(),
            unknown: Vec::new(),
            passed_over: Vec::new(),
            file: data_dir.join("config.toml"),
            data_dir,
        }
    }

    /// Stops everything and removes it. With `keep`, the folder stays, and how to look at it is
    /// returned.
    pub async fn close(&self, keep: bool) -> Option<String> {
        match &self.servers {
            Servers::Files => {}
            Servers::Own(server) => server.down().await,
            // What this lab made there goes, and nothing else.
            Servers::Cloud(account) => {
                if let Some(cloud) = account.get() {
                    cloud.remove_all().await;
                }
            }
        }
        if let Some(store) = self.cloud_store.get() {
            // What stays is below a prefix that is named after this program.
            let _ = store.remove_all().await;
        }
        self.closed.store(true, Ordering::Relaxed);
        if keep {
            return Some(self.how_to_look());
        }
        // A folder that cannot be removed costs space in the temporary folder alone.
        let _ = tokio::fs::remove_dir_all(&self.folder).await;
        None
    }

    fn how_to_look(&self) -> String {
        let folder = self.folder.display();
        match &self.servers {
            Servers::Own(SqlServer::Process(_)) => {
                format!("ls -R {folder}; less {folder}/sqld/sqld.log; {}", self.restart())
            }
            _ => format!("ls -R {folder}"),
        }
    }

    fn restart(&self) -> String {
        let program = self.options.tools.sqld().unwrap_or_default();
        let folder = self.folder.display();
        format!("{} --db-path {folder}/sqld/data --enable-namespaces", program.display())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // Whoever gave it up did not close it: its servers stop with their handles.
        if !self.closed.load(Ordering::Relaxed) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A variable of the environment, without the blanks and line breaks around it; none where it is empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_string()).filter(|value| !value.is_empty())
}
