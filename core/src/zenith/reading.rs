//! Finding and reading what the identity may see.

use std::sync::Arc;
use std::time::Duration;

use super::{Zenith, ZenithError};
use crate::catalog::{CatalogEntry, Doubted, Found, Status};
use crate::index::{Reached, reach};
use crate::lake::{ApiSymbol, DocChunk, SymbolOutline};
use crate::package::PackageId;
use crate::search::shelf::fold_path;
use crate::search::{HeldPackage, PackageFilter, Project, Query, SearchRequest, SearchResults, select};

impl Zenith {
    /// What the identity may see here and in the copies of the shared databases; of the global one,
    /// the packages that are `wanted`.
    pub async fn catalogued(&self, wanted: &[PackageId]) -> Result<Vec<Found>, ZenithError> {
        Ok(self.federation.packages(&self.identity, wanted).await?)
    }

    /// The copies of shared catalogs that cannot be read, or not be believed: what they do not list may well
    /// be shared.
    pub async fn doubted(&self) -> Vec<Doubted> {
        self.federation.shared(&self.identity, &[]).await.doubted
    }

    /// Every package that the identity may see, ready or not.
    pub async fn packages(&self) -> Result<Vec<CatalogEntry>, ZenithError> {
        Ok(self.catalog.packages(&self.identity).await?)
    }

    /// Those, and the packages elsewhere that were reached: see [`Zenith::reach`].
    pub async fn searchable(&self) -> Result<Vec<CatalogEntry>, ZenithError> {
        let mut entries = self.packages().await?;
        for HeldPackage { entry: held, .. } in self.search.held().packages() {
            let same = |entry: &CatalogEntry| entry.scope == held.scope && entry.id == held.id;
            if !entries.iter().any(|entry| same(entry) && entry.status == Status::Ready) {
                entries.push(held);
            }
        }
        Ok(entries)
    }

    /// The ready packages that a name, or a name and version, means: the very version first, then the newest
    /// indexed.
    pub async fn find_packages(&self, filter: &PackageFilter) -> Result<Vec<CatalogEntry>, ZenithError> {
        let mut entries = self.packages().await?;
        entries.retain(|entry| entry.status == Status::Ready && filter.holds(&entry.id));
        let very = |entry: &CatalogEntry| filter.version.as_deref() == Some(entry.id.version());
        entries.sort_by_key(|entry| std::cmp::Reverse((very(entry), entry.indexed_at_ms)));
        Ok(entries)
    }

    /// Makes what others share and is not here searchable where it lies, as far as a search like this
    /// would go through it: its rows are read from the store once, and held while this program runs.
    /// Nothing is asked of anyone where nothing is shared.
    pub async fn reach(
        &self,
        request: &SearchRequest,
        project: Option<&Project>,
        deadline: Duration,
    ) -> Result<Reached, ZenithError> {
        let ids = project.map(Project::ids).unwrap_or_default();
        let found = self.catalogued(&ids).await?.into_iter();
        let shared: Vec<CatalogEntry> =
            found.filter(|found| found.shared.is_some()).map(|found| found.entry).collect();
        let filters = Query::parse(&request.query).filters.and(request.filters.clone());
        let wanted: Vec<CatalogEntry> = select(&shared, &filters, project).into_iter().cloned().collect();
        if wanted.is_empty() {
            self.search.held().let_go().await?;
            return Ok(Reached::default());
        }
        Ok(reach(&self.local_index(), &self.shared_store()?, &wanted, deadline).await?)
    }

    /// Searches what the identity may see: what is here, and what was reached.
    pub async fn search(
        &self,
        request: SearchRequest,
        project: Option<Arc<Project>>,
    ) -> Result<SearchResults, ZenithError> {
        let visible = self.searchable().await?;
        let search = self.search.clone();
        let results =
            tokio::task::spawn_blocking(move || search.search(&request, &visible, project.as_deref()))
                .await??;
        Ok(results)
    }

    /// A package's symbols, in the order of the paths.
    pub async fn symbols(&self, entry: &CatalogEntry) -> Result<Vec<SymbolOutline>, ZenithError> {
        let mut symbols: Vec<SymbolOutline> =
            match (self.search.held().rows(entry), self.readable(entry).await?) {
                (Some(rows), _) => rows.symbols.iter().map(SymbolOutline::from).collect(),
                (None, Some(dataset)) => self.lake.read(&dataset).await?,
                (None, None) => Vec::new(),
            };
        symbols.sort_by(|a, b| (&a.path, a.line_start).cmp(&(&b.path, b.line_start)));
        Ok(symbols)
    }

    /// A package's documentation, in the order of files and sections.
    pub async fn chunks(&self, entry: &CatalogEntry) -> Result<Vec<DocChunk>, ZenithError> {
        let mut chunks: Vec<DocChunk> = match (self.search.held().rows(entry), self.readable(entry).await?) {
            (Some(rows), _) => rows.chunks.clone(),
            (None, Some(dataset)) => self.lake.read(&dataset).await?,
            (None, None) => Vec::new(),
        };
        chunks.sort_by(|a, b| (&a.file_path, a.chunk_index).cmp(&(&b.file_path, b.chunk_index)));
        Ok(chunks)
    }

    /// The symbols of a package that a path or the end of one means, in any spelling.
    pub async fn symbol(&self, entry: &CatalogEntry, path: &str) -> Result<Vec<ApiSymbol>, ZenithError> {
        let wanted = fold_path(path);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let means = |outline: &SymbolOutline| {
            let path = fold_path(&outline.path);
            path.strip_suffix(&wanted).is_some_and(|before| before.is_empty() || before.ends_with("::"))
        };
        let mut outlines = self.symbols(entry).await?;
        outlines.retain(means);
        outlines.sort_by_key(|outline| outline.path.len());
        let mut symbols = Vec::new();
        for outline in outlines {
            symbols.extend(self.symbol_by_id(entry, &outline.id).await?);
        }
        Ok(symbols)
    }

    /// A symbol of a package by its row's id. One that was reached elsewhere comes without its source.
    pub async fn symbol_by_id(
        &self,
        entry: &CatalogEntry,
        id: &str,
    ) -> Result<Option<ApiSymbol>, ZenithError> {
        if let Some(rows) = self.search.held().rows(entry) {
            return Ok(rows.symbols.iter().find(|symbol| symbol.id == id).cloned());
        }
        let Some(dataset) = self.readable(entry).await? else { return Ok(None) };
        Ok(self.lake.row(&dataset, id).await?)
    }

    /// The dataset of an entry, asked of the catalog anew: an entry from elsewhere opens nothing that
    /// the identity may not see.
    pub(super) async fn readable(&self, entry: &CatalogEntry) -> Result<Option<String>, ZenithError> {
        let current = self.catalog.package(&self.identity, &entry.scope, &entry.id).await?;
        Ok(current.filter(|entry| entry.status == Status::Ready).and_then(|entry| entry.dataset))
    }
}
