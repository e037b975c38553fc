//! Declarations of two versions side by side: the form in which they are the same if callers see no difference,
//! and the public fields that a signature leaves out.

use std::collections::BTreeSet;
use std::ops::Range;

use super::lex::{Token, closing, fold, tokens};

/// A signature without what no caller sees: names of parameters and of lifetimes, patterns, the value of a constant,
/// layout, lifetimes that say no more than their absence, and of a function where its bounds stand and in which order.
pub fn compared(kind: &str, signature: &str) -> String {
    let folded = numbered(&fold(signature));
    match kind {
        "fn" | "method" => function(&folded).unwrap_or(folded),
        "const" | "static" => folded.split(" = ").next().unwrap_or_default().to_owned(),
        _ => folded,
    }
}

/// The public fields of a struct or union, of its whole text: `pub name: Type`, `pub Type` in a tuple.
pub fn public_fields(source: &str) -> Vec<String> {
    let Some(body) = body(source).and_then(|body| source.get(body)) else { return Vec::new() };
    let fields = list(body).into_iter().map(|field| fold(without_attributes(field)));
    fields.filter(|field| field.starts_with("pub ")).collect()
}

/// The declaration of a struct or union without its fields: those of a tuple stand in its signature.
pub fn without_fields(signature: &str) -> String {
    let around = body(signature).and_then(|body| {
        let before = signature.get(..body.start.checked_sub(1)?)?;
        Some(format!("{}{}", before.trim_end(), signature.get(body.end + 1..)?))
    });
    around.unwrap_or_else(|| signature.to_owned())
}

/// With lifetimes by their order in place of their names.
fn numbered(signature: &str) -> String {
    let (mut text, mut known, mut rest) = (String::new(), Vec::<&str>::new(), signature);
    while let Some(at) = rest.find('\'') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let name = from.get(1..).unwrap_or_default();
        let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        text.push('\'');
        // A character of its own is no lifetime.
        if name.is_empty() || name == "static" || name == "_" || after.starts_with('\'') {
            text.push_str(name);
        } else {
            let number = known.iter().position(|one| *one == name).unwrap_or(known.len());
            if number == known.len() {
                known.push(name);
            }
            text.push_str(&number.to_string());
        }
        // Else the mark that ends a character would begin a lifetime.
        rest = after;
        if let Some(after) = after.strip_prefix('\'') {
            text.push('\'');
            rest = after;
        }
    }
    text + rest
}

fn function(signature: &str) -> Option<String> {
    let name = tokens(signature, 0).find(|(_, range)| signature.get(range.clone()) == Some("fn"))?.1.end;
    let open = after_generics(signature, name)?;
    let end = open + closing(tokens(signature.get(open..)?, 0))?;
    let parameters = list(signature.get(open + 1..end.checked_sub(1)?)?);
    let types: Vec<&str> = parameters.into_iter().map(type_of).collect();
    let rest = signature.get(end..)?;
    let (returns, predicates) = at_where(rest.trim_end_matches(','));
    let returns = returns.trim_end();
    let returns = returns.strip_prefix(" -> ()").unwrap_or(returns);
    let mut bounds: BTreeSet<String> = BTreeSet::new();
    let head = without_bounds(signature.get(..open)?, &mut bounds);
    for predicate in predicates {
        bounded(predicate, &mut bounds);
    }
    let mut whole = format!("{head}({}){returns}", types.join(", "));
    if !bounds.is_empty() {
        whole = format!("{whole} where {}", bounds.into_iter().collect::<Vec<_>>().join(", "));
    }
    Some(
        ["<'_, ", "<'_>", "&'_ "]
            .iter()
            .zip(["<", "", "&"])
            .fold(whole, |text, (from, to)| text.replace(from, to)),
    )
}

