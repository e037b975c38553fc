//! Reading what is published: by the pointer alone, verified, and with a word for whatever stands in for what was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::artifact::{ARTIFACT_BYTES_MAX, Artifact, artifact_key, manifest_key, pointer_key, set_key};
use super::canonical::Sha256;
use super::error::PublishError;
use super::id::AuthoredId;
use super::instance::Status;
use super::locale::Locale;
use super::manifest::{MANIFEST_BYTES_MAX, Manifest, SET_BYTES_MAX, Set};
use crate::lake::{Store, StoreError};
use crate::private::write_private;

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

/// The highest number that was seen of each instance, and what it was. In a file, so that a restart forgets nothing.
struct Seen {
    path: Option<PathBuf>,
    known: Mutex<BTreeMap<String, Sight>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sight {
    sequence: u64,
    sha256: Sha256,
}

impl Reader {
    /// A reader that remembers what it saw for as long as it lives.
    pub fn new(store: Store) -> Reader {
        Reader { store, seen: Arc::new(Seen { path: None, known: Mutex::default() }) }
    }

    /// A reader that remembers in a file. One that cannot be read counts as none: it is a memory, and no truth.
    pub fn remembering(store: Store, path: &Path) -> Reader {
        let known = std::fs::read(path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Reader { store, seen: Arc::new(Seen { path: Some(path.to_path_buf()), known: Mutex::new(known) }) }
    }

    /// An instance in a locale, or what stands in for it.
    pub async fn resolve(
        &self,
        id: &AuthoredId,
        locale: &Locale,
        terms: &Terms,
    ) -> Result<Resolved, PublishError> {
        let manifest = self.manifest(id).await?;
        let (manifest, deprecated) = match manifest.status {
            Status::Published => (manifest, false),
            Status::Unpublished => return Err(PublishError::Withdrawn(id.to_string())),
            Status::Deprecated if terms.strict => return Err(PublishError::Withdrawn(id.to_string())),
            Status::Deprecated => {
                // One hop: a baseline is never deprecated.
                let baseline = manifest.baseline.ok_or_else(|| PublishError::Withdrawn(id.to_string()))?;
                let manifest = self.manifest(&baseline).await?;
                match manifest.status {
                    Status::Published => (manifest, true),
                    _ => return Err(PublishError::Withdrawn(baseline.to_string())),
                }
            }
        };
        let mut resolved = self.of_manifest(&manifest, id, locale, terms).await?;
        if deprecated {
            resolved.reasons.insert(0, Reason::Deprecated);
        }
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
        self.see("the set", set.sequence, Sha256::of(&object.bytes))?;
        Ok(set)
    }

    /// An instance as a set names it, whatever its pointer says by now.
    pub async fn resolve_in(
        &self,
        set: &Set,
        id: &AuthoredId,
        locale: &Locale,
        terms: &Terms,
    ) -> Result<Resolved, PublishError> {
        let of = set.instances.get(id).ok_or_else(|| PublishError::NotPublished(id.to_string()))?;
        let key = manifest_key(id, &of.sha256);
        let object = self.store.get(&key, MANIFEST_BYTES_MAX).await?;
        if Sha256::of(&object.bytes) != of.sha256 {
            return Err(PublishError::Damaged {
                object: key,
                why: "it is not what its name says".to_string(),
            });
        }
        let manifest = Manifest::unseal(&object.bytes, id, &key)?;
        match (manifest.status, &manifest.baseline) {
            (Status::Published, _) => self.of_manifest(&manifest, id, locale, terms).await,
            (Status::Deprecated, Some(baseline)) if !terms.strict && baseline != id => {
                let mut resolved = Box::pin(self.resolve_in(set, baseline, locale, terms)).await?;
                resolved.asked = id.clone();
                resolved.reasons.insert(0, Reason::Deprecated);
                Ok(resolved)
            }
            _ => Err(PublishError::Withdrawn(id.to_string())),
        }
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
        self.see(&id.to_string(), manifest.sequence, Sha256::of(&object.bytes))?;
        Ok(manifest)
    }

    fn see(&self, what: &str, sequence: u64, sha256: Sha256) -> Result<(), PublishError> {
        let mut known = self.seen.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("{} {what}", self.store.name());
        let sight = Sight { sequence, sha256 };
        match known.get(&name) {
            Some(seen) if seen.sequence > sequence => {
                return Err(PublishError::Older {
                    id: what.to_string(),
                    found: sequence,
                    seen: seen.sequence,
                });
            }
            Some(seen) if seen.sequence == sequence && *seen != sight => {
                return Err(PublishError::Forked { id: what.to_string(), sequence });
            }
            Some(seen) if *seen == sight => return Ok(()),
            _ => {}
        }
        known.insert(name, sight);
        if let Some(path) = &self.seen.path
            && let Ok(bytes) = serde_json::to_vec(&*known)
        {
            // A memory that cannot be kept lasts as long as this program.
            let _ = write_private(path, &bytes);
        }
        Ok(())
    }

    async fn of_manifest(
        &self,
        manifest: &Manifest,
        asked: &AuthoredId,
        locale: &Locale,
        terms: &Terms,
    ) -> Result<Resolved, PublishError> {
        if let Some(max_age) = terms.max_age {
            let age = Utc::now() - manifest.published_at;
            if age.to_std().is_ok_and(|age| age > max_age) {
                return Err(PublishError::TooOld {
                    id: manifest.public_id.to_string(),
                    age_s: age.num_seconds(),
                });
            }
        }
        let (got_locale, reason) = stands_in(manifest, locale);
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

/// Which locale of a manifest stands in for one, and why it is not the one that was asked for.
pub(super) fn stands_in(manifest: &Manifest, asked: &Locale) -> (Locale, Option<Reason>) {
    let there: BTreeSet<Locale> = manifest.locales.keys().cloned().collect();
    let declared = |of: &Locale| manifest.fallback.get(of).cloned().unwrap_or_default();
    match asked.nearest(&there, declared) {
        Some(got) if got == asked => (got.clone(), None),
        Some(got) if asked.chain().contains(got) => (got.clone(), Some(Reason::Parent)),
        Some(got) => (got.clone(), Some(Reason::Declared)),
        None => (manifest.base_locale.clone(), Some(Reason::Base)),
    }
}
