//! What a run has to do: every package of the source, less what is ready.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::known::KnownProject;
use super::platforms::Platforms;
use super::record::text_of;
use super::{Cut, IndexError, IndexRequest};
use crate::catalog::{Catalog, CatalogEntry, PackageRoot, Status};
use crate::identity::{Identity, Scope};
use crate::ingest::{
    Cargo, Origin, SYMBOLS_MAX_CHOICES, Source, SourcePackage, SourceSet, Toolchain, fingerprint, lockfile,
};
use crate::lake::{Lake, LeftOut, is_fetched};
use crate::package::{PackageId, Tier};

/// One package that is to be indexed.
pub struct Task {
    /// Its place in the source set.
    pub index: usize,
    pub scope: Scope,
    pub source: PackageRoot,
    /// Whether a ready package is claimed all the same.
    pub anew: bool,
    pub supersedes: Vec<PackageId>,
}

/// The tasks of a run, in the order in which they are worth doing.
#[derive(Default)]
pub struct Plan {
    pub tasks: Vec<Task>,
    pub packages: usize,
    pub ready: usize,
    /// Symbols and sections of those.
    pub ready_rows: (u64, u64),
    /// Packages for other platforms.
    pub other_platforms: usize,
    /// Released packages that are ready, and are to be indexed once more.
    pub outdated: usize,
    /// Those that are, since the project turns on other features of them.
    pub refeatured: usize,
    /// What is ready and has more symbols than are taken.
    pub cut: Vec<Cut>,
}

/// What a package that is ready must have been indexed with.
pub(super) struct Terms<'a> {
    pub model: &'a str,
    pub lake: &'a Lake,
    pub symbols_max: usize,
}

/// What is ready, by scope and package.
pub(super) type Ready = HashMap<(Scope, PackageId), CatalogEntry>;

impl Plan {
    /// Compares a source set with the catalog.
    pub async fn new(
        set: &Arc<SourceSet>,
        request: &IndexRequest,
        identity: &Identity,
        terms: &Terms<'_>,
        catalog: &Catalog,
        before: Option<&KnownProject>,
    ) -> Result<Plan, IndexError> {
        let ready = ready(catalog, identity).await?;
        let roots = catalog.roots(&identity.scopes()).await?;
        let mut plan = Plan::default();
        for (index, package) in set.packages.iter().enumerate() {
            let left_out = request.direct_only && !package.direct && package.origin == Origin::Dependency;
            if left_out || !package.wanted {
                continue;
            }
            plan.packages += 1;
            plan.other_platforms += usize::from(!package.here);
            let scope = scope_of(package, request, identity)?;
            let source = PackageRoot {
                root: package.root.clone(),
                fingerprint: Some(fingerprint(&package.root, package.origin)),
            };
            let key = (scope.clone(), package.id.clone());
            let entry = ready.get(&key);
            let current = entry.filter(|entry| terms.is_met_by(entry));
            let is_others = |entry: &CatalogEntry| entry.dataset.as_deref().is_some_and(is_fetched);
            let has_other_features = before.is_some_and(|before| before.has_other_features(package));
            let unchanged = |entry: &CatalogEntry| {
                let seen = roots.get(&key);
                let is_same = match package.origin {
                    Origin::Own => seen == Some(&source),
                    Origin::Dependency => is_read_alike(entry, seen),
                };
                is_same && (is_others(entry) || !has_other_features)
            };
            if let Some(entry) = current.filter(|entry| !request.anew && unchanged(entry)) {
                plan.count(entry, terms);
                continue;
            }
            match current.is_some() {
                true if has_other_features => plan.refeatured += 1,
                true if package.origin == Origin::Dependency => plan.outdated += 1,
                _ => {}
            }
            let mut supersedes = Vec::new();
            if package.origin == Origin::Own {
                supersedes = catalog.packages_from(&scope, &package.root).await?;
                let same_name = |id: &PackageId| id.name() == package.id.name() && *id != package.id;
                supersedes.retain(|id| same_name(id) && ready.contains_key(&(scope.clone(), id.clone())));
            }
            plan.tasks.push(Task { index, scope, source, anew: entry.is_some(), supersedes });
        }
        Ok(plan)
    }

