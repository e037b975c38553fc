//! Reading what is published: by the pointer alone, verified, and with a word for whatever stands in for what was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::artifact::{ARTIFACT_BYTES_MAX, Artifact, artifact_key, manifest_key, pointer_key, set_key};
use super::canonical::Sha256;
use super::error::PublishError;
use super::id::AuthoredId;
use super::instance::Status;
use super::locale::Locale;
use super::manifest::{MANIFEST_BYTES_MAX, Manifest, SET_BYTES_MAX, Set};
use super::seen::{Seen, Sight};
use crate::lake::{Store, StoreError};

/// Clocks of two machines differ by less.
const CLOCKS_DIFFER_MAX: TimeDelta = TimeDelta::minutes(5);

/// A reader of a store. Cheap to clone; all clones remember together.
#[derive(Clone)]
pub struct Reader {
    store: Store,
    seen: Arc<Seen>,
}

/// What a reader wants.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Nothing is to stand in for what was asked.
    pub strict: bool,
    /// What was published longer ago is not wanted.
    pub max_age: Option<Duration>,
}

/// Why something else came than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The instance is of yesterday: the baseline of its type stands in.
    Deprecated,
    /// A parent of the locale stands in.
    Parent,
    /// A locale that the type declares for it.
    Declared,
    /// The base.
    Base,
}

/// An instance as a reader gets it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resolved {
    pub asked: AuthoredId,
    pub got: AuthoredId,
    pub asked_locale: Locale,
    pub got_locale: Locale,
    /// Empty where it is what was asked for.
    pub reasons: Vec<Reason>,
    pub status: Status,
    pub sequence: u64,
    pub published_at: DateTime<Utc>,
    pub publisher: String,
    pub sha256: Sha256,
    /// Texts that are still the base's.
    pub untranslated: u64,
    pub content: Map<String, Value>,
}

impl Reader {
    /// A reader that remembers what it saw for as long as it lives.
    pub fn new(store: Store) -> Reader {
        Reader { store, seen: Arc::default() }
    }

    /// A reader that remembers in a file, together with all others that do.
    pub fn remembering(store: Store, path: &Path) -> Reader {
        Reader { store, seen: Arc::new(Seen::in_file(path)) }
    }

