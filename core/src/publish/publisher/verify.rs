//! Whether what lies in the store and in the mirror is what this folder published.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;

use super::super::artifact::{ROOT, pointer_key, set_key};
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::ledger::Live;
use super::super::manifest::{SET_BYTES_MAX, Set};
use super::super::mirror::Mirror;
use super::advance::objects;
use super::{AT_ONCE, Publisher};
use crate::lake::StoreError;

/// Something that is not as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The instance that it is of; none where it is of the set.
    pub public_id: Option<AuthoredId>,
    pub what: String,
}

impl Publisher {
    /// Compares every pointer with the one that was put, and the set's, by one look each, every row of the mirror, and by
    /// one list whether each object that is named is there with all of its bytes. `deep` also reads each object and compares
    /// it with its name, and each configuration in the mirror with its hash.
    pub async fn verify(&self, deep: bool) -> Result<Vec<Difference>, PublishError> {
        self.check_target().await?;
        let live = self.authored.live().await?;
        let listed = if live.is_empty() { Vec::new() } else { self.store.list(ROOT).await? };
        let there: BTreeMap<&str, u64> =
            listed.iter().map(|object| (object.key.as_str(), object.bytes)).collect();
        let found =
            live.iter().map(|(id, live)| self.differences(id, live, &there, deep)).collect::<Vec<_>>();
        let all: Vec<Vec<Difference>> = futures::stream::iter(found).buffered(AT_ONCE).try_collect().await?;
        let mut all: Vec<Difference> = all.into_iter().flatten().collect();
        let of_set = |what| Difference { public_id: None, what };
        all.extend(self.set_differences(&live).await?.into_iter().map(of_set));
        Ok(all)
    }

    async fn differences(
        &self,
        id: &AuthoredId,
        live: &Live,
        there: &BTreeMap<&str, u64>,
        deep: bool,
    ) -> Result<Vec<Difference>, PublishError> {
        let mut what = self.pointer(id, live).await?;
        if let Some(mirror) = &self.mirror {
            what.extend(row(mirror, id, live, deep).await?);
        }
        what.extend(self.objects(live, there, deep).await?);
        Ok(what.into_iter().map(|what| Difference { public_id: Some(id.clone()), what }).collect())
    }

    async fn pointer(&self, id: &AuthoredId, live: &Live) -> Result<Vec<String>, PublishError> {
        Ok(match self.store.version(&pointer_key(id)).await? {
            Some(version) if version.as_str() == live.version => Vec::new(),
            Some(_) => vec!["its pointer is another than was put from here".to_string()],
            None => vec!["its pointer is gone".to_string()],
        })
    }

    async fn objects(
        &self,
        live: &Live,
        there: &BTreeMap<&str, u64>,
        deep: bool,
    ) -> Result<Vec<String>, PublishError> {
        let mut what = Vec::new();
        for object in objects(&live.sealed) {
            let (key, bytes) = (&object.key, object.bytes);
            match there.get(key.as_str()) {
                None => what.push(format!("{key} is gone")),
                Some(found) if *found != bytes => {
                    what.push(format!("{key} has {found} bytes, and should have {bytes}"));
                }
                Some(_) if !deep => {}
                Some(_) => match self.whole(&object).await {
                    Ok(()) => {}
                    Err(PublishError::Collected { .. }) => {
                        what.push(format!("{key} is not what its name says"));
                    }
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(what)
    }

    /// What the set lacks. Another one than was put from here is looked into: others publish too.
    async fn set_differences(&self, live: &BTreeMap<AuthoredId, Live>) -> Result<Vec<String>, PublishError> {
        let key = set_key();
        let Some(known) = self.authored.known_set().await? else { return Ok(Vec::new()) };
        if self
            .store
            .version(&key)
            .await?
            .is_some_and(|there| known.version.as_deref() == Some(there.as_str()))
        {
            return Ok(Vec::new());
        }
        let set = match self.store.get(&key, SET_BYTES_MAX).await {
            Ok(there) => Set::unseal(&there.bytes, &key),
            Err(StoreError::Absent { .. }) => return Ok(vec![format!("{key} is gone")]),
            Err(error) => return Err(error.into()),
        };
        let set = match set {
            Ok(set) => set,
            Err(error) => return Ok(vec![error.to_string()]),
        };
        let held = self.authored.held().await?;
        let is_lacking = |(id, live): &(&AuthoredId, &Live)| {
            let there = set.instances.get(id);
            !held.contains_key(*id) && there.is_none_or(|there| there.sequence < live.manifest().sequence)
        };
        let lacking = live.iter().filter(is_lacking);
        Ok(lacking
            .map(|(id, live)| format!("{key} does not name number {} of {id}", live.sequence))
            .collect())
    }
}

/// What the mirror has otherwise. Of a configuration its hash is looked at, and no value.
pub(super) async fn row(
    mirror: &Mirror,
    id: &AuthoredId,
    live: &Live,
    deep: bool,
) -> Result<Vec<String>, PublishError> {
    let Some(state) = mirror.state(id).await? else {
        return Ok(vec!["the mirror has no row of it".to_string()]);
    };
    let manifest = live.manifest();
    if state.manifest_hash != live.sealed.hash.as_str() {
        return Ok(vec![format!(
            "the mirror has number {} by {}, and number {} is live",
            state.sequence, state.publisher, live.sequence
        )]);
    }
    let is_same = state.config_hash == manifest.config_hash.as_str()
        && (!deep || mirror.hash_of(id).await?.as_ref() == Some(&manifest.config_hash));
    Ok(if is_same { Vec::new() } else { vec!["the mirror has another configuration of it".to_string()] })
}
