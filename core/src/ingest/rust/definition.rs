//! Definitions of declarative macros: what a call of one may stand for.

use std::sync::Arc;

use tree_sitter::Node;

use super::attributes::{self, Facts};
use super::extract::{Extractor, Place};
use super::fragment::{Call, MacroBody};
use super::lex::{self, Token};
use super::model::{Name, Visibility, Wrapper};
use crate::ingest::SymbolKind;

impl Extractor<'_> {
    pub(super) fn macro_definition(
        &mut self,
        node: Node,
        outer: Option<usize>,
        facts: &Facts,
        place: &Place,
    ) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let name: Name = Arc::from(self.text(name));
        let place = Place { inherited: Some(macro_visibility(facts)), ..place.clone() };
        self.item(SymbolKind::Macro, node, outer, facts, &place);
        let mut cursor = node.walk();
        let rules: Vec<Node> =
            node.children(&mut cursor).filter(|rule| rule.kind() == "macro_rule").collect();
        for rule in &rules {
            let (Some(left), Some(right)) =
                (rule.child_by_field_name("left"), rule.child_by_field_name("right"))
            else {
                continue;
            };
            let pattern = self.text(left);
            let (start, end) = (right.start_byte() + 1, right.end_byte().saturating_sub(1));
            if pattern.get(1..pattern.len().saturating_sub(1)).is_some_and(|inside| inside.trim().is_empty())
            {
                let call = Call { name: name.clone(), arguments: false };
                self.out.macros.push(MacroBody { call, file: self.file, start, end });
                continue;
            }
            if rules.len() == 1 && names_public_items(self.slice(start, end)) {
                let call = Call { name: name.clone(), arguments: true };
                self.out.macros.push(MacroBody { call, file: self.file, start, end });
            }
            if let Some(text) = wrapper(pattern, self.slice(start, end)) {
                let wrapper = Wrapper { file: self.file, facts: attributes::facts(text), text: text.into() };
                self.out.wrappers.push((name.clone(), wrapper));
            }
        }
    }
}

fn macro_visibility(facts: &Facts) -> Visibility {
    if facts.exported { Visibility::Public } else { Visibility::Private }
}

/// Whether a macro's body declares, outside brackets, something public under a name of its own.
fn names_public_items(body: &str) -> bool {
    let (mut depth, mut before) = (0_usize, ["", ""]);
    for (token, range) in lex::tokens(body, 0) {
        let word = body.get(range).unwrap_or_default();
        match token {
            Token::Space | Token::Comment => continue,
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Word
                if depth == 0
                    && before[0] == "pub"
                    && matches!(
                        before[1],
                        "fn" | "struct" | "enum" | "union" | "trait" | "mod" | "type" | "const"
                    ) =>
            {
                return true;
            }
            _ => {}
        }
        before = [before[1], word];
    }
    false
}

/// What a macro that takes items puts in front of each: `#[cfg(a)]` of
/// `($($item:item)*) => { $(#[cfg(a)] $item)* }`.
fn wrapper<'a>(pattern: &str, body: &'a str) -> Option<&'a str> {
    let (before, _) = pattern.split_once(":item").or_else(|| pattern.split_once(": item"))?;
    let name = before.rsplit('$').next()?;
    let (mut first, mut at) = (0, 0);
    while let Some((token, range)) = lex::tokens(body, at).next() {
        at = range.end;
        match (token, body.get(range.clone())?) {
            (Token::Space | Token::Comment, _) => {}
            (Token::Punct, "#") => at = lex::matching_end(body, at)?,
            (Token::Punct, "$") if body.get(at..)?.starts_with(name) => {
                return body.get(first..range.start).filter(|text| !text.trim().is_empty());
            }
            _ => first = at,
        }
    }
    None
}
