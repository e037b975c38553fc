//! How it looks.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;
use zenith_core::package::Tier;
use zenith_core::search::{Hit, Mode, Query};

use super::Search;
use crate::count::Count;
use crate::explorer::parts::areas::Areas;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::{truncate, truncate_start};
use crate::explorer::parts::kind::Kind;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::world::{Catalog, Ready, World};
use crate::text::counted;

/// What stands before the line.
const MARK: &str = " › ";
const MARK_COLUMNS: u16 = 3;
const KIND_COLUMNS: usize = 8;
const TIER_COLUMNS: usize = 8;
/// Narrower lists go without the tier, then without the package.
const COLUMNS_WITH_TIER: u16 = 60;
const COLUMNS_WITH_PACKAGE: u16 = 44;
/// Narrower screens tell the time of a search alone.
const COLUMNS_WITH_OUTCOME: u16 = 80;
/// The column at which the switch of tiers begins, after that of modes.
pub const TIER_SWITCH_START: u16 = 28;

pub fn draw(canvas: &mut Canvas<'_>, tab: &Search, seen: &Seen<'_>) {
    let areas = tab.areas(seen.area, seen.is_roomy);
    canvas.rule(areas.divider);
    let outcome = outcome(canvas, tab, seen.area.width);
    let room = u16::try_from(outcome.width()).unwrap_or(u16::MAX);
    let typed = Rect { width: areas.head.width.saturating_sub(room + 1), ..areas.head };
    canvas.put_sides(areas.head, 0, &Line::default(), &outcome);
    canvas.input(typed, MARK, &tab.input, !tab.is_reading, "a name, a path, or what it should do");
    if tab.is_settled {
        let columns = u16::try_from(tab.input.value().width()).unwrap_or(u16::MAX);
        let text = Rect { x: typed.x + MARK_COLUMNS, width: columns, ..typed };
        canvas.select(text.intersection(typed), 0, false);
    }
    draw_switches(canvas, areas.switches, tab);
    draw_results(canvas, &areas, tab, seen.world);
    tab.preview.draw(canvas, areas.preview, tab.is_reading);
}

