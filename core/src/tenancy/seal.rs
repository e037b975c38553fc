//! Secrets at rest: each tenant's are sealed under a key of its own (DEK), and that under the service's (KEK).
//!
//! AES-256-GCM-SIV with random nonces, which a repeated nonce does not break. What is sealed is bound to its cell
//! (user, database, generation, column), so that one copied into another row does not open. Another KEK re-wraps the
//! DEKs alone; erasing a tenant destroys its DEK, and with it every copy of what it sealed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::private::write_private;

/// The first byte of whatever is sealed.
const FORMAT: u8 = 1;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// What does not seal or open. Nothing of what is inside can be in it.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error(
        "a secret of the registry does not open: it was changed, moved to another row, or sealed by another key"
    )]
    Open,
    #[error("a secret of the registry was sealed by key {0}, which this service does not have")]
    NoKey(u32),
    #[error("{from} is no key: it is 32 bytes in base64, as `openssl rand -base64 32` makes them")]
    NotAKey { from: String },
    #[error(
        "the service's key {path} is not there, and members' secrets are sealed with it: bring that file back, or name \
         its contents in ZENITH_TENANCY_KEY; nothing was changed"
    )]
    NoFile { path: String },
    #[error("the service's key {path} cannot be read or written: {source}")]
    File { path: String, source: std::io::Error },
    #[error("the system gives no random bytes")]
    Random,
}

/// Where a secret lies. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    pub user_id: &'a str,
    pub database: &'a str,
    pub generation: u64,
    pub column: &'a str,
}

impl Cell<'_> {
    /// Length-prefixed, so that no two cells are written alike.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        for part in [self.user_id, self.database, &self.generation.to_string(), self.column] {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

/// 32 bytes that are never shown.
pub struct Key(SecretBox<[u8; KEY_BYTES]>);

impl Key {
    pub fn random() -> Result<Key, SealError> {
        let mut bytes = [0; KEY_BYTES];
        rand::fill(&mut bytes).map_err(|_| SealError::Random)?;
        Ok(Key(SecretBox::new(Box::new(bytes))))
    }

