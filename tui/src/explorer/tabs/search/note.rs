//! The line above the list: what there is to say of what is asked for, and of what is searched.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;
use zenith_core::search::Mode;

use super::view::MARK_COLUMNS;
use super::{Search, keys};
use crate::count::Count;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::world::{Ready, World};
use crate::text::{clean_line, counted};

/// What there is to say: what is not as it was typed, what may be meant, and what was searched.
pub fn note(canvas: &Canvas<'_>, tab: &Search, seen: &Seen<'_>) -> Line<'static> {
    let mut line = Line::from(Span::raw(" ".repeat(usize::from(MARK_COLUMNS))));
    if tab.is_empty() {
        line.push_span(canvas.span(standing(tab, seen.world), Role::Text));
        return line;
    }
    let offer = Offer::of(tab, seen);
    if let Some(Offer { before, meant, after }) = &offer {
        line.push_span(canvas.span(before.clone(), Role::Quiet));
        line.push_span(canvas.span(meant.clone(), Role::Match));
        line.push_span(canvas.span(after.clone(), Role::Quiet));
        line.push_span(Span::raw("  "));
    }
    match (&tab.asked.said, offer.is_some()) {
        (Some(said), _) => line.push_span(canvas.span(said.clone(), Role::Warning)),
        (None, true) => line.push_span(canvas.span("nothing has this very name", Role::Warning)),
        (None, false) => line.push_span(canvas.span(searched(tab), Role::Quiet)),
    }
    line
}

/// The words that say what may be meant. They stand first, so that they are never cut before what is said of it.
struct Offer {
    before: String,
    meant: String,
    after: String,
}

impl Offer {
    fn of(tab: &Search, seen: &Seen<'_>) -> Option<Offer> {
        let meant = clean_line(&tab.offer().filter(|_| !tab.is_empty())?);
        let key = seen.key::<Search>(keys::MEANT, Pane::Input);
        Some(match tab.asked.said {
            Some(_) => Offer { before: format!("{key} writes "), meant, after: String::new() },
            None => Offer { before: "did you mean ".to_string(), meant, after: format!("? {key} takes it") },
        })
    }
}

/// Where in an area the words stand that take what may be meant.
pub fn placed_offer(tab: &Search, seen: &Seen<'_>, area: Rect) -> Option<Rect> {
    let Offer { before, meant, after } = Offer::of(tab, seen)?;
    let width = u16::try_from(before.width() + meant.width() + after.width()).unwrap_or(u16::MAX);
    Some(Rect { x: area.x.saturating_add(MARK_COLUMNS), width, ..area }.intersection(area))
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
        direct => {
            let all = counted(world.indexing.packages, "package");
            let first =
                if direct == 0 { String::new() } else { format!(", your {direct} direct ones first") };
            match packages.all {
                0 => format!("Indexing {all}{first}; none is searchable yet."),
                ready => format!("Indexing {all}{first}; {} searchable.", counted(ready, "package")),
            }
        }
    };
    match packages.all {
        _ if world.is_opening() => "Opening the data folder…".to_string(),
        _ if !begun.is_empty() => begun,
        0 if world.indexing.is_active() => "Finding out what there is to index…".to_string(),
        0 => "There is nothing to search yet: `zenith index PATH` indexes a project.".to_string(),
        _ => format!("{} in {packages} are searched as you type.", counted(symbols, "symbol")),
    }
}
