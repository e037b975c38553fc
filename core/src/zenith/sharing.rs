//! Sharing through a store: exports, push and pull.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Zenith, ZenithError};
use crate::catalog::{CatalogEntry, DatabaseRole, Doubted, Shared};
use crate::identity::Scope;
use crate::identity::service::Access;
use crate::index::{
    ArrivalEvent, ImportReport, Importer, IndexError, PullReport, Puller, PushError, PushEvent, PushReport,
    Pusher, Wanted, WithdrawReport,
};
use crate::lake::export::{ExportEvent, ExportMode, ExportReport, Exporter, indexed_here};
use crate::lake::{Store, Waiting};
use crate::package::{PackageId, Tier};
use crate::search::PackageFilter;

/// How long a database may take to be made sure of before something is removed by what it lists.
const CHECKED_WITHIN: Duration = Duration::from_secs(20);

/// What is shared with the identity, and what is not any more.
struct Listing {
    shared: Shared,
    /// Pulled, and not shared any more: a copy that was just checked says so.
    gone: Vec<(Scope, PackageId)>,
    /// Pulled and not listed, for all that can be known.
    in_doubt: usize,
}

impl Zenith {
    /// The store that the settings name: where shared data lies. No request is made.
    pub fn store(&self) -> Result<Store, ZenithError> {
        Ok(Store::open(&self.config.store, &self.config.data_dir)?)
    }

