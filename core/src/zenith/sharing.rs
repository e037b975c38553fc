//! Sharing through a store: exports, push and pull.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Zenith, ZenithError};
use crate::catalog::{CatalogEntry, DatabaseRole, Shared};
use crate::identity::Scope;
use crate::identity::service::Access;
use crate::index::{
    ArrivalEvent, ImportReport, Importer, IndexError, PullReport, Puller, PushError, PushEvent, PushReport,
    Pusher, Wanted,
};
use crate::lake::Store;
use crate::lake::export::{ExportEvent, ExportMode, ExportReport, Exporter, indexed_here};
use crate::package::Tier;
use crate::search::PackageFilter;

impl Zenith {
    /// The store that the settings name: where shared data lies. No request is made.
    pub fn store(&self) -> Result<Store, ZenithError> {
        Ok(Store::open(&self.config.store, &self.config.data_dir)?)
    }

    /// The store that the settings name, where they do: sharing through a folder of one's own would share
    /// nothing.
    pub(super) fn shared_store(&self) -> Result<Store, ZenithError> {
        match self.config.store.location {
            Some(_) => self.store(),
            None => Err(ZenithError::NoStore),
        }
    }

    /// Exports what was indexed here of a tier; see [`Exporter::export`].
    pub async fn export(
        &self,
        tier: Tier,
        mode: ExportMode,
        events: mpsc::UnboundedSender<ExportEvent>,
        cancel: CancellationToken,
    ) -> Result<ExportReport, ZenithError> {
        let (exporter, scope) = (self.exporter()?, self.scope(tier)?);
        let entries = self.packages().await?;
        Ok(exporter.export(&entries, &scope, mode, events, &cancel).await?)
    }

    /// Merges the deltas of a tier's export; see [`Exporter::compact`].
    pub async fn compact(&self, tier: Tier, cancel: CancellationToken) -> Result<bool, ZenithError> {
        Ok(self.exporter()?.compact(&self.scope(tier)?, &cancel).await?)
    }

    /// Imports what is exported of a tier; see [`Importer::import`].
    pub async fn import(
        &self,
        tier: Tier,
        wanted: Option<&Wanted>,
        age_max: Duration,
        events: mpsc::UnboundedSender<ArrivalEvent>,
        cancel: CancellationToken,
    ) -> Result<ImportReport, ZenithError> {
        let importer = Importer { index: self.local_index(), store: self.store()?, age_max };
        Ok(importer.import(&self.scope(tier)?, wanted, events, cancel).await?)
    }

    /// Shares what was indexed here of a tier; see [`Pusher::push`].
    pub async fn push(
        &self,
        tier: Tier,
        anew: bool,
        events: mpsc::UnboundedSender<PushEvent>,
        cancel: CancellationToken,
    ) -> Result<PushReport, ZenithError> {
        let session = self.session.as_ref().ok_or(PushError::NotSignedIn(tier))?;
        let scope = self.scope(tier)?;
        let role = DatabaseRole::of(&scope);
        let database = session.databases.iter().find(|database| database.role == role);
        let database = database.ok_or(PushError::NoDatabase(tier))?;
        if database.access != Access::ReadWrite {
            return Err(PushError::ReadOnly(tier).into());
        }
        let server = self.servers(std::slice::from_ref(database)).await?.pop().flatten();
        let server = server.ok_or(PushError::Expired(tier))?;
        let pusher = Pusher {
            catalog: Arc::new(Pusher::connect(&server, &cancel).await?),
            identity: self.identity.without_machine(),
            lake: self.lake.clone(),
            store: self.shared_store()?,
            run_folder: self.run_folder(),
        };
        let entries = self.packages().await?;
        Ok(pusher.push(&scope, &indexed_here(&entries, &scope), anew, events, &cancel).await?)
    }

    /// Pulls what others share; see [`Puller::pull`]. Without `wanted`, everything of the team's and one's
    /// own; of the public packages, which may be millions, those that are asked for with their version.
    /// Unless packages are named, what was pulled earlier and is no longer shared is removed.
    pub async fn pull(
        &self,
        wanted: Option<&Wanted>,
        tiers: &[Tier],
        anew: bool,
        events: mpsc::UnboundedSender<ArrivalEvent>,
        cancel: CancellationToken,
    ) -> Result<PullReport, ZenithError> {
        if self.session.is_none() {
            return Err(ZenithError::NotSignedIn);
        }
        let ids = wanted.map(Wanted::ids).unwrap_or_default();
        let Shared { found, read } = self.federation.shared(&self.identity, &ids).await;
        let all: Vec<CatalogEntry> = found.into_iter().map(|found| found.entry).collect();
        let is_wanted = |entry: &CatalogEntry| {
            (tiers.is_empty() || tiers.contains(&entry.tier()))
                && wanted.is_none_or(|wanted| wanted.holds(&entry.id))
        };
        let shared: Vec<CatalogEntry> = all.iter().filter(|entry| is_wanted(entry)).cloned().collect();
        let puller = Puller { index: self.local_index(), store: self.shared_store()? };
        let mut report = puller.pull(&shared, anew, events, &cancel).await?;
        if let Some(Wanted::Named(filters)) = wanted {
            let lacks = |filter: &&PackageFilter| !shared.iter().any(|entry| filter.holds(&entry.id));
            report.missing = filters.iter().filter(lacks).map(ToString::to_string).collect();
        } else if !report.cancelled {
            // The global database is never listed whole: what is missing there may still be shared.
            let listed = |scope: &Scope| *scope != Scope::Public && read.contains(&DatabaseRole::of(scope));
            let scopes: Vec<Scope> =
                self.identity.without_machine().scopes().into_iter().filter(listed).collect();
            report.removed = puller.forget(&scopes, &all).await?;
        }
        Ok(report)
    }

    pub(super) fn scope(&self, tier: Tier) -> Result<Scope, ZenithError> {
        Ok(self.identity.scope(tier).ok_or(IndexError::NoScope(tier))?)
    }

    fn exporter(&self) -> Result<Exporter, ZenithError> {
        let exporter = folder_name(&self.config.data_dir)?;
        Ok(Exporter { store: self.store()?, lake: self.lake.clone(), exporter })
    }
}

/// The name of a data folder, which no other has. It is made when it is first asked for, by one process.
fn folder_name(data_dir: &Path) -> Result<String, ZenithError> {
    let path = data_dir.join("name");
    let fail = |source| ZenithError::Name { path: path.clone(), source };
    if !path.exists() {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let mine = data_dir.join(format!("name.{name}"));
        std::fs::write(&mine, &name).map_err(fail)?;
        // Whole or not at all, and the first one stays.
        let linked = std::fs::hard_link(&mine, &path);
        let _ = std::fs::remove_file(&mine);
        if let Err(source) = linked
            && !path.exists()
        {
            return Err(fail(source));
        }
    }
    let name = std::fs::read_to_string(&path).map_err(fail)?;
    match name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(name),
        false => Err(fail(std::io::Error::other("it holds no name; remove the file"))),
    }
}
