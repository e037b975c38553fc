//! From sources to rows: find the packages, parse their files, cut their documentation.
//!
//! It reads files and returns values; it never writes, to the catalog or anywhere else. What is
//! broken, huge, binary or hostile is passed over and counted: nothing in a package's files makes
//! ingesting it fail.

mod discover;
mod docs;
mod folder;
mod language;
mod rust;
mod symbol;
mod walk;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

pub use self::discover::lockfile::{self, LockedPackage, Lockfile};
pub use self::discover::{
    Broken, Cargo, DiscoverError, Missing, Origin, STANDARD_CRATES, Source, SourcePackage, SourceSet, Target,
    Toolchain, discover, features_of, is_downloaded, is_workspace, lying_here, versions_here,
};
pub(crate) use self::docs::is_rust;
pub use self::folder::{Built, Named, PackageFolder, Told};
pub use self::language::{LANGUAGES, Language};
pub use self::rust::{
    Aliases, DOC_BYTES_MAX, FeatureNeeds, OTHER_PATHS_MAX, Shape, Syntax, Uses, compared, features_in_words,
    features_needed, only_elsewhere, only_where, public_fields, without_fields, without_renames,
};
pub use self::symbol::{Chunk, Ingested, SkipReason, Symbol, SymbolKind};
pub use self::walk::{fingerprint, origin_of, read_files};

use self::language::Extractor;

/// Raised whenever the same sources yield other rows: what was ingested before is then ingested anew.
const VERSION: u32 = 5;

/// Symbols of one package that are taken at most, where no setting says otherwise: bindings to a whole operating
/// system have more.
pub const SYMBOLS_MAX: usize = 30_000;
/// What a setting may choose. The most that is ever taken keeps a hostile package from filling the memory.
pub const SYMBOLS_MAX_CHOICES: RangeInclusive<usize> = 1_000..=1_000_000;

/// Ingests the packages of a source set. It is shared by threads: what one package needs of
/// another is parsed once, by whoever needs it first.
///
/// Threads must not be rayon's workers: while one waits for a package, it would steal the task of
/// another that waits for the same.
pub struct Ingester {
    set: Arc<SourceSet>,
    /// One a language, in the order of [`LANGUAGES`].
    extractors: Vec<Box<dyn Extractor>>,
    symbols_max: usize,
}

impl Ingester {
    pub fn new(set: Arc<SourceSet>) -> Ingester {
        let extractors = LANGUAGES.iter().map(|language| (language.open)(set.clone())).collect();
        Ingester { set, extractors, symbols_max: SYMBOLS_MAX }
    }

    /// Takes so many symbols of a package at most.
    pub fn at_most(self, symbols_max: usize) -> Ingester {
        Ingester { symbols_max, ..self }
    }

    /// Everything that the package at this index of the source set yields; nothing for an index
    /// that it does not have.
    pub fn ingest(&self, package: usize) -> Ingested {
        let mut ingested = Ingested::default();
        let Some(source) = self.set.packages.get(package) else { return ingested };
        let mut module_docs = Vec::new();
        for (language, extractor) in LANGUAGES.iter().zip(&self.extractors) {
            if language.ecosystem == source.id.ecosystem() {
                let extracted = extractor.extract(package, self.symbols_max);
                ingested.symbols.extend(extracted.symbols);
                module_docs.extend(extracted.module_docs);
                for (reason, count) in extracted.skipped {
                    *ingested.skipped.entry(reason).or_default() += count;
                }
            }
        }
        number_twins(&mut ingested.symbols);
        ingested.chunks = docs::chunks(source, &module_docs, &mut ingested.skipped);
        ingested
    }
}

/// Tells rows apart that nothing else does: a row's id is made of these.
fn number_twins(symbols: &mut [Symbol]) {
    let mut known: HashMap<(SymbolKind, &str, &str, u32), u32> = HashMap::new();
    for symbol in symbols {
        let place = (symbol.kind, &*symbol.path, &*symbol.file_path, symbol.line_start);
        let next = known.entry(place).or_default();
        symbol.twin = *next;
        *next += 1;
    }
}
