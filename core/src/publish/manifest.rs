//! A manifest: what is published of one instance. The set's: which manifests belong together.
//!
//! Both begin with a checksum of all that follows, so that half of one is never read. Numbers only rise; each manifest
//! names the one before it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::{JsonError, Sha256, canonical, read};
use super::error::PublishError;
use super::id::{AuthoredId, Kind, WidgetType};
use super::instance::Status;
use super::locale::Locale;
use crate::lake::sealed::{seal, unseal};
use crate::package::{NameError, check_segment};

pub const SCHEMA_VERSION: u64 = 1;
pub(super) const MANIFEST_BYTES_MAX: u64 = 1 << 20;
/// A line an instance: 10,000 of them are some 4 MB.
pub(super) const SET_BYTES_MAX: u64 = 64 << 20;

/// More than are ever counted, and far from where the next number would be none that every reader has: nobody who puts a
/// large number keeps those after them from going on.
const SEQUENCE_MAX: u64 = 1 << 48;

/// What is published of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub schema_version: u64,
    pub public_id: AuthoredId,
    pub widget_type: WidgetType,
    pub kind: Kind,
    pub status: Status,
    pub sequence: u64,
    /// SHA-256 of the manifest before this one, as it lies there.
    pub previous: Option<Sha256>,
    pub published_at: DateTime<Utc>,
    /// The data folder that published it, and in which run.
    pub publisher: String,
    pub run: String,
    pub config_hash: Sha256,
    pub base_locale: Locale,
    /// The artifacts, the base's among them. What is withdrawn has none.
    pub locales: BTreeMap<Locale, InLocale>,
    /// Locales that were wanted and have none, and why.
    pub left_out: BTreeMap<Locale, LeftOut>,
    /// What else may stand in for a locale.
    pub fallback: BTreeMap<Locale, Vec<Locale>>,
    /// What readers get once this is deprecated.
    pub baseline: Option<AuthoredId>,
}

/// Why a locale has no artifact. A manifest is for everybody: what went wrong on its author's machine is for the author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    NothingToTranslate,
    NotTranslated,
    /// Whoever translates could not be asked.
    NotAnswered,
}

impl LeftOut {
    pub fn as_str(self) -> &'static str {
        match self {
            LeftOut::NothingToTranslate => "there is nothing to translate",
            LeftOut::NotTranslated => "nothing is translated",
            LeftOut::NotAnswered => "what translates could not be asked",
        }
    }
}

/// An artifact of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InLocale {
    pub sha256: Sha256,
    pub bytes: u64,
    /// Texts that are still the base's.
    pub untranslated: u64,
}

/// Which manifests belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    pub schema_version: u64,
    pub sequence: u64,
    pub published_at: DateTime<Utc>,
    pub publisher: String,
    pub run: String,
    pub instances: BTreeMap<AuthoredId, InSet>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InSet {
    pub sequence: u64,
    /// Of its manifest.
    pub sha256: Sha256,
}

impl Manifest {
    pub fn seal(&self) -> Result<Vec<u8>, PublishError> {
        sealed(self, MANIFEST_BYTES_MAX)
    }

    /// Reads what lies at the pointer of an instance, or under a name of its own.
    pub fn unseal(bytes: &[u8], id: &AuthoredId, object: &str) -> Result<Manifest, PublishError> {
        let manifest: Manifest = opened(bytes, object, MANIFEST_BYTES_MAX)?;
        let fail =
            |why: &str| Err(PublishError::Damaged { object: object.to_string(), why: why.to_string() });
        if manifest.public_id != *id {
            return fail("it is of another instance");
        }
        if manifest.kind != id.kind() || id.widget_type().is_some_and(|of| *of != manifest.widget_type) {
            return fail("it is not of the kind that its id says");
        }
        let baseline = AuthoredId::Baseline(manifest.widget_type.clone());
        if manifest.status == Status::Deprecated
            && (manifest.kind == Kind::Baseline || manifest.baseline != Some(baseline))
        {
            return fail("it is deprecated, and leads to no baseline of its type");
        }
        if check_names(&manifest.publisher, &manifest.run).is_err() {
            return fail("it does not say who published it as names are written");
        }
        match manifest.status == Status::Unpublished || manifest.locales.contains_key(&manifest.base_locale) {
            true => Ok(manifest),
            false => fail("it has no artifact of its base"),
        }
    }

