//! What the shelf keeps of a row: enough to find it, rank it and show it in a list.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::fields::{fold_alias, fold_path};
use crate::lake::{ApiSymbol, Declaration, DocChunk, Names, Needs};
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
    /// What its documentation says it is called elsewhere.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Where the item is declared, if in another package.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub declared_in: Option<Declaration>,
    /// The features that have to change for it to be built.
    #[serde(rename = "x", default, skip_serializing_if = "Needs::is_empty")]
    pub needs: Needs,
}

/// A card with what is indexed of it and nowhere shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelfRow {
    pub card: Card,
    /// Other paths that lead to it.
    pub paths: Vec<String>,
    /// All the documentation that is searched.
    pub text: String,
    /// How good a result it is whatever the query, 0 to 255: public, documented, shallow.
    pub quality: u8,
}

impl Card {
    /// What the item is called elsewhere, where it is that which fits what was typed and not its own name.
    pub fn alias_for(&self, typed: &str) -> Option<&str> {
        let whole = fold_alias(typed);
        if whole.is_empty() || fold_path(&self.name).starts_with(&whole) {
            return None;
        }
        let words: Vec<String> = typed.split_whitespace().map(fold_alias).collect();
        let fits: [&dyn Fn(&str) -> bool; 3] = [
            &|alias| alias == whole,
            &|alias| whole.chars().count() > 1 && alias.starts_with(&whole),
            &|alias| words.iter().any(|word| word == alias),
        ];
        let fitting =
            |fits: &dyn Fn(&str) -> bool| self.aliases.iter().find(|alias| fits(&fold_alias(alias)));
        fits.into_iter().find_map(fitting).map(String::as_str)
    }
}

impl ShelfRow {
    pub fn of_symbol(symbol: &ApiSymbol) -> ShelfRow {
        let metadata: serde_json::Value = serde_json::from_str(&symbol.metadata).unwrap_or_default();
        let names = Names::in_value(&metadata);
        let doc = symbol.doc_comment.as_deref().unwrap_or_default();
        ShelfRow {
            quality: symbol_quality(symbol, &metadata),
            paths: names.other_paths().map(str::to_string).collect(),
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
                aliases: names.aliases,
                declared_in: names.declared_in.filter(|declared| !declared.path.is_empty()),
                needs: Needs::in_value(&metadata),
            },
        }
    }

    pub fn of_chunk(package: &PackageId, chunk: &DocChunk) -> ShelfRow {
        let title = chunk.section_title.as_deref().unwrap_or_default();
        let name = title.rsplit(" › ").next().unwrap_or(title);
        ShelfRow {
            quality: 60,
            paths: Vec::new(),
            text: cut(&chunk.content, CONTENT_BYTES_MAX).to_string(),
            card: Card {
                kind: DOC_KIND.to_string(),
                path: format!("{} › {title}", package.name()),
                name: name.to_string(),
                signature: String::new(),
                file: chunk.file_path.clone(),
                line: u32::try_from(chunk.line_start).unwrap_or(0),
                doc: cut(&chunk.content, DOC_BYTES_MAX).to_string(),
                aliases: Vec::new(),
                declared_in: None,
                needs: Needs::default(),
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
    if !metadata["unstable"].is_null() {
        quality -= 50;
    }
    // Of equals the one that is built goes first.
    if !metadata["enable"].is_null() || !metadata["disable"].is_null() {
        quality -= 4;
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
