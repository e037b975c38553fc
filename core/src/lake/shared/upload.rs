//! From a dataset of this machine to the store: every file, then what it consists of.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::contents::{Manifests, SCHEMA_VERSION};
use super::read::open_at;
use super::{CONTENTS, ContentFile, Contents, Place, SharedError};
use crate::catalog::CatalogEntry;
use crate::lake::store::error::plain;
use crate::lake::{ApiSymbol, ContentHash, DocChunk, Lake, LakeError, Listed, Put, Row, Store, Stored};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

const FILES_AT_ONCE: usize = 8;

/// What went up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    pub bytes: u64,
    pub files: usize,
    /// Files that a run before this one had put already.
    pub files_before: usize,
}

/// What lies on the store of other attempts at the same package.
pub type Others = Vec<Listed>;

/// Puts a ready dataset of this machine to the place of the same name. Files that are there already with
/// their size are not sent again, so that a run goes on where the last one ended; `anew` sends them all.
/// When this returns, the dataset is whole on the store.
pub async fn upload(
    store: &Store,
    lake: &Lake,
    entry: &CatalogEntry,
    anew: bool,
) -> Result<(Uploaded, Others), SharedError> {
    let place = Place::of(entry)?;
    let folder = lake.folder(&place.key)?;
    let files = tokio::task::spawn_blocking(move || files_of(&folder)).await??;
    let listed = store.list(place.version().trim_end_matches('/')).await?;
    let (mine, others): (Vec<Listed>, Others) =
        listed.into_iter().partition(|object| object.key.starts_with(&place.file("")));
    let mine = mine.into_iter().filter(|_| !anew);
    let there: HashMap<String, u64> = mine.map(|object| (object.key, object.bytes)).collect();
    let sends = files.into_iter().map(|file| send(store, &place, file, &there));
    let mut sent: Vec<(ContentFile, bool)> =
        stream::iter(sends).buffer_unordered(FILES_AT_ONCE).try_collect().await?;
    sent.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
    let mut uploaded = Uploaded::default();
    for (file, was_sent) in &sent {
        uploaded.files += usize::from(*was_sent);
        uploaded.files_before += usize::from(!was_sent);
        uploaded.bytes += if *was_sent { file.bytes } else { 0 };
    }
    let contents = Contents {
        schema_version: SCHEMA_VERSION,
        scope: place.scope.prefix(),
        package: place.id.clone(),
        embedding_model: entry.embedding_model.clone().unwrap_or_default(),
        symbol_count: entry.symbol_count,
        chunk_count: entry.chunk_count,
        files: sent.into_iter().map(|(file, _)| file).collect(),
        manifests: Manifests {
            api_symbols: manifest::<ApiSymbol>(lake, &place).await?,
            doc_chunks: manifest::<DocChunk>(lake, &place).await?,
        },
    };
    contents.check().map_err(|why| broken(&place, why))?;
    let sealed = contents.seal().map_err(|error| broken(&place, error.to_string()))?;
    store.put(&place.contents(), Bytes::from(sealed), Put::Overwrite).await?;
    Ok((uploaded, others))
}

/// Removes other attempts that nobody needs any more: those that were replaced at least `grace` ago, which
/// is when a reader of an older catalog may still have been reading them, and uploads that ended then
/// without being whole.
pub async fn remove_stale(
    store: &Store,
    place: &Place,
    others: Others,
    grace: Duration,
) -> Result<usize, SharedError> {
    let stale = stale(&place.version(), others, SystemTime::now(), grace);
    for key in &stale {
        store.delete(key).await?;
    }
    Ok(stale.len())
}

/// Removes all that lies there of a package version, which nobody names any more.
pub async fn remove_version(store: &Store, place: &Place) -> Result<(), SharedError> {
    for key in to_remove(store.list(place.version().trim_end_matches('/')).await?) {
        store.delete(&key).await?;
    }
    Ok(())
}

fn is_contents(object: &Listed) -> bool {
    object.key.rsplit_once('/').is_some_and(|(_, name)| name == CONTENTS)
}

/// The keys of objects in the order in which they are removed. Contents go first, so that what is half removed
/// is absent, not damaged.
fn to_remove(mut objects: Vec<Listed>) -> impl Iterator<Item = String> {
    objects.sort_by_key(|object| !is_contents(object));
    objects.into_iter().map(|object| object.key)
}

