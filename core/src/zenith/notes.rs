//! Notes: where those of this user lie, and how what they speak of stands in a project.

use cargo_metadata::semver::Version;
use serde::Serialize;
use tokio::sync::OnceCell;

use super::reading::Outlines;
use super::{Zenith, ZenithError};
use crate::catalog::{CatalogEntry, Status};
use crate::lake::{Location, Store};
use crate::package::{PackageId, Tier};
use crate::search::Project;
use crate::workspace::sync::Synced;
use crate::workspace::{Target, Workspace};

/// How what a note speaks of stands in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Standing {
    /// The version that it was written at; or another, whose item has the signature that it had.
    Same { version: String },
    /// A later version is locked; whether the item changed is not known.
    Newer { version: String },
    /// An earlier version is locked, likewise.
    Older { version: String },
    /// The item's signature is another.
    Changed { version: String, signature: Option<String> },
    /// The version that is locked has no such item; no package of the name is locked, where there is no version.
    Gone { version: Option<String> },
}

impl Zenith {
    /// The notes of this data folder. All of their log is read.
    pub async fn notes(&self) -> Result<Workspace, ZenithError> {
        Ok(Workspace::open(&self.config.data_dir).await?)
    }

    /// Synchronises notes with a store: the one that the settings name; a folder, whatever they say; or a bucket,
    /// with the keys that they have for it. They go to the private prefix of whoever asks, and nowhere else.
    pub async fn sync_notes(
        &self,
        notes: &Workspace,
        place: Option<Location>,
        join: bool,
    ) -> Result<Synced, ZenithError> {
        let store = match place {
            None => self.shared_store()?,
            Some(Location::Folder(path)) => Store::folder(&path)?,
            Some(bucket) => Store::open(&self.config.store_at(&bucket), &self.config.data_dir)?,
        };
        Ok(notes.sync(&store, &self.scope(Tier::Private)?, join).await?)
    }

    /// How what notes speak of stands in a project, in the order that they are asked for; nothing where one speaks of
    /// no package. The catalog, and each package, is read once for all of them.
    pub async fn standings(
        &self,
        targets: &[Target<'_>],
        project: &Project,
    ) -> Result<Vec<Option<Standing>>, ZenithError> {
        let mut look =
            Look { zenith: self, locked: project.ids(), visible: OnceCell::new(), read: Outlines::new() };
        let mut standings = Vec::with_capacity(targets.len());
        for target in targets {
            standings.push(look.standing(target).await?);
        }
        Ok(standings)
    }

    /// The same of what one note speaks of.
    pub async fn standing(
        &self,
        target: &Target<'_>,
        project: &Project,
    ) -> Result<Option<Standing>, ZenithError> {
        let standings = self.standings(std::slice::from_ref(target), project).await?;
        Ok(standings.into_iter().next().flatten())
    }
}

/// A look at a project and at what is indexed.
struct Look<'a> {
    zenith: &'a Zenith,
    locked: Vec<PackageId>,
    visible: OnceCell<Vec<CatalogEntry>>,
    read: Outlines,
}

impl Look<'_> {
    async fn standing(&mut self, target: &Target<'_>) -> Result<Option<Standing>, ZenithError> {
        let Some(package) = target.package else { return Ok(None) };
        let of_package = self.locked.iter().filter(|id| id.name() == package);
        let locked: Vec<&str> = of_package.map(PackageId::version).collect();
        let Some(version) = nearest(&locked, target.version) else {
            return Ok(Some(Standing::Gone { version: None }));
        };
        let version = version.to_owned();
        // Of what is published, a version never changes; of one's own code it is no proof.
        let is_same = target.version == Some(version.as_str());
        if is_same && !self.is_own(package, &version).await? {
            return Ok(Some(Standing::Same { version }));
        }
        if let Some(item) = target.item
            && let Some(standing) = self.standing_of_item(package, &version, item, target.signature).await?
        {
            return Ok(Some(standing));
        }
        if is_same {
            return Ok(Some(Standing::Same { version }));
        }
        let parse = |text: &str| Version::parse(text).ok();
        let is_older = target.version.and_then(parse) > parse(&version);
        Ok(Some(if is_older { Standing::Older { version } } else { Standing::Newer { version } }))
    }

    /// Whether a version is indexed as code of this user's own.
    async fn is_own(&self, package: &str, version: &str) -> Result<bool, ZenithError> {
        let visible = self.visible.get_or_try_init(|| self.zenith.searchable()).await?;
        let entry = indexed(visible, package, version);
        Ok(entry.is_some_and(|entry| entry.scope.tier() != Tier::Public))
    }

    /// How an item stands in a version; nothing where that is not indexed, or where it is not known what the item was.
    async fn standing_of_item(
        &mut self,
        package: &str,
        version: &str,
        item: &str,
        signature: Option<&str>,
    ) -> Result<Option<Standing>, ZenithError> {
        let visible = self.visible.get_or_try_init(|| self.zenith.searchable()).await?;
        let Some(entry) = indexed(visible, package, version) else { return Ok(None) };
        let followed = self.zenith.follow_among(visible, &mut self.read, entry, item).await?;
        let version = version.to_owned();
        let now: Vec<Option<&str>> =
            followed.symbols.iter().map(|symbol| symbol.signature.as_deref()).collect();
        Ok(match (now.first(), signature) {
            (None, _) if followed.not_indexed.is_some() => None,
            (None, _) => Some(Standing::Gone { version: Some(version) }),
            (Some(_), None) => None,
            (Some(_), Some(_)) if now.contains(&signature) => Some(Standing::Same { version }),
            (Some(now), Some(_)) => Some(Standing::Changed { version, signature: now.map(str::to_owned) }),
        })
    }
}

/// A version as it was indexed last.
fn indexed<'a>(visible: &'a [CatalogEntry], package: &str, version: &str) -> Option<&'a CatalogEntry> {
    let is_it = |entry: &&CatalogEntry| {
        let id = &entry.id;
        entry.status == Status::Ready && id.name() == package && id.version() == version
    };
    visible.iter().filter(is_it).max_by_key(|entry| entry.indexed_at_ms)
}

/// Of the versions that are locked, the one that a note speaks of; else the newest.
fn nearest<'a>(locked: &[&'a str], written_at: Option<&str>) -> Option<&'a str> {
    let very = locked.iter().find(|version| Some(**version) == written_at);
    very.or_else(|| locked.iter().max_by_key(|version| Version::parse(version).ok())).copied()
}
