//! What bodies of functions hold for others: impls, which belong to their types wherever they stand, and
//! exported macros.
//!
//! Bodies are most of a text and hardly ever hold either, so the parser passes over them ([`scan`]). Those
//! that say `impl` or `macro_rules` where an item may begin are parsed after the items around them, each
//! by itself: what is odd in one disturbs nothing else.

use std::collections::HashSet;

use tree_sitter::{Node, Point, Range};

use super::attributes::Facts;
use super::extract::{Extractor, Place};
use super::lex::{Token, tokens};
use super::model::Parent;
use super::scan;
use super::types;
use crate::ingest::walk::NESTING_DEPTH_MAX;

impl Extractor<'_> {
    /// Notes the body of a function if it may hold something for others.
    pub(super) fn note_body(&mut self, function: Node, facts: &Facts, place: &Place) {
        let Some(body) = function.child_by_field_name("body") else { return };
        let mut within = body.range();
        within.start_byte += 1;
        within.start_point.column += 1;
        within.end_byte = within.end_byte.saturating_sub(1).max(within.start_byte);
        within.end_point.column = within.end_point.column.saturating_sub(1);
        if !may_hold(self.slice(within.start_byte, within.end_byte)) {
            return;
        }
        let mut inside = self.inside(place, facts);
        inside.context.in_block = true;
        self.bodies.push((within, Place { parent: Parent::Module, inherited: None, ..inside }));
    }

    /// Reads the bodies that were noted, and those inside them.
    pub(super) fn look_through_bodies(&mut self) {
        while let Some((within, place)) = self.bodies.pop() {
            let scan = scan::scan(self.slice(within.start_byte, within.end_byte).as_bytes());
            if scan.depth_max > NESTING_DEPTH_MAX {
                self.out.too_deep += 1;
                continue;
            }
            let gaps: Vec<Range> = scan.gaps.iter().map(|gap| shifted(gap, &within)).collect();
            let Some(tree) = self.syntax.parse(self.text, &gaps, within) else { continue };
            self.of_body(tree.root_node(), &place);
        }
    }

    fn of_body(&mut self, root: Node, place: &Place) {
        let (mut found, mut local) = (Vec::new(), HashSet::new());
        let mut cursor = root.walk();
        // Where the attributes of the item to come begin, in each node around the one at hand.
        let mut outer: Vec<Option<usize>> = vec![None];
        if !cursor.goto_first_child() {
            return;
        }
        loop {
            let node = cursor.node();
            let mut opens = false;
            if let Some(outer) = outer.last_mut() {
                match node.kind() {
                    "attribute_item" => drop(outer.get_or_insert(node.start_byte())),
                    "line_comment" | "block_comment" => {}
                    "impl_item" | "macro_definition" | "function_item" => found.push((node, outer.take())),
                    "struct_item" | "enum_item" | "union_item" | "type_item" => {
                        *outer = None;
                        local.extend(node.child_by_field_name("name").map(|name| self.text(name)));
                    }
                    "mod_item" | "trait_item" | "token_tree" => *outer = None,
                    _ => {
                        *outer = None;
                        opens = true;
                    }
                }
            }
            if opens && cursor.goto_first_child() {
                outer.push(None);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return self.declare(found, &local, place);
                }
                outer.pop();
            }
        }
    }

    /// Declares what was found, but for impls on types of the body's own.
    fn declare(&mut self, found: Vec<(Node, Option<usize>)>, local: &HashSet<&str>, place: &Place) {
        for (node, outer) in found {
            let on = node.child_by_field_name("type").map(|on| types::path_of(self.text(on)));
            let is_local =
                on.is_some_and(|path| matches!(path.as_slice(), [only] if local.contains(&**only)));
            if !is_local || node.kind() != "impl_item" {
                self.declaration(node, outer, place);
            }
        }
    }
}

/// Whether a body says `impl` or `macro_rules` where an item may begin.
fn may_hold(body: &str) -> bool {
    if !body.contains("impl") && !body.contains("macro_rules") {
        return false;
    }
    let mut begins = true;
    for (token, range) in tokens(body, 0) {
        let word = body.get(range).unwrap_or_default();
        match token {
            Token::Space | Token::Comment => continue,
            Token::Word if begins && matches!(word, "impl" | "macro_rules") => return true,
            _ => begins = matches!(word, "{" | "}" | ";" | "]" | "unsafe"),
        }
    }
    false
}

/// A range of a part of a text as one of the whole text.
fn shifted(range: &Range, part: &Range) -> Range {
    let point = |at: Point| match at.row {
        0 => Point::new(part.start_point.row, part.start_point.column + at.column),
        row => Point::new(part.start_point.row + row, at.column),
    };
    Range {
        start_byte: part.start_byte + range.start_byte,
        end_byte: part.start_byte + range.end_byte,
        start_point: point(range.start_point),
        end_point: point(range.end_point),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_an_item_may_begin() {
        for body in [
            "impl A {}",
            "let a = 1; impl<T> A<T> {}",
            "{ #[a] unsafe impl A for B {} }",
            " macro_rules! a {}",
        ] {
            assert!(may_hold(body), "{body}");
        }
        for body in
            ["", "implement();", "let a: impl Fn() = b;", "// impl A {}", "\"{ impl A }\"; a.impl_b()"]
        {
            assert!(!may_hold(body), "{body}");
        }
    }
}
