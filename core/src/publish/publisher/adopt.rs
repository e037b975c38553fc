//! Taking note of what lies in the store and this folder knows nothing of: the ledger was lost or is of another store, or
//! somebody else published. Numbers, names and hashes come from there, and no value.

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;

use super::super::artifact::{pointer_key, set_key};
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::instance::Instance;
use super::super::ledger::{FoundLive, Sealed, Target};
use super::super::manifest::{MANIFEST_BYTES_MAX, SET_BYTES_MAX, Set};
use super::{AT_ONCE, Publisher};
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
    /// read stops it before anything is noted: a number that is guessed would be one too low, and a ledger is not
    /// forgotten for a store that cannot be reached.
    pub async fn adopt(&self, ids: &[AuthoredId]) -> Result<Vec<Adopted>, PublishError> {
        let _turn = self.turn()?;
        let turned_to = match self.check_target().await {
            Ok(Some(_)) => None,
            Ok(None) | Err(PublishError::OtherStore { .. }) => Some(Target { mirror: None, ..self.target() }),
            Err(error) => return Err(error),
        };
        let wanted = self.authored.wanted(ids).await?;
        let look = |(instance, _)| self.look(instance, !ids.is_empty());
        let found = futures::stream::iter(wanted.into_iter().map(look)).buffered(AT_ONCE);
        let found: Vec<Option<FoundLive>> = found.try_collect().await?;
        let mut found: Vec<FoundLive> = found.into_iter().flatten().collect();
        let set = match self.store.get(&set_key(), SET_BYTES_MAX).await {
            Ok(there) => Some(there),
            Err(StoreError::Absent { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(there) = &set {
            Set::unseal(&there.bytes, &set_key())?;
        }
        if turned_to.is_none() {
            let live = self.authored.live().await?;
            found.retain(|found| live.get(&found.id).is_none_or(|live| live.version != found.version));
        }
        let set = set.as_ref().map(|there| (there.version.as_str(), there.bytes.as_ref()));
        self.authored.adopt_live(turned_to.as_ref(), &found, set).await?;
        let told = |FoundLive { id, sealed, .. }: FoundLive| {
            let (sequence, publisher) = (sealed.manifest.sequence, sealed.manifest.publisher);
            Adopted { public_id: id, sequence, publisher }
        };
        Ok(found.into_iter().map(told).collect())
    }

    /// What is published of an instance, if anything is. That of another type is of another instance.
    async fn look(&self, instance: Instance, is_named: bool) -> Result<Option<FoundLive>, PublishError> {
        let id = instance.public_id;
        let key = pointer_key(&id);
        let there = match self.store.get(&key, MANIFEST_BYTES_MAX).await {
            Ok(there) => there,
            Err(StoreError::Absent { .. }) if !is_named => return Ok(None),
            Err(StoreError::Absent { .. }) => return Err(PublishError::NotPublished(id.to_string())),
            Err(error) => return Err(error.into()),
        };
        let sealed = Sealed::read(there.bytes.to_vec(), &id, &key)?;
        let is = &sealed.manifest.widget_type;
        match *is == instance.widget_type {
            true => Ok(Some(FoundLive { id, version: there.version.as_str().to_string(), sealed })),
            false => Err(PublishError::OtherType { id: id.to_string(), is: is.to_string() }),
        }
    }
}
