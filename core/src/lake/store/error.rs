//! What can go wrong with a store, in words that never hold a secret.

use std::path::PathBuf;

use object_store::Error;
use object_store::client::HttpError;

use super::answer;
use super::trouble::{Trouble, TroubleKind};
use super::{Place, Store};

/// A store that cannot be opened, or an object that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no {object} in the store {store}")]
    Absent { store: String, object: String },
    /// The store, or something before it, will not, until the user changes something.
    #[error("cannot {attempted} {object} in the store {store}: {trouble}")]
    Refused { store: String, attempted: &'static str, object: String, trouble: Box<Trouble> },
    #[error(
        "the store {store} refuses to write {object} as if somebody else had changed it, and nobody has; if \
         running the command again does not help, its service does not keep what sharing an index needs: use a \
         bucket of one that does"
    )]
    Contradicts { store: String, object: String },
    #[error("somebody else changed {object} in the store {store} meanwhile; run the command again")]
    Conflict { store: String, object: String },
    #[error(
        "cannot {attempted} {object} in the store {store}: {why}; run the command again when the store can \
         be reached, and it goes on from here"
    )]
    Unreachable { store: String, attempted: &'static str, object: String, why: String },
    #[error("{object} in the store {store} is damaged: {why}")]
    Damaged { store: String, object: String, why: String },
    #[error(
        "the store {store} does not keep what sharing an index needs: {}; use a bucket of a service that does",
        lacks.join(", ")
    )]
    Lacks { store: String, lacks: Vec<&'static str> },
    #[error("{0:?} is no name of an object in a store: letters, digits and _ - . + between slashes are")]
    Key(String),
    #[error("cannot {attempted} {}: {source}", path.display())]
    File { attempted: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Settings(String),
}

impl StoreError {
    /// Whether nobody can say if what was attempted took place: the answer is what was lost.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            StoreError::Unreachable { .. } | StoreError::Conflict { .. } => true,
            StoreError::Refused { trouble, .. } => trouble.kind == TroubleKind::Between,
            _ => false,
        }
    }
}

/// What is being done, for an error that says it.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub store: &'a Store,
    pub what: &'static str,
    pub key: &'a str,
}

impl Attempt<'_> {
    /// What an error calls the object: nobody knows those that a probe puts by name.
    fn object(self) -> String {
        let is_trial = self.key.starts_with("probe/") || self.key == "probe";
        if is_trial { "objects to try it with".to_string() } else { self.key.to_string() }
    }

    pub fn failed(self, error: Error) -> StoreError {
        if let Some(trouble) = cause::<Trouble>(&error) {
            return self.met(trouble.clone());
        }
        let (store, object) = (self.store.name.clone(), self.object());
        match error {
            Error::NotFound { .. } => StoreError::Absent { store, object },
            Error::AlreadyExists { .. } | Error::Precondition { .. } => {
                StoreError::Conflict { store, object }
            }
            _ => self.met_by(&error),
        }
    }

    /// What the client met on the way.
    pub fn met(self, trouble: Trouble) -> StoreError {
        match trouble.kind {
            TroubleKind::Away => self.unreachable(format!("{} ({})", trouble.what, trouble.todo)),
            kind if kind.may_pass() => self.unreachable(trouble.what),
            _ => StoreError::Refused {
                store: self.store.name.clone(),
                attempted: self.what,
                object: self.object(),
                trouble: Box::new(trouble),
            },
        }
    }

    pub fn unreachable(self, why: String) -> StoreError {
        let (store, object) = (self.store.name.clone(), self.object());
        StoreError::Unreachable { store, attempted: self.what, object, why }
    }

    /// What another error comes to, in no library's words: those of a client tell addresses, and what a server
    /// answered at length.
    fn met_by(self, error: &Error) -> StoreError {
        match &self.store.place {
            Place::Folder(_) => self.unreachable(match cause::<std::io::Error>(error) {
                Some(io) => io.to_string(),
                None => "the folder does not take it".to_string(),
            }),
            Place::Bucket { line, .. } => self.met(match cause::<HttpError>(error) {
                Some(http) => line.place.unanswered(http),
                None => line.place.unreadable(),
            }),
        }
    }

    pub fn conflict(self) -> StoreError {
        StoreError::Conflict { store: self.store.name.clone(), object: self.object() }
    }

    pub fn damaged(self, why: String) -> StoreError {
        StoreError::Damaged { store: self.store.name.clone(), object: self.object(), why }
    }
}

/// The first error of a kind that an error goes back to.
fn cause<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What an error of Lance comes to that read a store through our client.
pub(in crate::lake) fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let text = error.to_string();
    match cause::<Trouble>(error) {
        Some(trouble) => trouble.to_string(),
        None if text.contains("Generic S3 error") => "the store does not answer as it should".to_string(),
        None => plain(&text),
    }
}

/// What an error told, without what a server answered at length and without what a terminal would act on.
pub(in crate::lake) fn plain(told: &str) -> String {
    if let Some(code) = answer::element(told, "Code") {
        return format!("the server answered {}", answer::word(code));
    }
    let before = told.split('<').next().unwrap_or_default();
    before
        .chars()
        .filter(|c| !c.is_control())
        .take(400)
        .collect::<String>()
        .trim_end_matches([' ', ':'])
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_quotes_and_what_a_library_says_is_not_repeated() {
        let told = "Generic S3 error: status 403: <Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>\
                    x-amz-security-token:SECRET</CanonicalRequest></Error>";
        assert_eq!(plain(told), "the server answered SignatureDoesNotMatch");
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(folder.path()).unwrap();
        let attempt = Attempt { store: &store, what: "read", key: "a" };
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        for source in [Box::new(denied) as Box<dyn std::error::Error + Send + Sync>, "<html>SECRET".into()] {
            let error = attempt.failed(Error::Generic { store: "S3", source }).to_string();
            assert!(!error.contains("SECRET") && !error.contains("Generic"), "{error}");
        }
    }
}
