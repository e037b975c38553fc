//! A query over everything that the asker may see: plan, find, fuse, rank.
//!
//! It opens only what the catalog handed out: the caller passes the entries that the identity may
//! see, and a row on a shelf counts only where it came from an entry's very dataset.

mod candidates;
mod company;
pub mod features;
mod form;
mod held;
mod hit;
mod measure;
mod named;
mod names;
mod near;
mod project;
mod query;
mod rank;
mod respelled;
pub mod shelf;
mod signature;
mod spread;
mod weights;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{Bm25StatisticsProvider, TermQuery};
use tantivy::schema::IndexRecordOption;

pub use held::{Held, HeldError, HeldPackage, sweep as sweep_held};
pub use hit::Hit;
pub use project::{Project, is_standard};
pub use query::{FilterError, Filters, Mode, PackageFilter, QUERY_BYTES_MAX, Query, TooLong, parse_kind};
pub use shelf::{Shelf, ShelfError};
pub use words::{Mark, Words};

use crate::catalog::{CatalogEntry, Status};
use crate::embed::{AskedTokens, EmbedError, Embedder, StaticModel};
use crate::identity::Scope;
use crate::lake::Declaration;
use candidates::{Candidates, Statistics, View};
use features::{Features, Weights};
use measure::Question;
use named::Named;
pub use names::NameMatch;
pub use rank::FoundBy;
use rank::{Order, Others};
use respelled::respelled;
use shelf::{QueryVector, Shelves, fold_path};
use signature::SignatureQuery;

/// More results than anyone reads.
pub const LIMIT_MAX: usize = 1000;
/// Rows that are looked at for each result by meaning alone, or by signature: an item may lie under several paths.
const ROWS_A_RESULT: usize = 4;

/// Rows of one name that are looked at for what they show.
const SHOWN_MAX: usize = 200;

/// The shelves of one data folder, and the model that queries are embedded with.
pub struct Search {
    shelves: Shelves,
    /// What is searched without being on this machine.
    held: Held,
    embedder: Arc<dyn Embedder>,
}

/// One search.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest {
    /// As typed, filters and all.
    pub query: String,
    pub mode: Mode,
    /// Limits beside those in the query.
    pub filters: Filters,
    /// At most this many results, and never more than [`LIMIT_MAX`].
    pub limit: usize,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchResults {
    pub hits: Vec<Hit>,
    /// How many packages were searched.
    pub packages: usize,
    /// How many of them are for other platforms than this machine's.
    pub other_platforms: usize,
    /// How many of them have vectors of another model, which meaning does not reach.
    pub other_model: usize,
    /// A signature was asked for, and no function has one like it: the rest is by words and meaning.
    pub lacks_signature: bool,
    /// A type of the signature that was asked for, by whose name nothing is called: what is found fits the rest.
    pub unknown_type: Option<String>,
}

impl SearchResults {
    /// Whether nothing was found by what was typed: all results are near in meaning, and that is all.
    pub fn are_near_alone(&self) -> bool {
        !self.hits.is_empty() && self.hits.iter().all(|hit| hit.found_by == FoundBy::Meaning)
    }
}

/// A candidate as the ranking sees it: what weights are fitted to.
#[derive(Clone, Debug)]
pub struct Examined {
    pub path: String,
    pub kind: String,
    pub package: String,
    pub file: String,
    /// What comes before any score: whether its package is built here, and whether it bears the name.
    pub class: u8,
    pub name: NameMatch,
    pub score: f32,
    pub features: Features,
}

