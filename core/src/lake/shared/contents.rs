//! What a dataset on a store consists of. Nothing of it is used before all of it was checked.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Place, SharedError};
use crate::lake::{ApiSymbol, ContentHash, DocChunk, Row, Store, StoreError, Stored, check_key, sealed};
use crate::package::PackageId;

/// Raised when a field or a column changes its meaning; contents of a later number are not read. The
/// datasets of the second have times with their zone, and null for vectors that mean nothing.
pub(super) const SCHEMA_VERSION: u64 = 2;
const SCHEMA_VERSION_OLDEST: u64 = 1;
/// Larger contents are not read.
const CONTENTS_BYTES_MAX: u64 = 16 << 20;
const FILES_MAX: usize = 10_000;
const BYTES_MAX: u64 = 8 << 30;
const PATH_BYTES_MAX: usize = 256;
const ROWS_MAX: u64 = 10_000_000;

/// A dataset's files, and what a reader needs to know before it has any of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    pub schema_version: u64,
    /// `public`, `team/<org>` or `private/<sub>`.
    pub scope: String,
    #[serde(flatten)]
    pub package: PackageId,
    pub embedding_model: String,
    pub symbol_count: u64,
    pub chunk_count: u64,
    /// In the order of their paths.
    pub files: Vec<ContentFile>,
    /// Of each table, its manifest in Lance's own serialization, so that a reader need not look for it.
    pub manifests: Manifests,
}

/// A file of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentFile {
    /// Below the dataset's place.
    pub path: String,
    pub bytes: u64,
    pub hash: ContentHash,
}

/// Base64 of both tables' manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifests {
    pub api_symbols: String,
    pub doc_chunks: String,
}

impl Contents {
    pub(super) fn seal(&self) -> Result<Vec<u8>, serde_json::Error> {
        sealed::seal(self)
    }

    /// Reads what is at a place; `None` where there is nothing, or nothing whole.
    pub async fn find(store: &Store, place: &Place) -> Result<Option<Contents>, SharedError> {
        let key = place.contents();
        let damaged =
            |why: String| SharedError::Damaged { store: store.name().to_string(), object: key.clone(), why };
        let object = match store.get(&key, CONTENTS_BYTES_MAX).await {
            Ok(object) => object,
            Err(StoreError::Absent { .. }) => return Ok(None),
            Err(StoreError::Damaged { why, .. }) => return Err(damaged(why)),
            Err(error) => return Err(error.into()),
        };
        let text = match sealed::unseal(&object.bytes) {
            Ok(text) => text,
            Err(torn) => {
                return match store.doubted(&key, &object, torn.to_string()).await {
                    StoreError::Damaged { why, .. } => Err(damaged(why)),
                    error => Err(error.into()),
                };
            }
        };
        #[derive(Deserialize)]
        struct Versioned {
            schema_version: u64,
        }
        let unreadable = |error: serde_json::Error| damaged(format!("it cannot be read ({error})"));
        let found = serde_json::from_slice::<Versioned>(&text).map_err(unreadable)?.schema_version;
        if !(SCHEMA_VERSION_OLDEST..=SCHEMA_VERSION).contains(&found) {
            return Err(SharedError::OtherSchema { store: store.name().to_string(), object: key, found });
        }
        let contents: Contents = serde_json::from_slice(&text).map_err(unreadable)?;
        if contents.scope != place.scope.prefix() || contents.package != place.id {
            return Err(SharedError::Foreign {
                store: store.name().to_string(),
                object: key,
                expected: format!("{}/{}", place.scope.prefix(), place.id),
                found: format!("{}/{}", contents.scope, contents.package).chars().take(200).collect(),
            });
        }
        contents.check().map_err(damaged)?;
        let (symbols, chunks) = (contents.symbol_count, contents.chunk_count);
        if (symbols, chunks) != (place.symbol_count, place.chunk_count) {
            let (told, told_too) = (place.symbol_count, place.chunk_count);
            let what = "symbols and pieces of documentation";
            let why =
                format!("it is of {symbols} and {chunks} {what}, the catalog says {told} and {told_too}");
            return Err(damaged(why));
        }
        if contents.embedding_model != place.embedding_model {
            return Err(damaged("it has vectors of another model than the catalog says".to_string()));
        }
        Ok(Some(contents))
    }

    /// What is at a place, which the catalog says is there.
    pub async fn read(store: &Store, place: &Place) -> Result<Contents, SharedError> {
        let absent =
            || SharedError::Absent { store: store.name().to_string(), package: place.id.to_string() };
        Contents::find(store, place).await?.ok_or_else(absent)
    }

