//! The steps of a publication, one at a time.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};

use super::super::artifact::{
    ALWAYS_ANEW, ARTIFACT_BYTES_MAX, FOR_EVER, artifact_key, folder, manifest_key, pointer_key,
};
use super::super::canonical::Sha256;
use super::super::error::PublishError;
use super::super::ledger::Sealed;
use super::super::manifest::{InLocale, MANIFEST_BYTES_MAX, Manifest};
use super::super::prepare::prepare;
use super::super::registry::Registry;
use super::super::step::{State, Step};
use super::plan::manifest;
use super::target::bring;
use super::{AT_ONCE, Publisher};
use crate::catalog::Trouble;
use crate::lake::{Put, StoreError, Swap, Version};

impl Publisher {
    /// Does the next step of a publication, and writes down that it was done.
    pub async fn advance(&self, step: &mut Step, registry: &Registry) -> Result<(), PublishError> {
        let next = match step.state {
            State::Planned => return self.generate(step, registry).await,
            State::Generated => self.upload(step).await?,
            State::Uploaded => self.mirror(step).await?,
            State::Mirrored => self.swap(step).await?,
            State::Swapped => return self.check(step).await,
            State::Checked | State::Superseded | State::Failed => return Ok(()),
        };
        self.authored.move_on(step, next).await?;
        step.state = next;
        Ok(())
    }

    async fn generate(&self, step: &mut Step, registry: &Registry) -> Result<(), PublishError> {
        let id = &step.public_id;
        let overlays = self.authored.overlays(id).await?;
        let prepared = prepare(id, &step.snapshot, &overlays, registry, &*self.generator).await?;
        let live = self.authored.live_of(id).await?;
        let now = self.authored.now();
        let made = manifest(id, &step.snapshot, &prepared, registry, live.as_ref(), now)?;
        let manifest = Manifest { publisher: self.name.clone(), run: step.run.clone(), ..made };
        step.is_complete = prepared.is_complete;
        step.told = prepared.told;
        if let Some(live) = &live
            && live.manifest().content()? == manifest.content()?
        {
            // Readers would see the same.
            self.authored.keep_same(step).await?;
            step.state = State::Superseded;
            return Ok(());
        }
        step.sequence = manifest.sequence;
        step.manifest = Some(Sealed::new(manifest)?);
        self.authored.keep_generated(step, &prepared.generated, &prepared.artifacts).await?;
        step.state = State::Generated;
        Ok(())
    }

    fn sealed(step: &Step) -> Result<&Sealed, PublishError> {
        // It is written in the transaction that makes a step `generated`.
        Ok(step.manifest.as_ref().ok_or(Trouble::Damaged)?)
    }

    /// Every object under the name of its content, where it is not there yet. What the live manifest names is there as far
    /// as is known, and can be put again where it is not; what cannot be is looked for.
    async fn upload(&self, step: &Step) -> Result<State, PublishError> {
        self.store.probe().await?;
        let sealed = Publisher::sealed(step)?;
        let live = self.authored.live_of(&step.public_id).await?;
        let there: BTreeSet<String> = live.iter().flat_map(|live| named(live.manifest())).collect();
        let mut made = self.authored.artifacts(step).await?;
        made.insert(copy_key(step, sealed), sealed.bytes.clone());
        let mut puts: Vec<(Named, Option<Vec<u8>>)> = Vec::new();
        for object in objects(sealed) {
            let bytes = made.remove(&object.key);
            if bytes.is_none() || !there.contains(&object.key) {
                puts.push((object, bytes));
            }
        }
        let puts = puts.into_iter().map(|(object, bytes)| async move {
            match bytes {
                Some(bytes) => self.put_once(&object.key, bytes).await,
                // Of an earlier publication, which nobody has the bytes of here.
                None => self.whole(&object).await,
            }
        });
        futures::stream::iter(puts).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        Ok(State::Uploaded)
    }

