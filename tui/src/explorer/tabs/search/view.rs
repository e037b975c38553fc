//! How it looks.

use std::collections::HashSet;

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;
use zenith_core::search::{Hit, Query};

use super::state::RESULTS_MAX;
use super::{Search, blank, note, switches};
use crate::explorer::parts::areas::Areas;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::{truncate, truncate_start};
use crate::explorer::parts::kind::Kind;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::world::World;
use crate::text::{clean_line, counted};

/// What stands before the line.
const MARK: &str = " › ";
pub const MARK_COLUMNS: u16 = 3;
const KIND_COLUMNS: usize = 8;
const TIER_COLUMNS: usize = 8;
/// Narrower lists go without the tier, then without the package.
const COLUMNS_WITH_TIER: u16 = 60;
const COLUMNS_WITH_PACKAGE: u16 = 44;
/// Narrower screens tell the time of a search alone.
const COLUMNS_WITH_OUTCOME: u16 = 80;

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
    if areas.switches.height > 0 {
        // The line below the switches keeps a blank where there is nothing to say.
        let below = Rect { y: areas.switches.bottom(), ..areas.switches };
        let note = note::note(canvas, tab, seen.world);
        canvas.put_sides(below, 0, &note, &Line::default());
    }
    draw_results(canvas, &areas, tab, seen.world);
    tab.preview.draw(canvas, areas.preview, tab.is_reading);
}

/// How many results there are, of how many packages, and how long they took.
fn outcome(canvas: &Canvas<'_>, tab: &Search, width: u16) -> Line<'static> {
    let Some(Ok(found)) = tab.results.value() else { return Line::default() };
    let time = format!("{} ms ", found.took.as_millis().max(1));
    let of: HashSet<(&str, &str)> =
        found.hits.iter().map(|hit| (hit.package.as_str(), hit.version.as_str())).collect();
    let results = match found.hits.len() {
        RESULTS_MAX.. => format!("the first {RESULTS_MAX} results"),
        results => counted(results, "result"),
    };
    let text = match (width >= COLUMNS_WITH_OUTCOME, of.len()) {
        (false, _) => time,
        (true, 0) => format!("{results} · {time}"),
        (true, packages) => format!("{results} in {} · {time}", counted(packages, "package")),
    };
    Line::from(canvas.span(text, Role::Quiet))
}

fn draw_switches(canvas: &mut Canvas<'_>, area: Rect, tab: &Search) {
    for switch in switches::switches(tab.input.value(), tab.mode, area) {
        let label = canvas.choice(clean_line(&switch.label), switch.is_on);
        canvas.put(switch.area, 0, &Line::from(label));
    }
}

fn draw_results(canvas: &mut Canvas<'_>, areas: &Areas, tab: &Search, world: &World) {
    let area = areas.list;
    match tab.results.value() {
        Some(Err(why)) => return canvas.say(area, Role::Bad, "That could not be searched", &[why]),
        Some(Ok(found)) if found.hits.is_empty() => {
            return blank::say_nothing_found(canvas, area, tab, world);
        }
        None if tab.is_empty() => return blank::draw_choices(canvas, area, tab),
        None | Some(Ok(_)) => {}
    }
    let (words, rows) = (words_of(tab.input.value()), tab.rows());
    let last = rows.len().min(tab.cursor.offset + usize::from(area.height));
    for (row, place) in (tab.cursor.offset..last).enumerate() {
        match rows.hit(place).and_then(|index| Some((index, tab.hits().get(index)?))) {
            Some((index, hit)) => {
                if index == tab.cursor.selected {
                    canvas.select(area, row, !tab.is_reading);
                }
                draw_hit(canvas, area, row, hit, &words);
            }
            None => draw_end(canvas, area, row, rows.ends_at == Some(0)),
        }
    }
}

/// The line where words end.
fn draw_end(canvas: &mut Canvas<'_>, area: Rect, row: usize, has_none: bool) {
    let text = match has_none {
        true => " ── nothing has these words; nearest by meaning ",
        false => " ── nearest by meaning ",
    };
    let dashes = "─".repeat(usize::from(area.width).saturating_sub(text.width()));
    let line = Line::from(vec![canvas.span(text, Role::Quiet), canvas.span(dashes, Role::Rule)]);
    canvas.put(area, row, &line);
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
