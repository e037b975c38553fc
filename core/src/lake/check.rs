//! Whether a dataset of this machine is still what was written. A dataset is written once, and whoever shares
//! it answers for it: one that was changed since, by hand or by a failing disk, is not handed on.

use std::path::Path;

use super::shared::{count_of, open_at};
use super::store::error::plain;
use super::{ApiSymbol, DocChunk, Lake, LakeError, Row};

/// The version of a table that was written, and not touched since.
const WRITTEN: u64 = 1;

impl Lake {
    /// Looks at both tables of a dataset: the version that was written, as many rows as the catalog tells,
    /// and every file with its size. The rows themselves are not read.
    pub async fn check(&self, dataset: &str, symbols: u64, chunks: u64) -> Result<(), LakeError> {
        self.check_table::<ApiSymbol>(dataset, symbols).await?;
        self.check_table::<DocChunk>(dataset, chunks).await
    }

    async fn check_table<R: Row>(&self, dataset: &str, expected: u64) -> Result<(), LakeError> {
        let table = self.table::<R>(dataset)?;
        let looked = look(&table, expected).await;
        let why = |why| format!("{}: {why}", R::TABLE);
        looked.map_err(|told| LakeError::Changed { dataset: dataset.to_string(), why: why(told) })
    }
}

async fn look(table: &Path, expected: u64) -> Result<(), String> {
    let uri = table.to_str().ok_or("its path is not written in UTF-8")?;
    let dataset = open_at(uri, None, None).await.map_err(|error| plain(&error.to_string()))?;
    let manifest = dataset.manifest();
    if manifest.version != WRITTEN {
        return Err(format!("it was changed since, and is at version {}", manifest.version));
    }
    count_of(&dataset, expected).await?;
    let folder = table.join("data");
    for file in dataset.fragments().iter().flat_map(|fragment| &fragment.files) {
        let found = tokio::fs::metadata(folder.join(&file.path)).await;
        let found = found.map_err(|error| format!("its file {} cannot be read ({error})", file.path))?.len();
        match file.file_size_bytes.get() {
            Some(size) if size.get() != found => {
                return Err(format!("its file {} has {found} bytes instead of {size}", file.path));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::identity::Scope;
    use crate::lake::columns::tests::chunks;
    use crate::lake::to_batch;
    use crate::package::PackageId;

    async fn written(folder: &Path) -> (Lake, String) {
        let id = PackageId::rust("p", "1.0.0").unwrap();
        let (lake, dataset) = (Lake::new(folder), Lake::place(&Scope::Public, &id, "a1"));
        let none = to_batch::<ApiSymbol>(&[]).unwrap();
        lake.write::<ApiSymbol>(&dataset, futures::stream::iter([none])).await.unwrap();
        let chunks = to_batch(&chunks(&id)).unwrap();
        lake.write::<DocChunk>(&dataset, futures::stream::iter([chunks])).await.unwrap();
        (lake, dataset)
    }

    async fn table(lake: &Lake, dataset: &str) -> lancedb::Table {
        let folder = lake.table::<DocChunk>(dataset).unwrap();
        let connection =
            lancedb::connect(folder.parent().unwrap().to_str().unwrap()).execute().await.unwrap();
        connection.open_table(DocChunk::TABLE).execute().await.unwrap()
    }

    fn data_file(lake: &Lake, dataset: &str) -> PathBuf {
        let folder = lake.table::<DocChunk>(dataset).unwrap().join("data");
        std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
    }

    #[tokio::test]
    async fn what_was_written_is_whole_and_any_change_shows() {
        let sound = tempfile::tempdir().unwrap();
        let (lake, dataset) = written(sound.path()).await;
        lake.check(&dataset, 0, 2).await.unwrap();
        for (symbols, chunks) in [(1, 2), (0, 1), (0, 3)] {
            let refused = lake.check(&dataset, symbols, chunks).await;
            assert!(matches!(refused, Err(LakeError::Changed { .. })), "{symbols} {chunks}");
        }
        for change in ["delete", "update", "append", "truncate", "grow", "remove", "forget"] {
            let folder = tempfile::tempdir().unwrap();
            let (lake, dataset) = written(folder.path()).await;
            let (table, file) = (table(&lake, &dataset).await, data_file(&lake, &dataset));
            match change {
                "delete" => {
                    table.delete("chunk_index = 1").await.unwrap();
                }
                "update" => {
                    table.update().column("content", "'by hand'").execute().await.unwrap();
                }
                "append" => {
                    let more = to_batch(&chunks(&PackageId::rust("q", "1.0.0").unwrap())).unwrap();
                    table.add(more).execute().await.unwrap();
                }
                "truncate" => std::fs::write(&file, &std::fs::read(&file).unwrap()[1..]).unwrap(),
                "grow" => std::fs::write(&file, [std::fs::read(&file).unwrap(), vec![0]].concat()).unwrap(),
                "remove" => std::fs::remove_file(&file).unwrap(),
                _ => std::fs::remove_dir_all(file.parent().unwrap().parent().unwrap()).unwrap(),
            }
            let refused = lake.check(&dataset, 0, 2).await;
            assert!(matches!(refused, Err(LakeError::Changed { .. })), "{change}: {refused:?}");
        }
    }
}
