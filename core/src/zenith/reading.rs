//! Finding and reading what the identity may see.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::paths::{Meaning, meaning};
use super::{Zenith, ZenithError};
use crate::catalog::{CatalogEntry, Catalogued, Found, Status};
use crate::holder::is_gone;
use crate::identity::Scope;
use crate::index::{Reached, left_out, reach, reshelve};
use crate::ingest::{STANDARD_CRATES, Toolchain};
use crate::lake::{ApiSymbol, Declaration, DocChunk, LeftOut, SymbolOutline};
use crate::package::PackageId;
use crate::search::shelf::fold_path;
use crate::search::{
    Filters, HeldPackage, Mode, PackageFilter, Project, Query, SearchRequest, SearchResults, is_standard,
    select,
};

/// Packages that a path is followed through.
const STEPS_MAX: usize = 32;
/// Modules among which a crate's root is looked for.
const CRATES_MAX: usize = 50;

/// What a path led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Followed {
    /// The package that has them.
    pub entry: Option<CatalogEntry>,
    pub symbols: Vec<ApiSymbol>,
    /// A package that the path leads into and that is not indexed.
    pub not_indexed: Option<String>,
}

/// The symbols of packages, each read once: by scope, package and dataset.
pub(super) type Outlines = HashMap<(Scope, PackageId, Option<String>), Vec<SymbolOutline>>;

impl Zenith {
    /// What the identity may see here and in the copies of the shared databases; of the global one,
    /// the packages that are `wanted`.
    pub async fn catalogued(&self, wanted: &[PackageId]) -> Result<Catalogued, ZenithError> {
        let mut catalogued = self.federation.packages(&self.identity, wanted).await?;
        let here = catalogued.found.iter_mut().filter(|found| found.shared.is_none());
        self.tell_left(here.map(|found| &mut found.entry));
        Ok(catalogued)
    }

    /// Every package that the identity may see, ready or not.
    pub async fn packages(&self) -> Result<Vec<CatalogEntry>, ZenithError> {
        let mut entries = self.catalog.packages(&self.identity).await?;
        self.tell_left(entries.iter_mut());
        Ok(entries)
    }

