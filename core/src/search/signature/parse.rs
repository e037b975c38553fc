//! Types from text: of Rust's own signatures, of what a user types, of what the index keeps.
//!
//! One small parser for all three, since they differ in little. It is bounded in depth and in the number of
//! types, and gives up where it understands nothing: text from packages may be anything.

use std::borrow::Cow;

use super::types::{ARRAY, By, Head, SLICE, Signature, TUPLE, Type, VARIABLES_MAX, is_callable};
use crate::search::shelf::fold_path;

/// Types within types, and types in all, of one text.
const DEPTH_MAX: u8 = 12;
const TYPES_MAX: u8 = 100;

/// What every ordinary type fulfils, so that it says nothing of a parameter.
const MARKERS: [&str; 15] = [
    "clone",
    "copy",
    "debug",
    "default",
    "eq",
    "hash",
    "ord",
    "partialeq",
    "partialord",
    "refunwindsafe",
    "send",
    "sized",
    "sync",
    "unpin",
    "unwindsafe",
];

/// Whose text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A declaration: variables are declared, or single capitals.
    Rust,
    /// A user's: any single letter is a variable.
    Query,
    /// The index's: folded, and variables have numbers.
    Kept,
}

/// Reads types from a text, from its beginning on.
#[derive(Clone)]
pub struct Parser<'a> {
    pub dialect: Dialect,
    text: &'a str,
    at: usize,
    depth: u8,
    types: u8,
    /// Variables by the names that the text has for them.
    variables: Vec<Cow<'a, str>>,
    pub bounds: Vec<Vec<Type<'a>>>,
    /// What `Self` stands for.
    pub self_type: Option<Type<'a>>,
    /// Whether what is read goes in: an `impl Trait` there is a variable.
    pub goes_in: bool,
    /// Whether the text ended before what it had opened.
    pub is_unclosed: bool,
}

impl<'a> Parser<'a> {
    pub fn new(dialect: Dialect, text: &'a str) -> Parser<'a> {
        Parser {
            dialect,
            text,
            at: 0,
            depth: DEPTH_MAX,
            types: TYPES_MAX,
            variables: Vec::new(),
            bounds: Vec::new(),
            self_type: None,
            goes_in: false,
            is_unclosed: false,
        }
    }

    pub fn rest(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    pub fn is_at(&mut self, sign: &str) -> bool {
        self.rest().starts_with(sign)
    }

    pub fn eat(&mut self, sign: &str) -> bool {
        let found = self.is_at(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// Ends what was opened; the end of a query, which may be half typed, ends all.
    pub fn close(&mut self, sign: &str) -> Option<()> {
        if self.dialect == Dialect::Query && self.rest().is_empty() {
            self.is_unclosed = true;
            return Some(());
        }
        self.eat(sign).then_some(())
    }

    /// The identifier that stands here.
    pub fn word(&mut self) -> Option<&'a str> {
        let raw = self.eat("r#");
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end]).or_else(|| raw.then_some(""))
    }

    pub fn eat_word(&mut self, wanted: &str) -> bool {
        let before = self.at;
        let found = self.word() == Some(wanted);
        if !found {
            self.at = before;
        }
        found
    }

    pub fn eat_lifetime(&mut self) -> bool {
        let found = self.eat("'");
        if found {
            self.word();
        }
        found
    }

    /// Goes on to one of `ends` that nothing opened here encloses, and stays before it.
    pub fn skip_to(&mut self, ends: &[char]) {
        let rest = self.rest();
        let mut open = 0_usize;
        let mut before = ' ';
        for (at, c) in rest.char_indices() {
            let is_arrow = c == '>' && before == '-';
            let is_path = c == ':' && (before == ':' || rest[at + 1..].starts_with(':'));
            if open == 0 && ends.contains(&c) && !is_arrow && !is_path {
                self.at += at;
                return;
            }
            match c {
                '(' | '[' | '{' | '<' => open += 1,
                ')' | ']' | '}' => open = open.saturating_sub(1),
                '>' if !is_arrow => open = open.saturating_sub(1),
                _ => {}
            }
            before = c;
        }
        self.at = self.text.len();
    }

    /// The number of a variable, which is a new one where the name is.
    pub fn variable(&mut self, name: Cow<'a, str>) -> Option<u8> {
        let known = self.variables.iter().position(|variable| *variable == name);
        let number = known.unwrap_or(self.variables.len());
        if known.is_none() {
            self.variables.push(name);
            self.bounds.push(Vec::new());
        }
        (number < VARIABLES_MAX).then(|| u8::try_from(number).ok())?
    }

    /// Reads what `Self` stands for. Its variables are those of the whole implementation.
    pub fn set_self(&mut self, text: &'a str) {
        let mut own = Parser { text, at: 0, ..self.clone() };
        self.self_type = own.parse_type();
        (self.variables, self.bounds) = (own.variables, own.bounds);
    }

    /// One type.
    pub fn parse_type(&mut self) -> Option<Type<'a>> {
        self.types = self.types.checked_sub(1)?;
        self.depth = self.depth.checked_sub(1)?;
        let parsed = self.parse_here();
        self.depth += 1;
        parsed
    }

