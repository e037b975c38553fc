//! The lines of a note, and what is wrong with one of them.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::explorer::parts::areas::take_top;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::wrap;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::notes::form::Form;

const NAME_COLUMNS: u16 = 8;
/// The mark before what one types.
const MARK: &str = "› ";
const KEYS: &str = "Enter goes on and keeps it at the last line, Ctrl-S keeps it from any, ↑ and ↓ change the line, Esc leaves.";
const IN_EDITOR: &str =
    "Alt-e writes title and text in your editor, and keeps them with what stands in the other lines.";
/// Words are read best in lines of so many columns.
const WORDS_COLUMNS: u16 = 76;

pub fn draw(canvas: &mut Canvas<'_>, form: &Form, area: Rect) {
    let heading = if form.id.is_some() { "Change a note" } else { "New note" };
    canvas.put(area, 0, &Line::from(canvas.span(heading, Role::Heading)));
    let (lines, wrong, mut rest) = form.places(area);
    for (field, place) in lines {
        canvas.put(place, 0, &Line::from(canvas.span(field.name(), Role::Quiet)));
        canvas.input(typed(place), MARK, form.line(field), field == form.field, field.hint());
    }
    if let Some((_, why)) = form.wrong() {
        canvas.put(typed(wrong), 0, &Line::from(canvas.span(format!("  {why}"), Role::Bad)));
    }
    let told: &[&str] = match (form.is_keeping, form.id.is_some()) {
        (true, _) => &["keeping it…"],
        (false, true) => &[KEYS],
        (false, false) => &[KEYS, IN_EDITOR],
    };
    for told in told {
        let width = usize::from(rest.width.min(WORDS_COLUMNS));
        for line in wrap(&[canvas.span(*told, Role::Quiet)], width, &[], &[]) {
            canvas.put(take_top(&mut rest, 1), 0, &line);
        }
    }
}

/// The part of a row that one types in.
fn typed(place: Rect) -> Rect {
    let x = place.x + NAME_COLUMNS.min(place.width);
    Rect { x, width: place.right() - x, ..place }
}
