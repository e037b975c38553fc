//! What a file names of its crate's root, however it writes it: `crate::`, `super::` or `$crate::`, alone, in
//! a tree of `use`, or in a macro. Comments and strings name nothing.

use std::path::Path;

use tree_sitter::{Node, Parser};

/// What a file names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// The first segment below the crate's root.
    Room(String),
    /// Something by which a name could be hidden from this test.
    Hidden(&'static str),
    /// A variable of the environment, at run time.
    Environment,
}

/// Everything that a file names, in order, where it stands below `src` at `place`.
pub fn named(place: &Path, text: &str) -> Vec<Named> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_rust::LANGUAGE.into()).unwrap();
    let tree = parser.parse(text, None).unwrap();
    let mut tokens = Vec::new();
    read(tree.root_node(), text, depth(place), &mut tokens);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        match tokens[at].text {
            "crate" | "$crate" => path(&tokens[at + 1..], 0, &mut found),
            "super" => path(&tokens[at + 1..], tokens[at].depth.saturating_sub(1), &mut found),
            "zenith_core" => found.push(Named::Hidden("the crate is named from outside")),
            "path" if follows(&tokens, at, "[") && text_at(&tokens, at + 1) == "=" => {
                found.push(Named::Hidden("a module's file is named by an attribute"));
            }
            "include" if text_at(&tokens, at + 1) == "!" => {
                found.push(Named::Hidden("a file is included as code"));
            }
            "var_os" | "vars_os" => found.push(Named::Environment),
            "var" | "vars" if follows(&tokens, at, "::") && at > 1 && tokens[at - 2].text == "env" => {
                found.push(Named::Environment);
            }
            _ => {}
        }
    }
    found
}

/// A token, and how many modules below the root it stands.
#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    depth: usize,
}

/// How many modules below the root a file's own module is.
fn depth(place: &Path) -> usize {
    let folders = place.iter().count() - 1;
    folders + usize::from(place.file_stem().is_none_or(|stem| stem != "mod"))
}

fn read<'a>(node: Node<'_>, text: &'a str, depth: usize, tokens: &mut Vec<Token<'a>>) {
    match node.kind() {
        "line_comment" | "block_comment" | "string_literal" | "raw_string_literal" | "char_literal" => {}
        _ if node.child_count() == 0 => tokens.push(Token { text: &text[node.byte_range()], depth }),
        kind => {
            let inside = depth + usize::from(kind == "mod_item");
            for child in node.children(&mut node.walk()) {
                read(child, text, inside, tokens);
            }
        }
    }
}

/// What stands behind the beginning of a path, which has come to `depth` modules below the root.
fn path(tokens: &[Token<'_>], depth: usize, found: &mut Vec<Named>) {
    if text_at(tokens, 0) == "as" && depth == 0 {
        return found.push(Named::Hidden("the crate's root has another name"));
    }
    if text_at(tokens, 0) != "::" {
        return;
    }
    match text_at(tokens, 1) {
        "super" => path(&tokens[2..], depth.saturating_sub(1), found),
        "{" => group(&tokens[2..], depth, found),
        _ if depth > 0 => {}
        "*" | "self" => found.push(Named::Hidden("the whole of the crate's root is named")),
        room => found.push(Named::Room(room.trim_start_matches("r#").to_string())),
    }
}

/// The members of a tree of `use`.
fn group(tokens: &[Token<'_>], depth: usize, found: &mut Vec<Named>) {
    let mut open = 1;
    let mut begins = true;
    for (at, token) in tokens.iter().enumerate() {
        if begins && open == 1 && !matches!(token.text, "}" | ",") {
            match token.text {
                "super" => path(&tokens[at + 1..], depth.saturating_sub(1), found),
                _ if depth > 0 => {}
                "*" | "self" => found.push(Named::Hidden("the whole of the crate's root is named")),
                room => found.push(Named::Room(room.trim_start_matches("r#").to_string())),
            }
        }
        match token.text {
            "{" => open += 1,
            "}" => open -= 1,
            _ => {}
        }
        begins = open == 1 && token.text == ",";
        if open == 0 {
            return;
        }
    }
}

fn text_at<'a>(tokens: &[Token<'a>], at: usize) -> &'a str {
    tokens.get(at).map_or("", |token| token.text)
}

fn follows(tokens: &[Token<'_>], at: usize, what: &str) -> bool {
    at > 0 && tokens[at - 1].text == what
}

#[test]
fn a_room_is_named_however_it_is_written() {
    let rooms = |place: &str, text: &str| -> Vec<String> {
        let named = named(Path::new(place), text);
        let rooms = named.into_iter().filter_map(|named| match named {
            Named::Room(room) => Some(room),
            _ => None,
        });
        rooms.collect()
    };
    assert_eq!(rooms("a.rs", "use crate::b::C; fn f() { crate::d::e() }"), ["b", "d"]);
    assert_eq!(rooms("a.rs", "use crate::{b::{self, x}, c::{d, e::{f}}, g};"), ["b", "c", "g"]);
    assert_eq!(rooms("a.rs", "use super::b;"), ["b"]);
    assert_eq!(rooms("a/mod.rs", "use super::b; mod x { use super::c; use super::super::d; }"), ["b", "d"]);
    assert_eq!(rooms("a/b/c.rs", "use super::super::super::d; use super::super::e;"), ["d"]);
    assert_eq!(rooms("a/b.rs", "use super::{super::c, d};"), ["c"]);
    assert_eq!(
        rooms("a.rs", "macro_rules! m { () => { $crate::b::c!() } } x!(crate::d::E, super::f);"),
        ["b", "d", "f"]
    );
    assert_eq!(rooms("a.rs", "#[derive(crate::b::C)] struct X<'a>(&'a dyn crate::d::E);"), ["b", "d"]);
    let nothing = "// crate::b\n/// [`crate::c`]\nconst X: &str = \"crate::d\"; pub(crate) fn f() {}";
    assert!(rooms("a.rs", nothing).is_empty());
}

#[test]
fn what_could_hide_a_name_is_refused() {
    for text in [
        "use crate::*;",
        "use crate as c;",
        "use super::*;",
        "use crate::{self as c};",
        "use zenith_core::b;",
        "#[path = \"../b.rs\"] mod b;",
        "include!(\"../b.rs\");",
    ] {
        let found = named(Path::new("a.rs"), text);
        assert!(found.iter().any(|named| matches!(named, Named::Hidden(_))), "{text}: {found:?}");
    }
    assert!(named(Path::new("a.rs"), "mod tests { use super::*; }").is_empty());
    for text in ["std::env::var(\"A\")", "use std::env; fn f() { env::vars() }", "use std::env::var_os;"] {
        assert!(named(Path::new("a.rs"), text).contains(&Named::Environment), "{text}");
    }
}
