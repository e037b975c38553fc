//! The tab Search: what one types, how it is searched, and what was found.

use std::time::Duration;

use tui_input::Input;
use zenith_core::package::Tier;
use zenith_core::search::{Filters, Hit, Mode, SearchRequest};

use super::app::{App, Pane};
use super::kind::Kind;
use super::latest::Latest;
use super::list::Cursor;
use super::message::Found;
use super::preview::{Preview, Subject};
use super::tree::Item;

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
    /// What could be found: [`App::revision`].
    pub revision: u64,
}

#[derive(Debug)]
pub struct SearchTab {
    pub pane: Pane,
    pub input: Input,
    pub mode: Mode,
    /// The one tier that is searched, where it is one.
    pub tier: Option<Tier>,
    pub results: Latest<SearchKey, Result<Found, String>>,
    /// What the results that show were found for.
    answered: Option<SearchKey>,
    pub cursor: Cursor,
    pub preview: Preview,
}

impl Default for SearchTab {
    fn default() -> SearchTab {
        SearchTab {
            // One opens a search in order to type.
            pane: Pane::Input,
            input: Input::default(),
            mode: Mode::default(),
            tier: None,
            results: Latest::default(),
            answered: None,
            cursor: Cursor::default(),
            preview: Preview::default(),
        }
    }
}

impl SearchTab {
    pub fn hits(&self) -> &[Hit] {
        match self.results.value() {
            Some(Ok(found)) => &found.hits,
            _ => &[],
        }
    }

    pub fn results_len(&self) -> usize {
        self.hits().len()
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
    pub fn subject(&self, app: &App) -> Option<Subject> {
        let hit = self.selected()?;
        let entry = app.entry(hit.tier, &hit.package, &hit.version)?.clone();
        Some(match Kind::parse(&hit.kind) {
            Kind::Doc => Subject::Section { entry, file: hit.file.clone(), line: hit.line },
            _ => Subject::Found { entry, path: hit.path.clone(), kind: hit.kind.clone(), line: hit.line },
        })
    }
}

/// A result as the tree of its package knows it.
pub fn item(hit: &Hit) -> Item {
    match Kind::parse(&hit.kind) {
        Kind::Doc => Item::Section { file: hit.file.clone(), line: hit.line },
        _ => Item::Symbol { id: String::new(), path: hit.path.clone(), line: hit.line },
    }
}
