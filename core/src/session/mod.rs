//! Who is signed in on this machine: what the verifier said of a token once, and the databases that
//! the service gave access to. Secrets are kept apart (in the keyring, or a file) and never shown.
//!
//! A session outlives its tokens: offline, its owner still reads what is on this disk. Whoever can
//! write the session's file can read the databases beside it anyway, so the file opens nothing new.
//!
//! # Decisions
//!
//! - **An identity token is exchanged once and forgotten.** What is kept are tokens of databases, each for
//!   one.

mod credentials;
mod look;
mod sign_in;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

pub use credentials::{CredentialError, CredentialStore, KeptIn};
pub use look::ask_to_look;
pub use sign_in::{SignInError, sign_in, standing};

use crate::catalog::DatabaseRole;
use crate::identity::Identity;
use crate::identity::service::{Access, StoreOffer};
use crate::package::NameError;
use crate::private::write_private;

/// A signed-in user, as `session.json` in the data folder keeps it. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The service that was signed in to.
    pub service: Url,
    /// Who issued the token.
    pub issuer: String,
    pub subject: String,
    pub organisation: Option<String>,
    pub role: Option<String>,
    /// Seconds since 1970.
    pub signed_in_at: u64,
    /// Tells one sign-in from the next, also within a second. Sessions of before this was kept have none.
    #[serde(default)]
    pub id: String,
    pub databases: Vec<SessionDatabase>,
    /// Where the service says that what members share lies. It counts where the settings name no store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreOffer>,
}

/// A database that the session reaches; its token lies with the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionDatabase {
    #[serde(flatten)]
    pub role: DatabaseRole,
    pub url: Url,
    /// What its token allows. A session of before this was kept may read.
    #[serde(default = "read_only")]
    pub access: Access,
    /// When its token ends, in seconds since 1970.
    pub expires_at: u64,
}

fn read_only() -> Access {
    Access::ReadOnly
}

/// A session file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("cannot read who is signed in from {path}: {why}; `zenith logout`, then sign in again")]
    Damaged { path: PathBuf, why: String },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
}

impl SessionError {
    pub(crate) fn of_names(error: &NameError) -> SessionError {
        SessionError::Damaged { path: PathBuf::from("session.json"), why: error.to_string() }
    }
}

impl Session {
    /// The session of a data folder; `None` where nobody is signed in.
    pub fn load(data_dir: &Path) -> Result<Option<Session>, SessionError> {
        let path = Session::path(data_dir);
        let damaged = |why: String| SessionError::Damaged { path: path.clone(), why };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(damaged(error.to_string())),
        };
        let session: Session = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        // Names become keys and file names: they pass the grammar each time they come from a file.
        session.identity().map_err(|error| damaged(error.to_string()))?;
        Ok(Some(session))
    }

    /// The signed-in user, who is also the user of this machine.
    pub fn identity(&self) -> Result<Identity, NameError> {
        Ok(Identity::user(self.subject.clone(), self.organisation.clone())?
            .with_role(self.role.clone())
            .on_this_machine())
    }

    /// Tells the copies of one service's databases from those of another.
    pub(crate) fn service_key(&self) -> String {
        blake3::hash(self.service.as_str().as_bytes()).to_hex()[..16].to_string()
    }

    fn save(&self, data_dir: &Path) -> Result<(), SessionError> {
        let path = Session::path(data_dir);
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        write_private(&path, text.as_bytes()).map_err(|source| SessionError::Write { path, source })
    }

    fn remove(data_dir: &Path) -> Result<(), SessionError> {
        let path = Session::path(data_dir);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(SessionError::Write { path, source })
            }
            _ => Ok(()),
        }
    }

    fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("session.json")
    }
}

/// What became of a sign-out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignedOut {
    /// Whether somebody was signed in.
    pub signed_out: bool,
    /// What could not be removed, and why: nobody is signed in any more, and it lies there still.
    pub remains: Vec<String>,
}

/// Forgets who is signed in, and their secrets. One that cannot be removed does not keep the others.
pub fn sign_out(data_dir: &Path, credentials: &CredentialStore) -> Result<SignedOut, SessionError> {
    let signed_out = Session::path(data_dir).exists();
    // The secret goes first: a crash in between leaves a session without access, not the reverse.
    let remains = credentials.remove().err().map(|error| error.to_string());
    Session::remove(data_dir)?;
    Ok(SignedOut { signed_out, remains: remains.into_iter().collect() })
}