    /// Puts what is named by its content. One that is there already is put over, and nobody reads it: it is the same, or it
    /// is damaged. Its age begins anew, which keeps a sweep from it.
    pub(super) async fn put_once(&self, key: &str, bytes: Vec<u8>) -> Result<(), PublishError> {
        let (bytes, cache) = (Bytes::from(bytes), Some(FOR_EVER));
        match self.store.put_cached(key, bytes.clone(), Put::Create, cache).await {
            Ok(_) => Ok(()),
            Err(StoreError::Conflict { .. }) => {
                Ok(self.store.put_cached(key, bytes, Put::Overwrite, cache).await.map(drop)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether what lies there is what its name says. Its hash is looked at, and no value.
    pub(super) async fn whole(&self, object: &Named) -> Result<(), PublishError> {
        match self.store.get(&object.key, ARTIFACT_BYTES_MAX).await {
            Ok(there) if Sha256::of(&there.bytes) == object.sha256 => Ok(()),
            Ok(_) | Err(StoreError::Absent { .. } | StoreError::Damaged { .. }) => {
                Err(PublishError::Collected { object: object.key.clone() })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn mirror(&self, step: &Step) -> Result<State, PublishError> {
        self.to_mirror(step, false).await?;
        Ok(State::Mirrored)
    }

    async fn to_mirror(&self, step: &Step, won: bool) -> Result<(), PublishError> {
        let Some(mirror) = &self.mirror else { return Ok(()) };
        bring(mirror, &step.public_id, &step.snapshot, Publisher::sealed(step)?, won).await
    }

    /// The pointer, in place of the one that this folder knows.
    async fn swap(&self, step: &mut Step) -> Result<State, PublishError> {
        let bytes = Bytes::from(Publisher::sealed(step)?.bytes.clone());
        let live = self.authored.live_of(&step.public_id).await?;
        let known = live.map(|live| Version::of(live.version));
        let (key, cache, most) = (pointer_key(&step.public_id), Some(ALWAYS_ANEW), MANIFEST_BYTES_MAX);
        let mut swapped = self.store.swap(&key, bytes.clone(), known.as_ref(), cache, most).await?;
        if matches!(swapped, Swap::Gone) {
            // Somebody took it away. The number goes on from the ledger's, which readers saw.
            swapped = self.store.swap(&key, bytes, None, cache, most).await?;
        }
        let version = match swapped {
            Swap::Done(version) => version,
            Swap::Other(there) => {
                // Where nobody can read it, nobody's number is known: putting it back is a deed of its own.
                return Err(conflict(step, &Manifest::unseal(&there.bytes, &step.public_id, &key)?));
            }
            Swap::Gone => return Err(PublishError::Contended(key)),
        };
        step.version = Some(version.as_str().to_string());
        Ok(State::Swapped)
    }

    /// Whether all that the pointer names is there: what a sweep took away meanwhile is put again. Then the ledger, last.
    /// It says what is live whatever is missing there: who cannot be put again is made anew by the next publication.
    async fn check(&self, step: &mut Step) -> Result<(), PublishError> {
        let sealed = Publisher::sealed(step)?.clone();
        let listed = self.store.list(&folder(&step.public_id)).await?;
        let there: BTreeSet<(&str, u64)> =
            listed.iter().map(|object| (object.key.as_str(), object.bytes)).collect();
        let (mut made, mut lost) = (self.authored.artifacts(step).await?, None);
        made.insert(copy_key(step, &sealed), sealed.bytes.clone());
        for Named { key, bytes, .. } in objects(&sealed) {
            match made.remove(&key) {
                _ if there.contains(&(key.as_str(), bytes)) => {}
                Some(bytes) => self.put_once(&key, bytes).await?,
                None => lost = Some(key),
            }
        }
        self.to_mirror(step, true).await?;
        let version = step.version.clone().ok_or(Trouble::Damaged)?;
        if lost.is_some() {
            step.inputs.clear();
        }
        self.authored.keep_live(step, &sealed, &version).await?;
        step.state = State::Checked;
        match lost {
            Some(object) => Err(PublishError::Collected { object }),
            None => Ok(()),
        }
    }
}

fn conflict(step: &Step, there: &Manifest) -> PublishError {
    PublishError::Conflict {
        id: step.public_id.to_string(),
        publisher: there.publisher.clone(),
        sequence: there.sequence,
        at: there.published_at,
    }
}

/// Where the manifest of a step lies for ever.
pub(super) fn copy_key(step: &Step, sealed: &Sealed) -> String {
    manifest_key(&step.public_id, &sealed.hash)
}

/// The artifacts that a manifest names, as keys.
pub(super) fn named(manifest: &Manifest) -> Vec<String> {
    let key = |(locale, of): (_, &InLocale)| artifact_key(&manifest.public_id, locale, &of.sha256);
    manifest.locales.iter().map(key).collect()
}

/// An object that never changes, as a manifest names it.
pub(super) struct Named {
    pub key: String,
    pub sha256: Sha256,
    pub bytes: u64,
}

/// The artifacts that a manifest names, and the manifest under a name of its own.
pub(super) fn objects(sealed: &Sealed) -> Vec<Named> {
    let manifest = &sealed.manifest;
    let artifact = |(key, of): (String, &InLocale)| Named { key, sha256: of.sha256.clone(), bytes: of.bytes };
    let mut objects: Vec<Named> =
        named(manifest).into_iter().zip(manifest.locales.values()).map(artifact).collect();
    let (sha256, bytes) = (sealed.hash.clone(), sealed.bytes.len() as u64);
    objects.push(Named { key: manifest_key(&manifest.public_id, &sealed.hash), sha256, bytes });
    objects
}
