//! What a service says about itself, and the databases that it opens to a user. The identity token
//! of an issuer opens no database: sqld takes tokens of another algorithm alone, so the service
//! exchanges the one for the others.
//!
//! Unknown fields are passed over, so that a service may say more than this version reads.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Identity;
use super::issuer::{IssuerConfig, IssuerKind};
use crate::http::{is_loopback, is_private, is_private_database};
use crate::package::check_segment;

/// Far more than any service sends.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Why what a service says is not acted upon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    #[error("the service names {0} that is neither on TLS nor on this machine; no token is sent there")]
    Insecure(&'static str),
    #[error(
        "the service offers a store that is no bucket (s3://…), nor a folder of its own machine (file:///…)"
    )]
    Store,
    #[error("the service offers a team's database of another organisation than the token's")]
    ForeignOrganisation,
    #[error("the service offers a database whose namespace is not 1 to 128 letters, digits and _ - . +")]
    Namespace,
    #[error("the service offers a database at an address that names no host, or more than a host and a path")]
    Address,
    #[error(
        "the service offers a database with a token that cannot be sent: it is empty, too long, or not plain text"
    )]
    Token,
    #[error(
        "the service offers a database with a token that has ended already; check this machine's clock, and ask \
         whoever runs the service"
    )]
    Ended,
}

/// `GET /.well-known/zenith`: who signs users in, and where their token is exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDocument {
    /// As in [`IssuerConfig::url`]: the address that keys are found under, not always the `iss`.
    pub issuer: Url,
    pub kind: IssuerKind,
    #[serde(default)]
    pub audience: Option<String>,
    /// As in [`IssuerConfig::authorized_parties`].
    #[serde(default)]
    pub authorized_parties: Vec<String>,
    pub exchange: Url,
}

impl ServiceDocument {
    /// Whether an identity token may be sent where the document says. To be asked first.
    pub fn check(&self) -> Result<(), ServiceError> {
        if !is_private(&self.issuer) {
            return Err(ServiceError::Insecure("an issuer"));
        }
        if !is_private(&self.exchange) {
            return Err(ServiceError::Insecure("an exchange"));
        }
        Ok(())
    }

    /// The issuer to believe, for who believes this document.
    pub fn issuer_config(&self) -> IssuerConfig {
        IssuerConfig {
            audience: self.audience.clone(),
            authorized_parties: self.authorized_parties.clone(),
            ..IssuerConfig::new(self.issuer.clone(), self.kind)
        }
    }
}

/// The answer to `POST /exchange` with an identity token as the bearer.
#[derive(Clone, Debug, Deserialize)]
pub struct ExchangeAnswer {
    pub databases: Vec<DatabaseGrant>,
    /// Where what members share lies, for who names no store of their own.
    #[serde(default)]
    pub store: Option<StoreOffer>,
}

/// A store that members are told to use. No key is in it: each has their own, as they have it for that store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreOffer {
    pub location: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
}

impl StoreOffer {
    /// A folder of this machine, for members on it.
    pub fn folder(path: &Path) -> StoreOffer {
        StoreOffer {
            location: format!("file://{}", path.display()),
            endpoint: None,
            region: None,
            style: None,
        }
    }

    /// Whether a service at that address may offer it: a bucket always, a folder only where the service is on this very
    /// machine, since another could name any folder of a member's.
    pub fn check(&self, service: &Url) -> Result<(), ServiceError> {
        let is_folder_here = self.location.starts_with("file:///") && is_loopback(service);
        if self.location.starts_with("s3://") || is_folder_here { Ok(()) } else { Err(ServiceError::Store) }
    }
}

/// One database, and the token that opens it.
#[derive(Clone, Debug, Deserialize)]
pub struct DatabaseGrant {
    pub role: GrantRole,
    /// Whose the team's database is.
    #[serde(default)]
    pub organisation: Option<String>,
    pub url: Url,
    /// The namespace, on a server that has several.
    #[serde(default)]
    pub namespace: Option<String>,
    pub token: SecretString,
    pub access: Access,
    /// Seconds since 1970.
    pub expires_at: u64,
}

impl DatabaseGrant {
    /// Whether the grant is one that this identity may act upon, `now` being in seconds since 1970. To be
    /// asked before the database is opened or its namespace used in a path.
    pub fn check(&self, identity: &Identity, now: u64) -> Result<(), ServiceError> {
        if !is_private_database(&self.url) {
            return Err(ServiceError::Insecure("a database"));
        }
        let has_host = self.url.host_str().is_some_and(|host| !host.is_empty());
        if !has_host || has_extras(&self.url) {
            return Err(ServiceError::Address);
        }
        // It is sent in a header, on a line of its own.
        let token = self.token.expose_secret();
        if !(1..=TOKEN_BYTES_MAX).contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(ServiceError::Token);
        }
        if self.expires_at <= now {
            return Err(ServiceError::Ended);
        }
        let is_team = self.role == GrantRole::Team;
        let is_own_team =
            self.organisation.is_some() && self.organisation.as_deref() == identity.organisation();
        if is_team && !is_own_team {
            return Err(ServiceError::ForeignOrganisation);
        }
        match &self.namespace {
            Some(namespace) if check_segment("namespace", namespace).is_err() => Err(ServiceError::Namespace),
            _ => Ok(()),
        }
    }
}

/// What no address of a database has, and what could hide where it leads.
fn has_extras(url: &Url) -> bool {
    !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
}

/// Which part of the federation a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GrantRole {
    Global,
    Team,
    Own,
    Workspace,
    /// One that a later version of a service hands out: it is passed over.
    #[serde(other)]
    Later,
}

