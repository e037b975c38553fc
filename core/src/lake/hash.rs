//! What content is called.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// blake3 in 64 lower-case hexadecimal digits: as a value and as a segment of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash(String);

impl ContentHash {
    pub fn of(bytes: &[u8]) -> ContentHash {
        ContentHash(blake3::hash(bytes).to_hex().to_string())
    }

    /// Of bytes that came in parts.
    pub fn of_parts(hasher: &blake3::Hasher) -> ContentHash {
        ContentHash(hasher.finalize().to_hex().to_string())
    }

    /// Of a file, which is read in bounded parts. Blocks.
    pub fn of_file(path: &Path) -> io::Result<ContentHash> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path)?)?;
        Ok(ContentHash::of_parts(&hasher))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = String;

    fn try_from(text: String) -> Result<ContentHash, String> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match text.len() == 64 && text.bytes().all(digit) {
            true => Ok(ContentHash(text)),
            false => Err(format!("{:?} is no hash", text.chars().take(80).collect::<String>())),
        }
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> String {
        hash.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
