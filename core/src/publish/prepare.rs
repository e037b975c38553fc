//! From an instance to what readers get of it: its artifacts, and what a manifest says of them. Nothing is asked of the
//! store, and nothing is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::artifact::{Artifact, artifact_key};
use super::canonical::{Sha256, canonical};
use super::error::PublishError;
use super::generate::{GenerateError, Generator, Wanted};
use super::id::{AuthoredId, WidgetType};
use super::instance::{Instance, Status};
use super::locale::Locale;
use super::manifest::InLocale;
use super::overlay::{Overlay, Source, compose};
use super::registry::Registry;

/// An instance as it is published, whatever becomes of it here meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub widget_type: WidgetType,
    pub status: Status,
    pub config: Map<String, Value>,
}

/// What is to be published of an instance.
pub(super) struct Prepared {
    pub locales: BTreeMap<Locale, InLocale>,
    pub left_out: BTreeMap<Locale, String>,
    /// By key.
    pub artifacts: BTreeMap<String, Vec<u8>>,
    /// What generators brought, to be kept.
    pub generated: Vec<Overlay>,
    pub text_fingerprint: Sha256,
    pub config_hash: Sha256,
    /// Whether every generator answered.
    pub is_complete: bool,
}

impl From<&Instance> for Snapshot {
    fn from(instance: &Instance) -> Snapshot {
        let Instance { widget_type, status, config, .. } = instance.clone();
        Snapshot { widget_type, status, config }
    }
}

/// What a publication of an instance depends on: while it stays, there is nothing to publish.
pub(super) fn inputs(
    instance: &Instance,
    overlays: &[Overlay],
    registry: &Registry,
    generator: &dyn Generator,
) -> Result<String, PublishError> {
    let rules = registry.rules(&instance.widget_type)?;
    let manual: Vec<&Overlay> = overlays.iter().filter(|overlay| overlay.source == Source::Manual).collect();
    let by = registry
        .locales
        .iter()
        .map(|locale| generator.fingerprint(locale).unwrap_or_else(|error| error.to_string()));
    let by: Vec<String> = by.collect();
    let all = (
        &instance.config_hash,
        instance.status,
        rules.describe(),
        &registry.base_locale,
        &registry.locales,
        manual,
        by,
    );
    Ok(Sha256::of(&canonical(&all)?).to_string())
}

/// Makes everything that readers get of an instance.
pub(super) async fn prepare(
    id: &AuthoredId,
    snapshot: &Snapshot,
    overlays: &[Overlay],
    registry: &Registry,
    generator: &dyn Generator,
) -> Result<Prepared, PublishError> {
    let rules = registry.rules(&snapshot.widget_type)?;
    let config_hash = Sha256::of(&canonical(&snapshot.config)?);
    let mut prepared = Prepared {
        locales: BTreeMap::new(),
        left_out: BTreeMap::new(),
        artifacts: BTreeMap::new(),
        generated: Vec::new(),
        text_fingerprint: rules.fingerprint(&snapshot.config)?,
        config_hash,
        is_complete: true,
    };
    prepared.add(id, snapshot, &registry.base_locale, snapshot.config.clone(), 0)?;
    let base = rules.texts(&snapshot.config)?;
    for locale in &registry.locales {
        let layer = |source| overlays.iter().find(|of| of.locale == *locale && of.source == source);
        let (manual, before) = (layer(Source::Manual), layer(Source::Generated));
        let by_hand = compose(&snapshot.config, rules, manual.as_slice())?;
        let texts: BTreeMap<String, String> = base
            .iter()
            .filter(|(at, _)| by_hand.untranslated.contains(*at))
            .map(|(at, text)| (at.clone(), text.clone()))
            .collect();
        let known = known(before, &texts);
        let named = id.to_string();
        let wanted = Wanted {
            public_id: &named,
            widget_type: snapshot.widget_type.as_str(),
            from: &registry.base_locale,
            to: locale,
            texts: &texts,
            known: &known,
        };
        let (generated, failed) = match asked(generator, &wanted).await {
            Ok(found) => {
                let print = prepared.text_fingerprint.clone();
                (Some(Overlay::of(&named, locale, Source::Generated, print, &base, found)?), None)
            }
            // What there was goes on counting where it fits.
            Err(error) => (before.cloned(), Some(error)),
        };
        prepared.is_complete &= failed.is_none();
        let layers: Vec<&Overlay> = manual.into_iter().chain(&generated).collect();
        let composed = compose(&snapshot.config, rules, &layers)?;
        match failed {
            _ if composed.is_translated() => {
                prepared.add(id, snapshot, locale, composed.content, composed.untranslated.len())?;
            }
            Some(error) => drop(prepared.left_out.insert(locale.clone(), error.to_string())),
            None => {
                let why =
                    if base.is_empty() { "there is nothing to translate" } else { "nothing is translated" };
                prepared.left_out.insert(locale.clone(), why.to_string());
            }
        }
        // One that says nothing is kept only where it takes away what was there.
        prepared.generated.extend(
            generated.filter(|of| Some(of) != before && (before.is_some() || !of.entries.is_empty())),
        );
    }
    Ok(prepared)
}

/// What was generated before and still fits.
fn known(before: Option<&Overlay>, texts: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let entries = before.into_iter().flat_map(|before| &before.entries);
    let fits =
        |at: &str, base: &Sha256| texts.get(at).is_some_and(|text| Sha256::of(text.as_bytes()) == *base);
    entries
        .filter(|entry| fits(&entry.at, &entry.base))
        .map(|entry| (entry.at.clone(), entry.text.clone()))
        .collect()
}

async fn asked(
    generator: &dyn Generator,
    wanted: &Wanted<'_>,
) -> Result<BTreeMap<String, String>, GenerateError> {
    if wanted.texts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut found = generator.generate(wanted).await?;
    // What it was not asked for has no base here.
    found.retain(|at, text| wanted.texts.contains_key(at) && text.len() <= super::overlay::TEXT_BYTES_MAX);
    Ok(found)
}

impl Prepared {
    fn add(
        &mut self,
        id: &AuthoredId,
        snapshot: &Snapshot,
        locale: &Locale,
        content: Map<String, Value>,
        untranslated: usize,
    ) -> Result<(), PublishError> {
        let bytes = Artifact::new(id, &snapshot.widget_type, locale, content).bytes()?;
        let sha256 = Sha256::of(&bytes);
        let in_locale =
            InLocale { sha256: sha256.clone(), bytes: bytes.len() as u64, untranslated: untranslated as u64 };
        self.artifacts.insert(artifact_key(id, locale, &sha256), bytes);
        self.locales.insert(locale.clone(), in_locale);
        Ok(())
    }
}