    /// What readers see of it: while this stays, publishing it again would say nothing.
    pub(super) fn content(&self) -> Result<Sha256, PublishError> {
        let Manifest {
            widget_type,
            status,
            config_hash,
            base_locale,
            locales,
            left_out,
            fallback,
            baseline,
            ..
        } = self;
        let seen = (widget_type, status, config_hash, base_locale, locales, left_out, fallback, baseline);
        Ok(Sha256::of(&canonical(&seen)?))
    }
}

impl Set {
    pub fn seal(&self) -> Result<Vec<u8>, PublishError> {
        sealed(self, SET_BYTES_MAX)
    }

    /// Reads the set. One that cannot be read stops all who publish, until it is put back: it is made of what each of them
    /// knows.
    pub fn unseal(bytes: &[u8], object: &str) -> Result<Set, PublishError> {
        let set: Set = opened(bytes, object, SET_BYTES_MAX)?;
        let why = "it does not say who published it as names are written".to_string();
        check_names(&set.publisher, &set.run)
            .map_err(|_| PublishError::Damaged { object: object.to_string(), why })?;
        Ok(set)
    }
}

/// They are told to people.
fn check_names(publisher: &str, run: &str) -> Result<(), NameError> {
    check_segment("publisher", publisher)?;
    check_segment("run", run)
}

fn sealed(value: &impl Serialize, most: u64) -> Result<Vec<u8>, PublishError> {
    let bytes = seal(value).map_err(|_| JsonError::Malformed("it cannot be written as JSON"))?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    match bytes.len() > most {
        true => Err(JsonError::Large(bytes.len(), most).into()),
        false => Ok(bytes),
    }
}

