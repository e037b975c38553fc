//! What items say when they fail: the texts that people paste into a search.

use std::collections::HashMap;

use super::{put, split_path};
use crate::ingest::rust::attributes::{name_of, split_list, string_value};
use crate::ingest::rust::lex::{Token, tokens};
use crate::ingest::rust::notes::cut;
use crate::ingest::{Symbol, SymbolKind};

/// Of one message, of all of an item, of a package's.
const MESSAGE_BYTES_MAX: usize = 160;
const ITEM_BYTES_MAX: usize = 400;
const PACKAGE_BYTES_MAX: usize = 128 << 10;
/// A shorter text is a word, not a symptom.
const MESSAGE_BYTES_MIN: usize = 8;

/// Macros whose strings tell of a failure.
const MACROS: [&str; 12] = [
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "ensure",
    "format_err",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "whatever",
];
/// Functions whose strings do.
const FUNCTIONS: [&str; 4] = ["Err", "expect", "expect_err", "panic_any"];

/// Adds the messages of each symbol to its metadata: those of errors to the error's type or variant, those of
/// panics and of returned errors to the function.
pub(super) fn note(symbols: &mut [Symbol]) {
    let mut told: HashMap<usize, Vec<String>> = HashMap::new();
    let mut of_types: Vec<(&str, Vec<String>)> = Vec::new();
    for (at, symbol) in symbols.iter().enumerate() {
        let mut found: Vec<String> = symbol.attributes.iter().filter_map(|one| of_attribute(one)).collect();
        if matches!(symbol.kind, SymbolKind::Fn | SymbolKind::Method) {
            match shows(symbol) {
                true => of_types.push((split_path(&symbol.path).0, literals(&symbol.source, true))),
                false => found.extend(literals(&symbol.source, false)),
            }
        }
        if !found.is_empty() {
            told.insert(at, found);
        }
    }
    if !of_types.is_empty() {
        let is_type = |symbol: &Symbol| matches!(symbol.kind, SymbolKind::Struct | SymbolKind::Enum);
        let types = symbols.iter().enumerate().filter(|(_, symbol)| is_type(symbol));
        let types: HashMap<&str, usize> = types.map(|(at, symbol)| (&*symbol.path, at)).collect();
        for (path, found) in of_types {
            if let Some(&at) = types.get(path) {
                told.entry(at).or_default().extend(found);
            }
        }
    }
    let mut left = PACKAGE_BYTES_MAX;
    for (at, symbol) in symbols.iter_mut().enumerate() {
        let Some(found) = told.remove(&at) else { continue };
        let mut bytes = ITEM_BYTES_MAX.min(left);
        let mut kept: Vec<String> = Vec::new();
        for message in found {
            if message.len() <= bytes && !kept.contains(&message) {
                bytes -= message.len();
                left -= message.len();
                kept.push(message);
            }
        }
        if !kept.is_empty() {
            put(symbol, "messages", kept.into());
        }
    }
}

/// Whether a function writes what its type looks like to people, or what kind of error it is.
fn shows(symbol: &Symbol) -> bool {
    let implemented = symbol.metadata.get("trait").and_then(|text| text.as_str()).unwrap_or_default();
    let is = |name: &str| implemented.rsplit("::").next() == Some(name);
    (symbol.name == "fmt" && is("Display")) || (symbol.name == "description" && is("Error"))
}

/// `error("…")`, as `thiserror` and its like have it.
fn of_attribute(attribute: &str) -> Option<String> {
    let arguments = attribute.strip_prefix("error").filter(|_| name_of(attribute) == "error")?.trim();
    let first = split_list(arguments.strip_prefix('(')?.strip_suffix(')')?).into_iter().next()?;
    message(&string_value(first)?)
}

/// The strings of a function's text that tell of a failure; with `all` every one.
fn literals(source: &str, all: bool) -> Vec<String> {
    let mut found = Vec::new();
    if !(all || MACROS.iter().chain(&FUNCTIONS).any(|word| source.contains(word))) {
        return found;
    }
    // The depth of the brackets whose strings count.
    let (mut depth, mut within): (usize, Option<usize>) = (0, None);
    let (mut last, mut before) = ("", "");
    for (token, range) in tokens(source, 0) {
        let word = source.get(range).unwrap_or_default();
        match token {
            Token::Space | Token::Comment => continue,
            Token::Open => {
                let tells = match last {
                    "!" => MACROS.contains(&before),
                    name => FUNCTIONS.contains(&name),
                };
                if tells && within.is_none() {
                    within = Some(depth);
                }
                depth += 1;
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                within = within.filter(|outer| depth > *outer);
            }
            Token::Literal if all || within.is_some() => {
                found.extend(string_value(word).and_then(|text| message(&text)));
            }
            _ => {}
        }
        (before, last) = (last, word);
    }
    found
}

/// A message without the places that are filled in; none where too little is left.
fn message(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            c => plain.push(if c.is_control() { ' ' } else { c }),
        }
    }
    let plain = super::uses::folded(&plain);
    let words =
        plain.split(' ').filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1).count();
    (words > 1 && plain.len() >= MESSAGE_BYTES_MIN).then(|| cut(&plain, MESSAGE_BYTES_MAX).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_that_tell_of_a_failure_are_told_from_others() {
        let source = r#"fn f(x: u8) -> Result<(), E> {
            let a = format!("no message at all {x}");
            assert!(x > 0, "x must be above zero, not {x:?}");
            let b = map.get("not this one").expect("the map has been filled");
            if x == 1 { return Err(E::new("cannot go on with {}", x)) }
            panic!("{}", "gave up for good")
        }"#;
        assert_eq!(
            literals(source, false),
            ["x must be above zero, not", "the map has been filled", "cannot go on with", "gave up for good"]
        );
        assert_eq!(literals(r#"write!(f, "the disk is full: {}", x)"#, true), ["the disk is full:"]);
        assert_eq!(
            of_attribute(r#"error("connection reset by {peer}")"#).as_deref(),
            Some("connection reset by")
        );
        for none in ["error(transparent)", "error", "errors(\"a b c d e\")", "error(\"{0}\")"] {
            assert_eq!(of_attribute(none), None, "{none}");
        }
    }
}
