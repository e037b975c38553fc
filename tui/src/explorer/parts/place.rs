//! Somewhere that one can be. A tab that leads elsewhere hands out a place, and whoever knows it opens it.

use zenith_core::identity::Scope;
use zenith_core::package::PackageId;

use super::tree::Item;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A package, or something in it.
    Package { scope: Scope, id: PackageId, item: Option<Item> },
    /// What a name means in a package, where it is written at a path of it.
    Named { scope: Scope, id: PackageId, name: String, from: String },
    /// A note that is to be written about a package, or about something in it.
    NewNote { scope: Scope, id: PackageId, item: Option<Item> },
    /// A search, as one types it.
    Query(String),
    /// The same, with where one stood among what it found.
    Result { query: String, at: usize },
    /// A spike by its id.
    Spike(&'static str),
    /// What the tab of this name alone knows; empty where it is the tab itself.
    Within { tab: &'static str, at: String },
}
