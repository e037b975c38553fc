//! From candidates to a ranked list: scores fused, names first, each item once.
//!
//! # Decisions
//!
//! - **Names first, then quality.** Items that bear the typed name come first; among them a public,
//!   documented, shallow one wins, since words and meaning hardly tell them apart.
//!   `benches/src/bin/quality.rs` holds the weights to account.

use std::collections::HashSet;

use tantivy::DocAddress;

use super::candidates::{Candidates, Document, View};
use super::names::NameMatch;
use super::project::{Project, is_standard};
use super::shelf::Card;
use crate::catalog::CatalogEntry;
use crate::package::Tier;

/// What each part of the score weighs. Words count relative to the best candidate's, meaning by its
/// place between the farthest and the nearest candidate, quality and closeness to the project as
/// they are. Found by a search over the judged queries, on a plateau rather than at its best point.
const WORDS_WEIGHT: f32 = 0.12;
const VECTOR_WEIGHT: f32 = 1.0;
const QUALITY_WEIGHT: f32 = 1.1;
const PROJECT_WEIGHT: f32 = 0.25;
/// How far what `std` shows of `core` and `alloc` stands before them.
const FACADE_MARGIN: f32 = 0.01;
/// Among items that all bear the name that was typed, quality decides; words and meaning, which are
/// nearly the same for all of them, break ties.
const NAMED_SHARE: f32 = 0.1;

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// What is built here, names that were typed, then by words, meaning and quality together.
    Best(Others),
    /// What is nearest in meaning, whatever else it is and wherever it is built; where nothing was asked
    /// for, what is best.
    Nearest,
}

/// Where items go whose package the project locks for other platforms alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Behind all that is built here.
    Behind,
    /// Behind, but before what does not bear the name that was typed: who types a name means it.
    BehindNames,
}

/// A candidate with its place in the order.
struct Scored {
    /// What it is to the project and to the name that was typed, before anything else.
    class: u8,
    name: NameMatch,
    score: f32,
    quality: u8,
    origin: Origin,
    view: usize,
    address: DocAddress,
    slot: u64,
}

/// Where an item comes from, as seen from the project.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// One's own code, and the dependencies that it names.
    Near,
    Standard,
    Other,
}

/// An item that made it into the results.
pub struct Ranked<'a> {
    pub score: f32,
    pub entry: &'a CatalogEntry,
    pub card: Card,
}

/// The best `limit` items of all views, each item once. `found` holds a view's candidates each.
pub fn rank<'a>(
    views: &[View<'a>],
    found: &[Candidates],
    order: Order,
    project: Option<&Project>,
    limit: usize,
) -> Vec<Ranked<'a>> {
    let mut scored = score(views, found, order, project);
    if order != Order::Nearest {
        put_standard_behind(&mut scored);
    }
    scored.sort_unstable_by(|a, b| {
        ((b.class, b.name).cmp(&(a.class, a.name)))
            .then(b.score.total_cmp(&a.score))
            .then(b.quality.cmp(&a.quality))
            .then((a.view, a.slot).cmp(&(b.view, b.slot)))
    });
    let mut ranked: Vec<Ranked<'a>> = Vec::with_capacity(limit);
    let mut seen = HashSet::new();
    for item in scored {
        if ranked.len() == limit {
            break;
        }
        let Some(view) = views.get(item.view) else { continue };
        let (Some(entry), Some(card)) = (view.entry(item.slot), view.snapshot.card(item.address)) else {
            continue;
        };
        if seen.insert(Item::of(entry, &card)) {
            ranked.push(Ranked { score: item.score, entry, card });
        }
    }
    ranked
}

