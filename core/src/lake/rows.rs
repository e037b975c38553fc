//! The rows of the two datasets, and their Arrow schemas. Structs become record batches through
//! `serde_arrow`; the schemas are written out, because the embedding must be a list of fixed size.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};

use crate::embed::DIMENSIONS;
use crate::ingest::{Chunk, Symbol};
use crate::package::PackageId;

/// A row of `api_symbols`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiSymbol {
    pub id: String,
    pub ecosystem: String,
    pub package: String,
    pub version: String,
    pub file_path: String,
    pub kind: String,
    pub name: String,
    pub path: String,
    pub signature: Option<String>,
    pub source: Option<String>,
    pub doc_comment: Option<String>,
    pub line_start: i32,
    pub line_end: i32,
    pub visibility: String,
    pub is_async: bool,
    pub is_unsafe: bool,
    pub is_error_type: bool,
    pub returns_result: bool,
    /// A JSON object.
    pub metadata: String,
    /// One attribute a line.
    pub attributes: Option<String>,
    pub embedding: Vec<f32>,
    /// Microseconds since 1970, UTC.
    pub created_at: i64,
}

/// A row of `doc_chunks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocChunk {
    pub id: String,
    pub ecosystem: String,
    pub package: String,
    pub version: String,
    pub file_path: String,
    pub section_title: Option<String>,
    pub content: String,
    pub chunk_index: i32,
    pub line_start: i32,
    pub embedding: Vec<f32>,
    /// Microseconds since 1970, UTC.
    pub created_at: i64,
}

/// A row of `api_symbols` without the bulk: what a list of a package's symbols needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SymbolOutline {
    pub id: String,
    pub file_path: String,
    pub kind: String,
    pub name: String,
    pub path: String,
    pub signature: Option<String>,
    pub line_start: i32,
    pub line_end: i32,
    pub visibility: String,
    /// A JSON object; [`Names`](super::Names) reads what it says of the item's names.
    pub metadata: String,
}

/// A row of `indexed_packages` in an export: what the catalog says that is of use to anyone else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexedPackage {
    pub ecosystem: String,
    pub package: String,
    pub version: String,
    pub description: Option<String>,
    pub repo_url: Option<String>,
    pub symbol_count: i64,
    pub chunk_count: i64,
    /// Whether the package's source lies beside its rows: an export has none.
    pub source_cached: bool,
    pub embedding_model: Option<String>,
    /// Microseconds since 1970, UTC.
    pub indexed_at: i64,
}

/// The rows of one package.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageRows {
    pub symbols: Vec<ApiSymbol>,
    pub chunks: Vec<DocChunk>,
}

/// A row type, the dataset it lives in and the schema it has there.
pub trait Row: Serialize + for<'de> Deserialize<'de> {
    /// The dataset's name beside its siblings.
    const TABLE: &'static str;
    /// The dataset's Arrow schema.
    fn schema() -> SchemaRef;
}

impl Row for ApiSymbol {
    const TABLE: &'static str = "api_symbols";

    fn schema() -> SchemaRef {
        static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
            Arc::new(Schema::new(vec![
                text("id", false),
                text("ecosystem", false),
                text("package", false),
                text("version", false),
                text("file_path", false),
                text("kind", false),
                text("name", false),
                text("path", false),
                prose("signature", true),
                prose("source", true),
                prose("doc_comment", true),
                Field::new("line_start", DataType::Int32, false),
                Field::new("line_end", DataType::Int32, false),
                text("visibility", false),
                Field::new("is_async", DataType::Boolean, false),
                Field::new("is_unsafe", DataType::Boolean, false),
                Field::new("is_error_type", DataType::Boolean, false),
                Field::new("returns_result", DataType::Boolean, false),
                prose("metadata", false),
                prose("attributes", true),
                embedding(),
                created_at(),
            ]))
        });
        SCHEMA.clone()
    }
}

impl Row for DocChunk {
    const TABLE: &'static str = "doc_chunks";

    fn schema() -> SchemaRef {
        static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
            Arc::new(Schema::new(vec![
                text("id", false),
                text("ecosystem", false),
                text("package", false),
                text("version", false),
                text("file_path", false),
                text("section_title", true),
                prose("content", false),
                Field::new("chunk_index", DataType::Int32, false),
                Field::new("line_start", DataType::Int32, false),
                embedding(),
                created_at(),
            ]))
        });
        SCHEMA.clone()
    }
}

impl Row for IndexedPackage {
    const TABLE: &'static str = "indexed_packages";

    fn schema() -> SchemaRef {
        static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
            Arc::new(Schema::new(vec![
                text("ecosystem", false),
                text("package", false),
                text("version", false),
                text("description", true),
                text("repo_url", true),
                Field::new("symbol_count", DataType::Int64, false),
                Field::new("chunk_count", DataType::Int64, false),
                Field::new("source_cached", DataType::Boolean, false),
                text("embedding_model", true),
                timestamp("indexed_at"),
            ]))
        });
        SCHEMA.clone()
    }
}

