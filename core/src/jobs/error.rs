//! What can be wrong with a job, in words of ours. Nothing of a database server's words is in it.

use std::ops::Range;

use super::schedule::ScheduleError;
use super::zone::ZoneError;
use crate::catalog::Trouble;

/// Why something could not be done with jobs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// There is no such job or run, or it is somebody else's: the two are told alike.
    #[error("there is no such job")]
    NotFound,
    #[error("there is no such run")]
    NoRun,
    #[error(transparent)]
    Invalid(Box<Invalid>),
    #[error("there is a job of this name already: {0}")]
    Taken(String),
    #[error("somebody else changed it meanwhile; look again")]
    Changed,
    #[error("there are {0} jobs already, which is the most; delete one first")]
    Quota(usize),
    #[error("the jobs cannot be reached: {0}")]
    Store(#[from] Trouble),
    #[error("the jobs are of a newer version of zenith ({found}); this one reads up to {known}")]
    Newer { found: i64, known: i64 },
    #[error("a stored job cannot be read: {0}")]
    Unreadable(String),
}

impl JobError {
    /// Whether a server said that there is no such database: of many it says so of some that are there.
    pub(super) fn is_not_there(&self) -> bool {
        matches!(self, JobError::Store(trouble) if trouble.is_not_there())
    }

    /// Whether a transaction that ended so is done anew.
    pub(super) fn is_done_anew(&self) -> bool {
        self.is_not_there() || matches!(self, JobError::Store(Trouble::Interrupted))
    }
}

/// A field that cannot be as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The field's name, as JSON has it.
    pub field: &'static str,
    /// Where in its text, in bytes.
    pub at: Option<Range<usize>>,
    pub why: String,
    /// What to write in that place.
    pub instead: Option<String>,
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.why)
    }
}

impl std::error::Error for Invalid {}

impl JobError {
    /// One word that stays the same: what programs decide by.
    pub fn reason(&self) -> &'static str {
        match self {
            JobError::NotFound | JobError::NoRun => "not_found",
            JobError::Invalid(_) => "invalid",
            JobError::Taken(_) | JobError::Changed => "conflict",
            JobError::Quota(_) => "quota",
            JobError::Store(_) => "unavailable",
            JobError::Newer { .. } => "newer",
            JobError::Unreadable(_) => "unreadable",
        }
    }

    pub(super) fn invalid(field: &'static str, why: impl Into<String>) -> JobError {
        JobError::Invalid(Box::new(Invalid { field, at: None, why: why.into(), instead: None }))
    }
}

impl From<ScheduleError> for JobError {
    fn from(error: ScheduleError) -> JobError {
        JobError::Invalid(Box::new(Invalid {
            field: "schedule",
            why: error.to_string(),
            at: Some(error.at),
            instead: error.instead,
        }))
    }
}

impl From<ZoneError> for JobError {
    fn from(error: ZoneError) -> JobError {
        JobError::Invalid(Box::new(Invalid {
            field: "timezone",
            at: Some(0..error.name.len()),
            why: error.to_string(),
            instead: error.near.map(String::from),
        }))
    }
}

impl From<libsql::Error> for JobError {
    fn from(error: libsql::Error) -> JobError {
        JobError::Store(Trouble::from(error))
    }
}
