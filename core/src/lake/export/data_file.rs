//! Data files: Parquet, whole in memory, with whose they are in their metadata.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, ParquetMetaData};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::manifest::{DataFile, FILE_BYTES_MAX, SCHEMA_VERSION, Table};
use super::{ContentHash, ExportError};
use crate::identity::Scope;
use crate::lake::Row;
use crate::package::PackageId;

const SCOPE: &str = "zenith.scope";
const TABLE: &str = "zenith.table";
const SCHEMA: &str = "zenith.schema_version";
/// The day of writing. Two runs of one day that write the same rows name the same file, and the second
/// need not send it; a file that nobody names any more is never written again on another day, so that
/// it can be removed once it is older than that.
const DAY: &str = "zenith.day";
const ROW_GROUP_ROWS: usize = 8192;
const BATCH_ROWS: usize = 4096;
/// What a file may grow to when it is unpacked.
const UNPACKED_BYTES_MAX: i64 = 8 << 30;

/// Why bytes are not the rows that were asked for.
pub(super) enum Unreadable {
    Damaged(String),
    Foreign(String),
}

/// Rows as the bytes of a data file, and what the manifest says of it. Blocks.
pub(super) fn encode<R: Row>(
    scope: &Scope,
    table: Table,
    day: &str,
    batches: &[RecordBatch],
) -> Result<(DataFile, Bytes), ExportError> {
    let fail = |why: String| ExportError::Encode { table: table.as_str(), why };
    let pair = |key: &str, value: String| KeyValue::new(key.to_string(), value);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata(Some(vec![
            pair(SCOPE, scope.prefix()),
            pair(TABLE, table.as_str().to_string()),
            pair(SCHEMA, SCHEMA_VERSION.to_string()),
            pair(DAY, day.to_string()),
        ]));
    // Vectors do not repeat: a dictionary of them would be made and thrown away.
    for leaf in ["item", "element"] {
        let column = ColumnPath::from(vec!["embedding".to_string(), "list".to_string(), leaf.to_string()]);
        properties = properties.set_column_dictionary_enabled(column, false);
    }
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, R::schema(), Some(properties.build()))
        .map_err(|error| fail(error.to_string()))?;
    let mut rows = 0;
    for batch in batches {
        rows += batch.num_rows() as u64;
        writer.write(batch).map_err(|error| fail(error.to_string()))?;
    }
    writer.close().map_err(|error| fail(error.to_string()))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(fail(format!("{} bytes are more than a file may have", bytes.len())));
    }
    let file = DataFile { table, hash: ContentHash::of(&bytes), rows, bytes: bytes.len() as u64 };
    Ok((file, Bytes::from(bytes)))
}

/// The rows of a data file, whose bytes were compared with its hash. Blocks.
pub(super) fn decode<R: Row>(
    scope: &Scope,
    file: &DataFile,
    bytes: Bytes,
) -> Result<Vec<RecordBatch>, Unreadable> {
    let damaged = |why: &dyn std::fmt::Display| Unreadable::Damaged(why.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|error| damaged(&error))?;
    check_metadata(scope, file, builder.metadata())?;
    let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(|error| damaged(&error))?;
    let mut batches = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| damaged(&error))?;
        // The very columns and types, and nulls only where they may be.
        batches.push(
            RecordBatch::try_new(R::schema(), batch.columns().to_vec()).map_err(|error| damaged(&error))?,
        );
    }
    Ok(batches)
}

