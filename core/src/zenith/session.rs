//! Signing in and out, and keeping the copies of shared catalogs.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;

use super::{Zenith, ZenithError};
use crate::catalog::{CatalogEntry, DatabaseRole, Server, SyncError, Synced};
use crate::config::Config;
use crate::identity::Scope;
use crate::index::Failure;
use crate::lake::is_fetched;
use crate::package::PackageId;
use crate::search::sweep_held;
use crate::session::{
    CredentialError, CredentialStore, KeptIn, Session, SessionDatabase, SignedOut, sign_in, sign_out,
};

/// What became of each database that was to be synchronised.
pub type Synchronised = Vec<(DatabaseRole, Result<Synced, SyncError>)>;

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
    pub async fn sign_out(config: &Config) -> Result<SignedOut, ZenithError> {
        // Who cannot be opened is signed out all the same: that is how a damaged session ends.
        let opened = Zenith::open(config.clone()).await;
        let (folder, store) = (config.data_dir.clone(), CredentialStore::new(config));
        let mut done = tokio::task::spawn_blocking(move || sign_out(&folder, &store)).await??;
        let mut remains = |what: &str, why: String| done.remains.push(format!("{what}: {why}"));
        match std::fs::remove_dir_all(config.data_dir.join("replicas")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                remains("the copies of shared catalogs", error.to_string());
            }
            _ => {}
        }
        sweep_held(&config.data_dir.join("held"));
        match opened {
            Ok(zenith) if zenith.session.is_some() => match zenith.forget_fetched().await {
                Ok(failed) => {
                    failed.into_iter().for_each(|failed| remains(&failed.package, failed.why));
                }
                Err(error) => remains("what was fetched of your team's and your own", error.to_string()),
            },
            Ok(_) => {}
            Err(error) => remains("what may have been fetched of a team's", error.to_string()),
        }
        Ok(done)
    }

    /// Removes what was fetched of the signed-in user's team and their own; returns what remains.
    async fn forget_fetched(&self) -> Result<Vec<Failure>, ZenithError> {
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
    pub async fn sync(&self, deadline: Duration) -> Result<Synchronised, ZenithError> {
        let (servers, mut outcomes) = self.reachable(DatabaseRole::is_copied).await?;
        outcomes.extend(self.federation.sync(&servers, deadline).await);
        outcomes.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(outcomes)
    }

    /// The same for some of them, whose copies are checked whole before.
    pub(super) async fn sync_checked(
        &self,
        roles: &BTreeSet<DatabaseRole>,
        deadline: Duration,
    ) -> Result<Synchronised, ZenithError> {
        let (servers, mut outcomes) = self.reachable(|role| roles.contains(role)).await?;
        outcomes.extend(self.federation.sync_checked(&servers, deadline).await);
        Ok(outcomes)
    }

    /// The servers of those databases of the session that are meant and that its access reaches.
    async fn reachable(
        &self,
        is_meant: impl Fn(&DatabaseRole) -> bool,
    ) -> Result<(Vec<(DatabaseRole, Server)>, Synchronised), ZenithError> {
        let Some(session) = &self.session else { return Err(ZenithError::NotSignedIn) };
        let databases: Vec<SessionDatabase> =
            session.databases.iter().filter(|database| is_meant(&database.role)).cloned().collect();
        let mut servers = Vec::new();
        let mut ended = Vec::new();
        for (database, server) in databases.iter().zip(self.servers(&databases).await?) {
            match server {
                Some(server) => servers.push((database.role.clone(), server)),
                None => ended.push((database.role.clone(), Err(SyncError::SignInAgain))),
            }
        }
        Ok((servers, ended))
    }

    /// What keeps each database of the session from taking this machine's token, asked of all at once.
    pub(crate) async fn access(&self) -> Result<Vec<(DatabaseRole, Option<String>)>, ZenithError> {
        let (servers, ended) = self.reachable(|_| true).await?;
        let asked = servers.into_iter().map(async |(role, server)| {
            let trouble = server.trouble().await;
            (role, trouble.map(|trouble| format!("{} cannot be asked: {trouble}", server.name())))
        });
        let mut found: Vec<_> = futures::future::join_all(asked).await;
        found.extend(ended.into_iter().map(|(role, ended)| (role, ended.err().map(|why| why.to_string()))));
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
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
            let roles: Vec<&DatabaseRole> = databases.iter().map(|database| &database.role).collect();
            let tokens = store.tokens(&roles)?;
            let server = |(database, token): (&SessionDatabase, Option<SecretString>)| {
                let token = token.filter(|_| database.expires_at > now)?;
                Some(Server { url: database.url.clone(), token })
            };
            Ok(databases.iter().zip(tokens).map(server).collect())
        });
        Ok(servers.await??)
    }
}
