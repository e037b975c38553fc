//! What is made of an item: its uses, examples and implementors.
//!
//! Sources are read of entries alone that the catalog hands out for the identity.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::faces::{Face, declaration};
use super::{Zenith, ZenithError};
use crate::answers::{
    Example, Home, Implementor, Locked, PackageSource, Relation, Survey, SurveyEvent, Surveyed, Tellers,
    Unread, Wanted, best, from_rows, is_standard, of_rows, of_uses, plain, settle, strangers, use_in,
};
use crate::catalog::{CatalogEntry, Status};
use crate::identity::Scope;
use crate::ingest::{STANDARD_CRATES, Toolchain};
use crate::lake::ApiSymbol;
use crate::package::{PackageId, Tier};
use crate::search::Project;

/// So many times the examples that are wanted leave a choice.
const ENOUGH_TIMES: usize = 4;
/// Datasets that are read at the same time.
const READ_AT_ONCE: usize = 8;

/// Which packages are read for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// The item's own, and the one that declares it.
    Package,
    /// Those, one's own code, and what builds on them in the project.
    All,
}

/// An item that something is asked of, in a project, and how long the answer may take.
#[derive(Clone)]
pub struct Asked {
    pub entry: CatalogEntry,
    pub symbol: ApiSymbol,
    pub project: Option<Arc<Project>>,
    pub among: Among,
    pub within: Duration,
}

/// An answer, and what of the sources it is from.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    pub found: Vec<T>,
    /// Packages whose sources were read to their end, and those that were to be read.
    pub read: usize,
    pub packages: usize,
    /// Packages whose sources are not what was indexed any more.
    pub changed: Vec<PackageId>,
    /// Packages of which no lockfile says on which of several versions they build.
    pub in_doubt: Vec<PackageId>,
}

/// The packages that may use an item, in the order in which they matter.
#[derive(Default)]
struct Candidates {
    sources: Vec<PackageSource>,
    /// Of all of them, whether their source is here or not.
    entries: Vec<(CatalogEntry, Relation)>,
    /// Those that show it.
    faces: Vec<Face>,
    /// Those that have it, by whatever path.
    homes: Vec<Home>,
    /// All packages that there are.
    all: Vec<PackageId>,
    changed: Vec<PackageId>,
    in_doubt: Vec<PackageId>,
}

impl Candidates {
    /// The names in code of packages by their own, where these are known.
    fn crates(&self) -> HashMap<String, String> {
        self.sources.iter().map(|source| (source.entry.id.name().to_owned(), source.crate_name())).collect()
    }

    /// The names in code of crates that have nothing of the item.
    fn strangers(&self) -> HashSet<String> {
        let is_home = |id: &PackageId| self.homes.iter().any(|home| home.id.name() == id.name());
        let others = self.all.iter().filter(|id| !is_home(id)).map(|id| id.name().replace('-', "_"));
        let mut strangers: HashSet<String> = others.collect();
        // What one of the standard library's crates declares, another shows.
        let shown = self.homes.iter().map(|home| home.crate_name.as_str()).chain(STANDARD_CRATES);
        for name in shown {
            strangers.remove(name);
        }
        strangers
    }
}

impl Zenith {
    /// The best examples of an item: from its documentation, its package, one's own code, and the packages of
    /// the project that build on it.
    pub async fn examples(
        &self,
        asked: &Asked,
        limit: usize,
        cancel: CancellationToken,
    ) -> Result<Answer<Example>, ZenithError> {
        let (events, _) = mpsc::unbounded_channel();
        let enough = limit.saturating_mul(ENOUGH_TIMES);
        let (candidates, mut surveyed) = self.survey(asked, Some(enough), events, cancel).await?;
        let home = candidates.sources.iter().any(|source| source.entry.id == asked.entry.id);
        if !home {
            let chunks = self.chunks(&asked.entry).await?;
            let outlines = self.symbols(&asked.entry).await?;
            let asked = asked.clone();
            let wanted = Wanted::of(&asked.symbol, &outlines);
            let rows = tokio::task::spawn_blocking(move || {
                from_rows(&asked.entry, &asked.symbol, &chunks, &mut |code| use_in(code, &wanted))
            });
            surveyed.uses.extend(rows.await?);
        }
        let Surveyed { uses, read, packages, .. } = surveyed;
        Ok(Answer {
            found: best(uses, limit),
            read,
            packages,
            changed: candidates.changed,
            in_doubt: candidates.in_doubt,
        })
    }

