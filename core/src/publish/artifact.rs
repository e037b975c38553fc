//! Artifacts: what readers get, in bytes that never change under a name that says what they are; and the names of all
//! that lies in a store.
//!
//! ```text
//! instances/curated/{id}/{locale}.{sha256}.json    an artifact; never changed
//! instances/curated/{id}/manifest.{sha256}.json    a manifest; never changed
//! instances/curated/{id}/manifest.json             the pointer: the manifest that counts
//! instances/curated/catalog.json                   the pointer of the set: the manifests that belong together
//! ```

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::canonical::{JsonError, Sha256, canonical, read};
use super::error::PublishError;
use super::id::{AuthoredId, WidgetType};
use super::locale::Locale;

pub const ROOT: &str = "instances/curated";
/// A configuration, its frame, and what escapes make longer.
pub const ARTIFACT_BYTES_MAX: u64 = 8 << 20;
const VERSION: u64 = 1;

/// What never changes is kept by whoever passes it on; a pointer is asked for anew each time.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";
pub(super) const ALWAYS_ANEW: &str = "no-cache";

/// An instance in one locale, as readers get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    pub v: u64,
    pub public_id: AuthoredId,
    pub widget_type: WidgetType,
    pub locale: Locale,
    pub content: Map<String, Value>,
}

impl Artifact {
    pub fn new(
        public_id: &AuthoredId,
        widget_type: &WidgetType,
        locale: &Locale,
        content: Map<String, Value>,
    ) -> Artifact {
        let (public_id, widget_type, locale) = (public_id.clone(), widget_type.clone(), locale.clone());
        Artifact { v: VERSION, public_id, widget_type, locale, content }
    }

    pub fn bytes(&self) -> Result<Vec<u8>, JsonError> {
        canonical(self)
    }

    /// Reads what a manifest names, whose hash was compared.
    pub(super) fn read(bytes: &[u8], object: &str) -> Result<Artifact, PublishError> {
        let fail = |why: String| PublishError::Damaged { object: object.to_string(), why };
        let most = usize::try_from(ARTIFACT_BYTES_MAX).unwrap_or(usize::MAX);
        let value = Value::Object(read(bytes, most).map_err(|error| fail(error.to_string()))?);
        let artifact: Artifact = serde_json::from_value(value).map_err(|error| fail(error.to_string()))?;
        match artifact.v {
            VERSION => Ok(artifact),
            found => Err(PublishError::NewerObject { object: object.to_string(), found, known: VERSION }),
        }
    }
}

/// Everything of an instance.
pub(super) fn folder(id: &AuthoredId) -> String {
    format!("{ROOT}/{id}")
}

pub(super) fn artifact_key(id: &AuthoredId, locale: &Locale, hash: &Sha256) -> String {
    format!("{ROOT}/{id}/{locale}.{hash}.json")
}

pub(super) fn manifest_key(id: &AuthoredId, hash: &Sha256) -> String {
    format!("{ROOT}/{id}/manifest.{hash}.json")
}

pub(super) fn pointer_key(id: &AuthoredId) -> String {
    format!("{ROOT}/{id}/manifest.json")
}

pub(super) fn set_key() -> String {
    format!("{ROOT}/catalog.json")
}
