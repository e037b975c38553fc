//! What the tab remembers: what one types, how it is searched, and what was found.

use std::time::Duration;

use ratatui::layout::Rect;
use tui_input::Input;
use zenith_core::package::{PackageId, Tier};
use zenith_core::search::{Filters, FoundBy, Hit, Mode, Query, SearchRequest};

use super::asked::{self, Asked, Beside};
use super::choices::{self, Choice};
use super::history::History;
use super::shown::Rows;
use super::work::Found;
use crate::explorer::parts::areas::{Areas, Pane, take_top};
use crate::explorer::parts::kind::Kind;
use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::page::{Part, Preview, Subject};
use crate::explorer::parts::place::Place;
use crate::explorer::parts::tree::Item;
use crate::explorer::world::World;

/// Narrower places show the preview below the list.
const COLUMNS_BESIDE: u16 = 124;
/// Lower previews say by keys alone what they can show.
const ROWS_WITH_PARTS: u16 = 4;
/// From this height on a result of the list has two lines.
const ROWS_FOR_TWO_LINES: u16 = 20;
/// How long a search waits for the next keystroke.
pub const DEBOUNCE: Duration = Duration::from_millis(60);
/// Results that anyone looks through.
pub const RESULTS_MAX: usize = 200;

/// Everything that a result depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchKey {
    /// As typed, filters and all.
    pub query: String,
    pub mode: Mode,
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
    pub history: History,
    /// What an empty line offers.
    pub choices: Vec<Choice>,
    /// How many packages the project names itself.
    pub direct: usize,
    /// The line, as it was read last.
    pub asked: Asked,
    /// What the line was before the last change.
    before: String,
    /// The revision of the world that it was read for.
    read_at: Option<u64>,
    pub results: Latest<SearchKey, Result<Found, String>>,
    /// What the results that show were found for.
    answered: Option<SearchKey>,
    pub cursor: Cursor,
    /// Where one stood among the results of a search that one came back to.
    pub stood_at: Option<(String, usize)>,
    pub preview: Preview,
    /// What of the selected result the preview shows.
    pub part: Part,
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
        let is_beside = area.width >= COLUMNS_BESIDE;
        // What an empty line offers has nothing to preview, and all of it is to be seen.
        if self.is_empty() && !is_beside {
            areas.list = area;
            return areas;
        }
        areas.list = areas.split(area, area.width / 2, is_beside, pane);
        if areas.preview.height >= ROWS_WITH_PARTS {
            areas.parts = take_top(&mut areas.preview, 1);
        }
        areas
    }

    pub fn hits(&self) -> &[Hit] {
        match self.results.value() {
            Some(Ok(found)) => &found.hits,
            _ => &[],
        }
    }

    /// Whether the list has choices in place of results.
    pub fn is_empty(&self) -> bool {
        self.input.value().trim().is_empty()
    }

    /// The rows of the list where it has so much room.
    pub fn rows(&self, height: u16) -> Rows {
        match self.is_empty() {
            true => Rows::plain(self.choices.len()),
            false => {
                let found_by = self.hits().iter().map(|hit| hit.found_by);
                let lines = if height >= ROWS_FOR_TWO_LINES { 2 } else { 1 };
                Rows::of(found_by, self.answered.as_ref().is_some_and(SearchKey::has_words), lines)
            }
        }
    }

    /// The line that may be meant.
    pub fn offer(&self) -> Option<String> {
        let like = self.hits().first().filter(|hit| hit.found_by == FoundBy::LikeName);
        let named = like.map(|hit| asked::with_words(self.input.value(), &hit.name));
        self.asked.offer.clone().or(named.filter(|_| !self.results.is_pending() && !self.is_empty()))
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
        let next = match asked::tiers(self.input.value())[..] {
            [] => Some(Tier::Public),
            [Tier::Public] => Some(Tier::Team),
            [Tier::Team] => Some(Tier::Private),
            _ => None,
        };
        self.set_line(asked::with_tier(self.input.value(), next));
    }

    /// Puts something else in the line, which one goes on with.
    pub fn set_line(&mut self, line: String) {
        self.input = Input::new(line);
        (self.is_reading, self.is_settled, self.opens_found) = (false, false, false);
    }

    /// Goes back to what was searched before.
    pub fn recall(&mut self) {
        if let Some(line) = self.history.recall(self.input.value()) {
            self.set_line(line);
        }
    }

    /// Keeps what was searched for.
    pub fn note(&mut self) {
        let line = self.input.value().to_string();
        self.history.note(&line);
    }

    /// Reads the line where it or the world is another than before, and finds what it offers where it is empty.
    pub fn read(&mut self, world: &World) {
        let line = self.input.value().trim();
        if self.read_at == Some(world.revision) && self.before == line && !line.is_empty() {
            return;
        }
        self.read_at = Some(world.revision);
        let line = line.to_string();
        // Whoever empties the line at once may want it back.
        if line.is_empty() && self.before.chars().count() > 1 {
            self.history.pass(&self.before);
        }
        self.before = line;
        let packages: Vec<&PackageId> = world.packages.iter().map(|entry| &entry.id).collect();
        let close = world.close_names();
        self.asked = Asked::of(&self.before, Beside { packages: &packages, close: &close });
        if self.is_empty() {
            self.choices = choices::choices(self.history.all(), world);
            self.direct = choices::direct(world);
        }
    }

    /// Asks for a search where it is another than before: the generation, the request, and how long
    /// it should wait.
    pub fn want(&mut self, revision: u64) -> Option<(u64, SearchRequest, Duration)> {
        let key = SearchKey { query: self.input.value().trim().to_string(), mode: self.mode, revision };
        if key.query.is_empty() {
            if self.results.wanted().is_some() {
                self.results.clear();
                self.answered = None;
                self.cursor = Cursor::default();
            }
            return None;
        }
        // A switch is not waited for, though it writes into the line.
        let typed = self.results.wanted().is_none_or(|wanted| wanted.words() != key.words());
        let request = SearchRequest {
            query: self.asked.query.clone(),
            mode: key.mode,
            filters: Filters { packages: self.asked.packages.clone(), ..Filters::default() },
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
        let same = |a: &SearchKey, b: &SearchKey| (&a.query, a.mode) == (&b.query, b.mode);
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
        let is_answer_to = |query: &String| key.as_ref().is_some_and(|key| key.query == *query);
        if let Some((_, at)) = self.stood_at.take().filter(|(query, _)| is_answer_to(query)) {
            self.cursor.selected = at;
        }
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

impl SearchKey {
    /// Whether there are words to be found, which meaning alone could miss.
    fn has_words(&self) -> bool {
        self.mode != Mode::Vector && !self.words().is_empty()
    }

    /// What is typed without the filters.
    fn words(&self) -> String {
        Query::parse(&self.query).text
    }
}
