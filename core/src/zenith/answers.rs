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

use super::{Zenith, ZenithError};
use crate::answers::{
    Example, Home, Implementor, Locked, PackageSource, Relation, Survey, SurveyEvent, Surveyed, Tellers,
    Unread, Wanted, best, from_rows, is_standard, of_rows, of_uses, plain, strangers, use_in,
};
use crate::catalog::{CatalogEntry, Status};
use crate::ingest::Toolchain;
use crate::lake::{ApiSymbol, Names};
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
    changed: Vec<PackageId>,
    in_doubt: Vec<PackageId>,
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
            let rows = tokio::task::spawn_blocking(move || {
                let wanted = Wanted::of(&asked.symbol, &outlines);
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
        let (candidates, surveyed) = self.survey(asked, None, events, cancel.clone()).await?;
        let mut found = of_uses(&surveyed.uses);
        let outlines = self.symbols(&asked.entry).await?;
        let wanted = Wanted::of(&asked.symbol, &outlines);
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
        };
        let read = stream::iter(candidates.entries.iter().map(|(entry, _)| async {
            let rows = self.symbols(entry).await?;
            Ok::<_, ZenithError>(of_rows(entry, &rows, &wanted, &tellers))
        }));
        let rows = read.buffered(READ_AT_ONCE).try_collect::<Vec<_>>();
        let rows = cancel.run_until_cancelled(rows).await.transpose()?.unwrap_or_default();
        found.extend(rows.into_iter().flatten());
        let rank = |tier: Tier| tier == Tier::Public;
        found.sort_by(|a, b| (rank(a.tier), !a.certain, a).cmp(&(rank(b.tier), !b.certain, b)));
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
        let outlines = self.symbols(&asked.entry).await?;
        // A compiler that is asked for its toolchain may not answer.
        let looked = cancel.run_until_cancelled(self.candidates(asked)).await.transpose()?;
        let mut candidates = looked.unwrap_or_default();
        let (symbol, package) = (asked.symbol.clone(), asked.entry.id.name().to_owned());
        let sources = std::mem::take(&mut candidates.sources);
        let work = move || {
            let own = symbol.path.split("::").next().unwrap_or_default().to_owned();
            let mut crates = HashMap::from([(package, own)]);
            for source in &sources {
                crates.insert(source.entry.id.name().to_owned(), source.crate_name());
            }
            let wanted = Wanted::of(&symbol, &outlines);
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
        let declared = Names::of(&symbol.metadata).declared_in.unwrap_or_default();
        let is_home = |one: &CatalogEntry| {
            let same = one.id == entry.id && one.scope == entry.scope;
            let behind = one.id.name() == declared.package && one.id.version() == declared.version;
            same || (behind && (one.scope == entry.scope || one.tier() == Tier::Public))
        };
        let root = |path: &str| path.split("::").next().unwrap_or_default().to_owned();
        let mut homes = vec![Home { id: entry.id.clone(), crate_name: root(&symbol.path) }];
        let behind = PackageId::rust(declared.package.as_str(), declared.version.as_str()).ok();
        homes.extend(behind.map(|id| Home { id, crate_name: root(&declared.path) }));
        let dependents = locked.as_ref().map(|locked| locked.dependents(&homes));
        let standard = is_standard(entry);
        let toolchain = self.toolchain_for(standard, folder.as_deref()).await?;
        let visible = self.packages().await?;
        let of_name = |one: &&CatalogEntry| homes.iter().any(|home| home.id.name() == one.id.name());
        let known: Vec<PackageId> = visible.iter().filter(of_name).map(|one| one.id.clone()).collect();
        for one in visible {
            if one.status != Status::Ready || (*among == Among::Package && !is_home(&one)) {
                continue;
            }
            let builds = standard || dependents.as_ref().is_none_or(|all| all.contains(&one.id));
            let held = project.as_ref().is_none_or(|project| project.holds(&one));
            let is_public = one.tier() == Tier::Public;
            let may_use = builds && held && !is_standard(&one);
            if is_public && !may_use && !is_home(&one) {
                continue;
            }
            let root = self.root_of(&one).await?;
            let is_of_project = folder
                .as_deref()
                .is_none_or(|folder| root.as_ref().is_some_and(|root| root.root.starts_with(folder)));
            let relation = match is_home(&one) {
                true => Relation::Package,
                false if !is_public && is_of_project => Relation::Own,
                // What others of one's own packages do is theirs, unless the project locks them.
                false if is_public || (dependents.is_some() && builds && !standard) => Relation::Other,
                false => continue,
            };
            let (entry, toolchain) = (one.clone(), toolchain.clone());
            let open = move || PackageSource::open(&entry, root.as_ref(), relation, toolchain.as_ref());
            match tokio::task::spawn_blocking(open).await? {
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
