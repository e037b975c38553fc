//! Takes a token apart: three segments, a header, claims. Nothing here believes any of it yet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::error::TokenError;
use crate::json;

/// Far more than any issuer sends (a cookie holds 4 KiB), and little to parse.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
const KEY_ID_BYTES_MAX: usize = 256;

/// Headers that bring a key of their own or say where one is, as a fingerprint or as a whole. Keys
/// come from the issuer's key set alone; a token that offers one is an attempt, not a mistake.
const KEY_HEADERS: [&str; 6] = ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"];
/// Headers that change how the rest is to be read, which nothing here does.
const READING_HEADERS: [&str; 5] = ["zip", "enc", "b64", "cty", "epk"];

/// A token in its parts, syntactically right and otherwise unchecked.
pub(super) struct Token<'a> {
    /// What the signature is over: the first two segments and the dot between them.
    pub(super) message: &'a [u8],
    /// Still in base64url, as `jsonwebtoken` wants it, and canonical.
    pub(super) signature: &'a str,
    pub(super) header: Header,
    pub(super) claims: Map<String, Value>,
}

pub(super) struct Header {
    /// As the token says it; compared with what the issuer and the key allow.
    pub(super) algorithm: String,
    /// None where the token names no key: a project's own keys do not, and no user's token is so.
    pub(super) key_id: Option<String>,
}

impl<'a> Token<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Token<'a>, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLarge);
        }
        let mut segments = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (segments.next(), segments.next(), segments.next(), segments.next())
        else {
            return Err(TokenError::Malformed("it does not have three segments"));
        };
        let header = Header::read(&decode(header)?)?;
        let claims = json::object(&decode(payload)?).map_err(TokenError::Malformed)?;
        // An unsigned token is better named by the algorithm that it claims, so this may be empty.
        decode_any(signature)?;
        let message = &token.as_bytes()[..token.len() - signature.len() - 1];
        Ok(Token { message, signature, header, claims })
    }
}

/// One segment. The alphabet has no whitespace and no padding, and the engine refuses bits that
/// the bytes do not need, so that no two texts are one token.
fn decode(segment: &str) -> Result<Vec<u8>, TokenError> {
    match decode_any(segment)? {
        bytes if bytes.is_empty() => Err(TokenError::Malformed("a segment of it is empty")),
        bytes => Ok(bytes),
    }
}

fn decode_any(segment: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(segment).map_err(|_| TokenError::Malformed("a segment of it is not base64url"))
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Header, TokenError> {
        let header = json::object(bytes).map_err(TokenError::Header)?;
        if header.contains_key("crit") {
            return Err(TokenError::CriticalHeader);
        }
        if KEY_HEADERS.iter().any(|name| header.contains_key(*name)) {
            return Err(TokenError::Header("it brings a key or a certificate of its own"));
        }
        if READING_HEADERS.iter().any(|name| header.contains_key(*name)) {
            return Err(TokenError::Header("it is compressed, encrypted or nested"));
        }
        match header.get("typ") {
            None => {}
            Some(Value::String(kind)) if kind.eq_ignore_ascii_case("JWT") => {}
            Some(_) => return Err(TokenError::Header("its type is not JWT")),
        }
        let Some(Value::String(algorithm)) = header.get("alg") else {
            return Err(TokenError::Header("it names no algorithm"));
        };
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(key_id)) if key_id.len() <= KEY_ID_BYTES_MAX => Some(key_id.clone()),
            Some(_) => return Err(TokenError::Header("its key id is not a text of at most 256 bytes")),
        };
        Ok(Header { algorithm: algorithm.clone(), key_id })
    }
}
