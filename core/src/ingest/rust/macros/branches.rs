//! Macros of which the compiler keeps one branch.

use tree_sitter::Node;

use super::super::{attributes, lex};

/// The branches of `cfg_if! { if #[cfg(a)] { items } else { items } }`, each with its condition.
pub(super) fn of_cfg_if<'a>(text: &str, tree: Node<'a>) -> Vec<(Option<String>, Node<'a>)> {
    let mut own: Option<String> = None;
    let mut branches = Vec::new();
    for (written, child) in trees(text, tree) {
        if let Some(attribute) = written.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            own = attributes::arguments_of(attribute).map(lex::fold);
        } else if written.starts_with('{') {
            branches.push((own.take(), child));
        }
    }
    branches
}

/// The branches of `cfg_select! { a => { items } _ => { items } }`, each with its condition.
pub(super) fn of_cfg_select<'a>(text: &str, tree: Node<'a>) -> Vec<(Option<String>, Node<'a>)> {
    let mut from = tree.start_byte() + 1;
    let mut branches = Vec::new();
    for (written, child) in trees(text, tree) {
        let before = text.get(from..child.start_byte()).unwrap_or_default();
        // A bracket that opens elsewhere is part of the condition.
        let head = before.trim_end().strip_suffix("=>").filter(|_| written.starts_with('{'));
        if let Some(head) = head {
            let condition = lex::fold(head.trim_start_matches(|c: char| c == ',' || c.is_whitespace()));
            branches.push(((condition.trim() != "_").then_some(condition), child));
            from = child.end_byte();
        }
    }
    branches
}

fn trees<'a, 't>(text: &'t str, tree: Node<'a>) -> Vec<(&'t str, Node<'a>)> {
    let mut cursor = tree.walk();
    let trees = tree.children(&mut cursor).filter(|child| child.kind() == "token_tree");
    trees.map(|child| (text.get(child.byte_range()).unwrap_or_default(), child)).collect()
}
