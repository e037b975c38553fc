//! How it looks.

pub mod form;
mod jobs;
mod runs;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use zenith_core::jobs::Place;

use super::{Jobs, keys, told};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::truncate;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::text::clean_line;

pub fn draw(canvas: &mut Canvas<'_>, tab: &Jobs, seen: &Seen<'_>) {
    let areas = tab.areas(seen.area, seen.is_roomy);
    canvas.rule(areas.divider);
    draw_head(canvas, areas.head, tab);
    draw_runner(canvas, areas.switches, tab, seen);
    canvas.input(areas.parts, " / ", &tab.filter, tab.pane == Pane::Input, "filter by name");
    let has_focus = tab.pane != Pane::Preview;
    match &tab.opened {
        Some(opened) => runs::draw(canvas, areas.list, opened, tab, has_focus),
        None => jobs::draw(canvas, areas.list, tab, has_focus, seen),
    }
    tab.page.draw(canvas, areas.preview, tab.pane == Pane::Preview);
}

/// What the list shows, and whose database it lies in.
fn draw_head(canvas: &mut Canvas<'_>, area: Rect, tab: &Jobs) {
    let mut left = Line::from(vec![Span::raw(" "), canvas.span("Jobs", Role::Heading)]);
    match tab.opened.as_ref().and_then(|opened| tab.job(&opened.job)) {
        Some(job) => {
            let name = truncate(&clean_line(&job.given.name), usize::from(area.width / 3));
            left.push_span(canvas.span(format!("  runs of {name}"), Role::Strong));
        }
        None if tab.is_filtered() => {
            left.push_span(canvas.span(format!("  {} of {}", tab.rows.len(), tab.jobs().len()), Role::Quiet));
        }
        None => left.push_span(canvas.span(format!("  {}", tab.jobs().len()), Role::Quiet)),
    }
    let kept = tab.looked.as_ref().map(|looked| format!("kept on {} ", clean_line(&looked.kept)));
    let right = canvas.span(truncate(&kept.unwrap_or_default(), usize::from(area.width / 2)), Role::Quiet);
    canvas.put_sides(area, 0, &left, &Line::from(right));
}

/// Who runs them.
fn draw_runner(canvas: &mut Canvas<'_>, area: Rect, tab: &Jobs, seen: &Seen<'_>) {
    let key = seen.key::<Jobs>(keys::SERVE, Pane::List);
    let (told, role) = match (tab.look.value(), &tab.serving, tab.runner(Place::Machine)) {
        (Some(Err(why)), ..) => (why.clone(), Role::Bad),
        _ if tab.looked.is_none() => ("reading the jobs…".to_string(), Role::Quiet),
        (_, Some(serving), _) if serving.is_stopping => {
            ("this explorer leaves off…".to_string(), Role::Warning)
        }
        (_, Some(serving), _) if serving.is_mine => {
            (format!("this explorer runs them, as long as it is open; {key} leaves off"), Role::Good)
        }
        (_, _, Some(watch)) => {
            let lease = told::took(watch.lease_ms);
            let who = clean_line(&watch.told);
            (format!("{who} runs them; its lease stands {lease} more, and is renewed"), Role::Good)
        }
        (_, Some(_), None) => ("this explorer begins to run them…".to_string(), Role::Accent),
        (_, None, None) => {
            (format!("nothing runs them: `zenith jobs serve` does, or {key} here"), Role::Warning)
        }
    };
    canvas.put(area, 0, &Line::from(vec![Span::raw(" "), canvas.span(told, role)]));
}
