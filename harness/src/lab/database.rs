//! A database of a lab, and the server that it may lie on.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use libsql::Database;
use url::Url;
use zenith_core::catalog::{Catalog, Server};
use zenith_core::identity::service::Access;

use super::container::SqldContainer;
use super::sqld::Sqld;
use crate::issuer::Issuer;

/// How long the tokens of a lab live: longer than any lab.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3600);

/// An empty database, wherever the lab has it.
#[derive(Clone, Debug)]
pub enum LabDatabase {
    /// A file of this machine.
    File(PathBuf),
    /// A database on a server.
    Served(Server),
}

impl LabDatabase {
    /// Opens it as the product does, with the product's tables.
    pub async fn catalog(&self) -> anyhow::Result<Catalog> {
        Ok(match self {
            LabDatabase::File(path) => Catalog::open(path).await?,
            LabDatabase::Served(server) => Catalog::connect(server).await?,
        })
    }

    /// Opens it with nothing in between: for what a spike looks at, and for planting faults.
    pub async fn open(&self) -> anyhow::Result<Database> {
        Ok(match self {
            LabDatabase::File(path) => libsql::Builder::new_local(path).build().await?,
            LabDatabase::Served(server) => server.open().await?,
        })
    }

    /// The server's address and token, where there is one.
    pub fn server(&self) -> anyhow::Result<&Server> {
        match self {
            LabDatabase::File(_) => anyhow::bail!("this database is a file"),
            LabDatabase::Served(server) => Ok(server),
        }
    }
}

/// A libSQL server, wherever it runs.
pub enum SqlServer {
    Process(Box<Sqld>),
    Container(Box<SqldContainer>),
}

impl SqlServer {
    pub(super) async fn create(&self, name: &str, issuer: &Issuer) -> anyhow::Result<Server> {
        match self {
            SqlServer::Process(sqld) => sqld.create(name).await?,
            SqlServer::Container(container) => container.create(name).await?,
        }
        let address = self.address();
        let url = Url::parse(&format!("http://{name}.localhost:{}", address.port()))
            .with_context(|| format!("{name} is no name for a database"))?;
        let token = issuer.mint_database(&[(name, Access::ReadWrite)], TOKEN_LIFETIME)?;
        Ok(Server { url, token })
    }

    /// Where HTTP is answered.
    pub fn address(&self) -> SocketAddr {
        match self {
            SqlServer::Process(sqld) => sqld.address(),
            SqlServer::Container(container) => container.address(),
        }
    }

    /// Where its admin API is answered.
    pub fn admin(&self) -> SocketAddr {
        match self {
            SqlServer::Process(sqld) => sqld.admin(),
            SqlServer::Container(container) => container.admin(),
        }
    }

    /// Starts it again after [`SqlServer::down`], with what it had.
    pub async fn up(&self) -> anyhow::Result<()> {
        match self {
            SqlServer::Process(sqld) => sqld.up().await,
            SqlServer::Container(container) => container.up().await,
        }
    }

    /// Stops it at once.
    pub async fn down(&self) {
        match self {
            SqlServer::Process(sqld) => sqld.down().await,
            SqlServer::Container(container) => container.down().await,
        }
    }
}