    /// Every use of an item in its package, one's own code, and the packages of the project that build on it:
    /// the sure ones, one's own first, then those that only may be.
    pub async fn uses(
        &self,
        asked: &Asked,
        events: mpsc::UnboundedSender<SurveyEvent>,
        cancel: CancellationToken,
    ) -> Result<Answer<crate::answers::Use>, ZenithError> {
        let (candidates, surveyed) = self.survey(asked, None, events, cancel).await?;
        let Surveyed { mut uses, read, packages, .. } = surveyed;
        let rank = |relation: Relation| match relation {
            Relation::Own => 0,
            Relation::Other => 1,
            Relation::Package => 2,
        };
        // A line that names it twice is one use.
        uses.dedup_by(|b, a| {
            (&a.package, &a.version, &a.file, a.line) == (&b.package, &b.version, &b.file, b.line)
        });
        uses.sort_by_key(|one| (!one.certain, rank(one.relation)));
        Ok(Answer { found: uses, read, packages, changed: candidates.changed, in_doubt: candidates.in_doubt })
    }

    /// What implements a trait: by the sources that are here, and by the rows of the packages that build on the
    /// trait's.
    pub async fn implementors(
        &self,
        asked: &Asked,
        events: mpsc::UnboundedSender<SurveyEvent>,
        cancel: CancellationToken,
    ) -> Result<Answer<Implementor>, ZenithError> {
        let (mut candidates, surveyed) = self.survey(asked, None, events, cancel.clone()).await?;
        let mut found = of_uses(&surveyed.uses);
        let wanted = self.wanted(&asked.entry, &asked.symbol, &candidates.faces).await?;
        let known = found.iter().filter_map(|one| {
            let id = PackageId::rust(one.package.as_str(), one.version.as_str()).ok()?;
            Some((id, plain(&one.on_type).to_owned()))
        });
        let is_home = |(_, relation): &&(CatalogEntry, Relation)| *relation == Relation::Package;
        let id = |(entry, _): &(CatalogEntry, Relation)| entry.id.clone();
        let tellers = Tellers {
            homes: candidates.entries.iter().filter(is_home).map(id).collect(),
            read: candidates.entries.iter().map(id).collect(),
            known: known.collect(),
            strangers: candidates.strangers(),
        };
        let read = stream::iter(candidates.entries.iter().map(|(entry, _)| async {
            let rows = self.symbols(entry).await?;
            Ok::<_, ZenithError>(of_rows(entry, &rows, &wanted, &tellers))
        }));
        let rows = read.buffered(READ_AT_ONCE).try_collect::<Vec<_>>();
        let rows = cancel.run_until_cancelled(rows).await.transpose()?.unwrap_or_default();
        let mut by_rows: Vec<Implementor> = rows.into_iter().flatten().collect();
        let crates = candidates.crates();
        let sources = std::mem::take(&mut candidates.sources);
        let settled = tokio::task::spawn_blocking(move || {
            settle(&mut by_rows, &wanted, &sources, &crates);
            by_rows
        });
        found.extend(settled.await?);
        // One's own first, then what is nearest to that.
        let locked = asked.project.as_deref().map(|project| Locked::of(project.lockfile()));
        let distances = locked.map(|locked| locked.distances()).unwrap_or_default();
        let far = |one: &Implementor| {
            let id = PackageId::rust(one.package.as_str(), one.version.as_str()).ok();
            id.and_then(|id| distances.get(&id).copied()).unwrap_or(usize::MAX)
        };
        found.sort_by_cached_key(|one| (one.tier == Tier::Public, !one.certain, far(one), one.clone()));
        let mut told = HashSet::new();
        found.retain(|one| told.insert((one.package.clone(), one.version.clone(), one.on_type.clone())));
        let Surveyed { read, packages, .. } = surveyed;
        Ok(Answer { found, read, packages, changed: candidates.changed, in_doubt: candidates.in_doubt })
    }

