//! Data files: Parquet, whole in memory, with whose they are in their metadata, and what each column holds.
//!
//! They are for readers of any kind: JSON is JSON by its logical type, times are UTC, lists are named as the
//! format wants them. That an embedding has 384 components Parquet cannot say; the Arrow schema in the
//! metadata does, and who does not read that casts it.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, ConvertedType, LogicalType, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::{ColumnPath, SchemaDescriptor, Type};

use super::manifest::{DataFile, FILE_BYTES_MAX, SCHEMA_VERSION, Table, is_read};
use super::{ContentHash, ExportError};
use crate::identity::Scope;
use crate::lake::Row;
use crate::lake::columns::{DESCRIPTION, conformed};
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
    let mut metadata = vec![
        pair(SCOPE, scope.prefix()),
        pair(TABLE, table.as_str().to_string()),
        pair(SCHEMA, SCHEMA_VERSION.to_string()),
        pair(DAY, day.to_string()),
    ];
    for field in R::schema().fields() {
        let told = field.metadata().get(DESCRIPTION).cloned().unwrap_or_default();
        metadata.push(pair(&format!("{DESCRIPTION}.{}", field.name()), told));
    }
    // Vectors do not repeat: a dictionary of them would be made and thrown away.
    let components = ColumnPath::from(["embedding", "list", "element"].map(str::to_string).to_vec());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata(Some(metadata))
        .set_column_dictionary_enabled(components, false)
        .build();
    let options = || -> Result<ArrowWriterOptions, ParquetError> {
        Ok(ArrowWriterOptions::new().with_properties(properties).with_parquet_schema(parquet_schema::<R>()?))
    };
    let mut bytes = Vec::new();
    let mut writer = options()
        .and_then(|options| ArrowWriter::try_new_with_options(&mut bytes, R::schema(), options))
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

/// A table's schema in Parquet's own words, which say of a text that it is JSON.
fn parquet_schema<R: Row>() -> Result<SchemaDescriptor, ParquetError> {
    let schema = ArrowSchemaConverter::new().with_coerce_types(true).convert(&R::schema())?;
    let root = schema.root_schema();
    let column = |column: &Arc<Type>| -> Result<Arc<Type>, ParquetError> {
        if !R::JSON.contains(&column.name()) {
            return Ok(column.clone());
        }
        let json = Type::primitive_type_builder(column.name(), column.get_physical_type())
            .with_repetition(column.get_basic_info().repetition())
            .with_logical_type(Some(LogicalType::Json))
            .with_converted_type(ConvertedType::JSON);
        Ok(Arc::new(json.build()?))
    };
    let columns = root.get_fields().iter().map(column).collect::<Result<_, _>>()?;
    let root = Type::group_type_builder(root.name()).with_fields(columns).build()?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
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
        batches.push(conformed::<R>(&batch).map_err(|error| damaged(&error))?);
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
    let version: Option<u64> = value(SCHEMA).and_then(|version| version.parse().ok());
    if value(TABLE) != Some(file.table.as_str()) || !version.is_some_and(is_read) {
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
pub(super) mod tests {
    use super::*;
    use crate::lake::columns::tests::{chunks, of_first_version};
    use crate::lake::{DocChunk, IndexedPackage, to_batch};

    /// A file as the first version wrote it.
    pub(crate) fn encode_first_version(
        scope: &Scope,
        table: Table,
        batch: &RecordBatch,
    ) -> (DataFile, Bytes) {
        let old = of_first_version(batch);
        let pair = |key: &str, value: &str| KeyValue::new(key.to_string(), value.to_string());
        let properties = WriterProperties::builder()
            .set_key_value_metadata(Some(vec![
                pair(SCOPE, &scope.prefix()),
                pair(TABLE, table.as_str()),
                pair(SCHEMA, "1"),
                pair(DAY, "2026-01-01"),
            ]))
            .build();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, old.schema(), Some(properties)).unwrap();
        writer.write(&old).unwrap();
        writer.close().unwrap();
        let (rows, size) = (batch.num_rows() as u64, bytes.len() as u64);
        (DataFile { table, hash: ContentHash::of(&bytes), rows, bytes: size }, Bytes::from(bytes))
    }

    #[test]
    fn a_file_of_the_first_version_is_read_as_one_of_this() {
        let batch = to_batch(&chunks(&PackageId::rust("p", "1.0.0").unwrap())).unwrap();
        let (file, bytes) = encode_first_version(&Scope::Public, Table::DocChunks, &batch);
        let Ok(found) = decode::<DocChunk>(&Scope::Public, &file, bytes) else { panic!("it is not read") };
        assert_eq!(found, [batch]);
    }

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
