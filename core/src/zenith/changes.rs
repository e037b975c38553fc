//! What changed between two versions, from what is indexed of them.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Zenith, ZenithError};
use crate::answers::changes::{ItemChange, Origin, Range, changes, keep_used};
use crate::catalog::CatalogEntry;
use crate::index::KnownProject;
use crate::ingest::{Uses, versions_here};
use crate::lake::DeclaredSymbol;
use crate::search::PackageFilter;

impl Zenith {
    /// What changed from one version of a package to another, what breaks its users first; see
    /// [`changes`](crate::answers::changes::changes).
    pub async fn changes(
        &self,
        before: &CatalogEntry,
        after: &CatalogEntry,
    ) -> Result<Vec<ItemChange>, ZenithError> {
        let (before, after) = tokio::try_join!(self.declared(before), self.declared(after))?;
        Ok(tokio::task::spawn_blocking(move || changes(&before, &after)).await?)
    }

    /// Keeps the changes that the code of a project names; `None` where the project is not indexed, and its code
    /// therefore not known.
    pub async fn changes_used(
        &self,
        mut changes: Vec<ItemChange>,
        lockfile: &Path,
    ) -> Result<Option<Vec<ItemChange>>, ZenithError> {
        let Some(known) = KnownProject::read(&self.config.data_dir, lockfile) else { return Ok(None) };
        let work = move || {
            let code: Vec<Uses> = known.own_folders().flat_map(Uses::in_folder).collect();
            keep_used(&mut changes, &code);
            changes
        };
        Ok(Some(tokio::task::spawn_blocking(work).await?))
    }

    /// The versions of a package that can be compared: those that are indexed, and those in cargo's registry folder,
    /// which can be.
    pub async fn versions(&self, package: &str) -> Result<BTreeSet<String>, ZenithError> {
        let filter = PackageFilter { name: package.to_owned(), version: None };
        let indexed = self.find_packages(&filter).await?.into_iter();
        let mut versions: BTreeSet<String> = indexed.map(|entry| entry.id.version().to_owned()).collect();
        let (name, cargo) = (package.to_owned(), self.cargo());
        versions.extend(tokio::task::spawn_blocking(move || versions_here(&name, &cargo)).await?);
        Ok(versions)
    }

    /// The two versions that a package's changes are asked between: what was told of them, and for the rest what is
    /// known, see [`Range`].
    pub async fn range(
        &self,
        package: &str,
        (from, to): (Option<String>, Option<String>),
        lockfile: Option<&Path>,
    ) -> Result<Option<Range>, ZenithError> {
        // A whole version is what it is, whether it is here or not.
        let is_part = |end: &Option<String>| end.as_ref().is_some_and(|end| end.matches('.').count() < 2);
        let (mut from, mut to) = (from, to);
        if is_part(&from) || is_part(&to) {
            let versions = self.versions(package).await?;
            let whole = |end: Option<String>| end.map(|end| Range::whole(end, &versions));
            (from, to) = (whole(from), whole(to));
        }
        if let (Some(from), Some(to)) = (&from, &to) {
            return Ok(Some(Range { from: from.clone(), to: to.clone(), origin: Origin::Asked }));
        }
        let known = self.replaced(package, lockfile).await?;
        if from.is_none() && to.is_none() {
            return Ok(known);
        }
        let told = known.map(|known| known.with_ends(from.clone(), to.clone()));
        match told.filter(Range::is_ascending) {
            None => Ok(Range::beside(from, to, self.versions(package).await?)),
            told => Ok(told),
        }
    }

    /// What git has of the lockfile, else the two newest.
    async fn replaced(&self, package: &str, lockfile: Option<&Path>) -> Result<Option<Range>, ZenithError> {
        if let Some(lockfile) = lockfile {
            let (lockfile, name) = (lockfile.to_owned(), package.to_owned());
            let found = tokio::task::spawn_blocking(move || Range::in_history(&lockfile, &name)).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(Range::newest(self.versions(package).await?))
    }

    async fn declared(&self, entry: &CatalogEntry) -> Result<Vec<DeclaredSymbol>, ZenithError> {
        Ok(match (self.search.held().rows(entry), self.readable(entry).await?) {
            (Some(rows), _) => rows.symbols.iter().map(DeclaredSymbol::from).collect(),
            (None, Some(dataset)) => self.lake.read(&dataset).await?,
            (None, None) => Vec::new(),
        })
    }
}
