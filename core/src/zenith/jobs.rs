//! Scheduled jobs: where those of this user are kept.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::{Zenith, ZenithError};
use crate::catalog::{DatabaseRole, Trouble, open_own};
use crate::identity::service::Access;
use crate::jobs::{JobError, Store};
use crate::session::{Session, SessionDatabase, ask_to_look};

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

/// What became of the access to jobs on a server.
pub enum Again {
    /// It is as it was.
    Same,
    /// The same user signed in again.
    Renewed { session: String, database: Arc<libsql::Database>, secrets: Vec<String> },
    /// Nobody is signed in any more, or somebody else is: the jobs are others.
    Other,
}

/// How long opening the jobs of this machine waits for another process.
const PATIENCE: Duration = Duration::from_secs(5);

/// The file of the jobs of this machine.
pub fn jobs_path(data_dir: &Path) -> PathBuf {
    data_dir.join("jobs.db")
}

/// Whether it is a database that its user keeps their jobs in.
fn is_own(database: &SessionDatabase) -> bool {
    matches!(database.role, DatabaseRole::Own(_)) && database.access == Access::ReadWrite
}

impl Zenith {
    /// The jobs of whoever is signed in with a database of their own, else those of this machine.
    pub async fn jobs(&self) -> Result<(Store, JobsKept), ZenithError> {
        let own =
            self.session.iter().flat_map(|session| &session.databases).find(|database| is_own(database));
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
                let path = jobs_path(&self.config.data_dir);
                let opened = open_own(&path, PATIENCE).await;
                let (_, connection) =
                    opened.map_err(|error| ZenithError::JobsFile { path, source: Trouble::from(error) })?;
                (Store::new(connection, MACHINE_USER), JobsKept::Here)
            }
        };
        match (store.ensure().await, &kept) {
            (Ok(()), _) => Ok((store, kept)),
            (Err(JobError::Store(source)), JobsKept::Here) => {
                Err(ZenithError::JobsFile { path: jobs_path(&self.config.data_dir), source })
            }
            (Err(error), _) => Err(error.into()),
        }
    }

    /// Has the service look at one's jobs, where something of them changed that it runs. Whether it does: else it looks when
    /// it is asked for anything next, a sign-in say.
    pub async fn tell_service(&self) -> Result<bool, ZenithError> {
        let Some(session) = &self.session else { return Ok(false) };
        let Some(own) = session.databases.iter().find(|database| is_own(database)) else { return Ok(false) };
        let server = self.servers(std::slice::from_ref(own)).await?.pop().flatten();
        match server {
            Some(server) => Ok(ask_to_look(session, &server.token).await),
            None => Ok(false),
        }
    }

    /// How the jobs are reached by whoever is signed in, where that is not by the session of this `id` any more.
    pub async fn jobs_again(&self, id: &str) -> Result<Again, ZenithError> {
        let Some(before) = &self.session else { return Ok(Again::Same) };
        let Some(now) = Session::load(&self.config.data_dir)? else { return Ok(Again::Other) };
        if (&now.subject, &now.service) != (&before.subject, &before.service) {
            return Ok(Again::Other);
        }
        let own = now.databases.iter().find(|database| is_own(database));
        let Some(own) = own.filter(|_| now.id != id) else { return Ok(Again::Same) };
        let server = self.servers(std::slice::from_ref(own)).await?.pop().flatten();
        let server = server.ok_or(ZenithError::JobsSignInAgain)?;
        let database = Arc::new(server.open().await.map_err(JobError::from)?);
        let secrets = self.secrets_of(&now.databases).await?;
        Ok(Again::Renewed { session: now.id, database, secrets })
    }

    /// What must not be in the output of any job: the tokens of this machine's databases, and the key of its store.
    pub async fn job_secrets(&self) -> Result<Vec<String>, ZenithError> {
        let databases = self.session.as_ref().map(|session| session.databases.clone()).unwrap_or_default();
        self.secrets_of(&databases).await
    }

    async fn secrets_of(&self, databases: &[SessionDatabase]) -> Result<Vec<String>, ZenithError> {
        let servers = self.servers(databases).await?.into_iter().flatten();
        let mut secrets: Vec<String> =
            servers.map(|server| server.token.expose_secret().to_string()).collect();
        if let Some(credentials) = &self.config.store.credentials {
            secrets.push(credentials.secret.expose_secret().to_string());
            secrets.extend(credentials.session_token.as_ref().map(|token| token.expose_secret().to_string()));
        }
        Ok(secrets)
    }
}
