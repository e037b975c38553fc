//! Signing in and out, and keeping the copies of shared catalogs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;

use super::{Zenith, ZenithError};
use crate::catalog::{CatalogEntry, DatabaseRole, Server, SyncError, Synced};
use crate::config::Config;
use crate::identity::Scope;
use crate::lake::is_fetched;
use crate::package::PackageId;
use crate::search::sweep_held;
use crate::session::{CredentialError, CredentialStore, KeptIn, Session, SessionDatabase, sign_in, sign_out};

impl Zenith {
    /// Signs in to a service with a token of its issuer; see [`sign_in`]. The next [`Zenith::open`]
    /// is for that user.
    pub async fn sign_in(
        config: &Config,
        service: &str,
        token: &SecretString,
    ) -> Result<(Session, KeptIn), ZenithError> {
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|source| ZenithError::DataFolder { path: config.data_dir.clone(), source })?;
        Ok(sign_in(&config.data_dir, &CredentialStore::new(config), service, token).await?)
    }

    /// Forgets who is signed in, their secrets, and the copies of what others share with them: of the
    /// catalogs, and of what was fetched of their team's and their own. What this machine indexed stays.
    /// `false` where nobody was signed in.
    pub async fn sign_out(config: &Config) -> Result<bool, ZenithError> {
        // Who cannot be opened is signed out all the same: that is how a damaged session ends.
        let opened = Zenith::open(config.clone()).await.ok();
        let was = sign_out(&config.data_dir, &CredentialStore::new(config))?;
        match std::fs::remove_dir_all(config.data_dir.join("replicas")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(ZenithError::Forget(error));
            }
            _ => {}
        }
        sweep_held(&config.data_dir.join("held"));
        if let Some(zenith) = opened.filter(|zenith| zenith.session.is_some()) {
            zenith.forget_fetched().await?;
        }
        Ok(was)
    }

    /// Removes what was fetched of the signed-in user's team and their own.
    async fn forget_fetched(&self) -> Result<(), ZenithError> {
        let theirs = self.identity.without_machine().scopes();
        let is_theirs = |entry: &CatalogEntry| {
            entry.scope != Scope::Public
                && theirs.contains(&entry.scope)
                && entry.dataset.as_deref().is_some_and(is_fetched)
        };
        let entries = self.packages().await?.into_iter().filter(is_theirs);
        let packages: Vec<(Scope, PackageId)> = entries.map(|entry| (entry.scope, entry.id)).collect();
        Ok(self.local_index().remove(&packages).await?)
    }

    /// Brings the copies of the shared databases up to date, each within `deadline`; one that fails
    /// does not hold up the others.
    pub async fn sync(
        &self,
        deadline: Duration,
    ) -> Result<Vec<(DatabaseRole, Result<Synced, SyncError>)>, ZenithError> {
        let Some(session) = &self.session else { return Err(ZenithError::NotSignedIn) };
        let mut servers = Vec::new();
        let mut outcomes = Vec::new();
        for (database, server) in session.databases.iter().zip(self.servers(&session.databases).await?) {
            match server {
                Some(server) => servers.push((database.role.clone(), server)),
                None => outcomes.push((database.role.clone(), Err(SyncError::SignInAgain))),
            }
        }
        outcomes.extend(self.federation.sync(&servers, deadline).await);
        outcomes.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(outcomes)
    }

    /// How databases of the session are reached; `None` where the access to one has ended.
    pub(super) async fn servers(
        &self,
        databases: &[SessionDatabase],
    ) -> Result<Vec<Option<Server>>, ZenithError> {
        let (config, databases) = (self.config.clone(), databases.to_vec());
        // A keyring asks over a bus, and perhaps its owner.
        let servers = tokio::task::spawn_blocking(move || -> Result<Vec<Option<Server>>, CredentialError> {
            let store = CredentialStore::new(&config);
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let server = |database: SessionDatabase| {
                let token = store.token(&database.role)?;
                let token = token.filter(|_| database.expires_at > now);
                Ok(token.map(|token| Server { url: database.url, token }))
            };
            databases.into_iter().map(server).collect()
        });
        Ok(servers.await??)
    }
}