    /// Reads the sources of all that may use an item; where `enough` certain uses are one's own or the item's
    /// package's, no others.
    async fn survey(
        &self,
        asked: &Asked,
        enough: Option<usize>,
        events: mpsc::UnboundedSender<SurveyEvent>,
        cancel: CancellationToken,
    ) -> Result<(Candidates, Surveyed), ZenithError> {
        let until = Instant::now() + asked.within;
        // A compiler that is asked for its toolchain may not answer.
        let looked = cancel.run_until_cancelled(self.candidates(asked)).await.transpose()?;
        let mut candidates = looked.unwrap_or_default();
        let wanted = self.wanted(&asked.entry, &asked.symbol, &candidates.faces).await?;
        let (symbol, package) = (asked.symbol.clone(), asked.entry.id.name().to_owned());
        let sources = std::mem::take(&mut candidates.sources);
        let work = move || {
            let own = symbol.path.split("::").next().unwrap_or_default().to_owned();
            let mut crates = HashMap::from([(package, own)]);
            for source in &sources {
                crates.insert(source.entry.id.name().to_owned(), source.crate_name());
            }
            let survey =
                Survey { wanted, own_blocks: Survey::own_blocks(&symbol), sources, crates, until, enough };
            let surveyed = survey.run(&events, &cancel);
            (survey.sources, surveyed)
        };
        let (sources, surveyed) = tokio::task::spawn_blocking(work).await?;
        candidates.sources = sources;
        Ok((candidates, surveyed))
    }

