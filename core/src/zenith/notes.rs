//! Notes: where those of this user lie, and how what they speak of stands in a project.

use cargo_metadata::semver::Version;
use serde::Serialize;

use super::{Zenith, ZenithError};
use crate::lake::{Location, Store, StoreSettings};
use crate::package::Tier;
use crate::search::{PackageFilter, Project};
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

    /// Synchronises notes with a store: the one that the settings name, or a folder or bucket that is reached as they say.
    /// They go to the private prefix of whoever asks, and nowhere else.
    pub async fn sync_notes(
        &self,
        notes: &Workspace,
        place: Option<Location>,
        join: bool,
    ) -> Result<Synced, ZenithError> {
        let store = match place {
            None => self.shared_store()?,
            Some(place) => {
                let settings = StoreSettings { location: Some(place), ..self.config.store.clone() };
                Store::open(&settings, &self.config.data_dir)?
            }
        };
        Ok(notes.sync(&store, &self.scope(Tier::Private)?, join).await?)
    }

    /// How what a note speaks of stands in a project; nothing where it speaks of no package.
    pub async fn standing(
        &self,
        target: &Target<'_>,
        project: &Project,
    ) -> Result<Option<Standing>, ZenithError> {
        let Some(package) = target.package else { return Ok(None) };
        let ids = project.ids();
        let locked: Vec<&str> = ids.iter().filter(|id| id.name() == package).map(|id| id.version()).collect();
        let Some(version) = nearest(&locked, target.version) else {
            return Ok(Some(Standing::Gone { version: None }));
        };
        let version = version.to_owned();
        if target.version == Some(version.as_str()) {
            return Ok(Some(Standing::Same { version }));
        }
        if let Some(item) = target.item
            && let Some(standing) = self.standing_of_item(package, &version, item, target.signature).await?
        {
            return Ok(Some(standing));
        }
        let parse = |text: &str| Version::parse(text).ok();
        let is_older = target.version.and_then(parse) > parse(&version);
        Ok(Some(if is_older { Standing::Older { version } } else { Standing::Newer { version } }))
    }

    /// How an item stands in a version; nothing where that is not indexed, or where it is not known what the item was.
    async fn standing_of_item(
        &self,
        package: &str,
        version: &str,
        item: &str,
        signature: Option<&str>,
    ) -> Result<Option<Standing>, ZenithError> {
        let filter = PackageFilter { name: package.to_owned(), version: Some(version.to_owned()) };
        let found = self.find_packages(&filter).await?;
        let Some(entry) = found.iter().find(|entry| entry.id.version() == version) else { return Ok(None) };
        let followed = self.follow(entry, item).await?;
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

/// Of the versions that are locked, the one that a note speaks of; else the newest.
fn nearest<'a>(locked: &[&'a str], written_at: Option<&str>) -> Option<&'a str> {
    let very = locked.iter().find(|version| Some(**version) == written_at);
    very.or_else(|| locked.iter().max_by_key(|version| Version::parse(version).ok())).copied()
}
