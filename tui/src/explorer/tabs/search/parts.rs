//! What the preview can show of a result: the parts of its page, one of which shows.

use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::{Search, keys};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::page::Part;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;

const BETWEEN: &str = " · ";

/// Where each part is named in an area.
fn placed(area: Rect) -> impl Iterator<Item = (Rect, Part)> {
    let mut x = area.x;
    Part::ALL.into_iter().map(move |part| {
        let width = u16::try_from(part.word().width()).unwrap_or(u16::MAX);
        let place = Rect { x, width, ..area }.intersection(area);
        x = x.saturating_add(width + u16::try_from(BETWEEN.width()).unwrap_or(0));
        (place, part)
    })
}

/// The part that is named at a position, or that the key leads to where that is told.
pub fn at(area: Rect, position: Position, shown: Part, seen: &Seen<'_>) -> Option<Part> {
    let named = placed(area).find(|(place, _)| place.contains(position)).map(|(_, part)| part);
    let columns = u16::try_from(key(seen).width()).unwrap_or(u16::MAX);
    let key = Rect { x: area.right().saturating_sub(columns), width: columns, ..area }.intersection(area);
    named.or_else(|| key.contains(position).then(|| shown.next()))
}

/// The names of the parts, and the key that leads on, once there is something to show.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, tab: &Search, seen: &Seen<'_>) {
    if tab.selected().is_none() {
        return;
    }
    let mut names = Line::default();
    for part in Part::ALL {
        let between = if part == Part::Doc { "" } else { BETWEEN };
        names.push_span(canvas.span(between, Role::Rule));
        names.push_span(canvas.choice(part.word(), part == tab.part));
    }
    let key = canvas.span(key(seen), Role::Quiet);
    canvas.put_sides(area, 0, &names, &Line::from(key));
}

/// The key that leads to the next part.
fn key(seen: &Seen<'_>) -> String {
    seen.key::<Search>(keys::PART, Pane::Input)
}
