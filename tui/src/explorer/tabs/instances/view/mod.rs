//! How it looks.

mod list;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::keys;
use super::state::{For, Instances, Side};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::text::clean_line;

/// What stands in the empty line of an id, and of a number.
const NEW: &str = "wgt_main_TYPE, wgt_curated_KEY TYPE, or wgt_TYPE_u_KEY in your workspace";
const NUMBER: &str = "the number that it goes back to";

pub fn draw(canvas: &mut Canvas<'_>, tab: &Instances, seen: &Seen<'_>) {
    let areas = tab.areas(seen.area, seen.is_roomy);
    canvas.rule(areas.divider);
    draw_head(canvas, areas.head, tab);
    draw_standing(canvas, areas.switches, tab, seen);
    match &tab.typed {
        Some(typed) => {
            let (mark, hint) = match typed.of {
                For::New => (" new ", NEW),
                For::Number(_) => (" back to number ", NUMBER),
            };
            canvas.input(areas.parts, mark, &typed.line, true, hint);
        }
        None => canvas.input(areas.parts, " / ", &tab.filter, tab.pane == Pane::Input, "letters of an id"),
    }
    list::draw(canvas, areas.list, tab, tab.pane != Pane::Preview, seen);
    tab.page.draw(canvas, areas.preview, tab.pane == Pane::Preview);
}

/// Whose instances show, and how many.
fn draw_head(canvas: &mut Canvas<'_>, area: Rect, tab: &Instances) {
    let mut left = Line::from(Span::raw(" "));
    for (side, name) in [(Side::Authored, "Authored"), (Side::Workspace, "Workspace")] {
        left.push_span(canvas.choice(name, tab.side == side));
        left.push_span(Span::raw("  "));
    }
    left.push_span(canvas.span(tab.rows.len().to_string(), Role::Quiet));
    let told = match &tab.run {
        Some(run) if run.is_stopping => "stopping… ",
        Some(_) => "publishing… ",
        None => "",
    };
    canvas.put_sides(area, 0, &left, &Line::from(canvas.span(told, Role::Accent)));
}

/// What there is to say of all of them: what went wrong first.
fn draw_standing(canvas: &mut Canvas<'_>, area: Rect, tab: &Instances, seen: &Seen<'_>) {
    let (told, role) = match tab.side {
        Side::Workspace => of_workspace(tab),
        Side::Authored => of_authored(tab, seen),
    };
    canvas.put(area, 0, &Line::from(vec![Span::raw(" "), canvas.span(told, role)]));
}

fn of_workspace(tab: &Instances) -> (String, Role) {
    match tab.own.value() {
        Some(Err(why)) => (why.clone(), Role::Bad),
        _ if tab.own.is_pending() => ("asking your workspace's database…".to_string(), Role::Quiet),
        _ => ("they live in your workspace's database, and in no file here".to_string(), Role::Quiet),
    }
}

fn of_authored(tab: &Instances, seen: &Seen<'_>) -> (String, Role) {
    if let Some(Err(why)) = tab.look.value() {
        return (why.clone(), Role::Bad);
    }
    if !tab.standings().iter().any(|of| of.sequence.is_some()) {
        let told = if tab.standings().is_empty() { "" } else { "nothing of it was ever published" };
        return (told.to_string(), Role::Quiet);
    }
    let key = seen.key::<Instances>(keys::VERIFY, Pane::List);
    match tab.live.value() {
        None => ("comparing with what is published…".to_string(), Role::Quiet),
        Some(_) if tab.live.is_pending() => ("comparing with what is published…".to_string(), Role::Quiet),
        Some(Err(why)) => (format!("what is published is not known: {why}"), Role::Warning),
        Some(Ok(found)) if found.is_empty() && tab.comparisons.1 => {
            ("every object there is as it was published from here".to_string(), Role::Quiet)
        }
        Some(Ok(found)) if found.is_empty() => {
            (format!("what is published is as it was put from here; {key} reads every object"), Role::Quiet)
        }
        // What is of an instance stands on its row.
        Some(Ok(found)) => match found.iter().find(|difference| difference.public_id.is_none()) {
            Some(of_set) => (format!("the set: {}", clean_line(&of_set.what)), Role::Bad),
            None => ("what is published is not as it was put from here".to_string(), Role::Bad),
        },
    }
}
