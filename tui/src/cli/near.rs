//! What somebody may have meant who names a package that is not there.

use std::collections::BTreeSet;

use strsim::damerau_levenshtein;
use zenith_core::catalog::Status;
use zenith_core::search::PackageFilter;
use zenith_core::{Zenith, ZenithError};

/// Letters that may be wrong in a name.
const EDITS_MAX: usize = 2;
/// Names that are offered.
const OFFERS_MAX: usize = 3;

/// Says that no package fits, and which one may be meant: another version of it, or a name like it.
pub async fn unknown_package(zenith: &Zenith, wanted: &PackageFilter) -> Result<String, ZenithError> {
    let named = PackageFilter { version: None, ..wanted.clone() };
    let (mut versions, mut names) = (BTreeSet::new(), BTreeSet::new());
    for entry in zenith.searchable().await? {
        if wanted.holds(&entry.id) && entry.status != Status::Ready {
            return Ok(format!("{} cannot be read yet; `zenith packages {wanted}` says why", entry.id));
        }
        if named.holds(&entry.id) {
            versions.insert(entry.id.to_string());
        }
        let edits = damerau_levenshtein(entry.id.name(), &wanted.name);
        if edits <= EDITS_MAX.min(wanted.name.chars().count() / 3) {
            names.insert((edits, entry.id.name().to_string()));
        }
    }
    let name = &wanted.name;
    if !versions.is_empty() && wanted.version.is_some() {
        return Ok(format!("{wanted} is not indexed; {} is", list(versions)));
    }
    if names.is_empty() {
        return Ok(format!("no package {name} is indexed; `zenith packages` lists what is"));
    }
    Ok(format!("no package {name} is indexed; is {} meant?", list(names.into_iter().map(|(_, name)| name))))
}

fn list(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().take(OFFERS_MAX).collect::<Vec<String>>().join(", ")
}
