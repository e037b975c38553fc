//! Who is asking. Embedded use has no issuer: the user of the machine owns the private tier.

use crate::package::{NameError, Tier, check_segment};

/// The one who searches or indexes. Every read of the catalog names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Sees the public tier alone.
    Anonymous,
    User(User),
}

/// A user, and the organisation that they act for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    subject: String,
    organisation: Option<String>,
}

/// The subject of the machine's own user, who needs no token.
const LOCAL_SUBJECT: &str = "local";

impl Identity {
    /// The user of this machine: sees the public tier and the private rows made here.
    pub fn local() -> Identity {
        Identity::User(User { subject: LOCAL_SUBJECT.to_string(), organisation: None })
    }

    /// A user by subject and organisation. Both become path segments and keys, so both must pass
    /// the grammar of names.
    pub fn user(subject: impl Into<String>, organisation: Option<String>) -> Result<Identity, NameError> {
        let subject = subject.into();
        check_segment("subject", &subject)?;
        if let Some(organisation) = &organisation {
            check_segment("organisation", organisation)?;
        }
        Ok(Identity::User(User { subject, organisation }))
    }

    pub fn subject(&self) -> Option<&str> {
        match self {
            Identity::Anonymous => None,
            Identity::User(user) => Some(&user.subject),
        }
    }

    pub fn organisation(&self) -> Option<&str> {
        match self {
            Identity::Anonymous => None,
            Identity::User(user) => user.organisation.as_deref(),
        }
    }

    /// The scopes that this identity may see, at most one a tier.
    pub fn scopes(&self) -> Vec<Scope> {
        Tier::ALL.into_iter().filter_map(|tier| self.scope(tier)).collect()
    }

    /// The scope that this identity reads and writes in a tier; none where it has no part in it.
    pub fn scope(&self, tier: Tier) -> Option<Scope> {
        match tier {
            Tier::Public => Some(Scope::Public),
            Tier::Team => self.organisation().map(|organisation| Scope::Team(organisation.to_string())),
            Tier::Private => self.subject().map(|subject| Scope::Private(subject.to_string())),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_that_could_leave_its_prefix_is_refused() {
        for bad in ["", "..", "a/b", "a b", "../public"] {
            assert!(Identity::user(bad, None).is_err(), "{bad:?} was accepted");
            assert!(Identity::user("me", Some(bad.to_string())).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn anonymous_has_the_public_scope_alone() {
        assert_eq!(Identity::Anonymous.scopes(), [Scope::Public]);
        assert_eq!(Identity::local().scopes(), [Scope::Public, Scope::Private("local".to_string())]);
    }
}