    fn from_base64(text: &str) -> Option<Key> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        Some(Key(SecretBox::new(Box::new(bytes.try_into().ok()?))))
    }

    fn to_base64(&self) -> SecretString {
        STANDARD.encode(self.0.expose_secret()).into()
    }

    /// Seals a secret for its cell, in base64.
    pub fn seal(&self, cell: Cell<'_>, secret: &[u8]) -> Result<String, SealError> {
        let mut bytes = secret.to_vec();
        let nonce = self
            .aead()?
            .seal_in_place_append_tag(Aad::from(cell.bytes()), &mut bytes)
            .map_err(|_| SealError::Random)?;
        let mut sealed = vec![FORMAT];
        sealed.extend(nonce.as_ref());
        sealed.append(&mut bytes);
        Ok(STANDARD.encode(sealed))
    }

    /// What was sealed for that very cell by this key.
    pub fn open(&self, cell: Cell<'_>, sealed: &str) -> Result<SecretBox<Vec<u8>>, SealError> {
        let mut bytes = STANDARD.decode(sealed).map_err(|_| SealError::Open)?;
        let nonce: [u8; NONCE_BYTES] =
            bytes.get(1..=NONCE_BYTES).and_then(|nonce| nonce.try_into().ok()).ok_or(SealError::Open)?;
        if bytes.first() != Some(&FORMAT) {
            return Err(SealError::Open);
        }
        let mut inside = bytes.split_off(1 + NONCE_BYTES);
        let opened = self
            .aead()?
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(cell.bytes()), &mut inside)
            .map_err(|_| SealError::Open)?
            .len();
        inside.truncate(opened);
        Ok(SecretBox::new(Box::new(inside)))
    }

    fn aead(&self) -> Result<RandomizedNonceKey, SealError> {
        RandomizedNonceKey::new(&AES_256_GCM_SIV, self.0.expose_secret()).map_err(|_| SealError::Open)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Stands in place of a key that nothing is under any more, so that the others keep their numbers.
const GONE: &str = "-";

/// The service's keys, by number: the last one seals, the others still open.
#[derive(Debug)]
pub struct KeyRing {
    keys: BTreeMap<u32, Key>,
}

impl KeyRing {
    /// The keys of the setting where there is one, else of a file that its owner alone can read. Each is a line, the first
    /// the oldest.
    pub fn load(setting: Option<&SecretString>, file: &Path) -> Result<KeyRing, SealError> {
        if let Some(setting) = setting {
            return KeyRing::of_lines(setting.expose_secret(), "ZENITH_TENANCY_KEY");
        }
        let failed = |source| SealError::File { path: file.display().to_string(), source };
        match std::fs::read_to_string(file) {
            Ok(text) => {
                KeyRing::of_lines(SecretString::from(text).expose_secret(), &file.display().to_string())
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(SealError::NoFile { path: file.display().to_string() })
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// The same for who begins: the file is made where it is not there. Only where nothing is sealed yet.
    pub fn load_or_make(setting: Option<&SecretString>, file: &Path) -> Result<KeyRing, SealError> {
        match KeyRing::load(setting, file) {
            Err(SealError::NoFile { path }) => {
                let ring = KeyRing::fresh()?;
                let line = ring.keys.first_key_value().map(|(_, key)| key.to_base64()).unwrap_or_default();
                let written = write_private(file, format!("{}\n", line.expose_secret()).as_bytes());
                written.map_err(|source| SealError::File { path, source })?;
                Ok(ring)
            }
            loaded => loaded,
        }
    }

    /// A new key that is kept nowhere: for who looks after tenants where there are none yet.
    pub fn fresh() -> Result<KeyRing, SealError> {
        Ok(KeyRing { keys: BTreeMap::from([(1, Key::random()?)]) })
    }

    fn of_lines(text: &str, from: &str) -> Result<KeyRing, SealError> {
        let lines = text.split_whitespace().zip(1..).filter(|(line, _)| *line != GONE);
        let keys: Option<BTreeMap<u32, Key>> =
            lines.map(|(line, version)| Some((version, Key::from_base64(line)?))).collect();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(KeyRing { keys }),
            _ => Err(SealError::NotAKey { from: from.to_string() }),
        }
    }

    /// Adds a new key to a file's: it seals for whoever reads the file from now on.
    pub fn add_to(file: &Path) -> Result<(), SealError> {
        KeyRing::rewrite(file, |lines| {
            lines.push(Key::random()?.to_base64());
            Ok(())
        })
    }

    /// Takes keys out of a file. The others keep their numbers.
    pub fn take_out_of(file: &Path, unused: &[u32]) -> Result<(), SealError> {
        KeyRing::rewrite(file, |lines| {
            let gone = lines.iter_mut().zip(1..).filter(|(_, number)| unused.contains(number));
            gone.for_each(|(line, _)| *line = SecretString::from(GONE));
            Ok(())
        })
    }

    fn rewrite(
        file: &Path,
        change: impl FnOnce(&mut Vec<SecretString>) -> Result<(), SealError>,
    ) -> Result<(), SealError> {
        let failed = |source| SealError::File { path: file.display().to_string(), source };
        let text = SecretString::from(std::fs::read_to_string(file).map_err(failed)?);
        let mut lines = text.expose_secret().split_whitespace().map(SecretString::from).collect();
        change(&mut lines)?;
        let lines: Vec<&str> = lines.iter().map(|line| line.expose_secret()).collect();
        let text = SecretString::from(lines.join("\n") + "\n");
        // What cannot be read back is not written.
        KeyRing::of_lines(text.expose_secret(), &file.display().to_string())?;
        write_private(file, text.expose_secret().as_bytes()).map_err(failed)
    }

    /// The numbers of all keys.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.keys.keys().copied()
    }

    /// The number of the key that seals.
    pub fn current(&self) -> u32 {
        self.keys.last_key_value().map_or(0, |(version, _)| *version)
    }

    /// A tenant's key, sealed under the current one.
    pub fn wrap(&self, cell: Cell<'_>, dek: &Key) -> Result<(u32, String), SealError> {
        let (version, key) = self.keys.last_key_value().ok_or(SealError::NoKey(0))?;
        Ok((*version, key.seal(cell, dek.0.expose_secret())?))
    }

    /// A tenant's key.
    pub fn unwrap(&self, cell: Cell<'_>, version: u32, wrapped: &str) -> Result<Key, SealError> {
        let key = self.keys.get(&version).ok_or(SealError::NoKey(version))?;
        let opened = key.open(cell, wrapped)?;
        let bytes: [u8; KEY_BYTES] =
            opened.expose_secret().as_slice().try_into().map_err(|_| SealError::Open)?;
        Ok(Key(SecretBox::new(Box::new(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: Cell<'_> = Cell { user_id: "ada", database: "z-a", generation: 1, column: "db_token" };

    #[test]
    fn what_is_sealed_opens_in_its_cell_alone() {
        let key = Key::random().unwrap();
        let sealed = key.seal(CELL, b"s3cret").unwrap();
        assert_eq!(key.open(CELL, &sealed).unwrap().expose_secret(), b"s3cret");
        for other in [
            Cell { user_id: "eve", ..CELL },
            Cell { database: "z-b", ..CELL },
            Cell { generation: 2, ..CELL },
            Cell { column: "dek", ..CELL },
            Cell { user_id: "adaz-", database: "a", ..CELL },
        ] {
            assert!(matches!(key.open(other, &sealed), Err(SealError::Open)), "{other:?}");
        }
        assert!(Key::random().unwrap().open(CELL, &sealed).is_err());
        for bad in ["", "AQ==", "%", &sealed[..sealed.len() - 4]] {
            assert!(key.open(CELL, bad).is_err(), "{bad:?}");
        }
        let shown = format!("{key:?} {:?}", KeyRing { keys: BTreeMap::from([(1, Key::random().unwrap())]) });
        assert!(!shown.contains("s3cret") && shown.contains("Key(..)"), "{shown}");
    }

    #[test]
    fn no_two_seals_are_alike() {
        let key = Key::random().unwrap();
        assert_ne!(key.seal(CELL, b"s3cret").unwrap(), key.seal(CELL, b"s3cret").unwrap());
    }

    #[test]
    fn another_key_of_the_service_reads_what_the_first_wrapped() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kek");
        assert!(matches!(KeyRing::load(None, &file), Err(SealError::NoFile { .. })));
        assert!(!file.exists(), "who only looks makes none");
        let first = KeyRing::load_or_make(None, &file).unwrap();
        let dek = Key::random().unwrap();
        let (version, wrapped) = first.wrap(CELL, &dek).unwrap();
        assert_eq!(version, 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let both = format!(
            "{}{}",
            std::fs::read_to_string(&file).unwrap(),
            Key::random().unwrap().to_base64().expose_secret()
        );
        let second = KeyRing::load(Some(&both.into()), &file).unwrap();
        assert_eq!(second.current(), 2);
        let sealed = dek.seal(CELL, b"x").unwrap();
        assert!(second.unwrap(CELL, version, &wrapped).unwrap().open(CELL, &sealed).is_ok());
        let (again, rewrapped) = second.wrap(CELL, &dek).unwrap();
        assert_eq!(again, 2);
        assert!(matches!(first.unwrap(CELL, again, &rewrapped), Err(SealError::NoKey(2))));
        for bad in ["", "short", "AAAA", "-", "- -"] {
            assert!(KeyRing::load(Some(&bad.to_string().into()), &file).is_err());
        }
    }

    #[test]
    fn a_key_that_is_taken_out_leaves_the_others_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kek");
        KeyRing::load_or_make(None, &file).unwrap();
        let dek = Key::random().unwrap();
        KeyRing::add_to(&file).unwrap();
        let (version, wrapped) = KeyRing::load(None, &file).unwrap().wrap(CELL, &dek).unwrap();
        assert_eq!(version, 2);
        KeyRing::take_out_of(&file, &[1]).unwrap();
        let left = KeyRing::load(None, &file).unwrap();
        assert_eq!((left.numbers().collect::<Vec<_>>(), left.current()), (vec![2], 2));
        assert!(left.unwrap(CELL, version, &wrapped).is_ok());
        KeyRing::add_to(&file).unwrap();
        assert_eq!(KeyRing::load(None, &file).unwrap().current(), 3);
        assert!(KeyRing::take_out_of(&file, &[2, 3]).is_err(), "without any key nothing would open");
        assert_eq!(KeyRing::load(None, &file).unwrap().current(), 3);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