fn score(views: &[View<'_>], found: &[Candidates], order: Order, project: Option<&Project>) -> Vec<Scored> {
    let all = || found.iter().flat_map(|candidates| candidates.values());
    let best_words = all().fold(f32::MIN_POSITIVE, |best, candidate| best.max(candidate.words));
    let best_cosine = all().fold(f32::MIN_POSITIVE, |best, candidate| best.max(candidate.cosine));
    let least_cosine =
        all().map(|candidate| candidate.cosine).filter(|cosine| *cosine > 0.0).fold(best_cosine, f32::min);
    let mut scored = Vec::new();
    for (index, (view, candidates)) in views.iter().zip(found).enumerate() {
        for (slot, candidate) in candidates {
            let document = candidate.document.or_else(|| view.locate(*slot));
            let (Some(entry), Some(Document { address, quality })) = (view.entry(*slot), document) else {
                continue;
            };
            let origin = match (entry.tier(), project) {
                _ if is_standard(entry) => Origin::Standard,
                (Tier::Public, Some(project)) if project.is_direct(entry.id.name(), entry.id.version()) => {
                    Origin::Near
                }
                (Tier::Public, _) => Origin::Other,
                (Tier::Team | Tier::Private, _) => Origin::Near,
            };
            let words = candidate.words / best_words;
            let span = (best_cosine - least_cosine).max(f32::MIN_POSITIVE);
            let meaning = ((candidate.cosine - least_cosine) / span).clamp(0.0, 1.0);
            let share = if candidate.name == NameMatch::None { 1.0 } else { NAMED_SHARE };
            let score = match order {
                Order::Nearest => candidate.cosine,
                Order::Best(_) => {
                    share * (WORDS_WEIGHT * words + VECTOR_WEIGHT * meaning)
                        + QUALITY_WEIGHT * f32::from(quality) / 255.0
                        + match origin {
                            Origin::Near => PROJECT_WEIGHT,
                            // Every program builds on it, as on what it names.
                            Origin::Standard if entry.id.name() == "std" => PROJECT_WEIGHT,
                            Origin::Standard => PROJECT_WEIGHT - FACADE_MARGIN,
                            Origin::Other => 0.0,
                        }
                }
            };
            let here = !project.is_some_and(|project| project.is_for_others(entry));
            let class = match (order, here, candidate.name != NameMatch::None) {
                (Order::Nearest, ..) => 0,
                (Order::Best(_), true, true) => 3,
                (Order::Best(Others::BehindNames), false, true) => 2,
                (Order::Best(_), true, false) => 1,
                (Order::Best(_), false, _) => 0,
            };
            let (name, view) = (candidate.name, index);
            scored.push(Scored { class, name, score, quality, origin, view, address, slot: *slot });
        }
    }
    scored
}

/// Where the project's own code, or what it names, bears the very name that was typed, it is meant; the
/// standard library's items of that name stand behind it, in their own order.
fn put_standard_behind(scored: &mut [Scored]) {
    let named = |item: &&mut Scored| item.name == NameMatch::Exact;
    let scores = |scored: &[Scored], origin: Origin| -> Vec<f32> {
        let of_origin = |item: &&Scored| item.name == NameMatch::Exact && item.origin == origin;
        scored.iter().filter(of_origin).map(|item| item.score).collect()
    };
    let least = scores(scored, Origin::Near).into_iter().reduce(f32::min);
    let best = scores(scored, Origin::Standard).into_iter().reduce(f32::max);
    let (Some(least), Some(best)) = (least, best) else { return };
    let step = (best - least + FACADE_MARGIN).max(0.0);
    for item in scored.iter_mut().filter(named).filter(|item| item.origin == Origin::Standard) {
        item.score -= step;
    }
}

/// What makes two rows the same item: where it is declared, whatever path leads there and whatever
/// version of the package it is. The best row stands for all.
#[derive(PartialEq, Eq, Hash)]
struct Item {
    tier: Tier,
    package: String,
    path: String,
    kind: String,
    /// Sections share titles; their place tells them apart.
    place: Option<(String, u32)>,
}

impl Item {
    fn of(entry: &CatalogEntry, card: &Card) -> Item {
        let (package, path) = match &card.declared_in {
            Some(declared) => (declared.package.clone(), declared.path.clone()),
            None => (entry.id.name().to_string(), card.path.clone()),
        };
        let place = (card.kind == super::shelf::DOC_KIND).then(|| (card.file.clone(), card.line));
        Item { tier: entry.tier(), package, path, kind: card.kind.clone(), place }
    }
}
