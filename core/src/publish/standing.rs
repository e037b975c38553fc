//! How instances stand: what is here beside what was published, by this folder's own knowledge alone.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::authored::Authored;
use super::diff::{Change, changes};
use super::error::PublishError;
use super::generate::Generator;
use super::id::{AuthoredId, WidgetType};
use super::instance::Status;
use super::outbox::State;
use super::overlay::{Fate, Overlay, compose};
use super::prepare::inputs;

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
    /// A publication was begun, and is this far.
    UnderWay { reached: State, error: Option<String> },
    /// The last publication could not be done.
    Failed { why: String },
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
        let (live, open) = (self.live().await?, self.open_steps().await?);
        let failed = self.failed_steps().await?;
        let overlays = self.all_overlays().await?;
        let instances = self.list().await?;
        // Without a registry there can be instances, of before it was taken away; none can be published.
        let registry = if instances.is_empty() { None } else { Some(self.registry()?) };
        let mut standings = Vec::new();
        for instance in instances {
            let Some(registry) = &registry else { continue };
            let id = &instance.public_id;
            let empty = Vec::new();
            let overlays = overlays.get(&id.to_string()).unwrap_or(&empty);
            let live = live.get(id);
            let under_way = open.iter().find(|open| open.public_id == *id);
            let failed = failed.iter().find(|failed| failed.public_id == *id);
            let in_step = match live {
                Some(live) => {
                    live.is_complete && live.inputs == inputs(&instance, overlays, registry, generator)?
                }
                None => false,
            };
            let progress = match (under_way, failed, live) {
                (Some(open), _, _) => Progress::UnderWay { reached: open.state, error: open.error.clone() },
                (None, Some(failed), _) if !in_step => {
                    Progress::Failed { why: failed.error.clone().unwrap_or_default() }
                }
                (None, _, None) => Progress::Never,
                (None, _, Some(_)) if in_step => Progress::InStep,
                (None, _, Some(_)) => Progress::Ahead,
            };
            let rules = registry.rules(&instance.widget_type)?;
            let mut locales = Vec::new();
            for locale in &registry.locales {
                let layers: Vec<&Overlay> =
                    overlays.iter().filter(|overlay| overlay.locale == *locale).collect();
                let composed = compose(&instance.config, rules, &layers)?;
                let fated = |fate: Fate| composed.told.iter().filter(move |told| told.fate == fate);
                let places = |fate: Fate| fated(fate).map(|told| told.at.clone()).collect();
                locales.push(LocaleStanding {
                    locale: locale.to_string(),
                    applied: fated(Fate::Applied).count(),
                    stale: places(Fate::Stale),
                    orphans: places(Fate::Orphan),
                    missing: composed.untranslated.len(),
                });
            }
            standings.push(Standing {
                public_id: id.clone(),
                widget_type: instance.widget_type.clone(),
                status: instance.status,
                revision: instance.revision,
                progress,
                sequence: live.map(|live| live.sequence),
                published_at: live.map(|live| live.manifest().published_at),
                publisher: live.map(|live| live.manifest().publisher.clone()),
                locales,
            });
        }
        Ok(standings)
    }

    /// What changed in an instance since it was published from here; `None` where it never was.
    pub async fn changes(&self, id: &AuthoredId) -> Result<Option<Vec<Change>>, PublishError> {
        let instance = self.get(id).await?;
        let past = self.history(id).await?.into_iter().find_map(|past| past.snapshot);
        Ok(past.map(|past| changes(&past.config, &instance.config)))
    }
}
