//! Extern blocks, and whose methods their functions are.

use tree_sitter::Node;

use super::attributes::{self, Facts};
use super::extract::{Extractor, Place};
use super::model::Parent;
use super::types;

impl Extractor<'_> {
    pub(super) fn foreign(&mut self, node: Node, facts: &Facts, place: &Place) {
        let inside = self.inside(place, facts);
        if facts.wasm_bindgen.is_some() {
            // The attribute makes types and functions of it that are as any others.
            return self.body(node, inside);
        }
        let body = node.child_by_field_name("body").map_or(node.end_byte(), |body| body.start_byte());
        let head = self.slice(node.start_byte(), body);
        let abi = head.split('"').nth(1).unwrap_or("C");
        let parent = Parent::Extern(self.out.abis.len() as u32);
        self.out.abis.push(abi.into());
        self.body(node, Place { parent, ..inside });
    }

    /// The type that a function of an extern block is a method of: what `#[wasm_bindgen(method)]`,
    /// `constructor` and `static_method_of` say, and for cxx a receiver with a type.
    pub(super) fn type_of_foreign(&self, node: Node, facts: &Facts, place: &Place) -> Option<String> {
        if node.kind() != "function_signature_item" {
            return None;
        }
        let first = node.child_by_field_name("parameters").and_then(|list| list.named_child(0));
        let first_type = first.and_then(|first| first.child_by_field_name("type")).map(|one| self.text(one));
        let Some(arguments) = &facts.wasm_bindgen else {
            let receiver = first?.child_by_field_name("pattern")?.kind() == "self";
            let receiver = first_type.filter(|_| receiver && matches!(place.parent, Parent::Extern(_)))?;
            // `self: Pin<&mut A>`
            return Some(types::first_argument(receiver).unwrap_or(receiver).to_owned());
        };
        let list = attributes::split_list(arguments);
        let named = |one: &&str| {
            let of = one.strip_prefix("static_method_of")?.trim_start().strip_prefix('=')?;
            Some(of.trim().to_owned())
        };
        if let Some(of) = list.iter().find_map(named) {
            return Some(of);
        }
        if list.contains(&"method") {
            return first_type.map(str::to_owned);
        }
        let made = list.contains(&"constructor").then(|| node.child_by_field_name("return_type"))??;
        let made = self.text(made);
        let fails = types::is_result(made).then(|| types::first_argument(made)).flatten();
        Some(fails.unwrap_or(made).to_owned())
    }
}