/// The keys to remove, in order.
fn stale(version: &str, others: Others, now: SystemTime, grace: Duration) -> Vec<String> {
    let is_old = |time: SystemTime| now.duration_since(time).is_ok_and(|age| age >= grace);
    let mut attempts: BTreeMap<String, Vec<Listed>> = BTreeMap::new();
    for object in others {
        let Some((attempt, _)) = object.key.strip_prefix(version).and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        attempts.entry(attempt.to_string()).or_default().push(object);
    }
    let whole_at =
        |objects: &[Listed]| objects.iter().find(|object| is_contents(object)).map(|object| object.modified);
    // Whatever was whole before the last one that has been whole for long was replaced long ago.
    let replaced_before =
        attempts.values().filter_map(|objects| whole_at(objects)).filter(|time| is_old(*time)).max();
    let mut keys = Vec::new();
    for objects in attempts.into_values() {
        let goes = match whole_at(&objects) {
            Some(time) => replaced_before.is_some_and(|replaced| time < replaced),
            None => objects.iter().map(|object| object.modified).max().is_some_and(is_old),
        };
        if goes {
            keys.extend(to_remove(objects));
        }
    }
    keys
}

/// A file of a dataset on this machine.
struct LocalFile {
    /// Below the dataset's folder, with slashes.
    path: String,
    file: PathBuf,
    bytes: u64,
}

/// Sends a file unless it is there; says what it is, and whether it was sent.
async fn send(
    store: &Store,
    place: &Place,
    local: LocalFile,
    there: &HashMap<String, u64>,
) -> Result<(ContentFile, bool), SharedError> {
    let key = place.file(&local.path);
    let is_there = there.get(&key) == Some(&local.bytes);
    let Stored { bytes, hash } = if is_there {
        let (file, shown) = (local.file.clone(), local.file);
        let hash = tokio::task::spawn_blocking(move || ContentHash::of_file(&file)).await?;
        let hash = hash.map_err(|source| SharedError::File { attempted: "read", path: shown, source })?;
        Stored { bytes: local.bytes, hash }
    } else {
        store.upload(&local.file, &key).await?
    };
    Ok((ContentFile { path: local.path, bytes, hash }, !is_there))
}

/// A table's manifest in Lance's own serialization.
async fn manifest<R: Row>(lake: &Lake, place: &Place) -> Result<String, SharedError> {
    let table = lake.table::<R>(&place.key)?;
    let uri = table.to_str().ok_or_else(|| broken(place, "its path is not written in UTF-8".to_string()))?;
    let dataset = open_at(uri, None, None).await.map_err(|error| broken(place, plain(&error.to_string())))?;
    Ok(STANDARD.encode(dataset.manifest().serialized()))
}

fn broken(place: &Place, why: String) -> SharedError {
    LakeError::Dataset { attempted: "read", dataset: place.key.clone(), why }.into()
}

/// Every file below a folder, in the order of their paths. Blocks.
fn files_of(root: &Path) -> Result<Vec<LocalFile>, SharedError> {
    let fail = |path: &Path| {
        let path = path.to_path_buf();
        move |source| SharedError::File { attempted: "read", path, source }
    };
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(fail(&folder))? {
            let entry = entry.map_err(fail(&folder))?;
            let (file, kind) = (entry.path(), entry.file_type().map_err(fail(&folder))?);
            if kind.is_dir() {
                folders.push(file);
            } else if kind.is_file() {
                let bytes = entry.metadata().map_err(fail(&file))?.len();
                let below = file.strip_prefix(root).unwrap_or(&file);
                let path = below.to_string_lossy().replace('\\', "/");
                files.push(LocalFile { path, file, bytes });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_replaced_stays_for_its_readers() {
        let day = Duration::from_secs(24 * 3600);
        let now = SystemTime::UNIX_EPOCH + 100 * day;
        let object = |key: &str, days_ago: u32| Listed {
            key: format!("v/{key}"),
            bytes: 1,
            modified: now - days_ago * day,
        };
        let removed = |others: Vec<Listed>| stale("v/", others, now, 2 * day);
        // Pushed long ago and replaced just now.
        assert!(removed(vec![object("a/x", 90), object("a/contents.json", 90)]).is_empty());
        // Replaced by one that has been whole for a day, and for three.
        let replaced = |days_ago| {
            vec![
                object("a/contents.json", 90),
                object("a/x", 90),
                object("b/x", 9),
                object("b/contents.json", days_ago),
            ]
        };
        assert!(removed(replaced(1)).is_empty());
        assert_eq!(removed(replaced(3)), ["v/a/contents.json", "v/a/x"]);
        // Never whole: somebody may be at it, or not.
        assert!(removed(vec![object("c/x", 9), object("c/y", 1)]).is_empty());
        assert_eq!(removed(vec![object("c/x", 9), object("c/y", 3)]), ["v/c/x", "v/c/y"]);
        assert!(removed(vec![object("stray", 90)]).is_empty());
    }
}
