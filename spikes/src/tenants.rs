//! Tenants of a lab's database server, for the spikes of tenancy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use libsql::{Connection, Database};
use tokio::sync::watch;
use url::Url;
use zenith_core::catalog::Server;
use zenith_core::identity::service::Access;
use zenith_core::tenancy::{
    Entry, KeyRing, Provider, Registry, SqldAddress, SqldProvider, Tenancy, Tenant, Terms,
};
use zenith_harness::lab::{Lab, LabDatabase};

/// A service's tenants with their folder: registry and key. Another program over the same folder is another
/// [`Tenants::beside`].
pub struct Tenants {
    pub tenancy: Arc<Tenancy>,
    pub folder: PathBuf,
}

impl Tenants {
    /// Over the lab's server itself.
    pub async fn start(lab: &Lab) -> Result<Tenants> {
        Tenants::at(lab, lab.sqld_address()?, Terms::default()).await
    }

    /// Over a server at an address, a wire's say.
    pub async fn at(lab: &Lab, address: SqldAddress, terms: Terms) -> Result<Tenants> {
        let folder = tempfile::Builder::new().prefix("tenants-").tempdir_in(lab.folder())?.keep();
        Tenants::over(&folder, provider(address)?, terms).await
    }

    /// Over any provider, with registry and key in a folder.
    pub async fn over(folder: &Path, provider: Arc<dyn Provider>, terms: Terms) -> Result<Tenants> {
        let ring = KeyRing::load_or_make(None, &folder.join("tenancy.key"))?;
        let registry = Registry::open(&folder.join("registry.db")).await?;
        let tenancy = Arc::new(Tenancy::new(registry, provider, ring, terms));
        Ok(Tenants { tenancy, folder: folder.to_path_buf() })
    }

    /// Signs users up, each with a database of their own.
    pub async fn sign_up(&self, count: usize) -> Result<Vec<Entry>> {
        use futures::stream::{self, StreamExt, TryStreamExt};
        let users = (0..count).map(|number| Tenant::User(format!("user_{number:03}")));
        let made = stream::iter(users)
            .map(async |tenant| Ok::<_, anyhow::Error>(self.tenancy.sign_up(&tenant, "").await?.entry));
        made.buffered(8).try_collect().await
    }

    /// How a member reaches a database.
    pub async fn server(&self, entry: &Entry, access: Access) -> Result<Server> {
        let grant = self.tenancy.grant(entry, access).await?;
        Ok(Server::at(&grant.url, grant.namespace.as_deref(), grant.token.secret))
    }

    /// A member's connection to a database.
    pub async fn connect(&self, entry: &Entry) -> Result<Connection> {
        connect(&self.server(entry, Access::ReadWrite).await?).await
    }

    /// The registry's file, with nothing of the product in between: for planting faults and looking.
    pub async fn raw_registry(&self) -> Result<(Database, Connection)> {
        let database = libsql::Builder::new_local(self.folder.join("registry.db")).build().await?;
        let connection = database.connect()?;
        Ok((database, connection))
    }
}

pub fn provider(address: SqldAddress) -> Result<Arc<dyn Provider>> {
    let (keep, seen) = watch::channel(address);
    drop(keep);
    Ok(Arc::new(SqldProvider::new(seen)?))
}

pub async fn connect(server: &Server) -> Result<Connection> {
    LabDatabase::Served(server.clone()).open().await?.connect().context("cannot open a database")
}

/// An address on loopback.
pub fn url(address: std::net::SocketAddr) -> Result<Url> {
    Ok(Url::parse(&format!("http://{address}"))?)
}

/// Whether bytes lie in any file below a folder.
pub fn lies_below(folder: &Path, bytes: &[u8]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                let text = std::fs::read(&path)?;
                if text.windows(bytes.len()).any(|window| window == bytes) {
                    found.push(path);
                }
            }
        }
    }
    Ok(found)
}