    /// The store that the settings name, where they do: sharing through a folder of one's own would share
    /// nothing.
    pub(super) fn shared_store(&self) -> Result<Store, ZenithError> {
        match self.config.store.is_named() {
            true => self.store(),
            false => Err(ZenithError::NoStore),
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
        telling(&exporter.store, &events, ExportEvent::Waiting);
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
        telling(&importer.store, &events, ArrivalEvent::Waiting);
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
        let scope = self.scope(tier)?;
        let pusher = self.pusher(tier, &scope, &cancel).await?;
        telling(&pusher.store, &events, PushEvent::Waiting);
        let entries = self.packages().await?;
        Ok(pusher.push(&scope, &indexed_here(&entries, &scope), anew, events, &cancel).await?)
    }

    /// Takes back what was shared of a tier; see [`Pusher::withdraw`].
    pub async fn unpush(
        &self,
        tier: Tier,
        filters: &[PackageFilter],
        cancel: CancellationToken,
    ) -> Result<WithdrawReport, ZenithError> {
        let scope = self.scope(tier)?;
        Ok(self.pusher(tier, &scope, &cancel).await?.withdraw(&scope, filters, &cancel).await?)
    }

    /// What of a tier is shared and meant, and was not indexed on this machine: another member's, for all that is known
    /// here.
    pub async fn shared_elsewhere(
        &self,
        tier: Tier,
        filters: &[PackageFilter],
        cancel: &CancellationToken,
    ) -> Result<Vec<PackageId>, ZenithError> {
        let scope = self.scope(tier)?;
        let entries = self.packages().await?;
        let own: BTreeSet<&PackageId> =
            indexed_here(&entries, &scope).into_iter().map(|entry| &entry.id).collect();
        let shared = self.pusher(tier, &scope, cancel).await?.meant(&scope, filters).await?;
        Ok(shared.into_iter().map(|entry| entry.id).filter(|id| !own.contains(id)).collect())
    }

    async fn pusher(
        &self,
        tier: Tier,
        scope: &Scope,
        cancel: &CancellationToken,
    ) -> Result<Pusher, ZenithError> {
        let session = self.session.as_ref().ok_or(PushError::NotSignedIn(tier))?;
        let role = DatabaseRole::of(scope);
        let database = session.databases.iter().find(|database| database.role == role);
        let database = database.ok_or(PushError::NoDatabase(tier))?;
        if database.access != Access::ReadWrite {
            return Err(PushError::ReadOnly(tier).into());
        }
        let server = self.servers(std::slice::from_ref(database)).await?.pop().flatten();
        let server = server.ok_or(PushError::Expired(tier))?;
        Ok(Pusher {
            catalog: Arc::new(Pusher::connect(&server, cancel).await?),
            identity: self.identity.without_machine(),
            lake: self.lake.clone(),
            store: self.shared_store()?,
            run_folder: self.run_folder(),
        })
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
        let puller = Puller { index: self.local_index(), store: self.shared_store()? };
        let scopes: Vec<Scope> = match wanted {
            Some(Wanted::Named(_)) => Vec::new(),
            _ => self.identity.without_machine().scopes(),
        };
        let listing = tokio::select! {
            listing = self.listing(&puller, &ids, &scopes, tiers) => listing?,
            () = cancel.cancelled() => return Ok(PullReport { cancelled: true, ..PullReport::default() }),
        };
        let is_wanted = |entry: &CatalogEntry| {
            (tiers.is_empty() || tiers.contains(&entry.tier()))
                && match wanted {
                    Some(wanted) => wanted.holds(&entry.id),
                    None => entry.tier() != Tier::Public,
                }
        };
        let found = listing.shared.found.into_iter().map(|found| found.entry);
        let shared: Vec<CatalogEntry> = found.filter(is_wanted).collect();
        telling(&puller.store, &events, ArrivalEvent::Waiting);
        let mut report = puller.pull(&shared, anew, events, &cancel).await?;
        report.doubted = listing.shared.doubted;
        if let Some(Wanted::Named(filters)) = wanted {
            report.missing = PackageFilter::missing(filters, shared.iter().map(|entry| &entry.id));
        } else if !report.cancelled {
            report.remains = puller.forget(&listing.gone).await?;
            (report.removed, report.in_doubt) = (listing.gone.len(), listing.in_doubt);
        }
        Ok(report)
    }

    /// What is shared, and what was pulled of some scopes and is not any more.
    ///
    /// As long as nothing is to be removed and nothing is in doubt, the copies on this machine say so, and no
    /// server is asked. Else those concerned are checked and brought up to date first, since an empty or a
    /// damaged copy would take away what is shared; what is in doubt even then is kept.
    async fn listing(
        &self,
        puller: &Puller,
        ids: &[PackageId],
        scopes: &[Scope],
        tiers: &[Tier],
    ) -> Result<Listing, ZenithError> {
        let scopes: Vec<Scope> = scopes
            .iter()
            .filter(|scope| tiers.is_empty() || tiers.contains(&scope.tier()))
            .cloned()
            .collect();
        // Of the public packages those that were pulled are looked up as well: it is not listed whole.
        let pulled = puller.pulled(&scopes).await?;
        let asked: Vec<PackageId> = ids
            .iter()
            .chain(pulled.iter().map(|(_, id)| id))
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let shared = self.federation.shared(&self.identity, &asked).await;
        let beyond: Vec<(Scope, PackageId)> =
            pulled.iter().filter(|key| !shared.named.contains(*key)).cloned().collect();
        let concerned: BTreeSet<DatabaseRole> = beyond
            .iter()
            .map(|(scope, _)| DatabaseRole::of(scope))
            .chain(shared.doubted.iter().map(|doubted| doubted.role.clone()))
            .collect();
        if concerned.is_empty() {
            return Ok(Listing { shared, gone: Vec::new(), in_doubt: 0 });
        }
        let outcomes = self.sync_checked(&concerned, CHECKED_WITHIN).await?;
        let mut shared = self.federation.shared(&self.identity, &asked).await;
        let mut sure = BTreeSet::new();
        for (role, outcome) in outcomes {
            let is_read =
                shared.read.contains(&role) && !shared.doubted.iter().any(|doubted| doubted.role == role);
            let is_empty = !shared.named.iter().any(|(scope, _)| DatabaseRole::of(scope) == role);
            match outcome {
                Err(error) => shared.doubted.push(Doubted::new(&role, error)),
                Ok(synced) if synced.fetched_anew && is_empty => {
                    let why = "all of it was fetched anew, and it lists nothing any more";
                    shared.doubted.push(Doubted::new(&role, why));
                }
                Ok(_) if is_read => {
                    sure.insert(role);
                }
                Ok(_) => {}
            }
        }
        let beyond = pulled.into_iter().filter(|key| !shared.named.contains(key));
        let (gone, kept): (Vec<_>, Vec<_>) =
            beyond.partition(|(scope, _)| sure.contains(&DatabaseRole::of(scope)));
        Ok(Listing { shared, gone, in_doubt: kept.len() })
    }

    /// The tier that is shared unless another one is named: the team's, for whoever belongs to one.
    pub fn shared_tier(&self) -> Tier {
        if self.identity.scope(Tier::Team).is_some() { Tier::Team } else { Tier::Public }
    }

    pub(super) fn scope(&self, tier: Tier) -> Result<Scope, ZenithError> {
        Ok(self.identity.scope(tier).ok_or(IndexError::NoScope(tier))?)
    }

    fn exporter(&self) -> Result<Exporter, ZenithError> {
        let exporter = folder_name(&self.config.data_dir)?;
        Ok(Exporter { store: self.store()?, lake: self.lake.clone(), exporter })
    }
}

/// Has waiting requests told as events of a run, for as long as somebody listens.
fn telling<E: Send + 'static>(store: &Store, events: &mpsc::UnboundedSender<E>, as_event: fn(Waiting) -> E) {
    let events = events.downgrade();
    store.tell_waiting(move |waiting| {
        if let Some(events) = events.upgrade() {
            let _ = events.send(as_event(waiting.clone()));
        }
    });
}

/// The name of a data folder, which no other has. It is made when it is first asked for, by one process.
pub(super) fn folder_name(data_dir: &Path) -> Result<String, ZenithError> {
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
