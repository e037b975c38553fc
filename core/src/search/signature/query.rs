//! Whether what a user types is a signature, and which.

use std::collections::BTreeSet;

use super::parse::{Dialect, Parser};
use super::types::{Side, Signature, TUPLE, Type, Word, is_callable};

/// A signature to look for, in rustdoc's syntax: `&str -> Result<Url>`, `Vec<u8>, usize ->`, `-> Duration`.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureQuery<'a> {
    /// What it may mean, the likeliest first: behind `Fn(T)` an arrow may be the closure's or the whole's.
    pub readings: Vec<Wanted<'a>>,
}

/// One thing that a query may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted<'a> {
    pub signature: Signature<'a>,
    /// Whether it says what goes in, so that what takes more fits less.
    pub says_inputs: bool,
}

impl<'a> SignatureQuery<'a> {
    /// `None` where the text is no signature: one has an arrow, or types that are more than names.
    pub fn parse(text: &'a str) -> Option<SignatureQuery<'a>> {
        let has_arrow = text.contains("->");
        let has_sign = text.contains(['<', '&', '[', '(', '*']);
        if !(has_arrow || has_sign) || !text.contains(char::is_alphabetic) {
            return None;
        }
        let mut parser = Parser::new(Dialect::Query, text);
        let inputs = parser.parse_list(&["->"])?;
        let is_whole = parser.eat("->");
        let output = if is_whole && !parser.rest().is_empty() { Some(parser.parse_type()?) } else { None };
        if !parser.rest().is_empty() || (parser.is_unclosed && !has_arrow) {
            return None;
        }
        let first = Signature { inputs, output, bounds: parser.bounds };
        let other = if is_whole { None } else { with_arrow_of_last(&first, text) };
        let readings = std::iter::once(first).chain(other).map(Wanted::of).collect();
        Some(SignatureQuery { readings })
    }
}

impl SignatureQuery<'_> {
    /// The names of the types, each with the words that functions are found by which have it on either side.
    pub fn names(&self) -> Vec<(String, [String; 2])> {
        let words: BTreeSet<Word> =
            self.readings.iter().flat_map(|wanted| wanted.signature.words()).collect();
        let names: BTreeSet<String> = words
            .into_iter()
            .filter_map(|word| match word {
                Word::Name(_, name) => Some(name),
                Word::Variable(_) => None,
            })
            .collect();
        let on = |name: &String| [Side::In, Side::Out].map(|side| Word::Name(side, name.clone()).to_string());
        names.into_iter().map(|name| (name.clone(), on(&name))).collect()
    }
}

impl<'a> Wanted<'a> {
    fn of(mut signature: Signature<'a>) -> Wanted<'a> {
        let says_inputs = !signature.inputs.is_empty();
        // `()` alone says that nothing goes in.
        if signature.inputs.len() == 1 {
            signature.inputs.retain(|input| *input != Type::named(TUPLE, Vec::new()));
        }
        Wanted { signature, says_inputs }
    }
}

/// The same, with the arrow behind the last closure as that of the whole: `T, Fn(T) -> U`. A function alone,
/// `fn(T) -> U`, is the one to look for.
fn with_arrow_of_last<'a>(signature: &Signature<'a>, text: &str) -> Option<Signature<'a>> {
    let mut other = signature.clone();
    let is_alone = other.inputs.len() == 1;
    let last = other.inputs.last_mut().filter(|last| last.name().is_some_and(is_callable))?;
    let output = last.output.take().map(|output| *output)?;
    if is_alone {
        let inputs = text.trim_start().starts_with("fn").then(|| std::mem::take(&mut last.inner))?;
        return Some(Signature { inputs, output: Some(output), ..other });
    }
    Some(Signature { output: Some(output), ..other })
}
