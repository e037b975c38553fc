//! What changed between two versions, from what is indexed of them.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Zenith, ZenithError};
use crate::answers::changes::{ItemChange, NoRange, Range, Versions, changes, keep_used, locked};
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
        package: &str,
        lockfile: &Path,
    ) -> Result<Option<Vec<ItemChange>>, ZenithError> {
        let Some(known) = KnownProject::read(&self.config.data_dir, lockfile) else { return Ok(None) };
        let names = self.names_in_code(package, lockfile.parent().unwrap_or(lockfile)).await?;
        let work = move || {
            let code: Vec<Uses> = known.own_folders().flat_map(Uses::in_folder).collect();
            keep_used(&mut changes, &names, &code);
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
    /// known, see [`Range::meant`].
    pub async fn range(
        &self,
        package: &str,
        ends: (Option<String>, Option<String>),
        lockfile: Option<&Path>,
    ) -> Result<Result<Range, NoRange>, ZenithError> {
        let mut known = Versions { here: self.versions(package).await?, ..Versions::default() };
        let whole = ends.0.is_some() && ends.1.is_some();
        if let Some(lockfile) = lockfile.filter(|_| !whole) {
            let (lockfile, name) = (lockfile.to_owned(), package.to_owned());
            let look = move || {
                let text = std::fs::read_to_string(&lockfile).unwrap_or_default();
                (locked(&text, &name), Range::in_history(&lockfile, &name))
            };
            (known.locked, known.replaced) = tokio::task::spawn_blocking(look).await?;
        }
        Ok(Range::meant(package, ends, &known))
    }

    async fn declared(&self, entry: &CatalogEntry) -> Result<Vec<DeclaredSymbol>, ZenithError> {
        Ok(match (self.search.held().rows(entry), self.readable(entry).await?) {
            (Some(rows), _) => rows.symbols.iter().map(DeclaredSymbol::from).collect(),
            (None, Some(dataset)) => self.lake.read(&dataset).await?,
            (None, None) => Vec::new(),
        })
    }
}
