//! Reading an export: the manifest at one moment, and rows out of files that are what it says.

use std::collections::HashMap;

use arrow_array::RecordBatch;

use super::data_file::{Unreadable, decode, rows_of};
use super::manifest::{DataFile, ExportedPackage, MANIFEST_BYTES_MAX, Manifest, Segment, Table};
use super::seal::{Unsound, unseal};
use super::{ContentHash, ExportError, data_key, manifest_key};
use crate::identity::Scope;
use crate::lake::{ApiSymbol, DocChunk, PackageRows, Row, Store, StoreError, Version, from_batch};
use crate::package::PackageId;

/// A scope's export as it stood when it was opened. What is put meanwhile does not change it: its
/// files stay for [`GRACE`](super::GRACE) after the manifest no longer names them.
pub struct Export {
    pub manifest: Manifest,
    store: Store,
    scope: Scope,
    /// The file of each table that was read last: packages lie side by side.
    held: HashMap<Table, (ContentHash, Vec<RecordBatch>)>,
}

/// A manifest as it was found: sound, or not.
pub(super) enum Found {
    Nothing,
    Sound(Box<Manifest>, Version),
    /// It cannot be used, and can be replaced.
    Unsound(ExportError, Version),
}

/// Reads a scope's manifest.
pub(super) async fn find(store: &Store, scope: &Scope) -> Result<Found, ExportError> {
    let key = manifest_key(scope)?;
    let object = match store.get(&key, MANIFEST_BYTES_MAX).await {
        Err(StoreError::Absent { .. }) => return Ok(Found::Nothing),
        other => other?,
    };
    let at = || (store.name().to_string(), key.clone());
    let version = object.version.clone();
    match unseal(&object.bytes, scope) {
        Ok(manifest) => Ok(Found::Sound(Box::new(manifest), version)),
        Err(Unsound::OtherSchema(found)) => {
            let (store, object) = at();
            Err(ExportError::OtherSchema { store, object, found })
        }
        Err(Unsound::Damaged(why)) => match store.doubted(&key, &object, why).await {
            StoreError::Damaged { store, object, why } => {
                Ok(Found::Unsound(ExportError::Damaged { store, object, why }, version))
            }
            error => Err(error.into()),
        },
        Err(Unsound::Foreign(found)) => {
            let (store, object) = at();
            let error = ExportError::Foreign { store, object, expected: scope.prefix(), found };
            Ok(Found::Unsound(error, version))
        }
    }
}

impl Export {
    /// Opens a scope's export; `None` where there is none.
    pub async fn open(store: &Store, scope: &Scope) -> Result<Option<Export>, ExportError> {
        match find(store, scope).await? {
            Found::Nothing => Ok(None),
            Found::Unsound(error, _) => Err(error),
            Found::Sound(manifest, _) => Ok(Some(Export::of(*manifest, store, scope))),
        }
    }

    pub(super) fn of(manifest: Manifest, store: &Store, scope: &Scope) -> Export {
        let (store, scope) = (store.clone(), scope.clone());
        Export { manifest, store, scope, held: HashMap::new() }
    }

    /// The rows of a package version that is in the export, of each id the newest; `None` where it is not.
    pub async fn package(&mut self, id: &PackageId) -> Result<Option<PackageRows>, ExportError> {
        let Some((segment, package)) = self.manifest.live().get(id).copied() else { return Ok(None) };
        let (segment, package) = (segment.clone(), package.clone());
        let symbols = self.batches::<ApiSymbol>(&segment, &package, Table::ApiSymbols).await?;
        let chunks = self.batches::<DocChunk>(&segment, &package, Table::DocChunks).await?;
        let symbols = self.decoded::<ApiSymbol>(&symbols, &package, Table::ApiSymbols)?;
        let chunks = self.decoded::<DocChunk>(&chunks, &package, Table::DocChunks)?;
        Ok(Some(PackageRows {
            symbols: newest_by_id(symbols, |row| &row.id),
            chunks: newest_by_id(chunks, |row| &row.id),
        }))
    }

