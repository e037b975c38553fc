//! What an endpoint promises is asked of it, before anything relies on it.

use bytes::Bytes;

use super::verdict::Verdict;
use super::{Place, Put, Store, StoreError, TroubleKind, Version};

const FOLDER: &str = "probe";

impl Store {
    /// Asks once whether the store keeps the promises that sharing relies on: puts that create only,
    /// puts that replace one version only, reads of ranges, lists. [`StoreError::Lacks`] names those
    /// that it does not keep. What it puts meanwhile is removed, and what it found is remembered for a
    /// while. A folder's are this library's own.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let Place::Bucket { bucket, line, .. } = &self.place else { return Ok(()) };
        let verdict = self.verdicts.as_ref().map(|folder| Verdict::of(folder, &line.address, bucket));
        self.probed
            .get_or_try_init(|| async {
                if verdict.as_ref().is_some_and(Verdict::holds) {
                    return Ok(());
                }
                let name = uuid::Uuid::new_v4().simple();
                let keys = ["created", "replaced", "kept"].map(|use_| format!("{FOLDER}/{name}/{use_}"));
                let lacks = self.ask(&keys).await;
                // Whatever came of it, if the store is there at all. An object of a few bytes that stays is no
                // harm.
                if !matches!(lacks, Err(StoreError::Unreachable { .. })) {
                    let _ = futures::future::join_all(keys.iter().map(|key| self.delete(key))).await;
                }
                match lacks? {
                    lacks if lacks.is_empty() => {
                        if let Some(verdict) = &verdict {
                            verdict.remember();
                        }
                        Ok(())
                    }
                    lacks => Err(StoreError::Lacks { store: self.name.clone(), lacks }),
                }
            })
            .await
            .copied()
    }

    /// Each key is written twice: services limit how often one may be (R2: once a second), and what is asked in
    /// between takes up some of that time.
    async fn ask(&self, [created, replaced, kept]: &[String; 3]) -> Result<Vec<&'static str>, StoreError> {
        let mut lacks = Vec::new();
        self.put(created, text("created"), Put::Overwrite).await?;
        let version = self.put(replaced, text("first"), Put::Overwrite).await?;
        let other = self.put(kept, text("kept"), Put::Overwrite).await?;
        match self.get_range(created, 2..5).await {
            Ok(bytes) if bytes.as_ref() == b"eat" => {}
            Ok(_) | Err(StoreError::Damaged { .. }) => lacks.push("reads of ranges"),
            // It answers with the whole.
            Err(StoreError::Refused { trouble, .. }) if trouble.kind == TroubleKind::Odd => {
                lacks.push("reads of ranges");
            }
            Err(error) => return Err(error),
        }
        let listed = self.list(FOLDER).await?;
        if ![created, replaced, kept].iter().all(|key| listed.iter().any(|listed| listed.key == **key)) {
            lacks.push("lists of what was just put");
        }
        if !refuses(self.put(created, text("other"), Put::Create).await)? {
            lacks.push("a put that creates only (If-None-Match)");
        }
        // A version that once was another object's is none of this one's.
        if version == other || !refuses(self.put(kept, text("other"), Put::Replace(&version)).await)? {
            lacks.push("a put that replaces one version only (If-Match)");
        }
        if lacks.is_empty() && !self.replaces(replaced, &version).await? {
            lacks.push("a put that replaces the version that is there");
        }
        Ok(lacks)
    }

    /// An answer that is lost, and asked for again, says that the version is no longer there: what is there then
    /// tells.
    async fn replaces(&self, key: &str, version: &Version) -> Result<bool, StoreError> {
        match self.put(key, text("second"), Put::Replace(version)).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => {
                Ok(self.get(key, 1024).await?.bytes.as_ref() == b"second")
            }
            outcome => refuses(outcome),
        }
    }
}

fn text(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// Whether a put was refused for its terms.
fn refuses(outcome: Result<Version, StoreError>) -> Result<bool, StoreError> {
    match outcome {
        Err(StoreError::Conflict { .. }) => Ok(true),
        Ok(_) => Ok(false),
        // A server that does not know the header and says so.
        Err(StoreError::Refused { trouble, .. }) if trouble.kind == TroubleKind::Unknown => Ok(false),
        Err(error) => Err(error),
    }
}
