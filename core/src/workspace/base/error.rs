//! What keeps a base from being made.

use crate::catalog::Trouble;

/// A base that cannot be made, changed or read. The document is unharmed by any of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    #[error("cannot {attempted} {name}: {source}")]
    Database { attempted: &'static str, name: String, source: Trouble },
    #[error("{name} is not a file that zenith made; move it away, and it is made again")]
    Foreign { name: String },
    #[error("cannot remove the damaged {name}: {why}")]
    Stays { name: String, why: String },
    #[error("cannot embed the notes: {0}")]
    Model(String),
    #[error("the database library stopped unexpectedly while it worked on {name}")]
    Stopped { name: String },
    #[error("no moment {asked} of the notes is known here, the last one is {last}")]
    Unknown { asked: u64, last: u64 },
    #[error("the notes are being closed")]
    Closed,
}

impl BaseError {
    pub(in crate::workspace) fn of<'a>(
        attempted: &'static str,
        name: &'a str,
    ) -> impl Fn(libsql::Error) -> BaseError + use<'a> {
        move |error| BaseError::Database { attempted, name: name.to_owned(), source: Trouble::from(error) }
    }

    /// Whether what lies on the disk is damaged, so that only making it anew helps.
    pub(in crate::workspace) fn is_damage(&self) -> bool {
        matches!(self, BaseError::Database { source: Trouble::Damaged, .. })
    }
}
