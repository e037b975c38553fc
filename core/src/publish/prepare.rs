//! From an instance to what readers get of it: its artifacts, and what a manifest says of them. Nothing is asked of the
//! store, and nothing is written.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::artifact::{Artifact, artifact_key};
use super::canonical::{Sha256, canonical};
use super::error::PublishError;
use super::generate::{GenerateError, Generated, Generator, Wanted};
use super::id::{AuthoredId, WidgetType};
use super::instance::{Instance, Status};
use super::locale::Locale;
use super::manifest::{InLocale, LeftOut};
use super::overlay::{Composed, Overlay, Source, TEXT_BYTES_MAX, compose};
use super::registry::{Registry, RegistryError, Rules};

/// Locales of an instance that are asked for at the same time.
const LOCALES_AT_ONCE: usize = 4;

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
    pub left_out: BTreeMap<Locale, LeftOut>,
    /// Why, in words for the author alone: they may name files.
    pub told: BTreeMap<Locale, String>,
    /// By key.
    pub artifacts: BTreeMap<String, Vec<u8>>,
    /// What generators brought, to be kept.
    pub generated: Vec<Overlay>,
    pub config_hash: Sha256,
    /// Whether every generator answered.
    pub is_complete: bool,
}

impl From<&Instance> for Snapshot {
    fn from(instance: &Instance) -> Snapshot {
        let Instance { widget_type, status, config, .. } = instance.clone();
        // What is withdrawn tells nothing but that.
        let config = if status == Status::Unpublished { Map::new() } else { config };
        Snapshot { widget_type, status, config }
    }
}

/// What counts for an instance. It can be withdrawn whatever the registry says by now.
pub(super) fn rules_of(
    registry: &Registry,
    widget_type: &WidgetType,
    status: Status,
) -> Result<Rules, RegistryError> {
    match status {
        Status::Unpublished => Ok(Rules::default()),
        _ => registry.rules(widget_type).cloned(),
    }
}

/// What the answers of a generator depend on, by locale, or why it has none: asked once for all instances.
pub(super) type Fingerprints = Vec<Result<String, GenerateError>>;

pub(super) fn fingerprints(registry: &Registry, generator: &dyn Generator) -> Fingerprints {
    registry.locales.iter().map(|locale| generator.fingerprint(locale)).collect()
}

/// What a publication of an instance depends on: while it stays, there is nothing to publish. A file of translations that
/// cannot be read keeps what has texts from being published: what it had said would be lost without a word.
pub(super) fn inputs(
    instance: &Instance,
    overlays: &[Overlay],
    registry: &Registry,
    fingerprints: &[Result<String, GenerateError>],
) -> Result<String, PublishError> {
    let rules = rules_of(registry, &instance.widget_type, instance.status)?;
    let said = |of: &Result<String, GenerateError>| match of {
        Err(error @ GenerateError::File { .. }) if !rules.patterns.is_empty() => Err(error.clone()),
        Err(error) => Ok(error.to_string()),
        Ok(said) => Ok(said.clone()),
    };
    let fingerprints: Vec<String> = fingerprints.iter().map(said).collect::<Result<_, _>>()?;
    let manual: Vec<&Overlay> = overlays.iter().filter(|overlay| overlay.source == Source::Manual).collect();
    let all = (
        &instance.config_hash,
        instance.status,
        rules.describe(),
        &registry.base_locale,
        &registry.locales,
        manual,
        fingerprints,
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
    let mut prepared = Prepared {
        locales: BTreeMap::new(),
        left_out: BTreeMap::new(),
        told: BTreeMap::new(),
        artifacts: BTreeMap::new(),
        generated: Vec::new(),
        config_hash: Sha256::of(&canonical(&snapshot.config)?),
        is_complete: true,
    };
    if snapshot.status == Status::Unpublished {
        return Ok(prepared);
    }
    prepared.add(id, snapshot, &registry.base_locale, snapshot.config.clone(), 0)?;
    let rules = registry.rules(&snapshot.widget_type)?;
    let base = rules.texts(&snapshot.config)?;
    let named = id.to_string();
    let of = Of { id: &named, snapshot, rules, base: &base, from: &registry.base_locale, generator };
    let translated: Vec<_> = registry.locales.iter().map(|locale| of.translated(overlays, locale)).collect();
    let translated = futures::stream::iter(translated).buffered(LOCALES_AT_ONCE);
    let translated: Vec<Translated> = translated.try_collect().await?;
    for (locale, Translated { composed, generated, failed }) in registry.locales.iter().zip(translated) {
        prepared.is_complete &= failed.is_none();
        prepared.generated.extend(generated);
        if composed.is_translated() {
            prepared.add(id, snapshot, locale, composed.content, composed.untranslated.len())?;
            continue;
        }
        let why = match failed {
            Some(told) => {
                prepared.told.insert(locale.clone(), told);
                LeftOut::NotAnswered
            }
            None if base.is_empty() => LeftOut::NothingToTranslate,
            None => LeftOut::NotTranslated,
        };
        prepared.left_out.insert(locale.clone(), why);
    }
    Ok(prepared)
}

/// An instance that is translated.
struct Of<'a> {
    id: &'a str,
    snapshot: &'a Snapshot,
    rules: &'a Rules,
    /// Its texts, by place.
    base: &'a BTreeMap<String, String>,
    from: &'a Locale,
    generator: &'a dyn Generator,
}

