//! How instances stand: what is here beside what was published, by this folder's own knowledge alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::authored::Authored;
use super::diff::{Change, changes};
use super::error::PublishError;
use super::generate::Generator;
use super::id::{AuthoredId, WidgetType};
use super::instance::{Instance, Status};
use super::ledger::Live;
use super::locale::Locale;
use super::overlay::{Fate, Overlay, weigh};
use super::prepare::{fingerprints, inputs, rules_of};
use super::registry::Registry;
use super::step::{State, Step};

/// An instance here beside its publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    pub public_id: AuthoredId,
    pub widget_type: WidgetType,
    pub status: Status,
    pub revision: i64,
    pub progress: Progress,
    /// The number of its last publication, and when and by whom.
    pub sequence: Option<u64>,
    pub published_at: Option<DateTime<Utc>>,
    pub publisher: Option<String>,
    pub locales: Vec<LocaleStanding>,
}

/// How far an instance is from being what readers see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Progress {
    /// It was never published from here.
    Never,
    /// A publication would say nothing new.
    InStep,
    /// It was changed since.
    Ahead,
    /// What was published as this number is published again, and stays so until it is edited, or named to be published.
    RolledBack { to: u64 },
    /// A publication was begun, and is this far.
    UnderWay { reached: State, error: Option<String> },
    /// The last publication could not be done.
    Failed { why: String },
    /// It does not fit the registry of types. It can be withdrawn all the same.
    Unusable { why: String },
}

/// The texts of an instance in a locale, by what is kept here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocaleStanding {
    pub locale: String,
    pub applied: usize,
    /// Places whose translated text is another by now.
    pub stale: Vec<String>,
    /// Places that are gone.
    pub orphans: Vec<String>,
    /// Places that have the base's text.
    pub missing: usize,
}

impl Authored {
    /// How every instance stands. Nobody is asked.
    pub async fn standings(&self, generator: &dyn Generator) -> Result<Vec<Standing>, PublishError> {
        let instances = self.list().await?;
        if instances.is_empty() {
            return Ok(Vec::new());
        }
        generator.begin();
        let registry = self.registry()?;
        let by = fingerprints(&registry, generator);
        let (live, rolled_back) = (self.live().await?, self.rolled_back().await?);
        let steps = self.open_steps().await?.into_iter().chain(self.failed_steps().await?);
        let steps: BTreeMap<AuthoredId, Step> = steps.map(|step| (step.public_id.clone(), step)).collect();
        let overlays = self.all_overlays().await?;
        let standing = |instance: Instance| {
            let id = &instance.public_id;
            let overlays = overlays.get(&id.to_string()).map(Vec::as_slice).unwrap_or_default();
            let live = live.get(id);
            let inputs = inputs(&instance, overlays, &registry, &by);
            let locales = locales(&instance, overlays, &registry);
            let (progress, locales) = match (inputs, locales) {
                (Ok(inputs), Ok(locales)) => {
                    let to = rolled_back.get(id).copied();
                    (progress(&inputs, live, steps.get(id), to), locales)
                }
                (Err(error), _) | (_, Err(error)) => {
                    (Progress::Unusable { why: error.to_string() }, Vec::new())
                }
            };
            Standing {
                public_id: id.clone(),
                widget_type: instance.widget_type.clone(),
                status: instance.status,
                revision: instance.revision,
                progress,
                sequence: live.map(|live| live.sequence),
                published_at: live.map(|live| live.manifest().published_at),
                publisher: live.map(|live| live.manifest().publisher.clone()),
                locales,
            }
        };
        Ok(instances.into_iter().map(standing).collect())
    }

    /// What changed in an instance since it was published from here; `None` where it never was.
    pub async fn changes(&self, id: &AuthoredId) -> Result<Option<Vec<Change>>, PublishError> {
        let instance = self.get(id).await?;
        let past = self.history(id).await?.into_iter().find_map(|past| past.snapshot);
        Ok(past.map(|past| changes(&past.config, &instance.config)))
    }
}

fn progress(inputs: &str, live: Option<&Live>, step: Option<&Step>, back_to: Option<u64>) -> Progress {
    let in_step = live.is_some_and(|live| live.is_complete && live.inputs == inputs);
    match (step, live) {
        (Some(step), _) if step.state.is_open() => {
            Progress::UnderWay { reached: step.state, error: step.error.clone() }
        }
        (Some(failed), _) if !in_step => Progress::Failed { why: failed.error.clone().unwrap_or_default() },
        (_, None) => Progress::Never,
        (_, Some(_)) if in_step => Progress::InStep,
        (_, Some(_)) => back_to.map_or(Progress::Ahead, |to| Progress::RolledBack { to }),
    }
}

/// The texts of an instance in every locale that is wanted.
fn locales(
    instance: &Instance,
    overlays: &[Overlay],
    registry: &Registry,
) -> Result<Vec<LocaleStanding>, PublishError> {
    let rules = rules_of(registry, &instance.widget_type, instance.status)?;
    // Of all locales once: it goes through the whole of an instance.
    let base = rules.texts(&instance.config)?;
    let of = |locale: &Locale| {
        let layers: Vec<&Overlay> = overlays.iter().filter(|overlay| overlay.locale == *locale).collect();
        let weighed = weigh(&base, &rules, &layers);
        let fated = |fate: Fate| weighed.told.iter().filter(move |told| told.fate == fate);
        let places = |fate: Fate| fated(fate).map(|told| told.at.clone()).collect();
        LocaleStanding {
            locale: locale.to_string(),
            applied: fated(Fate::Applied).count(),
            stale: places(Fate::Stale),
            orphans: places(Fate::Orphan),
            missing: base.len() - weighed.chosen.len(),
        }
    };
    Ok(registry.locales.iter().map(of).collect())
}