/// How many results there are and how long they took.
fn outcome(canvas: &Canvas<'_>, tab: &Search, width: u16) -> Line<'static> {
    let text = match tab.results.value() {
        Some(Ok(found)) => {
            let results = counted(u64::try_from(found.hits.len()).unwrap_or(u64::MAX), "result");
            let packages = Count { all: found.packages, others: found.other_platforms };
            let time = format!("{} ms ", found.took.as_millis().max(1));
            let by_words = match (tab.mode, found.other_model) {
                (Mode::Hybrid | Mode::Vector, packages @ 1..) => format!(" ({packages} of another model)"),
                _ => String::new(),
            };
            match width >= COLUMNS_WITH_OUTCOME {
                true => format!("{results} in {packages}{by_words} · {time}"),
                false => time,
            }
        }
        _ => String::new(),
    };
    Line::from(canvas.span(text, Role::Quiet))
}

fn draw_switches(canvas: &mut Canvas<'_>, area: Rect, tab: &Search) {
    let mut line = Line::from(Span::raw("   "));
    for mode in [Mode::Hybrid, Mode::Text, Mode::Vector] {
        push_choice(canvas, &mut line, &mode.to_string(), tab.mode == mode);
    }
    let gap = usize::from(TIER_SWITCH_START).saturating_sub(line.width());
    line.push_span(Span::raw(" ".repeat(gap)));
    push_choice(canvas, &mut line, "all tiers", tab.tier.is_none());
    for tier in Tier::ALL {
        push_choice(canvas, &mut line, tier.as_str(), tab.tier == Some(tier));
    }
    canvas.put(area, 0, &line);
}

fn push_choice(canvas: &Canvas<'_>, line: &mut Line<'static>, name: &str, is_chosen: bool) {
    line.push_span(canvas.choice(name, is_chosen));
    line.push_span(Span::raw("  "));
}

fn draw_results(canvas: &mut Canvas<'_>, areas: &Areas, tab: &Search, world: &World) {
    let area = areas.list;
    match tab.results.value() {
        Some(Err(why)) => return canvas.say(area, Role::Bad, "That could not be searched", &[why]),
        Some(Ok(found)) if found.hits.is_empty() => return say_nothing_found(canvas, area, tab, world),
        None if tab.input.value().trim().is_empty() => return say_what_to_type(canvas, area, world),
        None | Some(Ok(_)) => {}
    }
    let words = words_of(tab.input.value());
    let rows = tab.hits().iter().enumerate().skip(tab.cursor.offset).take(usize::from(area.height));
    for (row, (index, hit)) in rows.enumerate() {
        if index == tab.cursor.selected {
            canvas.select(area, row, !tab.is_reading);
        }
        draw_hit(canvas, area, row, hit, &words);
    }
}

fn draw_hit(canvas: &mut Canvas<'_>, area: Rect, row: usize, hit: &Hit, words: &[String]) {
    let kind = Kind::parse(&hit.kind);
    let mut right = Line::default();
    if area.width >= COLUMNS_WITH_PACKAGE {
        right.push_span(canvas.span(if hit.other_platform { "other platform  " } else { "" }, Role::Warning));
        right.push_span(canvas.span(format!("{} {} ", hit.package, hit.version), Role::Quiet));
    }
    if area.width >= COLUMNS_WITH_TIER {
        right.push_span(canvas.span(format!("{:TIER_COLUMNS$}", hit.tier.as_str()), Role::Tier(hit.tier)));
    }
    let mut left = Line::from(canvas.span(format!(" {:KIND_COLUMNS$}", kind.word()), Role::Kind(kind)));
    let room = usize::from(area.width).saturating_sub(left.width() + right.width() + 1);
    let separator = if kind == Kind::Doc { " › " } else { "::" };
    let (before, name) = match hit.path.rfind(separator) {
        Some(at) => hit.path.split_at(at + separator.len()),
        None => ("", hit.path.as_str()),
    };
    // What it is called elsewhere says why it is here, so it may take half of the room.
    let alias = hit.alias.as_deref().map(|alias| truncate(&format!(" = {alias}"), room / 2));
    let room = room.saturating_sub(alias.as_deref().map_or(0, |alias| alias.width()));
    let name = truncate(name, room);
    let before = truncate_start(before, room.saturating_sub(name.width()));
    left.push_span(canvas.span(before, Role::Quiet));
    push_marked(canvas, &mut left, &name, words);
    if let Some(alias) = alias {
        left.push_span(canvas.span(alias, Role::Match));
    }
    canvas.put_sides(area, row, &left, &right);
}

/// A name with what was searched for marked in it.
fn push_marked(canvas: &Canvas<'_>, line: &mut Line<'static>, name: &str, words: &[String]) {
    let lower = name.to_lowercase();
    // Where lower case has another length, positions in it say nothing.
    let found = words
        .iter()
        .filter(|_| lower.len() == name.len())
        .find_map(|word| Some((lower.find(word)?, word.len())));
    match found {
        Some((start, length)) if name.is_char_boundary(start) && name.is_char_boundary(start + length) => {
            line.push_span(canvas.span(&name[..start], Role::Strong));
            line.push_span(canvas.span(&name[start..start + length], Role::Match));
            line.push_span(canvas.span(&name[start + length..], Role::Strong));
        }
        _ => line.push_span(canvas.span(name, Role::Strong)),
    }
}

/// The words of a query, the longest first.
fn words_of(typed: &str) -> Vec<String> {
    let text = Query::parse(typed).text.to_lowercase();
    let words = text.split(|c: char| c.is_whitespace() || c == ':').filter(|word| word.chars().count() > 1);
    let mut words: Vec<String> = words.map(str::to_string).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

fn say_nothing_found(canvas: &mut Canvas<'_>, area: Rect, tab: &Search, world: &World) {
    let why = match (tab.tier, world.indexing.is_running()) {
        (Some(Tier::Team), _) => {
            "Nothing in the team tier is like that. It has what an organisation shares, once you sign in."
        }
        (Some(_), _) => "Nothing in this tier is like that. Search all tiers, or other words.",
        (None, true) => {
            "Nothing is like that among what is indexed so far; results come as indexing goes on."
        }
        (None, false) => "Nothing is like that. Fewer words find more; check the filters.",
    };
    canvas.say(area, Role::Text, "No results", &[why]);
}

fn say_what_to_type(canvas: &mut Canvas<'_>, area: Rect, world: &World) {
    let Ready { count: packages, symbols } = world.ready(None);
    let count = match (&world.catalog, packages.all) {
        (Catalog::Opening, _) => "Opening the data folder…".to_string(),
        (_, 0) if world.indexing.is_active() => {
            "Indexing has begun; the first packages are searchable soon.".to_string()
        }
        (_, 0) => "There is nothing to search yet: `zenith index PATH` indexes a project.".to_string(),
        _ => format!("{} in {packages} are searched as you type.", counted(symbols, "symbol")),
    };
    let examples = "spawn_blocking              a name, however it is split\n\
                    tokio::task::JoinHandle     a path, or its end\n\
                    read a file line by line    what it should do\n\
                    parse kind:trait,fn         only these kinds\n\
                    stream pkg:tokio            only this package, or pkg:tokio@1.48.0\n\
                    config tier:private         only one's own code";
    let mut row = usize::from(area.height > 10);
    let mut inner = area;
    inner.x += 3.min(area.width);
    inner.width = area.width.saturating_sub(3);
    canvas.put(inner, row, &Line::from(canvas.span(count, Role::Text)));
    row += 2;
    for example in examples.lines() {
        let (query, meaning) = example.split_at(example.find("  ").unwrap_or(example.len()));
        let line = Line::from(vec![canvas.span(query, Role::Code), canvas.span(meaning, Role::Quiet)]);
        canvas.put(inner, row, &line);
        row += 1;
    }
}