fn opened<T: DeserializeOwned>(bytes: &[u8], object: &str, most: u64) -> Result<T, PublishError> {
    let fail = |why: String| PublishError::Damaged { object: object.to_string(), why };
    let text = unseal(bytes).map_err(|torn| fail(torn.to_string()))?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let value = Value::Object(read(&text, most).map_err(|error| fail(error.to_string()))?);
    // A later version may have members that this one does not know: its number is looked at first.
    match value.get("schema_version").and_then(Value::as_u64) {
        Some(found) if found > SCHEMA_VERSION => {
            return Err(PublishError::NewerObject {
                object: object.to_string(),
                found,
                known: SCHEMA_VERSION,
            });
        }
        _ => {}
    }
    match value.get("sequence").and_then(Value::as_u64) {
        Some(1..=SEQUENCE_MAX) => serde_json::from_value(value).map_err(|error| fail(error.to_string())),
        _ => Err(fail("its number is none that is counted to".to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::trial::{id, locale};

    fn manifest() -> Manifest {
        let hash = Sha256::of(b"x");
        let in_locale = InLocale { sha256: hash.clone(), bytes: 1, untranslated: 0 };
        Manifest {
            schema_version: SCHEMA_VERSION,
            public_id: id("wgt_curated_a"),
            widget_type: WidgetType::parse("faq").unwrap(),
            kind: Kind::Curated,
            status: Status::Published,
            sequence: 3,
            previous: None,
            published_at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            publisher: "me".to_string(),
            run: "r".to_string(),
            config_hash: hash,
            base_locale: locale("en"),
            locales: BTreeMap::from([(locale("en"), in_locale)]),
            left_out: BTreeMap::new(),
            fallback: BTreeMap::new(),
            baseline: Some(id("wgt_main_faq")),
        }
    }

    #[test]
    fn every_truncation_and_every_bit_of_a_manifest_shows() {
        let bytes = manifest().seal().unwrap();
        let open = |bytes: &[u8]| Manifest::unseal(bytes, &id("wgt_curated_a"), "x");
        assert_eq!(open(&bytes).unwrap(), manifest());
        assert!((0..bytes.len()).all(|length| open(&bytes[..length]).is_err()));
        let mut flipped = bytes.clone();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                flipped[at] ^= 1 << bit;
                assert!(open(&flipped).is_err(), "{at}.{bit}");
                flipped[at] ^= 1 << bit;
            }
        }
    }

    #[test]
    fn a_sealed_manifest_that_contradicts_itself_is_refused() {
        let refused = |change: &dyn Fn(&mut Manifest)| {
            let mut manifest = manifest();
            change(&mut manifest);
            Manifest::unseal(&manifest.seal().unwrap(), &id("wgt_curated_a"), "x").unwrap_err()
        };
        assert!(matches!(refused(&|of| of.public_id = id("wgt_curated_b")), PublishError::Damaged { .. }));
        assert!(matches!(refused(&|of| of.kind = Kind::Baseline), PublishError::Damaged { .. }));
        assert!(matches!(refused(&|of| of.locales.clear()), PublishError::Damaged { .. }));
        assert!(matches!(refused(&|of| of.schema_version = 2), PublishError::NewerObject { found: 2, .. }));
        assert!(matches!(
            refused(&|of| (of.status, of.baseline) = (Status::Deprecated, Some(id("wgt_curated_b")))),
            PublishError::Damaged { .. }
        ));
        // What is deprecated leads to the baseline of its type: a chain of them would have no end.
        assert!(matches!(
            refused(&|of| (of.status, of.baseline) = (Status::Deprecated, Some(id("wgt_main_hero")))),
            PublishError::Damaged { .. }
        ));
        for number in [0, SEQUENCE_MAX + 1, (1 << 53) - 1] {
            assert!(matches!(refused(&|of| of.sequence = number), PublishError::Damaged { .. }), "{number}");
        }
        for name in ["", "a b", "\u{1b}[31m", &"x".repeat(1000)] {
            assert!(
                matches!(refused(&|of| of.publisher = name.to_string()), PublishError::Damaged { .. }),
                "{name}"
            );
            assert!(
                matches!(refused(&|of| of.run = name.to_string()), PublishError::Damaged { .. }),
                "{name}"
            );
        }
        let of = id("wgt_main_faq");
        let mut baseline =
            Manifest { public_id: of.clone(), kind: Kind::Baseline, baseline: None, ..manifest() };
        assert!(Manifest::unseal(&baseline.seal().unwrap(), &of, "x").is_ok());
        (baseline.status, baseline.baseline) = (Status::Deprecated, Some(of.clone()));
        assert!(Manifest::unseal(&baseline.seal().unwrap(), &of, "x").is_err());
        let mut withdrawn = manifest();
        (withdrawn.status, withdrawn.locales) = (Status::Unpublished, BTreeMap::new());
        assert!(Manifest::unseal(&withdrawn.seal().unwrap(), &id("wgt_curated_a"), "x").is_ok());
    }

    #[test]
    fn what_nobody_would_read_is_not_sealed() {
        let fallback = BTreeMap::from([(locale("pt"), vec![locale("zh-Hant-TW"); 100_000])]);
        let large = Manifest { fallback, ..manifest() };
        assert!(matches!(large.seal(), Err(PublishError::Json(JsonError::Large(..)))));
    }

    #[test]
    fn who_published_when_is_no_content() {
        let (one, mut other) = (manifest(), manifest());
        (other.sequence, other.run, other.publisher) = (9, "s".to_string(), "you".to_string());
        assert_eq!(one.content().unwrap(), other.content().unwrap());
        other.status = Status::Unpublished;
        assert_ne!(one.content().unwrap(), other.content().unwrap());
    }
}
