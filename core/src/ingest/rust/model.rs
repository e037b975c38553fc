//! A crate as the parser saw it: modules, items, impls and imports, without their text.
//!
//! An item keeps byte positions instead of strings, so that the models of all the packages of a
//! lockfile fit into memory at once; its row is made later, from its file.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::cfg;
use super::macros::Macro;
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
    pub cfg: Box<str>,
}

impl Guard {
    /// All of the conditions as one, from the outermost on.
    pub fn whole(&self) -> String {
        let mut text = self.cfg.to_string();
        let mut outer = self.outer.as_deref();
        while let Some(guard) = outer {
            text = cfg::both(Some(&guard.cfg), Some(&text)).unwrap_or(text);
            outer = guard.outer.as_deref();
        }
        text
    }

    /// One condition beside another.
    pub fn both(one: Option<&Arc<Guard>>, other: Option<&Arc<Guard>>) -> Option<Arc<Guard>> {
        match (one, other) {
            (Some(one), Some(other)) => {
                Some(Arc::new(Guard { outer: Some(one.clone()), cfg: other.whole().into() }))
            }
            (one, other) => one.or(other).cloned(),
        }
    }

    /// Where either of two conditions will do.
    pub fn either(one: Option<&Arc<Guard>>, other: Option<&Arc<Guard>>) -> Option<Arc<Guard>> {
        let (one, other) = (one?.whole(), other?.whole());
        let cfg = if one == other { one } else { format!("any({one}, {other})") };
        Some(Arc::new(Guard { outer: None, cfg: cfg.into() }))
    }

    /// Whether it is certain that the condition does not hold with these features.
    pub fn off_with(&self, features: &BTreeSet<String>) -> bool {
        let mut guard = Some(self);
        while let Some(one) = guard {
            if cfg::off_with(&one.cfg, features) {
                return true;
            }
            guard = one.outer.as_deref();
        }
        false
    }
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
    /// The items declared in it, and those that macros called in it stand for.
    pub items: std::ops::Range<u32>,
    pub expanded: Vec<u32>,
    /// It stands in a constant's block, and so may its type.
    pub in_block: bool,
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
    /// Of the import itself and everything around it.
    pub guard: Option<Arc<Guard>>,
    pub off: bool,
    /// Off, and with other features on.
    pub by_feature: bool,
    /// Marked `#[doc(inline)]`: what another crate shows is to be shown here.
    pub inline: bool,
    pub span: Span,
    /// Whether it says something of what it shows.
    pub documented: bool,
}

impl Import {
    /// An import of which its path and name alone count.
    pub fn plain() -> Import {
        Import {
            module: 0,
            visibility: Visibility::Private,
            path: Vec::new(),
            from_crates: false,
            names_crate: false,
            name: None,
            types_only: false,
            hidden: false,
            guard: None,
            off: false,
            by_feature: false,
            inline: false,
            span: Span { file: 0, outer: 0, start: 0, head_end: 0, end: 0, line_start: 1, line_end: 1 },
            documented: false,
        }
    }
}

/// A package's file, and where to read it; or what a macro's call in one stands for.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Relative to the package's root, with `/`.
    pub relative: String,
    pub absolute: PathBuf,
    pub expansion: Option<Expansion>,
}

#[derive(Debug)]
pub(super) struct Expansion {
    pub text: Arc<str>,
    /// The file in which the call stands, and where.
    pub file: u32,
    pub at: u32,
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
    /// In the order of their items.
    pub macros: Vec<Macro>,
    /// Packages that the expansions of their macros name, by the name that they use.
    pub macro_crates: HashMap<Name, u32>,
    /// Items that stand for what an import names in the standard library: its path there.
    pub standard: HashMap<u32, Box<str>>,
    /// What type aliases stand for, by item.
    pub aliases: HashMap<u32, Applied>,
    /// Names that imports gave, other than those of what they name: by module, each with its path.
    pub renamed: HashMap<u32, Vec<(Name, Box<str>)>>,
    /// Items that are not built only because a feature is off, or on.
    pub by_feature: HashSet<u32>,
}

impl Model {
    pub fn off(&self, item: u32) -> Off {
        let off = self.items.get(item as usize).is_some_and(|one| one.off);
        Off::new(off, self.by_feature.contains(&item))
    }

    /// The file that can be opened: for an expansion, the one in which its call stands.
    pub fn file(&self, file: u32) -> Option<&File> {
        self.files.get(self.place_in_file(file, 0).0 as usize)
    }

    /// A position as one in a file that can be opened.
    pub fn place_in_file(&self, file: u32, at: u32) -> (u32, u32) {
        match self.files.get(file as usize).and_then(|file| file.expansion.as_ref()) {
            Some(expansion) => (expansion.file, expansion.at),
            None => (file, at),
        }
    }

    pub fn macro_of(&self, item: u32) -> Option<&Macro> {
        let at = self.macros.binary_search_by_key(&item, |one| one.item).ok()?;
        self.macros.get(at)
    }

    /// How many modules lead to a module.
    fn depth(&self, module: u32) -> usize {
        self.way_up(module).count()
    }

    /// The depth of `ancestor`, if `module` stands in it.
    pub fn depth_below(&self, module: u32, ancestor: u32) -> Option<usize> {
        self.way_up(module).any(|one| one == ancestor).then(|| self.depth(ancestor))
    }

    /// The depth of the innermost module around both.
    pub fn common_depth(&self, one: u32, other: u32) -> usize {
        self.way_up(one).find_map(|outer| self.depth_below(other, outer)).unwrap_or(0)
    }

    /// A module, and those around it.
    pub fn way_up(&self, module: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(module), |&one| {
            let outer = self.modules.get(one as usize)?.parent;
            (one != ROOT).then_some(outer)
        })
    }
}
