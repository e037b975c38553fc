//! The page beside the list: a note, and what became of what it speaks of.

use ratatui::text::Line;
use zenith_core::Standing;
use zenith_core::workspace::{Note, Problem};

use super::{Notes, keys};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::clock::ago;
use crate::explorer::parts::markdown;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::tabs::actions::Action;
use crate::notes::told::{short, spoken, stands};
use crate::text::{clean, clean_line};

pub fn page(tab: &Notes, seen: &Seen<'_>, painter: &Painter) -> Vec<Line<'static>> {
    let mut page = Builder::new(painter);
    if tab.shows_problems {
        if let Some(problem) = tab.problems.get(tab.cursor.selected) {
            of_problem(problem, seen, &mut page);
        }
    } else if let Some(note) = tab.note() {
        of_note(&note, tab.standing(note.id), seen, &mut page);
        if !note.body.trim().is_empty() {
            page.blank();
            page.lines.extend(markdown::render(&clean(note.body), painter));
        }
    }
    page.lines
}

fn of_note(note: &Note<'_>, standing: Option<&Standing>, seen: &Seen<'_>, page: &mut Builder<'_>) {
    page.text(&clean_line(note.title), Role::Strong);
    if let Some(target) = spoken(&note.target) {
        page.text(&target, Role::Quiet);
    }
    page.blank();
    if note.target.package.is_some() {
        became(note, standing, page);
    }
    if !note.tags.is_empty() {
        let tags: Vec<String> = note.tags.iter().map(|tag| format!("#{}", clean_line(tag))).collect();
        page.fact("Tags", &tags.join(" "));
    }
    page.fact("Changed", &ago(note.changed_at, seen.wall_ms));
    page.fact("Written", &ago(note.created_at, seen.wall_ms));
    page.fact("Called", &format!("`zenith note show {}`", short(note.id)));
}

/// What became of what it speaks of, beside what it was.
fn became(note: &Note<'_>, standing: Option<&Standing>, page: &mut Builder<'_>) {
    let (told, role) = match standing {
        None => {
            ("not known here: no Cargo.lock to compare it with, or it is being read".to_owned(), Role::Quiet)
        }
        Some(standing) => {
            let told = stands(standing, &note.target).unwrap_or_else(|| "as it was".to_owned());
            (told, role(standing))
        }
    };
    page.item("Now           ", &told, role);
    if let Some(Standing::Changed { signature: Some(now), .. }) = standing {
        if let Some(was) = note.target.signature {
            page.item("  − ", &clean_line(was), Role::Bad);
        }
        page.item("  + ", &clean_line(now), Role::Good);
    } else if let Some(signature) = note.target.signature {
        page.code(&clean_line(signature), "rust");
    }
}

/// How a standing looks.
pub fn role(standing: &Standing) -> Role {
    match standing {
        Standing::Same { .. } => Role::Good,
        Standing::Newer { .. } | Standing::Older { .. } => Role::Quiet,
        Standing::Changed { .. } => Role::Warning,
        Standing::Gone { .. } => Role::Bad,
    }
}

fn of_problem(problem: &Problem, seen: &Seen<'_>, page: &mut Builder<'_>) {
    page.text("A row of the document that cannot be read", Role::Strong);
    page.blank();
    page.fact("Table", &clean_line(&problem.table));
    page.fact("Row", &clean_line(&problem.id));
    if let Some(field) = &problem.field {
        page.fact("Field", &clean_line(field));
    }
    page.fact("Why", &clean_line(&problem.why));
    page.blank();
    page.text(
        "Another program, or another version of this one, wrote it. It stands in no list and harms no other row; it \
         stays in the document, and shows once it is as its table says.",
        Role::Quiet,
    );
    let key = seen.key::<Notes>(keys::PROBLEMS, Pane::List);
    let back = seen.key::<Notes>(Action::Escape, Pane::List);
    page.text(&format!("{key} or {back} leads back to the notes."), Role::Quiet);
}
