//! The lab's own keys. They are made when it starts and never leave it.

use anyhow::{Context, Result, bail};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// SPKI of an Ed25519 key is these bytes and the key (RFC 8410).
const ED25519_SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A private key under an id.
pub struct SigningKey {
    id: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// RSA of 2048 bits, as Clerk signs.
    pub fn rsa(id: impl Into<String>) -> Result<SigningKey> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).context("make an RSA key")?;
        Ok(SigningKey { id: id.into(), pair: Pair::Rsa(pair) })
    }

    /// P-256, as Supabase signs.
    pub fn p256(id: impl Into<String>) -> Result<SigningKey> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).context("make a P-256 key")?;
        Ok(SigningKey { id: id.into(), pair: Pair::P256(pair) })
    }

    /// Ed25519, the one kind that sqld checks.
    pub fn ed25519(id: impl Into<String>) -> Result<SigningKey> {
        let pair = Ed25519KeyPair::generate().context("make an Ed25519 key")?;
        Ok(SigningKey { id: id.into(), pair: Pair::Ed25519(pair) })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// The algorithm that an honest token of this key names.
    pub fn algorithm(&self) -> &'static str {
        match &self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
            Pair::Ed25519(_) => "EdDSA",
        }
    }

    /// Signs by an algorithm that the key is capable of.
    pub fn sign(&self, algorithm: &str, message: &[u8]) -> Result<Vec<u8>> {
        let random = SystemRandom::new();
        match (&self.pair, algorithm) {
            (Pair::Rsa(pair), _) => {
                let encoding = match algorithm {
                    "RS256" => &signature::RSA_PKCS1_SHA256,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    "PS256" => &signature::RSA_PSS_SHA256,
                    other => bail!("an RSA key does not sign by {other}"),
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature).context("sign with an RSA key")?;
                Ok(signature)
            }
            (Pair::P256(pair), "ES256") => {
                Ok(pair.sign(&random, message).context("sign with a P-256 key")?.as_ref().to_vec())
            }
            (Pair::Ed25519(pair), "EdDSA") => Ok(pair.sign(message).as_ref().to_vec()),
            (_, other) => bail!("a key for {} does not sign by {other}", self.algorithm()),
        }
    }

    /// The public half as a member of a key set.
    pub fn public_jwk(&self) -> Value {
        let mut key = match &self.pair {
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": base64url(&public.n), "e": base64url(&public.e)})
            }
            Pair::P256(pair) => {
                // Uncompressed: a 4, then both coordinates.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)})
            }
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref())})
            }
        };
        key["kid"] = json!(self.id);
        key["use"] = json!("sig");
        key["alg"] = json!(self.algorithm());
        key
    }

    /// The public half as SubjectPublicKeyInfo, in DER.
    pub fn public_der(&self) -> Result<Vec<u8>> {
        let of = |der: PublicKeyX509Der<'_>| der.as_ref().to_vec();
        Ok(match &self.pair {
            Pair::Rsa(pair) => of(pair.public_key().as_der().context("encode an RSA key")?),
            Pair::P256(pair) => of(pair.public_key().as_der().context("encode a P-256 key")?),
            Pair::Ed25519(pair) => [&ED25519_SPKI_PREFIX, pair.public_key().as_ref()].concat(),
        })
    }

    /// The same in PEM.
    pub fn public_pem(&self) -> Result<String> {
        let text = STANDARD.encode(self.public_der()?);
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_string();
        for start in (0..text.len()).step_by(64) {
            pem.push_str(&text[start..text.len().min(start + 64)]);
            pem.push('\n');
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        Ok(pem)
    }
}

/// Base64url without padding, as everything in a token is.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
