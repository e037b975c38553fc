//! The signature of a function as its declaration writes it.

use std::borrow::Cow;

use super::parse::{Dialect, Parser};
use super::types::{By, Head, Signature, Type};

/// More inputs than are compared; the rest is passed over.
pub const INPUTS_MAX: usize = 16;

/// Reads a declaration, `pub fn entry(&mut self, key: K) -> Entry<'_, K, V, A>`; `self_type` is what `Self`
/// stands for in it, in a trait `impl Trait`. `None` where it is no function, or nothing that can be read.
pub fn read_declaration<'a>(declaration: &'a str, self_type: &'a str) -> Option<Signature<'a>> {
    let mut parser = Parser::new(Dialect::Rust, after_keyword(declaration)?);
    parser.word()?;
    declare(&mut parser, self_type);
    read_generics(&mut parser)?;
    let inputs = read_inputs(&mut parser)?;
    parser.goes_in = false;
    let output = if parser.eat("->") { parser.parse_type()? } else { Type::unit() };
    if parser.eat_word("where") {
        parser.goes_in = true;
        // What is cut off or strange takes no more away than what it would say.
        while read_predicate(&mut parser).is_some() {}
    }
    Some(Signature { inputs, output: Some(output), bounds: parser.bounds })
}

/// What stands behind the word `fn`.
fn after_keyword(declaration: &str) -> Option<&str> {
    let is_start =
        |at: usize| declaration.get(..at).is_some_and(|text| text.is_empty() || text.ends_with(' '));
    let (at, word) = declaration.match_indices("fn ").find(|(at, _)| is_start(*at))?;
    declaration.get(at + word.len()..)
}

/// Makes known what the generics declare, since bounds speak of what is declared behind them, and `Self`.
fn declare<'a>(parser: &mut Parser<'a>, self_type: &'a str) {
    let mut ahead = parser.clone();
    let mut names = Vec::new();
    if ahead.eat("<") {
        while !ahead.is_at(">") && !ahead.rest().is_empty() {
            if !ahead.eat_lifetime() {
                ahead.eat_word("const");
                names.extend(ahead.word());
            }
            ahead.skip_to(&[',', '>']);
            ahead.eat(",");
        }
    }
    for name in names {
        parser.variable(Cow::Borrowed(name));
    }
    parser.goes_in = true;
    parser.set_self(self_type);
}

/// `<'a, T: Bound, const N: usize>`.
fn read_generics(parser: &mut Parser<'_>) -> Option<()> {
    if !parser.eat("<") {
        return Some(());
    }
    while !parser.is_at(">") {
        if !parser.eat_lifetime() && !parser.eat_word("const") {
            let name = parser.word()?;
            let variable = parser.variable(Cow::Borrowed(name))?;
            if parser.eat(":") && !parser.is_at(",") && !parser.is_at(">") && !parser.is_at("=") {
                bind(parser, variable)?;
            }
        }
        parser.skip_to(&[',', '>']);
        if !parser.eat(",") {
            break;
        }
    }
    parser.eat(">").then_some(())
}

fn bind(parser: &mut Parser<'_>, variable: u8) -> Option<()> {
    let bounds = parser.parse_bounds()?;
    parser.bounds.get_mut(usize::from(variable))?.extend(bounds);
    Some(())
}

fn read_inputs<'a>(parser: &mut Parser<'a>) -> Option<Vec<Type<'a>>> {
    parser.eat("(").then_some(())?;
    let mut inputs = Vec::new();
    while !parser.is_at(")") {
        while parser.eat("#") {
            parser.eat("[");
            parser.skip_to(&[']']);
            parser.eat("]").then_some(())?;
        }
        if parser.eat("...") {
            continue;
        }
        let receiver = if inputs.is_empty() { read_receiver(parser) } else { None };
        let input = match receiver {
            Some(input) => input,
            None => {
                parser.skip_to(&[':', ')']);
                parser.eat(":").then_some(())?;
                if parser.eat("...") {
                    continue;
                }
                parser.parse_type()?
            }
        };
        if inputs.len() < INPUTS_MAX {
            inputs.push(input);
        }
        if !parser.eat(",") {
            break;
        }
    }
    parser.eat(")").then_some(inputs)
}

/// `self`, `&mut self`, `self: Arc<Self>`; where it is none, nothing is read.
fn read_receiver<'a>(parser: &mut Parser<'a>) -> Option<Type<'a>> {
    let mut ahead = parser.clone();
    let by = match ahead.eat("&") {
        false => By::Value,
        true => {
            ahead.eat_lifetime();
            if ahead.eat_word("mut") { By::Mutable } else { By::Reference }
        }
    };
    ahead.eat_word("mut");
    if !ahead.eat_word("self") {
        return None;
    }
    let own = ahead.self_type.clone().unwrap_or_else(|| Type::new(Head::Any, Vec::new()));
    let receiver = if ahead.eat(":") { ahead.parse_type()? } else { Type { by, ..own } };
    *parser = ahead;
    Some(receiver)
}

/// `T: Bound`, `for<'a> &'a T: Bound`; `None` where there is no further one.
fn read_predicate(parser: &mut Parser<'_>) -> Option<()> {
    if parser.rest().is_empty() {
        return None;
    }
    if !parser.eat_lifetime() {
        let of = parser.parse_type()?;
        if let (Head::Variable(variable), true) = (of.head, parser.eat(":")) {
            bind(parser, variable)?;
        }
    }
    parser.skip_to(&[',']);
    parser.eat(",").then_some(())
}
