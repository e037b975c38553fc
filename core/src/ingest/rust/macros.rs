//! Items inside macros: those that are passed to one, and those that one stands for.

use std::sync::Arc;

use tree_sitter::{Node, Range};

use super::attributes::{self, Facts};
use super::extract::{Extractor, Place, guarded};
use super::fragment::{Call, Pending, Wanted};
use super::lex::{self, Token, tokens};
use super::model::{Cfg, Item, Name, Span, Visibility};
use crate::ingest::SymbolKind;

/// The words without which a macro's argument cannot hold an item.
const ITEM_WORDS: [&str; 12] = [
    "macro_rules!",
    "fn ",
    "struct ",
    "enum ",
    "union ",
    "trait ",
    "mod ",
    "use ",
    "const ",
    "static ",
    "type ",
    "impl",
];

impl Extractor<'_> {
    /// A macro called where items stand.
    pub(super) fn macro_call(&mut self, call: Node, place: &Place) {
        let Some(name) = call.child_by_field_name("macro").map(|node| self.text(node)) else { return };
        let mut cursor = call.walk();
        let Some(tree) = call.children(&mut cursor).find(|child| child.kind() == "token_tree") else {
            return;
        };
        let within = inside_brackets(tree);
        let argument = self.slice(within.start_byte, within.end_byte);
        let last = name.rsplit("::").next().unwrap_or(name).trim();
        match last {
            "cfg_if" => self.cfg_if(tree, place),
            "include" => self.include(argument, place),
            _ => {
                let name: Name = Arc::from(last);
                let arguments = !argument.trim().is_empty();
                if ITEM_WORDS.iter().any(|word| argument.contains(word)) {
                    let mut place = place.clone();
                    place.context.guard = guarded(&place.context, Cfg::Macro(name.clone()));
                    self.items_within(within, place);
                }
                self.want(place, Wanted::Macro(Call { name, arguments }));
            }
        }
    }

    pub(super) fn want(&mut self, place: &Place, what: Wanted) {
        if place.parent == super::model::Parent::Module {
            let context = place.context.clone();
            self.out.pending.push(Pending { module: place.module, what, context });
        }
    }

    /// Parses a part of the text as items, and takes those that parse.
    fn items_within(&mut self, within: Range, place: Place) {
        let Some(tree) = self.syntax.parse(self.text, self.gaps, within) else { return };
        let root = tree.root_node();
        self.walk(root, Place { depth: place.depth + 1, doubtful: root.has_error(), ..place });
    }

    /// `cfg_if! { if #[cfg(a)] { items } else { items } }`
    fn cfg_if(&mut self, tree: Node, place: &Place) {
        let mut cursor = tree.walk();
        let mut earlier: Vec<String> = Vec::new();
        let mut own: Option<String> = None;
        for child in tree.children(&mut cursor).filter(|child| child.kind() == "token_tree") {
            let text = self.text(child);
            if let Some(attribute) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
                own = attributes::arguments_of(attribute).map(lex::fold);
            } else if text.starts_with('{') {
                let mut parts: Vec<String> = earlier.iter().map(|cfg| format!("not({cfg})")).collect();
                parts.extend(own.clone());
                let cfg =
                    if parts.len() == 1 { parts.concat() } else { format!("all({})", parts.join(", ")) };
                let facts = Facts {
                    off: super::cfg::off(&cfg, self.features),
                    off_anyway: super::cfg::off_anyway(&cfg),
                    test_only: super::cfg::only_in_tests(&cfg),
                    cfg: Some(cfg),
                    ..Facts::default()
                };
                if self.tests || !facts.test_only {
                    let place = self.inside(place, &facts);
                    self.items_within(inside_brackets(child), place);
                }
                earlier.extend(own.take());
            }
        }
    }

    /// `pub macro name($x:expr) { … }`, which the grammar does not know. Returns where it ends.
    pub(super) fn macro_2(&mut self, node: Node, outer: Option<usize>, place: &Place) -> Option<usize> {
        let start = node.start_byte();
        let mut words = tokens(self.text, start)
            .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
            .filter_map(|(token, range)| Some((token, range.clone(), self.text.get(range)?)));
        let (_, _, mut word) = words.next()?;
        let mut visibility = Visibility::Private;
        if word == "pub" {
            visibility = Visibility::Public;
            let (_, range, next) = words.next()?;
            word = next;
            if word == "(" {
                visibility = Visibility::Crate;
                let after = lex::matching_end(self.text, range.start)?;
                (_, _, word) = words.find(|(_, range, _)| range.start >= after)?;
            }
        }
        let (_, name_range, name) = (word == "macro").then(|| words.next())??;
        let (_, opening, bracket) = words.next()?;
        let mut end = lex::matching_end(self.text, opening.start)?;
        if bracket == "(" {
            let (_, body, _) = words.find(|(_, range, _)| range.start >= end)?;
            end = lex::matching_end(self.text, body.start)?;
        }
        drop(words);
        let line_start = node.start_position().row as u32 + 1;
        let lines = self.slice(start, end).bytes().filter(|&b| b == b'\n').count() as u32;
        let facts = attributes::facts(self.slice(outer.unwrap_or(start), start));
        self.out.items.push(Item {
            kind: SymbolKind::Macro,
            name: Arc::from(name),
            visibility,
            module: place.module,
            parent: place.parent,
            span: Span {
                file: self.file,
                outer: outer.unwrap_or(start) as u32,
                start: start as u32,
                head_end: name_range.end as u32,
                end: end as u32,
                line_start,
                line_end: line_start + lines,
            },
            generics: (0, 0),
            where_clause: (0, 0),
            guard: place.context.guard.clone(),
            hidden: facts.hidden || place.context.hidden,
            off: facts.off || place.context.off,
            exported: false,
            procedural: false,
            derives_error: false,
            returns_result: false,
        });
        Some(end)
    }
}

/// A bracketed node's range without its brackets.
fn inside_brackets(tree: Node) -> Range {
    let mut range = tree.range();
    range.start_byte += 1;
    range.start_point.column += 1;
    range.end_byte = range.end_byte.saturating_sub(1).max(range.start_byte);
    range.end_point.column = range.end_point.column.saturating_sub(1);
    range
}
