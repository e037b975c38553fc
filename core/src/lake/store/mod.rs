//! A store: a folder, or a bucket that speaks S3. What is shared lies in one.
//!
//! Objects are named by keys of segments that pass the one grammar of names. A put can be conditional:
//! create only, or replace exactly the version that was read. On a bucket the server keeps that promise
//! ([`Store::probe`] asks whether it does); in a folder a lock and a rename do.

mod answer;
mod aws_host;
mod collect;
mod copy;
mod credentials;
mod doubt;
pub(in crate::lake) mod error;
mod files;
mod location;
mod patience;
mod probe;
mod settings;
mod swap;
mod trouble;
mod verdict;

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::list::PaginatedListStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{
    Attribute, AttributeValue, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, UpdateVersion,
};
use tokio::sync::OnceCell;

pub use collect::Collected;
pub use copy::Stored;
pub use credentials::{KeyOrigin, StoreCredentials, StoreProfile};
pub use error::StoreError;
pub use files::Found;
pub use location::{Location, Surroundings};
pub use patience::Waiting;
pub use settings::{StoreSettings, StoreStyle};
pub use swap::Swap;
pub use trouble::{Trouble, TroubleKind};

pub(crate) use location::{NOT_UTF8, absolute};

use crate::package::check_segment;
use doubt::Came;
use error::Attempt;
use patience::Line;

/// A folder or a bucket, below a prefix. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    place: Place,
    /// `s3://bucket/prefix` or a folder's path: what is said of it.
    name: String,
    probed: Arc<OnceCell<()>>,
    /// Whether the bucket was found where it is looked for.
    reached: Arc<OnceCell<()>>,
    /// Where it is remembered which endpoints keep what is relied on.
    verdicts: Option<PathBuf>,
}

#[derive(Clone)]
enum Place {
    Folder(PathBuf),
    Bucket {
        bucket: String,
        /// Segments with slashes between them, or nothing.
        prefix: String,
        line: Arc<Line>,
        /// The same client, for lists of single keys.
        lists: Arc<dyn PaginatedListStore>,
    },
}

