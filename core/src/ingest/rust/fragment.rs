//! What one piece of text adds to a crate: a file's items, or those of a macro's body.

use std::path::PathBuf;
use std::sync::Arc;

use super::model::{Guard, Impl, Import, Item, Model, Module, Name, Parent, Wrapper};
use super::types::Applied;

/// Everything numbered from zero within the fragment; module 0 is the one that it is hung into.
#[derive(Default)]
pub(super) struct Fragment {
    pub inner: Option<(u32, u32, u32)>,
    pub inner_hidden: bool,
    pub lines: u32,
    /// Modules from 1 on.
    pub modules: Vec<Module>,
    pub items: Vec<Item>,
    pub impls: Vec<Impl>,
    pub imports: Vec<Import>,
    pub abis: Vec<Box<str>>,
    pub pending: Vec<Pending>,
    pub macros: Vec<MacroBody>,
    pub wrappers: Vec<(Name, Wrapper)>,
    pub aliases: Vec<(u32, Applied)>,
    pub by_feature: Vec<u32>,
    pub too_deep: usize,
}

/// Text that is yet to be read into a module.
pub(super) struct Pending {
    pub module: u32,
    pub what: Wanted,
    pub context: Context,
}

pub(super) enum Wanted {
    /// The first of these files that exists.
    File { candidates: Vec<PathBuf>, fills_module: bool },
    /// A module's file, and the files that it has under conditions which only a build knows.
    Chosen { usual: Vec<PathBuf>, others: Vec<(Box<str>, PathBuf)> },
    /// A file, from the package's root.
    OfPackage(String),
    /// A file that is nowhere before a build.
    Generated,
    /// The items that a macro stands for.
    Macro(Call),
}

/// What surrounds a piece of text.
#[derive(Clone)]
pub(super) struct Context {
    /// The folder of the file, and the one in which its `mod x;` are looked for.
    pub file_dir: Arc<PathBuf>,
    pub module_dir: Arc<PathBuf>,
    pub guard: Option<Arc<Guard>>,
    pub hidden: bool,
    pub off: bool,
    /// Off whatever the features are.
    pub off_anyway: bool,
    /// How many files and macros lead here.
    pub depth: u32,
}

/// A macro called where items stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub name: Name,
    /// Whether it is handed anything. Without, the arm that takes nothing says what it stands for;
    /// with, only a macro of a single arm can tell, and of that only what it names itself.
    pub arguments: bool,
}

/// The body of a macro's arm, and the calls that it answers.
pub(super) struct MacroBody {
    pub call: Call,
    pub file: u32,
    pub start: usize,
    pub end: usize,
}

impl Model {
    /// Adds a fragment to module `host`, and returns what it still wants and the macros it defines.
    pub fn absorb(&mut self, host: u32, fragment: Fragment) -> (Vec<Pending>, Vec<MacroBody>) {
        let modules = self.modules.len() as u32;
        let items = self.items.len() as u32;
        let impls = self.impls.len() as u32;
        let abis = self.abis.len() as u32;
        let module_of = |local: u32| if local == 0 { host } else { modules + local - 1 };
        if let Some(module) = self.modules.get_mut(host as usize) {
            module.inner = module.inner.or(fragment.inner);
            module.hidden |= fragment.inner_hidden;
        }
        self.modules.extend(fragment.modules.into_iter().map(|module| Module {
            parent: module_of(module.parent),
            item: module.item.map(|item| items + item),
            ..module
        }));
        self.items.extend(fragment.items.into_iter().map(|item| Item {
            module: module_of(item.module),
            parent: match item.parent {
                Parent::Module => Parent::Module,
                Parent::Item(parent) => Parent::Item(items + parent),
                Parent::Impl(parent) => Parent::Impl(impls + parent),
                Parent::Extern(parent) => Parent::Extern(abis + parent),
            },
            ..item
        }));
        self.impls.extend(fragment.impls.into_iter().map(|one| Impl {
            module: module_of(one.module),
            items: items + one.items.start..items + one.items.end,
            ..one
        }));
        self.imports
            .extend(fragment.imports.into_iter().map(|one| Import { module: module_of(one.module), ..one }));
        self.abis.extend(fragment.abis);
        self.aliases.extend(fragment.aliases.into_iter().map(|(item, alias)| (items + item, alias)));
        self.by_feature.extend(fragment.by_feature.into_iter().map(|item| items + item));
        for (name, wrapper) in fragment.wrappers {
            self.wrappers.entry(name).or_default().push(wrapper);
        }
        let pending = fragment.pending.into_iter();
        (pending.map(|one| Pending { module: module_of(one.module), ..one }).collect(), fragment.macros)
    }
}