    /// An instance in a locale, or what stands in for it; in its base where no locale is asked for.
    pub async fn resolve<'l>(
        &self,
        id: &AuthoredId,
        locale: impl Into<Option<&'l Locale>>,
        terms: &Terms,
    ) -> Result<Resolved, PublishError> {
        let locale = locale.into();
        let manifest = self.manifest(id).await?;
        match (manifest.status, &manifest.baseline) {
            (Status::Published, _) => self.of_manifest(&manifest, id, locale, terms).await,
            // One hop: a baseline is never deprecated.
            (Status::Deprecated, Some(baseline)) if !terms.strict => {
                let manifest = self.manifest(baseline).await?;
                self.instead(&manifest, id, locale, terms).await
            }
            _ => Err(PublishError::Withdrawn(id.to_string())),
        }
    }

    /// A baseline in place of what is deprecated.
    async fn instead(
        &self,
        baseline: &Manifest,
        asked: &AuthoredId,
        locale: Option<&Locale>,
        terms: &Terms,
    ) -> Result<Resolved, PublishError> {
        if baseline.status != Status::Published {
            return Err(PublishError::Withdrawn(baseline.public_id.to_string()));
        }
        let mut resolved = self.of_manifest(baseline, asked, locale, terms).await?;
        resolved.reasons.insert(0, Reason::Deprecated);
        Ok(resolved)
    }

    /// The set that was published last, with the manifests that belong together.
    pub async fn set(&self) -> Result<Set, PublishError> {
        let key = set_key();
        let object = match self.store.get(&key, SET_BYTES_MAX).await {
            Ok(object) => object,
            Err(StoreError::Absent { .. }) => return Err(PublishError::NotPublished(key)),
            Err(error) => return Err(error.into()),
        };
        let set = Set::unseal(&object.bytes, &key)?;
        self.see("the set", set.sequence, Sha256::of(&object.bytes)).await?;
        Ok(set)
    }

    /// An instance as a set names it, whatever its pointer says by now.
    pub async fn resolve_in<'l>(
        &self,
        set: &Set,
        id: &AuthoredId,
        locale: impl Into<Option<&'l Locale>>,
        terms: &Terms,
    ) -> Result<Resolved, PublishError> {
        let locale = locale.into();
        let manifest = self.manifest_in(set, id).await?;
        match (manifest.status, &manifest.baseline) {
            (Status::Published, _) => self.of_manifest(&manifest, id, locale, terms).await,
            (Status::Deprecated, Some(baseline)) if !terms.strict => {
                let manifest = self.manifest_in(set, baseline).await?;
                self.instead(&manifest, id, locale, terms).await
            }
            _ => Err(PublishError::Withdrawn(id.to_string())),
        }
    }

    async fn manifest_in(&self, set: &Set, id: &AuthoredId) -> Result<Manifest, PublishError> {
        let of = set.instances.get(id).ok_or_else(|| PublishError::NotPublished(id.to_string()))?;
        let key = manifest_key(id, &of.sha256);
        let object = self.store.get(&key, MANIFEST_BYTES_MAX).await?;
        if Sha256::of(&object.bytes) != of.sha256 {
            let why = "it is not what its name says".to_string();
            return Err(PublishError::Damaged { object: key, why });
        }
        Manifest::unseal(&object.bytes, id, &key)
    }

    /// What the pointer of an instance names. One that is older than what was seen is refused, and so is another of the
    /// same number.
    pub async fn manifest(&self, id: &AuthoredId) -> Result<Manifest, PublishError> {
        let key = pointer_key(id);
        let object = match self.store.get(&key, MANIFEST_BYTES_MAX).await {
            Ok(object) => object,
            // Never the baseline in its stead: that would hide a loss.
            Err(StoreError::Absent { .. }) => return Err(PublishError::NotPublished(id.to_string())),
            Err(error) => return Err(error.into()),
        };
        let manifest = Manifest::unseal(&object.bytes, id, &key)?;
        self.see(&id.to_string(), manifest.sequence, Sha256::of(&object.bytes)).await?;
        Ok(manifest)
    }

    async fn see(&self, what: &str, sequence: u64, sha256: Sha256) -> Result<(), PublishError> {
        let sight = Sight { sequence, sha256 };
        let id = what.to_string();
        match self.seen.see(&format!("{} {what}", self.store.identity()), sight.clone()).await {
            seen if seen.sequence > sequence => {
                Err(PublishError::Older { id, found: sequence, seen: seen.sequence })
            }
            seen if seen != sight => Err(PublishError::Forked { id, sequence }),
            _ => Ok(()),
        }
    }

    async fn of_manifest(
        &self,
        manifest: &Manifest,
        asked: &AuthoredId,
        locale: Option<&Locale>,
        terms: &Terms,
    ) -> Result<Resolved, PublishError> {
        if let Some(max_age) = terms.max_age {
            let (id, age) = (manifest.public_id.to_string(), Utc::now() - manifest.published_at);
            if age.to_std().is_ok_and(|age| age > max_age) {
                return Err(PublishError::TooOld { id, age_s: age.num_seconds() });
            }
            // Nobody knows how old that is.
            if age < -CLOCKS_DIFFER_MAX {
                return Err(PublishError::Early { id, at: manifest.published_at });
            }
        }
        let locale = locale.unwrap_or(&manifest.base_locale);
        let there = manifest.locales.keys().cloned().collect();
        let (got_locale, reason) = stands_in(&there, &manifest.fallback, &manifest.base_locale, locale);
        if terms.strict && reason.is_some() {
            let (id, locale) = (manifest.public_id.to_string(), locale.to_string());
            return Err(PublishError::NoLocale { id, locale });
        }
        let of =
            manifest.locales.get(&got_locale).ok_or_else(|| PublishError::NotPublished(asked.to_string()))?;
        let key = artifact_key(&manifest.public_id, &got_locale, &of.sha256);
        let object = self.store.get(&key, ARTIFACT_BYTES_MAX).await?;
        let damaged = |why: &str| PublishError::Damaged { object: key.clone(), why: why.to_string() };
        if object.bytes.len() as u64 != of.bytes || Sha256::of(&object.bytes) != of.sha256 {
            return Err(damaged("it is not what its name says"));
        }
        let artifact = Artifact::read(&object.bytes, &key)?;
        if artifact.public_id != manifest.public_id || artifact.locale != got_locale {
            return Err(damaged("it is of another instance or locale"));
        }
        Ok(Resolved {
            asked: asked.clone(),
            got: manifest.public_id.clone(),
            asked_locale: locale.clone(),
            got_locale,
            reasons: reason.into_iter().collect(),
            status: manifest.status,
            sequence: manifest.sequence,
            published_at: manifest.published_at,
            publisher: manifest.publisher.clone(),
            sha256: of.sha256.clone(),
            untranslated: of.untranslated,
            content: artifact.content,
        })
    }
}

/// Which of the locales that are there stands in for one, and why it is not the one that was asked for.
pub(super) fn stands_in(
    there: &BTreeSet<Locale>,
    fallback: &BTreeMap<Locale, Vec<Locale>>,
    base: &Locale,
    asked: &Locale,
) -> (Locale, Option<Reason>) {
    let declared = |of: &Locale| fallback.get(of).cloned().unwrap_or_default();
    match asked.nearest(there, declared) {
        Some(got) if got == asked => (got.clone(), None),
        Some(got) if asked.chain().contains(got) => (got.clone(), Some(Reason::Parent)),
        Some(got) => (got.clone(), Some(Reason::Declared)),
        None => (base.clone(), Some(Reason::Base)),
    }
}