/// A search that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    #[error(transparent)]
    Embed(#[from] EmbedError),
    #[error("cannot read the search index: {0}; `zenith doctor --repair` rebuilds it")]
    Text(#[from] tantivy::TantivyError),
}

impl Search {
    /// The shelves below `folder`, which need not exist; what is held elsewhere lies beside it.
    pub fn new(folder: &Path, embedder: Arc<dyn Embedder>) -> Search {
        let held = Held::below(folder.with_file_name("held"));
        Search { shelves: Shelves::below(folder), held, embedder }
    }

    /// The shelf of one scope.
    pub fn shelf(&self, scope: &Scope) -> Arc<Shelf> {
        self.shelves.of(scope)
    }

    /// What is searched without being on this machine.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// The model that queries are embedded with.
    pub fn embedder(&self) -> &Arc<dyn Embedder> {
        &self.embedder
    }

    /// Searches the packages among `visible` that are ready and that the filters let through.
    /// `project` limits public packages to the lockfile's versions, unless one is asked for by name.
    /// Blocks for some milliseconds of computing.
    pub fn search(
        &self,
        request: &SearchRequest,
        visible: &[CatalogEntry],
        project: Option<&Project>,
    ) -> Result<SearchResults, SearchError> {
        let query = Query::parse(&request.query);
        let filters = query.filters.and(request.filters.clone());
        let selected = select(visible, &filters, project);
        let views = self.views(&selected, &filters.kinds)?;
        let limit = request.limit.min(LIMIT_MAX);
        let (found, mut question) = self.find(&query.text, request.mode, limit, &views)?;
        let order = order(&query.text, request.mode, &found);
        let signature = SignatureQuery::parse(&query.text).filter(|_| query.text.contains("->"));
        let weights = weights(request.mode);
        let ranked = rank::rank(&views, &found, &mut question, order, &weights, project, limit);
        let other_model =
            |entry: &&&CatalogEntry| entry.embedding_model.as_deref() != Some(self.embedder.id());
        let for_others = |entry: &CatalogEntry| project.is_some_and(|project| project.is_for_others(entry));
        Ok(SearchResults {
            hits: (1..).zip(ranked).map(|(rank, item)| Hit::new(rank, project, item, &query.text)).collect(),
            packages: selected.len(),
            other_platforms: selected.iter().filter(|entry| for_others(entry)).count(),
            other_model: selected.iter().filter(other_model).count(),
            lacks_signature: signature.is_some() && !candidates::by_signature(&found),
            unknown_type: signature.map(|signature| unknown_type(&signature, &views)).transpose()?.flatten(),
        })
    }

    /// Every candidate of a search, best first, with its features: what the order is made from.
    pub fn examine(
        &self,
        request: &SearchRequest,
        visible: &[CatalogEntry],
        project: Option<&Project>,
    ) -> Result<Vec<Examined>, SearchError> {
        let query = Query::parse(&request.query);
        let filters = query.filters.and(request.filters.clone());
        let views = self.views(&select(visible, &filters, project), &filters.kinds)?;
        let (found, mut question) = self.find(&query.text, request.mode, request.limit, &views)?;
        let order = order(&query.text, request.mode, &found);
        let scored = rank::score(&views, &found, &mut question, order, &weights(request.mode), project);
        let examined = scored.into_iter().filter_map(|item| {
            let (entry, card) = rank::card(&views, &item)?;
            Some(Examined {
                path: card.path,
                kind: card.kind,
                package: entry.id.name().to_string(),
                file: card.file,
                class: item.class,
                name: item.name,
                score: item.score,
                features: item.features,
            })
        });
        Ok(examined.collect())
    }

    /// Where packages among `visible` show what another one declares under a path: each with the path by which it does,
    /// what is best first. `kinds` limit it; an empty list does not. Blocks.
    pub fn shown<'a>(
        &self,
        declared: &Declaration,
        kinds: &[String],
        visible: &'a [CatalogEntry],
    ) -> Result<Vec<(&'a CatalogEntry, String)>, SearchError> {
        let ready: Vec<&CatalogEntry> =
            visible.iter().filter(|entry| entry.status == Status::Ready).collect();
        let mut found = Vec::new();
        for view in self.views(&ready, kinds)? {
            let term = Term::from_field_text(view.fields().exact, &fold_path(&declared.path));
            let named = TermQuery::new(term, IndexRecordOption::Basic);
            for address in view.best(Box::new(named), SHOWN_MAX)? {
                let Some((slot, _)) = view.snapshot.placed(address) else { continue };
                let Some((member, card)) = view.member(slot).zip(view.snapshot.card(address)) else {
                    continue;
                };
                let is_it = card.declared_in.is_some_and(|one| {
                    let same = (&one.package, &one.version) == (&declared.package, &declared.version);
                    same && fold_path(&one.path) == fold_path(&declared.path)
                });
                found.extend(is_it.then_some((member.entry, card.path)));
            }
        }
        Ok(found)
    }

    /// Errs where something is ready on this machine and its shelf is not there. A package is shelved before it
    /// is ready.
    pub fn look_for_shelves(&self, here: &[CatalogEntry]) -> Result<(), SearchError> {
        let ready = here.iter().filter(|entry| entry.status == Status::Ready);
        // Each once: a look reads the shelf's stamp from its folder.
        let scopes: BTreeSet<&Scope> = ready.map(|entry| &entry.scope).collect();
        for scope in scopes {
            let shelf = self.shelf(scope);
            if shelf.snapshot()?.is_none() {
                return Err(shelf.gone().into());
            }
        }
        Ok(())
    }

    fn views<'a>(
        &self,
        selected: &[&'a CatalogEntry],
        kinds: &[String],
    ) -> Result<Vec<View<'a>>, ShelfError> {
        let mut by_scope: BTreeMap<&Scope, Vec<&'a CatalogEntry>> = BTreeMap::new();
        for entry in selected {
            by_scope.entry(&entry.scope).or_default().push(entry);
        }
        let mut views = Vec::new();
        for (scope, entries) in by_scope {
            for shelf in [Some(self.shelf(scope)), self.held.shelf(scope)].into_iter().flatten() {
                if let Some(snapshot) = shelf.snapshot()? {
                    views.extend(View::new(snapshot, entries.iter().copied(), kinds));
                }
            }
        }
        Ok(views)
    }

    fn find(
        &self,
        text: &str,
        mode: Mode,
        limit: usize,
        views: &[View<'_>],
    ) -> Result<(Vec<Candidates>, Question), SearchError> {
        let mut found = vec![Candidates::new(); views.len()];
        let statistics = Statistics::of(views);
        // A name is looked for as it was typed.
        let (typed, respelled) = (text, respelled(text, views, &statistics)?);
        let text = respelled.as_deref().unwrap_or(text);
        let named = Named::of(text, views, &statistics)?;
        let asked = match mode {
            Mode::Vector => None,
            Mode::Text | Mode::Hybrid => AskedTokens::new(&StaticModel::shipped()?, &named.rest),
        };
        let question = Question {
            asked,
            prose: form::prose(text),
            explains: form::explains(text),
            by_meaning: mode != Mode::Text,
            best_words: 1.0,
            cosines: (1.0, 0.0),
            named,
        };
        if text.is_empty() {
            for (view, candidates) in views.iter().zip(&mut found) {
                view.find_best(candidates)?;
            }
            return Ok((found, question));
        }
        if let Some(signature) = SignatureQuery::parse(typed) {
            for (view, candidates) in views.iter().zip(&mut found) {
                view.find_signatures(&signature, limit.saturating_mul(ROWS_A_RESULT), candidates)?;
            }
            if candidates::by_signature(&found) {
                return Ok((found, question));
            }
        }
        if mode != Mode::Vector {
            names::find(typed, views, &mut found)?;
        }
        let model = self.embedder.id();
        let vector = match mode {
            Mode::Text => None,
            Mode::Hybrid | Mode::Vector => QueryVector::new(&self.embedder.embed(&[text])?),
        };
        for (view, candidates) in views.iter().zip(&mut found) {
            if mode == Mode::Vector {
                if let Some(vector) = &vector {
                    view.find_nearest(vector, model, limit.saturating_mul(ROWS_A_RESULT), candidates)?;
                }
                continue;
            }
            let rest = &question.named.rest;
            let family = view.part(|package| question.named.is_within(package, text));
            let near = vector.as_ref().map(|vector| (vector, model));
            for part in std::iter::once(view).chain(&family) {
                part.find_words_and_near(rest, &statistics, near, candidates)?;
            }
            if let Some(vector) = &vector {
                view.fill_cosines(vector, model, candidates);
            }
        }
        Ok((found, question))
    }
}

