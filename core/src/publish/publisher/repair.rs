//! Putting back what was published from here and is missing or damaged in the store: pointers, artifacts, rows of the
//! mirror, the set. All of it is made of what this folder knows, and put on terms: what somebody else published since is
//! left as it is.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;

use super::super::artifact::{ALWAYS_ANEW, Artifact, artifact_key, manifest_key, pointer_key, set_key};
use super::super::canonical::Sha256;
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::ledger::Live;
use super::super::manifest::{MANIFEST_BYTES_MAX, Manifest, SET_BYTES_MAX, Set};
use super::super::overlay::{Overlay, compose};
use super::super::prepare::{Snapshot, rules_of};
use super::super::registry::Registry;
use super::Publisher;
use super::advance::objects;
use super::set::merged;
use super::target::bring;
use super::verify::row;
use crate::lake::{StoreError, Swap, Version};

/// Something that was not as it was published, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// The instance that it is of; none where it is of the set.
    pub public_id: Option<AuthoredId>,
    pub what: String,
    /// Whether it is now as it was published.
    pub is_mended: bool,
}

impl Publisher {
    /// Reads every object that the live manifests name, and puts back what is not as it was published from here.
    pub async fn repair(&self) -> Result<Vec<Repaired>, PublishError> {
        let _turn = self.begin().await?;
        self.store.probe().await?;
        let (registry, mut live) = (self.authored.registry()?, self.authored.live().await?);
        let under_way = self.authored.under_way().await?;
        let mut done = Vec::new();
        for (id, live) in &live {
            let mut of = self.repair_objects(id, live, &registry).await?;
            // The pointer after what it leads to.
            of.extend(self.repair_pointer(id, live).await?);
            // The row of what is under way may be there before its pointer.
            if !under_way.get(id).is_some_and(|step| step.state.is_open()) {
                of.extend(self.repair_row(id, live).await?);
            }
            let told = |(what, is_mended)| Repaired { public_id: Some(id.clone()), what, is_mended };
            done.extend(of.into_iter().map(told));
        }
        let held = self.authored.held().await?;
        live.retain(|id, _| !held.contains_key(id));
        let told = |(what, is_mended)| Repaired { public_id: None, what, is_mended };
        done.extend(self.repair_set(&live).await?.map(told));
        Ok(done)
    }

    async fn repair_objects(
        &self,
        id: &AuthoredId,
        live: &Live,
        registry: &Registry,
    ) -> Result<Vec<(String, bool)>, PublishError> {
        let mut done = Vec::new();
        let mut made: Option<BTreeMap<String, Vec<u8>>> = None;
        for object in objects(&live.sealed) {
            match self.whole(&object).await {
                Ok(()) => continue,
                Err(PublishError::Collected { .. }) => {}
                Err(error) => return Err(error),
            }
            if made.is_none() {
                made = Some(self.made_again(id, live, registry).await?);
            }
            let key = object.key;
            match made.as_mut().and_then(|made| made.remove(&key)) {
                Some(bytes) => {
                    self.put_once(&key, bytes).await?;
                    done.push((format!("{key} was put again"), true));
                }
                None => done.push((
                    format!(
                        "{key} cannot be made again of what is kept here; `zenith instance publish {id}` publishes what \
                         is authored now in its place"
                    ),
                    false,
                )),
            }
        }
        if done.iter().any(|(_, is_mended)| !is_mended) {
            self.authored.forget_inputs(id).await?;
        }
        Ok(done)
    }

    /// Every object of a publication that can be made of what is kept here, by key. What it came to be called by its
    /// content says whether it is the same: nothing else counts.
    async fn made_again(
        &self,
        id: &AuthoredId,
        live: &Live,
        registry: &Registry,
    ) -> Result<BTreeMap<String, Vec<u8>>, PublishError> {
        let manifest = live.manifest();
        let mut made = BTreeMap::from([(manifest_key(id, &live.sealed.hash), live.sealed.bytes.clone())]);
        let Some(snapshot) = self.snapshot_of(id, live).await? else { return Ok(made) };
        let overlays = self.authored.overlays(id).await?;
        let rules = rules_of(registry, &snapshot.widget_type, snapshot.status).unwrap_or_default();
        for locale in manifest.locales.keys() {
            let content = if *locale == manifest.base_locale {
                snapshot.config.clone()
            } else {
                let layers: Vec<&Overlay> = overlays.iter().filter(|of| of.locale == *locale).collect();
                let Ok(composed) = compose(&snapshot.config, &rules, &layers) else { continue };
                composed.content
            };
            let bytes = Artifact::new(id, &snapshot.widget_type, locale, content).bytes()?;
            made.insert(artifact_key(id, locale, &Sha256::of(&bytes)), bytes);
        }
        Ok(made)
    }

