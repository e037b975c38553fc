//! What can go wrong with a store, in words that never hold a secret.

use std::path::PathBuf;

use object_store::Error;

use super::Store;

/// A store that cannot be opened, or an object that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no {object} in the store {store}")]
    Absent { store: String, object: String },
    #[error(
        "the store {store} does not let you {attempted} {object} ({why}); check the credentials and what \
         they allow"
    )]
    Denied { store: String, attempted: &'static str, object: String, why: String },
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
        matches!(self, StoreError::Unreachable { .. } | StoreError::Conflict { .. })
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
    pub fn failed(self, error: Error) -> StoreError {
        let (store, attempted, object) = (self.store.name.clone(), self.what, self.key.to_string());
        match error {
            Error::NotFound { .. } => StoreError::Absent { store, object },
            Error::AlreadyExists { .. } | Error::Precondition { .. } => {
                StoreError::Conflict { store, object }
            }
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
                StoreError::Denied { store, attempted, object, why: reason(&error) }
            }
            _ => StoreError::Unreachable { store, attempted, object, why: reason(&error) },
        }
    }

    pub fn conflict(self) -> StoreError {
        StoreError::Conflict { store: self.store.name.clone(), object: self.key.to_string() }
    }

    pub fn damaged(self, why: String) -> StoreError {
        StoreError::Damaged { store: self.store.name.clone(), object: self.key.to_string(), why }
    }
}

/// Why, without what a server answered at length: S3 quotes the whole request in some errors, with
/// its session token.
fn reason(error: &Error) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let text = next.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        cause = next.source();
    }
    plain(&told)
}

/// What an error told, without what a server answered at length and without what a terminal would act on.
pub(in crate::lake) fn plain(told: &str) -> String {
    if let Some((_, rest)) = told.split_once("<Code>")
        && let Some((code, _)) = rest.split_once("</Code>")
    {
        return format!("the server answered {}", code.chars().take(80).collect::<String>());
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
    fn what_a_server_quotes_is_not_repeated() {
        let source = "status 403: <Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>\
                      x-amz-security-token:SECRET</CanonicalRequest></Error>";
        let error = Error::PermissionDenied { path: "a".to_string(), source: source.into() };
        assert_eq!(reason(&error), "the server answered SignatureDoesNotMatch");
        let source = "<html>SECRET".into();
        assert!(!reason(&Error::Generic { store: "S3", source }).contains("SECRET"));
    }
}