    /// Of all files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.files.len() > FILES_MAX {
            return Err(format!("it names more than {FILES_MAX} files"));
        }
        if self.symbol_count > ROWS_MAX || self.chunk_count > ROWS_MAX {
            return Err(format!("it tells of more than {ROWS_MAX} rows"));
        }
        let mut paths = BTreeSet::new();
        for file in &self.files {
            let shown: String = file.path.chars().take(200).collect();
            let of_table = [ApiSymbol::TABLE, DocChunk::TABLE]
                .iter()
                .any(|table| file.path.strip_prefix(table).is_some_and(|rest| rest.starts_with(".lance/")));
            if !of_table || check_key(&file.path).is_err() || file.path.len() > PATH_BYTES_MAX {
                return Err(format!("it names {shown:?}, which is no file of a dataset"));
            }
            if !paths.insert(file.path.as_str()) {
                return Err(format!("it names {shown} twice"));
            }
        }
        // A file cannot be a folder as well.
        for path in &paths {
            let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
            if let Some(folder) = folders.find(|folder| paths.contains(folder)) {
                return Err(format!("it names {folder:?} as a file and as a folder"));
            }
        }
        if self.bytes() > BYTES_MAX {
            return Err(format!("its files have more than {BYTES_MAX} bytes"));
        }
        Ok(())
    }
}

impl ContentFile {
    /// The file as a store tells it.
    pub fn stored(&self) -> Stored {
        Stored { bytes: self.bytes, hash: self.hash.clone() }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::identity::Scope;
    use crate::lake::Put;

    fn contents() -> Contents {
        let file = |path: &str| ContentFile {
            path: path.to_string(),
            bytes: 7,
            hash: ContentHash::of(path.as_bytes()),
        };
        Contents {
            schema_version: SCHEMA_VERSION,
            scope: "team/acme".to_string(),
            package: PackageId::rust("p", "1.0.0").unwrap(),
            embedding_model: "m".to_string(),
            symbol_count: 3,
            chunk_count: 0,
            files: vec![
                file("api_symbols.lance/data/a.lance"),
                file("doc_chunks.lance/_versions/1.manifest"),
            ],
            manifests: Manifests { api_symbols: "AA==".to_string(), doc_chunks: "AA==".to_string() },
        }
    }

    async fn read(sealed: Vec<u8>, scope: &Scope) -> Result<Contents, SharedError> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(folder.path()).unwrap();
        let id = PackageId::rust("p", "1.0.0").unwrap();
        let place = Place {
            scope: scope.clone(),
            key: "lance/x".to_string(),
            id,
            symbol_count: 3,
            chunk_count: 0,
            embedding_model: "m".to_string(),
        };
        store.put("lance/x/contents.json", Bytes::from(sealed), Put::Overwrite).await.unwrap();
        Contents::read(&store, &place).await
    }

    #[tokio::test]
    async fn whole_contents_are_read_and_others_are_refused() {
        let team = Scope::Team("acme".to_string());
        let sealed = contents().seal().unwrap();
        assert_eq!(read(sealed.clone(), &team).await.unwrap(), contents());
        let stranger = Scope::Team("other".to_string());
        assert!(matches!(read(sealed.clone(), &stranger).await, Err(SharedError::Foreign { .. })));
        for length in (0..sealed.len()).step_by(7) {
            let torn = read(sealed[..length].to_vec(), &team).await;
            assert!(matches!(torn, Err(SharedError::Damaged { .. })), "{length}: {torn:?}");
        }
        let first = Contents { schema_version: 1, ..contents() };
        assert_eq!(read(first.seal().unwrap(), &team).await.unwrap(), first);
        let newer = Contents { schema_version: 3, ..contents() };
        assert!(matches!(
            read(newer.seal().unwrap(), &team).await,
            Err(SharedError::OtherSchema { found: 3, .. })
        ));
    }

    /// Sealed well and wrong all the same, as a forger or a bug would have it.
    #[tokio::test]
    async fn a_file_that_could_leave_its_folder_is_refused() {
        let team = Scope::Team("acme".to_string());
        let long = format!("api_symbols.lance/{}", "x".repeat(300));
        for bad in [
            "../other/api_symbols.lance/x",
            "api_symbols.lance/../../x",
            "/etc/passwd",
            "other.lance/x",
            "api_symbols.lance",
            "api_symbols.lance/a b",
            "doc_chunks.lance/_versions/1.manifest",
            "doc_chunks.lance/_versions",
            &long,
        ] {
            let mut forged = contents();
            forged.files[0].path = bad.to_string();
            let refused = read(forged.seal().unwrap(), &team).await;
            assert!(matches!(refused, Err(SharedError::Damaged { .. })), "{bad}: {refused:?}");
        }
        let changed = |change: &dyn Fn(&mut Contents)| {
            let mut forged = contents();
            change(&mut forged);
            forged.seal().unwrap()
        };
        for forged in [
            changed(&|it| it.files[0].bytes = u64::MAX),
            changed(&|it| it.symbol_count = 4),
            changed(&|it| it.chunk_count = 9_000_000),
            changed(&|it| it.embedding_model = "other".to_string()),
        ] {
            let refused = read(forged, &team).await;
            assert!(matches!(refused, Err(SharedError::Damaged { .. })), "{refused:?}");
        }
    }
}
