//! Reads a key set (RFC 7517) and keeps of it what may sign tokens of the issuer's kind.

use std::collections::HashSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::error::KeyError;
use super::issuer::{IssuerKind, algorithm_name};

/// An issuer rotates among two or three; a set of hundreds is a mistake or an attack.
const KEYS_MAX: usize = 64;
const RSA_BITS_MIN: usize = 2048;
/// What the signature library takes at most.
const RSA_BITS_MAX: usize = 8192;
const P256_COORDINATE_BYTES: usize = 32;

/// A public key that may sign, and the one algorithm that it may sign by.
#[derive(Clone)]
pub(super) struct PublicKey {
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
    /// The numbers that make the key, to tell whether two keys of one id are one key.
    material: Vec<u8>,
}

/// Its name, not its numbers: they would fill a log and tell nobody anything.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl PublicKey {
    pub(super) fn is_same_key(&self, other: &PublicKey) -> bool {
        self.algorithm == other.algorithm && self.material == other.material
    }
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    public_use: Option<String>,
    key_ops: Option<Vec<String>>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The private parts of a key (RFC 7518, 6.2.2, 6.3.2, 6.4.1): of RSA, any of them tells all the others. A key
/// that shows one is everybody's.
const PRIVATE_PARTS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The usable keys of a set. Keys of other kinds are passed over, since an issuer may publish keys
/// for other purposes; a set that is ambiguous, too large or without a usable key is refused whole.
pub(super) fn read_set(bytes: &[u8], kind: IssuerKind) -> Result<Vec<PublicKey>, KeyError> {
    let set: RawSet = serde_json::from_slice(bytes).map_err(|_| KeyError::NotAKeySet)?;
    if set.keys.len() > KEYS_MAX {
        return Err(KeyError::TooManyKeys);
    }
    let mut ids = HashSet::new();
    let named = set.keys.iter().filter_map(|key| key.get("kid")).filter_map(Value::as_str);
    // Of all keys, also those not used: which one is meant must not depend on what one understands.
    if !named.into_iter().all(|id| ids.insert(id)) {
        return Err(KeyError::DuplicateKeyId);
    }
    let keys: Vec<PublicKey> = set.keys.iter().filter_map(|key| read_key(key, kind)).collect();
    if keys.is_empty() { Err(KeyError::NoUsableKey) } else { Ok(keys) }
}

fn read_key(value: &Value, kind: IssuerKind) -> Option<PublicKey> {
    let raw = RawKey::deserialize(value).ok()?;
    let signs = raw.public_use.as_deref().is_none_or(|public_use| public_use == "sig")
        && raw.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|one| one == "verify"));
    let shows = |part: &&str| value.get(*part).is_some_and(|part| !part.is_null());
    if !signs || PRIVATE_PARTS.iter().any(shows) || raw.kid.is_empty() {
        return None;
    }
    let (algorithm, key, material) = match raw.kty.as_str() {
        "RSA" => rsa(&raw)?,
        "EC" => p256(&raw)?,
        // Above all `oct`: a shared secret that everyone can read signs for everyone.
        _ => return None,
    };
    let agrees = raw.alg.as_deref().is_none_or(|named| named == algorithm_name(algorithm));
    if !agrees || !kind.algorithms().contains(&algorithm) {
        return None;
    }
    Some(PublicKey { id: raw.kid, algorithm, key, material })
}

fn rsa(raw: &RawKey) -> Option<(Algorithm, DecodingKey, Vec<u8>)> {
    let (n, e) = (number(raw.n.as_deref()?)?, number(raw.e.as_deref()?)?);
    let bits = n.len() * 8 - n.first()?.leading_zeros() as usize;
    // Small exponents have a history; larger ones than 32 bits only cost time.
    let exponent =
        e.iter().try_fold(0_u64, |sum, byte| (sum < 1 << 24).then_some(sum << 8 | u64::from(*byte)))?;
    let is_sound = (RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits)
        && n.last().is_some_and(|last| last % 2 == 1)
        && exponent >= 65_537
        && exponent % 2 == 1;
    let material = [n.as_slice(), b"/", e.as_slice()].concat();
    is_sound.then(|| (Algorithm::RS256, DecodingKey::from_rsa_raw_components(&n, &e), material))
}

/// A big-endian number without the zeros that some encoders put in front of it.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Some(bytes.get(zeros..)?.to_vec()).filter(|bytes| !bytes.is_empty())
}

