//! A crate as the parser saw it: modules, items, impls and imports, without their text.
//!
//! An item keeps byte positions instead of strings, so that the models of all the packages of a
//! lockfile fit into memory at once; its row is made later, from its file.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::attributes::Facts;
use super::cfg;
use super::scope::Off;
use super::types::Applied;
use crate::ingest::SymbolKind;

/// An interned-by-sharing name.
pub(super) type Name = Arc<str>;

/// The module that a crate's root file is.
pub(super) const ROOT: u32 = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Visibility {
    Private,
    /// `pub(super)` or `pub(in …)`.
    Restricted,
    Crate,
    Public,
}

impl Visibility {
    pub fn as_str(self) -> &'static str {
        match self {
            Visibility::Private => "private",
            Visibility::Restricted => "restricted",
            Visibility::Crate => "crate",
            Visibility::Public => "public",
        }
    }
}

/// Byte positions in a file. `outer..start` holds the documentation and attributes before the item,
/// `start..head_end` its declaration without a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub file: u32,
    pub outer: u32,
    pub start: u32,
    pub head_end: u32,
    pub end: u32,
    /// 1-based, inclusive.
    pub line_start: u32,
    pub line_end: u32,
}

/// What an item stands in, other than its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    Module,
    /// An enum's variant, a trait's item.
    Item(u32),
    /// An item of an impl block.
    Impl(u32),
    /// An item of an extern block, by its ABI.
    Extern(u32),
}

/// A condition under which an item exists, with the ones around it.
#[derive(Debug)]
pub(super) struct Guard {
    pub outer: Option<Arc<Guard>>,
    pub cfg: Cfg,
}

impl Guard {
    /// Whether it is certain that the condition does not hold with these features.
    pub fn off_with(&self, features: &BTreeSet<String>) -> bool {
        let mut guard = Some(self);
        while let Some(one) = guard {
            if let Cfg::Predicate(predicate) = &one.cfg
                && cfg::off_with(predicate, features)
            {
                return true;
            }
            guard = one.outer.as_deref();
        }
        false
    }
}

#[derive(Debug)]
pub(super) enum Cfg {
    Predicate(Box<str>),
    /// What a macro of this name puts in front of the items that it is given.
    Macro(Name),
}

#[derive(Debug)]
pub(super) struct Item {
    pub kind: SymbolKind,
    pub name: Name,
    pub visibility: Visibility,
    pub module: u32,
    pub parent: Parent,
    pub span: Span,
    /// Byte ranges in the file; empty where there are none.
    pub generics: (u32, u32),
    pub where_clause: (u32, u32),
    /// Of everything around the item, not of the item itself.
    pub guard: Option<Arc<Guard>>,
    pub hidden: bool,
    /// Not built on this machine.
    pub off: bool,
    /// A `macro_rules!` with `#[macro_export]`.
    pub exported: bool,
    pub procedural: bool,
    pub derives_error: bool,
    pub returns_result: bool,
}

#[derive(Debug)]
pub(super) struct Module {
    pub name: Name,
    pub parent: u32,
    /// The item that declares it; a crate's root has none.
    pub item: Option<u32>,
    pub hidden: bool,
    /// Where the documentation and attributes at its own top stand: file and byte range.
    pub inner: Option<(u32, u32, u32)>,
    /// The file that it fills, with its number of lines, where it is not inline.
    pub file: Option<(u32, u32)>,
}

#[derive(Debug)]
pub(super) struct Impl {
    pub module: u32,
    /// The self type; its path is empty where it is none.
    pub self_type: Applied,
    pub self_text: Box<str>,
    pub trait_path: Vec<Name>,
    pub trait_text: Option<Box<str>>,
    /// The items declared in it.
    pub items: std::ops::Range<u32>,
}

#[derive(Clone, Debug)]
pub(super) struct Import {
    pub module: u32,
    pub visibility: Visibility,
    pub path: Vec<Name>,
    /// Whether the first segment names a crate: `::x`, `extern crate x`.
    pub from_crates: bool,
    /// `extern crate x`
    pub names_crate: bool,
    /// What it is called here; none for a glob.
    pub name: Option<Name>,
    /// `use x::{self}` and `extern crate x` name a module only.
    pub types_only: bool,
    pub hidden: bool,
    pub off: bool,
    /// Off, and with other features on.
    pub by_feature: bool,
    /// Marked `#[doc(inline)]`: what another crate shows is to be shown here.
    pub inline: bool,
    pub guard: Option<Arc<Guard>>,
    pub file: u32,
}

/// A package's file, and where to read it.
#[derive(Debug)]
pub(super) struct File {
    /// Relative to the package's root, with `/`.
    pub relative: String,
    pub absolute: PathBuf,
}

/// One crate of a package: its library, or another target.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub files: Vec<File>,
    pub modules: Vec<Module>,
    pub items: Vec<Item>,
    pub impls: Vec<Impl>,
    pub imports: Vec<Import>,
    pub abis: Vec<Box<str>>,
    /// Macros that put something in front of the items that they are given.
    pub wrappers: HashMap<Name, Vec<Wrapper>>,
    /// What type aliases stand for, by item.
    pub aliases: HashMap<u32, Applied>,
    /// Items that are not built only because a feature is off, or on.
    pub by_feature: HashSet<u32>,
}

/// Documentation and attributes that a macro puts in front of an item.
#[derive(Debug)]
pub(super) struct Wrapper {
    /// Where it is defined. Macros of one name in several files are told apart by it.
    pub file: u32,
    pub facts: Facts,
    pub text: Box<str>,
}

impl Model {
    pub fn off(&self, item: u32) -> Off {
        let off = self.items.get(item as usize).is_some_and(|one| one.off);
        Off::new(off, self.by_feature.contains(&item))
    }

    pub fn wrapper(&self, name: &str, file: u32) -> Option<&Wrapper> {
        let list = self.wrappers.get(name)?;
        list.iter().find(|one| one.file == file).or_else(|| list.first())
    }

    /// The macro that an item is handed to.
    pub fn wrapper_of(&self, item: &Item) -> Option<&Wrapper> {
        match &item.guard.as_deref()?.cfg {
            Cfg::Macro(name) => self.wrapper(name, item.span.file),
            Cfg::Predicate(_) => None,
        }
    }
}