/// What stands before a `where`, and the predicates behind it.
fn at_where(rest: &str) -> (&str, Vec<&str>) {
    let is_where = |range: &Range<usize>| rest.get(range.clone()) == Some("where");
    match outermost(rest).find(|(token, range)| *token == Token::Word && is_where(range)) {
        Some((_, range)) => {
            let (before, behind) = (rest.get(..range.start), rest.get(range.end..));
            (before.unwrap_or(rest), list(behind.unwrap_or_default()))
        }
        None => (rest, Vec::new()),
    }
}

/// The beginning of a function, as far as its generics, without the bounds in those, which are added to `bounds`.
fn without_bounds(head: &str, bounds: &mut BTreeSet<String>) -> String {
    let inner = head.find('<').and_then(|at| Some((at, head.get(at + 1..)?.trim_end().strip_suffix('>')?)));
    let Some((at, inner)) = inner else { return head.to_owned() };
    let names: Vec<&str> = list(inner)
        .into_iter()
        .map(|parameter| if parameter.starts_with("const ") { parameter } else { bounded(parameter, bounds) })
        .collect();
    format!("{}<{}>", head.get(..at).unwrap_or_default(), names.join(", "))
}

/// What is bounded, of `T: A + B`; each of its bounds is added to `bounds`.
fn bounded<'a>(predicate: &'a str, bounds: &mut BTreeSet<String>) -> &'a str {
    let sign = |range: &Range<usize>| predicate.get(range.clone()).unwrap_or_default();
    let mut colons = outermost(predicate).filter(|(_, range)| {
        let beside = |at: Option<usize>| at.is_some_and(|at| predicate.as_bytes().get(at) == Some(&b':'));
        sign(range) == ":" && !beside(range.start.checked_sub(1)) && !beside(Some(range.end))
    });
    let Some((_, colon)) = colons.next() else { return predicate };
    let subject = predicate.get(..colon.start).unwrap_or_default().trim();
    let all = predicate.get(colon.end..).unwrap_or_default();
    let mut start = 0;
    let ends =
        outermost(all).filter(|(_, range)| all.get(range.clone()) == Some("+")).map(|(_, range)| range);
    for end in ends.chain(std::iter::once(all.len()..all.len())) {
        let bound = all.get(start..end.start).unwrap_or_default().trim();
        if !bound.is_empty() {
            bounds.insert(format!("{subject}: {bound}"));
        }
        start = end.end;
    }
    subject
}

/// The tokens outside of all brackets, those of generics among them.
fn outermost(text: &str) -> impl Iterator<Item = (Token, Range<usize>)> + '_ {
    let (mut depth, mut before) = (0_usize, "");
    tokens(text, 0).filter(move |(token, range)| {
        let word = text.get(range.clone()).unwrap_or_default();
        let is_arrow = matches!(before, "-" | "=");
        before = word;
        match (token, word) {
            (Token::Open, _) | (Token::Punct, "<") => {
                depth += 1;
                false
            }
            (Token::Close, _) => {
                depth = depth.saturating_sub(1);
                false
            }
            (Token::Punct, ">") if !is_arrow => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        }
    })
}

/// Where the first round bracket opens that is not among the generics.
fn after_generics(signature: &str, from: usize) -> Option<usize> {
    let (mut depth, mut before) = (0_usize, "");
    for (_, range) in tokens(signature, from) {
        let word = signature.get(range.clone())?;
        match word {
            "<" => depth += 1,
            ">" if !matches!(before, "-" | "=") => depth = depth.saturating_sub(1),
            "(" if depth == 0 => return Some(range.start),
            _ => {}
        }
        before = word;
    }
    None
}

/// What a parameter takes: its type, or how it takes `self`.
fn type_of(parameter: &str) -> &str {
    let parameter = without_attributes(parameter);
    let parameter = parameter.strip_prefix("mut ").unwrap_or(parameter);
    let (mut depth, mut before) = (0_usize, "");
    for (token, range) in tokens(parameter, 0) {
        let word = parameter.get(range.clone()).unwrap_or_default();
        match (token, word) {
            (Token::Open, _) => depth += 1,
            (Token::Close, _) => depth = depth.saturating_sub(1),
            (_, ":") if depth == 0 && before != "self" => {
                return parameter.get(range.end..).unwrap_or_default().trim();
            }
            _ => {}
        }
        before = word;
    }
    parameter
}

