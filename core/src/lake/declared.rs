//! The rows of `api_symbols` with what tells an item from itself in another version.

use std::sync::LazyLock;

use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};

use super::rows::{ApiSymbol, Row, some_of};

/// A row of `api_symbols` without its documentation and vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredSymbol {
    pub file_path: String,
    pub kind: String,
    pub name: String,
    pub path: String,
    pub signature: Option<String>,
    pub source: Option<String>,
    pub line_start: i32,
    pub visibility: String,
    /// A line each, without brackets.
    pub attributes: Option<String>,
    /// A JSON object.
    pub metadata: String,
}

impl Row for DeclaredSymbol {
    const TABLE: &'static str = ApiSymbol::TABLE;

    fn schema() -> SchemaRef {
        static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
            let columns = [
                "file_path",
                "kind",
                "name",
                "path",
                "signature",
                "source",
                "line_start",
                "visibility",
                "attributes",
                "metadata",
            ];
            some_of::<ApiSymbol>(&columns)
        });
        SCHEMA.clone()
    }
}

impl From<&ApiSymbol> for DeclaredSymbol {
    fn from(symbol: &ApiSymbol) -> DeclaredSymbol {
        DeclaredSymbol {
            file_path: symbol.file_path.clone(),
            kind: symbol.kind.clone(),
            name: symbol.name.clone(),
            path: symbol.path.clone(),
            signature: symbol.signature.clone(),
            source: symbol.source.clone(),
            line_start: symbol.line_start,
            visibility: symbol.visibility.clone(),
            attributes: symbol.attributes.clone(),
            metadata: symbol.metadata.clone(),
        }
    }
}
