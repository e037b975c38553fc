//! Why a token was refused or a key set is missing, in words that are safe to show and to log.

use crate::http::Unreached;

/// Why there is no key set, or no new one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the issuer's address is not usable: {0}")]
    Address(&'static str),
    #[error("the issuer's key set could not be fetched: {0}")]
    Unreached(Unreached),
    #[error("the issuer did not send its key set in time")]
    Deadline,
    #[error("the issuer answered with status {0} in place of its key set")]
    Status(u16),
    #[error("the issuer's key set is larger than 256 KiB")]
    TooLarge,
    #[error("the issuer answered with something other than a key set")]
    NotAKeySet,
    #[error("the issuer's key set holds more than 64 keys")]
    TooManyKeys,
    #[error("the issuer's key set holds two keys of one id")]
    DuplicateKeyId,
    #[error("the issuer's key set has another key under the id of one that is known")]
    ChangedKey,
    #[error("the issuer's key set holds no key that its tokens may be signed with")]
    NoUsableKey,
    #[error("the issuer was asked for its key set a moment ago, in vain")]
    AskedLately,
}

/// Why a token was refused. No message holds anything of the token: it may be somebody's key to
/// their private code, or text made to hurt whoever reads the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token was not read: it is larger than 16 KiB")]
    TooLarge,
    #[error("the token could not be read: {0}")]
    Malformed(&'static str),
    #[error("the token's header is refused: {0}")]
    Header(&'static str),
    #[error("the token demands an extension (`crit`) that is not understood here")]
    CriticalHeader,
    #[error("the token's claims are refused: {0}")]
    Claims(&'static str),
    #[error("the token is not from the configured issuer; sign in there: {expected}")]
    UnknownIssuer {
        /// The `iss` that a token would need.
        expected: String,
    },
    #[error("the token is signed by an algorithm that its issuer does not use")]
    Algorithm,
    #[error("the token's key is not among its issuer's keys; sign in again")]
    UnknownKey,
    #[error("the token could not be checked: its issuer's keys are not available")]
    KeysUnavailable(#[source] KeyError),
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token has expired; sign in again")]
    Expired,
    #[error("the token is not valid yet; check this machine's clock")]
    NotYetValid,
    #[error("the token was issued in the future; check this machine's clock")]
    IssuedInFuture,
    #[error("the token lasts too long; ask its issuer for one that lasts at most 31 days")]
    TooLongLived,
    #[error("the token is meant for another audience")]
    Audience,
    #[error("the token was made for an application that is not among the authorized parties")]
    AuthorizedParty,
    #[error("the session is pending: finish what the issuer asks for (such as choosing an organisation)")]
    Pending,
    #[error("the token lets somebody act in the user's place, which private code does not allow")]
    Impersonated,
    #[error("the token does not stand for a user: {0}")]
    NotAUser(&'static str),
    #[error("the token's subject is refused: {0}")]
    Subject(&'static str),
    #[error("the token's organisation is refused: {0}")]
    Organisation(&'static str),
}

impl TokenError {
    /// A stable code: what the corpus of bad tokens, logs and other programs compare.
    pub fn reason(&self) -> &'static str {
        match self {
            TokenError::TooLarge => "too_large",
            TokenError::Malformed(_) => "malformed",
            TokenError::Header(_) => "header",
            TokenError::CriticalHeader => "critical_header",
            TokenError::Claims(_) => "claims",
            TokenError::UnknownIssuer { .. } => "unknown_issuer",
            TokenError::Algorithm => "algorithm",
            TokenError::UnknownKey => "unknown_key",
            TokenError::KeysUnavailable(_) => "keys_unavailable",
            TokenError::Signature => "signature",
            TokenError::Expired => "expired",
            TokenError::NotYetValid => "not_yet_valid",
            TokenError::IssuedInFuture => "issued_in_future",
            TokenError::TooLongLived => "too_long_lived",
            TokenError::Audience => "audience",
            TokenError::AuthorizedParty => "authorized_party",
            TokenError::Pending => "pending",
            TokenError::Impersonated => "impersonated",
            TokenError::NotAUser(_) => "not_a_user",
            TokenError::Subject(_) => "subject",
            TokenError::Organisation(_) => "organisation",
        }
    }
}
