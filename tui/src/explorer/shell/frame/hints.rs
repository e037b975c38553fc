//! The hints of the last line. The same places serve the drawing and the mouse.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::bars::{BAR_GAPS, counts_of};
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::shell::actions::Hint;
use crate::explorer::shell::app::App;

/// Columns between two.
const GAP: u16 = 2;

/// The keys that matter most where one is, as many as fit, each where it stands.
pub fn placed(app: &App, area: Rect) -> Vec<(Rect, Hint)> {
    let counts = u16::try_from(counts_of(app, area).width()).unwrap_or(u16::MAX);
    let end = area.right().saturating_sub(counts.saturating_add(BAR_GAPS - 1));
    let mut placed = Vec::new();
    let mut x = area.x + 1;
    for hint in app.hints() {
        let width = u16::try_from(width_of(&hint)).unwrap_or(u16::MAX);
        if x.saturating_add(width) <= end {
            placed.push((Rect { x, width, ..area }, hint));
            x += width + GAP;
        }
    }
    placed
}

/// Columns that all of them take.
pub fn width(hints: &[Hint]) -> usize {
    let gaps = usize::from(GAP) * hints.len().saturating_sub(1);
    hints.iter().map(width_of).sum::<usize>() + gaps
}

fn width_of(hint: &Hint) -> usize {
    hint.key.width() + 1 + hint.label.width()
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    for (place, hint) in placed(app, area) {
        let key = canvas.span(hint.key, Role::Text);
        let label = canvas.span(hint.label, Role::Quiet);
        canvas.put(place, 0, &Line::from(vec![key, Span::raw(" "), label]));
    }
}
