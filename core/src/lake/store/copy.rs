//! Files up to a store and down from it, with size and hash.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectStoreExt, WriteMultipart};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::doubt::Came;
use super::error::Attempt;
use super::{Put, Store, StoreError};
use crate::lake::ContentHash;

/// A file is sent in parts of this size; a smaller one in one request.
const PART_BYTES: usize = 16 << 20;
const PARTS_AT_ONCE: usize = 4;

/// Size and content of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub bytes: u64,
    pub hash: ContentHash,
}

impl Store {
    /// Puts a file, whole or not at all, over whatever is there. Says what it was.
    pub async fn upload(&self, file: &Path, key: &str) -> Result<Stored, StoreError> {
        let fail = |source| StoreError::File { attempted: "read", path: file.to_path_buf(), source };
        let mut source = tokio::fs::File::open(file).await.map_err(fail)?;
        let bytes = source.metadata().await.map_err(fail)?.len();
        let mut hasher = blake3::Hasher::new();
        if bytes <= PART_BYTES as u64 {
            let mut content =
                Vec::with_capacity(PART_BYTES.min(usize::try_from(bytes).unwrap_or(PART_BYTES)));
            source.read_to_end(&mut content).await.map_err(fail)?;
            hasher.update(&content);
            let bytes = content.len() as u64;
            self.put(key, Bytes::from(content), Put::Overwrite).await?;
            return Ok(Stored { bytes, hash: ContentHash::of_parts(&hasher) });
        }
        let attempt = Attempt { store: self, what: "write", key };
        let upload =
            self.inner.put_multipart(&self.path(key)?).await.map_err(|error| attempt.failed(error))?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut sent = 0;
        let outcome = loop {
            let mut part = Vec::with_capacity(PART_BYTES);
            match (&mut source).take(PART_BYTES as u64).read_to_end(&mut part).await {
                Ok(0) => break Ok(()),
                Ok(read) => {
                    sent += read as u64;
                    hasher.update(&part);
                    if let Err(error) = upload.wait_for_capacity(PARTS_AT_ONCE).await {
                        break Err(attempt.failed(error));
                    }
                    upload.put(Bytes::from(part));
                }
                Err(source) => break Err(fail(source)),
            }
        };
        match outcome {
            Ok(()) => upload.finish().await.map_err(|error| attempt.failed(error))?,
            Err(error) => {
                // Parts that stay are the bucket's to expire.
                let _ = upload.abort().await;
                return Err(error);
            }
        };
        Ok(Stored { bytes: sent, hash: ContentHash::of_parts(&hasher) })
    }

    /// Fetches an object into a file that appears whole or not at all. What came is compared with
    /// what is `expected`; without that, what came is told.
    pub async fn download(
        &self,
        key: &str,
        file: &Path,
        expected: Option<&Stored>,
    ) -> Result<Stored, StoreError> {
        let attempt = Attempt { store: self, what: "read", key };
        let partial = partial(file);
        let fail = |source| StoreError::File { attempted: "write", path: partial.clone(), source };
        let found = self.inner.get(&self.path(key)?).await.map_err(|error| attempt.failed(error))?;
        let (size, e_tag) = (found.meta.size, found.meta.e_tag.clone());
        let came = |bytes| Came { bytes, version: e_tag.as_deref(), start: &[] };
        if let Some(expected) = expected
            && expected.bytes != size
        {
            let why = format!("it has {size} bytes instead of {}", expected.bytes);
            return Err(self.doubt(key, came(size), why).await);
        }
        if let Some(folder) = file.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(fail)?;
        }
        let written = async {
            let mut target = tokio::fs::File::create(&partial).await.map_err(fail)?;
            let mut hasher = blake3::Hasher::new();
            let mut bytes = 0;
            let mut stream = found.into_stream();
            while let Some(part) = stream.try_next().await.map_err(|error| attempt.failed(error))? {
                bytes += part.len() as u64;
                hasher.update(&part);
                target.write_all(&part).await.map_err(fail)?;
            }
            target.sync_all().await.map_err(fail)?;
            let stored = Stored { bytes, hash: ContentHash::of_parts(&hasher) };
            if bytes != size {
                let why = format!("{bytes} of its {size} bytes came");
                return Err(self.doubt(key, came(bytes), why).await);
            }
            if let Some(expected) = expected
                && expected.hash != stored.hash
            {
                let why = "its content is not what its hash says".to_string();
                return Err(self.doubt(key, came(bytes), why).await);
            }
            tokio::fs::rename(&partial, file).await.map_err(fail)?;
            Ok(stored)
        }
        .await;
        if written.is_err() {
            let _ = tokio::fs::remove_file(&partial).await;
        }
        written
    }
}

/// Where a file grows until it is whole.
fn partial(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    // Of this writer alone: another may be fetching the same file.
    name.push(format!(".{}.part", uuid::Uuid::new_v4().simple()));
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_goes_up_and_comes_down_and_what_differs_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(&folder.path().join("store")).unwrap();
        for size in [0, 10, PART_BYTES + 7] {
            let file = folder.path().join("file");
            std::fs::write(&file, vec![7; size]).unwrap();
            let stored = store.upload(&file, "x/y").await.unwrap();
            let back = folder.path().join("back");
            assert_eq!(store.download("x/y", &back, Some(&stored)).await.unwrap(), stored);
            assert_eq!(std::fs::read(&back).unwrap().len(), size);
            std::fs::remove_file(&back).unwrap();
            let other = Stored { hash: ContentHash::of(b"other"), ..stored };
            assert!(matches!(
                store.download("x/y", &back, Some(&other)).await,
                Err(StoreError::Damaged { .. })
            ));
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "the store and the file alone");
        }
    }
}
