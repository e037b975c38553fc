//! One declaration: its name, its visibility and where its parts stand.

use std::sync::Arc;

use tree_sitter::Node;

use super::attributes::Facts;
use super::extract::{Extractor, Place};
use super::mend;
use super::model::{Item, Span, Visibility};
use super::names;
use crate::ingest::SymbolKind;

impl Extractor<'_> {
    /// Adds an item; none where it has no name of its own.
    pub(super) fn item(
        &mut self,
        kind: SymbolKind,
        node: Node,
        outer: Option<usize>,
        facts: &Facts,
        place: &Place,
    ) -> Option<u32> {
        let name = node.child_by_field_name("name")?;
        let (name_start, name_end) = (name.start_byte(), name.end_byte());
        let name = names::spelled(self.text(name));
        if name == "_" || name.starts_with('$') || name.is_empty() {
            return None;
        }
        let (mut generics, mut where_clause, mut body) = ((0, 0), (0, 0), None);
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            let range = (child.start_byte() as u32, child.end_byte() as u32);
            match child.kind() {
                "type_parameters" => generics = range,
                "where_clause" => where_clause = range,
                "block" | "declaration_list" | "enum_variant_list" => body = Some(child.start_byte()),
                "field_declaration_list" => body = Some(child.start_byte()),
                _ => {}
            }
        }
        // A trait alias has no body; its equals sign is mended to a brace.
        let is_alias = |body: &usize| self.text.as_bytes().get(*body) == Some(&b'=');
        let body = match kind {
            SymbolKind::Trait => body.filter(|body| !is_alias(body)),
            // What is written as `macro` is mended to a module.
            SymbolKind::Macro if matches!(node.kind(), "macro_definition" | "mod_item") => Some(name_end),
            SymbolKind::Const | SymbolKind::Static | SymbolKind::Type | SymbolKind::Variant => None,
            _ => body,
        };
        let item = Item {
            kind,
            name: Arc::from(&*name),
            visibility: self.visibility(node, place),
            module: place.module,
            parent: place.parent,
            span: self.span(node, outer, name_start, body),
            generics,
            where_clause,
            guard: place.context.guard.clone(),
            hidden: facts.hidden || place.context.hidden,
            off: facts.off || place.context.off,
            // Of a `macro` its visibility says that.
            exported: facts.exported && node.kind() != "mod_item",
            procedural: facts.proc_macro.is_some(),
            derives_error: facts.derives_error,
            returns_result: false,
        };
        let index = self.out.items.len() as u32;
        if item.off && self.features.is_some() && !(facts.off_anyway || place.context.off_anyway) {
            self.out.by_feature.push(index);
        }
        self.out.items.push(item);
        Some(index)
    }

    pub(super) fn span(&self, node: Node, outer: Option<usize>, name: usize, body: Option<usize>) -> Span {
        let (start, end) = (self.start_of(node), node.end_byte());
        let (line_start, line_end) = match self.origin {
            Some(origin) => origin.lines_of(start, name, end),
            None => (node.start_position().row as u32 + 1, node.end_position().row as u32 + 1),
        };
        Span {
            file: self.file,
            outer: outer.unwrap_or(start) as u32,
            start: start as u32,
            head_end: body.unwrap_or(end) as u32,
            end: end as u32,
            line_start,
            line_end,
        }
    }

    /// Where an item starts. The `pub` before a type of an extern block is mended away.
    fn start_of(&self, node: Node) -> usize {
        let foreign = (node.kind() == "associated_type")
            .then(|| mend::visibility_before(self.text, node.start_byte()))
            .flatten();
        foreign.unwrap_or(node.start_byte())
    }

    pub(super) fn visibility(&self, node: Node, place: &Place) -> Visibility {
        if let Some(inherited) = place.inherited {
            return inherited;
        }
        let mut cursor = node.walk();
        let modifier = node.children(&mut cursor).find(|child| child.kind() == "visibility_modifier");
        let written = match modifier {
            Some(modifier) => self.text(modifier),
            None => self.slice(self.start_of(node), node.start_byte()),
        };
        let text: String = written.split_whitespace().collect();
        match text.as_str() {
            "pub" => Visibility::Public,
            "crate" | "pub(crate)" | "pub(incrate)" => Visibility::Crate,
            "" | "pub(self)" | "pub(inself)" => Visibility::Private,
            _ => Visibility::Restricted,
        }
    }
}
