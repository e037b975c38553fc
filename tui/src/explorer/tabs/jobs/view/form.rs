//! The lines of a job, what is wrong with one of them, and what its schedule comes to.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::explorer::parts::areas::take_top;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::wrap;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::jobs::form::{Form, Wrong};
use crate::explorer::tabs::jobs::told;
use crate::text::clean_line;

const NAME_COLUMNS: u16 = 10;
/// The mark before what one types.
const MARK: &str = "› ";
const KEYS: &str = "Enter goes on and keeps it at the last line, Ctrl-S keeps it from any, ↑ and ↓ change the line, Esc leaves.";
/// Clock changes that are told.
const CHANGES_MAX: usize = 2;

pub fn draw(canvas: &mut Canvas<'_>, form: &Form, area: Rect) {
    let heading = match &form.before {
        Some(job) => format!("Change {}", clean_line(&job.given.name)),
        None => "New job".to_string(),
    };
    canvas.put(area, 0, &Line::from(canvas.span(heading, Role::Heading)));
    let (lines, wrong, mut rest) = form.places(area);
    for (field, place) in lines {
        canvas.put(place, 0, &Line::from(canvas.span(field.name(), Role::Quiet)));
        canvas.input(typed(place), MARK, form.line(field), field == form.field, field.hint());
    }
    if let Some(found) = form.wrong() {
        draw_wrong(canvas, form, found, typed(wrong));
    }
    draw_preview(canvas, form, &mut rest);
    let told = if form.is_keeping { "keeping it…" } else { KEYS };
    for line in wrap(&[canvas.span(told, Role::Quiet)], usize::from(rest.width.min(76)), &[], &[]) {
        canvas.put(take_top(&mut rest, 1), 0, &line);
    }
}

/// The part of a row that one types in.
fn typed(place: Rect) -> Rect {
    let x = place.x + NAME_COLUMNS.min(place.width);
    Rect { x, width: place.right() - x, ..place }
}

/// Marks below the place, as far as the line shows from its beginning, and why.
fn draw_wrong(canvas: &mut Canvas<'_>, form: &Form, wrong: &Wrong, area: Rect) {
    let line = form.line(wrong.field).value();
    let mut row = 0;
    let fits = line.width() + MARK.width() < usize::from(area.width);
    if let Some(at) = wrong.at.as_ref().filter(|_| fits)
        && let (Some(before), Some(here)) = (line.get(..at.start), line.get(at.clone()))
    {
        let marks = "^".repeat(here.width().max(1));
        let indent = " ".repeat(MARK.width() + before.width());
        canvas.put(area, row, &Line::from(vec![Span::raw(indent), canvas.span(marks, Role::Bad)]));
        row += 1;
    }
    canvas.put(area, row, &Line::from(canvas.span(format!("  {}", clean_line(&wrong.why)), Role::Bad)));
}

/// The next fires by both clocks, and what changes of the clock do to them.
fn draw_preview(canvas: &mut Canvas<'_>, form: &Form, rest: &mut Rect) {
    let Some(preview) = &form.preview else { return };
    let put = |canvas: &mut Canvas<'_>, rest: &mut Rect, name: &str, text: String| {
        let place = take_top(rest, 1);
        canvas.put(place, 0, &Line::from(canvas.span(name, Role::Quiet)));
        canvas.put(typed(place), 0, &Line::from(canvas.span(format!("  {text}"), Role::Text)));
    };
    if preview.fires.is_empty() {
        put(canvas, rest, "Next", "it is never due".to_string());
    }
    for (number, fire) in preview.fires.iter().enumerate() {
        let name = if number == 0 { "Next" } else { "" };
        put(canvas, rest, name, format!("{}   {}", fire.local, fire.utc));
    }
    for change in preview.changes.iter().take(CHANGES_MAX) {
        let told = told::clock_change(change);
        put(canvas, rest, "", told);
    }
    take_top(rest, 1);
}
