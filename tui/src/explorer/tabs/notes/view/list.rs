//! A row for each note: its title, what it speaks of and what became of that, its tags, and when it was changed.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use zenith_core::workspace::Target;

use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::clock::ago;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::tabs::actions::Action;
use crate::explorer::tabs::notes::rows::{Listed, Row};
use crate::explorer::tabs::notes::{Notes, keys, page};
use crate::explorer::world::Catalog;
use crate::notes::told::stands;
use crate::text::clean_line;

/// Narrower lists go without tags, then without the age.
const COLUMNS_WITH_TAGS: u16 = 70;
const COLUMNS_WITH_AGE: u16 = 46;
/// Tags that a row tells.
const TAGS_MAX: usize = 3;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, tab: &Notes, has_focus: bool, seen: &Seen<'_>) {
    if tab.len() == 0 {
        return say(canvas, area, tab, seen);
    }
    let height = usize::from(area.height);
    for (row, index) in (tab.cursor.offset..tab.len()).take(height).enumerate() {
        if index == tab.cursor.selected {
            canvas.select(area, row, has_focus);
        }
        if tab.shows_problems {
            draw_problem(canvas, (area, row), tab, index);
        } else if let Some(shown) = tab.rows.get(index)
            && let Some(note) = tab.all.get(shown.at)
        {
            draw_note(canvas, (area, row), *shown, note, tab, seen);
        }
    }
}

/// What stands in place of notes: what a note is, and how one comes by it.
fn say(canvas: &mut Canvas<'_>, area: Rect, tab: &Notes, seen: &Seen<'_>) {
    let key = |action| seen.key::<Notes>(action, Pane::List);
    if seen.world.catalog == Catalog::Opening {
        canvas.put(area, 0, &Line::from(canvas.span(" opening the data folder…", Role::Quiet)));
    } else if !tab.words().is_empty() {
        let told = format!("No note is like that. {} clears the words.", key(Action::Escape));
        canvas.say(area, Role::Quiet, "", &[&told]);
    } else if tab.snapshot.is_some() {
        let write = format!(
            "{} writes one here. On a package or an item in Explore n writes one about that, on a result in Search \
             Alt-n does, and so does `zenith note add TITLE --on tokio::spawn`.",
            key(Action::Note)
        );
        let stays = "A note speaks of the version that this project locks. When Cargo.lock moves on, the list says \
                     whether the item is the same, was changed, or is gone.";
        let sync = format!(
            "{} brings them together with those of your other machines, through a folder that they see, a bucket, or a \
             server of your own. Nothing else ever leaves this machine.",
            key(keys::SYNC)
        );
        let what = "A note is what you want to remember of a package that you build on: why it is pinned, what an item \
                    needs, what it is not for.";
        canvas.say(area, Role::Strong, "No note yet", &[what, &write, stays, &sync]);
    }
}

fn draw_note(
    canvas: &mut Canvas<'_>,
    (area, row): (Rect, usize),
    shown: Row,
    note: &Listed,
    tab: &Notes,
    seen: &Seen<'_>,
) {
    let mut left = Line::from(vec![Span::raw(" "), canvas.span(note.title.clone(), Role::Strong)]);
    if let Some(target) = &note.target {
        left.push_span(canvas.span(format!("  {target}"), Role::Quiet));
    }
    let mut right = Line::default();
    if shown.by_meaning {
        right.push_span(canvas.span("by meaning  ", Role::Quiet));
    }
    // What is as it was needs no word.
    let then = Target { version: note.version.as_deref(), ..Target::default() };
    if let Some(standing) = tab.standing(&note.id)
        && let Some(told) = stands(standing, &then)
    {
        right.push_span(canvas.span(format!("{told}  "), page::role(standing)));
    }
    if area.width >= COLUMNS_WITH_TAGS {
        for tag in note.tags.iter().take(TAGS_MAX) {
            right.push_span(canvas.span(format!("#{tag} "), Role::Accent));
        }
    }
    if area.width >= COLUMNS_WITH_AGE {
        right.push_span(canvas.span(format!(" {} ", ago(note.changed_ms, seen.wall_ms)), Role::Quiet));
    }
    canvas.put_sides(area, row, &left, &right);
}

fn draw_problem(canvas: &mut Canvas<'_>, (area, row): (Rect, usize), tab: &Notes, index: usize) {
    let Some(problem) = tab.problems.get(index) else { return };
    let field = problem.field.as_deref().map_or(String::new(), |field| format!(" {field}"));
    let place = clean_line(&format!("{} {}:{field}", problem.table, problem.id));
    let line = vec![
        Span::raw(" "),
        canvas.span(place, Role::Text),
        Span::raw(" "),
        canvas.span(clean_line(&problem.why), Role::Quiet),
    ];
    canvas.put(area, row, &Line::from(line));
}