    /// Tells those whose indexing a dead process left off from those that a living one works at.
    fn tell_left<'a>(&self, entries: impl Iterator<Item = &'a mut CatalogEntry>) {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now_ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let run_folder = self.run_folder();
        for entry in entries {
            if entry.is_left(now_ms, |holder| is_gone(&run_folder, holder)) {
                entry.status = Status::Interrupted;
            }
        }
    }

    /// What was left out of a package because it has more symbols than are taken of one, where it was noted.
    pub fn left_out(&self, entry: &CatalogEntry) -> Option<LeftOut> {
        left_out(&self.lake, entry).filter(|left_out| left_out.left_out > 0)
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
        let mut entries = self.searchable().await?;
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
        let found = self.catalogued(&ids).await?.found;
        self.reach_among(found, request, project, deadline).await
    }

    /// The same among what was just found catalogued, for who also tells what of it is in doubt.
    pub async fn reach_among(
        &self,
        found: Vec<Found>,
        request: &SearchRequest,
        project: Option<&Project>,
        deadline: Duration,
    ) -> Result<Reached, ZenithError> {
        let shared = found.into_iter().filter(|found| found.shared.is_some());
        let shared: Vec<CatalogEntry> = shared.map(|found| found.entry).collect();
        let filters = Query::parse(&request.query).filters.and(request.filters.clone());
        let wanted: Vec<CatalogEntry> = select(&shared, &filters, project).into_iter().cloned().collect();
        if wanted.is_empty() {
            self.search.held().let_go().await?;
            return Ok(Reached::default());
        }
        Ok(reach(&self.local_index(), &self.shared_store()?, &wanted, deadline).await?)
    }

    /// The scopes whose shelves the next search makes anew, because another version of the program wrote
    /// them or their making was interrupted.
    pub fn outdated_shelves(&self) -> Vec<Scope> {
        let mut scopes = self.identity.scopes();
        scopes.retain(|scope| self.search.shelf(scope).is_outdated());
        scopes
    }

    /// Makes outdated shelves anew from their datasets. One that is left off is gone on with by the next.
    async fn renew_shelves(&self) -> Result<(), ZenithError> {
        let zenith = self.clone();
        for scope in tokio::task::spawn_blocking(move || zenith.outdated_shelves()).await? {
            reshelve(&self.search, &self.lake, &scope, &self.packages().await?).await?;
        }
        Ok(())
    }

    /// Searches what the identity may see: what is here, and what was reached.
    pub async fn search(
        &self,
        request: SearchRequest,
        project: Option<Arc<Project>>,
    ) -> Result<SearchResults, ZenithError> {
        self.renew_shelves().await?;
        let visible = self.searchable().await?;
        let request = self.with_own_names(request, &visible, project.as_deref()).await?;
        let (search, cargo) = (self.search.clone(), self.cargo());
        let results = tokio::task::spawn_blocking(move || {
            if let Some(project) = &project {
                project.settle_toolchain(&visible, &cargo);
            }
            search.search(&request, &visible, project.as_deref())
        });
        let results = results.await??;
        // Nothing found is no answer where what was indexed is gone.
        if results.hits.is_empty() {
            let (search, here) = (self.search.clone(), self.packages().await?);
            tokio::task::spawn_blocking(move || search.look_for_shelves(&here)).await??;
        }
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

    /// The symbols of a package that a path or the end of one means, in any spelling and by any path that
    /// leads to them.
    pub async fn symbol(&self, entry: &CatalogEntry, path: &str) -> Result<Vec<ApiSymbol>, ZenithError> {
        let outlines = self.symbols(entry).await?;
        self.rows(entry, &outlines, &meaning(&outlines, path)).await
    }

    /// The symbols that a path means, looked for in a package and, where the path leads on, in those that
    /// it shows items of.
    pub async fn follow(&self, entry: &CatalogEntry, path: &str) -> Result<Followed, ZenithError> {
        self.follow_among(&self.searchable().await?, &mut Outlines::new(), entry, path).await
    }

    /// The same among packages that were found before, with what was read of them. A path may lead through one of them
    /// many times.
    pub(super) async fn follow_among(
        &self,
        visible: &[CatalogEntry],
        read: &mut Outlines,
        entry: &CatalogEntry,
        path: &str,
    ) -> Result<Followed, ZenithError> {
        let mut followed = Followed::default();
        let mut tried: Vec<(PackageId, String)> = Vec::new();
        let mut open = VecDeque::from([(entry.clone(), path.to_string())]);
        while let Some((entry, path)) = open.pop_front() {
            let outlines = match read.entry((entry.scope.clone(), entry.id.clone(), entry.dataset.clone())) {
                Entry::Occupied(outlines) => &*outlines.into_mut(),
                Entry::Vacant(place) => &*place.insert(self.symbols(&entry).await?),
            };
            let meaning = meaning(outlines, &path);
            let symbols = self.rows(&entry, outlines, &meaning).await?;
            if !symbols.is_empty() {
                return Ok(Followed { entry: Some(entry), symbols, not_indexed: None });
            }
            for declared in meaning.elsewhere.into_iter().chain(siblings(&entry, &path)) {
                let Some(there) = declaring(visible, &entry, &declared) else {
                    followed.not_indexed = followed.not_indexed.or_else(|| named(&declared));
                    continue;
                };
                let step = (there.id.clone(), declared.path.clone());
                if tried.len() < STEPS_MAX && !tried.contains(&step) {
                    open.push_back((there.clone(), declared.path));
                    tried.push(step);
                }
            }
        }
        Ok(followed)
    }

    async fn rows(
        &self,
        entry: &CatalogEntry,
        outlines: &[SymbolOutline],
        meaning: &Meaning,
    ) -> Result<Vec<ApiSymbol>, ZenithError> {
        let mut symbols = Vec::new();
        for outline in meaning.here.iter().filter_map(|&at| outlines.get(at)) {
            symbols.extend(self.symbol_by_id(entry, &outline.id).await?);
        }
        Ok(symbols)
    }

    /// The sections of a package's documentation that bear a title, as results show it or its end.
    pub async fn sections(&self, entry: &CatalogEntry, title: &str) -> Result<Vec<DocChunk>, ZenithError> {
        let wanted = title.trim().to_lowercase();
        let mut chunks = self.chunks(entry).await?;
        chunks.retain(|chunk| {
            let title = chunk.section_title.as_deref().unwrap_or_default().to_lowercase();
            let whole = format!("{} › {title}", entry.id.name().to_lowercase());
            let ends = |text: &str| {
                text.strip_suffix(&wanted).is_some_and(|before| before.is_empty() || before.ends_with(" › "))
            };
            !wanted.is_empty() && ends(whole.trim_end())
        });
        Ok(chunks)
    }

    /// Asks which toolchain builds a project, if that decides what is of it.
    pub async fn settle_toolchain(&self, project: &Arc<Project>) -> Result<(), ZenithError> {
        let (project, visible, cargo) = (project.clone(), self.packages().await?, self.cargo());
        Ok(tokio::task::spawn_blocking(move || project.settle_toolchain(&visible, &cargo)).await?)
    }

    /// Why the standard library of the toolchain at hand cannot be indexed, and what brings it; none where it can, or
    /// no toolchain answers.
    pub async fn why_no_standard(&self) -> Result<Option<&'static str>, ZenithError> {
        let cargo = self.cargo();
        let ask = move || Toolchain::of(Path::new("."), &cargo)?.lacks_sources();
        Ok(tokio::task::spawn_blocking(ask).await?)
    }

    /// The ready packages whose crate has this name in code, which may be another than the package's.
    pub async fn find_crates(&self, name: &str) -> Result<Vec<CatalogEntry>, ZenithError> {
        let request = SearchRequest {
            query: name.to_string(),
            mode: Mode::Text,
            filters: Filters { kinds: vec!["mod".to_string()], ..Filters::default() },
            limit: CRATES_MAX,
        };
        let hits = self.search(request, None).await?.hits;
        let wanted = fold_path(name);
        let mut entries = self.searchable().await?;
        entries.retain(|entry| {
            let same = |(package, version): (&str, &str)| {
                package == entry.id.name() && version == entry.id.version()
            };
            let roots = hits.iter().filter(|hit| fold_path(&hit.path) == wanted);
            entry.status == Status::Ready && roots.map(|hit| (&*hit.package, &*hit.version)).any(same)
        });
        Ok(entries)
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

/// Where else the standard library may have what a path names: `std` shows what `core` and `alloc` declare,
/// but for what they add to the language's own types.
fn siblings(entry: &CatalogEntry, path: &str) -> Vec<Declaration> {
    if !is_standard(entry) {
        return Vec::new();
    }
    let path = path.trim_start_matches("::");
    let (first, rest) = path.split_once("::").unwrap_or(("", path));
    let rest = if STANDARD_CRATES.contains(&first) { rest } else { path };
    let others = STANDARD_CRATES.into_iter().filter(|name| *name != entry.id.name());
    let sibling = |name: &str| Declaration {
        package: name.to_string(),
        version: entry.id.version().to_string(),
        path: rest.to_string(),
    };
    others.map(sibling).collect()
}

/// The package among `visible` that declares an item which `entry` shows. What a package of one's own shows
/// may be one's own as well, or public.
fn declaring<'a>(
    visible: &'a [CatalogEntry],
    entry: &CatalogEntry,
    declared: &Declaration,
) -> Option<&'a CatalogEntry> {
    let is_it = |one: &&CatalogEntry| {
        let version = declared.version.is_empty() || one.id.version() == declared.version;
        let same = one.id.ecosystem() == entry.id.ecosystem() && one.id.name() == declared.package;
        same && version && one.status == Status::Ready
    };
    visible.iter().filter(is_it).max_by_key(|one| (one.scope == entry.scope, one.indexed_at_ms))
}

/// A package as one would ask for it. What a row says is not believed to be a name before it is checked.
fn named(declared: &Declaration) -> Option<String> {
    let version = if declared.version.is_empty() { "0.0.0" } else { &declared.version };
    let id = PackageId::rust(declared.package.as_str(), version).ok()?;
    Some(if declared.version.is_empty() { id.name().to_string() } else { id.to_string() })
}
