//! The languages that are understood. One entry here and one module bring another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover::SourceSet;
use super::{SkipReason, Symbol, rust};

pub struct Language {
    pub name: &'static str,
    /// As in [`PackageId`](crate::package::PackageId).
    pub ecosystem: &'static str,
    /// Of its source files, without the dot.
    pub extensions: &'static [&'static str],
    /// Where the files may be that a source file (its path, its text) names.
    pub(super) named: fn(&Path, &str) -> Vec<PathBuf>,
    /// Makes the extractor for the packages of a source set.
    pub(super) open: fn(Arc<SourceSet>) -> Box<dyn Extractor>,
}

/// Every language, in no particular order.
pub static LANGUAGES: [Language; 1] = [Language {
    name: "Rust",
    ecosystem: "rust",
    extensions: &["rs"],
    named: rust::named,
    open: rust::Rust::open,
}];

/// From a package's files to symbols. It is shared by threads.
pub(super) trait Extractor: Send + Sync {
    /// What the package at this index of the source set yields, of symbols so many at most. It never fails: what
    /// cannot be read is counted.
    fn extract(&self, package: usize, symbols_max: usize) -> Extracted;
}

#[derive(Default)]
pub(super) struct Extracted {
    pub symbols: Vec<Symbol>,
    pub module_docs: Vec<ModuleDoc>,
    pub skipped: BTreeMap<SkipReason, usize>,
}

/// Documentation that stands in a source file: a crate's, a module's.
pub(super) struct ModuleDoc {
    pub file_path: String,
    /// What it documents: a module's path.
    pub title: String,
    pub text: String,
    /// 1-based, where the text starts.
    pub line_start: u32,
}
