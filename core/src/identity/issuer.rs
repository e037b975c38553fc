//! Whose tokens are believed, and what kind of tokens those are.

use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};
use url::Url;

use super::error::KeyError;
use crate::http::is_private;

/// Whose tokens are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerConfig {
    /// Clerk: the Frontend API (`https://clerk.example.com`), which is the `iss` of its tokens.
    /// Supabase: the project (`https://ref.supabase.co`), whose tokens say `{url}/auth/v1`.
    pub url: Url,
    pub kind: IssuerKind,
    /// What `aud` must say; on Supabase in addition to `authenticated`. Whoever else it names could have
    /// handed the token on, so that such a one is refused.
    pub audience: Option<String>,
    /// Which applications may sign users in: the origins that Clerk's `azp` may name, where any are listed,
    /// and the OAuth clients (`client_id`), of which none may that is not.
    pub authorized_parties: Vec<String>,
}

/// The shapes of tokens that are understood. Each pins its algorithms: what a token says of itself
/// never chooses how it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IssuerKind {
    /// Session tokens of versions 1 and 2, RS256.
    Clerk,
    /// Access tokens of Supabase Auth, ES256 or RS256.
    Supabase,
}

impl IssuerKind {
    /// The algorithms that tokens and keys of this kind may name.
    pub(super) fn algorithms(self) -> &'static [Algorithm] {
        match self {
            IssuerKind::Clerk => &[Algorithm::RS256],
            IssuerKind::Supabase => &[Algorithm::ES256, Algorithm::RS256],
        }
    }
}

/// An algorithm as tokens and keys write it.
pub(super) fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => "RS256",
        Algorithm::ES256 => "ES256",
        // No kind of issuer uses another, and nobody can write this one.
        _ => "\0",
    }
}

impl IssuerConfig {
    /// An issuer whose tokens need no audience and may come from any of its applications.
    pub fn new(url: Url, kind: IssuerKind) -> IssuerConfig {
        IssuerConfig { url, kind, audience: None, authorized_parties: Vec::new() }
    }

    /// The `iss` of its tokens, compared byte by byte.
    pub fn issuer(&self) -> String {
        let base = self.url.as_str().trim_end_matches('/');
        match self.kind {
            IssuerKind::Clerk => base.to_string(),
            IssuerKind::Supabase => format!("{base}/auth/v1"),
        }
    }

    /// Where its public keys are. It must be reached over TLS, or on this machine: whoever can
    /// change the answer on its way can sign as anyone.
    pub(super) fn key_set_url(&self) -> Result<Url, KeyError> {
        let plain = self.url.username().is_empty()
            && self.url.password().is_none()
            && self.url.query().is_none()
            && self.url.fragment().is_none();
        if !plain {
            return Err(KeyError::Address("it must not hold a user, a query or a fragment"));
        }
        if !is_private(&self.url) {
            return Err(KeyError::Address("it must be https, unless it is on this machine"));
        }
        Url::parse(&format!("{}/.well-known/jwks.json", self.issuer()))
            .map_err(|_| KeyError::Address("it is not a URL that keys can be found under"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(url: &str, kind: IssuerKind) -> IssuerConfig {
        IssuerConfig::new(Url::parse(url).unwrap(), kind)
    }

    #[test]
    fn keys_are_beside_the_issuer() {
        let clerk = issuer("https://clerk.example.com/", IssuerKind::Clerk);
        assert_eq!(clerk.issuer(), "https://clerk.example.com");
        let keys = clerk.key_set_url().unwrap();
        assert_eq!(keys.as_str(), "https://clerk.example.com/.well-known/jwks.json");

        let supabase = issuer("https://ref.supabase.co", IssuerKind::Supabase);
        assert_eq!(supabase.issuer(), "https://ref.supabase.co/auth/v1");
        let keys = supabase.key_set_url().unwrap();
        assert_eq!(keys.as_str(), "https://ref.supabase.co/auth/v1/.well-known/jwks.json");
    }

    #[test]
    fn keys_are_asked_for_over_tls_or_on_this_machine() {
        for good in ["https://a.example", "http://127.0.0.1:80/x", "http://[::1]:1", "http://a.localhost"] {
            assert!(issuer(good, IssuerKind::Clerk).key_set_url().is_ok(), "{good} was refused");
        }
        let bad = [
            "http://a.example",
            "http://127.0.0.1.a.example",
            "http://localhost.a.example",
            "ftp://localhost",
            "https://user@a.example",
            "https://a.example/?x=1",
            "https://a.example/#x",
        ];
        for bad in bad {
            assert!(issuer(bad, IssuerKind::Clerk).key_set_url().is_err(), "{bad} was accepted");
        }
    }
}
