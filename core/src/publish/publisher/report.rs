//! What a run tells, while it goes on and at its end.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::id::AuthoredId;
use super::super::locale::Locale;
use super::super::manifest::{LeftOut, Manifest};
use super::super::step::Step;

/// What happens in a run, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishEvent {
    Planned { instances: usize },
    Failed { id: AuthoredId, why: String },
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PublishReport {
    pub published: Vec<Published>,
    /// Instances whose publication would say nothing new.
    pub unchanged: usize,
    /// What stays rolled back, and to which number: neither was it edited since, nor named to be published.
    pub rolled_back: Vec<(AuthoredId, u64)>,
    /// What could not be published, and why.
    pub failed: Vec<(AuthoredId, String)>,
    /// What is live, and comes into the set once all that was published together with it is.
    pub held: Vec<AuthoredId>,
    /// The number of the set, where it was replaced.
    pub set: Option<u64>,
}

/// An instance that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    pub public_id: AuthoredId,
    pub sequence: u64,
    pub locales: usize,
    /// Locales without an artifact, and why.
    pub left_out: Vec<(String, String)>,
}

impl Published {
    pub(super) fn of(step: &Step, manifest: &Manifest) -> Published {
        Published {
            public_id: step.public_id.clone(),
            sequence: step.sequence,
            locales: manifest.locales.len(),
            left_out: left_out(manifest, &step.told),
        }
    }
}

/// Why locales are left out: in the words that were told here, where there are any.
pub(super) fn left_out(manifest: &Manifest, told: &BTreeMap<Locale, String>) -> Vec<(String, String)> {
    let why = |locale: &Locale, why: &LeftOut| {
        told.get(locale).cloned().unwrap_or_else(|| why.as_str().to_string())
    };
    manifest.left_out.iter().map(|(locale, of)| (locale.to_string(), why(locale, of))).collect()
}
