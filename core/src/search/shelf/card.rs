//! What the shelf keeps of a row: enough to find it, rank it and show it in a list.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::lake::{ApiSymbol, DocChunk};
use crate::package::PackageId;

/// The kind of a documentation section beside the symbols' kinds.
pub const DOC_KIND: &str = "doc";

const SIGNATURE_BYTES_MAX: usize = 400;
const DOC_BYTES_MAX: usize = 600;
const CONTENT_BYTES_MAX: usize = 4096;

/// A row as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    #[serde(rename = "k")]
    pub kind: String,
    #[serde(rename = "p")]
    pub path: String,
    #[serde(rename = "n")]
    pub name: String,
    #[serde(rename = "s")]
    pub signature: String,
    #[serde(rename = "f")]
    pub file: String,
    #[serde(rename = "l")]
    pub line: u32,
    /// The documentation's beginning.
    #[serde(rename = "d")]
    pub doc: String,
    /// Where the item is declared, if in another package.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub declared_in: Option<Declaration>,
}

/// The package and path that a re-exported item is declared under.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Declaration {
    pub package: String,
    pub version: String,
    pub path: String,
}

/// A card with what is indexed of it and nowhere shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelfRow {
    pub card: Card,
    /// Paths under which it can be written as well.
    pub aliases: Vec<String>,
    /// All the documentation that is searched.
    pub text: String,
    /// How good a result it is whatever the query, 0 to 255: public, documented, shallow.
    pub quality: u8,
}

impl ShelfRow {
    pub fn of_symbol(symbol: &ApiSymbol) -> ShelfRow {
        let metadata: serde_json::Value = serde_json::from_str(&symbol.metadata).unwrap_or_default();
        let aliases = metadata["paths"].as_array().into_iter().flatten();
        let doc = symbol.doc_comment.as_deref().unwrap_or_default();
        ShelfRow {
            quality: symbol_quality(symbol, &metadata),
            aliases: aliases.filter_map(|path| path.as_str().map(str::to_string)).collect(),
            text: cut(doc, CONTENT_BYTES_MAX).to_string(),
            card: Card {
                kind: symbol.kind.clone(),
                path: symbol.path.clone(),
                name: symbol.name.clone(),
                signature: cut(symbol.signature.as_deref().unwrap_or_default(), SIGNATURE_BYTES_MAX)
                    .to_string(),
                file: symbol.file_path.clone(),
                line: u32::try_from(symbol.line_start).unwrap_or(0),
                doc: cut(doc, DOC_BYTES_MAX).to_string(),
                declared_in: serde_json::from_value(metadata["declared_in"].clone()).ok(),
            },
        }
    }

    pub fn of_chunk(package: &PackageId, chunk: &DocChunk) -> ShelfRow {
        let title = chunk.section_title.as_deref().unwrap_or_default();
        let name = title.rsplit(" › ").next().unwrap_or(title);
        ShelfRow {
            quality: 60,
            aliases: Vec::new(),
            text: cut(&chunk.content, CONTENT_BYTES_MAX).to_string(),
            card: Card {
                kind: DOC_KIND.to_string(),
                path: format!("{} › {title}", package.name()),
                name: name.to_string(),
                signature: String::new(),
                file: chunk.file_path.clone(),
                line: u32::try_from(chunk.line_start).unwrap_or(0),
                doc: cut(&chunk.content, DOC_BYTES_MAX).to_string(),
                declared_in: None,
            },
        }
    }
}

/// Public, documented, shallow items first; what is implemented for a trait, deprecated or hidden
/// after them. The weights are judgement; the judged queries hold their sum to account.
fn symbol_quality(symbol: &ApiSymbol, metadata: &serde_json::Value) -> u8 {
    let kind = match symbol.kind.as_str() {
        "fn" | "struct" | "trait" | "macro" => 40,
        "enum" | "method" => 32,
        "mod" | "type" | "union" => 24,
        "const" | "static" => 8,
        _ => 4,
    };
    let doc = match symbol.doc_comment.as_deref().map_or(0, str::len) {
        0 => 0,
        1..40 => 40,
        40..200 => 60,
        _ => 75,
    };
    let depth = symbol.path.matches("::").count();
    let shallow = 50_usize.saturating_sub(depth.saturating_sub(1) * 12);
    let public = if symbol.visibility == "public" { 60 } else { 0 };
    let mut quality = kind + doc + i64::try_from(shallow).unwrap_or(0) + public;
    if metadata["trait"].is_string() {
        quality -= 60;
    }
    if !metadata["deprecated"].is_null() {
        quality -= 50;
    }
    if metadata["hidden"] == true {
        quality -= 80;
    }
    u8::try_from(quality.clamp(0, 255)).unwrap_or(0)
}

fn cut(text: &str, bytes_max: usize) -> Cow<'_, str> {
    match text.len() <= bytes_max {
        true => Cow::Borrowed(text),
        false => Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(bytes_max)])),
    }
}
