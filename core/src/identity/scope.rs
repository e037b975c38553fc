//! A tier together with whose it is.

use crate::package::{Tier, check_segment};

/// A tier together with whose it is: the first part of a package's key in the catalog, and the
/// folder that its datasets and its shelf live under.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    Public,
    Team(String),
    Private(String),
}

impl Scope {
    pub fn tier(&self) -> Tier {
        match self {
            Scope::Public => Tier::Public,
            Scope::Team(_) => Tier::Team,
            Scope::Private(_) => Tier::Private,
        }
    }

    pub fn owner(&self) -> Option<&str> {
        match self {
            Scope::Private(subject) => Some(subject),
            _ => None,
        }
    }

    pub fn team(&self) -> Option<&str> {
        match self {
            Scope::Team(organisation) => Some(organisation),
            _ => None,
        }
    }

    /// Whether its owner passes the grammar of names. A scope that comes from an identity always
    /// does; one that comes from a row of a database may not.
    pub(crate) fn is_well_formed(&self) -> bool {
        match self {
            Scope::Public => true,
            Scope::Team(name) | Scope::Private(name) => check_segment("owner", name).is_ok(),
        }
    }

    /// `public`, `team/<org>` or `private/<sub>`: the prefix that credentials can be cut by.
    pub fn prefix(&self) -> String {
        match self {
            Scope::Public => "public".to_string(),
            Scope::Team(organisation) => format!("team/{organisation}"),
            Scope::Private(subject) => format!("private/{subject}"),
        }
    }
}
