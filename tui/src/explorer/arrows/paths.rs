//! What a file names of the explorer, however it writes it: from the crate's root, by `super`, by the name of a
//! room that it imported, alone or in a tree of `use`. Comments and strings name nothing.

use std::path::Path;

use tree_sitter::{Node, Parser};

use super::ROOMS;

/// The module that all rooms stand in.
const ROOT: &str = "explorer";

/// Every path that a file names below the explorer, where it stands there at `place`.
pub fn named(place: &Path, text: &str) -> Vec<Vec<String>> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_rust::LANGUAGE.into()).unwrap();
    let tree = parser.parse(text, None).unwrap();
    let mut tokens = Vec::new();
    read(tree.root_node(), text, &module(place), &mut tokens);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let begins = at == 0 || tokens[at - 1].text != "::";
        let base = match token.text {
            "crate" => Vec::new(),
            "super" if begins => up(&token.module),
            room if begins && ROOMS.iter().any(|(name, _)| *name == room) => {
                vec![ROOT.to_string(), room.to_string()]
            }
            _ => continue,
        };
        if text_at(&tokens, at + 1) == "::" {
            follow(&tokens, at + 1, base, &mut found);
        }
    }
    found.into_iter().filter_map(|path| Some(path.strip_prefix(&[ROOT.to_string()])?.to_vec())).collect()
}

/// A token, and the module that it stands in, from the crate's root.
struct Token<'a> {
    text: &'a str,
    module: Vec<String>,
}

/// The module of a file.
fn module(place: &Path) -> Vec<String> {
    let mut module = vec![ROOT.to_string()];
    module.extend(place.with_extension("").iter().map(|part| part.to_str().unwrap().to_string()));
    if place.file_stem().is_some_and(|stem| stem == "mod") {
        module.pop();
    }
    module
}

fn read<'a>(node: Node<'_>, text: &'a str, module: &[String], tokens: &mut Vec<Token<'a>>) {
    match node.kind() {
        "line_comment" | "block_comment" | "string_literal" | "raw_string_literal" | "char_literal" => {}
        _ if node.child_count() == 0 => {
            tokens.push(Token { text: &text[node.byte_range()], module: module.to_vec() });
        }
        kind => {
            let mut inside = module.to_vec();
            if kind == "mod_item"
                && let Some(name) = node.child_by_field_name("name")
            {
                inside.push(text[name.byte_range()].to_string());
            }
            for child in node.children(&mut node.walk()) {
                read(child, text, &inside, tokens);
            }
        }
    }
}

/// Follows a path from the `::` behind its base, and returns where it ends.
fn follow(tokens: &[Token<'_>], mut at: usize, mut base: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    while text_at(tokens, at) == "::" {
        if text_at(tokens, at + 1) == "{" {
            return group(tokens, at + 2, &base, found);
        }
        at = step(tokens, at + 1, &mut base);
    }
    if text_at(tokens, at) == "as" && base.len() == 2 {
        base.push("as".to_string());
    }
    found.push(base);
    at
}

/// The members of a tree of `use`, behind its brace.
fn group(tokens: &[Token<'_>], mut at: usize, base: &[String], found: &mut Vec<Vec<String>>) -> usize {
    while !matches!(text_at(tokens, at), "}" | "") {
        let mut path = base.to_vec();
        at = step(tokens, at, &mut path);
        at = follow(tokens, at, path, found);
        // What a member is called here, and the comma behind it.
        while !matches!(text_at(tokens, at), "," | "}" | "") {
            at += 1;
        }
        at += usize::from(text_at(tokens, at) == ",");
    }
    at + 1
}

/// One segment of a path.
fn step(tokens: &[Token<'_>], at: usize, path: &mut Vec<String>) -> usize {
    match text_at(tokens, at) {
        "super" => *path = up(path),
        "self" => {}
        segment => path.push(segment.trim_start_matches("r#").to_string()),
    }
    at + 1
}

fn up(module: &[String]) -> Vec<String> {
    module[..module.len().saturating_sub(1)].to_vec()
}

fn text_at<'a>(tokens: &[Token<'a>], at: usize) -> &'a str {
    tokens.get(at).map_or("", |token| token.text)
}
