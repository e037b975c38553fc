//! Whose a database is, and what it is called.

use std::fmt;

use rand::Rng;

use crate::identity::Identity;
use crate::identity::service::GrantRole;
use crate::package::{NameError, check_segment};

/// What every database's name begins with: it tells ours from others' at a provider.
const PREFIX: &str = "z-";
/// Base 32 without what is read wrongly; 26 letters are 130 bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const LETTERS_IN_NAME: usize = 26;

/// Whose a database is. A client never names one: [`Tenant::all_of`] makes them from a verified identity, and
/// [`Tenant::named`] is for who runs the service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tenant {
    /// The public rows, one database for everyone.
    Global,
    Organisation(String),
    User(String),
    /// A user's workspace: what they keep of their own that no copy on a machine may hold.
    Workspace(String),
}

/// The key of the global database. A subject has no slash, so none is called that.
const GLOBAL: &str = "zenith/global";
const ORGANISATION: &str = "team/";
const WORKSPACE: &str = "workspace/";

impl Tenant {
    /// The tenants that an identity has a part in: the global one, its organisation, itself. None, where it is nobody.
    pub fn all_of(identity: &Identity) -> Vec<Tenant> {
        let Some(subject) = identity.subject() else { return Vec::new() };
        let organisation = identity.organisation().map(|name| Tenant::Organisation(name.to_string()));
        [Some(Tenant::Global), organisation, Some(Tenant::User(subject.to_string()))]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The workspace of an identity's user.
    pub fn workspace_of(identity: &Identity) -> Option<Tenant> {
        identity.subject().map(|subject| Tenant::Workspace(subject.to_string()))
    }

    /// By the registry's key, as whoever runs the service types it: a subject, `workspace/SUBJECT`,
    /// `team/ORGANISATION`, `zenith/global`.
    pub fn named(key: &str) -> Result<Tenant, NameError> {
        if key == GLOBAL {
            return Ok(Tenant::Global);
        }
        if let Some(organisation) = key.strip_prefix(ORGANISATION) {
            check_segment("organisation", organisation)?;
            return Ok(Tenant::Organisation(organisation.to_string()));
        }
        if let Some(subject) = key.strip_prefix(WORKSPACE) {
            check_segment("subject", subject)?;
            return Ok(Tenant::Workspace(subject.to_string()));
        }
        check_segment("subject", key)?;
        Ok(Tenant::User(key.to_string()))
    }

    /// The registry's key: `user_id` of its table.
    pub fn key(&self) -> String {
        match self {
            Tenant::Global => GLOBAL.to_string(),
            Tenant::Organisation(organisation) => format!("{ORGANISATION}{organisation}"),
            Tenant::User(subject) => subject.clone(),
            Tenant::Workspace(subject) => format!("{WORKSPACE}{subject}"),
        }
    }

    /// The part of a federation that its database is.
    pub fn role(&self) -> GrantRole {
        match self {
            Tenant::Global => GrantRole::Global,
            Tenant::Organisation(_) => GrantRole::Team,
            Tenant::User(_) => GrantRole::Own,
            Tenant::Workspace(_) => GrantRole::Workspace,
        }
    }

    pub fn organisation(&self) -> Option<&str> {
        match self {
            Tenant::Organisation(organisation) => Some(organisation),
            Tenant::Global | Tenant::User(_) | Tenant::Workspace(_) => None,
        }
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

/// What a database is called at its provider: random, so that nothing of a person is in it and none is ever used
/// twice. A provider may keep the files of a deleted database, and serve them to whoever makes one of that name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DatabaseName(String);

impl DatabaseName {
    pub fn random() -> DatabaseName {
        let mut random = rand::rng();
        let letters = (0..LETTERS_IN_NAME).map(|_| {
            let at = random.random_range(0..LETTERS.len());
            char::from(LETTERS.get(at).copied().unwrap_or(b'a'))
        });
        DatabaseName(PREFIX.chars().chain(letters).collect())
    }

    /// As a registry keeps it. Whatever is not of our making is none: a server takes names for paths.
    pub fn kept(text: &str) -> Option<DatabaseName> {
        let letters = text.strip_prefix(PREFIX)?;
        let is_ours = letters.len() == LETTERS_IN_NAME && letters.bytes().all(|byte| LETTERS.contains(&byte));
        is_ours.then(|| DatabaseName(text.to_string()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_is_a_team_or_everyone() {
        for tenant in [
            Tenant::Global,
            Tenant::Organisation("org_1".into()),
            Tenant::User("ada".into()),
            Tenant::Workspace("ada".into()),
            Tenant::User("public".into()),
            Tenant::User("global".into()),
        ] {
            assert_eq!(Tenant::named(&tenant.key()).unwrap(), tenant);
        }
        for bad in ["", "team/", "team/..", "workspace/", "workspace/a/b", "a/b", "zenith/", "../x", "a b"] {
            assert!(Tenant::named(bad).is_err(), "{bad:?}");
        }
        assert!(Tenant::all_of(&Identity::Anonymous).is_empty());
        let member = Identity::user("ada", Some("org_1".into())).unwrap();
        let keys: Vec<String> = Tenant::all_of(&member).iter().map(Tenant::key).collect();
        assert_eq!(keys, ["zenith/global", "team/org_1", "ada"]);
        assert_eq!(Tenant::workspace_of(&member).unwrap().key(), "workspace/ada");
        assert_eq!(Tenant::workspace_of(&Identity::Anonymous), None);
    }

    #[test]
    fn a_name_is_random_and_nothing_else_is_taken_for_one() {
        let (one, other) = (DatabaseName::random(), DatabaseName::random());
        assert_ne!(one, other);
        assert_eq!(DatabaseName::kept(one.as_str()), Some(one.clone()));
        for bad in
            ["", "z-", "default", "z-../../../../../../../../etcc", "z-UPPERCASEUPPERCASEUPPERC", "z-a%2f"]
        {
            assert_eq!(DatabaseName::kept(bad), None, "{bad:?}");
        }
        assert!(check_segment("namespace", one.as_str()).is_ok(), "clients take it for a namespace");
    }
}
