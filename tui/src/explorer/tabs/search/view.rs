//! How it looks.

use std::collections::HashSet;

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;
use zenith_core::search::Words;

use super::state::RESULTS_MAX;
use super::{Search, blank, note, parts, row, switches};
use crate::explorer::parts::areas::Areas;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::world::World;
use crate::text::counted;

/// What stands before the line.
const MARK: &str = " › ";
pub const MARK_COLUMNS: u16 = 3;
/// Columns that what one types keeps, whatever there is to say of it.
const TYPED_COLUMNS_MIN: usize = 30;

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
        let below = below_switches(&areas);
        let note = note::note(canvas, tab, seen);
        canvas.put_sides(below, 0, &note, &Line::default());
    }
    draw_results(canvas, &areas, tab, seen.world);
    parts::draw(canvas, areas.parts, tab, seen);
    tab.preview.draw(canvas, areas.preview, tab.is_reading);
}

/// The line that says something of what is asked for.
pub fn below_switches(areas: &Areas) -> Rect {
    Rect { y: areas.switches.bottom(), ..areas.switches }
}

/// How many results there are, of how many packages, and how long they took: as much of it as there is room for.
fn outcome(canvas: &Canvas<'_>, tab: &Search, width: u16) -> Line<'static> {
    let Some(Ok(found)) = tab.results.value() else { return Line::default() };
    let time = format!("{} ms", found.took.as_millis().max(1));
    let of: HashSet<(&str, &str)> =
        found.hits.iter().map(|hit| (hit.package.as_str(), hit.version.as_str())).collect();
    let packages = counted(of.len(), "package");
    let all = found.hits.len();
    // Where words end and meaning goes on, the results are those that words found.
    let results = match tab.rows(0).ends_at {
        Some(0) => format!("{all} near in meaning"),
        Some(by_words) => format!("{}, {} near in meaning", counted(by_words, "result"), all - by_words),
        None if all >= RESULTS_MAX => format!("the first {RESULTS_MAX} results"),
        None => counted(all, "result"),
    };
    let long = match of.len() {
        0 => format!("{results} · {time} "),
        _ => format!("{results} in {packages} · {time} "),
    };
    let forms = [long, format!("{results} · {time} "), format!("{results} ")];
    let typed = usize::from(MARK_COLUMNS)
        + tab.input.value().width().max(TYPED_COLUMNS_MIN).min(usize::from(width / 2));
    let fits = |form: &&String| typed + 2 + form.width() <= usize::from(width);
    let text = forms.iter().find(fits).or(forms.last().filter(|form| form.width() * 2 <= usize::from(width)));
    Line::from(canvas.span(text.cloned().unwrap_or_default(), Role::Quiet))
}

fn draw_switches(canvas: &mut Canvas<'_>, area: Rect, tab: &Search) {
    let switches = switches::switches(tab.input.value(), tab.mode, area);
    let has_more = switches.iter().any(|switch| switch.area.is_empty());
    for switch in switches {
        let label = canvas.choice(switch.label, switch.is_on);
        canvas.put(switch.area, 0, &Line::from(label));
    }
    if has_more {
        let end = Rect { x: area.right().saturating_sub(1), width: 1.min(area.width), ..area };
        canvas.put(end, 0, &Line::from(canvas.span("…", Role::Quiet)));
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
    let (mut words, rows) = (Words::of(tab.input.value()), tab.rows(area.height));
    let last = rows.len().min(tab.cursor.offset + usize::from(area.height));
    for (row, place) in (tab.cursor.offset..last).enumerate() {
        match rows.hit(place).and_then(|index| Some((index, tab.hits().get(index)?))) {
            // A result is drawn from its first line on.
            Some((index, _)) if rows.row(index) != place => {}
            Some((index, hit)) => {
                if index == tab.cursor.selected {
                    // The last one drawn is where the cursor stands: the first line.
                    (row..row + rows.lines).rev().for_each(|row| canvas.select(area, row, !tab.is_reading));
                }
                row::draw(canvas, area, row, rows.lines, hit, &mut words);
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
