//! Rust: from a crate's root file to symbols under the paths that a user writes.
//!
//! [`load`] reads the module tree, [`resolve`] follows names through it and, where something
//! public needs it, through other packages; [`reach`] finds the paths from outside and [`collect`]
//! makes the rows.
//!
//! # Decisions
//!
//! - **tree-sitter, not rustc's parser.** It never recurses, never fails on a broken file, and Python and
//!   TypeScript come as one more entry of the language table. Paths are resolved by a miniature of rustc's
//!   name resolution over the parsed modules: built here before not built here, explicit before glob, then
//!   the earlier.
//! - **Bodies are not parsed.** A lexical scan leaves out function bodies and long data, and measures nesting
//!   depth, so that 400 MB of Rust take some 10 seconds. Items keep byte positions; rows are made from the
//!   file when they are needed.
//! - **Packages are read lazily, and once while any may need them** ([`kept`]). What a facade re-exports is
//!   looked up in the model of the package that declares it. Another crate's root expands under a facade only
//!   if both share a repository or a workspace, or if the re-export is marked `#[doc(inline)]`; otherwise it is
//!   one `mod` row.
//! - **Declarative macros are expanded** where items stand ([`macros`]). Of a call that nobody can expand the
//!   argument is read as items.
//! - **Giants are bounded.** Of a dependency of more than 6 MiB only the modules that the project's features
//!   allow are read, and no package yields more symbols than a setting says (30,000), shallow paths first.

mod alias;
mod attributes;
mod behind;
mod bodies;
mod cfg;
mod collect;
mod compared;
mod conditions;
mod doc_value;
mod expanded;
mod extract;
mod foreign;
mod fragment;
mod imports;
mod include;
mod item;
mod kept;
mod lex;
mod load;
mod lookup;
mod macros;
mod mend;
mod model;
mod named;
mod names;
mod needs;
mod notes;
mod others;
mod parser;
mod primitives;
mod publish;
mod reach;
mod resolve;
mod resolved;
mod rows;
mod scan;
mod scope;
mod shape;
mod shared;
mod simple;
mod standard;
mod texts;
mod told;
mod types;
mod unreached;
mod uses;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use self::collect::Collector;
use self::kept::Kept;
use self::load::{Loaded, Wish};
use self::resolve::{Others, Resolver};
use self::resolved::Resolved;
use self::scope::Id;
use self::shared::Shared;
use super::SkipReason;
use super::discover::{Origin, SourceSet, Target, dependencies_first, is_standard, is_workspace};
use super::language::{Extracted, Extractor};

pub use self::compared::{compared, public_fields, without_fields};
pub use self::conditions::{features_in_words, features_needed, only_elsewhere, only_where};
pub use self::doc_value::DOC_BYTES_MAX;
pub use self::expanded::{Aliases, without_renames};
pub(super) use self::named::named;
pub use self::needs::Needs as FeatureNeeds;
pub use self::parser::Syntax;
pub use self::reach::OTHERS_MAX as OTHER_PATHS_MAX;
pub use self::shape::Shape;
pub use self::uses::Uses;

/// Stands for the crate at hand where it is no package's library: a binary, a test.
const NO_LIBRARY: u32 = u32::MAX;
/// Packages that lead from one to the next. Each is resolved inside the one that needs it, so a
/// chain without end would exhaust the stack.
const CHAIN_MAX: usize = 256;

/// The crates of a source set, each parsed and resolved once while any package may need it.
pub(super) struct Rust {
    set: Arc<SourceSet>,
    /// By package: its place in an order in which dependencies come first. An edge against the
    /// order would close a cycle and is not followed.
    order: Vec<usize>,
    /// By package: the longest chain of dependencies below it.
    height: Vec<usize>,
    libraries: Kept<Option<Library>>,
    /// The best path of everything that can be reached.
    paths: Kept<Paths>,
}

type Paths = HashMap<Id, Arc<str>>;

struct Library {
    resolved: Arc<Resolved>,
    skipped: BTreeMap<SkipReason, usize>,
}

/// What one crate can see of the set.
struct View<'a> {
    rust: &'a Rust,
    package: usize,
    /// Whether the crate at hand is the package's library.
    library: bool,
}

impl Rust {
    pub fn open(set: Arc<SourceSet>) -> Box<dyn Extractor> {
        let all: Vec<usize> = (0..set.packages.len()).collect();
        let (order, height) = dependencies_first(&set, &all);
        let below: Vec<Vec<usize>> =
            set.packages.iter().map(|one| one.dependencies.values().copied().collect()).collect();
        let (libraries, paths) = (Kept::of(below.clone()), Kept::of(below));
        Box::new(Rust { set, order, height, libraries, paths })
    }

    fn library(&self, package: usize) -> Option<Arc<Option<Library>>> {
        self.libraries.get_or_make(package, || {
            let target = self.set.packages.get(package)?.library()?;
            self.build(package, target, true)
        })
    }

    fn resolved(&self, package: u32) -> Option<Arc<Resolved>> {
        self.library(package as usize)?.as_ref().as_ref().map(|library| library.resolved.clone())
    }

