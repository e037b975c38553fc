//! Where a declarative macro is defined, and what is kept of it to expand its calls.

use std::sync::Arc;

use tree_sitter::Node;

use super::super::attributes::Facts;
use super::super::extract::{Extractor, Place};
use super::super::model::{Name, Visibility};
use super::rules::Definition;
use crate::ingest::SymbolKind;

/// A `macro_rules!` of a crate.
#[derive(Debug)]
pub(in super::super) struct Macro {
    pub name: Name,
    pub item: u32,
    pub module: u32,
    pub definition: Arc<Definition>,
    /// Where its definition begins. One that an expansion brought has the call's place.
    pub file: u32,
    pub at: u32,
    pub exported: bool,
    /// Not built on this machine.
    pub off: bool,
}

impl Extractor<'_> {
    pub(in super::super) fn macro_definition(
        &mut self,
        node: Node,
        outer: Option<usize>,
        facts: &Facts,
        place: &Place,
    ) {
        let inherited = if facts.exported { Visibility::Public } else { Visibility::Private };
        let inside = Place { inherited: Some(inherited), ..place.clone() };
        let Some(item) = self.item(SymbolKind::Macro, node, outer, facts, &inside) else { return };
        let Some(name) = self.out.items.get(item as usize).map(|item| item.name.clone()) else { return };
        self.out.macros.push(Macro {
            name,
            item,
            module: place.module,
            definition: Arc::new(Definition::new(self.text(node))),
            file: self.file,
            at: node.start_byte() as u32,
            exported: facts.exported,
            off: facts.off || place.context.off,
        });
    }
}
