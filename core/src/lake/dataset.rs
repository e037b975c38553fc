//! Writing, reading and removing datasets.

use std::path::{Component, Path, PathBuf};

use arrow_array::RecordBatch;
use futures::{Stream, TryStreamExt};
use lancedb::arrow::{SendableRecordBatchStream, SimpleRecordBatchStream};
use lancedb::query::{ExecutableQuery, QueryBase, Select};

use super::columns::conformed;
use super::place::FOLDER;
use super::rows::{Row, from_batch};

/// The store that datasets live in: a folder.
#[derive(Clone, Debug)]
pub struct Lake {
    root: PathBuf,
}

/// A dataset that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    #[error("cannot {attempted} the dataset {dataset}: {why}")]
    Dataset { attempted: &'static str, dataset: String, why: String },
    #[error("the catalog names a dataset outside the store: {0:?}")]
    OutsideStore(String),
    #[error(
        "the dataset {dataset} is not what was indexed: {why}; `zenith doctor --repair` forgets it, and \
         `zenith index` makes it anew"
    )]
    Changed { dataset: String, why: String },
}

impl Lake {
    /// The store below `root`. Nothing is touched until something is written.
    pub fn new(root: &Path) -> Lake {
        Lake { root: root.to_path_buf() }
    }

    /// Writes one table of a dataset from batches of `R`'s schema. A table that is there already is
    /// an error: an attempt has a place of its own.
    pub async fn write<R: Row>(
        &self,
        dataset: &str,
        batches: impl Stream<Item = RecordBatch> + Send + 'static,
    ) -> Result<(), LakeError> {
        let fail = |error: lancedb::Error| failed("write", dataset, error);
        let stream: SendableRecordBatchStream =
            Box::pin(SimpleRecordBatchStream::new(futures::StreamExt::map(batches, Ok), R::schema()));
        let connection = self.connect(dataset).await?;
        connection.create_table(R::TABLE, stream).execute().await.map_err(fail)?;
        Ok(())
    }

    /// Every row of one table with the columns of `R`, in the order in which it was written.
    pub async fn read<R: Row>(&self, dataset: &str) -> Result<Vec<R>, LakeError> {
        self.query(dataset, None).await
    }

    /// Every row of one table as record batches of `R`'s schema, in the order in which it was written.
    pub async fn batches<R: Row>(&self, dataset: &str) -> Result<Vec<RecordBatch>, LakeError> {
        let batches = self.query_batches::<R>(dataset, None).await?;
        batches.iter().map(conformed::<R>).collect::<Result<_, _>>().map_err(|error| LakeError::Dataset {
            attempted: "decode",
            dataset: dataset.to_string(),
            why: error.to_string(),
        })
    }

    /// The row of an id that [`ApiSymbol`](super::ApiSymbol) or [`DocChunk`](super::DocChunk) made.
    pub async fn row<R: Row>(&self, dataset: &str, id: &str) -> Result<Option<R>, LakeError> {
        // Ids are hexadecimal; anything else names no row, and never reaches a filter.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        Ok(self.query(dataset, Some(format!("id = '{id}'"))).await?.pop())
    }

    async fn query<R: Row>(&self, dataset: &str, filter: Option<String>) -> Result<Vec<R>, LakeError> {
        let batches = self.query_batches::<R>(dataset, filter).await?;
        let mut rows = Vec::new();
        for batch in &batches {
            rows.extend(from_batch::<R>(batch).map_err(|error| LakeError::Dataset {
                attempted: "decode",
                dataset: dataset.to_string(),
                why: error.to_string(),
            })?);
        }
        Ok(rows)
    }

    async fn query_batches<R: Row>(
        &self,
        dataset: &str,
        filter: Option<String>,
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let fail = |error: lancedb::Error| failed("read", dataset, error);
        let connection = self.connect(dataset).await?;
        let table = connection.open_table(R::TABLE).execute().await.map_err(fail)?;
        let columns: Vec<String> = R::schema().fields().iter().map(|field| field.name().clone()).collect();
        let mut query = table.query().select(Select::columns(&columns));
        if let Some(filter) = filter {
            query = query.only_if(filter);
        }
        query.execute().await.map_err(fail)?.try_collect().await.map_err(fail)
    }

