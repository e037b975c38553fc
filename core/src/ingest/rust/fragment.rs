//! What one piece of text adds to a crate: a file's items, or those of a macro's body.

use std::path::PathBuf;
use std::sync::Arc;

use super::macros::{Call, Macro};
use super::model::{Guard, Impl, Import, Item, Model, Module, Parent, Visibility};
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
    pub macros: Vec<Macro>,
    pub aliases: Vec<(u32, Applied)>,
    pub by_feature: Vec<u32>,
    pub too_deep: usize,
}

/// The index of what a fragment is hung into, where that is an item, an impl or an extern block.
pub(super) const HOST: u32 = u32::MAX;

/// Text that is yet to be read into a module, or into what stands in it.
pub(super) struct Pending {
    pub module: u32,
    pub parent: Parent,
    pub inherited: Option<Visibility>,
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
    /// A block that is a constant's value: of what it holds, others see impls and exported macros.
    pub in_block: bool,
    /// The argument of a macro that nobody can expand: what looks like an item may be none.
    pub guessed: bool,
    /// How many files lead here, and how many calls of macros.
    pub depth: u32,
    pub call_depth: u32,
}

impl Model {
    /// Adds a fragment to module `host`, and to `parent` in it. Returns what it still wants.
    pub fn absorb(&mut self, host: u32, parent: Parent, fragment: Fragment) -> Vec<Pending> {
        let modules = self.modules.len() as u32;
        let items = self.items.len() as u32;
        let impls = self.impls.len() as u32;
        let abis = self.abis.len() as u32;
        let module_of = |local: u32| if local == 0 { host } else { modules + local - 1 };
        let parent_of = |local: Parent| match local {
            Parent::Module => Parent::Module,
            Parent::Item(HOST) | Parent::Impl(HOST) | Parent::Extern(HOST) => parent,
            Parent::Item(parent) => Parent::Item(items + parent),
            Parent::Impl(parent) => Parent::Impl(impls + parent),
            Parent::Extern(parent) => Parent::Extern(abis + parent),
        };
        if let Some(module) = self.modules.get_mut(host as usize) {
            module.inner = module.inner.or(fragment.inner);
            module.hidden |= fragment.inner_hidden;
        }
        if let Parent::Impl(index) = parent
            && let Some(one) = self.impls.get_mut(index as usize)
        {
            let new = fragment.items.iter().enumerate().filter(|(_, item)| item.parent == Parent::Impl(HOST));
            one.expanded.extend(new.map(|(at, _)| items + at as u32));
        }
        self.modules.extend(fragment.modules.into_iter().map(|module| Module {
            parent: module_of(module.parent),
            item: module.item.map(|item| items + item),
            ..module
        }));
        self.items.extend(fragment.items.into_iter().map(|item| Item {
            module: module_of(item.module),
            parent: parent_of(item.parent),
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
        self.macros.extend(fragment.macros.into_iter().map(|one| Macro {
            item: items + one.item,
            module: module_of(one.module),
            ..one
        }));
        self.aliases.extend(fragment.aliases.into_iter().map(|(item, alias)| (items + item, alias)));
        self.by_feature.extend(fragment.by_feature.into_iter().map(|item| items + item));
        let pending = fragment.pending.into_iter();
        pending
            .map(|one| Pending { module: module_of(one.module), parent: parent_of(one.parent), ..one })
            .collect()
    }
}
