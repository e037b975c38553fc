//! What the tab Status says, from top to bottom. A secret is in none of it: not in the session, and of
//! an address the host alone is told.

use std::sync::Arc;

use ratatui::text::Line;
use zenith_core::catalog::{CatalogEntry, MemberState};
use zenith_core::index::Reached;
use zenith_core::lake::LeftOut;
use zenith_core::package::Tier;
use zenith_core::session::Session;
use zenith_harness::Unit;

use super::Status;
use super::state::SyncPhase;
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::clock::{ago, elapsed, spinner};
use crate::explorer::parts::out::Notice;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::{Seen, Task};
use crate::explorer::world::{Catalog, Home, Ready, World};
use crate::left_out::{how_to_lift, of_all};
use crate::text::{clean_line, counted};

/// Packages with too many symbols that are told by name.
const CUT_SHOWN: usize = 5;
/// Words that anyone looks back through.
const SAID_MAX: usize = 50;

pub fn page(tab: &Status, seen: &Seen<'_>, painter: &Painter) -> Vec<Line<'static>> {
    let (world, mut page) = (seen.world, Builder::new(painter));
    page.title(&[painter.span("You", Role::Heading)]);
    match (&world.catalog, &world.home.session) {
        (Catalog::Open, Some(session)) => signed_in(session, seen.wall_ms, &mut page),
        (Catalog::Open, None) => {
            page.text("You are the user of this machine; nobody is signed in.", Role::Text);
            page.text("`zenith login SERVICE` signs in, to see what an organisation shares.", Role::Quiet);
        }
        _ => page.text("opening the data folder…", Role::Quiet),
    }
    if world.home.session.is_some() {
        heading("Databases", &mut page, painter);
        databases(tab, seen, &mut page);
    }
    heading("Store", &mut page, painter);
    store(tab, world, &mut page);
    heading("At work", &mut page, painter);
    at_work(seen, &mut page);
    if !seen.log.is_empty() {
        heading("Said", &mut page, painter);
        said(seen, &mut page);
    }
    page.lines
}

fn heading(title: &str, page: &mut Builder<'_>, painter: &Painter) {
    page.blank();
    page.title(&[painter.span(title.to_string(), Role::Heading)]);
}

fn signed_in(session: &Session, now_ms: i64, page: &mut Builder<'_>) {
    page.fact("Signed in", &clean_line(&session.subject));
    let organisation = session.organisation.as_deref().map_or_else(|| "none".to_string(), clean_line);
    page.fact("Organisation", &organisation);
    if let Some(role) = &session.role {
        page.fact("Role", &clean_line(role));
    }
    let host = session.service.host_str().unwrap_or_default();
    let port = session.service.port().map(|port| format!(":{port}")).unwrap_or_default();
    page.fact("Service", &clean_line(&format!("{host}{port}")));
    page.fact("Since", &ago(ms(session.signed_in_at), now_ms));
}

fn databases(tab: &Status, seen: &Seen<'_>, page: &mut Builder<'_>) {
    match tab.replicas.value() {
        None => page.text("reading where they stand…", Role::Quiet),
        Some(members) if members.is_empty() => page.text("The service gave access to none.", Role::Quiet),
        Some(members) => members.iter().for_each(|member| database(tab, seen, member, page)),
    }
    match &tab.sync {
        SyncPhase::Idle => page.text("s synchronises them now", Role::Quiet),
        SyncPhase::Running(since) => {
            let (spinner, elapsed) = (spinner(*since, seen.now), elapsed(*since, seen.now));
            page.text(&format!("{spinner} synchronising… {elapsed}"), Role::Accent);
        }
        SyncPhase::Failed(why) => page.text(&format!("Nothing was synchronised: {why}"), Role::Bad),
        SyncPhase::Ended(databases) => {
            let done = databases.iter().filter(|database| database.outcome.is_ok()).count();
            let told = format!("{done} of {} brought up to date; s synchronises again", databases.len());
            page.text(&told, if done == databases.len() { Role::Good } else { Role::Warning });
        }
    }
}

/// A line of where it stands, and one of what is wrong.
fn database(tab: &Status, seen: &Seen<'_>, member: &MemberState, page: &mut Builder<'_>) {
    let replica = &member.replica;
    let mut told = match replica.synced_at_ms {
        Some(at_ms) => format!("up to date {}", ago(i64::try_from(at_ms).unwrap_or(i64::MAX), seen.wall_ms)),
        None => "never synchronised".to_string(),
    };
    if let Some(frame) = replica.frame {
        let behind = match replica.lag {
            0 => "which it had already".to_string(),
            lag => format!("{} behind before", counted(lag, "frame")),
        };
        told += &format!(" · frame {frame}, {behind}");
    }
    page.fact(&clean_line(&member.database), &told);
    if let Some(why) = problem(tab, &seen.world.home, member, seen.wall_ms) {
        page.below_fact(&why, Role::Bad);
    }
}

/// Why a database is not as it should be: the sync of this screen knows more than the one before.
fn problem(tab: &Status, home: &Home, member: &MemberState, now_ms: i64) -> Option<String> {
    if let SyncPhase::Ended(databases) = &tab.sync
        && let Some(synced) = databases.iter().find(|synced| synced.database == member.database)
    {
        return match &synced.outcome {
            Err(why) => Some(why.clone()),
            Ok(synced) if synced.fetched_anew => Some("it was damaged, and was fetched anew".to_string()),
            Ok(_) => None,
        };
    }
    if let Some(doubt) = &member.doubt {
        return Some(clean_line(doubt));
    }
    let session = home.session.as_ref()?;
    let database = session.databases.iter().find(|database| database.role.to_string() == member.database);
    let ended = database.is_some_and(|database| ms(database.expires_at) < now_ms);
    let ended = ended.then(|| "access to it has ended; sign in again".to_string());
    member.replica.error.as_deref().map(clean_line).or(ended)
}

fn store(tab: &Status, world: &World, page: &mut Builder<'_>) {
    if world.is_open() {
        page.fact("Data folder", &clean_line(&world.home.data_dir.display().to_string()));
        if world.home.is_read_only {
            page.below_fact("read-only: it is searched, and nothing is indexed", Role::Warning);
        }
        page.fact("Model", &clean_line(&world.home.model));
    }
    for tier in Tier::ALL {
        let Ready { count: packages, symbols } = world.ready(Some(tier));
        page.fact(&format!("  {tier}"), &format!("{packages} ready, {}", counted(symbols, "symbol")));
    }
    cut(world, page);
    if let Some(reached) = &world.reached {
        elsewhere(reached, page);
    }
    let Some(disk) = tab.disk.value() else { return page.fact("On disk", "adding up…") };
    page.fact("On disk", &size(disk.total()));
    for (part, bytes) in &disk.parts {
        page.below_fact(&format!("{} {part}", size(*bytes)), Role::Quiet);
    }
}

/// Which packages have more symbols than are taken, and how to have them.
fn cut(world: &World, page: &mut Builder<'_>) {
    let cut = world.packages.iter().filter_map(|entry| Some((entry, world.left_out(entry)?)));
    let cut: Vec<_> = cut.collect();
    let all = |(entry, left_out): &(&Arc<CatalogEntry>, LeftOut)| {
        left_out.left_out.saturating_add(entry.symbol_count)
    };
    let Some(most) = cut.iter().map(all).max() else { return };
    page.fact("Left out", &format!("{} with more symbols than are taken", counted(cut.len(), "package")));
    for (entry, left_out) in cut.iter().take(CUT_SHOWN) {
        let told = format!("{} has {}", entry.id, of_all(entry.symbol_count, *left_out));
        page.below_fact(&told, Role::Warning);
    }
    page.below_fact(&how_to_lift(most), Role::Quiet);
}

/// What is searched without being here.
fn elsewhere(reached: &Result<Reached, String>, page: &mut Builder<'_>) {
    let packages = |number: usize| counted(number, "package");
    let Reached { held, too_large, unread, because } = match reached {
        Ok(reached) => reached,
        Err(why) => {
            page.fact("Elsewhere", "what is shared is not searched");
            return page.below_fact(why, Role::Bad);
        }
    };
    if held + too_large + unread == 0 {
        return;
    }
    page.fact("Elsewhere", &format!("{} searched on the store", packages(*held)));
    if *too_large > 0 {
        let told = format!("{} too large for that; `zenith pull NAME` fetches one", packages(*too_large));
        page.below_fact(&told, Role::Warning);
    }
    if *unread > 0 {
        let because = because.as_deref().map(clean_line).unwrap_or_default();
        page.below_fact(&format!("{} not read: {because}", packages(*unread)), Role::Bad);
    }
}

fn at_work(seen: &Seen<'_>, page: &mut Builder<'_>) {
    let indexing = &seen.world.indexing;
    if indexing.is_active() {
        let told = match indexing.is_running() {
            true => format!("{} of {} packages", indexing.done, indexing.packages),
            false => "checking the lockfile".to_string(),
        };
        page.fact("Indexing", &told);
    }
    for task in seen.tasks {
        page.fact(task.name, &how_far(task, seen));
    }
    if !indexing.is_active() && seen.tasks.is_empty() {
        page.text("nothing", Role::Quiet);
    }
}

/// What the user was told, the newest first: a line on the screen is gone with the next key.
fn said(seen: &Seen<'_>, page: &mut Builder<'_>) {
    for logged in seen.log.iter().rev().take(SAID_MAX) {
        let role = if matches!(logged.notice, Notice::Wrong(_)) { Role::Bad } else { Role::Text };
        let mark = format!("{}  {:5}  ", ago(logged.at_ms, seen.wall_ms), logged.notice.level());
        page.item(&mark, logged.notice.text(), role);
    }
}

/// How far something has come, or how long it has taken where that cannot be told.
fn how_far(task: &Task, seen: &Seen<'_>) -> String {
    let stopping = if task.stopping.is_some() { ", stopping" } else { "" };
    match (task.done, &task.at) {
        (Some((done, of)), Some((what, _))) => format!("{done} of {of} ended, {what}{stopping}"),
        (Some((done, of)), None) => format!("{done} of {of} ended{stopping}"),
        (None, Some((_, since))) => elapsed(*since, seen.now),
        (None, None) => String::new(),
    }
}

/// Seconds since 1970 as milliseconds.
fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

fn size(bytes: u64) -> String {
    // A size is told in three digits; what a float loses does not show.
    Unit::Bytes.show(bytes as f64)
}
