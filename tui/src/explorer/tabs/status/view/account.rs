//! Who is signed in, and how the copies of what is shared with them stand.

use zenith_core::catalog::MemberState;
use zenith_core::session::Session;

use super::super::Status;
use super::super::keys;
use super::super::state::Deed;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::clock::ago;
use crate::explorer::parts::listing::Listing;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::world::{Catalog, Home};
use crate::text::{clean_line, counted};

pub fn write(tab: &Status, seen: &Seen<'_>, page: &mut Listing<'_, Deed>) {
    let world = seen.world;
    let key = |action| seen.key::<Status>(action, Pane::List);
    page.heading("You");
    match (&world.catalog, &world.home.session) {
        (Catalog::Open, Some(session)) => {
            signed_in(session, seen.wall_ms, page);
            page.action(
                &key(keys::SYNC),
                "synchronise the copies of the shared catalogs",
                Deed::Act(keys::SYNC),
            );
            page.action(&key(keys::PUSH), "push what you indexed", Deed::Act(keys::PUSH));
            page.action(&key(keys::SIGN_IN), "sign in again, or as somebody else", Deed::Act(keys::SIGN_IN));
            page.action(&key(keys::SIGN_OUT), "sign out", Deed::Act(keys::SIGN_OUT));
            page.heading("Databases");
            databases(tab, seen, page);
        }
        (Catalog::Open, None) => {
            page.note("You are the user of this machine; nobody is signed in.", Role::Text);
            page.action(
                &key(keys::SIGN_IN),
                "sign in, to see what an organisation shares",
                Deed::Act(keys::SIGN_IN),
            );
        }
        _ => page.note("opening the data folder…", Role::Quiet),
    }
}

fn signed_in(session: &Session, now_ms: i64, page: &mut Listing<'_, Deed>) {
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

fn databases(tab: &Status, seen: &Seen<'_>, page: &mut Listing<'_, Deed>) {
    match tab.replicas.value() {
        None => page.note("reading where they stand…", Role::Quiet),
        Some(members) if members.is_empty() => page.note("The service gave access to none.", Role::Quiet),
        Some(members) => members.iter().for_each(|member| database(tab, seen, member, page)),
    }
    match &tab.synced {
        None => {}
        Some(Err(why)) => page.note(&format!("Nothing was synchronised: {why}"), Role::Bad),
        Some(Ok(databases)) => {
            let done = databases.iter().filter(|database| database.outcome.is_ok()).count();
            let told = format!("{done} of {} brought up to date", databases.len());
            page.note(&told, if done == databases.len() { Role::Good } else { Role::Warning });
        }
    }
}

/// A line of where it stands (its age, its frame, and how far it was behind), and one of what is wrong.
fn database(tab: &Status, seen: &Seen<'_>, member: &MemberState, page: &mut Listing<'_, Deed>) {
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
    let name = clean_line(&member.database);
    let problem = problem(tab, &seen.world.home, member, seen.wall_ms);
    let text = problem.clone().unwrap_or_else(|| format!("{name}: {told}"));
    page.entry(format!("database {name}"), text, None, |page| {
        page.fact(&name, &told);
        if let Some(why) = problem {
            page.below_fact(&why, Role::Bad);
        }
    });
}

/// Why a database is not as it should be: the sync of this screen knows more than the one before.
fn problem(tab: &Status, home: &Home, member: &MemberState, now_ms: i64) -> Option<String> {
    if let Some(Ok(databases)) = &tab.synced
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

/// Seconds since 1970 as milliseconds.
fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}
