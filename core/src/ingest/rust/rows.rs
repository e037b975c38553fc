//! From an item's byte positions to its row: signature, documentation, attributes, metadata.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::attributes::name_of;
use super::cfg::{self, Predicate};
use super::collect::line_of;
use super::lex::{self, Token, tokens};
use super::model::{Item, Model, Module, Parent, Visibility};
use super::notes::{Notes, cut};
use super::simple::simple;
use crate::ingest::{Symbol, SymbolKind};
use crate::package::PackageId;

const SOURCE_BYTES_MAX: usize = 16 << 10;
/// One's own code is searched to its last line.
const OWN_SOURCE_BYTES_MAX: usize = 64 << 10;
const SIGNATURE_BYTES_MAX: usize = 2_000;
/// Of a constant's value, a type alias, a variant.
const VALUE_BYTES_MAX: usize = 200;

/// A package's file in memory, while the rows of its items are made.
#[derive(Clone, Copy)]
pub(super) struct OpenFile<'a> {
    /// The package's root, canonical.
    pub root: &'a Path,
    pub absolute: &'a Path,
    pub relative: &'a str,
    pub text: &'a str,
    pub package: &'a PackageId,
    /// Of one's own code.
    pub own: bool,
    /// The features that the project turns on, where that is known.
    pub features: Option<&'a BTreeSet<String>>,
}

impl OpenFile<'_> {
    pub(super) fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// The row of an item, complete but for its path. `is_error` says that it implements `Error`.
pub(super) fn symbol(model: &Model, item: &Item, file: &OpenFile, is_error: bool) -> Symbol {
    let span = &item.span;
    let before = file.slice(span.outer, span.start);
    let head = file.slice(span.start, span.head_end);
    let mut notes = Notes::read(before, false, file);
    if matches!(item.kind, SymbolKind::Struct | SymbolKind::Union | SymbolKind::Variant) {
        notes.add_aliases_of(file.slice(span.start, span.end));
    }
    let mut words = Head::read(head);
    let one_of_extern = match item.parent {
        Parent::Extern(abi) => model.abis.get(abi as usize),
        _ => None,
    };
    if let Some(abi) = one_of_extern {
        words.is_unsafe |= item.kind == SymbolKind::Fn && !words.is_safe;
        words.abi = Some(abi.to_string());
    }
    let mut metadata = notes.metadata(item);
    let mut put = |key: &str, value: Value| drop(metadata.insert(key.to_owned(), value));
    if item.generics.1 > item.generics.0 {
        put("generics", lex::fold(file.slice(item.generics.0, item.generics.1)).into());
    }
    if item.where_clause.1 > item.where_clause.0 {
        let clause = lex::fold(file.slice(item.where_clause.0, item.where_clause.1));
        put("where", clause.trim_start_matches("where").trim().trim_end_matches(',').into());
    }
    if let Parent::Impl(index) = item.parent
        && let Some(one) = model.impls.get(index as usize)
    {
        put("self_type", (*one.self_text).into());
        if let Some(implemented) = &one.trait_text {
            put("trait", (**implemented).into());
        }
    }
    if words.is_const && matches!(item.kind, SymbolKind::Fn | SymbolKind::Method) {
        put("const", true.into());
    }
    if let Some(abi) = words.abi {
        put("abi", abi.into());
    }
    if item.kind == SymbolKind::Macro {
        put("macro_kind", macro_kind(item, &notes, head).into());
    }
    if item.hidden {
        put("hidden", true.into());
    }
    let exported = item.kind == SymbolKind::Macro && notes.attributes.iter().any(|one| one == "macro_export");
    let fails = matches!(item.kind, SymbolKind::Struct | SymbolKind::Enum | SymbolKind::Union)
        && (is_error || item.derives_error || item.name.ends_with("Error"));
    let source = if item.kind == SymbolKind::Mod { head } else { file.slice(span.start, span.end) };
    let is_data = matches!(item.kind, SymbolKind::Struct | SymbolKind::Union);
    if let Some(renamed) = renamed(model, item, if is_data { source } else { head }) {
        metadata.insert("renamed".to_owned(), renamed);
    }
    Symbol {
        kind: item.kind,
        name: item.name.to_string(),
        path: String::new(),
        file_path: file.relative.to_owned(),
        signature: signature(item, head, &notes),
        source: cut(source.trim_end(), if file.own { OWN_SOURCE_BYTES_MAX } else { SOURCE_BYTES_MAX })
            .to_owned(),
        doc_comment: notes.documentation(),
        line_start: span.line_start,
        line_end: span.line_end,
        twin: 0,
        visibility: if exported { Visibility::Public } else { item.visibility }.as_str().to_owned(),
        is_async: words.is_async,
        is_unsafe: words.is_unsafe,
        is_error_type: fails,
        returns_result: item.returns_result,
        attributes: notes.attributes,
        metadata,
    }
}

/// Adds what stands at a module's own top to the row of its declaration. Returns the documentation
/// there, with its first line's number.
pub(super) fn add_inner(symbol: &mut Symbol, module: &Module, file: &OpenFile) -> Option<(u32, String)> {
    let (_, start, end) = module.inner?;
    let notes = Notes::read(file.slice(start, end), true, file);
    let inner = notes.documentation();
    symbol.doc_comment = match (symbol.doc_comment.take(), inner.clone()) {
        (Some(outer), Some(inner)) => Some(format!("{outer}\n\n{inner}")),
        (one, other) => one.or(other),
    };
    symbol.attributes.extend(notes.attributes);
    inner.map(|text| (line_of(file.text, start), text))
}

