//! Taking note of what lies in the store and this folder knows nothing of: the ledger was lost or is of another store, or
//! somebody else published. Numbers, names and hashes come from there, and no value.

use serde::Serialize;

use super::super::artifact::{pointer_key, set_key};
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::manifest::{MANIFEST_BYTES_MAX, SET_BYTES_MAX, Set};
use super::super::outbox::Sealed;
use super::Publisher;
use crate::lake::StoreError;

/// A publication that was taken note of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adopted {
    pub public_id: AuthoredId,
    pub sequence: u64,
    pub publisher: String,
}

impl Publisher {
    /// Takes note of what is published of instances, of all that are authored here where none is named. What cannot be
    /// read stops it: a number that is guessed would be one too low.
    pub async fn adopt(&self, ids: &[AuthoredId]) -> Result<Vec<Adopted>, PublishError> {
        let _turn = self.turn()?;
        if let Err(PublishError::OtherStore { now, .. }) = self.check_target().await {
            self.authored.turn_to(&now).await?;
        }
        let mut adopted = Vec::new();
        for (instance, _) in self.authored.wanted(ids).await? {
            let id = instance.public_id;
            let there = match self.store.get(&pointer_key(&id), MANIFEST_BYTES_MAX).await {
                Ok(there) => there,
                Err(StoreError::Absent { .. }) if ids.is_empty() => continue,
                Err(StoreError::Absent { .. }) => return Err(PublishError::NotPublished(id.to_string())),
                Err(error) => return Err(error.into()),
            };
            let sealed = Sealed::read(there.bytes.to_vec(), &id)?;
            let live = self.authored.live_of(&id).await?;
            if live.is_some_and(|live| live.version == there.version.as_str()) {
                continue;
            }
            self.authored.adopt_live(&id, there.version.as_str(), &sealed).await?;
            let publisher = sealed.manifest.publisher.clone();
            adopted.push(Adopted { public_id: id, sequence: sealed.manifest.sequence, publisher });
        }
        match self.store.get(&set_key(), SET_BYTES_MAX).await {
            Ok(there) => {
                Set::unseal(&there.bytes, &set_key())?;
                self.authored.know_set(there.version.as_str(), &there.bytes).await?;
            }
            Err(StoreError::Absent { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(adopted)
    }
}
