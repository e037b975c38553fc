//! From a token to an identity, or to the reason why not.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::crypto;

use super::claims;
use super::error::{KeyError, TokenError};
use super::issuer::{IssuerConfig, algorithm_name};
use super::jwk::PublicKey;
use super::keys::KeySet;
use super::token::Token;
use super::{Identity, User};

/// Who a token stands for, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedUser {
    pub identity: Identity,
    /// The token's `iss`.
    pub issuer: String,
    /// Seconds since 1970. The identity counts until then, and not a moment of leeway longer.
    pub expires_at: u64,
    /// The role in the organisation, where the issuer names one, without Clerk's `org:`.
    pub role: Option<String>,
    /// The user's address, where the issuer names one: for people, never for what they may do.
    pub email: Option<String>,
}

/// Verifies the tokens of one issuer. One, because a subject is a user's whole name here: were two
/// issuers believed, the second could name the first one's users and open their private tier.
#[derive(Debug)]
pub struct Verifier {
    config: IssuerConfig,
    keys: KeySet,
}

impl Verifier {
    /// A verifier that asks the issuer for its keys, when the first token comes.
    pub fn new(config: IssuerConfig) -> Result<Verifier, KeyError> {
        let keys = KeySet::fetched(&config)?;
        Ok(Verifier::with_keys(config, keys))
    }

    /// A verifier with keys that are given: a fixed set, or one with limits of its own.
    pub fn with_keys(config: IssuerConfig, keys: KeySet) -> Verifier {
        Verifier { config, keys }
    }

    pub fn config(&self) -> &IssuerConfig {
        &self.config
    }

    /// Verifies a token by this machine's clock.
    pub async fn verify(&self, token: &str) -> Result<VerifiedUser, TokenError> {
        // A clock before 1970 makes every token one from the future.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.verify_at(token, now).await
    }

    /// Verifies a token as of `now`, in seconds since 1970. It may ask the issuer for keys; how
    /// often and for how long is bounded by [`super::KeyLimits`].
    pub async fn verify_at(&self, token: &str, now: u64) -> Result<VerifiedUser, TokenError> {
        let token = Token::parse(token)?;
        // Before the signature, only what decides whether to ask for the key at all.
        claims::check_issuer(&token.claims, &self.config)?;
        let allowed = self.config.kind.algorithms();
        if !allowed.iter().any(|algorithm| algorithm_name(*algorithm) == token.header.algorithm) {
            return Err(TokenError::Algorithm);
        }
        let key_id = token.header.key_id.as_deref().ok_or(TokenError::Header("it names no key"))?;
        let key = self.keys.key(key_id, now).await?;
        check_signature(&token, &key)?;
        let expires_at = claims::check_times(&token.claims, now)?;
        let user: User = claims::user(&token.claims, &self.config)?;
        Ok(VerifiedUser {
            issuer: self.config.issuer(),
            expires_at,
            role: user.role.clone(),
            email: claims::email(&token.claims),
            identity: Identity::User(user),
        })
    }
}

/// The one thing that `jsonwebtoken` does here: its own validation accepts too much. The key says
/// by which algorithm; the header may only agree.
fn check_signature(token: &Token<'_>, key: &PublicKey) -> Result<(), TokenError> {
    if algorithm_name(key.algorithm) != token.header.algorithm {
        return Err(TokenError::Algorithm);
    }
    match crypto::verify(token.signature, token.message, &key.key, key.algorithm) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(TokenError::Signature),
    }
}
