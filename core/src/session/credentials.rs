//! Where secrets are kept: the system's keyring where there is one that answers, else a file that only its
//! owner can read.
//!
//! A keyring may accept a question and never answer: a locked one asks its owner on a screen that nobody
//! sits at. So each question is put in a thread of its own, which may outlive the wait for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::catalog::DatabaseRole;
use crate::config::{Config, CredentialPlace};
use crate::private::write_private;

/// The name under which a keyring lists the secret.
const KEYRING_SERVICE: &str = "zenith";

/// How long a keyring may take, with the time that its owner needs to unlock it.
const KEYRING_WITHIN: Duration = Duration::from_secs(10);

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
    /// In the file, since there is a keyring and it did not answer.
    FileForSilence,
}

impl KeptIn {
    pub fn as_str(self) -> &'static str {
        match self {
            KeptIn::Keyring => "keyring",
            KeptIn::File | KeptIn::FileForSilence => "file",
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
    Keyring { why: &'static str },
    #[error(
        "the keyring did not answer within {} s; unlock it and run the command again, or sign in again with \
         ZENITH_CREDENTIALS=file, which keeps the credentials in a file", KEYRING_WITHIN.as_secs()
    )]
    Silent,
}

/// What came of a question to the keyring.
enum Asked<T> {
    Told(T),
    /// There is no keyring, or nothing of ours in it.
    Absent,
    Silent,
    /// The kind of refusal alone: some errors carry the secret itself.
    Refused(&'static str),
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
        let secret = text.clone();
        let kept = match self.ask(move |entry| entry.set_password(secret.expose_secret())) {
            Asked::Told(()) => {
                self.remove_file()?;
                return Ok(KeptIn::Keyring);
            }
            Asked::Absent => KeptIn::File,
            Asked::Silent => KeptIn::FileForSilence,
            Asked::Refused(why) => return Err(CredentialError::Keyring { why }),
        };
        write_private(&self.file, text.expose_secret().as_bytes())
            .map_err(|source| self.failed("write", source))?;
        Ok(kept)
    }

    /// The tokens of some databases, in their order: the keyring is asked once.
    pub fn tokens(&self, roles: &[&DatabaseRole]) -> Result<Vec<Option<SecretString>>, CredentialError> {
        let Some((text, _)) = self.read()? else { return Ok(vec![None; roles.len()]) };
        let tokens: Tokens = serde_json::from_str(text.expose_secret())
            .map_err(|_| CredentialError::Damaged { path: self.file.clone() })?;
        let of = |role: &&DatabaseRole| tokens.get(&role.file_stem()).cloned().map(SecretString::from);
        Ok(roles.iter().map(of).collect())
    }

    /// Where the secrets lie; `None` where there are none.
    pub fn kept_in(&self) -> Result<Option<KeptIn>, CredentialError> {
        Ok(self.read()?.map(|(_, kept)| kept))
    }

    /// Removes them, from wherever they may lie.
    pub(super) fn remove(&self) -> Result<(), CredentialError> {
        let was_in_file = self.file.exists();
        self.remove_file()?;
        match self.ask(keyring::Entry::delete_credential) {
            Asked::Told(()) | Asked::Absent => Ok(()),
            // They lay in the file because it was silent before.
            Asked::Silent if was_in_file => Ok(()),
            Asked::Silent => Err(CredentialError::Silent),
            Asked::Refused(why) => Err(CredentialError::Keyring { why }),
        }
    }

    fn read(&self) -> Result<Option<(SecretString, KeptIn)>, CredentialError> {
        match std::fs::read_to_string(&self.file) {
            Ok(text) => return Ok(Some((SecretString::from(text), KeptIn::File))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(self.failed("read", source)),
        }
        match self.ask(keyring::Entry::get_password) {
            Asked::Told(text) => Ok(Some((SecretString::from(text), KeptIn::Keyring))),
            Asked::Absent => Ok(None),
            Asked::Silent => Err(CredentialError::Silent),
            Asked::Refused(why) => Err(CredentialError::Keyring { why }),
        }
    }

    /// Asks the keyring for what is kept there of this data folder.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&keyring::Entry) -> Result<T, keyring::Error> + Send + 'static,
    ) -> Asked<T> {
        if self.place == CredentialPlace::File {
            return Asked::Absent;
        }
        let account = self.account.clone();
        let answer = within(KEYRING_WITHIN, move || {
            keyring::Entry::new(KEYRING_SERVICE, &account).and_then(|entry| question(&entry))
        });
        match answer {
            Some(Ok(told)) => Asked::Told(told),
            Some(Err(error)) if is_absent(&error) => Asked::Absent,
            Some(Err(error)) => Asked::Refused(refused(&error)),
            None => Asked::Silent,
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

fn refused(error: &keyring::Error) -> &'static str {
    use keyring::Error;
    match error {
        Error::TooLong(..) => "the tokens are too long for it",
        Error::Ambiguous(_) => "it holds several entries of this name",
        _ => "it would not keep or give the entry",
    }
}

/// What a question that blocks is answered with, where that is in time.
fn within<T: Send + 'static>(deadline: Duration, question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = mpsc::channel();
    let ask = move || {
        // Nobody may be waiting any more.
        let _ = tell.send(question());
    };
    std::thread::Builder::new().name("keyring".to_string()).spawn(ask).ok()?;
    told.recv_timeout(deadline).ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        let tokens = store.tokens(&[&role, &DatabaseRole::Global]).unwrap();
        assert_eq!(tokens[0].as_ref().unwrap().expose_secret(), "t0ken");
        assert!(tokens[1].is_none());
        store.remove().unwrap();
        assert!(store.tokens(&[&role]).unwrap()[0].is_none());
    }

    #[test]
    fn who_does_not_answer_is_not_waited_for() {
        let (never, waits) = mpsc::channel::<()>();
        assert_eq!(within(Duration::from_millis(20), move || waits.recv()), None);
        drop(never);
        assert_eq!(within(Duration::from_secs(60), || 7), Some(7));
    }

    #[test]
    fn an_error_about_damaged_credentials_does_not_show_them() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        std::fs::write(&store.file, "{\"global\": \"s3cret\"").unwrap();
        let error = store.tokens(&[&DatabaseRole::Global]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}
