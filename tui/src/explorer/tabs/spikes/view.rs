//! How it looks.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use zenith_harness::{Outcome, Spike, Unit};

use super::Spikes;
use super::backends::{self, Backends};
use super::columns::{Columns, ID_COLUMNS, TARGET_COLUMNS, TIME_COLUMNS, VERDICT_COLUMNS};
use super::results::{headline, worst};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::clock::{STILL, elapsed, spinner};
use crate::explorer::parts::flow::truncate;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::text::counted;

pub fn draw(canvas: &mut Canvas<'_>, tab: &Spikes, seen: &Seen<'_>) {
    let areas = tab.areas(seen.area, seen.is_roomy);
    canvas.rule(areas.divider);
    draw_head(canvas, areas.head, tab);
    draw_backends(canvas, areas.switches, tab.backends);
    let has_found = tab.spikes.iter().any(|spike| !tab.results.of(spike.id).is_empty());
    let columns = Columns::of(usize::from(areas.list.width), tab.spikes, has_found);
    let rows = tab.spikes.iter().enumerate().skip(tab.cursor.offset).take(areas.list_height());
    for (row, (index, spike)) in rows.enumerate() {
        if index == tab.cursor.selected {
            canvas.select(areas.list, row, tab.pane != Pane::Preview);
        }
        draw_spike(canvas, (areas.list, row), columns, spike, tab, seen);
    }
    tab.detail.draw(canvas, areas.preview, tab.pane == Pane::Preview);
}

/// How many spikes there are, and what the history keeps of them.
fn draw_head(canvas: &mut Canvas<'_>, area: Rect, tab: &Spikes) {
    let left = Line::from(vec![
        Span::raw(" "),
        canvas.span("Spikes", Role::Heading),
        canvas.span(format!("  {}", tab.spikes.len()), Role::Quiet),
    ]);
    let (told, role) = match (tab.history.value(), tab.results.damaged()) {
        (None, _) if tab.history.is_pending() => ("reading what was kept… ".to_string(), Role::Quiet),
        (None, _) => (String::new(), Role::Quiet),
        (Some(Err(_)), _) => ("the kept runs cannot be read ".to_string(), Role::Bad),
        (Some(Ok(())), [file]) => {
            (format!("passed over {} ", truncate(file, usize::from(area.width / 2))), Role::Warning)
        }
        (Some(Ok(())), [_, _, ..]) => {
            (format!("{} files of kept runs are damaged ", tab.results.damaged().len()), Role::Warning)
        }
        (Some(Ok(())), []) => match u64::try_from(tab.results.runs()).unwrap_or(u64::MAX) {
            0 => ("no run was kept yet ".to_string(), Role::Quiet),
            runs => (format!("{} kept ", counted(runs, "run")), Role::Quiet),
        },
    };
    canvas.put_sides(area, 0, &left, &Line::from(canvas.span(told, role)));
}

/// The switch of backends.
fn draw_backends(canvas: &mut Canvas<'_>, area: Rect, chosen: Backends) {
    for word in backends::words(area) {
        let text = match word.chooses {
            Some(choice) => canvas.choice(word.text, choice == chosen),
            None => canvas.span(word.text, Role::Quiet),
        };
        canvas.put(word.area, 0, &Line::from(text));
    }
}

/// What the chosen backends cannot run is dim.
fn draw_spike(
    canvas: &mut Canvas<'_>,
    (area, row): (Rect, usize),
    columns: Columns,
    spike: &Spike,
    tab: &Spikes,
    seen: &Seen<'_>,
) {
    let can_run = tab.backends.run(spike);
    let (id, title) = if can_run { (Role::Accent, Role::Text) } else { (Role::Quiet, Role::Quiet) };
    let left = Line::from(vec![
        canvas.span(format!(" {:ID_COLUMNS$}", spike.id), id),
        canvas.span(spike.title, title),
    ]);
    let outcomes = tab.results.of(spike.id);
    let is_waiting = tab.run.as_ref().is_some_and(|run| run.is_waiting(spike.id));
    let mut right = match (working(canvas, spike, tab, seen), headline(&outcomes)) {
        (Some(working), _) => working,
        // What was found before stays until there is something new.
        (None, Some(outcome)) => found(canvas, outcome, columns, tab),
        (None, None) if is_waiting => Line::from(canvas.span("waiting ", Role::Quiet)),
        (None, None) if !can_run => Line::from(canvas.span("elsewhere ", Role::Quiet)),
        (None, None) => Line::from(canvas.span("not tried ", Role::Quiet)),
    };
    // The columns of all rows stand below each other.
    let blanks = columns.width().saturating_sub(right.width());
    right.push_span(Span::raw(" ".repeat(blanks)));
    canvas.put_sides(area, row, &left, &right);
}

/// Where and how long a spike has been running, if it runs.
fn working(canvas: &Canvas<'_>, spike: &Spike, tab: &Spikes, seen: &Seen<'_>) -> Option<Line<'static>> {
    let current = tab.run.as_ref()?.current.as_ref().filter(|current| current.id == spike.id)?;
    let turns = if seen.is_still { STILL } else { spinner(current.since, seen.now) };
    let elapsed = elapsed(current.since, seen.now);
    let told = format!("{turns} on {} · {elapsed} ", current.backend);
    Some(Line::from(canvas.span(told, Role::Accent)))
}

/// Verdict, time, the target that is nearest to being missed, and how it moved.
fn found(canvas: &Canvas<'_>, outcome: &Outcome, columns: Columns, tab: &Spikes) -> Line<'static> {
    let failed = outcome.failed();
    let role = match outcome.verdict.is_reached() {
        _ if failed => Role::Bad,
        true => Role::Good,
        false => Role::Quiet,
    };
    let verdict = format!("{}{}", outcome.verdict.as_str(), if failed { " !" } else { "" });
    let mut line = Line::from(canvas.span(format!("{verdict:VERDICT_COLUMNS$} "), role));
    if columns.has_time {
        let time = match outcome.verdict.is_reached() {
            true => Unit::Seconds.show(outcome.seconds),
            false => String::new(),
        };
        line.push_span(canvas.span(format!("{time:>TIME_COLUMNS$} "), Role::Quiet));
    }
    let worst = worst(outcome);
    if columns.has_target {
        let told = worst.map(|figure| truncate(&figure.show(), TARGET_COLUMNS)).unwrap_or_default();
        let missed = worst.is_some_and(|figure| figure.met == Some(false));
        let role = if missed { Role::Bad } else { Role::Text };
        line.push_span(canvas.span(format!(" {told:TARGET_COLUMNS$} "), role));
    }
    if columns.trend > 0 {
        let trend = tab.results.trend(outcome, worst.map(|figure| figure.name.as_str()));
        let sparks: Vec<char> = trend.map(|trend| trend.sparkline().chars().collect()).unwrap_or_default();
        let last: String = sparks.iter().skip(sparks.len().saturating_sub(columns.trend)).collect();
        line.push_span(canvas.span(format!("{last:>width$} ", width = columns.trend), Role::Accent));
    }
    line
}
