//! Where secrets are kept: the system's keyring where there is one, else a file that only its owner
//! can read.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::catalog::DatabaseRole;
use crate::config::{Config, CredentialPlace};

/// The name under which a keyring lists the secret.
const KEYRING_SERVICE: &str = "zenith";

/// The secrets of one data folder: a token a database.
pub struct CredentialStore {
    place: CredentialPlace,
    file: PathBuf,
    /// Tells the data folders of one user apart in the keyring.
    account: String,
}

/// Where secrets were found or put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptIn {
    Keyring,
    File,
}

impl KeptIn {
    pub fn as_str(self) -> &'static str {
        match self {
            KeptIn::Keyring => "keyring",
            KeptIn::File => "file",
        }
    }
}

/// A keyring or a file that does not do what it should. No message holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    #[error("cannot {attempted} the credentials in {path}: {source}")]
    File { attempted: &'static str, path: PathBuf, source: std::io::Error },
    #[error("the credentials in {path} are damaged; `zenith logout`, then sign in again")]
    Damaged { path: PathBuf },
    #[error("the keyring refused: {why}; ZENITH_CREDENTIALS=file keeps the credentials in a file")]
    Keyring { why: String },
}

/// Tokens by the file name of the database's role.
type Tokens = BTreeMap<String, String>;

impl CredentialStore {
    pub fn new(config: &Config) -> CredentialStore {
        CredentialStore {
            place: config.credentials,
            file: config.data_dir.join("credentials.json"),
            account: config.data_dir.display().to_string(),
        }
    }

    /// Keeps the tokens of a session in place of all before.
    pub(super) fn put(&self, tokens: &[(DatabaseRole, SecretString)]) -> Result<KeptIn, CredentialError> {
        let tokens: Tokens = tokens
            .iter()
            .map(|(role, token)| (role.file_stem(), token.expose_secret().to_string()))
            .collect();
        let text = SecretString::from(serde_json::to_string(&tokens).unwrap_or_default());
        if let Some(entry) = self.keyring() {
            match entry.set_password(text.expose_secret()) {
                Ok(()) => {
                    self.remove_file()?;
                    return Ok(KeptIn::Keyring);
                }
                // A machine without a keyring: the file it is.
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(refused(&error)),
            }
        }
        write_private(&self.file, text.expose_secret().as_bytes())
            .map_err(|source| self.failed("write", source))?;
        Ok(KeptIn::File)
    }

    /// The token of a database.
    pub fn token(&self, role: &DatabaseRole) -> Result<Option<SecretString>, CredentialError> {
        let Some((text, _)) = self.read()? else { return Ok(None) };
        let mut tokens: Tokens = serde_json::from_str(text.expose_secret())
            .map_err(|_| CredentialError::Damaged { path: self.file.clone() })?;
        Ok(tokens.remove(&role.file_stem()).map(SecretString::from))
    }

    /// Where the secrets lie; `None` where there are none.
    pub fn kept_in(&self) -> Result<Option<KeptIn>, CredentialError> {
        Ok(self.read()?.map(|(_, kept)| kept))
    }

    pub(super) fn remove(&self) -> Result<(), CredentialError> {
        if let Some(entry) = self.keyring() {
            match entry.delete_credential() {
                Ok(()) => {}
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(refused(&error)),
            }
        }
        self.remove_file()
    }

    fn read(&self) -> Result<Option<(SecretString, KeptIn)>, CredentialError> {
        match std::fs::read_to_string(&self.file) {
            Ok(text) => return Ok(Some((SecretString::from(text), KeptIn::File))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(self.failed("read", source)),
        }
        let Some(entry) = self.keyring() else { return Ok(None) };
        match entry.get_password() {
            Ok(text) => Ok(Some((SecretString::from(text), KeptIn::Keyring))),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn keyring(&self) -> Option<keyring::Entry> {
        match self.place {
            CredentialPlace::File => None,
            // Without a session bus there is no keyring to ask.
            CredentialPlace::Keyring => keyring::Entry::new(KEYRING_SERVICE, &self.account).ok(),
        }
    }

    fn remove_file(&self) -> Result<(), CredentialError> {
        match std::fs::remove_file(&self.file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(self.failed("remove", source))
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, attempted: &'static str, source: std::io::Error) -> CredentialError {
        CredentialError::File { attempted, path: self.file.clone(), source }
    }
}

/// Whether there is no keyring, or nothing of ours in it.
fn is_absent(error: &keyring::Error) -> bool {
    use keyring::Error;
    matches!(
        error,
        Error::NoEntry | Error::PlatformFailure(_) | Error::NoStorageAccess(_) | Error::NoDefaultStore
    )
}

/// The kind of refusal alone: some carry the secret itself.
fn refused(error: &keyring::Error) -> CredentialError {
    use keyring::Error;
    let why = match error {
        Error::TooLong(..) => "the tokens are too long for it",
        Error::Ambiguous(_) => "it holds several entries of this name",
        _ => "it would not keep or give the entry",
    };
    CredentialError::Keyring { why: why.to_string() }
}

/// Writes a file that its owner alone can read, whole or not at all.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let written = path.with_extension("new");
    // One left by a crash could have been made readable by others: it is made anew.
    match std::fs::remove_file(&written) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&written)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(written, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &Path) -> CredentialStore {
        CredentialStore {
            place: CredentialPlace::File,
            file: folder.join("credentials.json"),
            account: "test".to_string(),
        }
    }

    #[test]
    fn secrets_lie_in_a_file_for_their_owner_alone_and_go_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        assert_eq!(store.kept_in().unwrap(), None);
        let role = DatabaseRole::Team("org_1".to_string());
        assert_eq!(store.put(&[(role.clone(), SecretString::from("t0ken"))]).unwrap(), KeptIn::File);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&store.file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(store.token(&role).unwrap().unwrap().expose_secret(), "t0ken");
        assert!(store.token(&DatabaseRole::Global).unwrap().is_none());
        store.remove().unwrap();
        assert!(store.token(&role).unwrap().is_none());
    }

    #[test]
    fn an_error_about_damaged_credentials_does_not_show_them() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        std::fs::write(&store.file, "{\"global\": \"s3cret\"").unwrap();
        let error = store.token(&DatabaseRole::Global).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}