    /// How many rows a table has.
    pub async fn count<R: Row>(&self, dataset: &str) -> Result<usize, LakeError> {
        let fail = |error: lancedb::Error| failed("count", dataset, error);
        let connection = self.connect(dataset).await?;
        let table = connection.open_table(R::TABLE).execute().await.map_err(fail)?;
        table.count_rows(None).await.map_err(fail)
    }

    /// What keeps this user from reading the files of a dataset that lie there: rights, say, or a disk that
    /// fails. That tells nothing of what is in them.
    pub fn hindrance(&self, dataset: &str) -> Option<std::io::Error> {
        let mut folders = vec![self.resolve(dataset).ok()?];
        while let Some(folder) = folders.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Some(error),
            };
            for entry in entries {
                let opened = entry.and_then(|entry| match entry.file_type()?.is_dir() {
                    true => Ok(Some(entry.path())),
                    false => std::fs::File::open(entry.path()).map(|_| None),
                });
                match opened {
                    Ok(folder) => folders.extend(folder),
                    Err(error) => return Some(error),
                }
            }
        }
        None
    }

    /// Removes a dataset with all that is in it; one that is not there is no error.
    pub fn remove(&self, dataset: &str) -> Result<(), LakeError> {
        let path = self.resolve(dataset)?;
        match std::fs::remove_dir_all(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(LakeError::Dataset {
                attempted: "remove",
                dataset: dataset.to_string(),
                why: error.to_string(),
            }),
        }
    }

    /// Bytes that the files of a dataset hold; what goes away meanwhile counts nothing.
    pub fn size(&self, dataset: &str) -> Result<u64, LakeError> {
        let mut folders = vec![self.resolve(dataset)?];
        let mut sum = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                match entry.metadata() {
                    Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                    Ok(metadata) => sum += metadata.len(),
                    Err(_) => {}
                }
            }
        }
        Ok(sum)
    }

    /// Every attempt's place that exists in the store, whether or not the catalog names it.
    pub fn places(&self) -> Vec<String> {
        let mut places = Vec::new();
        let mut folders = vec![self.root.join(FOLDER)];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            let children: Vec<PathBuf> =
                entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
            if children.iter().any(|path| path.extension().is_some_and(|end| end == "lance")) {
                if let Ok(place) = folder.strip_prefix(&self.root) {
                    places.push(place.to_string_lossy().replace('\\', "/"));
                }
            } else {
                folders.extend(children);
            }
        }
        places.sort();
        places
    }

    /// Where one table of a dataset lies, for a reader other than this.
    pub fn table<R: Row>(&self, dataset: &str) -> Result<PathBuf, LakeError> {
        Ok(self.resolve(dataset)?.join(format!("{}.lance", R::TABLE)))
    }

    /// Where a dataset lies on this machine.
    pub(super) fn folder(&self, dataset: &str) -> Result<PathBuf, LakeError> {
        self.resolve(dataset)
    }

    async fn connect(&self, dataset: &str) -> Result<lancedb::Connection, LakeError> {
        let path = self.resolve(dataset)?;
        let uri = path.to_string_lossy();
        lancedb::connect(&uri).execute().await.map_err(|error| failed("open", dataset, error))
    }

    /// The path of a dataset. Its place comes from a row of a database, so it is checked: relative,
    /// below the store's folder, with no step upwards.
    fn resolve(&self, dataset: &str) -> Result<PathBuf, LakeError> {
        let relative = Path::new(dataset);
        let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
        if plain && relative.starts_with(FOLDER) && relative.components().count() > 1 {
            Ok(self.root.join(relative))
        } else {
            Err(LakeError::OutsideStore(dataset.to_string()))
        }
    }
}

fn failed(attempted: &'static str, dataset: &str, error: lancedb::Error) -> LakeError {
    LakeError::Dataset { attempted, dataset: dataset.to_string(), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_leads_out_of_the_store_is_refused() {
        let lake = Lake::new(Path::new("/store"));
        for bad in ["", "lance", "/lance/x", "lance/../../etc", "other/x", "../lance/x", "s3://lance/x"] {
            assert!(lake.resolve(bad).is_err(), "{bad:?} was accepted");
        }
        assert_eq!(lake.resolve("lance/public/x").unwrap(), Path::new("/store/lance/public/x"));
    }
}