    fn build(&self, package: usize, target: &Target, library: bool) -> Option<Library> {
        let source = self.set.packages.get(package)?;
        let root = fs::canonicalize(&source.root).ok()?;
        let entry = fs::canonicalize(&target.entry).ok()?;
        let view = View { rust: self, package, library };
        let wish = Wish {
            root: &root,
            entry: &entry,
            name: &target.crate_name(),
            own: source.origin == Origin::Own,
            features: source.features.as_ref(),
            others: &view,
        };
        let Loaded { model, skipped } = load::load(wish);
        let me = if library { u32::try_from(package).ok()? } else { NO_LIBRARY };
        let resolved = Resolver::new(model, me, source.edition_2015, &view).run();
        Some(Library { resolved: Arc::new(resolved), skipped })
    }

    /// The best paths of another package's items, to say where something is declared.
    fn paths(&self, package: u32) -> Arc<Paths> {
        let made = self.paths.get_or_make(package as usize, || {
            let Some(resolved) = self.resolved(package) else { return Paths::default() };
            let reached = self.reach(&resolved, package as usize);
            let own = reached.into_iter().filter(|one| one.def.package == package);
            own.map(|one| (one.def.id, one.path)).collect()
        });
        made.unwrap_or_default()
    }

    fn reach(&self, resolved: &Arc<Resolved>, package: usize) -> Vec<reach::Reached> {
        let family = |other: u32| self.same_family(package, other as usize);
        let closed = |other: u32| self.is_closed(package, other as usize);
        reach::reach(resolved, &|other| self.resolved(other), &family, &closed)
    }

    /// The standard library shows what lies below its modules and types under its own name alone: half of
    /// all packages re-export some of it.
    fn is_closed(&self, package: usize, other: usize) -> bool {
        self.is_standard(other) && !self.is_standard(package)
    }

    fn is_standard(&self, package: usize) -> bool {
        self.set.packages.get(package).is_some_and(is_standard)
    }

    /// Packages of one repository show one another's crates as parts of themselves, and so do those
    /// of one workspace where a repository is not named.
    fn same_family(&self, package: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.set.packages.get(package), self.set.packages.get(other)) else {
            return false;
        };
        match (one.repository.as_deref(), other.repository.as_deref()) {
            (Some(one), Some(other)) => plain_repository(one) == plain_repository(other),
            _ => workspace_of(&one.root).is_some_and(|found| workspace_of(&other.root) == Some(found)),
        }
    }
}

impl Extractor for Rust {
    fn extract(&self, package: usize, symbols_max: usize) -> Extracted {
        let mut extracted = Extracted::default();
        let Some(source) = self.set.packages.get(package) else { return extracted };
        let Ok(root) = fs::canonicalize(&source.root) else {
            *extracted.skipped.entry(SkipReason::Unreadable).or_default() += 1;
            return extracted;
        };
        let collector = Collector { rust: self, package, root: &root, own: source.origin == Origin::Own };
        if let Some(library) = self.library(package).as_deref().and_then(Option::as_ref) {
            collector.collect(&library.resolved, symbols_max, &mut extracted);
            merge(&mut extracted.skipped, &library.skipped);
        }
        if source.origin == Origin::Own {
            let mut shared = Shared::new(&extracted);
            for target in source.targets.iter().filter(|target| !target.is_library()) {
                if let Some(one) = self.build(package, target, false) {
                    let mut found = Extracted::default();
                    let left = symbols_max.saturating_sub(extracted.symbols.len());
                    collector.collect(&one.resolved, left, &mut found);
                    merge(&mut extracted.skipped, &found.skipped);
                    merge(&mut extracted.skipped, &one.skipped);
                    shared.add(found, &mut extracted);
                }
            }
        }
        texts::add(source, &root, &mut extracted.symbols);
        self.libraries.ingested(package);
        self.paths.ingested(package);
        extracted
    }
}

impl Others for View<'_> {
    fn package(&self, name: &str) -> Option<u32> {
        let source = self.rust.set.packages.get(self.package)?;
        if !self.library && source.library().is_some_and(|library| library.crate_name() == name) {
            return u32::try_from(self.package).ok();
        }
        let other = *source.dependencies.get(name)?;
        let before = self.rust.order.get(other)? < self.rust.order.get(self.package)?;
        let before = before && *self.rust.height.get(self.package)? <= CHAIN_MAX;
        before.then(|| u32::try_from(other).ok()).flatten()
    }

    fn resolved(&self, package: u32) -> Option<Arc<Resolved>> {
        self.rust.resolved(package)
    }
}

fn merge(into: &mut BTreeMap<SkipReason, usize>, from: &BTreeMap<SkipReason, usize>) {
    for (&reason, count) in from {
        *into.entry(reason).or_default() += count;
    }
}

/// The folder of the workspace that a package stands in.
fn workspace_of(root: &Path) -> Option<&Path> {
    root.ancestors().find(|folder| is_workspace(folder))
}

/// Repositories are written with and without `.git`, a trailing slash, a folder inside.
fn plain_repository(url: &str) -> &str {
    let url = url.split_once("/tree/").map_or(url, |(url, _)| url);
    url.trim_end_matches('/').trim_end_matches(".git")
}
