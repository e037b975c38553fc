//! A token before it is signed: right in every way, until somebody bends it.

use anyhow::{Context, Result, bail};
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::keys::{SigningKey, base64url};

/// Header and claims that can be changed in any way that a forger could think of.
#[derive(Clone)]
pub struct Draft {
    pub header: Value,
    pub claims: Value,
    /// In place of the header or the claims as JSON: what no JSON value can say.
    pub header_bytes: Option<Vec<u8>>,
    pub claims_bytes: Option<Vec<u8>>,
}

impl Draft {
    /// A draft whose header names a key as the issuers do.
    pub fn new(key: &SigningKey, claims: Value) -> Draft {
        let header = json!({"alg": key.algorithm(), "kid": key.id(), "typ": "JWT"});
        Draft { header, claims, header_bytes: None, claims_bytes: None }
    }

    /// The first two segments.
    pub fn message(&self) -> String {
        let text = |bytes: &Option<Vec<u8>>, value: &Value| {
            base64url(bytes.clone().unwrap_or_else(|| value.to_string().into_bytes()))
        };
        let header = text(&self.header_bytes, &self.header);
        format!("{header}.{}", text(&self.claims_bytes, &self.claims))
    }

    /// The token, signed by the key's own algorithm, whatever its header says.
    pub fn signed_by(&self, key: &SigningKey) -> Result<String> {
        self.signed_as(key, key.algorithm())
    }

    pub fn signed_as(&self, key: &SigningKey, algorithm: &str) -> Result<String> {
        let message = self.message();
        let signature = key.sign(algorithm, message.as_bytes())?;
        Ok(format!("{message}.{}", base64url(signature)))
    }

    /// The token with a MAC under a secret: what key confusion comes down to.
    pub fn authenticated_by(&self, secret: &[u8], algorithm: &str) -> Result<String> {
        let algorithm = match algorithm {
            "HS256" => hmac::HMAC_SHA256,
            "HS512" => hmac::HMAC_SHA512,
            other => bail!("no MAC is called {other}"),
        };
        let message = self.message();
        let tag = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
        Ok(format!("{message}.{}", base64url(tag.as_ref())))
    }

    /// The token without a signature.
    pub fn unsigned(&self) -> String {
        format!("{}.", self.message())
    }

    /// A copy with one claim set, or taken away.
    pub fn with_claim(&self, name: &str, value: Option<Value>) -> Result<Draft> {
        let mut draft = self.clone();
        set(&mut draft.claims, name, value)?;
        Ok(draft)
    }

    /// A copy with one header parameter set, or taken away.
    pub fn with_header(&self, name: &str, value: Option<Value>) -> Result<Draft> {
        let mut draft = self.clone();
        set(&mut draft.header, name, value)?;
        Ok(draft)
    }
}

fn set(object: &mut Value, name: &str, value: Option<Value>) -> Result<()> {
    let object = object.as_object_mut().context("change a token's part that is not an object")?;
    match value {
        Some(value) => object.insert(name.to_string(), value),
        None => object.remove(name),
    };
    Ok(())
}
