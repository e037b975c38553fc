//! A row for each run of a job: when it was due, what became of it and why, how late it was and how long it took.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use zenith_core::jobs::{Run, Trigger};

use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::jobs::state::Opened;
use crate::explorer::tabs::jobs::{Jobs, told};
use crate::text::clean_line;

const OUTCOME_COLUMNS: usize = 9;
const TOOK_COLUMNS: usize = 12;
/// Narrower lists leave the delay to the page.
const COLUMNS_WITH_DELAY: u16 = 70;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, opened: &Opened, tab: &Jobs, has_focus: bool) {
    let runs = match opened.runs.value() {
        None => {
            return canvas.put(area, 0, &Line::from(canvas.span(" reading its runs…", Role::Quiet)));
        }
        Some(Err(why)) => return canvas.say(area, Role::Bad, "Its runs cannot be read", &[why]),
        Some(Ok(runs)) if runs.is_empty() => {
            return canvas.say(area, Role::Quiet, "", &["It did not run yet."]);
        }
        Some(Ok(runs)) => runs,
    };
    let zone = tab.job(&opened.job).map(|job| job.given.timezone.as_str()).unwrap_or_default();
    let rows = runs.iter().enumerate().skip(opened.cursor.offset).take(usize::from(area.height));
    for (row, (index, run)) in rows.enumerate() {
        if index == opened.cursor.selected {
            canvas.select(area, row, has_focus);
        }
        draw_run(canvas, (area, row), run, zone);
    }
}

fn draw_run(canvas: &mut Canvas<'_>, (area, row): (Rect, usize), run: &Run, zone: &str) {
    let mut left = Line::from(vec![
        canvas.span(format!(" {} ", told::day_and_time(run.key.scheduled_ms, zone)), Role::Text),
        canvas.span(format!("{:OUTCOME_COLUMNS$} ", told::outcome(run.status)), told::role(run.status)),
    ]);
    if let Some(why) = told::why(run) {
        left.push_span(canvas.span(clean_line(&why), Role::Quiet));
    }
    let mut right = Line::default();
    if run.key.trigger == Trigger::Manual {
        right.push_span(canvas.span("by hand ", Role::Quiet));
    }
    if let Some(delay) = told::delay_ms(run).filter(|_| area.width >= COLUMNS_WITH_DELAY) {
        right.push_span(canvas.span(format!("after {} ", told::took(delay)), Role::Quiet));
    }
    match told::took_ms(run) {
        Some(took) => {
            right.push_span(canvas.span(format!("{:>TOOK_COLUMNS$} ", told::took(took)), Role::Text))
        }
        None => right.push_span(Span::raw(" ".repeat(TOOK_COLUMNS + 1))),
    }
    canvas.put_sides(area, row, &left, &right);
}
