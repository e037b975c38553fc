//! Overlays: the texts of an instance in another locale, each tied to the text that it translates.
//!
//! An entry counts where its place may be translated, is there, and still holds the very text that was translated. Else
//! it is *refused*, an *orphan* or *stale*, is told as that, and changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::canonical::{JsonError, Sha256, canonical, read};
use super::locale::Locale;
use super::place::{PlaceError, texts};
use super::registry::Rules;

pub const ENTRIES_MAX: usize = 1_000;
pub const TEXT_BYTES_MAX: usize = 100 << 10;
pub const OVERLAY_BYTES_MAX: usize = 1 << 20;
const AT_BYTES_MAX: usize = 2_000;
const VERSION: u64 = 1;

/// An overlay that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverlayError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("{0}")]
    Form(String),
    #[error(
        "{at} is none of the places that may be translated: {}, where an item is named as [id=q1]",
        places.join(", ")
    )]
    Refused { at: String, places: Vec<String> },
    #[error("there is no text at {at}")]
    Orphan { at: String },
    #[error("it has {found} {what}, more than {most}")]
    Large { what: &'static str, found: usize, most: usize },
    #[error("{at} is said twice")]
    Twice { at: String },
}

/// Who wrote a text. What a person wrote comes before what was generated, and is never written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Manual,
    Generated,
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Manual => "manual",
            Source::Generated => "generated",
        }
    }
}

/// One text in another locale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub at: String,
    /// SHA-256 of the text that it translates.
    pub base: Sha256,
    pub text: String,
}

/// The texts of an instance in one locale, by one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    pub v: u64,
    pub public_id: String,
    pub locale: Locale,
    pub source: Source,
    pub entries: Vec<Entry>,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    Applied,
    /// A person's text stands in its place.
    Overruled,
    /// The text that it translates is another by now.
    Stale,
    /// The place is gone.
    Orphan,
    /// The place may not be translated.
    Refused,
}

/// An entry and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    pub source: Source,
    pub at: String,
    pub fate: Fate,
}

/// An instance in another locale.
#[derive(Clone, Debug)]
pub struct Composed {
    pub content: Map<String, Value>,
    pub told: Vec<Told>,
    /// Places that have the base's text.
    pub untranslated: BTreeSet<String>,
}

impl Composed {
    /// Whether anything is in the other locale.
    pub fn is_translated(&self) -> bool {
        self.told.iter().any(|told| told.fate == Fate::Applied)
    }
}

impl Overlay {
    /// Texts for places of an instance as it is now.
    pub fn of(
        public_id: &str,
        locale: &Locale,
        source: Source,
        base: &BTreeMap<String, String>,
        translated: BTreeMap<String, String>,
    ) -> Result<Overlay, OverlayError> {
        let entry = |(at, text): (String, String)| match base.get(&at) {
            Some(of) => Ok(Entry { base: Sha256::of(of.as_bytes()), at, text }),
            None => Err(OverlayError::Orphan { at }),
        };
        let entries = translated.into_iter().map(entry).collect::<Result<_, _>>()?;
        let (public_id, locale) = (public_id.to_string(), locale.clone());
        let overlay = Overlay { v: VERSION, public_id, locale, source, entries };
        overlay.document()?;
        Ok(overlay)
    }

    /// As it is kept: what is too large to be read again is refused.
    pub(super) fn document(&self) -> Result<String, OverlayError> {
        self.check()?;
        let document = canonical(self)?;
        match document.len() > OVERLAY_BYTES_MAX {
            true => {
                Err(OverlayError::Large { what: "bytes", found: document.len(), most: OVERLAY_BYTES_MAX })
            }
            false => Ok(String::from_utf8_lossy(&document).into_owned()),
        }
    }

    /// Reads a document.
    pub fn read(bytes: &[u8]) -> Result<Overlay, OverlayError> {
        let value = Value::Object(read(bytes, OVERLAY_BYTES_MAX)?);
        let overlay: Overlay =
            serde_json::from_value(value).map_err(|error| OverlayError::Form(error.to_string()))?;
        overlay.check()?;
        Ok(overlay)
    }