impl Row for SymbolOutline {
    const TABLE: &'static str = ApiSymbol::TABLE;

    fn schema() -> SchemaRef {
        static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
            let columns = [
                "id",
                "file_path",
                "kind",
                "name",
                "path",
                "signature",
                "line_start",
                "line_end",
                "visibility",
                "metadata",
            ];
            let whole = ApiSymbol::schema();
            let wanted = whole.fields().iter().filter(|field| columns.contains(&field.name().as_str()));
            Arc::new(Schema::new(wanted.cloned().collect::<Vec<FieldRef>>()))
        });
        SCHEMA.clone()
    }
}

impl ApiSymbol {
    /// A symbol as the row that it becomes. The id is stable for one path and kind of one version.
    pub fn new(package: &PackageId, symbol: &Symbol, embedding: Vec<f32>, created_at: i64) -> ApiSymbol {
        ApiSymbol {
            id: row_id(package, &[symbol.kind.as_str(), &symbol.path, &symbol.file_path], symbol.line_start),
            ecosystem: package.ecosystem().to_string(),
            package: package.name().to_string(),
            version: package.version().to_string(),
            file_path: symbol.file_path.clone(),
            kind: symbol.kind.as_str().to_string(),
            name: symbol.name.clone(),
            path: symbol.path.clone(),
            signature: Some(symbol.signature.clone()),
            source: Some(symbol.source.clone()),
            doc_comment: symbol.doc_comment.clone(),
            line_start: line(symbol.line_start),
            line_end: line(symbol.line_end),
            visibility: symbol.visibility.clone(),
            is_async: symbol.is_async,
            is_unsafe: symbol.is_unsafe,
            is_error_type: symbol.is_error_type,
            returns_result: symbol.returns_result,
            metadata: serde_json::Value::Object(symbol.metadata.clone()).to_string(),
            attributes: (!symbol.attributes.is_empty()).then(|| symbol.attributes.join("\n")),
            embedding,
            created_at,
        }
    }
}

impl From<&ApiSymbol> for SymbolOutline {
    fn from(symbol: &ApiSymbol) -> SymbolOutline {
        SymbolOutline {
            id: symbol.id.clone(),
            file_path: symbol.file_path.clone(),
            kind: symbol.kind.clone(),
            name: symbol.name.clone(),
            path: symbol.path.clone(),
            signature: symbol.signature.clone(),
            line_start: symbol.line_start,
            line_end: symbol.line_end,
            visibility: symbol.visibility.clone(),
            metadata: symbol.metadata.clone(),
        }
    }
}

impl DocChunk {
    /// A chunk as the row that it becomes.
    pub fn new(package: &PackageId, chunk: &Chunk, embedding: Vec<f32>, created_at: i64) -> DocChunk {
        DocChunk {
            id: row_id(package, &["doc", &chunk.file_path], chunk.chunk_index),
            ecosystem: package.ecosystem().to_string(),
            package: package.name().to_string(),
            version: package.version().to_string(),
            file_path: chunk.file_path.clone(),
            section_title: Some(chunk.section_title.clone()),
            content: chunk.content.clone(),
            chunk_index: line(chunk.chunk_index),
            line_start: line(chunk.line_start),
            embedding,
            created_at,
        }
    }
}

/// Rows as one record batch of their schema.
pub fn to_batch<R: Row>(rows: &[R]) -> Result<RecordBatch, serde_arrow::Error> {
    serde_arrow::to_record_batch(R::schema().fields(), &rows)
}

/// The rows of a record batch that has all of their columns.
pub fn from_batch<R: Row>(batch: &RecordBatch) -> Result<Vec<R>, serde_arrow::Error> {
    serde_arrow::from_record_batch(batch)
}

fn row_id(package: &PackageId, parts: &[&str], number: u32) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [package.ecosystem(), package.name(), package.version()].iter().chain(parts) {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.update(&number.to_le_bytes());
    hasher.finalize().to_hex()[..32].to_string()
}

fn line(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn text(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Utf8, nullable)
}

/// Long text, which is worth compressing.
fn prose(name: &str, nullable: bool) -> Field {
    let compressed = HashMap::from([("lance-encoding:compression".to_string(), "zstd".to_string())]);
    text(name, nullable).with_metadata(compressed)
}

fn embedding() -> Field {
    let item: FieldRef = Arc::new(Field::new("item", DataType::Float32, true));
    let size = i32::try_from(DIMENSIONS).expect("384 fits");
    Field::new("embedding", DataType::FixedSizeList(item, size), false)
}

fn created_at() -> Field {
    timestamp("created_at")
}

fn timestamp(name: &str) -> Field {
    Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, None), false)
}
