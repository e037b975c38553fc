//! The set: which manifests belong together. Its pointer moves once all of a run are live, and names manifests that never
//! change, so that whoever goes by it sees the run whole or not at all.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::super::artifact::{ALWAYS_ANEW, set_key};
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::manifest::{InSet, SCHEMA_VERSION, SET_BYTES_MAX, Set};
use super::Publisher;
use crate::lake::{Put, StoreError, Version};

/// Tries against others who publish at the same time.
const TRIES_MAX: usize = 64;

impl Publisher {
    /// Has the set name all that is live, and says the number that it got. Where it does already, nobody is asked.
    pub(super) async fn swap_set(&self) -> Result<Option<u64>, PublishError> {
        let key = set_key();
        let live = self.authored.live().await?;
        let mine: BTreeMap<AuthoredId, InSet> = live
            .iter()
            .map(|(id, live)| {
                (id.clone(), InSet { sequence: live.manifest().sequence, sha256: live.sealed.hash.clone() })
            })
            .collect();
        for _ in 0..TRIES_MAX {
            let known = self.authored.known_set().await?;
            let stands = known.as_ref().map(|known| Set::unseal(&known.body, &key)).transpose()?;
            let before = stands.as_ref().map(|set| set.instances.clone()).unwrap_or_default();
            let instances = merged(before.clone(), &mine);
            if instances == before {
                return Ok(None);
            }
            let set = Set {
                schema_version: SCHEMA_VERSION,
                sequence: stands.map_or(0, |set| set.sequence) + 1,
                published_at: self.now(),
                publisher: self.name.clone(),
                run: uuid::Uuid::new_v4().simple().to_string(),
                instances,
            };
            let bytes = set.seal()?;
            let version = known.and_then(|known| known.version).map(Version::of);
            let terms = version.as_ref().map_or(Put::Create, Put::Replace);
            let put = self.store.put_cached(&key, Bytes::from(bytes.clone()), terms, Some(ALWAYS_ANEW)).await;
            match put {
                Ok(version) => {
                    self.authored.know_set(version.as_str(), &bytes).await?;
                    return Ok(Some(set.sequence));
                }
                Err(error) if error.is_ambiguous() => match self.store.get(&key, SET_BYTES_MAX).await {
                    Ok(there) if there.bytes == bytes => {
                        self.authored.know_set(there.version.as_str(), &bytes).await?;
                        return Ok(Some(set.sequence));
                    }
                    Ok(there) if Some(&there.version) == version.as_ref() => return Err(error.into()),
                    // Somebody else published: what they named stays named.
                    Ok(there) => {
                        Set::unseal(&there.bytes, &key)?;
                        self.authored.know_set(there.version.as_str(), &there.bytes).await?;
                    }
                    Err(StoreError::Absent { .. }) => return Err(error.into()),
                    Err(lost) => return Err(lost.into()),
                },
                Err(error) => return Err(error.into()),
            }
        }
        Err(PublishError::Contended(key))
    }
}

/// Of each instance the later one.
fn merged(
    mut set: BTreeMap<AuthoredId, InSet>,
    mine: &BTreeMap<AuthoredId, InSet>,
) -> BTreeMap<AuthoredId, InSet> {
    for (id, of) in mine {
        if set.get(id).is_none_or(|there| there.sequence < of.sequence) {
            set.insert(id.clone(), of.clone());
        }
    }
    set
}
