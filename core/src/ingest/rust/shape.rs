//! The shape of a declaration: what two versions have in common where only blanks, or the modules by which their paths
//! are written, differ.

use std::collections::BTreeMap;

use super::compared::compared;
use super::lex::{Token, tokens};

/// What stands between a name and the modules that led to it; no token of Rust's types.
const MARK: &str = "@";
/// The places that a crate calls its own.
const OWN: [&str; 3] = ["crate", "self", "super"];

/// A signature without the modules of its paths, which stand beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    text: String,
    /// The names that were written with modules before them, by where they end in the text.
    paths: BTreeMap<usize, Written>,
}

/// A name as a path wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Written {
    name: String,
    modules: Vec<String>,
    /// It was written as the crate's own: `crate::a::B`.
    is_own: bool,
}

impl Shape {
    /// Of an item of this name, `of` a crate. An item that is shown by another name has the same shape there.
    pub fn new(kind: &str, name: &str, signature: &str, of: &str) -> Shape {
        let text = match kind {
            "mod" | "macro" => kind.to_owned(),
            kind => compared(kind, &marked(signature)).replace("r#", ""),
        };
        let (mut shape, mut named) = (Shape { text: String::new(), paths: BTreeMap::new() }, false);
        let mut rest = significant(&text).peekable();
        let mut word_before = false;
        while let Some((token, piece)) = rest.next() {
            if piece == MARK {
                let mut modules = Vec::new();
                while let Some((_, piece)) = rest.next() {
                    modules.push(piece.to_owned());
                    if rest.next_if(|(_, piece)| *piece == ".").is_none() {
                        break;
                    }
                }
                let name = last_word(&shape.text).to_owned();
                shape.paths.insert(shape.text.len(), Written::new(name, modules, of));
                continue;
            }
            let is_word = matches!(token, Token::Word | Token::Lifetime | Token::Literal);
            if is_word && word_before {
                shape.text.push(' ');
            }
            let is_its_name = !named && token == Token::Word && piece == name;
            named |= is_its_name;
            shape.text.push_str(if is_its_name { "_" } else { piece });
            word_before = is_word;
        }
        shape
    }

    /// With `Self` where it names the type that it hangs on.
    #[must_use]
    pub fn on(mut self, holder: &str) -> Shape {
        let (mut text, mut paths) = (String::with_capacity(self.text.len()), BTreeMap::new());
        for (token, range) in tokens(&self.text, 0) {
            let (end, rest) = (range.end, self.text.get(range.end..).unwrap_or_default());
            let piece = self.text.get(range).unwrap_or_default();
            let written = self.paths.remove(&end);
            // One of a generic type need not be that which it hangs on.
            if token == Token::Word && piece == holder && !rest.starts_with('<') {
                text.push_str("Self");
            } else {
                text.push_str(piece);
                paths.extend(written.map(|written| (text.len(), written)));
            }
        }
        Shape { text, paths }
    }

    /// What is the same whatever the paths are.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether no path of the one leads elsewhere than that of the other: it ends as the other does, and where the
    /// modules that one lacks are not its crate's own, `is_other` says of the shorter path that it may lead to another
    /// item than the longer.
    pub fn is_same(&self, other: &Shape, is_other: impl Fn(&str, &str) -> bool) -> bool {
        let none = Written::default();
        self.text == other.text
            && self.paths.keys().chain(other.paths.keys()).all(|at| {
                let (one, two) = (self.paths.get(at).unwrap_or(&none), other.paths.get(at).unwrap_or(&none));
                let (short, long) =
                    if one.modules.len() <= two.modules.len() { (one, two) } else { (two, one) };
                long.modules == short.modules
                    || long.modules.ends_with(&short.modules)
                        && (long.is_own || !is_other(&short.path(&long.name), &long.path(&long.name)))
            })
    }
}

impl Written {
    fn new(name: String, mut modules: Vec<String>, of: &str) -> Written {
        let own = modules.iter().take_while(|one| OWN.contains(&one.as_str()) || **one == of).count();
        modules.drain(..own);
        // What `core` and `alloc` hold, `std` shows.
        if let Some(root) = modules.first_mut().filter(|root| matches!(root.as_str(), "core" | "alloc")) {
            *root = "std".to_owned();
        }
        Written { name, modules, is_own: own > 0 }
    }

    /// With the name that stands at its place, which a path without modules does not note.
    fn path(&self, name: &str) -> String {
        let mut path = self.modules.join("::");
        if !path.is_empty() {
            path.push_str("::");
        }
        path + name
    }
}

/// Tokens that are neither blank nor comment.
fn significant(text: &str) -> impl Iterator<Item = (Token, &str)> {
    tokens(text, 0)
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
        .map(|(token, range)| (token, text.get(range).unwrap_or_default()))
}

fn last_word(text: &str) -> &str {
    let start = text.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default()
}

