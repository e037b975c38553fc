//! From candidates to a ranked list: features weighed, names first, each item once.
//!
//! # Decisions
//!
//! - **Names first, then what is likeliest.** Items that bear the typed name come first; among them a public,
//!   documented, shallow one wins, since words and meaning hardly tell them apart.
//! - **Weights are learned.** `benches/src/bin/weights.rs` fits them to judged queries, and
//!   `benches/reports/ranking.md` says what each feature is worth on queries that they were not fitted to.

use std::cmp::Reverse;
use std::collections::HashSet;

use tantivy::DocAddress;

use super::candidates::{Candidate, Candidates, View};
use super::company::{self, Standing};
use super::features::{Features, Weights};
use super::measure::{Origin, Question};
use super::names::NameMatch;
use super::project::{Project, is_standard};
use super::shelf::{Card, DOC_KIND, from_slot};
use super::spread::{Place, Spread};
use crate::catalog::CatalogEntry;
use crate::package::Tier;

/// How far what `std` shows of `core` and `alloc` stands before them.
const FACADE_MARGIN: f32 = 0.01;
/// How far what is not built here stands behind its equals, since a feature is off or the platform is another: what
/// is about as likely comes before it.
const OFF_MARGIN: f32 = 0.5;
/// The same of one's own code that is of another project.
const ANOTHERS_MARGIN: f32 = 1.0;
/// How much is built on one's own code, of which no lockfile tells: neither nothing nor all.
const OWN_BUILT_ON: f32 = 0.5;

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
pub struct Scored {
    /// What it is to the project and to the name that was typed, before anything else.
    pub class: u8,
    pub name: NameMatch,
    /// Of what bears the name, how far it is from being used here: turned off, of another project.
    rests: Reverse<u8>,
    pub score: f32,
    pub features: Features,
    /// What is taken from it whatever its weights.
    less: f32,
    standing: Standing,
    found_by: FoundBy,
    near: f32,
    quality: u8,
    origin: Origin,
    view: usize,
    address: Option<DocAddress>,
    slot: u64,
}

/// What a result was found by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FoundBy {
    /// A name, words or a signature that were typed; or nothing was asked for.
    #[default]
    Words,
    /// A name like the one that was typed, which nothing bears.
    LikeName,
    /// It is near in meaning, and that is all.
    Meaning,
}

/// An item that made it into the results.
pub struct Ranked<'a> {
    pub score: f32,
    pub found_by: FoundBy,
    /// The cosine.
    pub near: f32,
    pub entry: &'a CatalogEntry,
    pub card: Card,
}

/// The best `limit` items of all views, each item once. `found` holds a view's candidates each.
pub fn rank<'a>(
    views: &[View<'a>],
    found: &[Candidates],
    question: &mut Question,
    order: Order,
    weights: &Weights,
    project: Option<&Project>,
    limit: usize,
) -> Vec<Ranked<'a>> {
    let scored = score(views, found, question, order, weights, project);
    let mut spread = Spread::new();
    let mut seen = HashSet::new();
    let mut block = None;
    let group = |item: &Scored| (item.class, item.bears(), item.rests, item.name);
    for item in scored {
        if block.replace(group(&item)).is_some_and(|block| block != group(&item)) {
            spread.flush();
        }
        if spread.list.len() >= limit {
            break;
        }
        let Some((entry, card)) = card(views, &item) else { continue };
        if seen.insert(Item::of(entry, &card)) {
            let Scored { score, found_by, near, .. } = item;
            let ranked = Ranked { score, found_by, near, entry, card };
            match order {
                Order::Nearest => spread.put_at_once(ranked),
                Order::Best(_) => spread.push(Place::of(&ranked), ranked),
            }
        }
    }
    spread.flush();
    spread.list.truncate(limit);
    spread.list
}

/// What a candidate's row says.
pub fn card<'a>(views: &[View<'a>], item: &Scored) -> Option<(&'a CatalogEntry, Card)> {
    let view = views.get(item.view)?;
    // Only what is shown is looked for in the text index.
    let address = item.address.or_else(|| view.locate(item.slot))?;
    Some((view.member(item.slot)?.entry, view.snapshot.card(address)?))
}

