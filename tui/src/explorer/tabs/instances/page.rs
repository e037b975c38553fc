//! The page beside the list: an instance, what the next publication changes, and what was published of it.

use ratatui::text::Line;
use zenith_core::publish::{LocaleStanding, Outlook, Past, Progress, Standing, UserInstance};

use super::Instances;
use super::work::Detail;
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::clock::ago;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::instances::{progress, short};
use crate::text::{clean_line, counted, escaped_json};

/// Changes and objects that a page tells; the commands tell all.
const TOLD_MAX: usize = 40;

pub fn page(tab: &Instances, seen: &Seen<'_>, painter: &Painter) -> Vec<Line<'static>> {
    let mut page = Builder::new(painter);
    if let Some(user) = tab.user() {
        of_user(user, seen, &mut page);
    } else if let Some(standing) = tab.standing() {
        of_authored(tab, standing, seen, &mut page);
        match tab.detailed() {
            None => page.text("reading it…", Role::Quiet),
            Some(Err(why)) => page.text(&clean_line(why), Role::Bad),
            Some(Ok(detail)) => {
                next(detail, &mut page);
                texts(&standing.locales, &mut page);
                history(&detail.history, seen, &mut page);
                config(&detail.instance.config, &mut page);
            }
        }
    }
    page.lines
}

fn of_user(user: &UserInstance, seen: &Seen<'_>, page: &mut Builder<'_>) {
    page.text(&user.public_id.to_string(), Role::Strong);
    page.text("yours, in your workspace's database", Role::Quiet);
    page.blank();
    page.fact("Type", user.public_id.widget_type.as_str());
    page.fact("Revision", &format!("{}, {}", user.revision, ago(user.updated_at, seen.wall_ms)));
    config(&user.config, page);
}

fn of_authored(tab: &Instances, of: &Standing, seen: &Seen<'_>, page: &mut Builder<'_>) {
    page.text(&of.public_id.to_string(), Role::Strong);
    page.text("authored on this machine", Role::Quiet);
    page.blank();
    page.fact("Type", of.widget_type.as_str());
    page.fact("Kind", of.public_id.kind().as_str());
    page.fact("Status", of.status.as_str());
    page.fact("Revision", &of.revision.to_string());
    page.item("Stands        ", &progress(&of.progress), role(&of.progress));
    if let (Some(sequence), Some(at)) = (of.sequence, of.published_at) {
        let by = of.publisher.as_deref().map(clean_line).unwrap_or_default();
        let at = ago(at.timestamp_millis(), seen.wall_ms);
        page.fact("Published", &format!("number {sequence}, {at}, by {by}"));
    }
    for difference in tab.differences(&of.public_id) {
        page.item("There         ", &clean_line(&difference.what), Role::Bad);
    }
}

/// How a standing looks.
pub fn role(progress: &Progress) -> Role {
    match progress {
        Progress::InStep => Role::Good,
        Progress::Never => Role::Quiet,
        Progress::Ahead | Progress::RolledBack { .. } | Progress::UnderWay { error: None, .. } => {
            Role::Warning
        }
        Progress::UnderWay { error: Some(_), .. } | Progress::Failed { .. } | Progress::Unusable { .. } => {
            Role::Bad
        }
    }
}

/// What the next publication changes, and puts.
fn next(detail: &Detail, page: &mut Builder<'_>) {
    page.rule("The next publication");
    if detail.outlooks.is_empty() {
        page.text("nothing changed since the last one", Role::Quiet);
        return;
    }
    for outlook in &detail.outlooks {
        would_put(outlook, page);
    }
    let Some(changes) = &detail.changes else { return };
    page.blank();
    for change in changes.iter().take(TOLD_MAX) {
        page.text(&clean_line(&change.at), Role::Text);
        if change.was.is_some() {
            page.item("  − ", &short(change.was.as_ref()), Role::Bad);
        }
        if change.now.is_some() {
            page.item("  + ", &short(change.now.as_ref()), Role::Good);
        }
    }
    more(changes.len(), "change", page);
}

fn would_put(outlook: &Outlook, page: &mut Builder<'_>) {
    if let Some(why) = &outlook.unusable {
        return page.text(&format!("cannot be: {}", clean_line(why)), Role::Bad);
    }
    page.text(&format!("number {}", outlook.sequence), Role::Text);
    for key in outlook.puts.iter().take(TOLD_MAX) {
        page.item("  put ", &clean_line(key), Role::Quiet);
    }
    more(outlook.puts.len(), "object", page);
    for (locale, why) in &outlook.left_out {
        page.item("  without ", &format!("{}: {}", clean_line(locale), clean_line(why)), Role::Warning);
    }
}

fn more(all: usize, noun: &str, page: &mut Builder<'_>) {
    if all > TOLD_MAX {
        page.text(&format!("and {} more", counted(all - TOLD_MAX, noun)), Role::Quiet);
    }
}

/// The texts by locale: how many there are, and which of them translate a text that is another by now.
fn texts(locales: &[LocaleStanding], page: &mut Builder<'_>) {
    if locales.is_empty() {
        return;
    }
    page.rule("Texts");
    for of in locales {
        let all = of.applied + of.stale.len() + of.missing;
        let told = format!("{} of {} in place", of.applied, counted(all, "text"));
        page.fact(&clean_line(&of.locale), &told);
        for (what, places) in [("stale", &of.stale), ("gone", &of.orphans)] {
            for place in places.iter().take(TOLD_MAX) {
                page.below_fact(&format!("{what} {}", clean_line(place)), Role::Warning);
            }
            more(places.len(), "place", page);
        }
    }
}

fn history(history: &[Past], seen: &Seen<'_>, page: &mut Builder<'_>) {
    if history.is_empty() {
        return;
    }
    page.rule("Published");
    for past in history.iter().take(TOLD_MAX) {
        let of = &past.manifest;
        let at = ago(of.published_at.timestamp_millis(), seen.wall_ms);
        let locales = counted(of.locales.len(), "locale");
        let by = clean_line(&of.publisher);
        page.fact(
            &format!("number {}", past.sequence),
            &format!("{at}, {}, {locales}, by {by}", of.status.as_str()),
        );
    }
    more(history.len(), "publication", page);
}

fn config(config: &serde_json::Map<String, serde_json::Value>, page: &mut Builder<'_>) {
    page.rule("Configuration");
    let text = serde_json::to_string_pretty(config).unwrap_or_default();
    page.code(&text.lines().map(escaped_json).collect::<Vec<_>>().join("\n"), "json");
}
