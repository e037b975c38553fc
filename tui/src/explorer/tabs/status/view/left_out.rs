//! Which packages have more symbols than are taken, and how to have them.

use zenith_core::catalog::CatalogEntry;
use zenith_core::lake::LeftOut;

use super::super::state::Deed;
use crate::explorer::parts::listing::Listing;
use crate::explorer::parts::theme::Role;
use crate::explorer::world::World;
use crate::left_out::{how_to_lift, of_all};
use crate::text::counted;

/// Packages that are told by name.
const SHOWN: usize = 5;

pub fn write(world: &World, page: &mut Listing<'_, Deed>) {
    let cut = world.packages.iter().filter_map(|entry| Some((&**entry, world.left_out(entry)?)));
    let cut: Vec<(&CatalogEntry, LeftOut)> = cut.collect();
    let all =
        |(entry, left_out): &(&CatalogEntry, LeftOut)| left_out.left_out.saturating_add(entry.symbol_count);
    let Some(most) = cut.iter().map(all).max() else { return };
    let told = format!("{} with more symbols than are taken", counted(cut.len(), "package"));
    page.entry("Left out", told.clone(), None, |page| {
        page.fact("Left out", &told);
        for (entry, left_out) in cut.iter().take(SHOWN) {
            let told = format!("{} has {}", entry.id, of_all(entry.symbol_count, *left_out));
            page.below_fact(&told, Role::Warning);
        }
        page.below_fact(&how_to_lift(most), Role::Quiet);
    });
}
