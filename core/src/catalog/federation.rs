//! All that a user sees together: what is indexed on this machine, and copies of the global
//! database, the team's and the user's own. The visibility predicate is applied to each: that a
//! database is another one is the first fence, the predicate the second.
//!
//! # Decisions
//!
//! - **What this machine indexed is a database of its own, beside the replicas.** Claims, sources and
//!   datasets here need no server; the global, the team's and the user's database are copies. What is ready
//!   here is told from here.
//! - **Signing in keeps what was there.** The user of the machine stays owner of what was indexed before: a
//!   signed-in identity carries that as a second subject, which no token can name and no shared database is
//!   asked with.
//! - **The global database is never listed**, since it can hold millions: a project's packages are looked up
//!   by key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use serde::Serialize;

use super::replica::{Doubt, Replica, ReplicaState, SyncError, Synced};
use super::server::{DatabaseRole, Server};
use super::trouble::Trouble;
use super::{Catalog, CatalogEntry, CatalogError, Status};
use crate::identity::{Identity, Scope};
use crate::package::PackageId;

/// The catalogs of one user on one machine.
#[derive(Clone)]
pub struct Federation {
    /// What this machine indexed itself.
    pub local: Arc<Catalog>,
    members: Vec<Member>,
}

/// One shared database of the federation, with its copy on this machine.
#[derive(Clone, Debug)]
pub struct Member {
    pub role: DatabaseRole,
    pub replica: Replica,
}

/// A package, and which database told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub entry: CatalogEntry,
    /// The shared database that lists it; `None` where it is indexed on this machine.
    pub shared: Option<DatabaseRole>,
}

/// All of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogued {
    pub found: Vec<Found>,
    /// The copies of shared databases that could not be read, or not be believed. What they do not list may
    /// well be shared.
    pub doubted: Vec<Doubted>,
}

/// What the copies of the shared databases list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    pub found: Vec<Found>,
    /// The databases whose copies could be read.
    pub read: Vec<DatabaseRole>,
    /// What is named there in any state: being shared just now, say.
    pub named: BTreeSet<(Scope, PackageId)>,
    /// The copies that could not be read, or not be believed. What they do not list may well be shared.
    pub doubted: Vec<Doubted>,
}

/// A copy that could not be read, or not be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doubted {
    #[serde(skip)]
    pub role: DatabaseRole,
    pub database: String,
    pub why: String,
}

impl Doubted {
    pub fn new(role: &DatabaseRole, why: impl ToString) -> Doubted {
        Doubted { role: role.clone(), database: role.to_string(), why: why.to_string() }
    }
}

/// How a member stands, for people.
#[derive(Clone, Debug, Serialize)]
pub struct MemberState {
    pub database: String,
    #[serde(flatten)]
    pub replica: ReplicaState,
    /// Seconds since it was up to date.
    pub age_s: Option<u64>,
    /// Why what it lists is not to be believed, as far as a look at its folder tells.
    pub doubt: Option<String>,
}

impl Federation {
    /// This machine's catalog with replicas in `folder`, one for each role.
    pub fn new(
        local: Arc<Catalog>,
        folder: &Path,
        roles: impl IntoIterator<Item = DatabaseRole>,
    ) -> Federation {
        let members = roles
            .into_iter()
            .map(|role| Member {
                replica: Replica::at(folder.join(format!("{}.db", role.file_stem()))),
                role,
            })
            .collect();
        Federation { local, members }
    }

    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// What the identity may see: everything of this machine, of the team and of its own, and of the
    /// global database the packages that are `wanted`. What is ready here is told from here.
    pub async fn packages(
        &self,
        identity: &Identity,
        wanted: &[PackageId],
    ) -> Result<Catalogued, CatalogError> {
        let mut found: BTreeMap<(Scope, PackageId), Found> = BTreeMap::new();
        for entry in self.local.packages(identity).await? {
            found.insert((entry.scope.clone(), entry.id.clone()), Found { entry, shared: None });
        }
        let shared = self.shared(identity, wanted).await;
        for elsewhere in shared.found {
            let key = (elsewhere.entry.scope.clone(), elsewhere.entry.id.clone());
            if found.get(&key).is_none_or(|here| here.entry.status != Status::Ready) {
                found.insert(key, elsewhere);
            }
        }
        Ok(Catalogued { found: found.into_values().collect(), doubted: shared.doubted })
    }