/// Makes a row say that it shows something of the standard library.
pub(super) fn show_standard(symbol: &mut Symbol, path: &str) {
    let renamed = path.rsplit("::").next() != Some(&*symbol.name);
    let name = if renamed { format!(" as {}", symbol.name) } else { String::new() };
    symbol.signature = format!("pub use {path}{name}");
    let package = path.split("::").next().unwrap_or_default();
    symbol.metadata.insert("declared_in".to_owned(), json!({ "package": package, "path": path }));
}

/// Adds a condition to those that stand under a key.
pub(super) fn add_condition(symbol: &mut Symbol, key: &str, condition: Option<String>) {
    let Some(condition) = condition else { return };
    let own = symbol.metadata.get(key).and_then(Value::as_str);
    if let Some(both) = cfg::both(Some(&condition), own) {
        symbol.metadata.insert(key.to_owned(), simple(Predicate::read(&both)).text().into());
    }
}

/// Adds what a re-export says of an item that it shows. Its documentation stands before the item's own, if
/// it is what a user writes, and else in place of one that is missing.
pub(super) fn add_told(symbol: &mut Symbol, notes: &Notes, in_front: bool) {
    symbol.doc_comment = match (notes.documentation(), symbol.doc_comment.take()) {
        (Some(told), Some(own)) if in_front => Some(format!("{told}\n\n{own}")),
        (told, own) => own.or(told),
    };
    if !notes.aliases().is_empty() {
        let aliases = symbol.metadata.entry("aliases").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = aliases {
            for alias in notes.aliases().iter().map(|alias| Value::from(alias.as_str())) {
                if !list.contains(&alias) {
                    list.push(alias);
                }
            }
        }
    }
}

/// The row of a crate itself.
pub(super) fn crate_symbol(model: &Model, relative: &str, lines: u32) -> Symbol {
    let name = model.modules.first().map_or("", |module| &module.name);
    Symbol {
        kind: SymbolKind::Mod,
        name: name.to_owned(),
        path: name.to_owned(),
        file_path: relative.to_owned(),
        signature: format!("crate {name}"),
        source: String::new(),
        doc_comment: None,
        line_start: 1,
        line_end: lines,
        twin: 0,
        visibility: "public".to_owned(),
        is_async: false,
        is_unsafe: false,
        is_error_type: false,
        returns_result: false,
        attributes: Vec::new(),
        metadata: Map::new(),
    }
}

/// The names in a declaration that imports gave, with what they stand for.
fn renamed(model: &Model, item: &Item, text: &str) -> Option<Value> {
    let known = model.renamed.get(&item.module)?;
    let known: Vec<_> = known.iter().filter(|(name, _)| text.contains(&**name)).collect();
    if known.is_empty() {
        return None;
    }
    let words: BTreeSet<&str> = tokens(text, 0)
        .filter(|(token, _)| *token == Token::Word)
        .filter_map(|(_, range)| text.get(range))
        .collect();
    let found = known.into_iter().filter(|(name, _)| words.contains(&**name));
    let found: Map<String, Value> =
        found.map(|(name, path)| (name.to_string(), Value::from(&**path))).collect();
    (!found.is_empty()).then(|| found.into())
}

fn signature(item: &Item, head: &str, notes: &Notes) -> String {
    let folded = lex::fold(head.trim_end().trim_end_matches(';'));
    let folded = folded.trim_end_matches(',');
    let bound = match item.kind {
        SymbolKind::Const | SymbolKind::Static | SymbolKind::Type | SymbolKind::Variant => VALUE_BYTES_MAX,
        _ => SIGNATURE_BYTES_MAX,
    };
    let mut signature = cut(folded, bound).to_owned();
    if signature.len() < folded.len() {
        signature.push('…');
    }
    let defines = notes.attributes.iter().find(|one| name_of(one).starts_with("proc_macro"));
    match defines.filter(|_| item.procedural) {
        Some(attribute) => format!("#[{}] {signature}", lex::fold(attribute)),
        None => signature,
    }
}

fn macro_kind(item: &Item, notes: &Notes, head: &str) -> &'static str {
    let has = |name: &str| notes.attributes.iter().any(|one| name_of(one) == name);
    match () {
        () if has("proc_macro_derive") => "derive",
        () if has("proc_macro_attribute") => "attribute",
        () if item.procedural => "function",
        () if head.trim_start().starts_with("macro_rules") => "rules",
        () => "declarative",
    }
}

/// The keywords in front of a declaration.
#[derive(Default)]
struct Head {
    is_async: bool,
    is_unsafe: bool,
    is_safe: bool,
    is_const: bool,
    abi: Option<String>,
}

impl Head {
    fn read(head: &str) -> Head {
        let mut found = Head::default();
        let mut after_extern = false;
        let mut depth = 0_usize;
        for (token, range) in tokens(head, 0) {
            let word = head.get(range).unwrap_or_default();
            match (token, word) {
                (Token::Space | Token::Comment, _) => continue,
                (Token::Open, _) => depth += 1,
                (Token::Close, _) => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                (Token::Literal, abi) if after_extern => found.abi = Some(abi.trim_matches('"').to_owned()),
                (_, "async") => found.is_async = true,
                (_, "unsafe") => found.is_unsafe = true,
                (_, "safe") => found.is_safe = true,
                (_, "const") => found.is_const = true,
                (_, "extern") => found.abi = Some("C".to_owned()),
                (_, "fn" | "struct" | "trait" | "enum" | "union" | "mod" | "type" | "static") => break,
                _ => {}
            }
            after_extern = word == "extern";
        }
        found
    }
}
