//! What ingesting a package yields, the same for every language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a symbol is. The names are the ones a user types after `kind:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SymbolKind {
    /// A free function.
    Fn,
    /// A function of a type or a trait: inherent, declared in a trait, or of a trait's impl.
    Method,
    Struct,
    Enum,
    Variant,
    Union,
    Trait,
    /// A type alias.
    Type,
    Const,
    Static,
    /// A macro, declarative or procedural (function-like, derive or attribute).
    Macro,
    Mod,
}

impl SymbolKind {
    /// The name that a user types, and that a dataset holds.
    pub fn as_str(self) -> &'static str {
        match self {
            SymbolKind::Fn => "fn",
            SymbolKind::Method => "method",
            SymbolKind::Struct => "struct",
            SymbolKind::Enum => "enum",
            SymbolKind::Variant => "variant",
            SymbolKind::Union => "union",
            SymbolKind::Trait => "trait",
            SymbolKind::Type => "type",
            SymbolKind::Const => "const",
            SymbolKind::Static => "static",
            SymbolKind::Macro => "macro",
            SymbolKind::Mod => "mod",
        }
    }
}

/// One item of a package, under the path that a user writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Symbol {
    pub kind: SymbolKind,
    /// The last segment of `path`.
    pub name: String,
    /// As written in code: `tokio::task::spawn_blocking`, `tokio::runtime::Runtime::block_on`.
    pub path: String,
    /// Relative to the root of the package that declares it, with `/`.
    pub file_path: String,
    /// The declaration without a body, on as few lines as it was written, whitespace folded.
    pub signature: String,
    /// The item's text, cut at a bound.
    pub source: String,
    pub doc_comment: Option<String>,
    /// 1-based, inclusive; without the doc comment and attributes before it.
    pub line_start: u32,
    pub line_end: u32,
    /// Counts from 0 those of one kind and path that stand in one line of one file: a macro's call may make
    /// several.
    #[serde(default, skip_serializing_if = "is_first")]
    pub twin: u32,
    /// As declared: `public`, `crate`, `restricted` or `private`.
    pub visibility: String,
    pub is_async: bool,
    pub is_unsafe: bool,
    pub is_error_type: bool,
    pub returns_result: bool,
    /// Each as written, without `#[` and `]`.
    pub attributes: Vec<String>,
    /// Generics, cfg, deprecation, implemented trait, other paths, the declaring package where it
    /// is not this one.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

fn is_first(twin: &u32) -> bool {
    *twin == 0
}

/// A section of a package's documentation, cut at headings, code blocks whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Relative to the package's root, with `/`.
    pub file_path: String,
    /// The headings that lead to it, joined by ` › `; the package's name above the first heading.
    pub section_title: String,
    pub content: String,
    /// 0-based within the file.
    pub chunk_index: u32,
    /// 1-based line of the chunk's first line in its file.
    pub line_start: u32,
}

/// Everything that a package yields, and what was passed over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ingested {
    pub symbols: Vec<Symbol>,
    pub chunks: Vec<Chunk>,
    pub skipped: BTreeMap<SkipReason, usize>,
}

/// Why a file or a package was passed over. Counted, never fatal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    TooLarge,
    NotText,
    TooDeep,
    OutsidePackage,
    Unreadable,
    Unparsable,
    TooManySymbols,
    TooManyFiles,
    /// A macro's call that stands for too much, or the calls after too many.
    TooManyCalls,
    /// A module of a very large package that the project's features leave out.
    FeatureOff,
    /// A file name that is not UTF-8 or holds control characters.
    OddName,
    /// A module whose file is not in the package.
    NoFile,
    /// A file that only a build writes: `include!(concat!(env!("OUT_DIR"), …))`.
    Generated,
}

impl SkipReason {
    /// How much was passed over, and what: `1 unreadable file`, `2 unreadable files`.
    pub fn counted(self, number: usize) -> String {
        let (one, many) = match self {
            SkipReason::TooLarge => ("too large file", "too large files"),
            SkipReason::NotText => ("file that is not text", "files that are not text"),
            SkipReason::TooDeep => ("too deeply nested file", "too deeply nested files"),
            SkipReason::OutsidePackage => ("link out of a package", "links out of a package"),
            SkipReason::Unreadable => ("unreadable file", "unreadable files"),
            SkipReason::Unparsable => ("unparsable file", "unparsable files"),
            SkipReason::TooManySymbols => {
                ("symbol beyond the bound of a package", "symbols beyond the bound of a package")
            }
            SkipReason::TooManyCalls => {
                ("call of a macro beyond the bounds", "calls of macros beyond the bounds")
            }
            SkipReason::TooManyFiles => {
                ("file beyond the bound of a package", "files beyond the bound of a package")
            }
            SkipReason::FeatureOff => {
                ("module that the features in use leave out", "modules that the features in use leave out")
            }
            SkipReason::OddName => ("oddly named file", "oddly named files"),
            SkipReason::NoFile => ("module without a file", "modules without a file"),
            SkipReason::Generated => ("file that only a build writes", "files that only a build writes"),
        };
        format!("{number} {}", if number == 1 { one } else { many })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_as_one() {
        assert_eq!(SkipReason::OutsidePackage.counted(1), "1 link out of a package");
        assert_eq!(SkipReason::NotText.counted(2), "2 files that are not text");
    }
}