    /// Types between commas, up to `end`, which stays.
    pub fn parse_list(&mut self, ends: &[&str]) -> Option<Vec<Type<'a>>> {
        let mut list = Vec::new();
        while !self.rest().is_empty() && !ends.iter().any(|end| self.is_at(end)) {
            list.push(self.parse_type()?);
            if !self.eat(",") {
                break;
            }
        }
        Some(list)
    }

    /// What a signature of the index's own text consists of.
    pub fn parse_kept(mut self) -> Option<Signature<'a>> {
        let inputs = self.parse_list(&["->"])?;
        let output = if self.eat("->") { Some(self.parse_type()?) } else { None };
        let mut signature = Signature { inputs, output, bounds: Vec::new() };
        signature.bounds.resize(VARIABLES_MAX, Vec::new());
        while self.eat(";#") {
            let number: usize = self.word()?.parse().ok()?;
            self.eat(":").then_some(())?;
            *signature.bounds.get_mut(number)? = self.parse_bounds()?;
        }
        self.rest().is_empty().then_some(signature)
    }

    /// `A + B + 'static`, without what says nothing.
    pub fn parse_bounds(&mut self) -> Option<Vec<Type<'a>>> {
        let mut bounds = Vec::new();
        loop {
            let is_relaxed = self.eat("?") || self.eat("~");
            if self.is_at("'") {
                self.eat_lifetime();
            } else {
                let bound = self.parse_type()?;
                let says = |name: &str| MARKERS.binary_search(&name).is_err();
                if !is_relaxed && bound.name().is_some_and(says) {
                    bounds.push(bound);
                }
            }
            if !self.eat("+") {
                break;
            }
        }
        Some(bounds)
    }

    fn parse_here(&mut self) -> Option<Type<'a>> {
        if self.eat("&") {
            self.eat_lifetime();
            let by = if self.eat_word("mut") { By::Mutable } else { By::Reference };
            return Some(Type { by, ..self.parse_type()? });
        }
        if self.eat("*") {
            let _ = self.eat_word("const") || self.eat_word("mut");
            return Some(Type { by: By::Pointer, ..self.parse_type()? });
        }
        if self.eat("[") {
            let element = self.parse_type()?;
            let is_array = self.eat(";");
            if is_array {
                self.skip_to(&[']']);
            }
            self.close("]")?;
            return Some(Type::named(if is_array { ARRAY } else { SLICE }, vec![element]));
        }
        if self.eat("(") {
            return self.parse_parenthesis();
        }
        if self.eat("!") {
            return Some(Type::named("!", Vec::new()));
        }
        if self.eat("#") {
            let number: u8 = self.word()?.parse().ok()?;
            return (usize::from(number) < VARIABLES_MAX)
                .then(|| Type::new(Head::Variable(number), Vec::new()));
        }
        if self.dialect != Dialect::Kept && self.is_at("<") {
            return self.parse_qualified();
        }
        self.parse_word()
    }

    /// `(A, B)`, `(A)`, and rustdoc's word for a function, `(A, B -> C)`.
    fn parse_parenthesis(&mut self) -> Option<Type<'a>> {
        let mut inner = Vec::new();
        let mut is_tuple = true;
        while !self.is_at(")") && !self.is_at("->") && !self.rest().is_empty() {
            inner.push(self.parse_type()?);
            is_tuple = self.eat(",");
            if !is_tuple {
                break;
            }
        }
        if self.eat("->") {
            let output = if self.is_at(")") { None } else { Some(Box::new(self.parse_type()?)) };
            self.close(")")?;
            return Some(Type { output, ..Type::named("fn", inner) });
        }
        self.close(")")?;
        match inner.len() {
            1 if !is_tuple => inner.pop(),
            _ => Some(Type::named(TUPLE, inner)),
        }
    }

    /// `<T as Trait>::Item`, which is a variable: what it is depends on others.
    fn parse_qualified(&mut self) -> Option<Type<'a>> {
        let start = self.at;
        self.eat("<");
        self.parse_type()?;
        if self.eat_word("as") {
            self.parse_type()?;
        }
        self.eat(">").then_some(())?;
        while self.eat("::") {
            self.word()?;
        }
        let name = self.text.get(start..self.at)?;
        Some(Type::new(Head::Variable(self.variable(Cow::Borrowed(name))?), Vec::new()))
    }

    /// A path, or what a keyword begins.
    fn parse_word(&mut self) -> Option<Type<'a>> {
        self.rest();
        let start = self.at;
        self.eat("::");
        let mut last = self.word()?;
        if self.dialect != Dialect::Kept {
            match last {
                "_" => return Some(Type::new(Head::Any, Vec::new())),
                "impl" | "dyn" => return self.parse_trait(last == "impl"),
                "for" => {
                    self.eat("<");
                    self.skip_to(&['>']);
                    self.eat(">");
                    return self.parse_type();
                }
                "unsafe" | "const" | "async" | "mut" | "extern" => {
                    if self.eat("\"") {
                        self.skip_to(&['"']);
                        self.eat("\"");
                    }
                    return self.parse_type();
                }
                _ => {}
            }
        }
        let first = last;
        let mut inner = Vec::new();
        let mut segments = 1_usize;
        let mut end = self.at;
        loop {
            if self.is_at("::<") || self.is_at("<") {
                self.eat("::");
                inner = self.parse_arguments()?;
            } else if self.eat("::") {
                last = self.word()?;
                segments += 1;
                end = self.at;
                inner.clear();
            } else {
                break;
            }
        }
        let path = self.text.get(start..end)?.trim();
        self.named(path, first, last, segments, inner)
    }

    /// The type that a path means.
    fn named(
        &mut self,
        path: &'a str,
        first: &'a str,
        last: &'a str,
        segments: usize,
        inner: Vec<Type<'a>>,
    ) -> Option<Type<'a>> {
        if self.dialect != Dialect::Kept {
            let variable = match segments {
                1 if last == "Self" => return self.self_type.clone(),
                1 => inner.is_empty() && self.is_variable(last),
                _ => first == "Self" || self.dialect == Dialect::Rust && self.is_variable(first),
            };
            if variable {
                let name = match self.dialect {
                    Dialect::Query => Cow::Owned(path.to_lowercase()),
                    _ => Cow::Borrowed(path),
                };
                return Some(Type::new(Head::Variable(self.variable(name)?), Vec::new()));
            }
        }
        let name = match self.dialect {
            Dialect::Kept => Cow::Borrowed(last),
            _ => Cow::Owned(fold_path(last)),
        };
        if name.is_empty() {
            return None;
        }
        if !is_callable(&name) {
            return Some(Type::new(Head::Name(name), inner));
        }
        let has_inputs = self.eat("(");
        let inner = if has_inputs { self.parse_callable_inputs()? } else { inner };
        // A closure in a declaration gives the unit where it says nothing; a query leaves it open.
        // An arrow behind which nothing stands is the whole query's.
        let before = self.at;
        let has_output = self.eat("->") && !self.rest().is_empty();
        if !has_output {
            self.at = before;
        }
        let output = match has_output {
            true => Some(Box::new(self.parse_type()?)),
            false => (self.dialect == Dialect::Rust).then(|| Box::new(Type::unit())),
        };
        Some(Type { output, ..Type::new(Head::Name(name), inner) })
    }

    fn is_variable(&self, word: &str) -> bool {
        let mut letters = word.chars();
        let is_single = match self.dialect {
            Dialect::Query => word.chars().count() == 1 && word.chars().all(char::is_alphabetic),
            // `T`, `T1`; `I256` is a type.
            _ => {
                letters.next().is_some_and(char::is_uppercase)
                    && letters.next().is_none_or(|c| c.is_ascii_digit())
                    && letters.next().is_none()
            }
        };
        is_single || self.variables.iter().any(|variable| variable == word)
    }

    /// What a function takes, its names passed over: `fn(path: &Path, u8)`.
    fn parse_callable_inputs(&mut self) -> Option<Vec<Type<'a>>> {
        let mut inputs = Vec::new();
        while !self.is_at(")") && !self.rest().is_empty() && !self.eat("...") {
            self.skip_name();
            inputs.push(self.parse_type()?);
            if !self.eat(",") {
                break;
            }
        }
        self.close(")")?;
        Some(inputs)
    }

    fn skip_name(&mut self) {
        let before = self.at;
        if self.word().is_none() || self.is_at("::") || !self.eat(":") {
            self.at = before;
        }
    }

    /// `impl A + B` and `dyn A + B`: the first trait stands for it; what goes in is a variable.
    fn parse_trait(&mut self, is_impl: bool) -> Option<Type<'a>> {
        let before = self.clone();
        let bounds = self.parse_bounds()?;
        if is_impl && self.goes_in && self.dialect == Dialect::Rust {
            let name = Cow::Owned(format!("impl {}", self.variables.len()));
            let number = self.variable(name)?;
            *self.bounds.get_mut(usize::from(number))? = bounds;
            return Some(Type::new(Head::Variable(number), Vec::new()));
        }
        bounds.into_iter().next().or_else(|| {
            // Of markers alone, the first is all that it says.
            let mut again = Parser { types: self.types, ..before };
            again.eat_lifetime();
            again.parse_type()
        })
    }

    /// `<A, 'a, 3, Item = B>`: the types among them.
    fn parse_arguments(&mut self) -> Option<Vec<Type<'a>>> {
        self.eat("<").then_some(())?;
        let mut inner = Vec::new();
        while !self.is_at(">") && !self.rest().is_empty() {
            let is_value = self.rest().starts_with(|c: char| c.is_ascii_digit() || "{-\"".contains(c));
            if is_value {
                self.skip_to(&[',', '>']);
            } else if !self.eat_lifetime() {
                inner.push(self.parse_argument()?);
            }
            if !self.eat(",") {
                break;
            }
        }
        self.close(">")?;
        Some(inner)
    }

    /// A type, or one that stands for an associated one by its name: `Item = B`, `Item: Bound`.
    fn parse_argument(&mut self) -> Option<Type<'a>> {
        let before = self.at;
        if self.dialect != Dialect::Kept && self.word().is_some() {
            if self.is_at("<") {
                self.skip_to(&[',', '=']);
            }
            if self.eat("=") {
                return self.parse_type();
            }
            if !self.is_at("::") && self.eat(":") {
                return self.parse_bounds()?.into_iter().next();
            }
        }
        self.at = before;
        self.parse_type()
    }
}
