//! From the store to a dataset of this machine: every file, compared with its size and hash.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use super::{ContentFile, Contents, Place, SharedError};
use crate::lake::{ContentHash, Lake, Store, StoreError};

const FILES_AT_ONCE: usize = 4;

/// Fetches what is at a place into the dataset `to` of this machine, and says how many bytes came. Files
/// that are there already and are what they should be are not fetched again, so that a run goes on where
/// the last one ended. The dataset is whole when this returns; until it is announced, nobody reads it.
pub async fn download(
    store: &Store,
    place: &Place,
    contents: &Contents,
    lake: &Lake,
    to: &str,
) -> Result<u64, SharedError> {
    let folder = lake.folder(to)?;
    let fetches: Vec<BoxFuture<'_, Result<u64, SharedError>>> =
        contents.files.iter().map(|file| fetch(store, place, file, &folder).boxed()).collect();
    let fetched: Vec<u64> = stream::iter(fetches).buffer_unordered(FILES_AT_ONCE).try_collect().await?;
    let named: HashSet<PathBuf> = contents.files.iter().map(|file| folder.join(&file.path)).collect();
    tokio::task::spawn_blocking(move || remove_unnamed(&folder, &named)).await?;
    Ok(fetched.iter().sum())
}

/// Removes what earlier runs left half fetched. One that stays costs space alone.
fn remove_unnamed(folder: &Path, named: &HashSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => remove_unnamed(&path, named),
            Ok(_) if !named.contains(&path) => drop(std::fs::remove_file(&path)),
            _ => {}
        }
    }
}

/// Fetches one file; 0 where it was there.
async fn fetch(store: &Store, place: &Place, file: &ContentFile, folder: &Path) -> Result<u64, SharedError> {
    // Its segments passed the grammar of names: it stays below the folder.
    let target = folder.join(&file.path);
    let (here, expected) = (target.clone(), file.stored());
    let is_here = tokio::task::spawn_blocking(move || {
        let size = std::fs::metadata(&here).map(|found| found.len());
        size.is_ok_and(|size| size == expected.bytes)
            && ContentHash::of_file(&here).is_ok_and(|hash| hash == expected.hash)
    });
    if is_here.await? {
        return Ok(0);
    }
    let key = place.file(&file.path);
    match store.download(&key, &target, Some(&file.stored())).await {
        Ok(stored) => Ok(stored.bytes),
        Err(StoreError::Absent { store, object }) => {
            Err(SharedError::Damaged { store, object, why: "it is missing".to_string() })
        }
        Err(StoreError::Damaged { store, object, why }) => Err(SharedError::Damaged { store, object, why }),
        Err(error) => Err(error.into()),
    }
}
