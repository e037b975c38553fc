//! The set: which manifests belong together. Its pointer moves once all of a run are live, and names manifests that never
//! change, so that whoever goes by it sees the run whole or not at all.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::super::artifact::{ALWAYS_ANEW, set_key};
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::ledger::Live;
use super::super::manifest::{InSet, SCHEMA_VERSION, SET_BYTES_MAX, Set};
use super::{Publisher, new_run};
use crate::lake::{Swap, Version};

/// Tries against others who publish at the same time.
const TRIES_MAX: usize = 64;

impl Publisher {
    /// Has the set name what is live, and says the number that it got. Where it does already, nobody is asked, unless it is
    /// to be put `anew`.
    pub(super) async fn swap_set(
        &self,
        live: &BTreeMap<AuthoredId, Live>,
        mut anew: bool,
    ) -> Result<Option<u64>, PublishError> {
        let key = set_key();
        for _ in 0..TRIES_MAX {
            let known = self.authored.known_set().await?;
            let stands = known.as_ref().map(|known| Set::unseal(&known.body, &key)).transpose()?;
            let before = stands.as_ref().map(|set| set.instances.clone()).unwrap_or_default();
            let instances = merged(before.clone(), live);
            // One that was found to be gone is put, whatever it named.
            let is_gone = known.as_ref().is_some_and(|known| known.version.is_none());
            if instances == before && !anew && !is_gone {
                return Ok(None);
            }
            let number = stands.map_or(0, |set| set.sequence);
            let set = Set {
                schema_version: SCHEMA_VERSION,
                sequence: number + 1,
                published_at: self.authored.now(),
                publisher: self.name.clone(),
                run: new_run(),
                instances,
            };
            let bytes = Bytes::from(set.seal()?);
            let (version, body) = known.map_or((None, Vec::new()), |known| (known.version, known.body));
            let version = version.map(Version::of);
            let cache = Some(ALWAYS_ANEW);
            match self.store.swap(&key, bytes.clone(), version.as_ref(), cache, SET_BYTES_MAX).await? {
                Swap::Done(version) => {
                    self.authored.know_set(Some(version.as_str()), &bytes).await?;
                    return Ok(Some(set.sequence));
                }
                // Somebody else published: what they named stays named.
                Swap::Other(there) => {
                    let other = Set::unseal(&there.bytes, &key)?;
                    // An older one that was put back takes no number and no name away.
                    let is_older = other.sequence < number;
                    let stands = if is_older { body.as_slice() } else { there.bytes.as_ref() };
                    self.authored.know_set(Some(there.version.as_str()), stands).await?;
                    anew &= is_older;
                }
                // It is put anew, under the next number: readers saw this one.
                Swap::Gone => self.authored.know_set(None, &body).await?,
            }
        }
        Err(PublishError::Contended(key))
    }
}

/// Of each instance the later one.
pub(super) fn merged(
    mut set: BTreeMap<AuthoredId, InSet>,
    live: &BTreeMap<AuthoredId, Live>,
) -> BTreeMap<AuthoredId, InSet> {
    for (id, live) in live {
        let sequence = live.manifest().sequence;
        if set.get(id).is_none_or(|there| there.sequence < sequence) {
            set.insert(id.clone(), InSet { sequence, sha256: live.sealed.hash.clone() });
        }
    }
    set
}
