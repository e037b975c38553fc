//! Who is asking. Embedded use has no issuer: the user of the machine owns the private tier.
//! Everywhere else a [`Verifier`] makes the identity from a token, and nothing else may.
//!
//! | file | what it does |
//! |---|---|
//! | `scope` | which part of which tier an identity may see |
//! | `verifier` | from a token to an identity, or to the reason why not |
//! | `token` | takes a token apart and reads its header, strictly |
//! | `claims` | what a token of each kind of issuer must say |
//! | `json` | JSON that says nothing twice |
//! | `keys`, `jwk`, `fetch` | an issuer's public keys: cached, read, asked for |
//! | `service` | what a service says about itself, and the databases that it opens to a user |
//!
//! # Decisions
//!
//! - **jsonwebtoken checks the signature and nothing else.** Its validation accepts an `iss` in a list, a
//!   missing one, any `crit`, duplicates. Header and claims are read here, from JSON that says nothing twice;
//!   the key, not the header, says the algorithm.
//! - **A token lasts at most 31 days**, since nothing here can revoke one. Clerk's sessions last a minute,
//!   Supabase's at most a week. Clocks may differ by 30 s.
//! - **A token with an `aud` that nobody configured is refused** (RFC 7519, 4.1.3), and so is one by which
//!   somebody acts for the user (`act`): private code is its owner's alone. Supabase tokens carry no
//!   organisation: there is no convention for one, and `user_metadata` is the user's own word.
//! - **Keys are kept for an hour, through an outage for a day, and asked for at most every 30 s**, whatever
//!   tokens come. One caller asks, in a task of its own; whoever has a key that is only stale does not wait.
//! - **sqld's tokens come from an exchange.** It takes EdDSA alone, which no issuer of users signs by. A
//!   database token for nothing is an error, because sqld would open everything to it.

mod claims;
mod error;
mod fetch;
mod issuer;
mod jwk;
mod keys;
mod scope;
pub mod service;
mod token;
mod verifier;

pub use error::{KeyError, TokenError};
pub use issuer::{IssuerConfig, IssuerKind};
pub use keys::{KeyLimits, KeySet};
pub use scope::Scope;
pub use verifier::{VerifiedUser, Verifier};

pub use crate::http::Unreached;

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
    role: Option<String>,
    /// Also the user of this machine, who keeps what was indexed before signing in.
    on_this_machine: bool,
}

/// The subject of the machine's own user, who needs no token. No token may name it: it would open
/// what was indexed here before anyone signed in.
const LOCAL_SUBJECT: &str = "local";

impl User {
    /// The user's role in the organisation, where the issuer names one, without Clerk's `org:`.
    /// Nobody's rights depend on it here.
    pub fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }
}

impl Identity {
    /// The user of this machine: sees the public tier and the private rows made here.
    pub fn local() -> Identity {
        Identity::User(User {
            subject: LOCAL_SUBJECT.to_string(),
            organisation: None,
            role: None,
            on_this_machine: false,
        })
    }

    /// A user by subject and organisation. Both become path segments and keys, so both must pass
    /// the grammar of names. This trusts its caller; what came with a token goes through
    /// [`Verifier`] instead.
    pub fn user(subject: impl Into<String>, organisation: Option<String>) -> Result<Identity, NameError> {
        let subject = subject.into();
        check_segment("subject", &subject)?;
        if let Some(organisation) = &organisation {
            check_segment("organisation", organisation)?;
        }
        Ok(Identity::User(User { subject, organisation, role: None, on_this_machine: false }))
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

    /// The same user with a role.
    pub(crate) fn with_role(self, role: Option<String>) -> Identity {
        match self {
            Identity::User(user) => Identity::User(User { role, ..user }),
            Identity::Anonymous => Identity::Anonymous,
        }
    }

    /// The same user, who is also the user of this machine: what was indexed here before they signed
    /// in stays theirs.
    pub(crate) fn on_this_machine(self) -> Identity {
        self.with_machine(true)
    }

    /// The same user to others, to whom the user of this machine is nobody.
    pub fn without_machine(&self) -> Identity {
        self.clone().with_machine(false)
    }

    fn with_machine(self, on_this_machine: bool) -> Identity {
        match self {
            Identity::User(user) => Identity::User(User { on_this_machine, ..user }),
            Identity::Anonymous => Identity::Anonymous,
        }
    }

    /// The subject of the machine's user, for one who is that beside a subject of their own.
    pub(crate) fn machine_subject(&self) -> Option<&'static str> {
        match self {
            Identity::User(user) if user.on_this_machine => Some(LOCAL_SUBJECT),
            _ => None,
        }
    }

    pub fn role(&self) -> Option<&str> {
        match self {
            Identity::Anonymous => None,
            Identity::User(user) => user.role(),
        }
    }

    /// The scopes that this identity may see: one a tier, and that of the machine's user.
    pub fn scopes(&self) -> Vec<Scope> {
        let machine = self.machine_subject().map(|subject| Scope::Private(subject.to_string()));
        Tier::ALL.into_iter().filter_map(|tier| self.scope(tier)).chain(machine).collect()
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
