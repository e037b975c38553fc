//! Packages by the names that a project's manifests give them: `works = { package = "wheel-works" }`.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Zenith, ZenithError};
use crate::answers::{Locked, meant};
use crate::catalog::{CatalogEntry, PackageRoot, Status};
use crate::ingest::{Named, PackageFolder, Told, origin_of};
use crate::package::{PackageId, Tier};
use crate::search::{PackageFilter, Project, Query, SearchRequest};

impl Zenith {
    /// The name that this project's packages give a package of this version, if it is not its own, and one that
    /// does.
    pub(super) async fn alias_of(
        &self,
        entry: &CatalogEntry,
        project: &Project,
    ) -> Result<Option<(String, String)>, ZenithError> {
        let Some(folder) = project.root() else { return Ok(None) };
        let locked = Locked::of(project.lockfile());
        for (own, manifest) in self.own_manifests(folder).await? {
            let locked = locked.dependencies(&own).unwrap_or_default();
            let is_meant = |one: &&Named| {
                let meant = meant(one, locked);
                let may = meant.is_empty() && one.admits(entry.id.version());
                one.package == entry.id.name() && (may || meant.contains(&&entry.id))
            };
            if let Some(one) = manifest.dependencies.iter().find(is_meant) {
                return Ok(one.alias.clone().map(|alias| (alias, own.name().to_owned())));
            }
        }
        Ok(None)
    }

    /// The packages that this project's own code calls by a name which its manifests give them.
    pub async fn find_renamed(
        &self,
        wanted: &PackageFilter,
        project: &Project,
    ) -> Result<Vec<CatalogEntry>, ZenithError> {
        let Some(folder) = project.root() else { return Ok(Vec::new()) };
        let (locked, name) = (Locked::of(project.lockfile()), wanted.name.replace('-', "_"));
        let mut found: Vec<CatalogEntry> = Vec::new();
        let searchable = self.searchable().await?;
        for (own, manifest) in self.own_manifests(folder).await? {
            let locked = locked.dependencies(&own).unwrap_or_default();
            for one in manifest.dependencies.iter().filter(|one| one.alias.as_deref() == Some(&name)) {
                let meant = meant(one, locked);
                let filter = PackageFilter { name: one.package.clone(), version: wanted.version.clone() };
                let is_it = |entry: &&CatalogEntry| {
                    let may = meant.is_empty() && one.admits(entry.id.version());
                    let ready = entry.status == Status::Ready && filter.holds(&entry.id);
                    ready && (may || meant.contains(&&entry.id))
                };
                for entry in searchable.iter().filter(is_it) {
                    if !found.contains(entry) {
                        found.push(entry.clone());
                    }
                }
            }
        }
        Ok(found)
    }

    /// A package's own name, where one may be typed in another spelling, or be what this project calls it. What is
    /// indexed under the very name comes first.
    pub async fn own_name(&self, name: &str, project: Option<&Project>) -> Result<String, ZenithError> {
        let filter = PackageFilter { name: name.to_owned(), version: None };
        let entries = self.searchable().await?;
        let renamed = match (entries.iter().find(|entry| filter.holds(&entry.id)), project) {
            (Some(known), _) => return Ok(known.id.name().to_owned()),
            (None, Some(project)) => self.find_renamed(&filter, project).await?,
            (None, None) => Vec::new(),
        };
        Ok(renamed.first().map_or(name, |entry| entry.id.name()).to_owned())
    }

    /// The names that one's own packages below a folder give a package, as code writes them.
    pub(super) async fn names_in_code(
        &self,
        package: &str,
        folder: &Path,
    ) -> Result<BTreeSet<String>, ZenithError> {
        let manifests = self.own_manifests(folder).await?;
        let all = manifests.into_iter().flat_map(|(_, manifest)| manifest.dependencies);
        Ok(all.filter(|one| one.package == package).filter_map(|one| one.alias).collect())
    }

    /// The manifests of one's own packages below a folder, as they are now.
    async fn own_manifests(&self, folder: &Path) -> Result<Vec<(PackageId, Told)>, ZenithError> {
        let mut roots = Vec::new();
        for own in self.packages().await?.into_iter().filter(|own| own.tier() != Tier::Public) {
            let root = self.root_of(&own).await?.filter(|root| root.root.starts_with(folder));
            roots.extend(root.map(|root| (own.id, root)));
        }
        let read = move || {
            let manifest = |root: &PackageRoot| {
                PackageFolder::open(&root.root, origin_of(root.fingerprint.as_deref()))?.manifest()
            };
            roots.into_iter().filter_map(|(id, root)| Some((id, manifest(&root)?))).collect()
        };
        Ok(tokio::task::spawn_blocking(read).await?)
    }

    /// A query whose paths begin with the crates' own names, where this project's code calls them otherwise.
    async fn with_own_crates(
        &self,
        query: String,
        visible: &[CatalogEntry],
        project: &Project,
    ) -> Result<String, ZenithError> {
        let mut words: Vec<String> = Vec::new();
        for word in query.split_whitespace() {
            let path = word.trim_start_matches("::").split_once("::");
            // Names of crates are in small letters, and most paths begin with a type or with a package that is known.
            let path = path.filter(|(first, _)| !first.is_empty() && !first.contains(char::is_uppercase));
            let filter = path.map(|(first, _)| PackageFilter { name: first.to_owned(), version: None });
            let is_known = |filter: &PackageFilter| visible.iter().any(|entry| filter.holds(&entry.id));
            let renamed = match filter.filter(|filter| !is_known(filter)) {
                Some(filter) => self.find_renamed(&filter, project).await?,
                None => Vec::new(),
            };
            words.push(match (renamed.first(), path) {
                (Some(entry), Some((_, rest))) => format!("{}::{rest}", entry.id.name().replace('-', "_")),
                _ => word.to_owned(),
            });
        }
        Ok(words.join(" "))
    }

    /// A request whose filters name packages by their own names, where this project has others for them.
    pub(super) async fn with_own_names(
        &self,
        mut request: SearchRequest,
        visible: &[CatalogEntry],
        project: Option<&Project>,
    ) -> Result<SearchRequest, ZenithError> {
        let Some(project) = project else { return Ok(request) };
        request.query = self.with_own_crates(request.query, visible, project).await?;
        let typed = Query::parse(&request.query);
        let known = |filter: &PackageFilter| visible.iter().any(|entry| filter.holds(&entry.id));
        let all = typed.filters.packages.iter().chain(&request.filters.packages);
        if all.into_iter().all(known) {
            return Ok(request);
        }
        request.query = typed.text;
        request.filters = typed.filters.and(request.filters);
        let mut packages = Vec::new();
        for filter in std::mem::take(&mut request.filters.packages) {
            let meant = if known(&filter) { Vec::new() } else { self.find_renamed(&filter, project).await? };
            packages.extend(meant.is_empty().then(|| filter.clone()));
            packages.extend(meant.into_iter().map(|entry| PackageFilter {
                name: entry.id.name().to_owned(),
                version: Some(entry.id.version().to_owned()),
            }));
        }
        request.filters.packages = packages;
        Ok(request)
    }
}
