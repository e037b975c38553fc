//! What a signature says, as searches compare it, and the short text that the index keeps of it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

/// More type variables than any function has; what declares more is not compared.
pub const VARIABLES_MAX: usize = 16;

/// What a slice is called here, and what an array is.
pub const SLICE: &str = "[]";
pub const ARRAY: &str = "[;]";
/// What a tuple is called here; the unit is one of nothing.
pub const TUPLE: &str = "()";

/// The types that go in, the one that comes out, and what is asked of the variables among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature<'a> {
    pub inputs: Vec<Type<'a>>,
    /// `None` where a query leaves it open; a function without `->` gives the unit.
    pub output: Option<Type<'a>>,
    /// The bounds of each variable, in the order of their numbers.
    pub bounds: Vec<Vec<Type<'a>>>,
}

/// One type: `&mut Vec<u8>` is `vec` by mutable reference with `u8` inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type<'a> {
    pub by: By,
    pub head: Head<'a>,
    /// Generic arguments, what a tuple or a slice consists of, what a closure takes.
    pub inner: Vec<Type<'a>>,
    /// What a closure or a function gives; `None` where a query leaves it open.
    pub output: Option<Box<Type<'a>>>,
}

/// How a type is handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Value,
    Reference,
    Mutable,
    Pointer,
}

/// What a type is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head<'a> {
    /// The last part of its path, folded as names are: `std::io::Error` is `error`.
    Name(Cow<'a, str>),
    /// A type variable by its number: a generic parameter, an associated type, an `impl Trait` that goes in.
    Variable(u8),
    /// `_` in a query: whatever it is.
    Any,
}

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    In,
    Out,
}

/// A word that a signature is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    Name(Side, String),
    Variable(Side),
}

impl<'a> Type<'a> {
    pub fn new(head: Head<'a>, inner: Vec<Type<'a>>) -> Type<'a> {
        Type { by: By::Value, head, inner, output: None }
    }

    pub fn named(name: &'a str, inner: Vec<Type<'a>>) -> Type<'a> {
        Type::new(Head::Name(Cow::Borrowed(name)), inner)
    }

    pub fn unit() -> Type<'a> {
        Type::named(TUPLE, Vec::new())
    }

    pub fn name(&self) -> Option<&str> {
        match &self.head {
            Head::Name(name) => Some(name),
            Head::Variable(_) | Head::Any => None,
        }
    }
}

/// Whether something of this name takes arguments in parentheses.
pub fn is_callable(name: &str) -> bool {
    matches!(name.strip_prefix("async").unwrap_or(name), "fn" | "fnmut" | "fnonce")
}

/// What types are found by that may stand for each other: a closure for a function, an array for a slice.
pub fn family(name: &str) -> &str {
    match name {
        ARRAY => SLICE,
        name if is_callable(name) => "fn",
        name => name,
    }
}

impl Signature<'_> {
    /// The words that say which signatures are worth a comparison.
    pub fn words(&self) -> BTreeSet<Word> {
        let mut words = BTreeSet::new();
        for (side, types) in [(Side::In, self.inputs.as_slice()), (Side::Out, self.output.as_slice())] {
            let mut seen = [false; VARIABLES_MAX];
            types.iter().for_each(|of| self.add_words(of, side, &mut seen, &mut words));
        }
        words
    }

    /// `seen` are the variables whose bounds are gone through: one may speak of its own variable.
    fn add_words(
        &self,
        of: &Type<'_>,
        side: Side,
        seen: &mut [bool; VARIABLES_MAX],
        words: &mut BTreeSet<Word>,
    ) {
        match &of.head {
            Head::Any => {}
            Head::Name(name) => drop(words.insert(Word::Name(side, family(name).to_string()))),
            Head::Variable(number) => {
                words.insert(Word::Variable(side));
                if let Some(seen_before) = seen.get_mut(usize::from(*number))
                    && !std::mem::replace(seen_before, true)
                {
                    let bounds = self.bounds.get(usize::from(*number)).into_iter().flatten();
                    bounds.for_each(|bound| self.add_words(bound, side, seen, words));
                }
            }
        }
        of.inner.iter().for_each(|inner| self.add_words(inner, side, seen, words));
        of.output.iter().for_each(|output| self.add_words(output, side, seen, words));
    }
}

impl fmt::Display for Word {
    /// The term of the index: `i:vec`, `o:*`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: &Side| if *side == Side::In { 'i' } else { 'o' };
        match self {
            Word::Name(at, name) => write!(f, "{}:{name}", side(at)),
            Word::Variable(at) => write!(f, "{}:*", side(at)),
        }
    }
}

impl fmt::Display for Signature<'_> {
    /// What the index keeps, and [`read_kept`](super::read_kept) reads:
    /// `&str,#0->result<url,error>;#0:asref<path>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, &self.inputs, ",")?;
        f.write_str("->")?;
        if let Some(output) = &self.output {
            write!(f, "{output}")?;
        }
        for (number, bounds) in self.bounds.iter().enumerate().filter(|(_, bounds)| !bounds.is_empty()) {
            write!(f, ";#{number}:")?;
            write_list(f, bounds, "+")?;
        }
        Ok(())
    }
}

impl fmt::Display for Type<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.by {
            By::Value => "",
            By::Reference => "&",
            By::Mutable => "&mut ",
            By::Pointer => "*",
        })?;
        let (open, close) = match &self.head {
            Head::Any => return f.write_str("_"),
            Head::Variable(number) => return write!(f, "#{number}"),
            Head::Name(name) => match name.as_ref() {
                SLICE => ("[", "]"),
                ARRAY => ("[", ";]"),
                TUPLE if self.inner.len() == 1 => ("(", ",)"),
                TUPLE => ("(", ")"),
                name => {
                    f.write_str(name)?;
                    match is_callable(name) {
                        true => ("(", ")"),
                        false if self.inner.is_empty() => return Ok(()),
                        false => ("<", ">"),
                    }
                }
            },
        };
        f.write_str(open)?;
        write_list(f, &self.inner, ",")?;
        f.write_str(close)?;
        match &self.output {
            Some(output) => write!(f, "->{output}"),
            None => Ok(()),
        }
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, types: &[Type<'_>], between: &str) -> fmt::Result {
    for (number, one) in types.iter().enumerate() {
        if number > 0 {
            f.write_str(between)?;
        }
        write!(f, "{one}")?;
    }
    Ok(())
}
