//! What the tab says, from top to bottom. A secret is in none of it: not in the session, and of an address the host
//! alone is told.

mod account;
mod left_out;
mod store;

use super::state::Deed;
use super::{Status, keys};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::bar::filled;
use crate::explorer::parts::clock::{ago, elapsed, time_of_day};
use crate::explorer::parts::listing::Listing;
use crate::explorer::parts::out::Notice;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::{Seen, Task};
use crate::explorer::world::{INDEXING, Indexing, Phase};

/// Words that anyone looks back through.
const SAID_MAX: usize = 100;
/// Columns of a bar of progress; narrower pages go without.
const BAR_COLUMNS: usize = 24;
const COLUMNS_WITH_BAR: usize = 70;
/// Narrower pages tell of a word when it was said, and not how long ago that is.
const COLUMNS_WITH_AGE: usize = 70;

pub fn write(tab: &Status, seen: &Seen<'_>, page: &mut Listing<'_, Deed>) {
    at_work(seen, page);
    account::write(tab, seen, page);
    store::write_folder(tab, seen.world, page);
    store::write(tab, seen, page);
    if !seen.log.is_empty() {
        page.heading("Said");
        said(seen, page);
    }
}

fn at_work(seen: &Seen<'_>, page: &mut Listing<'_, Deed>) {
    page.heading("At work");
    let key = seen.key::<Status>(keys::STOP, Pane::List);
    let indexing = &seen.world.indexing;
    if indexing.is_active() {
        let done = indexing.is_running().then_some((indexing.done, indexing.packages));
        let is_stopping = indexing.phase == Phase::Stopping;
        task(
            INDEXING,
            done.filter(|_| !seen.is_still),
            &told_of(indexing, seen),
            (true, is_stopping),
            &key,
            page,
        );
    }
    for each in seen.tasks {
        let stops = (each.stop.is_some(), each.stopping.is_some());
        task(each.name, each.done.filter(|_| !seen.is_still), &how_far(each, seen), stops, &key, page);
    }
    if !indexing.is_active() && seen.tasks.is_empty() {
        page.note("nothing", Role::Quiet);
    }
}

/// A line of one of them: how far it is, and what stops it, if it can be stopped and is not stopping yet.
fn task(
    name: &'static str,
    done: Option<(usize, usize)>,
    told: &str,
    (can_stop, is_stopping): (bool, bool),
    key: &str,
    page: &mut Listing<'_, Deed>,
) {
    let bar = done.filter(|_| page.painter.width >= COLUMNS_WITH_BAR).map(|(done, of)| {
        let filled = filled(done, of, BAR_COLUMNS);
        let rest = "─".repeat(BAR_COLUMNS.saturating_sub(filled.chars().count()));
        format!("{filled}{rest} ")
    });
    let line = format!("{}{told}", bar.unwrap_or_default());
    let does = can_stop.then_some(Deed::Stop(name));
    page.entry(format!("task {name}"), format!("{name}: {told}"), does, |page| page.fact(name, &line));
    if let Some(does) = does.filter(|_| !is_stopping) {
        page.word(&format!("{key} stops"), does);
    }
}

fn told_of(indexing: &Indexing, seen: &Seen<'_>) -> String {
    let mut told = match indexing.phase {
        Phase::Stopping => "stopping: what is written is being published".to_string(),
        _ if indexing.is_running() => format!("{} of {} packages", indexing.done, indexing.packages),
        _ => "checking the lockfile".to_string(),
    };
    if let Some(rate) = indexing.rate(seen.now).filter(|_| indexing.phase == Phase::Running) {
        told += &format!(", {rate:.1} a second");
    }
    told
}

/// How far something has come, or how long it has taken where that cannot be told.
fn how_far(task: &Task, seen: &Seen<'_>) -> String {
    let mut told = Vec::new();
    if let Some((done, of)) = task.done {
        told.push(format!("{done} of {of} ended"));
    }
    if let Some((what, since)) = &task.at {
        let what = Some(what.clone()).filter(|what| !what.is_empty());
        told.extend(what);
        told.push(elapsed(*since, seen.now));
    }
    told.extend(task.stopping.map(|stopping| format!("stopping: {stopping}")));
    told.join(", ")
}

/// What the user was told, the newest first and whole: a line on the screen is gone with the next key.
fn said(seen: &Seen<'_>, page: &mut Listing<'_, Deed>) {
    for logged in seen.log.iter().rev().take(SAID_MAX) {
        let (text, level) = (logged.notice.text(), logged.notice.level());
        let role = if matches!(logged.notice, Notice::Wrong(_)) { Role::Bad } else { Role::Text };
        let (time, age) = (time_of_day(logged.at_ms, seen.offset_s), ago(logged.at_ms, seen.wall_ms));
        let age = if page.painter.width < COLUMNS_WITH_AGE { String::new() } else { format!("{age}  ") };
        let mark = format!("{time}  {age}{level:5}  ");
        page.entry(format!("said {} {text}", logged.at_ms), text, None, |page| page.item(&mark, text, role));
    }
}
