//! The keys that tokens of one tenant's database are signed with. sqld checks the tokens of a database against keys
//! of that database's own, so a token of one opens no other, and taking a key away revokes what it signed at once.

use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Serialize};

use super::TenancyError;
use super::tenant::DatabaseName;
use crate::identity::service::Access;

/// SubjectPublicKeyInfo of an Ed25519 key is these bytes and the key (RFC 8410).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The signing keys of a database, the newest last: it signs, the others are still believed.
pub struct TenantKeys {
    keys: Vec<SecretBox<Vec<u8>>>,
}

/// As they are sealed: PKCS#8 in base64, the newest last.
#[derive(Serialize, Deserialize)]
struct Kept {
    keys: Vec<String>,
}

/// What a database's token says, in sqld's words. It names its database always: sqld takes one that names none for
/// all of them.
#[derive(Serialize)]
struct Claims<'a> {
    id: &'a str,
    a: Access,
    iat: u64,
    exp: u64,
}

/// What of a token says which database it is of.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// The database that a token says it is of. Nothing of it is believed yet.
pub(super) fn named_by(token: &str) -> Option<DatabaseName> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let named: Named = serde_json::from_slice(&claims).ok()?;
    DatabaseName::kept(&named.id)
}

impl TenantKeys {
    pub fn new() -> Result<TenantKeys, TenancyError> {
        Ok(TenantKeys { keys: vec![new_key()?] })
    }

    /// With another key that signs from now on. What the last one signed is believed until [`TenantKeys::newest`].
    pub fn rotated(mut self) -> Result<TenantKeys, TenancyError> {
        if let Some(last) = self.keys.pop() {
            self.keys = vec![last];
        }
        self.keys.push(new_key()?);
        Ok(self)
    }

    /// The newest alone: what others signed is believed no longer.
    pub fn newest(mut self) -> TenantKeys {
        if let Some(last) = self.keys.pop() {
            self.keys = vec![last];
        }
        self
    }

    /// As they are sealed.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let keys = self.keys.iter().map(|key| STANDARD.encode(key.expose_secret())).collect();
        serde_json::to_vec(&Kept { keys }).unwrap_or_default()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<TenantKeys> {
        let kept: Kept = serde_json::from_slice(bytes).ok()?;
        let keys: Option<Vec<_>> =
            kept.keys.iter().map(|key| Some(SecretBox::new(Box::new(STANDARD.decode(key).ok()?)))).collect();
        keys.filter(|keys| !keys.is_empty()).map(|keys| TenantKeys { keys })
    }

    /// The public halves in PEM, one after the other, as sqld reads several.
    pub fn public_pem(&self) -> Result<String, TenancyError> {
        self.keys.iter().map(pem_of).collect()
    }

    /// Whether one of the keys signed that token, for this database, and it has not ended.
    pub fn signed(&self, name: &DatabaseName, token: &str) -> bool {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 0;
        let is_by = |pem: String| -> Option<bool> {
            let key = DecodingKey::from_ed_pem(pem.as_bytes()).ok()?;
            let said = jsonwebtoken::decode::<Named>(token, &key, &validation).ok()?;
            Some(said.claims.id == name.as_str())
        };
        self.keys.iter().any(|key| pem_of(key).ok().and_then(is_by) == Some(true))
    }

    /// A token for that database alone, from `now` (seconds since 1970), and when it ends.
    pub fn mint(
        &self,
        name: &DatabaseName,
        access: Access,
        now: u64,
        lifetime: Duration,
    ) -> Result<(SecretString, u64), TenancyError> {
        let key = self.keys.last().ok_or(TenancyError::Key)?;
        let exp = now.saturating_add(lifetime.as_secs());
        let claims = Claims { id: name.as_str(), a: access, iat: now, exp };
        let key = EncodingKey::from_ed_der(key.expose_secret());
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key);
        Ok((token.map_err(|_| TenancyError::Key)?.into(), exp))
    }
}

fn pem_of(key: &SecretBox<Vec<u8>>) -> Result<String, TenancyError> {
    let pair = Ed25519KeyPair::from_pkcs8(key.expose_secret()).map_err(|_| TenancyError::Key)?;
    let der = [&SPKI_PREFIX, pair.public_key().as_ref()].concat();
    let key = STANDARD.encode(der);
    Ok(format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"))
}

fn new_key() -> Result<SecretBox<Vec<u8>>, TenancyError> {
    let pair = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8()).map_err(|_| TenancyError::Key)?;
    Ok(SecretBox::new(Box::new(pair.as_ref().to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_the_keys_of_the_database_that_it_names() {
        let (name, other) = (DatabaseName::random(), DatabaseName::random());
        let (keys, hour) = (TenantKeys::new().unwrap(), Duration::from_secs(3600));
        let now = super::super::now_s();
        let mint = |of: &DatabaseName, at| {
            let (token, _) = keys.mint(of, Access::ReadOnly, at, hour).unwrap();
            token.expose_secret().to_string()
        };
        let token = mint(&name, now);
        assert_eq!(named_by(&token), Some(name.clone()));
        assert!(keys.signed(&name, &token));
        assert!(
            !keys.signed(&other, &token) && !keys.signed(&name, &mint(&other, now)),
            "another database's"
        );
        assert!(!keys.signed(&name, &mint(&name, now - 7200)), "it has ended");
        assert!(!TenantKeys::new().unwrap().signed(&name, &token), "by other keys");
        let rotated = keys.rotated().unwrap();
        assert!(rotated.signed(&name, &token), "until they are taken back");
        assert!(!rotated.newest().signed(&name, &token));
        for bad in ["", "a.b.c", "a..b"] {
            assert_eq!(named_by(bad), None, "{bad:?}");
        }
    }
}