/// Every candidate, best first.
pub fn score(
    views: &[View<'_>],
    found: &[Candidates],
    question: &mut Question,
    order: Order,
    weights: &Weights,
    project: Option<&Project>,
) -> Vec<Scored> {
    let all = || found.iter().flat_map(|candidates| candidates.values());
    let best_cosine = all().fold(f32::MIN_POSITIVE, |best, candidate| best.max(candidate.cosine));
    let least_cosine =
        all().map(|candidate| candidate.cosine).filter(|cosine| *cosine > 0.0).fold(best_cosine, f32::min);
    question.best_words = all().fold(f32::MIN_POSITIVE, |best, candidate| best.max(candidate.words));
    question.cosines = (best_cosine, least_cosine);
    let mut scored = Vec::new();
    for (index, (view, candidates)) in views.iter().zip(found).enumerate() {
        for (slot, candidate) in candidates {
            let Some(member) = view.member(*slot) else { continue };
            let traits = member.traits.row(from_slot(*slot).1 as usize);
            let facts = traits.map(|traits| traits.facts).unwrap_or_default();
            let origin = Origin::of(member.entry, project);
            let mut features = Features::default();
            if let Order::Best(_) = order {
                let built_on = origin.built_on(member.entry, project);
                features = question.measure(candidate, member, traits, origin, built_on);
            }
            let of_facade = if origin == Origin::StandardPart { FACADE_MARGIN } else { 0.0 };
            let of_another = project.is_some_and(|project| project.is_of_another(member.entry));
            let of_others = if of_another { ANOTHERS_MARGIN } else { 0.0 };
            let of_off = if facts.off || facts.elsewhere { OFF_MARGIN } else { 0.0 };
            let less = of_facade + of_others + of_off;
            let rests = match candidate.name {
                NameMatch::None | NameMatch::Signature(_) => Reverse(0),
                _ if order == Order::Nearest => Reverse(0),
                _ => Reverse(2 * u8::from(of_another) + u8::from(facts.off || facts.elsewhere)),
            };
            // Of words alone the others say nothing, and by meaning alone nobody asks them.
            let standing = if question.by_meaning && order != Order::Nearest {
                Standing::of(member.entry.id.name(), origin == Origin::Own, traits)
            } else {
                Standing::default()
            };
            let here = !project.is_some_and(|project| project.is_for_others(member.entry));
            let class = match (order, here, candidate.name != NameMatch::None) {
                (Order::Nearest, ..) => 0,
                (Order::Best(_), true, true) => 3,
                (Order::Best(Others::BehindNames), false, true) => 2,
                (Order::Best(_), true, false) => 1,
                (Order::Best(_), false, _) => 0,
            };
            let (name, address, found_by) = (candidate.name, candidate.address, FoundBy::of(candidate));
            // The index keeps the same number; only what it found is looked up there.
            let placed = address.and_then(|address| view.snapshot.placed(address));
            let quality = placed.map_or_else(|| facts.quality(), |(_, quality)| quality);
            let (view, slot) = (index, *slot);
            scored.push(Scored {
                class,
                name,
                rests,
                score: candidate.cosine,
                features,
                less,
                standing,
                found_by,
                near: candidate.cosine,
                quality,
                origin,
                view,
                address,
                slot,
            });
        }
    }
    if order != Order::Nearest {
        if question.by_meaning {
            company::note(scored.iter_mut().map(|item| (item.standing, &mut item.features)).collect());
        }
        for item in &mut scored {
            if item.name != NameMatch::None {
                item.features.damp();
            }
            item.score = item.features.score(weights) - item.less;
        }
        put_standard_behind(&mut scored);
    }
    scored.sort_unstable_by(|a, b| {
        ((b.class, b.bears(), b.rests, b.name).cmp(&(a.class, a.bears(), a.rests, a.name)))
            .then(b.score.total_cmp(&a.score))
            .then(b.quality.cmp(&a.quality))
            .then((a.view, a.slot).cmp(&(b.view, b.slot)))
    });
    scored
}

impl Scored {
    /// How well its name fits, whichever way it is spelled: what can be used here comes before what is spelled better.
    fn bears(&self) -> NameMatch {
        if self.name == NameMatch::Exact { NameMatch::Folded } else { self.name }
    }
}

impl FoundBy {
    fn of(candidate: &Candidate) -> FoundBy {
        match candidate.name {
            NameMatch::Mistyped(_) => FoundBy::LikeName,
            NameMatch::None if candidate.words == 0.0 && candidate.cosine > 0.0 => FoundBy::Meaning,
            _ => FoundBy::Words,
        }
    }
}

impl Origin {
    fn of(entry: &CatalogEntry, project: Option<&Project>) -> Origin {
        match (entry.tier(), project) {
            _ if is_standard(entry) && entry.id.name() == "std" => Origin::Standard,
            _ if is_standard(entry) => Origin::StandardPart,
            (Tier::Public, Some(project)) if project.is_direct(entry.id.name(), entry.id.version()) => {
                Origin::Direct
            }
            (Tier::Public, _) => Origin::Other,
            // Code of one's own that this project does not build on is of another project.
            (Tier::Private, Some(project)) if !project.locks(entry) => Origin::Other,
            (Tier::Team | Tier::Private, _) => Origin::Own,
        }
    }

    /// How much of the project builds on a package of this origin; everything does on the standard library.
    fn built_on(self, entry: &CatalogEntry, project: Option<&Project>) -> f32 {
        match (self, project) {
            (_, None) => 0.0,
            (Origin::Standard | Origin::StandardPart, _) => 1.0,
            (Origin::Own, _) => OWN_BUILT_ON,
            (Origin::Direct | Origin::Other, Some(project)) => project.built_on(entry.id.name()),
        }
    }
}

impl Place {
    fn of(ranked: &Ranked<'_>) -> Place {
        let card = &ranked.card;
        let package = ranked.entry.id.name();
        let owner = card.path.rsplit_once("::").map_or("", |(owner, _)| owner);
        let owner = if card.kind == DOC_KIND { card.file.as_str() } else { owner };
        Place { file: format!("{package} {}", card.file), owner: format!("{package} {owner}") }
    }
}

/// Where the project's own code, or what it names, bears the very name that was typed, it is meant; the
/// standard library's items of that name stand behind it, in their own order.
fn put_standard_behind(scored: &mut [Scored]) {
    let of_standard = |item: &Scored| matches!(item.origin, Origin::Standard | Origin::StandardPart);
    let near = |item: &Scored| matches!(item.origin, Origin::Own | Origin::Direct);
    let exact = |item: &&Scored| item.name == NameMatch::Exact;
    let scores = |is_meant: &dyn Fn(&Scored) -> bool| -> Vec<f32> {
        scored.iter().filter(exact).filter(|item| is_meant(item)).map(|item| item.score).collect()
    };
    let least = scores(&near).into_iter().reduce(f32::min);
    let best = scores(&of_standard).into_iter().reduce(f32::max);
    let (Some(least), Some(best)) = (least, best) else { return };
    let step = (best - least + FACADE_MARGIN).max(0.0);
    for item in scored.iter_mut().filter(|item| item.name == NameMatch::Exact && of_standard(item)) {
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
        // One that nobody can write there is told apart by the path that shows it.
        let declared = card.declared_in.as_ref().filter(|declared| !declared.path.is_empty());
        let (package, path) = match declared {
            Some(declared) => (declared.package.clone(), declared.path.clone()),
            None => (entry.id.name().to_string(), card.path.clone()),
        };
        let place = (card.kind == DOC_KIND).then(|| (card.file.clone(), card.line));
        Item { tier: entry.tier(), package, path, kind: card.kind.clone(), place }
    }
}
