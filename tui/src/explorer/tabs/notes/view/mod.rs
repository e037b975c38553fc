//! How it looks.

pub mod form;
mod list;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::work::FileStands;
use super::{Notes, keys};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::text::{clean_line, counted};

pub fn draw(canvas: &mut Canvas<'_>, tab: &Notes, seen: &Seen<'_>) {
    let areas = tab.areas(seen.area, seen.is_roomy);
    canvas.rule(areas.divider);
    draw_head(canvas, areas.head, tab);
    draw_standing(canvas, areas.switches, tab, seen);
    match &tab.meets {
        Some(place) => canvas.input(areas.parts, " with ", place, true, MEETS),
        None => canvas.input(
            areas.parts,
            " / ",
            &tab.filter,
            tab.pane == Pane::Input,
            "words, or what it is about",
        ),
    }
    list::draw(canvas, areas.list, tab, tab.pane != Pane::Preview, seen);
    tab.page.draw(canvas, areas.preview, tab.pane == Pane::Preview);
}

/// What stands in the empty line of a place.
const MEETS: &str = "a folder, s3://bucket/prefix or wss://server/room; empty: the store of the settings";

/// What the list shows, and how much of it.
fn draw_head(canvas: &mut Canvas<'_>, area: Rect, tab: &Notes) {
    let title = if tab.shows_problems { "Rows that cannot be read" } else { "Notes" };
    let mut left = Line::from(vec![Span::raw(" "), canvas.span(title, Role::Heading)]);
    let count = match (tab.snapshot.is_some(), tab.words().is_empty() || tab.shows_problems) {
        (false, _) => String::new(),
        (true, true) => tab.len().to_string(),
        (true, false) => format!("{} of {}", tab.len(), tab.all.len()),
    };
    left.push_span(canvas.span(format!("  {count}"), Role::Quiet));
    let right = match &tab.syncing {
        Some((place, _)) => canvas.span(format!("synchronising with {place}… "), Role::Accent),
        None => Span::default(),
    };
    canvas.put_sides(area, 0, &left, &Line::from(right));
}

/// What there is to say of all of them: what went wrong first.
fn draw_standing(canvas: &mut Canvas<'_>, area: Rect, tab: &Notes, seen: &Seen<'_>) {
    let by_words_alone = tab.found.value().and_then(|found| found.by_words_alone.as_ref());
    let (told, role) = match (&tab.trouble, &tab.file, tab.problems.len()) {
        (Some(why), ..) => (why.clone(), Role::Bad),
        (None, FileStands::Failed(why), _) => {
            (format!("other tools read what is behind: {}", clean_line(why)), Role::Warning)
        }
        _ if !tab.words().is_empty() && by_words_alone.is_some() => {
            let why = by_words_alone.map(ToString::to_string).unwrap_or_default();
            (format!("found by words alone: {}", clean_line(&why)), Role::Warning)
        }
        (.., problems @ 1..) if !tab.shows_problems => {
            let key = seen.key::<Notes>(keys::PROBLEMS, Pane::List);
            let rows = counted(problems, "row");
            (format!("{rows} of the document cannot be read; {key} lists them"), Role::Warning)
        }
        _ if tab.snapshot.is_none() => ("opening the notes…".to_owned(), Role::Quiet),
        _ if tab.all.is_empty() => (String::new(), Role::Quiet),
        (_, FileStands::Elsewhere, _) => {
            ("another program that is open keeps workspace/notes.db, for other tools".to_owned(), Role::Quiet)
        }
        _ => ("other tools read them in workspace/notes.db".to_owned(), Role::Quiet),
    };
    canvas.put(area, 0, &Line::from(vec![Span::raw(" "), canvas.span(told, role)]));
}
