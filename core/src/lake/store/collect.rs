//! Removing what nothing names any more.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::{Listed, Store, StoreError};

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Collected {
    pub removed: usize,
    pub bytes: u64,
    /// What nothing names, and is too young: a writer that has not named it yet, or a reader of what named it before, may
    /// need it.
    pub young: usize,
}

impl Store {
    /// Removes those of the listed objects that nothing names and that are older than `grace`. The list comes first, then
    /// the look at what is named: what is put in between cannot be taken for old.
    pub async fn collect(
        &self,
        listed: &[Listed],
        grace: Duration,
        is_unnamed: impl Fn(&str) -> bool,
    ) -> Result<Collected, StoreError> {
        let (now, mut collected) = (SystemTime::now(), Collected::default());
        for object in listed.iter().filter(|object| is_unnamed(&object.key)) {
            if now.duration_since(object.modified).unwrap_or_default() < grace {
                collected.young += 1;
                continue;
            }
            self.delete(&object.key).await?;
            collected.removed += 1;
            collected.bytes += object.bytes;
        }
        Ok(collected)
    }
}
