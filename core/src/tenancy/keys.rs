//! The keys that tokens of one tenant's database are signed with. sqld checks the tokens of a database against keys
//! of that database's own, so a token of one opens no other, and taking a key away revokes what it signed at once.

use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
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
        let mut pem = String::new();
        for key in &self.keys {
            let pair = Ed25519KeyPair::from_pkcs8(key.expose_secret()).map_err(|_| TenancyError::Key)?;
            let der = [&SPKI_PREFIX, pair.public_key().as_ref()].concat();
            pem +=
                &format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der));
        }
        Ok(pem)
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

fn new_key() -> Result<SecretBox<Vec<u8>>, TenancyError> {
    let pair = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8()).map_err(|_| TenancyError::Key)?;
    Ok(SecretBox::new(Box::new(pair.as_ref().to_vec())))
}