/// The version of an object, as the store tells it: changes with every put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// As it was written down.
    pub(crate) fn of(text: String) -> Version {
        Version(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// An object that was read whole.
#[derive(Clone, Debug)]
pub struct Object {
    pub bytes: Bytes,
    pub version: Version,
}

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    pub bytes: u64,
    pub modified: SystemTime,
}

/// On what terms an object is put.
#[derive(Clone, Debug)]
pub enum Put<'a> {
    /// Whatever is there.
    Overwrite,
    /// Only where nothing is there.
    Create,
    /// Only where exactly this version is there.
    Replace(&'a Version),
}

const SEGMENTS_MAX: usize = 24;
/// Conditional puts into a folder take turns by a lock on this file, which no key can name.
const LOCK_FILE: &str = ".lock";

impl Store {
    /// The store that the settings name; the folder `store` below `data_dir` where they name none.
    /// No request is made.
    pub fn open(settings: &StoreSettings, data_dir: &Path) -> Result<Store, StoreError> {
        if let Some(why) = &settings.unusable {
            return Err(StoreError::Settings(why.clone()));
        }
        match &settings.location {
            None => Store::folder(&data_dir.join("store")),
            Some(Location::Folder(path)) => Store::folder(path),
            Some(Location::Bucket { bucket, prefix }) => {
                let store = settings::open_bucket(settings, bucket, prefix)?;
                let verdicts = (!data_dir.as_os_str().is_empty()).then(|| data_dir.join("probed"));
                Ok(Store { verdicts, ..store })
            }
        }
    }

    /// Has it told whenever a request to a bucket waits to be made again.
    pub fn tell_waiting(&self, listener: impl Fn(&Waiting) + Send + Sync + 'static) {
        if let Some(line) = self.line() {
            line.tell(listener);
        }
    }

    fn line(&self) -> Option<&Line> {
        match &self.place {
            Place::Bucket { line, .. } => Some(line),
            Place::Folder(_) => None,
        }
    }

    /// A folder, which is created where there is none.
    pub fn folder(root: &Path) -> Result<Store, StoreError> {
        let fail = |source| StoreError::File { attempted: "create", path: root.to_path_buf(), source };
        std::fs::create_dir_all(root).map_err(fail)?;
        let name = root.display().to_string();
        let inner = LocalFileSystem::new_with_prefix(root)
            .map_err(|_| StoreError::Settings(format!("the store {name} cannot be opened as a folder")))?
            .with_fsync(true);
        let place = Place::Folder(root.to_path_buf());
        Ok(Store::of(Arc::new(inner), place, name))
    }

    fn of(inner: Arc<dyn ObjectStore>, place: Place, name: String) -> Store {
        Store { inner, place, name, probed: Arc::default(), reached: Arc::default(), verdicts: None }
    }

    /// `s3://bucket/prefix`, or a folder's path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which store it is: buckets of one name lie at several addresses. No secret is in it.
    pub fn identity(&self) -> String {
        match &self.place {
            Place::Folder(_) => self.name.clone(),
            Place::Bucket { bucket, prefix, line, .. } if prefix.is_empty() => {
                format!("{}/{bucket}", line.address)
            }
            Place::Bucket { bucket, prefix, line, .. } => format!("{}/{bucket}/{prefix}", line.address),
        }
    }

    /// Whether it is a bucket: each call is then a request over a network.
    pub fn is_remote(&self) -> bool {
        matches!(self.place, Place::Bucket { .. })
    }

    /// Where a key lies, for another reader: `s3://…` or a path.
    pub fn address(&self, key: &str) -> Result<String, StoreError> {
        check_key(key)?;
        Ok(match &self.place {
            Place::Folder(root) => root.join(key).display().to_string(),
            Place::Bucket { bucket, prefix, .. } if prefix.is_empty() => format!("s3://{bucket}/{key}"),
            Place::Bucket { bucket, prefix, .. } => format!("s3://{bucket}/{prefix}/{key}"),
        })
    }

    /// The client of a bucket, for a reader that would otherwise make one of its own, by settings of the
    /// environment; `None` for a folder.
    pub(in crate::lake) fn client(&self) -> Option<Arc<dyn ObjectStore>> {
        self.is_remote().then(|| self.inner.clone())
    }

    /// A whole object of at most `bytes_max`; a larger one is damaged, and not read.
    pub async fn get(&self, key: &str, bytes_max: u64) -> Result<Object, StoreError> {
        let attempt = Attempt { store: self, what: "read", key };
        let found = match self.inner.get(&self.path(key)?).await {
            Ok(found) => found,
            Err(error @ object_store::Error::NotFound { .. }) => {
                self.reached(key).await?;
                return Err(attempt.failed(error));
            }
            Err(error) => return Err(attempt.failed(error)),
        };
        let (size, e_tag) = (found.meta.size, found.meta.e_tag.clone());
        let came = |bytes, start| Came { bytes, version: e_tag.as_deref(), start };
        if size > bytes_max {
            let why = format!("it has {size} bytes, more than {bytes_max}");
            return Err(self.doubt(key, came(size, &[]), why).await);
        }
        let bytes = found.bytes().await.map_err(|error| attempt.failed(error))?;
        let length = bytes.len() as u64;
        if length != size {
            let why = format!("{length} of its {size} bytes came");
            return Err(self.doubt(key, came(length, &bytes), why).await);
        }
        let version = match self.place {
            Place::Folder(_) => content_version(&bytes),
            Place::Bucket { .. } => Version(e_tag.unwrap_or_default()),
        };
        Ok(Object { bytes, version })
    }

    /// Some bytes of an object: all of the range, or an error.
    pub async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes, StoreError> {
        let attempt = Attempt { store: self, what: "read", key };
        let length = range.end.saturating_sub(range.start);
        let bytes =
            self.inner.get_range(&self.path(key)?, range).await.map_err(|error| attempt.failed(error))?;
        match bytes.len() as u64 == length {
            true => Ok(bytes),
            false => Err(attempt.damaged(format!("{} bytes of a range of {length} came", bytes.len()))),
        }
    }

    /// Size and age of an object, if there is one.
    pub async fn head(&self, key: &str) -> Result<Option<Listed>, StoreError> {
        let attempt = Attempt { store: self, what: "look at", key };
        match self.inner.head(&self.path(key)?).await {
            Ok(meta) => Ok(Some(Listed {
                key: key.to_string(),
                bytes: meta.size,
                modified: SystemTime::from(meta.last_modified),
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(attempt.failed(error)),
        }
    }

    /// The version of an object, if there is one: a bucket is asked for no more than that.
    pub async fn version(&self, key: &str) -> Result<Option<Version>, StoreError> {
        let attempt = Attempt { store: self, what: "look at", key };
        let path = self.path(key)?;
        let version = match self.place {
            Place::Bucket { .. } => match self.inner.head(&path).await {
                Ok(meta) => Ok(Version(meta.e_tag.unwrap_or_default())),
                Err(error) => Err(error),
            },
            Place::Folder(_) => match self.inner.get(&path).await {
                Ok(found) => found.bytes().await.map(|bytes| content_version(&bytes)),
                Err(error) => Err(error),
            },
        };
        match version {
            Ok(version) => Ok(Some(version)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(attempt.failed(error)),
        }
    }

    /// Puts an object, whole or not at all. [`StoreError::Conflict`] where the terms are not met. A
    /// conditional put whose answer was lost may end in either error although it went through: who
    /// cannot tell by the content must read the object again.
    pub async fn put(&self, key: &str, bytes: Bytes, terms: Put<'_>) -> Result<Version, StoreError> {
        self.put_cached(key, bytes, terms, None).await
    }

    /// The same, and says how long whoever passes it on may keep it (`Cache-Control`); in a folder nobody does.
    pub async fn put_cached(
        &self,
        key: &str,
        bytes: Bytes,
        terms: Put<'_>,
        cache: Option<&'static str>,
    ) -> Result<Version, StoreError> {
        let attempt = Attempt { store: self, what: "write", key };
        let path = self.path(key)?;
        if let Place::Folder(root) = &self.place {
            let version = content_version(&bytes);
            let _turn = match terms {
                Put::Overwrite => None,
                _ => Some(lock(root).await?),
            };
            let mode = match terms {
                Put::Create => PutMode::Create,
                Put::Overwrite => PutMode::Overwrite,
                Put::Replace(expected) => {
                    let found = self.inner.get(&path).await;
                    let found = match found {
                        Err(object_store::Error::NotFound { .. }) => return Err(attempt.conflict()),
                        other => other.map_err(|error| attempt.failed(error))?,
                    };
                    let there = found.bytes().await.map_err(|error| attempt.failed(error))?;
                    if content_version(&there) != *expected {
                        return Err(attempt.conflict());
                    }
                    PutMode::Overwrite
                }
            };
            let put = self.inner.put_opts(&path, PutPayload::from(bytes), PutOptions::from(mode)).await;
            return put.map(|_| version).map_err(|error| attempt.failed(error));
        }
        let mode = match terms {
            Put::Overwrite => PutMode::Overwrite,
            Put::Create => PutMode::Create,
            Put::Replace(version) => {
                PutMode::Update(UpdateVersion { e_tag: Some(version.0.clone()), version: None })
            }
        };
        let mut options = PutOptions::from(mode);
        if let Some(cache) = cache {
            options.attributes.insert(Attribute::CacheControl, AttributeValue::from(cache));
        }
        let put = self.inner.put_opts(&path, PutPayload::from(bytes), options).await;
        let put = put.map_err(|error| match error {
            // Of the version that is to be replaced: nothing else is said to be absent of a put.
            object_store::Error::NotFound { .. } => attempt.conflict(),
            error => attempt.failed(error),
        })?;
        Ok(Version(put.e_tag.unwrap_or_default()))
    }

    /// Every object below a prefix of whole segments, in the order of their keys. Names that are no
    /// keys are left out.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Listed>, StoreError> {
        Ok(self.find(prefix).await?.listed)
    }

    /// The same, with the names of a folder that are no keys.
    pub async fn find(&self, prefix: &str) -> Result<Found, StoreError> {
        let attempt = Attempt { store: self, what: "list", key: prefix };
        let below = self.path(prefix)?;
        let strip = match &self.place {
            Place::Folder(root) => {
                let (root, prefix) = (root.clone(), prefix.to_owned());
                let found = tokio::task::spawn_blocking(move || files::walk(&root, &prefix)).await;
                let found = found.unwrap_or_else(|error| Err(std::io::Error::other(error)));
                return found.map_err(|error| attempt.unreachable(error.to_string()));
            }
            Place::Bucket { prefix, .. } if !prefix.is_empty() => prefix.len() + 1,
            Place::Bucket { .. } => 0,
        };
        let mut stream = self.inner.list(Some(&below));
        let mut listed = Vec::new();
        while let Some(meta) = stream.try_next().await.map_err(|error| attempt.failed(error))? {
            let Some(key) = meta.location.as_ref().get(strip..) else { continue };
            if check_key(key).is_ok() {
                let modified = SystemTime::from(meta.last_modified);
                listed.push(Listed { key: key.to_string(), bytes: meta.size, modified });
            }
        }
        listed.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Found { listed, strange: Vec::new() })
    }

    /// Removes an object; one that is not there is no error.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let attempt = Attempt { store: self, what: "remove", key };
        match self.inner.delete(&self.path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(attempt.failed(error)),
        }
    }

    fn path(&self, key: &str) -> Result<ObjectPath, StoreError> {
        check_key(key)?;
        let whole = match &self.place {
            Place::Bucket { prefix, .. } if !prefix.is_empty() => format!("{prefix}/{key}"),
            _ => key.to_string(),
        };
        ObjectPath::parse(whole).map_err(|_| StoreError::Key(key.chars().take(200).collect()))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.name).finish()
    }
}

/// Checks a key: segments of the one grammar of names, with slashes between them.
pub fn check_key(key: &str) -> Result<(), StoreError> {
    let fits = key.split('/').count() <= SEGMENTS_MAX
        && key.split('/').all(|segment| check_segment("name of an object", segment).is_ok());
    if fits { Ok(()) } else { Err(StoreError::Key(key.chars().take(200).collect())) }
}

/// In a folder, a version is what the content is.
fn content_version(bytes: &[u8]) -> Version {
    Version(blake3::hash(bytes).to_hex().to_string())
}

/// Waits for a turn among the processes that put into a folder on terms.
async fn lock(root: &Path) -> Result<std::fs::File, StoreError> {
    let path = root.join(LOCK_FILE);
    let fail = |path: PathBuf| move |source| StoreError::File { attempted: "lock", path, source };
    let locked = tokio::task::spawn_blocking({
        let path = path.clone();
        move || {
            let file = std::fs::File::options().create(true).append(true).open(path)?;
            file.lock()?;
            Ok(file)
        }
    });
    let locked = locked.await.map_err(|error| fail(path.clone())(std::io::Error::other(error)))?;
    locked.map_err(fail(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_could_leave_the_store_is_refused() {
        for bad in
            ["", "/", "a/", "/a", "a//b", "a/../b", "..", "a/.lock", "a\\b", "a b", "a\0", "ä", "a%2fb"]
        {
            assert!(check_key(bad).is_err(), "{bad:?} was accepted");
        }
        for good in ["a", "lance/public/rust/x/1.0.0+b/0a/api_symbols.lance/_versions/1.manifest"] {
            assert!(check_key(good).is_ok(), "{good:?} was refused");
        }
    }

    #[tokio::test]
    async fn a_put_into_a_folder_keeps_its_terms() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(folder.path()).unwrap();
        let put = |text: &'static str, terms| store.put("a/b", Bytes::from_static(text.as_bytes()), terms);

        let stranger = Version("other".to_string());
        assert!(matches!(put("0", Put::Replace(&stranger)).await, Err(StoreError::Conflict { .. })));
        let first = put("1", Put::Create).await.unwrap();
        assert!(matches!(put("2", Put::Create).await, Err(StoreError::Conflict { .. })));
        assert!(matches!(put("2", Put::Replace(&stranger)).await, Err(StoreError::Conflict { .. })));
        let second = put("2", Put::Replace(&first)).await.unwrap();
        assert!(matches!(put("3", Put::Replace(&first)).await, Err(StoreError::Conflict { .. })));
        let object = store.get("a/b", 10).await.unwrap();
        assert_eq!((object.bytes.as_ref(), object.version), (&b"2"[..], second));

        assert!(matches!(store.get("a/c", 10).await, Err(StoreError::Absent { .. })));
        assert!(matches!(store.get("a/b", 0).await, Err(StoreError::Damaged { .. })));
        assert_eq!(store.list("a").await.unwrap().len(), 1);
        store.probe().await.unwrap();
        store.delete("a/b").await.unwrap();
        store.delete("a/b").await.unwrap();
        assert_eq!(store.list("a").await.unwrap(), []);
    }
}