    /// One table's rows of a package, as they lie in its file.
    pub(super) async fn batches<R: Row>(
        &mut self,
        segment: &Segment,
        package: &ExportedPackage,
        table: Table,
    ) -> Result<Vec<RecordBatch>, ExportError> {
        let Some((hash, count)) = package.part(table) else { return Ok(Vec::new()) };
        let Some(file) = segment.file(table, hash) else { return Ok(Vec::new()) };
        if self.held.get(&table).is_none_or(|(held, _)| held != hash) {
            let batches = self.read::<R>(file).await?;
            self.held.insert(table, (hash.clone(), batches));
        }
        let batches = self.held.get(&table).map(|(_, batches)| batches.as_slice()).unwrap_or_default();
        let found = rows_of(&package.id, batches);
        let rows: u64 = found.iter().map(|batch| batch.num_rows() as u64).sum();
        match rows == count {
            true => Ok(found),
            false => {
                Err(self.damaged(table, hash, format!("it has {rows} of {count} rows of {}", package.id))?)
            }
        }
    }

    /// A whole data file: fetched, compared with its size and hash, and found to be this scope's.
    async fn read<R: Row>(&self, file: &DataFile) -> Result<Vec<RecordBatch>, ExportError> {
        let key = data_key(&self.scope, file.table, &file.hash)?;
        let damaged = |why: String| self.damaged(file.table, &file.hash, why);
        let object = match self.store.get(&key, file.bytes).await {
            Ok(object) => object,
            Err(StoreError::Absent { .. }) => return Err(damaged("it is missing".to_string())?),
            Err(StoreError::Damaged { why, .. }) => return Err(damaged(why)?),
            Err(error) => return Err(error.into()),
        };
        let length = object.bytes.len() as u64;
        let unlike = if length != file.bytes {
            Some(format!("it has {length} bytes instead of {}", file.bytes))
        } else {
            let (bytes, hash) = (object.bytes.clone(), file.hash.clone());
            let is_like = tokio::task::spawn_blocking(move || ContentHash::of(&bytes) == hash).await?;
            (!is_like).then(|| "its content is not what its name says".to_string())
        };
        if let Some(why) = unlike {
            return match self.store.doubted(&key, &object, why).await {
                StoreError::Damaged { why, .. } => Err(damaged(why)?),
                error => Err(error.into()),
            };
        }
        let (scope, described) = (self.scope.clone(), file.clone());
        let rows = tokio::task::spawn_blocking(move || decode::<R>(&scope, &described, object.bytes));
        match rows.await? {
            Ok(batches) => Ok(batches),
            Err(Unreadable::Damaged(why)) => Err(damaged(why)?),
            Err(Unreadable::Foreign(found)) => Err(ExportError::Foreign {
                store: self.store.name().to_string(),
                object: key,
                expected: self.scope.prefix(),
                found,
            }),
        }
    }

    fn decoded<R: Row>(
        &self,
        batches: &[RecordBatch],
        package: &ExportedPackage,
        table: Table,
    ) -> Result<Vec<R>, ExportError> {
        let mut rows = Vec::new();
        for batch in batches {
            match from_batch::<R>(batch) {
                Ok(more) => rows.extend(more),
                Err(error) => {
                    let Some((hash, _)) = package.part(table) else { break };
                    return Err(self.damaged(table, hash, error.to_string())?);
                }
            }
        }
        Ok(rows)
    }

    fn damaged(&self, table: Table, hash: &ContentHash, why: String) -> Result<ExportError, ExportError> {
        let (store, object) = (self.store.name().to_string(), data_key(&self.scope, table, hash)?);
        Ok(ExportError::Damaged { store, object, why })
    }
}

/// Of rows with one id, the last, in the place of the first.
fn newest_by_id<R>(rows: Vec<R>, id: impl Fn(&R) -> &str) -> Vec<R> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    let mut newest: Vec<R> = Vec::with_capacity(rows.len());
    for row in rows {
        match places.get(id(&row)) {
            Some(place) => newest[*place] = row,
            None => {
                places.insert(id(&row).to_string(), newest.len());
                newest.push(row);
            }
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_rows_with_one_id_the_newest_wins() {
        let rows = vec![("a", 1), ("b", 2), ("a", 3)];
        assert_eq!(newest_by_id(rows, |row| row.0), [("a", 3), ("b", 2)]);
    }
}
