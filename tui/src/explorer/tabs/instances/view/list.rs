//! A row for each instance: its id, how its texts and it stand, its number, and when that was published.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use zenith_core::publish::{Progress, Standing, Status, UserInstance};

use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::clock::ago;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::tabs::actions::Action;
use crate::explorer::tabs::instances::state::{Instances, Side};
use crate::explorer::tabs::instances::{keys, page};
use crate::explorer::world::Catalog;

/// Narrower lists go without the texts, then without the age.
const COLUMNS_WITH_TEXTS: u16 = 76;
const COLUMNS_WITH_AGE: u16 = 52;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, tab: &Instances, has_focus: bool, seen: &Seen<'_>) {
    if tab.rows.is_empty() {
        return say(canvas, area, tab, seen);
    }
    let height = usize::from(area.height);
    for (row, (index, at)) in tab.rows.iter().enumerate().skip(tab.cursor.offset).take(height).enumerate() {
        if index == tab.cursor.selected {
            canvas.select(area, row, has_focus);
        }
        match tab.side {
            Side::Authored => {
                if let Some(of) = tab.standings().get(*at) {
                    draw_authored(canvas, (area, row), of, tab, seen);
                }
            }
            Side::Workspace => {
                if let Some(of) = tab.users().get(*at) {
                    draw_user(canvas, (area, row), of, seen);
                }
            }
        }
    }
}

/// What stands in place of instances: what one is, and how one comes by it.
fn say(canvas: &mut Canvas<'_>, area: Rect, tab: &Instances, seen: &Seen<'_>) {
    let key = |action| seen.key::<Instances>(action, Pane::List);
    if seen.world.catalog == Catalog::Opening {
        canvas.put(area, 0, &Line::from(canvas.span(" opening the data folder…", Role::Quiet)));
    } else if !tab.filter.value().is_empty() {
        let told = format!("No id is like that. {} clears the letters.", key(Action::Escape));
        canvas.say(area, Role::Quiet, "", &[&told]);
    } else if tab.side == Side::Workspace {
        if matches!(tab.own.value(), Some(Ok(_))) {
            let told =
                format!("{} begins one: wgt_TYPE_u_KEY, read and written by you alone.", key(keys::NEW));
            canvas.say(area, Role::Strong, "Your workspace has no instance yet", &[&told]);
        }
    } else if tab.looked.is_some() {
        let what = "An instance is the settings of a widget, as an object of JSON: a baseline of each type \
                    (wgt_main_TYPE), and curated ones (wgt_curated_KEY).";
        let begin = format!(
            "{} begins one here, and so does `zenith instance edit wgt_main_TYPE FILE`. The types, and what of each may \
             be translated, are in instances/widgets/manifest.json of the data folder.",
            key(keys::NEW)
        );
        let publish = format!(
            "Saving is a matter of this machine alone. {} publishes what changed, with its texts in other locales, to \
             the store that ZENITH_STORE names.",
            key(keys::PUBLISH)
        );
        let side = format!("{} shows the instances of your own workspace.", key(keys::SIDE));
        canvas.say(area, Role::Strong, "Nothing is authored here", &[what, &begin, &publish, &side]);
    }
}

fn draw_authored(
    canvas: &mut Canvas<'_>,
    (area, row): (Rect, usize),
    of: &Standing,
    tab: &Instances,
    seen: &Seen<'_>,
) {
    let mut left = Line::from(vec![Span::raw(" "), canvas.span(of.public_id.to_string(), Role::Strong)]);
    if of.status != Status::Published {
        left.push_span(canvas.span(format!("  {}", of.status.as_str()), Role::Warning));
    }
    let mut right = Line::default();
    if area.width >= COLUMNS_WITH_TEXTS {
        right.push_span(canvas.span(texts(of), Role::Quiet));
    }
    if tab.differences(&of.public_id).next().is_some() {
        right.push_span(canvas.span("another is there  ", Role::Bad));
    }
    right.push_span(canvas.span(word(&of.progress), page::role(&of.progress)));
    if let Some(sequence) = of.sequence {
        right.push_span(canvas.span(format!("  {sequence}"), Role::Quiet));
    }
    if let Some(at) = of.published_at.filter(|_| area.width >= COLUMNS_WITH_AGE) {
        right.push_span(canvas.span(format!("  {}", ago(at.timestamp_millis(), seen.wall_ms)), Role::Quiet));
    }
    right.push_span(Span::raw(" "));
    canvas.put_sides(area, row, &left, &right);
}

/// A standing in a word or two; the page tells why.
fn word(progress: &Progress) -> &'static str {
    match progress {
        Progress::Never => "never published",
        Progress::InStep => "in step",
        Progress::Ahead => "ahead",
        Progress::RolledBack { .. } => "rolled back",
        Progress::UnderWay { .. } => "under way",
        Progress::Failed { .. } => "failed",
        Progress::Unusable { .. } => "unusable",
    }
}

/// In how many locales all texts are in place, and how many texts are stale or missing.
fn texts(of: &Standing) -> String {
    if of.locales.is_empty() {
        return String::new();
    }
    let whole = of.locales.iter().filter(|locale| locale.stale.is_empty() && locale.missing == 0).count();
    let stale: usize = of.locales.iter().map(|locale| locale.stale.len()).sum();
    let missing: usize = of.locales.iter().map(|locale| locale.missing).sum();
    let mut told = format!("{whole} of {} locales", of.locales.len());
    for (count, word) in [(stale, "stale"), (missing, "missing")] {
        if count > 0 {
            told.push_str(&format!(", {count} {word}"));
        }
    }
    told + "  "
}

fn draw_user(canvas: &mut Canvas<'_>, (area, row): (Rect, usize), of: &UserInstance, seen: &Seen<'_>) {
    let left = Line::from(vec![Span::raw(" "), canvas.span(of.public_id.to_string(), Role::Strong)]);
    let told = format!("cloud  revision {}  {} ", of.revision, ago(of.updated_at, seen.wall_ms));
    canvas.put_sides(area, row, &left, &Line::from(canvas.span(told, Role::Quiet)));
}
