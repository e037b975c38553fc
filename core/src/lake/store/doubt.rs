//! What came of an object and is not what it should be is doubted before it is called damaged. Something on the
//! way may have answered in the store's stead, or changed what it sent, and to write a good object anew for that
//! would be the damage. The store's own list says what it holds, in a form that nobody else answers in.

use object_store::list::PaginatedListOptions;
use object_store::{ObjectMeta, ObjectStoreExt};

use super::answer::{self, Answer};
use super::error::Attempt;
use super::{Object, Place, Store, StoreError, TroubleKind};

/// What came of an object, as far as it did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came<'a> {
    pub bytes: u64,
    pub version: Option<&'a str>,
    /// The beginning of it, where it is at hand.
    pub start: &'a [u8],
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

impl Store {
    /// What is to be said of an object that is not what it should be: [`StoreError::Damaged`] if the store holds
    /// it so, and what stands in the way if it does not.
    pub(in crate::lake) async fn doubted(&self, key: &str, object: &Object, why: String) -> StoreError {
        let came =
            Came { bytes: object.bytes.len() as u64, version: Some(&object.version.0), start: &object.bytes };
        self.doubt(key, came, why).await
    }

    pub(super) async fn doubt(&self, key: &str, came: Came<'_>, why: String) -> StoreError {
        let attempt = Attempt { store: self, what: "read", key };
        let Some(line) = self.line() else { return attempt.damaged(why) };
        let is_seen = match self.holds(key, came).await {
            Ok(true) => return attempt.damaged(why),
            Ok(false) => true,
            Err(StoreError::Refused { trouble, .. }) if trouble.kind == TroubleKind::Denied => false,
            Err(error) => return error,
        };
        let answer = Answer {
            status: 200,
            is_page: answer::is_page(came.start),
            recoded: came.start.starts_with(&GZIP).then(|| "gzip".to_string()),
            is_strange: true,
            ..Answer::default()
        };
        attempt.met(match is_seen || answer.is_page || answer.recoded.is_some() {
            true => line.place.trouble(&answer),
            false => line.place.unseen(),
        })
    }

    /// Whether what came is what the store says that it holds.
    async fn holds(&self, key: &str, came: Came<'_>) -> Result<bool, StoreError> {
        let Some(listed) = self.look_up(key).await? else { return Ok(false) };
        if listed.size != came.bytes {
            return Ok(false);
        }
        // Not every service's list tells versions, and not each tells them as the object's own answer does.
        match (&listed.e_tag, came.version) {
            (Some(listed), Some(came)) if plain(listed) != plain(came) => {
                let attempt = Attempt { store: self, what: "look at", key };
                let head = self.inner.head(&self.path(key)?).await.map_err(|error| attempt.failed(error))?;
                Ok(head.e_tag.is_some_and(|told| plain(&told) == plain(came)))
            }
            _ => Ok(true),
        }
    }

    /// Whether the bucket is where it is looked for, when an object is not there: asked once. A server that
    /// takes the bucket's name for a part of the key knows no object either, and cannot list.
    pub(super) async fn reached(&self, key: &str) -> Result<(), StoreError> {
        if !self.is_remote() || self.probed.initialized() {
            return Ok(());
        }
        let looked = self.reached.get_or_try_init(|| async {
            match self.look_up(key).await {
                Ok(_) => Ok(()),
                // Whoever may read and not list is told by S3 of absence as of what is not allowed.
                Err(StoreError::Refused { trouble, .. }) if trouble.kind == TroubleKind::Denied => Ok(()),
                Err(error) => Err(error),
            }
        });
        looked.await.copied()
    }

    /// An object as the list of its bucket has it.
    async fn look_up(&self, key: &str) -> Result<Option<ObjectMeta>, StoreError> {
        let Place::Bucket { lists, .. } = &self.place else { return Ok(None) };
        let attempt = Attempt { store: self, what: "look up", key };
        let path = self.path(key)?;
        let options = PaginatedListOptions { max_keys: Some(1), ..PaginatedListOptions::default() };
        let page = lists.list_paginated(Some(path.as_ref()), options).await;
        let page = page.map_err(|error| attempt.failed(error))?;
        Ok(page.result.objects.into_iter().find(|object| object.location == path))
    }
}

/// A version without the marks that some put around it.
fn plain(version: &str) -> &str {
    version.trim_start_matches("W/").trim_matches('"')
}
