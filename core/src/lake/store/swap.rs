//! Replacing an object on terms, whatever becomes of the answer.

use bytes::Bytes;

use super::{Object, Put, Store, StoreError, Version};

/// Tries against a service that refuses a put without a reason.
const CONTRADICTIONS_MAX: usize = 3;

/// What became of a put on terms.
#[derive(Clone, Debug)]
pub enum Swap {
    Done(Version),
    /// This is there, which is neither what was to be replaced nor what was put.
    Other(Object),
    /// What was to be replaced is gone.
    Gone,
}

impl Store {
    /// Puts an object in the place of the version that was read, or where nothing is there. An answer that was lost is
    /// looked up, never guessed: what is there then, of at most `bytes_max`, tells what happened.
    pub async fn swap(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Version>,
        cache: Option<&'static str>,
        bytes_max: u64,
    ) -> Result<Swap, StoreError> {
        for _ in 0..CONTRADICTIONS_MAX {
            let terms = expected.map_or(Put::Create, Put::Replace);
            let error = match self.put_cached(key, bytes.clone(), terms, cache).await {
                Ok(version) => return Ok(Swap::Done(version)),
                Err(error) if error.is_ambiguous() => error,
                Err(error) => return Err(error),
            };
            match self.get(key, bytes_max).await {
                Ok(there) if there.bytes == bytes => return Ok(Swap::Done(there.version)),
                Ok(there) if Some(&there.version) != expected => return Ok(Swap::Other(there)),
                Err(StoreError::Absent { .. }) if expected.is_some() => return Ok(Swap::Gone),
                // What it refused as changed by somebody else nobody changed: it may mean a moment.
                Ok(_) | Err(StoreError::Absent { .. }) if matches!(error, StoreError::Conflict { .. }) => {}
                _ => return Err(error),
            }
        }
        Err(StoreError::Contradicts { store: self.name.clone(), object: key.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_there_tells_what_became_of_a_put() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(folder.path()).unwrap();
        let swap = async |text: &'static str, expected: Option<&Version>| {
            store.swap("a", Bytes::from_static(text.as_bytes()), expected, None, 10).await.unwrap()
        };
        let Swap::Done(first) = swap("1", None).await else { panic!() };
        assert!(
            matches!(swap("1", None).await, Swap::Done(version) if version == first),
            "it went through before"
        );
        assert!(matches!(swap("2", None).await, Swap::Other(there) if there.bytes.as_ref() == b"1"));
        let Swap::Done(second) = swap("2", Some(&first)).await else { panic!() };
        assert!(matches!(swap("3", Some(&first)).await, Swap::Other(there) if there.version == second));
        store.delete("a").await.unwrap();
        assert!(matches!(swap("3", Some(&second)).await, Swap::Gone));
    }
}