/// An instance in a locale, and what became of generating it.
struct Translated {
    composed: Composed,
    /// What is to be kept.
    generated: Option<Overlay>,
    failed: Option<String>,
}

impl Of<'_> {
    async fn translated(&self, overlays: &[Overlay], to: &Locale) -> Result<Translated, PublishError> {
        let config = &self.snapshot.config;
        let layer = |source| overlays.iter().find(|of| of.locale == *to && of.source == source);
        let (manual, before) = (layer(Source::Manual), layer(Source::Generated));
        let by_hand = compose(config, self.rules, manual.as_slice())?;
        let mut texts = self.base.clone();
        texts.retain(|at, _| by_hand.untranslated.contains(at));
        let known = known(before, &texts);
        let Generated { texts: mut found, failed } = self.asked(to, &texts, &known).await;
        if failed.is_some() {
            // What there was goes on counting where it fits.
            for (at, text) in known {
                found.entry(at).or_insert(text);
            }
        }
        // Damaged since it was planned.
        if let Some(error @ GenerateError::File { .. }) = failed {
            return Err(error.into());
        }
        let mut failed = failed.map(|error| error.to_string());
        let generated = match Overlay::of(self.id, to, Source::Generated, self.base, found) {
            Ok(generated) => Some(generated),
            // More than is kept: the author cannot mend that, and goes on without it.
            Err(error) => {
                failed = Some(error.to_string());
                before.cloned()
            }
        };
        let layers: Vec<&Overlay> = manual.into_iter().chain(&generated).collect();
        let composed = compose(config, self.rules, &layers)?;
        // One that says nothing is kept only where it takes away what was there.
        let generated =
            generated.filter(|of| Some(of) != before && (before.is_some() || !of.entries.is_empty()));
        Ok(Translated { composed, generated, failed })
    }

    async fn asked(
        &self,
        to: &Locale,
        texts: &BTreeMap<String, String>,
        known: &BTreeMap<String, String>,
    ) -> Generated {
        if texts.is_empty() {
            return Generated::default();
        }
        let widget_type = self.snapshot.widget_type.as_str();
        let wanted = Wanted { public_id: self.id, widget_type, from: self.from, to, texts, known };
        let mut found = self.generator.generate(&wanted).await;
        // What it was not asked for has no base here.
        found.texts.retain(|at, text| texts.contains_key(at) && text.len() <= TEXT_BYTES_MAX);
        found
    }
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
