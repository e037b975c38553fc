//! What is kept here, and the store that is shared: where each lies, what it holds, how it answers.

use zenith_core::index::Reached;
use zenith_core::package::Tier;
use zenith_harness::Unit;

use super::super::Status;
use super::super::keys;
use super::super::state::Deed;
use super::left_out;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::clock::ago;
use crate::explorer::parts::listing::Listing;
use crate::explorer::parts::path;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::world::{Ready, World};
use crate::text::{clean_line, counted};

pub fn write_folder(tab: &Status, world: &World, page: &mut Listing<'_, Deed>) {
    page.heading("Here");
    if world.is_open() {
        let folder = path::told(&world.home.data_dir);
        let is_read_only = world.home.is_read_only;
        page.entry("Data folder", folder.clone(), None, |page| {
            page.fact("Data folder", &folder);
            if is_read_only {
                page.below_fact("read-only: it is searched, and nothing is indexed", Role::Warning);
            }
        });
        page.fact("Model", &clean_line(&world.home.model));
    }
    if world.is_opening() {
        page.fact("Packages", "being counted…");
    }
    for tier in Tier::ALL.into_iter().filter(|_| !world.is_opening()) {
        let Ready { count: packages, symbols } = world.ready(tier);
        page.fact(&format!("  {tier}"), &format!("{packages} ready, {}", counted(symbols, "symbol")));
    }
    left_out::write(world, page);
    let Some(disk) = tab.disk.value() else { return page.fact("On disk", "adding up…") };
    let total = size(disk.total());
    page.entry("On disk", total.clone(), None, |page| {
        page.fact("On disk", &total);
        for (part, bytes) in &disk.parts {
            page.below_fact(&format!("{} {part}", size(*bytes)), Role::Quiet);
        }
    });
}

pub fn write(tab: &Status, seen: &Seen<'_>, page: &mut Listing<'_, Deed>) {
    page.heading("Store");
    let world = seen.world;
    match (world.home.has_store, tab.store.value()) {
        (false, _) => {
            page.note("None is set. ZENITH_STORE or `store` in the settings names one.", Role::Quiet)
        }
        (true, None) => page.note("asking it…", Role::Quiet),
        (true, Some(Err(why))) => {
            page.entry("Answer", why.clone(), None, |page| page.item("", why, Role::Bad));
        }
        (true, Some(Ok(look))) => {
            page.fact("Lies at", &clean_line(&look.name));
            let taken = Unit::Seconds.show(look.answered_in.as_secs_f64());
            page.fact("Answers", &format!("within {taken}"));
            for export in &look.exports {
                let (packages, symbols) = (export.packages, counted(export.symbols, "symbol"));
                let when = ago(export.exported_at.timestamp_millis(), seen.wall_ms);
                let told = format!("{}, {symbols}, exported {when}", counted(packages, "package"));
                page.fact(&clean_line(&export.scope.prefix()), &told);
            }
            if look.exports.is_empty() {
                page.fact("Exports", "none of what you may see");
            }
        }
    }
    if let Some(reached) = &world.reached {
        elsewhere(reached, page);
    }
    if world.home.has_store {
        page.action(&seen.key::<Status>(keys::LOOK, Pane::List), "ask it again", Deed::Act(keys::LOOK));
    }
}

/// What is searched without being here.
fn elsewhere(reached: &Result<Reached, String>, page: &mut Listing<'_, Deed>) {
    let packages = |number: usize| counted(number, "package");
    let Reached { held, too_large, unread, because } = match reached {
        Ok(reached) => reached,
        Err(why) => {
            return page.entry("Elsewhere", why.clone(), None, |page| {
                page.fact("Elsewhere", "what is shared is not searched");
                page.below_fact(why, Role::Bad);
            });
        }
    };
    if held + too_large + unread == 0 {
        return;
    }
    let because = because.as_deref().map(clean_line).unwrap_or_default();
    page.entry("Elsewhere", because.clone(), None, |page| {
        page.fact("Elsewhere", &format!("{} searched on the store", packages(*held)));
        if *too_large > 0 {
            let told = format!("{} too large for that; `zenith pull NAME` fetches one", packages(*too_large));
            page.below_fact(&told, Role::Warning);
        }
        if *unread > 0 {
            page.below_fact(&format!("{} not read: {because}", packages(*unread)), Role::Bad);
        }
    });
}

fn size(bytes: u64) -> String {
    // A size is told in three digits; what a float loses does not show.
    Unit::Bytes.show(bytes as f64)
}
