//! How one gets what is found.
//!
//! What an answer hangs on is asked once for all items of a command: manifests are read, the lockfile is the
//! project's own as it was read, and cargo runs once, where an item needs a feature at all.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;
use std::sync::Arc;

use super::{Zenith, ZenithError};
use crate::answers::{Fact, Known, Offer, PackageSource, Relation, is_standard, obtain, offer};
use crate::catalog::{CatalogEntry, PackageRoot};
use crate::index::KnownProject;
use crate::ingest::{Origin, features_of, origin_of};
use crate::lake::{ApiSymbol, Names};
use crate::package::PackageId;
use crate::search::Project;

impl Zenith {
    /// What one needs to use a package.
    pub async fn offer(&self, entry: &CatalogEntry) -> Result<Offer, ZenithError> {
        Ok(offer(entry, &self.known_of(entry).await?))
    }

    /// How one gets an item.
    pub async fn obtain(
        &self,
        entry: &CatalogEntry,
        symbol: &ApiSymbol,
        project: Option<&Arc<Project>>,
    ) -> Result<Vec<Fact>, ZenithError> {
        Ok(self.obtain_each(entry, slice::from_ref(symbol), project).await?.into_iter().flatten().collect())
    }

    /// How one gets each of some items of one package.
    pub async fn obtain_each(
        &self,
        entry: &CatalogEntry,
        symbols: &[ApiSymbol],
        project: Option<&Arc<Project>>,
    ) -> Result<Vec<Vec<Fact>>, ZenithError> {
        let mut of_package = self.known_of(entry).await?;
        let project = project.filter(|project| project.root().is_some());
        if let Some(project) = project {
            of_package.alias = self.alias_of(entry, project).await?;
        }
        let mut asked: Vec<(Known, PackageId, bool)> = Vec::with_capacity(symbols.len());
        for symbol in symbols {
            // A facade's features are not those of the package behind it.
            let behind = Names::of(&symbol.metadata).file_in().filter(|id| *id != entry.id);
            let declaring = behind.as_ref().map(|id| id.name().to_owned());
            let known = Known { declaring, ..of_package.clone() };
            let is_guarded = symbol.metadata.contains("cfg\"") && symbol.metadata.contains("feature");
            let needs = is_guarded || !known.bringing().is_empty();
            asked.push((known, behind.unwrap_or_else(|| entry.id.clone()), needs));
        }
        let builds = project.filter(|project| project.holds(entry) && !is_standard(entry));
        let features = match builds.filter(|_| asked.iter().any(|(_, _, needs)| *needs)) {
            Some(project) => self.features_of(project).await?,
            None => None,
        };
        let each = symbols.iter().zip(asked).map(|(symbol, (mut known, behind, needs))| {
            if let Some(features) = features.as_ref().filter(|_| needs) {
                known.facade_features = features.get(&entry.id).cloned();
                known.features = features.get(&behind).cloned().map(|on| (on, "cargo metadata"));
            }
            obtain(entry, symbol, &known)
        });
        Ok(each.collect())
    }

    /// The features that a project turns on of each package; none where cargo does not answer.
    async fn features_of(
        &self,
        project: &Project,
    ) -> Result<Option<BTreeMap<PackageId, BTreeSet<String>>>, ZenithError> {
        let Some(folder) = project.root().map(ToOwned::to_owned) else { return Ok(None) };
        let (cargo, data_dir) = (self.cargo(), self.config.data_dir.clone());
        // Cargo takes longer than all else together, and said it to the run that indexed the project.
        let ask = move || {
            let known = KnownProject::read(&data_dir, &folder.join("Cargo.lock"));
            known.and_then(|known| known.features()).or_else(|| features_of(&folder, &cargo))
        };
        Ok(tokio::task::spawn_blocking(ask).await?)
    }

    /// What is known of a package by itself.
    async fn known_of(&self, entry: &CatalogEntry) -> Result<Known, ZenithError> {
        let root = self.root_of(entry).await?;
        let home = PackageSource::open(entry, root.as_ref(), Relation::Package, None).ok();
        let own = |root: &PackageRoot| origin_of(root.fingerprint.as_deref()) == Origin::Own;
        Ok(Known {
            manifest: home.and_then(|source| source.manifest),
            root: root.filter(own).map(|root| root.root),
            ..Known::default()
        })
    }
}
