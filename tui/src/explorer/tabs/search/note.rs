//! The line above the list: what there is to say of what is asked for, and of what is searched.

use ratatui::text::{Line, Span};
use zenith_core::search::{FoundBy, Mode};

use super::Search;
use super::view::MARK_COLUMNS;
use crate::count::Count;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::world::{Catalog, Ready, World};
use crate::text::{clean_line, counted};

/// What there is to say: what is not as it was typed, what may be meant, and what was searched.
pub fn note(canvas: &Canvas<'_>, tab: &Search, world: &World) -> Line<'static> {
    let mut line = Line::from(Span::raw(" ".repeat(usize::from(MARK_COLUMNS))));
    if tab.is_empty() {
        line.push_span(canvas.span(standing(tab, world), Role::Text));
        return line;
    }
    let like = tab.hits().first().filter(|hit| hit.found_by == FoundBy::LikeName);
    match (&tab.asked.said, tab.offer(), like) {
        (Some(said), Some(offer), _) => {
            line.push_span(canvas.span(said.clone(), Role::Warning));
            line.push_span(canvas.span("  Alt-g writes ", Role::Quiet));
            line.push_span(canvas.span(clean_line(&offer), Role::Match));
        }
        (Some(said), None, _) => line.push_span(canvas.span(said.clone(), Role::Warning)),
        (None, Some(offer), Some(_)) => {
            line.push_span(canvas.span("nothing has this very name", Role::Warning));
            line.push_span(canvas.span("  did you mean ", Role::Quiet));
            line.push_span(canvas.span(clean_line(&offer), Role::Match));
            line.push_span(canvas.span("? Alt-g takes it", Role::Quiet));
        }
        _ => line.push_span(canvas.span(searched(tab), Role::Quiet)),
    }
    line
}

/// What was searched.
fn searched(tab: &Search) -> String {
    let Some(Ok(found)) = tab.results.value() else { return String::new() };
    let packages = Count { all: found.packages, others: found.other_platforms };
    let by_words = match (tab.mode, found.other_model) {
        (Mode::Hybrid | Mode::Vector, packages @ 1..) => {
            format!(", {packages} of them by words alone: their model is another")
        }
        _ => String::new(),
    };
    format!("{packages} searched{by_words}")
}

/// What is searched, or what comes to be.
fn standing(tab: &Search, world: &World) -> String {
    let Ready { count: packages, symbols } = world.searched();
    let begun = match tab.direct {
        _ if !world.indexing.is_running() => String::new(),
        0 => format!("Indexing {}; what is done is searchable.", counted(world.indexing.packages, "package")),
        direct => format!(
            "Indexing {}, your {direct} direct ones first; what is done is searchable.",
            counted(world.indexing.packages, "package")
        ),
    };
    match (&world.catalog, packages.all) {
        (Catalog::Opening, _) => "Opening the data folder…".to_string(),
        _ if !begun.is_empty() => begun,
        (_, 0) if world.indexing.is_active() => "Finding out what there is to index…".to_string(),
        (_, 0) => "There is nothing to search yet: `zenith index PATH` indexes a project.".to_string(),
        _ => format!("{} in {packages} are searched as you type.", counted(symbols, "symbol")),
    }
}
