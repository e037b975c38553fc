//! What the shelf keeps of a row: enough to find it, rank it and show it in a list.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Facts;
use super::facts::elsewhere;
use super::fields::{fold_alias, fold_path};
use crate::lake::{ApiSymbol, Declaration, DocChunk, Names, Needs, Texts};
use crate::package::PackageId;
use crate::search::signature::{self, Kept};

/// The kind of a documentation section beside the symbols' kinds.
pub const DOC_KIND: &str = "doc";

const SIGNATURE_BYTES_MAX: usize = 400;
const DOC_BYTES_MAX: usize = 600;
const CONTENT_BYTES_MAX: usize = 4096;
/// Bounds on second texts and pieces, whoever made the dataset.
const SECOND_BYTES_MAX: usize = 1_000;
const PARTS_MAX: usize = 60;

/// A row as a list shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// The documentation's beginning; of a piece of an item its lines'.
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
    /// Where it is built, if that is on other platforms alone.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
}

/// A card with what is indexed of it and nowhere shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShelfRow {
    pub card: Card,
    /// Other paths that lead to it.
    pub paths: Vec<String>,
    /// All the documentation that is searched.
    pub text: String,
    /// Of a function, what its signature is found by.
    pub signature: Option<Kept>,
    /// What others say where they use it, each a text of its own: by meaning the best one counts.
    pub uses: Vec<String>,
    /// What it says when it fails.
    pub messages: String,
    /// Of a piece of an item: its lines. It leads to the item, and is not found by name.
    pub body: Option<String>,
    /// How good a result it is whatever the query, 0 to 255: public, documented, shallow.
    pub quality: u8,
    pub facts: Facts,
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
        let texts = Texts::in_value(&metadata);
        let text = said_of(symbol.doc_comment.as_deref(), texts.comment.as_deref());
        let mut aliases = names.aliases.clone();
        aliases.extend(texts.replaces.iter().filter(|name| !names.aliases.contains(name)).cloned());
        let facts = Facts::of_symbol(symbol, &metadata);
        ShelfRow {
            quality: facts.quality(),
            facts,
            signature: signature_of(symbol, &metadata),
            paths: names.other_paths().map(str::to_string).collect(),
            text: cut(&text, CONTENT_BYTES_MAX).to_string(),
            messages: cut(&texts.messages.join("\n"), SECOND_BYTES_MAX).to_string(),
            uses: bounded(&texts.uses),
            body: None,
            card: Card {
                kind: symbol.kind.clone(),
                path: symbol.path.clone(),
                name: symbol.name.clone(),
                signature: cut(symbol.signature.as_deref().unwrap_or_default(), SIGNATURE_BYTES_MAX)
                    .to_string(),
                file: symbol.file_path.clone(),
                line: u32::try_from(symbol.line_start).unwrap_or(0),
                doc: cut(&text, DOC_BYTES_MAX).to_string(),
                aliases,
                declared_in: names.declared_in,
                needs: Needs::in_value(&metadata),
                only: if facts.elsewhere { elsewhere(&metadata) } else { None },
            },
        }
    }

    /// The pieces of a long item of one's own code: the item's card, at the piece's line.
    pub fn parts_of(symbol: &ApiSymbol) -> Vec<ShelfRow> {
        // Most rows have none, and what they say is not read again.
        if !symbol.metadata.contains("\"parts\"") {
            return Vec::new();
        }
        let metadata: serde_json::Value = serde_json::from_str(&symbol.metadata).unwrap_or_default();
        let (texts, whole) = (Texts::in_value(&metadata), ShelfRow::of_symbol(symbol));
        let pieces = texts.pieces(symbol.source.as_deref().unwrap_or_default());
        let part = |(line, body): (u32, &str)| ShelfRow {
            card: Card {
                line: whole.card.line.saturating_add(line),
                doc: cut(body, DOC_BYTES_MAX).to_string(),
                aliases: Vec::new(),
                ..whole.card.clone()
            },
            body: Some(cut(body, CONTENT_BYTES_MAX).to_string()),
            quality: whole.quality,
            facts: whole.facts,
            ..ShelfRow::default()
        };
        pieces.into_iter().take(PARTS_MAX).map(part).collect()
    }

    pub fn of_chunk(package: &PackageId, chunk: &DocChunk) -> ShelfRow {
        let title = chunk.section_title.as_deref().unwrap_or_default();
        let name = title.rsplit(" › ").next().unwrap_or(title);
        ShelfRow {
            quality: Facts::of_section().quality(),
            facts: Facts::of_section(),
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
                only: None,
            },
            ..ShelfRow::default()
        }
    }
}

/// What a function's signature is found by. `Self` is what it is implemented for, or the trait that declares it.
fn signature_of(symbol: &ApiSymbol, metadata: &serde_json::Value) -> Option<Kept> {
    let declaration = symbol.signature.as_deref()?;
    match (symbol.kind.as_str(), metadata["self_type"].as_str()) {
        ("fn", _) => signature::keep(declaration, ""),
        ("method", Some(implemented_for)) => signature::keep(declaration, implemented_for),
        ("method", None) => {
            let declared_by = symbol.path.rsplit("::").nth(1)?;
            signature::keep(declaration, &format!("impl {declared_by}"))
        }
        _ => None,
    }
}

/// As many texts as their bound lets in.
fn bounded(texts: &[String]) -> Vec<String> {
    let mut left = SECOND_BYTES_MAX;
    let fitting = texts.iter().take_while(|text| {
        let fits = text.len() <= left;
        left = left.saturating_sub(text.len());
        fits
    });
    fitting.cloned().collect()
}

/// What stands above an item: its documentation, and of one's own code plain comments too.
fn said_of<'a>(doc: Option<&'a str>, comment: Option<&'a str>) -> Cow<'a, str> {
    match (doc, comment) {
        (Some(doc), Some(comment)) => Cow::Owned(format!("{doc}\n\n{comment}")),
        (one, other) => Cow::Borrowed(one.or(other).unwrap_or_default()),
    }
}

fn cut(text: &str, bytes_max: usize) -> Cow<'_, str> {
    match text.len() <= bytes_max {
        true => Cow::Borrowed(text),
        false => Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(bytes_max)])),
    }
}
