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
    /// the look at what is named: what is put in between cannot be taken for old. What was put again since the list, whoever
    /// did it is about to name.
    pub async fn collect(
        &self,
        listed: &[Listed],
        grace: Duration,
        is_unnamed: impl Fn(&str) -> bool,
    ) -> Result<Collected, StoreError> {
        let (now, mut collected) = (now(listed), Collected::default());
        for object in listed.iter().filter(|object| is_unnamed(&object.key)) {
            let is_young = now.duration_since(object.modified).unwrap_or_default() < grace;
            if is_young || self.head(&object.key).await?.is_some_and(|there| there.modified > object.modified)
            {
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

/// Now, by the store's own clock where this machine's is ahead of it: nothing that was just put looks old.
fn now(listed: &[Listed]) -> SystemTime {
    let newest = listed.iter().map(|object| object.modified).max();
    newest.map_or_else(SystemTime::now, |newest| newest.min(SystemTime::now()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::Put;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[tokio::test]
    async fn what_was_put_again_or_is_old_by_a_wrong_clock_alone_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(folder.path()).unwrap();
        let put = async |key: &str| store.put(key, "x".into(), Put::Overwrite).await.unwrap();
        let aged = |key: &str, age: Duration| {
            let file = std::fs::File::options().write(true).open(folder.path().join(key)).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        };
        for key in ["a/again", "a/old", "a/new"] {
            put(key).await;
            aged(key, 30 * DAY);
        }
        // All are of one moment, and the clock here says that it is long ago.
        let listed = store.list("a").await.unwrap();
        let collected = store.collect(&listed, 2 * DAY, |_| true).await.unwrap();
        assert_eq!((collected.removed, collected.young), (0, 3));
        put("a/new").await;
        let listed = store.list("a").await.unwrap();
        put("a/again").await;
        let collected = store.collect(&listed, 2 * DAY, |_| true).await.unwrap();
        assert_eq!((collected.removed, collected.young), (1, 2));
        assert!(store.head("a/old").await.unwrap().is_none());
    }
}
