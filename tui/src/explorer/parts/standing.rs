//! What a package is to the project.

use zenith_core::catalog::CatalogEntry;
use zenith_core::search::Project;

/// What a package is to the project. In the order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Direct,
    Indirect,
    /// Locked by the project for other platforms alone.
    OtherPlatform,
    /// Indexed for another project.
    Elsewhere,
    /// There is no project to stand in.
    Alone,
}

impl Standing {
    /// What a package is to a project.
    pub fn of(entry: &CatalogEntry, project: Option<&Project>) -> Standing {
        match project {
            None => Standing::Alone,
            Some(project) if !project.holds(entry) => Standing::Elsewhere,
            Some(project) if project.is_for_others(entry) => Standing::OtherPlatform,
            Some(project) if project.is_direct(entry.id.name(), entry.id.version()) => Standing::Direct,
            Some(_) => Standing::Indirect,
        }
    }
}
