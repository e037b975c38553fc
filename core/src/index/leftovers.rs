//! What processes left that were killed while they wrote.

use std::collections::HashSet;
use std::path::Path;

use crate::catalog::{Catalog, CatalogError};
use crate::holder::is_gone;
use crate::identity::Identity;
use crate::lake::{Lake, is_pulled};

/// Datasets in the user's scopes that no row names. `None` while anybody indexes: what is on its way to a name has none
/// yet.
pub async fn leftovers(
    catalog: &Catalog,
    identity: &Identity,
    lake: &Lake,
    run_folder: &Path,
) -> Result<Option<Vec<String>>, CatalogError> {
    // Listed before the rows are read: whatever is claimed, written and named in between is not among them.
    let mut places = lake.places();
    let entries = catalog.packages(identity).await?;
    let mut claims = entries.iter().filter_map(|entry| entry.claim.as_ref());
    if claims.any(|claim| !is_gone(run_folder, &claim.holder)) {
        return Ok(None);
    }
    let named: HashSet<&str> = entries.iter().filter_map(|entry| entry.dataset.as_deref()).collect();
    let own: Vec<String> =
        identity.scopes().iter().map(|scope| format!("lance/{}/", scope.prefix())).collect();
    places.retain(|place| !named.contains(place.as_str()) && own.iter().any(|own| place.starts_with(own)));
    Ok(Some(places))
}

/// Removes them, but for what was pulled: the next pull goes on from that. A folder that stays costs space alone.
pub(super) async fn sweep(catalog: &Catalog, identity: &Identity, lake: &Lake, run_folder: &Path) {
    let Ok(Some(places)) = leftovers(catalog, identity, lake, run_folder).await else { return };
    for place in places.iter().filter(|place| !is_pulled(place)) {
        let _ = lake.remove(place);
    }
}
