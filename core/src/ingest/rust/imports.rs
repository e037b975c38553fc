//! `use` trees and `extern crate`, flattened to one import a name.

use std::sync::Arc;

use super::lex::{Token, tokens};
use super::model::{Import, Name};
use super::names::spelled;

/// Trees nested deeper than this are cut.
const DEPTH_MAX: usize = 64;

/// The imports of `use …;`; `text` is what stands between `use` and `;`. `like` gives everything
/// but the path and the name.
pub(super) fn flatten(text: &str, like: &Import) -> Vec<Import> {
    let words: Vec<&str> = tokens(text, 0)
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
        .filter_map(|(_, range)| text.get(range))
        .collect();
    let mut imports = Vec::new();
    let mut rest = words.as_slice();
    let from_crates = rest.starts_with(&[":", ":"]);
    let like = Import { from_crates, ..like.clone() };
    tree(&mut rest, &mut Vec::new(), &like, &mut imports, 0);
    imports
}

fn tree(rest: &mut &[&str], prefix: &mut Vec<Name>, like: &Import, imports: &mut Vec<Import>, depth: usize) {
    let outer = prefix.len();
    while let Some((&word, tail)) = rest.split_first() {
        *rest = tail;
        match word {
            ":" => {}
            "*" => {
                imports.push(Import { path: prefix.clone(), name: None, ..like.clone() });
                break;
            }
            "{" => {
                while !matches!(rest.first(), None | Some(&"}")) {
                    if depth < DEPTH_MAX {
                        tree(rest, prefix, like, imports, depth + 1);
                    }
                    // A tree that stopped early must not be read again.
                    while !matches!(rest.first(), None | Some(&"," | &"}")) {
                        *rest = rest.get(1..).unwrap_or_default();
                    }
                    if rest.first() == Some(&",") {
                        *rest = rest.get(1..).unwrap_or_default();
                    }
                }
                *rest = rest.get(1..).unwrap_or_default();
                break;
            }
            "}" | "," => break,
            "$" => {}
            segment => {
                let module_itself = segment == "self" && !prefix.is_empty();
                if !module_itself {
                    prefix.push(Arc::from(&*spelled(segment)));
                }
                if rest.first() == Some(&":") {
                    continue;
                }
                let renamed = (rest.first() == Some(&"as")).then(|| rest.get(1).copied()).flatten();
                if renamed.is_some() {
                    *rest = rest.get(2..).unwrap_or_default();
                }
                let name = renamed.map(|name| Arc::from(&*spelled(name))).or_else(|| prefix.last().cloned());
                if let Some(name) = name.filter(|name: &Name| &**name != "_") {
                    let (path, types_only) = (prefix.clone(), module_itself);
                    imports.push(Import { path, name: Some(name), types_only, ..like.clone() });
                }
                break;
            }
        }
    }
    prefix.truncate(outer);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> Vec<String> {
        let show = |one: Import| format!("{} as {}", one.path.join("::"), one.name.as_deref().unwrap_or("*"));
        flatten(text, &Import::plain()).into_iter().map(show).collect()
    }

    #[test]
    fn a_tree_becomes_one_import_a_name() {
        assert_eq!(
            flat("::a::{self, b as c, d::{*, e as _}, r#in}"),
            ["a as a", "a::b as c", "a::d as *", "a::r#in as r#in"]
        );
        assert_eq!(flat("{a, crate::b::*,}"), ["a as a", "crate::b as *"]);
        assert_eq!(flat("self::a"), ["self::a as a"]);
    }

    #[test]
    fn a_broken_tree_ends() {
        for text in ["{", "a::{b, {", "a::", "}}}", "a::{as as as, , ,", ""] {
            flat(text);
        }
        flat(&"a::{".repeat(10_000));
    }
}
