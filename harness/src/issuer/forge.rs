//! Tokens that must be refused, made from the issuer's own keys: each is wrong in one way only.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::claims::{self, Person, Validity};
use super::draft::Draft;
use super::keys::SigningKey;

/// One way in which a token of Clerk's shape is wrong. The corpus in `fixtures/tokens` has many
/// more; these are for the spikes, which need them from an issuer that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    Expired,
    NotYetValid,
    IssuedInFuture,
    NeverExpires,
    LastsForYears,
    WrongSignature,
    /// Signed by another key under the right id.
    ForeignKey,
    UnknownKey,
    ForeignIssuer,
    AlgorithmNone,
    /// HS256 with the public key, which everyone knows, as the secret.
    KeyConfused,
    /// Brings the key that it was signed with.
    EmbeddedKey,
    CriticalExtension,
    ForeignAudience,
    /// Obtained by somebody else's application.
    ForeignClient,
    PendingSession,
    Impersonated,
    /// The subject would leave its folder.
    PathInSubject,
    /// Claims to be the user of the machine.
    LocalSubject,
    DuplicateClaim,
}

impl Forgery {
    pub const ALL: [Forgery; 20] = [
        Forgery::Expired,
        Forgery::NotYetValid,
        Forgery::IssuedInFuture,
        Forgery::NeverExpires,
        Forgery::LastsForYears,
        Forgery::WrongSignature,
        Forgery::ForeignKey,
        Forgery::UnknownKey,
        Forgery::ForeignIssuer,
        Forgery::AlgorithmNone,
        Forgery::KeyConfused,
        Forgery::EmbeddedKey,
        Forgery::CriticalExtension,
        Forgery::ForeignAudience,
        Forgery::ForeignClient,
        Forgery::PendingSession,
        Forgery::Impersonated,
        Forgery::PathInSubject,
        Forgery::LocalSubject,
        Forgery::DuplicateClaim,
    ];

    /// The reason that a verifier must give.
    pub fn reason(self) -> &'static str {
        match self {
            Forgery::Expired => "expired",
            Forgery::NotYetValid => "not_yet_valid",
            Forgery::IssuedInFuture => "issued_in_future",
            Forgery::NeverExpires => "claims",
            Forgery::LastsForYears => "too_long_lived",
            Forgery::WrongSignature | Forgery::ForeignKey => "signature",
            Forgery::UnknownKey => "unknown_key",
            Forgery::ForeignIssuer => "unknown_issuer",
            Forgery::AlgorithmNone | Forgery::KeyConfused => "algorithm",
            Forgery::EmbeddedKey => "header",
            Forgery::CriticalExtension => "critical_header",
            Forgery::ForeignAudience => "audience",
            Forgery::ForeignClient => "authorized_party",
            Forgery::PendingSession => "pending",
            Forgery::Impersonated => "impersonated",
            Forgery::PathInSubject | Forgery::LocalSubject => "subject",
            Forgery::DuplicateClaim => "malformed",
        }
    }

    /// Makes the token as of `now`, with the key that honest tokens are signed by.
    pub(super) fn make(self, issuer: &str, person: &Person, key: &SigningKey, now: u64) -> Result<String> {
        let claims = claims::clerk_v2(issuer, person, Validity::new(now, Duration::from_secs(60)));
        let draft = Draft::new(key, claims);
        let claim = |name: &str, value| draft.with_claim(name, Some(value))?.signed_by(key);
        match self {
            Forgery::Expired => claim("exp", json!(now.saturating_sub(3600))),
            Forgery::NotYetValid => claim("nbf", json!(now + 3600)),
            Forgery::IssuedInFuture => claim("iat", json!(now + 3600)),
            Forgery::NeverExpires => draft.with_claim("exp", None)?.signed_by(key),
            Forgery::LastsForYears => claim("exp", json!(now + 3 * 365 * 86_400)),
            Forgery::WrongSignature => {
                let other = draft.with_claim("sub", Some(json!("user_somebody_else")))?.signed_by(key)?;
                let signature = other.rsplit('.').next().unwrap_or_default();
                Ok(format!("{}.{signature}", draft.message()))
            }
            Forgery::ForeignKey => draft.signed_by(&SigningKey::rsa(key.id())?),
            Forgery::UnknownKey => draft.with_header("kid", Some(json!("ins_unknown")))?.signed_by(key),
            Forgery::ForeignIssuer => claim("iss", json!("https://clerk.example.com")),
            Forgery::AlgorithmNone => Ok(draft.with_header("alg", Some(json!("none")))?.unsigned()),
            Forgery::KeyConfused => draft
                .with_header("alg", Some(json!("HS256")))?
                .authenticated_by(key.public_pem()?.as_bytes(), "HS256"),
            Forgery::EmbeddedKey => {
                let own = SigningKey::rsa(key.id())?;
                draft.with_header("jwk", Some(own.public_jwk()))?.signed_by(&own)
            }
            Forgery::CriticalExtension => draft.with_header("crit", Some(json!(["x"])))?.signed_by(key),
            Forgery::ForeignAudience => claim("aud", json!("https://api.example.com")),
            Forgery::ForeignClient => claim("client_id", json!("client_of_somebody_else")),
            Forgery::PendingSession => claim("sts", json!("pending")),
            Forgery::Impersonated => claim("act", json!({"sub": "user_support"})),
            Forgery::PathInSubject => claim("sub", json!("../public")),
            Forgery::LocalSubject => claim("sub", json!("local")),
            Forgery::DuplicateClaim => {
                let mut draft = draft;
                let text = draft.claims.to_string();
                draft.claims_bytes = Some(format!("{{\"sub\":\"user_root\",{}", &text[1..]).into_bytes());
                draft.signed_by(key)
            }
        }
    }
}