fn p256(raw: &RawKey) -> Option<(Algorithm, DecodingKey, Vec<u8>)> {
    let coordinate = |text: &Option<String>| {
        let bytes = URL_SAFE_NO_PAD.decode(text.as_deref()?).ok()?;
        (bytes.len() == P256_COORDINATE_BYTES).then_some(bytes)
    };
    if raw.crv.as_deref() != Some("P-256") {
        return None;
    }
    // Uncompressed. A point that is not on the curve verifies nothing.
    let point = [&[4][..], &coordinate(&raw.x)?, &coordinate(&raw.y)?].concat();
    Some((Algorithm::ES256, DecodingKey::from_ec_der(&point), point))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa_key(bytes: usize) -> Value {
        json!({"kty": "RSA", "kid": "r", "n": URL_SAFE_NO_PAD.encode(vec![0xff; bytes]), "e": "AQAB"})
    }

    fn ec_key() -> Value {
        let coordinate = URL_SAFE_NO_PAD.encode([1; 32]);
        json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": coordinate, "y": coordinate})
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    fn usable(key: &Value, kind: IssuerKind) -> bool {
        let set = json!({ "keys": [key] }).to_string();
        match read_set(set.as_bytes(), kind) {
            Ok(keys) => keys.len() == 1,
            Err(error) => {
                assert_eq!(error, KeyError::NoUsableKey);
                false
            }
        }
    }

    #[test]
    fn keys_that_sign_for_the_kind_are_kept() {
        assert!(usable(&rsa_key(256), IssuerKind::Clerk));
        assert!(usable(&rsa_key(256), IssuerKind::Supabase));
        assert!(usable(&ec_key(), IssuerKind::Supabase));
        assert!(usable(&with(rsa_key(256), "use", json!("sig")), IssuerKind::Clerk));
        assert!(usable(&with(rsa_key(256), "key_ops", json!(["verify"])), IssuerKind::Clerk));
        assert!(usable(&with(rsa_key(256), "alg", json!("RS256")), IssuerKind::Clerk));
        assert!(usable(&with(rsa_key(256), "d", Value::Null), IssuerKind::Clerk), "it shows nothing");
    }

    #[test]
    fn keys_that_must_not_sign_are_dropped() {
        let even = [vec![0xff; 255], vec![0xfe]].concat();
        let padded = [vec![0; 128], vec![0xff; 128]].concat();
        let bad = [
            ec_key(),
            json!({"kty": "oct", "kid": "o", "k": "c2VjcmV0", "alg": "HS256"}),
            json!({"kty": "OKP", "crv": "Ed25519", "kid": "x", "x": URL_SAFE_NO_PAD.encode([1; 32])}),
            rsa_key(128),
            rsa_key(255),
            rsa_key(2048),
            with(rsa_key(256), "n", json!(URL_SAFE_NO_PAD.encode(even))),
            with(rsa_key(256), "n", json!(URL_SAFE_NO_PAD.encode(padded))),
            with(rsa_key(256), "n", json!("")),
            with(rsa_key(256), "n", json!("not base64url!")),
            with(rsa_key(256), "e", json!("Aw")),
            with(rsa_key(256), "e", json!("AQAC")),
            with(rsa_key(256), "e", json!("AQABAQABAQAB")),
            with(rsa_key(256), "use", json!("enc")),
            with(rsa_key(256), "key_ops", json!(["encrypt"])),
            with(rsa_key(256), "alg", json!("RS512")),
            with(rsa_key(256), "alg", json!("HS256")),
            with(rsa_key(256), "d", json!("AQAB")),
            with(rsa_key(256), "p", json!("AQAB")),
            with(rsa_key(256), "q", json!("AQAB")),
            with(rsa_key(256), "dp", json!("AQAB")),
            with(rsa_key(256), "dq", json!("AQAB")),
            with(rsa_key(256), "qi", json!("AQAB")),
            with(rsa_key(256), "oth", json!([])),
            with(rsa_key(256), "k", json!("AQAB")),
            with(rsa_key(256), "kid", json!("")),
            with(rsa_key(256), "kid", json!(7)),
            with(rsa_key(256), "kid", Value::Null),
            json!("RSA"),
        ];
        for bad in bad {
            assert!(!usable(&bad, IssuerKind::Clerk), "{bad} was kept");
        }
        for bad in [
            with(ec_key(), "crv", json!("P-384")),
            with(ec_key(), "x", json!("AQ")),
            with(ec_key(), "d", json!("AQ")),
        ] {
            assert!(!usable(&bad, IssuerKind::Supabase), "{bad} was kept");
        }
    }

    #[test]
    fn a_set_that_is_ambiguous_or_too_large_is_refused_whole() {
        let read = |keys: Value| read_set(json!({ "keys": keys }).to_string().as_bytes(), IssuerKind::Clerk);
        let oct = json!({"kty": "oct", "kid": "r", "k": "c2VjcmV0"});
        assert_eq!(read(json!([rsa_key(256), rsa_key(256)])).unwrap_err(), KeyError::DuplicateKeyId);
        assert_eq!(read(json!([rsa_key(256), oct])).unwrap_err(), KeyError::DuplicateKeyId);
        let many: Vec<Value> = (0..65).map(|id| with(rsa_key(256), "kid", json!(id.to_string()))).collect();
        assert_eq!(read(json!(many)).unwrap_err(), KeyError::TooManyKeys);
        assert_eq!(read(json!(many[..64])).unwrap().len(), 64);
        for bad in ["<html></html>", "{}", "[]", r#"{"keys": {}}"#, ""] {
            assert_eq!(read_set(bad.as_bytes(), IssuerKind::Clerk).unwrap_err(), KeyError::NotAKeySet);
        }
    }
}
