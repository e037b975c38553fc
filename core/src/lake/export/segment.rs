//! Writing data files: packages packed into files, each of which is put when it is full.

use std::collections::HashMap;

use arrow_array::RecordBatch;
use bytes::Bytes;

use super::data_file::encode;
use super::manifest::{DataFile, ExportedPackage, Table};
use super::{ContentHash, ExportError, data_key};
use crate::identity::Scope;
use crate::lake::{ApiSymbol, DocChunk, IndexedPackage, Put, Row, Store, to_batch};
use crate::package::PackageId;

/// A file is full at this many rows: some 30 MB, which is what a reader of one package has to fetch.
pub(super) const FILE_ROWS: usize = 16_384;

/// Packages and the files with their rows, all of which are in the store.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    pub files: Vec<DataFile>,
    pub packages: HashMap<PackageId, ExportedPackage>,
    /// What had to be sent.
    pub bytes_sent: u64,
}

impl Packed {
    pub fn extend(&mut self, more: Packed) {
        self.files.extend(more.files);
        self.packages.extend(more.packages);
        self.bytes_sent += more.bytes_sent;
    }
}

/// Packs packages into files of one scope.
pub(super) struct Packer<'a> {
    store: &'a Store,
    scope: &'a Scope,
    day: String,
    /// Send what seems to be there as well: it may be damaged.
    anew: bool,
    symbols: Open,
    chunks: Open,
    packed: Packed,
}

/// A file that is not full yet.
#[derive(Default)]
struct Open {
    batches: Vec<RecordBatch>,
    rows: usize,
    packages: Vec<PackageId>,
}

impl<'a> Packer<'a> {
    pub fn new(store: &'a Store, scope: &'a Scope, anew: bool) -> Packer<'a> {
        let day = chrono::Utc::now().format("%Y-%m-%d").to_string();
        let (symbols, chunks) = (Open::default(), Open::default());
        Packer { store, scope, day, anew, symbols, chunks, packed: Packed::default() }
    }

    /// Takes a package with its rows. Its counts are made those of the rows.
    pub async fn add(
        &mut self,
        mut package: ExportedPackage,
        symbols: Vec<RecordBatch>,
        chunks: Vec<RecordBatch>,
    ) -> Result<(), ExportError> {
        package.symbol_count = rows(&symbols);
        package.chunk_count = rows(&chunks);
        (package.symbols, package.chunks) = (None, None);
        let id = package.id.clone();
        self.packed.packages.insert(id.clone(), package);
        self.symbols.take(&id, symbols);
        self.chunks.take(&id, chunks);
        if self.symbols.rows >= FILE_ROWS {
            self.close_symbols().await?;
        }
        if self.chunks.rows >= FILE_ROWS {
            self.close_chunks().await?;
        }
        Ok(())
    }

    /// Closes the last files.
    pub async fn finish(mut self) -> Result<Packed, ExportError> {
        self.close_symbols().await?;
        self.close_chunks().await?;
        Ok(self.packed)
    }

    async fn close_symbols(&mut self) -> Result<(), ExportError> {
        let open = std::mem::take(&mut self.symbols);
        let Some(hash) = self.close::<ApiSymbol>(Table::ApiSymbols, open.batches).await? else {
            return Ok(());
        };
        for id in &open.packages {
            self.packed.packages.entry(id.clone()).and_modify(|package| package.symbols = Some(hash.clone()));
        }
        Ok(())
    }

    async fn close_chunks(&mut self) -> Result<(), ExportError> {
        let open = std::mem::take(&mut self.chunks);
        let Some(hash) = self.close::<DocChunk>(Table::DocChunks, open.batches).await? else { return Ok(()) };
        for id in &open.packages {
            self.packed.packages.entry(id.clone()).and_modify(|package| package.chunks = Some(hash.clone()));
        }
        Ok(())
    }

    async fn close<R: Row>(
        &mut self,
        table: Table,
        batches: Vec<RecordBatch>,
    ) -> Result<Option<ContentHash>, ExportError> {
        if batches.is_empty() {
            return Ok(None);
        }
        let (file, sent) = put::<R>(self.store, self.scope, table, &self.day, batches, self.anew).await?;
        self.packed.bytes_sent += sent;
        let hash = file.hash.clone();
        self.packed.files.push(file);
        Ok(Some(hash))
    }
}

impl Open {
    fn take(&mut self, id: &PackageId, batches: Vec<RecordBatch>) {
        let before = self.rows;
        for batch in batches.into_iter().filter(|batch| batch.num_rows() > 0) {
            self.rows += batch.num_rows();
            self.batches.push(batch);
        }
        if self.rows > before {
            self.packages.push(id.clone());
        }
    }
}

/// The file of `indexed_packages` that goes with a segment; says what had to be sent.
pub(super) async fn put_packages(
    store: &Store,
    scope: &Scope,
    packages: &[ExportedPackage],
) -> Result<(DataFile, u64), ExportError> {
    let table = Table::IndexedPackages;
    let rows: Vec<IndexedPackage> = packages.iter().map(row).collect();
    let batch = to_batch(&rows)
        .map_err(|error| ExportError::Encode { table: table.as_str(), why: error.to_string() })?;
    let day = chrono::Utc::now().format("%Y-%m-%d").to_string();
    put::<IndexedPackage>(store, scope, table, &day, vec![batch], false).await
}

/// Puts a file where it is not there yet. Its name is its content: what is there is it.
async fn put<R: Row>(
    store: &Store,
    scope: &Scope,
    table: Table,
    day: &str,
    batches: Vec<RecordBatch>,
    anew: bool,
) -> Result<(DataFile, u64), ExportError> {
    let (owner, day) = (scope.clone(), day.to_string());
    let encoded = tokio::task::spawn_blocking(move || encode::<R>(&owner, table, &day, &batches));
    let (file, bytes): (DataFile, Bytes) = encoded.await??;
    let key = data_key(scope, table, &file.hash)?;
    if !anew && store.head(&key).await?.is_some_and(|there| there.bytes == file.bytes) {
        return Ok((file, 0));
    }
    let sent = file.bytes;
    store.put(&key, bytes, Put::Overwrite).await?;
    Ok((file, sent))
}

fn row(package: &ExportedPackage) -> IndexedPackage {
    IndexedPackage {
        ecosystem: package.id.ecosystem().to_string(),
        package: package.id.name().to_string(),
        version: package.id.version().to_string(),
        description: package.description.clone(),
        repo_url: package.repo_url.clone(),
        symbol_count: i64::try_from(package.symbol_count).unwrap_or(i64::MAX),
        chunk_count: i64::try_from(package.chunk_count).unwrap_or(i64::MAX),
        source_cached: false,
        embedding_model: package.embedding_model.clone(),
        indexed_at: package.indexed_at_ms.saturating_mul(1000),
    }
}

fn rows(batches: &[RecordBatch]) -> u64 {
    batches.iter().map(|batch| batch.num_rows() as u64).sum()
}