fn without_attributes(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let mut comment = tokens(rest, 0);
        match comment.next() {
            Some((Token::Comment | Token::Space, range)) => rest = rest.get(range.end..).unwrap_or_default(),
            Some((Token::Punct, range)) if rest.get(range.clone()) == Some("#") => {
                let Some(end) = closing(tokens(rest, range.end)) else { return rest };
                rest = rest.get(end..).unwrap_or_default();
            }
            _ => return rest,
        }
    }
}

/// Where in the text of a type stands what its brackets hold.
fn body(source: &str) -> Option<Range<usize>> {
    let mut name = tokens(source, 0).filter(|(token, _)| !matches!(token, Token::Space | Token::Comment));
    let is_type = |word: &str| matches!(word, "struct" | "union");
    name.find(|(_, range)| source.get(range.clone()).is_some_and(is_type))?;
    let from = name.next()?.1.end;
    let (mut depth, mut before) = (0_usize, "");
    for (token, range) in tokens(source, from) {
        let word = source.get(range.clone())?;
        match (token, word) {
            (Token::Space | Token::Comment, _) => continue,
            (_, "<") => depth += 1,
            (_, ">") if !matches!(before, "-" | "=") => depth = depth.saturating_sub(1),
            (_, ";") if depth == 0 => return None,
            // The bracket of `where [T; N]: Copy` is none of these.
            (_, "{" | "(") if depth == 0 && !before.starts_with("Fn") => {
                let end = closing(tokens(source, range.start))?;
                return Some(range.end..end.checked_sub(1)?);
            }
            _ => {}
        }
        before = word;
    }
    None
}