fn check_metadata(scope: &Scope, file: &DataFile, metadata: &Arc<ParquetMetaData>) -> Result<(), Unreadable> {
    let told = metadata.file_metadata();
    let value = |key: &str| {
        let pairs = told.key_value_metadata().into_iter().flatten();
        pairs.filter(|pair| pair.key == key).find_map(|pair| pair.value.as_deref())
    };
    match value(SCOPE) {
        Some(found) if found == scope.prefix() => {}
        Some(found) => return Err(Unreadable::Foreign(found.chars().take(200).collect())),
        None => return Err(Unreadable::Damaged("it does not say whose it is".to_string())),
    }
    if value(TABLE) != Some(file.table.as_str()) || value(SCHEMA) != Some(&SCHEMA_VERSION.to_string()) {
        return Err(Unreadable::Damaged("it is of another table or version".to_string()));
    }
    if u64::try_from(told.num_rows()) != Ok(file.rows) {
        return Err(Unreadable::Damaged(format!("it has {} rows instead of {}", told.num_rows(), file.rows)));
    }
    let unpacked: i64 = metadata.row_groups().iter().map(|group| group.total_byte_size().max(0)).sum();
    if unpacked > UNPACKED_BYTES_MAX {
        return Err(Unreadable::Damaged(format!("it would unpack to {unpacked} bytes")));
    }
    Ok(())
}

/// The rows of one package among batches, as slices of them.
pub(super) fn rows_of(id: &PackageId, batches: &[RecordBatch]) -> Vec<RecordBatch> {
    let mut found = Vec::new();
    for batch in batches {
        let column = |name: &str| {
            batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<StringArray>())
        };
        let (Some(ecosystems), Some(packages), Some(versions)) =
            (column("ecosystem"), column("package"), column("version"))
        else {
            continue;
        };
        let is_its = |row: usize| {
            packages.value(row) == id.name()
                && versions.value(row) == id.version()
                && ecosystems.value(row) == id.ecosystem()
        };
        let mut row = 0;
        while row < batch.num_rows() {
            let start = row;
            while row < batch.num_rows() && is_its(row) {
                row += 1;
            }
            if row > start {
                found.push(batch.slice(start, row - start));
            } else {
                row += 1;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::{IndexedPackage, to_batch};

    fn package(name: &str) -> IndexedPackage {
        IndexedPackage {
            ecosystem: "rust".to_string(),
            package: name.to_string(),
            version: "1.0.0".to_string(),
            description: None,
            repo_url: Some("https://example.com".to_string()),
            symbol_count: 3,
            chunk_count: 0,
            source_cached: false,
            embedding_model: None,
            indexed_at: 1,
        }
    }

    #[test]
    fn a_file_is_its_scopes_own_and_what_the_manifest_says() {
        let (acme, other) = (Scope::Team("acme".to_string()), Scope::Team("other".to_string()));
        let rows = [package("a"), package("b"), package("a")];
        let batches = [to_batch(&rows).unwrap()];
        let table = Table::IndexedPackages;
        let (file, bytes) = encode::<IndexedPackage>(&acme, table, "2026-01-01", &batches).unwrap();
        let again = encode::<IndexedPackage>(&acme, table, "2026-01-01", &batches).unwrap().0;
        assert_eq!(file, again, "the same rows of one day are one file");

        let read = |scope: &Scope, file: &DataFile| decode::<IndexedPackage>(scope, file, bytes.clone());
        let Ok(found) = read(&acme, &file) else { panic!("it cannot be read") };
        assert_eq!(found[..], batches);
        let of_a = rows_of(&PackageId::rust("a", "1.0.0").unwrap(), &found);
        assert_eq!(of_a.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [1, 1]);
        assert!(matches!(read(&other, &file), Err(Unreadable::Foreign(found)) if found == "team/acme"));
        let more = DataFile { rows: 4, ..file.clone() };
        assert!(matches!(read(&acme, &more), Err(Unreadable::Damaged(_))));
        let elsewhere = DataFile { table: Table::ApiSymbols, ..file.clone() };
        assert!(matches!(read(&acme, &elsewhere), Err(Unreadable::Damaged(_))));
        for length in 0..bytes.len() {
            let torn = decode::<IndexedPackage>(&acme, &file, bytes.slice(..length));
            assert!(matches!(torn, Err(Unreadable::Damaged(_))), "{length}");
        }
    }
}
