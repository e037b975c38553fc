//! A row for each job: whether it is due, when, what became of it last, and the last runs as signs.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use zenith_core::jobs::Job;

use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::fuzzy::Filter;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::tabs::jobs::work::SPARKS;
use crate::explorer::tabs::jobs::{Jobs, told};
use crate::explorer::world::Catalog;
use crate::text::clean_line;

const WITHIN_COLUMNS: usize = 10;
const TIME_COLUMNS: usize = 17;
const OUTCOME_COLUMNS: usize = 9;
const FAILURES_COLUMNS: usize = 5;
/// Narrower lists go without the time in the zone, and without the signs.
const COLUMNS_WITH_TIME: u16 = 64;
const COLUMNS_WITH_SPARKS: u16 = 90;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, tab: &Jobs, has_focus: bool, seen: &Seen<'_>) {
    if tab.rows.is_empty() {
        return say(canvas, area, tab, seen);
    }
    let mut filter = tab.matcher();
    let rows = tab.rows.iter().enumerate().skip(tab.cursor.offset).take(usize::from(area.height));
    for (row, (index, job)) in rows.enumerate() {
        let Some(job) = tab.jobs().get(*job) else { continue };
        if index == tab.cursor.selected {
            canvas.select(area, row, has_focus);
        }
        draw_job(canvas, (area, row), job, filter.as_mut(), tab, seen);
    }
}

fn say(canvas: &mut Canvas<'_>, area: Rect, tab: &Jobs, seen: &Seen<'_>) {
    if seen.world.catalog == Catalog::Opening {
        canvas.put(area, 0, &Line::from(canvas.span(" opening the data folder…", Role::Quiet)));
    } else if tab.is_filtered() {
        canvas.say(area, Role::Quiet, "", &["No job has a name like that. Esc clears the filter."]);
    } else if tab.looked.is_some() {
        let what = "A job is a program, or a command as `zenith index`, that runs by a schedule.";
        canvas.say(area, Role::Strong, "No job yet", &[what, "n makes one, and so does `zenith jobs add`."]);
    }
}

fn draw_job(
    canvas: &mut Canvas<'_>,
    (area, row): (Rect, usize),
    job: &Job,
    filter: Option<&mut Filter>,
    tab: &Jobs,
    seen: &Seen<'_>,
) {
    let (mark, name_role) = if job.enabled { ("●", Role::Strong) } else { ("○", Role::Quiet) };
    let name = clean_line(&job.given.name);
    let letters = filter.map(|filter| filter.letters(&name)).unwrap_or_default();
    let mut left = Line::from(vec![
        Span::raw(" "),
        canvas.span(format!("{mark} "), if job.enabled { Role::Good } else { Role::Quiet }),
    ]);
    left.spans.extend(canvas.found(&name, &letters, name_role));
    let mut right = Line::default();
    if area.width >= COLUMNS_WITH_TIME {
        let time =
            job.next_due_ms.map(|due| told::day_and_time(due, &job.given.timezone)).unwrap_or_default();
        right.push_span(canvas.span(format!("{time:TIME_COLUMNS$} "), Role::Text));
    }
    let within = match job.next_due_ms {
        Some(due) => told::within(due - seen.wall_ms),
        None if !job.enabled => "paused".to_string(),
        None => "never".to_string(),
    };
    right.push_span(canvas.span(format!("{within:WITHIN_COLUMNS$} "), Role::Quiet));
    let recent = tab.recent(job);
    let (outcome, role) = match recent.first() {
        Some(run) => (told::outcome(run.status), told::role(run.status)),
        None => ("no run", Role::Quiet),
    };
    right.push_span(canvas.span(format!("{outcome:OUTCOME_COLUMNS$} "), role));
    let failures = if job.failures > 0 { format!("{}× ✗", job.failures.min(99)) } else { String::new() };
    right.push_span(canvas.span(format!("{failures:FAILURES_COLUMNS$} "), Role::Bad));
    if area.width >= COLUMNS_WITH_SPARKS {
        let signs = told::sparks(recent);
        right.push_span(Span::raw(" ".repeat(SPARKS.saturating_sub(signs.len()))));
        right.spans.extend(signs.into_iter().map(|(sign, role)| canvas.span(sign, role)));
        right.push_span(Span::raw(" "));
    }
    canvas.put_sides(area, row, &left, &right);
}
