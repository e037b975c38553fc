//! What a publication would put, without asking anybody.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::artifact::{folder, pointer_key, set_key};
use super::super::authored::{Authored, now_ms};
use super::super::error::PublishError;
use super::super::generate::Generator;
use super::super::id::AuthoredId;
use super::super::instance::{Instance, Status};
use super::super::ledger::Live;
use super::super::locale::Locale;
use super::super::manifest::Manifest;
use super::super::overlay::Overlay;
use super::super::prepare::{Snapshot, fingerprints, inputs, prepare};
use super::super::registry::Registry;
use super::super::step::{State, Step};
use super::advance::named;
use super::plan::manifest;
use super::report::left_out;

/// What a publication of an instance would put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outlook {
    pub public_id: AuthoredId,
    pub sequence: u64,
    /// Objects that are not there yet, as far as this folder knows, and the pointers. A manifest has its name once it is
    /// made; the set is put once for all.
    pub puts: Vec<String>,
    pub left_out: Vec<(String, String)>,
    /// Why it cannot be published as it is, where it cannot.
    pub unusable: Option<String>,
}

impl Outlook {
    fn of(next: &Manifest, live: Option<&Live>, told: &BTreeMap<Locale, String>) -> Outlook {
        let there: BTreeSet<String> = live.into_iter().flat_map(|live| named(live.manifest())).collect();
        let mut puts: Vec<String> = named(next).into_iter().filter(|key| !there.contains(key)).collect();
        puts.push(format!("{}/manifest.….json", folder(&next.public_id)));
        puts.push(pointer_key(&next.public_id));
        puts.push(set_key());
        let left_out = left_out(next, told);
        let (public_id, sequence) = (next.public_id.clone(), next.sequence);
        Outlook { public_id, sequence, puts, left_out, unusable: None }
    }
}

impl Authored {
    /// What a publication would put: of what changed, by all that translates; `offline` are those who need nobody else. What
    /// is under way goes first, and what stays rolled back does not go.
    pub async fn outlook(
        &self,
        ids: &[AuthoredId],
        generator: &dyn Generator,
        offline: &dyn Generator,
    ) -> Result<Vec<Outlook>, PublishError> {
        let mut outlooks = Vec::new();
        let wanted = self.wanted(ids).await?;
        if wanted.is_empty() {
            return Ok(outlooks);
        }
        generator.begin();
        offline.begin();
        let (registry, mut live) = (self.registry()?, self.live().await?);
        let open = self.open_steps().await?;
        let pins = if ids.is_empty() { self.pins().await? } else { BTreeMap::new() };
        let by = fingerprints(&registry, generator);
        for (instance, overlays) in wanted {
            let (id, live) = (&instance.public_id, live.remove(&instance.public_id));
            let open = open.iter().find(|step| step.public_id == *id);
            if let Some(pin) = pins.get(id)
                && (open.is_some() || pin.holds(live.as_ref(), &instance, &overlays)?)
                && pin.is_unedited(&instance, &overlays)?
            {
                let sealed = open.and_then(|step| Some((step, step.manifest.as_ref()?)));
                outlooks.extend(
                    sealed.map(|(step, sealed)| Outlook::of(&sealed.manifest, live.as_ref(), &step.told)),
                );
                continue;
            }
            let sequence = live.as_ref().map_or(0, |live| live.sequence) + 1;
            let ahead = async {
                let inputs = inputs(&instance, &overlays, &registry, &by)?;
                self.ahead(&instance, &overlays, &registry, offline, &inputs, open, live).await
            };
            match ahead.await {
                Ok(ahead) => outlooks.extend(ahead),
                Err(error) if error.is_of_content() => outlooks.push(Outlook {
                    public_id: id.clone(),
                    sequence,
                    puts: Vec::new(),
                    left_out: Vec::new(),
                    unusable: Some(error.to_string()),
                }),
                Err(error) => return Err(error),
            }
        }
        Ok(outlooks)
    }

    /// What is ahead of one instance: what is under way, and what changed since.
    #[expect(clippy::too_many_arguments, reason = "each is read once for all instances")]
    async fn ahead(
        &self,
        instance: &Instance,
        overlays: &[Overlay],
        registry: &Registry,
        offline: &dyn Generator,
        inputs: &str,
        open: Option<&Step>,
        mut live: Option<Live>,
    ) -> Result<Vec<Outlook>, PublishError> {
        let (id, mut outlooks) = (&instance.public_id, Vec::new());
        if let Some((step, sealed)) = open.and_then(|step| Some((step, step.manifest.clone()?)))
            && (step.inputs == inputs || step.state >= State::Uploaded)
        {
            outlooks.push(Outlook::of(&sealed.manifest, live.as_ref(), &step.told));
            let (sequence, inputs, is_complete) = (step.sequence, step.inputs.clone(), step.is_complete);
            live = Some(Live { sequence, version: String::new(), inputs, is_complete, sealed });
        }
        let is_nothing = live.is_none() && instance.status == Status::Unpublished;
        if is_nothing || live.as_ref().is_some_and(|live| live.is_complete && live.inputs == inputs) {
            return Ok(outlooks);
        }
        let snapshot = Snapshot::from(instance);
        let prepared = prepare(id, &snapshot, overlays, registry, offline).await?;
        let next = manifest(id, &snapshot, &prepared, registry, live.as_ref(), self.now())?;
        let is_same = match &live {
            Some(live) => live.manifest().content()? == next.content()?,
            None => false,
        };
        if !is_same {
            outlooks.push(Outlook::of(&next, live.as_ref(), &prepared.told));
        }
        Ok(outlooks)
    }

    /// Instances with their overlays; all where none is named.
    pub(in crate::publish) async fn wanted(
        &self,
        ids: &[AuthoredId],
    ) -> Result<Vec<(Instance, Vec<Overlay>)>, PublishError> {
        let instances = self.list().await?;
        if let Some(lost) = ids.iter().find(|id| instances.iter().all(|instance| instance.public_id != **id))
        {
            return Err(PublishError::NotThere(lost.to_string()));
        }
        let mut overlays = self.all_overlays().await?;
        let wanted = instances.into_iter().filter(|of| ids.is_empty() || ids.contains(&of.public_id));
        let with_overlays = |of: Instance| {
            let overlays = overlays.remove(&of.public_id.to_string()).unwrap_or_default();
            (of, overlays)
        };
        Ok(wanted.map(with_overlays).collect())
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(now_ms()).unwrap_or_default()
    }
}