    /// The packages that may use an item: its own and the one that declares it, one's own of this project, and
    /// those that name one of the former among their dependencies.
    async fn candidates(&self, asked: &Asked) -> Result<Candidates, ZenithError> {
        let Asked { entry, symbol, project, among, .. } = asked;
        let mut found = Candidates::default();
        let folder = project.as_deref().and_then(Project::root).map(Path::to_path_buf);
        let locked = project.as_deref().filter(|_| folder.is_some()).map(|one| Locked::of(one.lockfile()));
        let standard = is_standard(entry);
        let visible = self.packages().await?;
        let declared = declaration(entry, symbol);
        if !standard && *among == Among::All {
            let held = |one: &&CatalogEntry| project.as_ref().is_none_or(|project| project.holds(one));
            let held: Vec<CatalogEntry> = visible.iter().filter(held).cloned().collect();
            found.faces = self.faces(&declared, &held).await?;
        }
        let faces: Vec<(PackageId, Scope)> =
            found.faces.iter().map(|face| (face.entry.id.clone(), face.entry.scope.clone())).collect();
        let is_asked = |one: &CatalogEntry| one.id == entry.id && one.scope == entry.scope;
        // Whichever of them is asked: one's own code is that, also where it shows what others have.
        let is_home = |one: &CatalogEntry| {
            let is_face = || faces.iter().any(|(id, scope)| *id == one.id && *scope == one.scope);
            let behind = one.id.name() == declared.package && one.id.version() == declared.version;
            let is_public = one.tier() == Tier::Public;
            (behind && (one.scope == entry.scope || is_public)) || (is_public && (is_asked(one) || is_face()))
        };
        let root = |path: &str| path.split("::").next().unwrap_or_default().to_owned();
        let mut homes = vec![Home { id: entry.id.clone(), crate_name: root(&symbol.path) }];
        let behind = PackageId::rust(declared.package.as_str(), declared.version.as_str()).ok();
        homes.extend(behind.map(|id| Home { id, crate_name: root(&declared.path) }));
        let face = |face: &Face| {
            let crate_name = face.paths.first().map(|path| root(path)).unwrap_or_default();
            Home { id: face.entry.id.clone(), crate_name }
        };
        homes.extend(found.faces.iter().map(face));
        let dependents = locked.as_ref().map(|locked| locked.dependents(&homes));
        let toolchain = self.toolchain_for(standard, folder.as_deref()).await?;
        let of_name = |one: &&CatalogEntry| homes.iter().any(|home| home.id.name() == one.id.name());
        let known: Vec<PackageId> = visible.iter().filter(of_name).map(|one| one.id.clone()).collect();
        found.all = visible.iter().map(|one| one.id.clone()).collect();
        // What is visible is asked of the catalog a moment ago, and where all of it lies at once.
        let roots = self.catalog.roots(&self.identity.scopes()).await?;
        let mut opened = Vec::new();
        for one in visible {
            if one.status != Status::Ready || (*among == Among::Package && !is_home(&one) && !is_asked(&one))
            {
                continue;
            }
            let builds = standard || dependents.as_ref().is_none_or(|all| all.contains(&one.id));
            let held = project.as_ref().is_none_or(|project| project.holds(&one));
            let is_public = one.tier() == Tier::Public;
            let may_use = builds && held && !is_standard(&one);
            if is_public && !may_use && !is_home(&one) {
                continue;
            }
            let root = roots.get(&(one.scope.clone(), one.id.clone())).cloned();
            let is_of_project = folder
                .as_deref()
                .is_none_or(|folder| root.as_ref().is_some_and(|root| root.root.starts_with(folder)));
            let relation = match is_home(&one) {
                true => Relation::Package,
                false if !is_public && is_of_project => Relation::Own,
                false if is_asked(&one) => Relation::Package,
                // What others of one's own packages do is theirs, unless the project locks them.
                false if is_public || (dependents.is_some() && builds && !standard) => Relation::Other,
                false => continue,
            };
            let (entry, toolchain) = (one.clone(), toolchain.clone());
            let open = move || PackageSource::open(&entry, root.as_ref(), relation, toolchain.as_ref());
            opened.push(async move {
                Ok::<_, ZenithError>((tokio::task::spawn_blocking(open).await?, one, relation))
            });
        }
        // In their order, several at a time.
        let opened: Vec<_> = stream::iter(opened).buffered(READ_AT_ONCE).try_collect().await?;
        for (source, one, relation) in opened {
            match source {
                Ok(mut source) => {
                    let told = strangers(&source, &homes, locked.as_ref(), &known);
                    source.strangers = told.names;
                    found.in_doubt.extend(told.in_doubt.then(|| one.id.clone()));
                    found.sources.push(source);
                }
                Err(Unread::Changed) => found.changed.push(one.id.clone()),
                Err(Unread::NotHere) => {}
            }
            found.entries.push((one, relation));
        }
        found.sources.sort_by_key(|source| source.relation);
        found.homes = homes;
        Ok(found)
    }

    /// The toolchain that a project is built with, if the standard library is asked for.
    async fn toolchain_for(
        &self,
        standard: bool,
        folder: Option<&Path>,
    ) -> Result<Option<Toolchain>, ZenithError> {
        if !standard {
            return Ok(None);
        }
        let (folder, cargo) = (folder.unwrap_or(Path::new(".")).to_path_buf(), self.cargo());
        Ok(tokio::task::spawn_blocking(move || Toolchain::of(&folder, &cargo)).await?)
    }

    pub(super) async fn root_of(
        &self,
        entry: &CatalogEntry,
    ) -> Result<Option<crate::catalog::PackageRoot>, ZenithError> {
        // Of an entry that the identity may not see nothing is told.
        match self.readable(entry).await? {
            Some(_) => Ok(self.catalog.root(&entry.scope, &entry.id).await?),
            None => Ok(None),
        }
    }
}
