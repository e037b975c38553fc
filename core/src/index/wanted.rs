//! Which packages a run is asked for.

use crate::package::PackageId;
use crate::search::PackageFilter;

/// Some packages of all that are offered.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Those that a project builds on.
    Ids(Vec<PackageId>),
    /// Every version that a name, or a name and version, means.
    Named(Vec<PackageFilter>),
}

impl Wanted {
    pub fn holds(&self, id: &PackageId) -> bool {
        match self {
            Wanted::Ids(ids) => ids.contains(id),
            Wanted::Named(filters) => filters.iter().any(|filter| filter.holds(id)),
        }
    }

    /// What can be looked up where too much is offered to be listed: exact versions.
    pub fn ids(&self) -> Vec<PackageId> {
        match self {
            Wanted::Ids(ids) => ids.clone(),
            Wanted::Named(filters) => {
                let exact =
                    filters.iter().filter_map(|filter| Some((&filter.name, filter.version.as_ref()?)));
                exact.filter_map(|(name, version)| PackageId::rust(name, version).ok()).collect()
            }
        }
    }
}
