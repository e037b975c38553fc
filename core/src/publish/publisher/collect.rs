//! Removing what nothing names any more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};

use super::super::artifact::{ROOT, manifest_key, pointer_key, set_key};
use super::super::canonical::Sha256;
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::manifest::{MANIFEST_BYTES_MAX, Manifest, SET_BYTES_MAX, Set};
use super::advance::named;
use super::{AT_ONCE, Publisher};
use crate::lake::{Collected, Listed, StoreError};

/// So many manifests of an instance stay, so that one can go back to them.
const KEPT: usize = 20;

impl Publisher {
    /// Removes what neither a pointer, nor the set, nor one of the last manifests, nor a publication under way names, and is
    /// older than `grace`. Nothing is removed while a pointer cannot be read, and nothing of an instance whose pointer is
    /// gone: it could be put again from that.
    pub async fn collect(&self, grace: Duration) -> Result<Collected, PublishError> {
        let _turn = self.begin().await?;
        // The list first: what is put after it cannot be taken for old.
        let listed = self.store.list(ROOT).await?;
        let kept = self.kept(&listed).await?;
        self.sweep(&listed, &kept, grace).await
    }

    pub(super) async fn sweep(
        &self,
        listed: &[Listed],
        kept: &BTreeSet<String>,
        grace: Duration,
    ) -> Result<Collected, PublishError> {
        let is_unnamed = |key: &str| is_collectable(key) && !kept.contains(key);
        Ok(self.store.collect(listed, grace, is_unnamed).await?)
    }

    pub(super) async fn kept(&self, listed: &[Listed]) -> Result<BTreeSet<String>, PublishError> {
        let mut kept = BTreeSet::new();
        for open in self.authored.open_steps().await? {
            if let Some(sealed) = &open.manifest {
                kept.extend(named(&sealed.manifest));
                kept.insert(manifest_key(&open.public_id, &sealed.hash));
            }
        }
        let mut objects: BTreeMap<AuthoredId, Vec<&str>> = BTreeMap::new();
        for object in listed {
            if let Some(id) = instance(&object.key) {
                objects.entry(id).or_default().push(&object.key);
            }
        }
        let chains = objects.into_iter().map(|(id, objects)| self.of_instance(id, objects));
        let chains = futures::stream::iter(chains).buffer_unordered(AT_ONCE);
        kept.extend(chains.try_collect::<Vec<_>>().await?.into_iter().flatten());
        match self.store.get(&set_key(), SET_BYTES_MAX).await {
            Ok(there) => {
                for (id, of) in Set::unseal(&there.bytes, &set_key())?.instances {
                    let key = manifest_key(&id, &of.sha256);
                    if kept.insert(key.clone()) {
                        let bytes = self.store.get(&key, MANIFEST_BYTES_MAX).await?.bytes;
                        kept.extend(named(&Manifest::unseal(&bytes, &id, &key)?));
                    }
                }
            }
            Err(StoreError::Absent { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(kept)
    }

    /// What is to stay of an instance.
    async fn of_instance(
        &self,
        id: AuthoredId,
        objects: Vec<&str>,
    ) -> Result<BTreeSet<String>, PublishError> {
        match self.store.get(&pointer_key(&id), MANIFEST_BYTES_MAX).await {
            Ok(there) => self.chain(&id, there.bytes.to_vec()).await,
            // Its first publication is under way, or its pointer was lost.
            Err(StoreError::Absent { .. }) => Ok(objects.into_iter().map(str::to_string).collect()),
            Err(error) => Err(error.into()),
        }
    }

    /// What the last manifests name, from the pointer back.
    async fn chain(&self, id: &AuthoredId, bytes: Vec<u8>) -> Result<BTreeSet<String>, PublishError> {
        let (mut bytes, mut object, mut kept) = (bytes, pointer_key(id), BTreeSet::new());
        for _ in 0..KEPT {
            let manifest = Manifest::unseal(&bytes, id, &object)?;
            kept.extend(named(&manifest));
            kept.insert(manifest_key(id, &Sha256::of(&bytes)));
            let Some(previous) = manifest.previous else { break };
            object = manifest_key(id, &previous);
            bytes = match self.store.get(&object, MANIFEST_BYTES_MAX).await {
                Ok(there) => there.bytes.to_vec(),
                // Removed by an earlier sweep.
                Err(StoreError::Absent { .. }) => break,
                Err(error) => return Err(error.into()),
            };
        }
        Ok(kept)
    }
}

/// The instance that a key belongs to.
fn instance(key: &str) -> Option<AuthoredId> {
    let (id, _) = key.strip_prefix(ROOT)?.strip_prefix('/')?.split_once('/')?;
    AuthoredId::parse(id).ok()
}

/// `{what}.{sha256}.json` of an instance. Whatever else lies there is left alone.
fn is_collectable(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or_default();
    let hash =
        name.strip_suffix(".json").and_then(|name| name.rsplit_once('.')).map(|(_, hash)| hash.to_string());
    instance(key).is_some() && hash.is_some_and(|hash| Sha256::try_from(hash).is_ok())
}
