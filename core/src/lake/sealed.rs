//! JSON whose first member is the hash of all that follows it, so that whatever is changed or missing
//! shows before anything is parsed.

use serde::Serialize;

const HEAD: &str = "{\n  \"checksum\": \"";
const AFTER: &str = "\",\n";
const HASH_CHARS: usize = 64;

/// Bytes that are not what their checksum says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not what its checksum says")]
pub struct Torn;

/// A struct of at least one member as sealed bytes.
pub fn seal(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let text = serde_json::to_string_pretty(value)?;
    // An object, printed over several lines: it opens with a brace and a line's end.
    Ok(seal_text(text.strip_prefix("{\n").unwrap_or(&text)))
}

/// Seals what follows the opening brace of an object.
pub fn seal_text(rest: &str) -> Vec<u8> {
    let hash = blake3::hash(rest.as_bytes()).to_hex();
    format!("{HEAD}{hash}{AFTER}{rest}").into_bytes()
}

/// The JSON that was sealed, whole and unchanged.
pub fn unseal(bytes: &[u8]) -> Result<Vec<u8>, Torn> {
    let rest = bytes.strip_prefix(HEAD.as_bytes()).ok_or(Torn)?;
    let (hash, rest) = rest.split_at_checked(HASH_CHARS).ok_or(Torn)?;
    let rest = rest.strip_prefix(AFTER.as_bytes()).ok_or(Torn)?;
    match hash == blake3::hash(rest).to_hex().as_bytes() {
        true => Ok([b"{", rest].concat()),
        false => Err(Torn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_truncation_and_every_flipped_bit_shows() {
        let value = serde_json::json!({ "name": "zwölf \"quoted\"", "list": [1, 2] });
        let bytes = seal(&value).unwrap();
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&unseal(&bytes).unwrap()).unwrap(), value);
        for length in 0..bytes.len() {
            assert_eq!(unseal(&bytes[..length]), Err(Torn), "{length}");
        }
        let mut flipped = bytes.clone();
        for position in 0..bytes.len() {
            for bit in 0..8 {
                flipped[position] ^= 1 << bit;
                assert_eq!(unseal(&flipped), Err(Torn), "{position}.{bit}");
                flipped[position] ^= 1 << bit;
            }
        }
        assert_eq!(unseal(&[bytes, b" ".to_vec()].concat()), Err(Torn));
    }
}