/// The first name of a signature's types that no function's signature has.
fn unknown_type(signature: &SignatureQuery<'_>, views: &[View<'_>]) -> tantivy::Result<Option<String>> {
    let Some(types) = views.first().map(|view| view.fields().types) else { return Ok(None) };
    let statistics = Statistics::of(views);
    for (name, words) in signature.names() {
        let mut functions = 0;
        for word in words {
            functions += statistics.doc_freq(&Term::from_field_text(types, &word))?;
        }
        if functions == 0 {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// What comes first in a mode, for what was typed.
fn order(text: &str, mode: Mode, found: &[Candidates]) -> Order {
    match mode {
        _ if candidates::by_signature(found) => Order::Best(Others::BehindNames),
        Mode::Vector => Order::Nearest,
        _ if text.contains(char::is_whitespace) => Order::Best(Others::Behind),
        _ => Order::Best(Others::BehindNames),
    }
}

/// What each feature weighs in a mode.
fn weights(mode: Mode) -> Weights {
    Weights::of(match mode {
        Mode::Text => weights::TEXT,
        Mode::Hybrid | Mode::Vector => weights::HYBRID,
    })
}

/// Those of some entries that a search with these filters would go through.
pub fn select<'a>(
    visible: &'a [CatalogEntry],
    filters: &Filters,
    project: Option<&Project>,
) -> Vec<&'a CatalogEntry> {
    let in_tier = |entry: &&CatalogEntry| filters.tiers.is_empty() || filters.tiers.contains(&entry.tier());
    let in_package = |entry: &&CatalogEntry| {
        let mut wanted = filters.packages.iter();
        filters.packages.is_empty() || wanted.any(|filter| filter.holds(&entry.id))
    };
    // A package asked for by its exact version is meant, whatever the project builds on.
    let exact = |entry: &CatalogEntry| {
        let mut wanted = filters.packages.iter().filter(|filter| filter.version.is_some());
        wanted.any(|filter| filter.holds(&entry.id))
    };
    let in_project =
        |entry: &&CatalogEntry| project.is_none_or(|project| project.holds(entry)) || exact(entry);
    let is_built =
        |entry: &&CatalogEntry| !filters.here || !project.is_some_and(|project| project.is_for_others(entry));
    let searchable = |entry: &&CatalogEntry| entry.status == Status::Ready;
    let found = visible.iter().filter(searchable).filter(in_tier).filter(in_package);
    found.filter(in_project).filter(is_built).collect()
}
