//! Scheduled jobs: where those of this user are kept.

use std::fmt;
use std::sync::Arc;

use secrecy::ExposeSecret;

use super::{Zenith, ZenithError};
use crate::catalog::DatabaseRole;
use crate::identity::service::Access;
use crate::jobs::{JobError, Store};

/// Whose jobs they are in the file of this machine: there is no other user of it.
const MACHINE_USER: &str = "local";

/// Where jobs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobsKept {
    /// In a file of the data folder.
    Here,
    /// In the user's own database, on this server: every machine of theirs sees them.
    Served(String),
}

impl fmt::Display for JobsKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobsKept::Here => f.write_str("this machine"),
            JobsKept::Served(server) => write!(f, "your own database at {server}"),
        }
    }
}

impl Zenith {
    /// The jobs of whoever is signed in with a database of their own, else those of this machine.
    pub async fn jobs(&self) -> Result<(Store, JobsKept), ZenithError> {
        let own = self.session.iter().flat_map(|session| &session.databases);
        let own = own.into_iter().find(|database| {
            matches!(database.role, DatabaseRole::Own(_)) && database.access == Access::ReadWrite
        });
        let (store, kept) = match own {
            Some(database) => {
                let server = self.servers(std::slice::from_ref(database)).await?.pop().flatten();
                // Its jobs elsewhere would be others: better none than those of this machine.
                let server = server.ok_or(ZenithError::JobsSignInAgain)?;
                let database = server.open().await.map_err(JobError::from)?;
                let user = self.identity.subject().unwrap_or(MACHINE_USER);
                (Store::on_server(Arc::new(database), user)?, JobsKept::Served(server.name()))
            }
            None => {
                let path = self.config.data_dir.join("jobs.db");
                let opened = libsql::Builder::new_local(path).build().await;
                let connection = opened.and_then(|opened| opened.connect());
                (Store::new(connection.map_err(JobError::from)?, MACHINE_USER), JobsKept::Here)
            }
        };
        store.ensure().await?;
        Ok((store, kept))
    }

    /// What must not be in the output of any job: the tokens of this machine's databases, and the key of its store.
    pub async fn job_secrets(&self) -> Result<Vec<String>, ZenithError> {
        let databases = self.session.as_ref().map(|session| session.databases.clone()).unwrap_or_default();
        let servers = self.servers(&databases).await?.into_iter().flatten();
        let mut secrets: Vec<String> =
            servers.map(|server| server.token.expose_secret().to_string()).collect();
        if let Some(credentials) = &self.config.store.credentials {
            secrets.push(credentials.secret.expose_secret().to_string());
            secrets.extend(credentials.session_token.as_ref().map(|token| token.expose_secret().to_string()));
        }
        Ok(secrets)
    }
}