/// A signature with `a::b::C` as `C@a.b`: names first, so that bounds keep their order however they are written. Types
/// stay before what they hold: `T::Item`.
fn marked(signature: &str) -> String {
    let pieces: Vec<(Token, &str)> = tokens(signature, 0)
        .map(|(token, range)| (token, signature.get(range).unwrap_or_default()))
        .collect();
    let piece = |at: usize| pieces.get(at).map_or("", |(_, piece)| piece);
    let is_name = |at: usize| {
        pieces
            .get(at)
            .is_some_and(|(token, piece)| *token == Token::Word && !piece.starts_with(char::is_numeric))
    };
    let leads = |at: usize| piece(at) == ":" && piece(at + 1) == ":" && is_name(at + 2);
    let is_module =
        |name: &str| name.trim_start_matches("r#").starts_with(|c: char| c.is_lowercase() || c == '_');
    let (mut text, mut at) = (String::with_capacity(signature.len()), 0);
    while at < pieces.len() {
        if leads(at) {
            let behind = at.checked_sub(1);
            // Behind a type it goes on; what a path begins with says nothing of where it leads.
            if behind.is_some_and(|at| is_name(at) || matches!(piece(at), ">" | "]" | ")")) {
                text.push_str("::");
                text.push_str(piece(at + 2));
                at += 3;
            } else {
                at += 2;
            }
            continue;
        }
        let mut modules = Vec::new();
        while is_name(at) && is_module(piece(at)) && leads(at + 1) {
            modules.push(piece(at));
            at += 3;
        }
        text.push_str(piece(at));
        if !modules.is_empty() {
            text.push_str(MARK);
            text.push_str(&modules.join("."));
        }
        at += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_same(kind: &str, one: &str, other: &str) -> bool {
        let shape = |text: &str| Shape::new(kind, "f", text, "own");
        let is_other = |short: &str, path: &str| short == "Error" && path == "io::Error";
        let same = shape(one).is_same(&shape(other), is_other);
        assert_eq!(same, shape(other).is_same(&shape(one), is_other), "{one} beside {other}");
        same
    }

    #[test]
    fn how_a_path_is_written_is_no_change() {
        for (one, other) in [
            ("fn f(a: Visibility)", "fn f(a: crate::Visibility)"),
            ("fn f(a: &mut self::a::B)", "fn f( a : &mut super::super::B )"),
            ("fn f(a: own::a::B)", "fn f(a: a::B)"),
            ("fn f(a: ::std::ffi::OsStr) -> ::a::B", "fn f(a: OsStr) -> a::B"),
            ("fn f() -> std::fmt::Result", "fn f() -> core::fmt::Result"),
            ("fn f (&self)", "fn f(&self)"),
            ("fn f<T: crate::Zed + Ants>(a: T)", "fn f<T>(a: T) where T: Ants, T: Zed"),
            ("fn f(a: Vec<crate::A>, b: [a::B; 2])", "fn f(a: Vec<A>, b: [B; 2])"),
            ("fn f<T: a::B>(a: T) -> <T as a::B>::Out", "fn f<T: B>(a: T) -> <T as B>::Out"),
            ("fn f<T>() where T: ::a::B", "fn f<T>() where T: B"),
            ("fn f<T>(a: T) -> crate::B where T: Send", "fn f<T: Send>(a: T) -> B"),
        ] {
            assert!(is_same("fn", one, other), "{one} beside {other}");
        }
    }

    #[test]
    fn another_path_is_a_change() {
        for (one, other) in [
            ("fn f(a: runtime::Builder)", "fn f(a: task::Builder)"),
            ("fn f(a: crate::runtime::Builder)", "fn f(a: crate::task::Builder)"),
            ("fn f() -> Result<(), Error>", "fn f() -> Result<(), io::Error>"),
            ("fn f<T: A>() -> T::Item", "fn f<T: A>() -> Item"),
            ("fn f() -> <A as B>::C", "fn f() -> <A as B>::D"),
            ("fn f(a: crate::A)", "fn f(a: crate::B)"),
            ("fn f(a: u8)", "fn f(a: u16)"),
        ] {
            assert!(!is_same("fn", one, other), "{one} beside {other}");
        }
    }

    #[test]
    fn its_own_name_and_that_of_its_type_are_no_part_of_it() {
        let one = Shape::new("struct", "ExprLit", "pub struct ExprLit { pub a: crate::A }", "own");
        let other = Shape::new("struct", "PatLit", "pub struct PatLit { pub a: A }", "own");
        assert!(one.is_same(&other, |_, _| true));
        let one = Shape::new("method", "new", "pub fn new(a: b::C) -> Self", "own").on("Wheel");
        let other = Shape::new("method", "new", "pub fn new(a: C) -> Wheel", "own").on("Wheel");
        assert!(one.is_same(&other, |_, _| false) && !one.is_same(&other, |_, _| true));
        let generic = Shape::new("method", "new", "pub fn new(a: C) -> Wheel<u8>", "own").on("Wheel");
        assert!(!one.is_same(&generic, |_, _| false));
        for odd in ["", "::", "a::", "::a::", "fn f(a: ::)", "@", "a@b", "fn f(a: b::<"] {
            let _ = Shape::new("fn", "f", odd, "");
        }
    }
}
