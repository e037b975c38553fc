//! What the tab remembers: what one types, how it is searched, and what was found.

use std::time::Duration;

use ratatui::layout::Rect;
use tui_input::Input;
use zenith_core::package::Tier;
use zenith_core::search::{Filters, Hit, Mode, SearchRequest};

use super::work::Found;
use crate::explorer::parts::areas::{Areas, Pane, take_top};
use crate::explorer::parts::kind::Kind;
use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::page::{Preview, Subject};
use crate::explorer::parts::place::Place;
use crate::explorer::parts::tree::Item;
use crate::explorer::world::World;

/// Narrower places show the preview below the list.
const COLUMNS_BESIDE: u16 = 124;
/// How long a search waits for the next keystroke.
pub const DEBOUNCE: Duration = Duration::from_millis(60);
/// Results that anyone looks through.
const RESULTS_MAX: usize = 200;

/// Everything that a result depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchKey {
    pub query: String,
    pub mode: Mode,
    pub tier: Option<Tier>,
    /// What could be found: the world's.
    pub revision: u64,
}

#[derive(Debug, Default)]
pub struct Search {
    pub input: Input,
    /// The page has the arrows.
    pub is_reading: bool,
    /// One came to what stands in the line from elsewhere: what is typed next takes its place.
    pub is_settled: bool,
    /// Enter was pressed before the results were there, and means the best of them.
    pub opens_found: bool,
    pub mode: Mode,
    /// The one tier that is searched, where it is one.
    pub tier: Option<Tier>,
    pub results: Latest<SearchKey, Result<Found, String>>,
    /// What the results that show were found for.
    answered: Option<SearchKey>,
    pub cursor: Cursor,
    pub preview: Preview,
}

impl Search {
    /// How it parts its place.
    pub fn areas(&self, mut area: Rect, is_roomy: bool) -> Areas {
        let mut areas = Areas { head: take_top(&mut area, 1), ..Areas::default() };
        if is_roomy {
            areas.switches = take_top(&mut area, 1);
            take_top(&mut area, 1);
        }
        let pane = if self.is_reading { Pane::Preview } else { Pane::List };
        areas.list = areas.split(area, area.width / 2, area.width >= COLUMNS_BESIDE, pane);
        areas
    }

    pub fn hits(&self) -> &[Hit] {
        match self.results.value() {
            Some(Ok(found)) => &found.hits,
            _ => &[],
        }
    }

    pub fn selected(&self) -> Option<&Hit> {
        self.hits().get(self.cursor.selected)
    }

    pub fn cycle_mode(&mut self) {
        self.mode = match self.mode {
            Mode::Hybrid => Mode::Text,
            Mode::Text => Mode::Vector,
            Mode::Vector => Mode::Hybrid,
        };
    }

    pub fn cycle_tier(&mut self) {
        self.tier = match self.tier {
            None => Some(Tier::Public),
            Some(Tier::Public) => Some(Tier::Team),
            Some(Tier::Team) => Some(Tier::Private),
            Some(Tier::Private) => None,
        };
    }

    /// The search that the screen asks for now.
    pub fn key(&self, revision: u64) -> SearchKey {
        let query = self.input.value().trim().to_string();
        SearchKey { query, mode: self.mode, tier: self.tier, revision }
    }

    /// Asks for a search where it is another than before: the generation, the request, and how long
    /// it should wait.
    pub fn want(&mut self, revision: u64) -> Option<(u64, SearchRequest, Duration)> {
        let key = self.key(revision);
        if key.query.is_empty() {
            if self.results.wanted().is_some() {
                self.results.clear();
                self.answered = None;
            }
            return None;
        }
        let typed = self.results.wanted().is_none_or(|wanted| wanted.query != key.query);
        let request = SearchRequest {
            query: key.query.clone(),
            mode: key.mode,
            filters: Filters { tiers: key.tier.into_iter().collect(), ..Filters::default() },
            limit: RESULTS_MAX,
        };
        let generation = self.results.want(key)?;
        Some((generation, request, if typed { DEBOUNCE } else { Duration::ZERO }))
    }

    /// Takes results. New packages leave the selection on what it was on; a new query starts at the
    /// best.
    pub fn arrive(&mut self, generation: u64, found: Result<Found, String>) -> bool {
        let selected = self.selected().cloned();
        if !self.results.arrive(generation, found) {
            return false;
        }
        let key = self.results.wanted().cloned();
        let same = |a: &SearchKey, b: &SearchKey| (&a.query, a.mode, a.tier) == (&b.query, b.mode, b.tier);
        let refreshed = matches!((&self.answered, &key), (Some(before), Some(now)) if same(before, now));
        let is_it = |hit: &Hit| {
            let same = |other: &Hit| {
                (&hit.package, &hit.path, &hit.kind, hit.line)
                    == (&other.package, &other.path, &other.kind, other.line)
            };
            selected.as_ref().is_some_and(same)
        };
        let place = self.hits().iter().position(is_it).filter(|_| refreshed && self.cursor.selected > 0);
        self.cursor =
            Cursor { selected: place.unwrap_or(0), offset: if refreshed { self.cursor.offset } else { 0 } };
        self.answered = key;
        true
    }

    /// What the selected result is about.
    pub fn subject(&self, world: &World) -> Option<Subject> {
        let hit = self.selected()?;
        let entry = world.entry(hit.tier, &hit.package, &hit.version)?.clone();
        Some(match Kind::parse(&hit.kind) {
            Kind::Doc => Subject::Section { entry, file: hit.file.clone(), line: hit.line },
            _ => Subject::Found { entry, path: hit.path.clone(), kind: hit.kind.clone(), line: hit.line },
        })
    }

    /// Where the selected result stands in its package.
    pub fn found_at(&self, world: &World) -> Option<Place> {
        let hit = self.selected()?;
        let entry = world.entry(hit.tier, &hit.package, &hit.version)?;
        Some(Place::Package { scope: entry.scope.clone(), id: entry.id.clone(), item: Some(item(hit)) })
    }
}

/// A result as the tree of its package knows it.
fn item(hit: &Hit) -> Item {
    match Kind::parse(&hit.kind) {
        Kind::Doc => Item::Section { file: hit.file.clone(), line: hit.line },
        _ => Item::Symbol { id: String::new(), path: hit.path.clone(), line: hit.line },
    }
}