    /// What is ready in the copies of the shared databases, whether or not it is here as well: of the
    /// global one the packages that are `wanted`.
    pub async fn shared(&self, identity: &Identity, wanted: &[PackageId]) -> Shared {
        // The user of this machine is nobody to the others.
        let identity = identity.without_machine();
        let mut shared = Shared::default();
        for member in self.members.iter().filter(|member| member.role.belongs_to(&identity)) {
            let entries = match member.read(&identity, wanted).await {
                Ok(Some(entries)) => entries,
                Ok(None) => continue,
                Err(error) => {
                    shared.doubted.push(Doubted::new(&member.role, error));
                    continue;
                }
            };
            if let Some(doubt) = member.replica.is_changed() {
                let why = format!("{doubt}; `zenith sync` makes sure of it");
                shared.doubted.push(Doubted::new(&member.role, why));
            }
            shared.read.push(member.role.clone());
            shared.named.extend(entries.iter().map(|entry| (entry.scope.clone(), entry.id.clone())));
            // A row of a scope that belongs in another database is nobody's.
            let ready = entries.into_iter().filter(|entry| {
                entry.status == Status::Ready && DatabaseRole::of(&entry.scope) == member.role
            });
            shared.found.extend(ready.map(|entry| Found { entry, shared: Some(member.role.clone()) }));
        }
        shared
    }

    /// Brings every replica up to date that there is a server for, all at the same time: one server
    /// that is away does not hold up the others.
    pub async fn sync(
        &self,
        servers: &[(DatabaseRole, Server)],
        deadline: Duration,
    ) -> Vec<(DatabaseRole, Result<Synced, SyncError>)> {
        self.sync_each(servers, deadline, false).await
    }

    /// The same, each checked whole before: for who deletes by what they list.
    pub async fn sync_checked(
        &self,
        servers: &[(DatabaseRole, Server)],
        deadline: Duration,
    ) -> Vec<(DatabaseRole, Result<Synced, SyncError>)> {
        self.sync_each(servers, deadline, true).await
    }

    async fn sync_each(
        &self,
        servers: &[(DatabaseRole, Server)],
        deadline: Duration,
        whole: bool,
    ) -> Vec<(DatabaseRole, Result<Synced, SyncError>)> {
        let syncs = self.members.iter().filter_map(|member| {
            let (role, server) = servers.iter().find(|(role, _)| *role == member.role)?;
            Some(async move { (role.clone(), member.replica.bring(server, deadline, whole).await) })
        });
        join_all(syncs).await
    }

    pub fn states(&self) -> Vec<MemberState> {
        let state = |member: &Member| {
            let replica = member.replica.state();
            let doubt = member.replica.is_lost().or_else(|| member.replica.is_changed());
            let doubt = doubt.map(|doubt| format!("{doubt}; `zenith sync` makes it whole"));
            let age_s = replica.age().map(|age| age.as_secs());
            MemberState { database: member.role.to_string(), replica, age_s, doubt }
        };
        self.members.iter().map(state).collect()
    }
}

impl Member {
    /// `None` where nothing was synchronised yet.
    async fn read(
        &self,
        identity: &Identity,
        wanted: &[PackageId],
    ) -> Result<Option<Vec<CatalogEntry>>, CatalogError> {
        self.read_all(identity, wanted).await.map_err(|error| match error {
            // It opened well, and a page further on does not read.
            CatalogError::Database { name, source: Trouble::Damaged, .. } => {
                CatalogError::Copy { name, doubt: Doubt::Damaged }
            }
            other => other,
        })
    }

    async fn read_all(
        &self,
        identity: &Identity,
        wanted: &[PackageId],
    ) -> Result<Option<Vec<CatalogEntry>>, CatalogError> {
        let Some(catalog) = self.replica.catalog().await? else { return Ok(None) };
        let entries = match self.role {
            // It can hold millions.
            DatabaseRole::Global => catalog.lookup(identity, wanted).await?,
            DatabaseRole::Team(_) | DatabaseRole::Own(_) | DatabaseRole::Workspace(_) => {
                catalog.packages(identity).await?
            }
        };
        Ok(Some(entries))
    }
}
