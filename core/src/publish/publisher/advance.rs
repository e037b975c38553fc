//! The steps of a publication, one at a time.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};

use super::super::artifact::{ALWAYS_ANEW, FOR_EVER, artifact_key, folder, pointer_key};
use super::super::error::PublishError;
use super::super::manifest::{MANIFEST_BYTES_MAX, Manifest};
use super::super::mirror::Mirrored;
use super::super::outbox::{Sealed, State, Step};
use super::super::prepare::prepare;
use super::super::registry::Registry;
use super::{Publisher, copy_key, manifest};
use crate::catalog::Trouble;
use crate::lake::{Put, StoreError, Version};

/// Puts on their way at the same time.
const AT_ONCE: usize = 16;

impl Publisher {
    /// Does the next step of a publication, and writes down that it was done.
    pub async fn advance(&self, step: &mut Step, registry: &Registry) -> Result<(), PublishError> {
        let next = match step.state {
            State::Planned => return self.generate(step, registry).await,
            State::Generated => self.upload(step).await?,
            State::Uploaded => self.mirror(step).await?,
            State::Mirrored => self.swap(step).await?,
            State::Swapped => return self.check(step).await,
            State::Checked | State::Done | State::Superseded | State::Failed => return Ok(()),
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
        let made = manifest(id, &step.snapshot, &prepared, registry, live.as_ref(), self.now())?;
        let manifest = Manifest { publisher: self.name.clone(), run: step.run.clone(), ..made };
        step.is_complete = prepared.is_complete;
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

    /// Every object under the name of its content, where it is not there yet.
    async fn upload(&self, step: &Step) -> Result<State, PublishError> {
        self.store.probe().await?;
        let sealed = Publisher::sealed(step)?;
        let live = self.authored.live_of(&step.public_id).await?;
        let there: BTreeSet<String> = live.iter().flat_map(|live| named(live.manifest())).collect();
        let mut made = self.authored.artifacts(step).await?;
        let mut puts: Vec<(String, Option<Vec<u8>>)> = Vec::new();
        for key in named(&sealed.manifest).into_iter().filter(|key| !there.contains(key)) {
            puts.push((key.clone(), made.remove(&key)));
        }
        puts.push((copy_key(step, sealed), Some(sealed.bytes.clone())));
        let puts = puts.into_iter().map(|(key, bytes)| async move {
            match bytes {
                Some(bytes) => self.put_once(&key, bytes).await,
                // Of an earlier publication, which nobody has the bytes of here.
                None if self.store.head(&key).await?.is_some() => Ok(()),
                None => Err(PublishError::Collected { object: key }),
            }
        });
        futures::stream::iter(puts).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        Ok(State::Uploaded)
    }

    /// Puts what is named by its content. One that is there already is the same, or is damaged.
    async fn put_once(&self, key: &str, bytes: Vec<u8>) -> Result<(), PublishError> {
        let length = bytes.len() as u64;
        match self.store.put_cached(key, Bytes::from(bytes), Put::Create, Some(FOR_EVER)).await {
            Ok(_) => Ok(()),
            Err(StoreError::Conflict { .. }) => match self.store.head(key).await? {
                Some(there) if there.bytes == length => Ok(()),
                Some(there) => Err(PublishError::Damaged {
                    object: key.to_string(),
                    why: format!("it has {} bytes, and should have {length}", there.bytes),
                }),
                None => Err(PublishError::Contended(key.to_string())),
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn mirror(&self, step: &Step) -> Result<State, PublishError> {
        self.to_mirror(step, false).await?;
        Ok(State::Mirrored)
    }

    /// Before the swap no row of the same number is written over: whose it is, the swap decides. After it, the winner's
    /// stands.
    async fn to_mirror(&self, step: &Step, won: bool) -> Result<(), PublishError> {
        let Some(mirror) = &self.mirror else { return Ok(()) };
        let sealed = Publisher::sealed(step)?;
        let config = super::super::canonical::canonical(&step.snapshot.config)?;
        let config = String::from_utf8_lossy(&config);
        let row = Mirrored {
            id: &step.public_id,
            widget_type: &step.snapshot.widget_type,
            status: step.snapshot.status,
            config: &config,
            config_hash: &sealed.manifest.config_hash,
            sequence: step.sequence,
            manifest_hash: &sealed.hash,
            publisher: &self.name,
            now_ms: self.authored.now_ms(),
        };
        if won { mirror.settle(&row).await } else { mirror.bring(&row).await }
    }

    /// The pointer, in place of the one that this folder knows. An answer that was lost is looked up.
    async fn swap(&self, step: &mut Step) -> Result<State, PublishError> {
        let sealed = Publisher::sealed(step)?.clone();
        let live = self.authored.live_of(&step.public_id).await?;
        let known = live.map(|live| Version::of(live.version));
        let terms = known.as_ref().map_or(Put::Create, Put::Replace);
        let key = pointer_key(&step.public_id);
        let version = match self
            .store
            .put_cached(&key, Bytes::from(sealed.bytes.clone()), terms, Some(ALWAYS_ANEW))
            .await
        {
            Ok(version) => version,
            Err(error) if error.is_ambiguous() => {
                match self.store.get(&key, MANIFEST_BYTES_MAX).await {
                    Ok(there) if there.bytes == sealed.bytes => there.version,
                    // Nobody changed it, and the store says so all the same, or could not be reached.
                    Ok(there) if Some(&there.version) == known.as_ref() => return Err(error.into()),
                    Ok(there) => {
                        return Err(conflict(step, &Manifest::unseal(&there.bytes, &step.public_id, &key)?));
                    }
                    Err(_) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        };
        step.version = Some(version.as_str().to_string());
        Ok(State::Swapped)
    }

    /// Whether all that the pointer names is there: what a sweep took away meanwhile is put again. Then the ledger, last.
    async fn check(&self, step: &mut Step) -> Result<(), PublishError> {
        let sealed = Publisher::sealed(step)?.clone();
        let listed = self.store.list(&folder(&step.public_id)).await?;
        let there: BTreeMap<&str, u64> =
            listed.iter().map(|object| (object.key.as_str(), object.bytes)).collect();
        let mut made = self.authored.artifacts(step).await?;
        let copy = copy_key(step, &sealed);
        made.insert(copy.clone(), sealed.bytes.clone());
        for key in named(&sealed.manifest).into_iter().chain([copy]) {
            if there.contains_key(key.as_str()) {
                continue;
            }
            match made.remove(&key) {
                Some(bytes) => self.put_once(&key, bytes).await?,
                None => return Err(PublishError::Collected { object: key }),
            }
        }
        self.to_mirror(step, true).await?;
        let version = step.version.clone().ok_or(Trouble::Damaged)?;
        self.authored.keep_live(step, &sealed, &version).await?;
        step.state = State::Checked;
        Ok(())
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

/// The artifacts that a manifest names, as keys.
pub(super) fn named(manifest: &Manifest) -> Vec<String> {
    let key = |(locale, of): (_, &super::super::manifest::InLocale)| {
        artifact_key(&manifest.public_id, locale, &of.sha256)
    };
    manifest.locales.iter().map(key).collect()
}
