//! What can go wrong with instances and their publication, in words of ours.

use chrono::{DateTime, Utc};

use super::canonical::JsonError;
use super::generate::GenerateError;
use super::id::IdError;
use super::locale::LocaleError;
use super::overlay::OverlayError;
use super::place::PlaceError;
use super::registry::RegistryError;
use crate::catalog::Trouble;
use crate::lake::StoreError;

/// Why something could not be done with instances.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Id(#[from] IdError),
    #[error(transparent)]
    Locale(#[from] LocaleError),
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    #[error(transparent)]
    Generate(#[from] GenerateError),
    #[error("the database of instances: {0}")]
    Database(#[from] Trouble),
    #[error("the mirror: {}", of_mirror(.0))]
    Mirror(Trouble),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no instance {0}")]
    NotThere(String),
    #[error("it is not known what type of widget {0} is; name it when it is made, with --type TYPE")]
    NoType(String),
    #[error("{id} is of type {is}, which stays: what is of another type is another instance")]
    OtherType { id: String, is: String },
    #[error("{0} is a baseline, which others fall back to: it cannot be deprecated")]
    BaselineStays(String),
    #[error(
        "{id} cannot be deprecated: its readers would get {baseline}, which is neither authored here nor published; \
         author that first"
    )]
    NoBaseline { id: String, baseline: String },
    #[error("texts are written by place, as {{\"/title\": \"Fragen\"}}; null takes one back")]
    NoTexts,
    #[error("somebody else changed {0} meanwhile; look again")]
    Changed(String),
    #[error("this database holds {found} instances, and is not one for {wanted} instances")]
    OtherKind { found: String, wanted: &'static str },
    #[error(
        "{path} is a database of something else, which nothing was written into; put back the one that was there, or remove \
         it to begin anew"
    )]
    OtherFile { path: String },
    #[error(
        "{path} has 0 bytes: what was authored in it is lost; put a copy of it in its place, or remove it to begin anew"
    )]
    Emptied { path: String },
    #[error("this database belongs to another workspace")]
    OtherWorkspace,
    #[error("the instances are of a newer version of zenith ({found}); this one reads up to {known}")]
    Newer { found: i64, known: i64 },
    #[error(
        "this folder publishes to {was}, and the settings name {now}; set ZENITH_STORE as it was, or have \
         `zenith instance adopt` turn this folder to {now}"
    )]
    OtherStore { was: String, now: String },
    #[error("another zenith publishes from this folder; wait for it")]
    Busy,
    #[error("cannot {attempted} {path}: {source}")]
    File { attempted: &'static str, path: String, source: std::io::Error },
    #[error(
        "{id} was published by {publisher} at {} as number {sequence}, which this folder knows nothing of; \
         `zenith instance adopt {id}` takes note of it, and then `zenith instance publish {id}` goes after it",
        at.format("%Y-%m-%d %H:%M:%S")
    )]
    Conflict { id: String, publisher: String, sequence: u64, at: DateTime<Utc> },
    #[error("others kept changing {0} meanwhile; nothing was lost, run the command again")]
    Contended(String),
    #[error(
        "{object} in the store is damaged: {why}; `zenith instance verify --repair`, where it was published from, puts it back"
    )]
    Damaged { object: String, why: String },
    #[error("{object} in the store is of a newer version of zenith ({found}); this one reads up to {known}")]
    NewerObject { object: String, found: u64, known: u64 },
    #[error(
        "{object} is no longer in the store as it was published, and cannot be named again; publish what is authored, or go \
         back to another number"
    )]
    Collected { object: String },
    #[error(
        "{id} is published as number {found} there, and number {seen} was seen already: something hands out an \
         older state, which is not used"
    )]
    Older { id: String, found: u64, seen: u64 },
    #[error("{id} was published twice as number {sequence}, with different content; it is not used")]
    Forked { id: String, sequence: u64 },
    #[error("{0} is not published there")]
    NotPublished(String),
    #[error("{0} was withdrawn")]
    Withdrawn(String),
    #[error("{id} is not published in {locale}, and nothing was to stand in for it")]
    NoLocale { id: String, locale: String },
    #[error("{id} was published {age_s} seconds ago, longer than is wanted")]
    TooOld { id: String, age_s: i64 },
    #[error("{id} was published at {}, which is still to come by this machine's clock; look after both", at.format("%Y-%m-%d %H:%M:%S"))]
    Early { id: String, at: DateTime<Utc> },
    #[error("a publication of {id} is under way ({state}); `zenith instance publish {id}` finishes it first")]
    Open { id: String, state: String },
    #[error("{id} was never published as number {sequence} from this folder")]
    NoSuchSequence { id: String, sequence: u64 },
    #[error(
        "not all could be taken over, so nothing was removed there; what could be is here by now, and the old table takes \
         no authored instance any more. Mend these, and run it again:\n{}",
        .0.join("\n")
    )]
    Parity(Vec<String>),
    #[error("it was stopped; the next publication goes on from there")]
    Cancelled,
}

