//! The lines above and below everything: tabs, and status.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::Frame;
use super::layout::label;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::{truncate, truncate_start};
use crate::explorer::parts::out::Notice;
use crate::explorer::parts::theme::Role;
use crate::explorer::shell::app::App;
use crate::explorer::world::{Catalog, Phase, Ready, World};
use crate::text::{clean_line, counted};

/// Narrower screens show keys alone.
const COLUMNS_WITH_COUNTS: u16 = 60;

pub fn draw_tabs(canvas: &mut Canvas<'_>, frame: &Frame, app: &App) {
    let place = match (&app.world.indexing.lockfile, &app.world.catalog) {
        (Some(lockfile), _) => clean_line(&lockfile.display().to_string()),
        (None, Catalog::Open) => "no Cargo.lock here".to_string(),
        (None, _) => String::new(),
    };
    let end = frame.labels.last().map_or(0, |label| label.right());
    let place = truncate_start(&place, usize::from(frame.tabs.right().saturating_sub(end + 3)));
    let left = Line::from(vec![Span::raw(" "), canvas.span("zenith", Role::Strong)]);
    let right = Line::from(vec![canvas.span(place, Role::Quiet), Span::raw(" ")]);
    canvas.put_sides(frame.tabs, 0, &left, &right);
    for (index, area) in frame.labels.iter().enumerate() {
        let name = canvas.choice(label(app, index), index == app.shown);
        canvas.put(*area, 0, &Line::from(vec![Span::raw(" "), name]));
    }
    canvas.rule(frame.rule);
}

pub fn draw_status(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let counts = if area.width < COLUMNS_WITH_COUNTS { String::new() } else { counts(&app.world) };
    let right = Line::from(vec![canvas.span(counts, Role::Quiet), Span::raw(" ")]);
    let nothing = Line::default();
    let left = match app.notices.shown() {
        Some(notice) => {
            let (text, role) = match notice {
                Notice::Done(text) => (text, Role::Good),
                Notice::Wrong(text) => (text, Role::Bad),
            };
            // A message matters more than the counts.
            let text = truncate(text, usize::from(area.width).saturating_sub(2));
            let line = Line::from(vec![Span::raw(" "), canvas.span(text, role)]);
            let fits = line.width() + right.width() < usize::from(area.width);
            return canvas.put_sides(area, 0, &line, if fits { &right } else { &nothing });
        }
        None => hints(canvas, app, usize::from(area.width).saturating_sub(right.width() + 2)),
    };
    canvas.put_sides(area, 0, &left, &right);
}

fn counts(world: &World) -> String {
    match (&world.catalog, &world.indexing.phase) {
        (Catalog::Opening, _) => "opening…".to_string(),
        (Catalog::Unusable(_), _) => String::new(),
        (Catalog::Open, Phase::Checking) => "checking the lockfile…".to_string(),
        (Catalog::Open, Phase::Failed(_)) => "indexing failed; Alt-i tries again".to_string(),
        (Catalog::Open, phase) => {
            let Ready { count: packages, symbols } = world.ready(None);
            let failed = match (phase, world.indexing.failures.len()) {
                (Phase::Ended(_), failed @ 1..) => format!(" · {failed} not indexed"),
                _ => String::new(),
            };
            format!("{packages} · {}{failed}", counted(symbols, "symbol"))
        }
    }
}

/// The keys that matter most where one is, as many as fit.
fn hints(canvas: &Canvas<'_>, app: &App, width: usize) -> Line<'static> {
    let mut line = Line::default();
    for (key, label) in app.hints() {
        if line.width() + key.chars().count() + label.chars().count() + 3 > width {
            continue;
        }
        line.push_span(Span::raw(if line.spans.is_empty() { " " } else { "  " }));
        line.push_span(canvas.span(key, Role::Text));
        line.push_span(canvas.span(format!(" {label}"), Role::Quiet));
    }
    line
}
