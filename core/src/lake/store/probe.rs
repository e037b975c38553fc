//! What an endpoint promises is asked of it, before anything relies on it.

use bytes::Bytes;

use super::{Put, Store, StoreError};

const FOLDER: &str = "probe";

impl Store {
    /// Asks once whether the store keeps the promises that sharing relies on: puts that create only,
    /// puts that replace one version only, reads of ranges, lists. [`StoreError::Lacks`] names those
    /// that it does not keep. What it puts meanwhile is removed. A folder's are this library's own.
    pub async fn probe(&self) -> Result<(), StoreError> {
        if !self.is_remote() {
            return Ok(());
        }
        self.probed
            .get_or_try_init(|| async {
                let key = format!("{FOLDER}/{}", uuid::Uuid::new_v4().simple());
                let lacks = self.ask(&key).await;
                // Whatever came of it. An object of two bytes that stays is no harm.
                let _ = self.delete(&key).await;
                match lacks? {
                    lacks if lacks.is_empty() => Ok(()),
                    lacks => Err(StoreError::Lacks { store: self.name.clone(), lacks }),
                }
            })
            .await
            .copied()
    }

    async fn ask(&self, key: &str) -> Result<Vec<&'static str>, StoreError> {
        let text = |text: &'static str| Bytes::from_static(text.as_bytes());
        let kept = |outcome: Result<_, StoreError>| match outcome {
            Err(StoreError::Conflict { .. }) => Ok(true),
            // A server that does not know the header and says so.
            Err(StoreError::Unreachable { why, .. }) if why.contains("NotImplemented") => Ok(false),
            Ok(_) => Ok(false),
            Err(error) => Err(error),
        };
        let mut lacks = Vec::new();
        let first = self.put(key, text("first"), Put::Overwrite).await?;
        if !kept(self.put(key, text("other"), Put::Create).await)? {
            lacks.push("a put that creates only (If-None-Match)");
        }
        let second = self.put(key, text("second"), Put::Overwrite).await?;
        if first == second || !kept(self.put(key, text("other"), Put::Replace(&first)).await)? {
            lacks.push("a put that replaces one version only (If-Match)");
        }
        // An answer that is lost, and asked for again, says that the version is no longer there: what is
        // there then tells.
        match self.put(key, text("0123456789"), Put::Replace(&second)).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(StoreError::Unreachable { .. }) if !lacks.is_empty() => {}
            Err(error) => return Err(error),
        }
        let there = self.get(key, 1024).await?.bytes;
        if lacks.is_empty() && there.as_ref() != b"0123456789" {
            lacks.push("a put that replaces the version that is there");
        }
        match self.get_range(key, 2..5).await {
            Ok(bytes) if Some(bytes.as_ref()) == there.get(2..5) => {}
            Ok(_) | Err(StoreError::Damaged { .. }) => lacks.push("reads of ranges"),
            Err(error) => return Err(error),
        }
        if !self.list(FOLDER).await?.iter().any(|listed| listed.key == key) {
            lacks.push("lists of what was just put");
        }
        Ok(lacks)
    }
}