impl PublishError {
    /// One word that stays the same: what programs decide by.
    pub fn reason(&self) -> &'static str {
        match self {
            PublishError::Id(_) => "id",
            PublishError::Locale(_)
            | PublishError::Registry(RegistryError::Locale { .. } | RegistryError::Base(_)) => "locale",
            PublishError::Json(_) | PublishError::NoTexts => "json",
            PublishError::Registry(RegistryError::Unknown { .. }) | PublishError::NoType(_) => "type",
            PublishError::Registry(_) => "registry",
            PublishError::Place(_) | PublishError::Overlay(_) => "overlay",
            PublishError::Generate(_) => "generate",
            PublishError::Database(_) | PublishError::Mirror(_) => "database",
            PublishError::Store(_) => "store",
            PublishError::NotThere(_)
            | PublishError::NotPublished(_)
            | PublishError::NoSuchSequence { .. } => "not_found",
            PublishError::Withdrawn(_) => "unpublished",
            PublishError::Conflict { .. } | PublishError::Changed(_) | PublishError::Contended(_) => {
                "conflict"
            }
            PublishError::Damaged { .. }
            | PublishError::Collected { .. }
            | PublishError::Forked { .. }
            | PublishError::Emptied { .. } => "damaged",
            PublishError::Older { .. } => "older",
            PublishError::NoLocale { .. } => "no_locale",
            PublishError::TooOld { .. } | PublishError::Early { .. } => "too_old",
            PublishError::Parity(_) => "parity",
            PublishError::Busy | PublishError::Open { .. } => "busy",
            PublishError::Cancelled => "stopped",
            _ => "refused",
        }
    }

    /// Whether every further instance would meet the same.
    pub(super) fn is_of_all(&self) -> bool {
        matches!(
            self,
            PublishError::Store(
                StoreError::Unreachable { .. } | StoreError::Refused { .. } | StoreError::Lacks { .. }
            ) | PublishError::Database(_)
                | PublishError::Mirror(_)
                | PublishError::Cancelled
        )
    }

    /// Whether it says something of what is authored, which only who authors it can mend.
    pub(super) fn is_of_content(&self) -> bool {
        matches!(
            self,
            PublishError::Json(_)
                | PublishError::Registry(_)
                | PublishError::Place(_)
                | PublishError::Overlay(_)
                | PublishError::Generate(GenerateError::File { .. })
        )
    }

    /// The same, where the database is the mirror.
    pub(super) fn of_mirror(self) -> PublishError {
        match self {
            PublishError::Database(trouble) => PublishError::Mirror(trouble),
            other => other,
        }
    }
}

/// What went wrong with a mirror, and which setting is the one to look at: nobody signs in to it.
fn of_mirror(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Status(401 | 403) => {
            "it does not let this token write; set ZENITH_MIRROR_TOKEN anew".to_string()
        }
        trouble if trouble.is_not_there() => "it has no such database; is ZENITH_MIRROR right?".to_string(),
        trouble => trouble.to_string(),
    }
}

impl From<libsql::Error> for PublishError {
    fn from(error: libsql::Error) -> PublishError {
        PublishError::Database(Trouble::from(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cannot_write_the_mirror_is_not_told_to_sign_in() {
        for trouble in [Trouble::Status(401), Trouble::Status(403), Trouble::NoDatabase, Trouble::Status(404)]
        {
            let told = PublishError::from(trouble).of_mirror().to_string();
            assert!(told.contains("ZENITH_MIRROR") && !told.contains("login"), "{told}");
        }
    }
}
