//! The tab Search.

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;
use zenith_core::package::Tier;
use zenith_core::search::{Hit, Mode, Query};

use super::{Canvas, preview};
use crate::count::Count;
use crate::explorer::app::{App, Catalog, Pane, Ready};
use crate::explorer::flow::{truncate, truncate_start};
use crate::explorer::kind::Kind;
use crate::explorer::layout::Areas;
use crate::explorer::theme::Role;
use crate::text::counted;

const KIND_COLUMNS: usize = 8;
const TIER_COLUMNS: usize = 8;
/// Narrower lists go without the tier, then without the package.
const COLUMNS_WITH_TIER: u16 = 60;
const COLUMNS_WITH_PACKAGE: u16 = 44;
/// Narrower screens tell the time of a search alone.
const COLUMNS_WITH_OUTCOME: u16 = 80;
/// The column at which the switch of tiers begins, after that of modes.
pub const TIER_SWITCH_START: u16 = 28;

pub fn draw(canvas: &mut Canvas<'_>, areas: &Areas, app: &App) {
    let search = &app.search;
    canvas.rule(areas.divider);
    let outcome = outcome(canvas, app);
    let room = u16::try_from(outcome.width()).unwrap_or(u16::MAX);
    let typed = Rect { width: areas.head.width.saturating_sub(room + 1), ..areas.head };
    canvas.put_sides(areas.head, 0, &Line::default(), &outcome);
    let hint = "a name, a path, or what it should do";
    canvas.input(typed, " › ", &search.input, search.pane == Pane::Input && app.overlay.is_none(), hint);
    draw_switches(canvas, areas.switches, app);
    draw_results(canvas, areas, app);
    preview::draw(canvas, areas.preview, &search.preview, search.pane == Pane::Preview);
}

/// How many results there are and how long they took.
fn outcome(canvas: &Canvas<'_>, app: &App) -> Line<'static> {
    let text = match app.search.results.value() {
        Some(Ok(found)) => {
            let results = counted(u64::try_from(found.hits.len()).unwrap_or(u64::MAX), "result");
            let packages = Count { all: found.packages, others: found.other_platforms };
            let time = format!("{} ms ", found.took.as_millis().max(1));
            let by_words = match (app.search.mode, found.other_model) {
                (Mode::Hybrid | Mode::Vector, packages @ 1..) => format!(" ({packages} of another model)"),
                _ => String::new(),
            };
            match app.size.width >= COLUMNS_WITH_OUTCOME {
                true => format!("{results} in {packages}{by_words} · {time}"),
                false => time,
            }
        }
        _ => String::new(),
    };
    Line::from(canvas.span(text, Role::Quiet))
}

fn draw_switches(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let search = &app.search;
    let mut line = Line::from(Span::raw("   "));
    for mode in [Mode::Hybrid, Mode::Text, Mode::Vector] {
        push_choice(canvas, &mut line, &mode.to_string(), search.mode == mode);
    }
    let gap = usize::from(TIER_SWITCH_START).saturating_sub(line.width());
    line.push_span(Span::raw(" ".repeat(gap)));
    push_choice(canvas, &mut line, "all tiers", search.tier.is_none());
    for tier in Tier::ALL {
        push_choice(canvas, &mut line, tier.as_str(), search.tier == Some(tier));
    }
    canvas.put(area, 0, &line);
}

fn push_choice(canvas: &Canvas<'_>, line: &mut Line<'static>, name: &str, chosen: bool) {
    let mut style = canvas.theme.style(if chosen { Role::Accent } else { Role::Quiet });
    if chosen {
        style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    }
    line.push_span(Span::styled(name.to_string(), style));
    line.push_span(Span::raw("  "));
}

fn draw_results(canvas: &mut Canvas<'_>, areas: &Areas, app: &App) {
    let (area, search) = (areas.list, &app.search);
    match search.results.value() {
        Some(Err(why)) => return canvas.say(area, Role::Bad, "That could not be searched", &[why]),
        Some(Ok(found)) if found.hits.is_empty() => return say_nothing_found(canvas, area, app),
        None if search.input.value().trim().is_empty() => return say_what_to_type(canvas, area, app),
        None | Some(Ok(_)) => {}
    }
    let words = words_of(search.input.value());
    let rows = search.hits().iter().enumerate().skip(search.cursor.offset).take(usize::from(area.height));
    for (row, (index, hit)) in rows.enumerate() {
        if index == search.cursor.selected {
            canvas.select(area, row, search.pane != Pane::Preview);
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

fn say_nothing_found(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let why = match (app.search.tier, app.indexing.is_running()) {
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

fn say_what_to_type(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let Ready { count: packages, symbols } = app.ready(None);
    let count = match (&app.catalog, packages.all) {
        (Catalog::Opening, _) => "Opening the data folder…".to_string(),
        (_, 0) if app.indexing.is_active() => {
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