    /// Bounds, and no place twice.
    pub fn check(&self) -> Result<(), OverlayError> {
        let large = |what, found, most| Err(OverlayError::Large { what, found, most });
        if self.v != VERSION {
            return Err(OverlayError::Form(format!(
                "it is of version {}, and this program reads {VERSION}",
                self.v
            )));
        }
        if self.entries.len() > ENTRIES_MAX {
            return large("entries", self.entries.len(), ENTRIES_MAX);
        }
        let mut seen = BTreeSet::new();
        for entry in &self.entries {
            if entry.at.len() > AT_BYTES_MAX {
                return large("bytes in the name of a place", entry.at.len(), AT_BYTES_MAX);
            }
            if entry.text.len() > TEXT_BYTES_MAX {
                return large("bytes in one text", entry.text.len(), TEXT_BYTES_MAX);
            }
            if !seen.insert(&entry.at) {
                return Err(OverlayError::Twice { at: entry.at.clone() });
            }
        }
        Ok(())
    }
}

/// Whether an overlay has room for an entry of each of these texts, which are by place.
pub(super) fn check_texts(texts: &BTreeMap<String, String>) -> Result<(), OverlayError> {
    let large = |what, found, most| Err(OverlayError::Large { what, found, most });
    if texts.len() > ENTRIES_MAX {
        return large("texts to translate", texts.len(), ENTRIES_MAX);
    }
    match texts.keys().map(String::len).max() {
        Some(found) if found > AT_BYTES_MAX => large("bytes in the name of a place", found, AT_BYTES_MAX),
        _ => Ok(()),
    }
}

/// What becomes of the entries of some overlays.
pub(super) struct Weighed<'a> {
    pub told: Vec<Told>,
    /// The texts that count, by place.
    pub chosen: BTreeMap<&'a str, &'a str>,
}

/// Says what becomes of each entry over these texts, which are by place, without laying it over anything.
pub(super) fn weigh<'a>(
    base: &'a BTreeMap<String, String>,
    rules: &Rules,
    layers: &[&'a Overlay],
) -> Weighed<'a> {
    let mut hashes: BTreeMap<&str, Sha256> = BTreeMap::new();
    let mut chosen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut told = Vec::new();
    let mut layers: Vec<&Overlay> = layers.to_vec();
    layers.sort_by_key(|layer| layer.source);
    for layer in layers {
        for entry in &layer.entries {
            let fate = match base.get_key_value(&entry.at) {
                None if rules.allows(&entry.at) => Fate::Orphan,
                None => Fate::Refused,
                Some((at, text)) => {
                    let hash = hashes.entry(at).or_insert_with(|| Sha256::of(text.as_bytes()));
                    if *hash != entry.base {
                        Fate::Stale
                    } else if chosen.contains_key(at.as_str()) {
                        Fate::Overruled
                    } else {
                        chosen.insert(at, &entry.text);
                        Fate::Applied
                    }
                }
            };
            told.push(Told { source: layer.source, at: entry.at.clone(), fate });
        }
    }
    Weighed { told, chosen }
}

/// An instance with its overlays laid over it.
pub fn compose(
    config: &Map<String, Value>,
    rules: &Rules,
    layers: &[&Overlay],
) -> Result<Composed, PlaceError> {
    let base = rules.texts(config)?;
    let Weighed { told, chosen } = weigh(&base, rules, layers);
    let mut content = config.clone();
    texts(&mut content, &rules.patterns, &mut |at, text| {
        if let Some(other) = chosen.get(at) {
            *text = (*other).to_string();
        }
    })?;
    let untranslated = base.keys().filter(|at| !chosen.contains_key(at.as_str())).cloned().collect();
    Ok(Composed { content, told, untranslated })
}

#[cfg(test)]
mod tests;
