//! A catalog database on a server: where it is, and with what it is reached.

use libsql::{Builder, Database, SyncProtocol};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::time::Duration;
use url::Url;

use super::dial::Dialer;
use super::trouble::Trouble;
use crate::http::Unreached;
use crate::identity::{Identity, Scope};
use crate::task::alone;

/// Which part of the federation a database is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "role", content = "of")]
pub enum DatabaseRole {
    /// The public rows, one database for everyone.
    Global,
    /// The rows of an organisation.
    Team(String),
    /// The rows of a user.
    Own(String),
    /// What a user keeps on the server alone: no part of a catalog, and never copied to a machine.
    Workspace(String),
}

impl DatabaseRole {
    /// The name of its replica's file, unique among the databases of one session. Names inside come
    /// from verified claims, which passed the grammar of names.
    pub fn file_stem(&self) -> String {
        match self {
            DatabaseRole::Global => "global".to_string(),
            DatabaseRole::Team(organisation) => format!("team-{organisation}"),
            DatabaseRole::Own(subject) => format!("own-{subject}"),
            DatabaseRole::Workspace(subject) => format!("workspace-{subject}"),
        }
    }

    /// The part that the rows of a scope belong in.
    pub fn of(scope: &Scope) -> DatabaseRole {
        match scope {
            Scope::Public => DatabaseRole::Global,
            Scope::Team(organisation) => DatabaseRole::Team(organisation.clone()),
            Scope::Private(subject) => DatabaseRole::Own(subject.clone()),
        }
    }

    /// Whether a machine keeps a copy of it.
    pub fn is_copied(&self) -> bool {
        !matches!(self, DatabaseRole::Workspace(_))
    }

    /// Whether an identity has this part.
    pub fn belongs_to(&self, identity: &Identity) -> bool {
        match self {
            DatabaseRole::Global => true,
            DatabaseRole::Team(organisation) => identity.organisation() == Some(organisation),
            DatabaseRole::Own(subject) | DatabaseRole::Workspace(subject) => {
                identity.subject() == Some(subject)
            }
        }
    }
}

impl fmt::Display for DatabaseRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseRole::Global => f.write_str("global"),
            DatabaseRole::Team(organisation) => write!(f, "team {organisation}"),
            DatabaseRole::Own(_) => f.write_str("own"),
            DatabaseRole::Workspace(_) => f.write_str("workspace"),
        }
    }
}

/// How long a server may take to show what is the matter with it.
const TROUBLE_WITHIN: Duration = Duration::from_secs(2);

/// A database on a libSQL server.
#[derive(Clone)]
pub struct Server {
    /// `https://…`, or `http://…` on loopback. A server of many databases knows which one is meant by
    /// the first label of the host's name.
    pub url: Url,
    pub token: SecretString,
}

impl Server {
    /// The database at an address that a service names. A namespace becomes the first label of the host's name, which
    /// is where its server looks for it.
    pub fn at(url: &Url, namespace: Option<&str>, token: SecretString) -> Server {
        Server { url: in_namespace(url, namespace).unwrap_or_else(|| url.clone()), token }
    }

    /// Its host, for messages: the token never appears in one.
    pub fn name(&self) -> String {
        match (self.url.host_str(), self.url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_string(),
            _ => "with no host".to_string(),
        }
    }

    /// The database itself: every statement goes to the server, as the token allows.
    pub async fn open(&self) -> Result<Database, libsql::Error> {
        Builder::new_remote(self.address(), self.token.expose_secret().to_string())
            .connector(Dialer)
            .build()
            .await
    }

    /// A copy of the database in a file, brought up to date by `sync`. Opening asks the server
    /// nothing: the default protocol would, and fail offline.
    pub(super) async fn open_replica(&self, path: &Path) -> Result<Database, libsql::Error> {
        Builder::new_remote_replica(path, self.address(), self.token.expose_secret().to_string())
            .connector(Dialer)
            .sync_protocol(SyncProtocol::V1)
            .read_your_writes(false)
            .build()
            .await
    }

    /// What keeps the server from answering the smallest question; `None` where it answers.
    pub(crate) async fn trouble(&self) -> Option<Trouble> {
        let server = self.clone();
        // libSQL takes some answers of servers for impossible, and panics.
        let asked = alone(async move {
            let connection = server.open().await?.connect()?;
            connection.query("SELECT 1", ()).await.map(drop)
        });
        match tokio::time::timeout(TROUBLE_WITHIN, asked).await {
            Err(_) => Some(Trouble::Unreached(Unreached::Silent)),
            Ok(Some(answer)) => answer.err().map(Trouble::from),
            Ok(None) => Some(Trouble::Answer),
        }
    }

    /// The address as libSQL takes it, without the slash that a URL's empty path is written with.
    fn address(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_string()
    }
}

/// The address of a namespace on a server of many; `None` where the address has no host that could have labels.
pub(crate) fn in_namespace(url: &Url, namespace: Option<&str>) -> Option<Url> {
    let mut url = url.clone();
    if let Some(namespace) = namespace {
        let host = match url.host_str()? {
            "127.0.0.1" | "[::1]" => "localhost".to_string(),
            host => host.to_string(),
        };
        if !host.starts_with(&format!("{namespace}.")) {
            url.set_host(Some(&format!("{namespace}.{host}"))).ok()?;
        }
    }
    Some(url)
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.name()).finish_non_exhaustive()
    }
}
