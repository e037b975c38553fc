//! Whether what lies in the store and in the mirror is what this folder published.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;

use super::super::artifact::{ARTIFACT_BYTES_MAX, folder, manifest_key, pointer_key};
use super::super::canonical::Sha256;
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::outbox::Live;
use super::Publisher;
use super::advance::named;

const AT_ONCE: usize = 16;

/// Something that is not as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub public_id: AuthoredId,
    pub what: String,
}

impl Publisher {
    /// Compares every pointer with the one that was put, by one look each, and every row of the mirror. `deep` also reads
    /// each object and compares it with its name.
    pub async fn verify(&self, deep: bool) -> Result<Vec<Difference>, PublishError> {
        self.check_target().await?;
        let live = self.authored.live().await?;
        let found = live.iter().map(|(id, live)| async move {
            let mut what = self.pointer(id, live).await?;
            if let Some(mirror) = &self.mirror {
                let state = mirror.state(id).await?;
                let hash = live.sealed.hash.as_str();
                match state {
                    None => what.push("the mirror has no row of it".to_string()),
                    Some(state) if state.manifest_hash != hash => what.push(format!(
                        "the mirror has number {} by {}, and number {} is live",
                        state.sequence, state.publisher, live.sequence
                    )),
                    Some(_) => {}
                }
            }
            if deep {
                what.extend(self.objects(id, live).await?);
            }
            let found = what.into_iter().map(|what| Difference { public_id: id.clone(), what });
            Ok::<Vec<Difference>, PublishError>(found.collect())
        });
        let all: Vec<Vec<Difference>> = futures::stream::iter(found).buffered(AT_ONCE).try_collect().await?;
        Ok(all.into_iter().flatten().collect())
    }

    async fn pointer(&self, id: &AuthoredId, live: &Live) -> Result<Vec<String>, PublishError> {
        Ok(match self.store.version(&pointer_key(id)).await? {
            Some(version) if version.as_str() == live.version => Vec::new(),
            Some(_) => vec!["its pointer is another than was put from here".to_string()],
            None => vec!["its pointer is gone".to_string()],
        })
    }

    async fn objects(&self, id: &AuthoredId, live: &Live) -> Result<Vec<String>, PublishError> {
        let listed = self.store.list(&folder(id)).await?;
        let there: BTreeMap<&str, u64> =
            listed.iter().map(|object| (object.key.as_str(), object.bytes)).collect();
        let mut wanted: Vec<(String, Sha256)> = named(live.manifest())
            .into_iter()
            .zip(live.manifest().locales.values().map(|of| of.sha256.clone()))
            .collect();
        wanted.push((manifest_key(id, &live.sealed.hash), live.sealed.hash.clone()));
        let mut what = Vec::new();
        for (key, hash) in wanted {
            if !there.contains_key(key.as_str()) {
                what.push(format!("{key} is gone"));
                continue;
            }
            let object = self.store.get(&key, ARTIFACT_BYTES_MAX).await?;
            if Sha256::of(&object.bytes) != hash {
                what.push(format!("{key} is not what its name says"));
            }
        }
        Ok(what)
    }
}
