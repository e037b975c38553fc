//! The rows of the two datasets and of an export's list, and their Arrow schemas. Structs become record
//! batches through `serde_arrow`; the schemas are written out, because readers of any kind rely on them:
//! each column says what it holds, times are UTC and say so, and an embedding is 384 numbers or, where a
//! text means nothing to the model, null.

use std::sync::{Arc, LazyLock};

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use super::columns::{boolean, embedding, integer, long, number, prose, text, time};
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
    #[serde(with = "super::columns::vector")]
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
    #[serde(with = "super::columns::vector")]
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
    /// The columns whose text is JSON.
    const JSON: &'static [&'static str] = &[];
    /// The dataset's Arrow schema.
    fn schema() -> SchemaRef;
}

impl Row for ApiSymbol {
    const TABLE: &'static str = "api_symbols";
    const JSON: &'static [&'static str] = &["metadata"];

    fn schema() -> SchemaRef {
        static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
            Arc::new(Schema::new(vec![
                text("id", "the same for one item of one version, wherever it was indexed"),
                text("ecosystem", "whose registry the package is named in: rust"),
                text("package", "the package's name"),
                text("version", "the package's version"),
                text("file_path", "the file that declares the item, within its package"),
                text(
                    "kind",
                    "fn, method, struct, enum, variant, union, trait, type, const, static, macro, mod",
                ),
                text("name", "the item's own name"),
                text("path", "the item as one writes it in code"),
                prose("signature", "the declaration without its body").with_nullable(true),
                prose("source", "the whole item as it is written").with_nullable(true),
                prose("doc_comment", "the documentation, Markdown; null where there is none")
                    .with_nullable(true),
                integer("line_start", "the item's first line in its file, from 1"),
                integer("line_end", "the item's last line in its file"),
                text("visibility", "public, or how far the item is seen"),
                boolean("is_async", "whether it is an async function"),
                boolean("is_unsafe", "whether it is unsafe"),
                boolean("is_error_type", "whether it is an error's type"),
                boolean("returns_result", "whether it returns a Result"),
                prose("metadata", "a JSON object: what else is known, as generics, features, other paths"),
                prose("attributes", "the attributes, one a line; null where there are none")
                    .with_nullable(true),
                embedding(),
                time("created_at", "when the row was made, UTC"),
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
                text("id", "the same for one section of one version, wherever it was indexed"),
                text("ecosystem", "whose registry the package is named in: rust"),
                text("package", "the package's name"),
                text("version", "the package's version"),
                text("file_path", "the file that the section stands in, within its package"),
                text("section_title", "the headings above the section, joined by ›").with_nullable(true),
                prose("content", "the section's text, Markdown"),
                integer("chunk_index", "the section's place in its file, from 0"),
                integer("line_start", "the section's first line in its file, from 1"),
                embedding(),
                time("created_at", "when the row was made, UTC"),
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
                text("ecosystem", "whose registry the package is named in: rust"),
                text("package", "the package's name"),
                text("version", "the package's version"),
                text("description", "the package in its author's words").with_nullable(true),
                text("repo_url", "where the package is developed").with_nullable(true),
                long("symbol_count", "the package's rows in api_symbols"),
                long("chunk_count", "the package's rows in doc_chunks"),
                boolean("source_cached", "whether its source lies beside its rows: an export has none"),
                text("embedding_model", "the model of its embeddings; those of two are never compared")
                    .with_nullable(true),
                time("indexed_at", "when the package was indexed, UTC"),
            ]))
        });
        SCHEMA.clone()
    }
}

/// Some columns of a table, in the table's order.
pub(super) fn some_of<R: Row>(columns: &[&str]) -> SchemaRef {
    let whole = R::schema();
    let wanted = whole.fields().iter().filter(|field| columns.contains(&field.name().as_str()));
    Arc::new(Schema::new(wanted.cloned().collect::<Vec<FieldRef>>()))
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
            some_of::<ApiSymbol>(&columns)
        });
        SCHEMA.clone()
    }
}

impl ApiSymbol {
    /// A symbol as the row that it becomes. The id is stable for one path, kind and place of one version.
    pub fn new(package: &PackageId, symbol: &Symbol, embedding: Vec<f32>, created_at: i64) -> ApiSymbol {
        let twin = (symbol.twin > 0).then(|| symbol.twin.to_string());
        let place = [symbol.kind.as_str(), &symbol.path, &symbol.file_path];
        let parts: Vec<&str> = place.into_iter().chain(twin.as_deref()).collect();
        ApiSymbol {
            id: row_id(package, &parts, symbol.line_start),
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
            line_start: number(symbol.line_start),
            line_end: number(symbol.line_end),
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
            chunk_index: number(chunk.chunk_index),
            line_start: number(chunk.line_start),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_holds() {
        for schema in [ApiSymbol::schema(), DocChunk::schema(), IndexedPackage::schema()] {
            for field in schema.fields() {
                let told = field.metadata().get(super::super::columns::DESCRIPTION);
                assert!(told.is_some_and(|told| !told.is_empty()), "{field:?}");
            }
        }
    }
}