/// What a database's token allows, in sqld's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Access {
    #[serde(rename = "ro")]
    ReadOnly,
    #[serde(rename = "rw")]
    ReadWrite,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    #[test]
    fn what_a_later_version_adds_is_passed_over() {
        let answer: ExchangeAnswer = serde_json::from_str(
            r#"{"databases": [{"role": "own", "url": "http://x.localhost:1", "namespace": "n", "token": "t0p-secret",
                "access": "rw", "expires_at": 5, "region": "fra"}], "quota": 1}"#,
        )
        .unwrap();
        let grant = &answer.databases[0];
        assert_eq!(
            (grant.role, grant.access, &grant.organisation),
            (GrantRole::Own, Access::ReadWrite, &None)
        );
        assert!(!format!("{answer:?}").contains("t0p-secret"));

        let document: ServiceDocument = serde_json::from_str(
            r#"{"issuer": "https://a.example", "kind": "supabase", "exchange": "https://b.example/exchange", "x": 1}"#,
        )
        .unwrap();
        assert_eq!(document.issuer_config().issuer(), "https://a.example/auth/v1");
    }
    #[test]
    fn no_token_is_sent_in_the_plain() {
        let document = |issuer: &str, exchange: &str| ServiceDocument {
            issuer: issuer.parse().unwrap(),
            kind: IssuerKind::Clerk,
            audience: None,
            authorized_parties: Vec::new(),
            exchange: exchange.parse().unwrap(),
        };
        assert_eq!(document("https://a.example", "https://b.example/exchange").check(), Ok(()));
        assert_eq!(document("http://127.0.0.1:1/clerk", "http://localhost:2/exchange").check(), Ok(()));
        let error = document("http://a.example", "https://b.example/exchange").check().unwrap_err();
        assert_eq!(error, ServiceError::Insecure("an issuer"));
        for bad in ["http://b.example/exchange", "ftp://b.example", "libsql://b.example"] {
            let error = document("https://a.example", bad).check().unwrap_err();
            assert_eq!(error, ServiceError::Insecure("an exchange"), "{bad}");
        }
    }

    #[test]
    fn a_grant_is_checked_against_the_identity() {
        let grant = |role, organisation: Option<&str>, url: &str, namespace: Option<&str>| DatabaseGrant {
            role,
            organisation: organisation.map(str::to_string),
            url: url.parse().unwrap(),
            namespace: namespace.map(str::to_string),
            token: "t".into(),
            access: Access::ReadOnly,
            expires_at: NOW + 1,
        };
        let (alone, member) =
            (Identity::user("ada", None).unwrap(), Identity::user("ada", Some("org_a".to_string())).unwrap());
        let check = |grant: DatabaseGrant, identity| grant.check(identity, NOW);
        use GrantRole::{Global, Team};
        assert_eq!(check(grant(Global, None, "libsql://a.example", None), &alone), Ok(()));
        assert_eq!(check(grant(Team, Some("org_a"), "http://t.localhost:1", Some("t")), &member), Ok(()));
        let foreign = Err(ServiceError::ForeignOrganisation);
        assert_eq!(check(grant(Team, Some("org_b"), "https://a.example", None), &member), foreign);
        assert_eq!(check(grant(Team, Some("org_b"), "https://a.example", None), &alone), foreign);
        assert_eq!(check(grant(Team, None, "https://a.example", None), &alone), foreign);
        let insecure = Err(ServiceError::Insecure("a database"));
        assert_eq!(check(grant(Global, None, "http://a.example", None), &alone), insecure);
        let namespace = Err(ServiceError::Namespace);
        assert_eq!(check(grant(Global, None, "https://a.example", Some("../x")), &alone), namespace);
        for bad in [
            "libsql:/nowhere",
            "libsql:nowhere",
            "libsql:///nowhere",
            "https://user@a.example",
            "https://:secret@a.example",
            "libsql://a.example?tls=0",
            "https://a.example/#x",
        ] {
            assert_eq!(check(grant(Global, None, bad, None), &alone), Err(ServiceError::Address), "{bad}");
        }
        assert_eq!(check(grant(Global, None, "https://a.example/sub/path", None), &alone), Ok(()));
        let long = "t".repeat(TOKEN_BYTES_MAX + 1);
        for bad in ["", " ", "a\rb", "a\nb", "a\r\nX-Other: b", "a b", "a\0b", "\u{e9}", "t\n", &long] {
            let grant = DatabaseGrant { token: bad.into(), ..grant(Global, None, "https://a.example", None) };
            assert_eq!(check(grant, &alone), Err(ServiceError::Token), "{bad:?}");
        }
        for ended in [0, 1, NOW - 1, NOW] {
            let grant = DatabaseGrant { expires_at: ended, ..grant(Global, None, "https://a.example", None) };
            assert_eq!(check(grant, &alone), Err(ServiceError::Ended), "{ended}");
        }
    }

    #[test]
    fn the_document_says_which_applications_may_sign_users_in() {
        let read = |parties: &str| {
            let text = format!(
                r#"{{"issuer": "https://a.example", "kind": "clerk", "exchange": "https://b.example"{parties}}}"#
            );
            serde_json::from_str::<ServiceDocument>(&text).map(|document| document.issuer_config())
        };
        let named = read(r#", "authorized_parties": ["https://app.example"]"#).unwrap();
        assert_eq!(named.authorized_parties, ["https://app.example"]);
        assert!(read("").unwrap().authorized_parties.is_empty());
        for bad in ["\"https://app.example\"", "[1]", "{}", "null"] {
            assert!(read(&format!(", \"authorized_parties\": {bad}")).is_err(), "{bad}");
        }
    }
}