/// The parts of a list, split at commas outside brackets, those of generics among them.
pub(super) fn list(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut before) = (Vec::new(), 0, 0_usize, "");
    for (token, range) in tokens(text, 0) {
        let word = text.get(range.clone()).unwrap_or_default();
        match (token, word) {
            (Token::Open, _) | (Token::Punct, "<") => depth += 1,
            (Token::Close, _) => depth = depth.saturating_sub(1),
            (Token::Punct, ">") if !matches!(before, "-" | "=") => depth = depth.saturating_sub(1),
            (Token::Punct, ",") if depth == 0 => {
                parts.push(text.get(start..range.start).unwrap_or_default().trim());
                start = range.end;
            }
            _ => {}
        }
        before = word;
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_patterns_and_layout_are_no_difference() {
        let same = [
            ("fn", "pub fn f<T>(a: T, mut b: &str) -> u8", "pub fn f<T>(\n    x: T,\n    y: &str,\n) -> u8"),
            ("method", "pub fn f(mut self, (a, b): (u8, u8))", "pub fn f(self, pair: (u8, u8)) -> ()"),
            ("fn", "pub fn f<F: Fn(u8) -> u8>(f: F)", "pub fn f<F: Fn(u8) -> u8>(#[allow(x)] g: F)"),
            ("const", "pub const A: u8 = 1", "pub const A: u8 = 2"),
            ("fn", "pub fn f(a: &u8) -> A<u8>", "pub fn f(a: &'_ u8) -> A<'_, u8>"),
            ("fn", "pub fn f(a: &u8) -> A", "pub fn f(a: &u8) -> A<'_>"),
            (
                "fn",
                "pub fn f<'a, 'b>(a: &'a u8, b: &'b u8) -> &'a u8",
                "pub fn f<'x, 'a>(a: &'x u8, b: &'a u8) -> &'x u8",
            ),
            ("trait", "pub trait A<'de>: B<'de> + 'static", "pub trait A<'a>: B<'a> + 'static"),
            // Bounds are the same in angle brackets and behind `where`, in any order.
            (
                "method",
                "pub fn get<T: ?Sized>(&self, key: &T) -> Option<&V> where T: Eq + Hash, K: Borrow<T>,",
                "pub fn get<T>(&self, key: &T) -> Option<&V> where K: Borrow<T>, T: Hash + ?Sized + Eq",
            ),
            (
                "fn",
                "pub fn f<F: Fn(u8) -> u8 + Send>(f: F)",
                "pub fn f<F>(f: F) -> () where F: Send, F: Fn(u8) -> u8",
            ),
            (
                "fn",
                "pub fn f<'a, const N: usize, I: Iterator<Item = u8> + 'a>(i: I)",
                "pub fn f<'a, const N: usize, I>(i: I) where I: 'a + Iterator<Item = u8>",
            ),
        ];
        for (kind, one, other) in same {
            assert_eq!(compared(kind, one), compared(kind, other));
        }
        let differ = [
            ("fn", "pub fn f(a: u8)", "pub fn f(a: u16)"),
            ("fn", "pub fn f(a: HashMap<u8, u8>)", "pub fn f(a: HashMap<u8, u16>)"),
            ("method", "pub fn f(&self)", "pub fn f(&mut self)"),
            ("method", "pub fn f(self: Box<Self>)", "pub fn f(self: Rc<Self>)"),
            ("fn", "pub fn f()", "pub const fn f()"),
            ("const", "pub const A: u8 = 1", "pub const A: u16 = 1"),
            (
                "fn",
                "pub fn f<'a, 'b>(a: &'a u8, b: &'b u8) -> &'a u8",
                "pub fn f<'a, 'b>(a: &'a u8, b: &'b u8) -> &'b u8",
            ),
            ("fn", "pub fn f(a: &'static u8)", "pub fn f<'a>(a: &'a u8)"),
            ("fn", "pub fn f<T: A>(a: T)", "pub fn f<T: A + B>(a: T)"),
            ("fn", "pub fn f<T>(a: T) where T: A", "pub fn f<T>(a: T) where T: B"),
            ("fn", "pub fn f<T: A, U>(a: T, b: U)", "pub fn f<T, U: A>(a: T, b: U)"),
            ("fn", "pub fn f<T>() where T::A: B", "pub fn f<T>() where T: A::B"),
            ("fn", "pub fn f<T>() where T: A<B + C>", "pub fn f<T>() where T: A<B>"),
            ("fn", "pub fn f<const N: usize>()", "pub fn f<const N: u8>()"),
            ("struct", "pub struct A<const C: char = 'a'>", "pub struct A<const C: char = 'b'>"),
        ];
        for (kind, one, other) in differ {
            assert_ne!(compared(kind, one), compared(kind, other));
        }
        for odd in [
            "",
            "fn",
            "fn f",
            "fn f(",
            "fn f<(",
            "fn f(a: , ::)",
            "pub fn f(a: <",
            "fn f<T:>() where :+, T:+",
            "fn f>() where",
        ] {
            compared("fn", odd);
        }
    }

    #[test]
    fn fields_that_others_see_are_found() {
        let text = "pub struct A<T: Fn(u8) -> u8> {\n    /// The first, (sic).\n    #[x(\"}\")]\n    pub one: \
                    HashMap<u8, T>, // ,\n    two: u8,\n    pub(crate) three: u8,\n}";
        assert_eq!(public_fields(text), ["pub one: HashMap<u8, T>"]);
        assert_eq!(public_fields("pub struct A(pub u8, u8);"), ["pub u8"]);
        assert_eq!(
            without_fields("pub struct A<T>(pub u8, T) where T: Copy"),
            "pub struct A<T> where T: Copy"
        );
        assert_eq!(without_fields("pub struct A<T: Fn(u8)>"), "pub struct A<T: Fn(u8)>");
        assert_eq!(public_fields("pub union A { pub a: u8, pub b: u16 }"), ["pub a: u8", "pub b: u16"]);
        for none in ["pub struct A;", "", "struct", "pub struct A {", "pub struct A<"] {
            assert!(public_fields(none).is_empty(), "{none}");
        }
    }
}
