//! What little the index needs to know of a type's text.

use std::sync::Arc;

use super::lex::{self, Token, tokens};
use super::model::Name;
use super::names::spelled;

/// A type as it is written where generic parameters may stand for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    pub path: Vec<Name>,
    /// Its type and constant arguments.
    pub arguments: Vec<Argument>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// A generic parameter.
    Any,
    Type(Applied),
    /// No path: a tuple, a reference, a number.
    Text(Box<str>),
}

/// Types inside one another, further than anyone writes by hand.
const DEPTH_MAX: u32 = 16;

/// Reads a type; `parameters` are the generic ones around it.
pub(super) fn applied(text: &str, parameters: &[&str]) -> Applied {
    applied_within(text, parameters, 0)
}

fn applied_within(text: &str, parameters: &[&str], depth: u32) -> Applied {
    let path = path_of(text);
    let list = angles(text).filter(|_| depth < DEPTH_MAX && !path.is_empty());
    let arguments = list.map_or_else(Vec::new, |list| {
        let written =
            split_types(list).into_iter().filter(|one| !one.starts_with('\'') && !one.contains('='));
        written.map(|one| argument(one, parameters, depth)).collect()
    });
    Applied { path, arguments }
}

fn argument(text: &str, parameters: &[&str], depth: u32) -> Argument {
    let plain = text.trim_start_matches('{').trim_end_matches('}').trim();
    if plain == "_" || parameters.contains(&plain) {
        return Argument::Any;
    }
    if text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':') {
        return Argument::Type(applied_within(text, parameters, depth + 1));
    }
    let names_parameter = tokens(text, 0).any(|(token, range)| {
        token == Token::Word && text.get(range).is_some_and(|one| parameters.contains(&one))
    });
    if names_parameter { Argument::Any } else { Argument::Text(lex::fold(text).into()) }
}

/// `T` of `Result<T, E>`.
pub(super) fn first_argument(text: &str) -> Option<&str> {
    split_types(angles(text)?).into_iter().find(|one| !one.starts_with('\''))
}

/// What stands in the last angle brackets of a path: `T, U` of `a::B<T, U>`.
fn angles(text: &str) -> Option<&str> {
    let open =
        text.find('<').filter(|&open| !text.get(..open).unwrap_or_default().contains(['(', '[', '{']))?;
    let end = text.trim_end().strip_suffix('>')?.len();
    text.get(open + 1..end)
}

/// The parts of a list of types or parameters, split at commas outside all brackets.
fn split_types(list: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut minus) = (Vec::new(), 0, 0_usize, false);
    for (token, range) in tokens(list, 0) {
        match (token, list.get(range.clone()).unwrap_or_default()) {
            (Token::Open, _) | (_, "<") => depth += 1,
            (_, ">") if minus => {}
            (Token::Close, _) | (_, ">") => depth = depth.saturating_sub(1),
            (_, ",") if depth == 0 => {
                parts.push(list.get(start..range.start).unwrap_or_default().trim());
                start = range.end;
            }
            _ => {}
        }
        minus = list.get(range) == Some("-");
    }
    parts.push(list.get(start..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// The names of the type and constant parameters that `<…>` declares.
pub(super) fn parameters(generics: &str) -> Vec<&str> {
    let generics = generics.trim();
    let inside = generics.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
    let named = split_types(inside).into_iter().map(|one| {
        let one = one.strip_prefix("const ").unwrap_or(one).trim_start();
        let end = one.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        one.get(..end.unwrap_or(one.len())).unwrap_or_default()
    });
    named.filter(|name| !name.is_empty()).collect()
}

impl std::fmt::Display for Applied {
    /// The same for two that differ in the names of their parameters alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.path.last().map_or("", |last| last))?;
        if self.arguments.iter().all(|one| *one == Argument::Any) {
            return Ok(());
        }
        let mut sign = '<';
        for one in &self.arguments {
            write!(f, "{sign}")?;
            sign = ',';
            match one {
                Argument::Any => f.write_str("_")?,
                Argument::Type(applied) => write!(f, "{applied}")?,
                Argument::Text(text) => f.write_str(text)?,
            }
        }
        f.write_str(">")
    }
}

/// The path that a type is, without references, `dyn` and generics: `a::B` of `&'a mut a::B<T>`.
/// Empty where it is not a path: a slice, a tuple, `<T as X>::Y`. The first segment of `::a` is empty.
pub(super) fn path_of(text: &str) -> Vec<Name> {
    let mut path: Vec<Name> = Vec::new();
    let mut expects_segment = true;
    for (token, range) in tokens(text, 0) {
        let word = text.get(range).unwrap_or_default();
        match token {
            Token::Space | Token::Comment | Token::Lifetime => {}
            Token::Word if matches!(word, "mut" | "dyn" | "impl" | "const") && path.is_empty() => {}
            Token::Word if expects_segment => {
                path.push(Arc::from(&*spelled(word)));
                expects_segment = false;
            }
            Token::Punct if word == "&" && path.is_empty() => {}
            Token::Punct if word == ":" && path.is_empty() => path.push(Arc::from("")),
            Token::Punct if word == ":" => expects_segment = true,
            _ if path.is_empty() && word == "(" => {}
            _ => break,
        }
    }
    path
}

/// Whether a return type is a `Result`, or an alias of one by its name.
pub(super) fn is_result(text: &str) -> bool {
    let text = text.trim_start();
    !text.starts_with('&') && path_of(text).last().is_some_and(|last| last.ends_with("Result"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_told_apart_and_parameters_are_not() {
        let show = |text: &str, generics: &str| applied(text, &parameters(generics)).to_string();
        assert_eq!(show("a::Door<Open>", ""), "Door<Open>");
        assert_eq!(show("Door<T>", "<'a, T: X<Y, Z> + 'a>"), "Door");
        assert_eq!(show("Door<T, U>", "<T, U>"), show("Door<A, B>", "<A, B>"));
        assert_eq!(show("Door<Vec<T>, u8>", "<T>"), "Door<Vec,u8>");
        assert_eq!(show("Door<'a, &'a [u8; N], 3>", "<'a, const N: usize>"), "Door<_,3>");
        assert_eq!(show("Door<fn(A, B) -> C, D>", ""), "Door<fn,D>");
        assert_eq!(show("Door<{ N }, (A, B)>", "<const N: usize>"), "Door<_,(A, B)>");
        assert_eq!(show("[Door<A>]", ""), "");
        for text in ["<", ">", "<<<", "a<", "a>", "a<,>", "->", "a<->>"] {
            show(text, text);
        }
        applied(&"a<".repeat(5_000), &[]);
    }

    #[test]
    fn a_types_path_is_found_under_its_decoration() {
        let path = |text| path_of(text).join("::");
        assert_eq!(path("&'a mut crate::a::B<C::D>"), "crate::a::B");
        assert_eq!(path("dyn Any + Send"), "Any");
        assert_eq!(path("::a::B"), "::a::B");
        assert_eq!(path("[u8; 4]"), "");
        assert_eq!(path("<T as X>::Y"), "");
        assert!(is_result("io::Result<Poll<()>>"));
        assert!(!is_result("Poll<Result<(), E>>"));
    }
}
