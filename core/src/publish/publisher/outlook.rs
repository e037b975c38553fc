//! What a publication would put, without asking anybody.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::artifact::{folder, pointer_key};
use super::super::authored::Authored;
use super::super::error::PublishError;
use super::super::generate::Generator;
use super::super::id::AuthoredId;
use super::super::instance::Instance;
use super::super::overlay::Overlay;
use super::super::prepare::{Snapshot, inputs, prepare};
use super::advance::named;
use super::{left_out, manifest};

/// What a publication of an instance would put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outlook {
    pub public_id: AuthoredId,
    pub sequence: u64,
    /// Objects that are not there yet, as far as this folder knows. A manifest has its name once it is made.
    pub puts: Vec<String>,
    pub left_out: Vec<(String, String)>,
}

impl Authored {
    /// What a publication would put: of what changed, by all that translates; `offline` are those who need nobody else.
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
        let (registry, mut live) = (self.registry()?, self.live().await?);
        for (instance, overlays) in wanted {
            let (id, live) = (&instance.public_id, live.remove(&instance.public_id));
            let inputs = inputs(&instance, &overlays, &registry, generator)?;
            if live.as_ref().is_some_and(|live| live.is_complete && live.inputs == inputs) {
                continue;
            }
            let snapshot = Snapshot::from(&instance);
            let prepared = prepare(id, &snapshot, &overlays, &registry, offline).await?;
            let next = manifest(id, &snapshot, &prepared, &registry, live.as_ref(), self.now())?;
            if let Some(live) = &live
                && live.manifest().content()? == next.content()?
            {
                continue;
            }
            let there: BTreeSet<String> = live.iter().flat_map(|live| named(live.manifest())).collect();
            let mut puts: Vec<String> = named(&next).into_iter().filter(|key| !there.contains(key)).collect();
            puts.push(format!("{}/manifest.….json", folder(id)));
            puts.push(pointer_key(id));
            let left_out = left_out(&next);
            outlooks.push(Outlook { public_id: id.clone(), sequence: next.sequence, puts, left_out });
        }
        Ok(outlooks)
    }

    /// Instances with their overlays; all where none is named.
    pub(super) async fn wanted(
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
        DateTime::from_timestamp_millis(self.now_ms()).unwrap_or_default()
    }
}