    /// A plan without tasks, if a look at the lockfile alone shows that there is nothing to do: far
    /// cheaper than asking cargo.
    pub async fn nothing_to_do(
        request: &IndexRequest,
        identity: &Identity,
        terms: &Terms<'_>,
        catalog: &Catalog,
        data_dir: &Path,
        cargo: &Cargo,
    ) -> Result<Option<Plan>, IndexError> {
        let Source::Lockfile(path) = &request.source else { return Ok(None) };
        let Ok(lockfile) = lockfile::read(path) else { return Ok(None) };
        let platforms = Platforms::read(data_dir, path);
        if request.anew || lockfile.packages.is_empty() || !platforms.is_current(path) {
            return Ok(None);
        }
        // A run of an earlier version did not note what it indexed.
        let is_known = KnownProject::read(data_dir, path).is_some_and(|known| {
            known.direct_only == request.direct_only && text_of(path).is_ok_and(|text| known.text == text)
        });
        if !is_known {
            return Ok(None);
        }
        let ready = ready(catalog, identity).await?;
        let roots = catalog.roots(&identity.scopes()).await?;
        let folder = path.canonicalize().ok().and_then(|path| Some(path.parent()?.to_owned()));
        // A package of this name may have been indexed from elsewhere, another checkout say.
        let lies_here = |root: &Path| folder.as_ref().is_some_and(|folder| root.starts_with(folder));
        let own_scope = scope_in(request.tier.unwrap_or(Tier::Private), identity)?;
        let mut plan = Plan::default();
        for package in
            lockfile.packages.iter().filter(|package| package.own || package.direct || !request.direct_only)
        {
            let Ok(id) = PackageId::rust(&package.name, &package.version) else { return Ok(None) };
            let scope = if package.own { own_scope.clone() } else { Scope::Public };
            let key = (scope, id);
            let entry = ready.get(&key).filter(|entry| terms.is_met_by(entry));
            let Some(entry) = entry.filter(|entry| match (package.own, roots.get(&key)) {
                (true, seen) => seen.is_some_and(|seen| {
                    lies_here(&seen.root)
                        && seen.fingerprint.as_ref() == Some(&fingerprint(&seen.root, Origin::Own))
                }),
                (false, seen) => is_read_alike(entry, seen),
            }) else {
                return Ok(None);
            };
            plan.packages += 1;
            plan.count(entry, terms);
            plan.other_platforms += usize::from(platforms.holds(&package.name, &package.version));
        }
        let (folder, cargo) = (path.parent().unwrap_or(Path::new(".")).to_path_buf(), cargo.clone());
        let standard = move || Toolchain::of(&folder, &cargo).map(|toolchain| toolchain.packages());
        for package in tokio::task::spawn_blocking(standard).await?.unwrap_or_default() {
            let key = (Scope::Public, package.id);
            let entry = ready.get(&key).filter(|entry| terms.is_met_by(entry));
            let Some(entry) = entry.filter(|entry| is_read_alike(entry, roots.get(&key))) else {
                return Ok(None);
            };
            plan.packages += 1;
            plan.count(entry, terms);
        }
        Ok(Some(plan))
    }

    fn count(&mut self, ready: &CatalogEntry, terms: &Terms<'_>) {
        // What others left out, no setting of this machine brings.
        let left_out = terms.left_out(ready).filter(|_| !ready.dataset.as_deref().is_some_and(is_fetched));
        self.cut.extend(Cut::of(&ready.id, ready.symbol_count, left_out));
        self.ready += 1;
        self.ready_rows.0 += ready.symbol_count;
        self.ready_rows.1 += ready.chunk_count;
    }
}

pub(super) async fn ready(catalog: &Catalog, identity: &Identity) -> Result<Ready, IndexError> {
    let entries = catalog.packages(identity).await?;
    let ready = entries.into_iter().filter(|entry| entry.status == Status::Ready);
    Ok(ready.map(|entry| ((entry.scope.clone(), entry.id.clone()), entry)).collect())
}

impl Terms<'_> {
    /// Vectors of another model are not compared with this one's, and of a package that is cut as many symbols are
    /// wanted as are taken now: it is made anew where either is another. What others indexed is theirs, as it is.
    fn is_met_by(&self, entry: &CatalogEntry) -> bool {
        let is_cut_alike = || match self.left_out(entry) {
            Some(LeftOut { left_out: 0, .. }) => entry.symbol_count <= self.symbols_max as u64,
            Some(LeftOut { symbols_max, .. }) => symbols_max == self.symbols_max as u64,
            // Early versions noted nothing.
            None => entry.symbol_count < self.symbols_max as u64,
        };
        entry.embedding_model.as_deref() == Some(self.model)
            && (entry.dataset.as_deref().is_some_and(is_fetched) || is_cut_alike())
    }

    fn left_out(&self, entry: &CatalogEntry) -> Option<LeftOut> {
        left_out(self.lake, entry)
    }
}

/// What was left out of a package, where it has so many symbols that something can be missing.
pub fn left_out(lake: &Lake, entry: &CatalogEntry) -> Option<LeftOut> {
    let has_enough = entry.symbol_count >= *SYMBOLS_MAX_CHOICES.start() as u64;
    entry.dataset.as_deref().filter(|_| has_enough).and_then(|dataset| lake.left_out(dataset))
}

/// Whether a released package was read as it would be now. What others indexed is theirs, as it is.
fn is_read_alike(entry: &CatalogEntry, seen: Option<&PackageRoot>) -> bool {
    entry.dataset.as_deref().is_some_and(is_fetched)
        || seen.is_some_and(|seen| {
            seen.fingerprint.as_ref() == Some(&fingerprint(&seen.root, Origin::Dependency))
        })
}

fn scope_of(
    package: &SourcePackage,
    request: &IndexRequest,
    identity: &Identity,
) -> Result<Scope, IndexError> {
    let by_name = matches!(request.source, Source::Registry { .. });
    let tier = match package.origin {
        Origin::Own => request.tier.unwrap_or(Tier::Private),
        Origin::Dependency if by_name => request.tier.unwrap_or(Tier::Public),
        Origin::Dependency => Tier::Public,
    };
    scope_in(tier, identity)
}

fn scope_in(tier: Tier, identity: &Identity) -> Result<Scope, IndexError> {
    identity.scope(tier).ok_or(IndexError::NoScope(tier))
}
