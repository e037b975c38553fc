//! The lines above and below everything: tabs, and status.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::Frame;
use super::hints;
use super::layout::label;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::truncate_start;
use crate::explorer::parts::path;
use crate::explorer::parts::theme::Role;
use crate::explorer::shell::actions::{Command, Does};
use crate::explorer::shell::app::App;
use crate::explorer::world::{Catalog, Phase, Ready, World};
use crate::text::counted;

/// Narrower screens show keys alone.
const COLUMNS_WITH_COUNTS: u16 = 60;
/// Columns around and between hints and counts.
pub const BAR_GAPS: u16 = 4;

pub fn draw_tabs(canvas: &mut Canvas<'_>, frame: &Frame, app: &App) {
    let place = match (&app.world.indexing.lockfile, &app.world.catalog) {
        (Some(lockfile), _) => path::told(lockfile),
        (None, Catalog::Open) => "no Cargo.lock".to_string(),
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
    let right = Line::from(vec![canvas.span(counts_of(app, area), Role::Quiet), Span::raw(" ")]);
    canvas.put_sides(area, 0, &Line::default(), &right);
    hints::draw(canvas, area, app);
}

/// What there is to search, as far as the hints leave room to tell: they go first.
pub fn counts_of(app: &App, area: Rect) -> String {
    if area.width < COLUMNS_WITH_COUNTS {
        return String::new();
    }
    let hints = hints::width(&app.hints());
    let room = usize::from(area.width.saturating_sub(BAR_GAPS)).saturating_sub(hints);
    let forms = counts(&app.world);
    let fits = forms.iter().find(|form| form.width() <= room).or(forms.last());
    fits.cloned().unwrap_or_default()
}

/// What the counts lead to where something is wrong, and where they stand.
pub fn placed_counts(app: &App, area: Rect) -> Option<(Rect, Does)> {
    let command = match &app.world.indexing.phase {
        Phase::Failed(_) => Command::Index,
        Phase::Ended(_) if app.world.indexing.lacking() > 0 => Command::Failures,
        _ => return None,
    };
    let width = u16::try_from(counts_of(app, area).width()).unwrap_or(u16::MAX);
    let x = area.right().saturating_sub(width.saturating_add(1));
    Some((Rect { x, width, ..area }.intersection(area), Does::Command(command)))
}

/// What there is to tell, shorter each time. What went wrong is never left out.
fn counts(world: &World) -> Vec<String> {
    match (&world.catalog, &world.indexing.phase) {
        (Catalog::Opening, _) => vec!["opening…".to_string()],
        (Catalog::Unusable(_), _) => Vec::new(),
        (Catalog::Open, Phase::Checking) => vec!["checking the lockfile…".to_string()],
        (Catalog::Open, Phase::Failed(_)) => {
            vec![format!("indexing failed; {} tries again", world.indexing.keys.index)]
        }
        (Catalog::Open, _) if world.is_opening() => vec!["opening…".to_string()],
        (Catalog::Open, phase) => {
            let Ready { count: packages, symbols } = world.searched();
            let symbols = counted(symbols, "symbol");
            let here = counted(packages.all.saturating_sub(packages.others), "package");
            match (phase, world.indexing.lacking()) {
                // What is written is not searchable before it is published, some packages at a time.
                (Phase::Running | Phase::Stopping, _) if packages.all == 0 => {
                    vec!["nothing is searchable yet".to_string(), String::new()]
                }
                (Phase::Ended(_), failed @ 1..) => vec![
                    format!("{packages} · {symbols} · {failed} not indexed"),
                    format!("{here} · {failed} not indexed"),
                    format!("{failed} not indexed"),
                ],
                _ => vec![format!("{packages} · {symbols}"), format!("{here} · {symbols}"), here],
            }
        }
    }
}