    /// What was published as what is live; nothing where somebody else published it.
    async fn snapshot_of(&self, id: &AuthoredId, live: &Live) -> Result<Option<Snapshot>, PublishError> {
        let number = live.manifest().sequence;
        let past = self.authored.history(id).await?.into_iter().find(|past| past.sequence == number);
        Ok(past.and_then(|past| past.snapshot))
    }

    async fn repair_pointer(
        &self,
        id: &AuthoredId,
        live: &Live,
    ) -> Result<Option<(String, bool)>, PublishError> {
        let (key, bytes) = (pointer_key(id), &live.sealed.bytes);
        let there = match self.store.get(&key, MANIFEST_BYTES_MAX).await {
            Ok(there) => Some(there),
            Err(StoreError::Absent { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(there) = &there {
            if there.bytes == *bytes {
                self.authored.know_pointer(id, there.version.as_str()).await?;
                return Ok(None);
            }
            match Manifest::unseal(&there.bytes, id, &key) {
                Ok(other) if other.sequence >= live.manifest().sequence => {
                    let (number, by) = (other.sequence, other.publisher);
                    return Ok(Some((
                        format!(
                            "its pointer is number {number} by {by}, and stays; `zenith instance publish {id}` goes on \
                             with it, or says what to do"
                        ),
                        false,
                    )));
                }
                // An older one that was put back, or none at all.
                Ok(_) | Err(PublishError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let (expected, bytes) = (there.as_ref().map(|there| &there.version), Bytes::from(bytes.clone()));
        match self.store.swap(&key, bytes, expected, Some(ALWAYS_ANEW), MANIFEST_BYTES_MAX).await? {
            Swap::Done(version) => {
                self.authored.know_pointer(id, version.as_str()).await?;
                Ok(Some((format!("its pointer was put back to number {}", live.sequence), true)))
            }
            Swap::Other(_) | Swap::Gone => Err(PublishError::Contended(key)),
        }
    }

    async fn repair_row(&self, id: &AuthoredId, live: &Live) -> Result<Option<(String, bool)>, PublishError> {
        let Some(mirror) = &self.mirror else { return Ok(None) };
        let Some(what) = row(mirror, id, live, true).await?.pop() else { return Ok(None) };
        if let Some(snapshot) = self.snapshot_of(id, live).await? {
            bring(mirror, id, &snapshot, &live.sealed, true).await?;
        }
        match row(mirror, id, live, true).await?.pop() {
            None => Ok(Some(("its row in the mirror was put back".to_string(), true))),
            Some(_) => Ok(Some((what, false))),
        }
    }

    /// The set is made of what this folder knows of it and what is live, under the next number. One that names all of that
    /// already is somebody's, and stays.
    async fn repair_set(
        &self,
        live: &BTreeMap<AuthoredId, Live>,
    ) -> Result<Option<(String, bool)>, PublishError> {
        let Some(known) = self.authored.known_set().await? else { return Ok(None) };
        let key = set_key();
        let number = Set::unseal(&known.body, &key)?.sequence;
        let (version, what): (Option<Version>, _) = match self.store.get(&key, SET_BYTES_MAX).await {
            Err(StoreError::Absent { .. }) => (None, "is gone"),
            Err(error) => return Err(error.into()),
            Ok(there) => match Set::unseal(&there.bytes, &key) {
                Ok(set) if set.sequence >= number => {
                    let lacks = merged(set.instances.clone(), live) != set.instances;
                    self.authored.know_set(Some(there.version.as_str()), &there.bytes).await?;
                    let put = if lacks { self.swap_set(live, false).await? } else { None };
                    return Ok(put.map(|number| (format!("{key} names all again, as number {number}"), true)));
                }
                Ok(_) => (Some(there.version), "was an older one"),
                Err(PublishError::Damaged { .. }) => (Some(there.version), "was damaged"),
                Err(error) => return Err(error),
            },
        };
        self.authored.know_set(version.as_ref().map(Version::as_str), &known.body).await?;
        let put = self.swap_set(live, true).await?;
        Ok(put.map(|number| (format!("{key} {what}, and was put anew as number {number}"), true)))
    }
}
