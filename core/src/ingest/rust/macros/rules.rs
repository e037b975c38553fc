//! A declarative macro as it is written: its arms, what each takes, and what each stands for.

use std::sync::{Arc, OnceLock};

use super::grammar::Fragment;
use super::tokens::{Kind, Tokens};

/// Arms of one macro, and repetitions inside one another.
const ARMS_MAX: usize = 4_096;
const DEPTH_MAX: u32 = 64;

/// A definition, read when it is first called: most never are.
#[derive(Debug)]
pub(in super::super) struct Definition {
    /// From `macro_rules!` on.
    text: Arc<str>,
    rules: OnceLock<Option<Rules>>,
}

impl Definition {
    pub fn new(text: &str) -> Definition {
        Definition { text: Arc::from(text), rules: OnceLock::new() }
    }

    pub(super) fn rules(&self) -> Option<&Rules> {
        self.rules.get_or_init(|| Rules::read(self.text.clone())).as_ref()
    }
}

#[derive(Debug)]
pub(super) struct Rules {
    pub tokens: Tokens<Arc<str>>,
    pub arms: Vec<Arm>,
}

#[derive(Debug)]
pub(super) struct Arm {
    /// The names of its variables; elsewhere a variable is its place in this list.
    pub variables: Vec<Box<str>>,
    pub pattern: Vec<Pattern>,
    pub body: Vec<Part>,
}

/// What a call's tokens are compared with.
#[derive(Debug)]
pub(super) enum Pattern {
    /// The token at this index.
    Token(usize),
    /// A bracket, by the index of the token that opens it.
    Group(usize, Vec<Pattern>),
    Variable(usize, Fragment),
    Repeat(Repeat<Pattern>),
}

/// What an arm stands for.
#[derive(Debug)]
pub(super) enum Part {
    /// As it is written, by byte positions.
    Text(u32, u32),
    Variable(usize),
    /// `$crate`
    Crate,
    Repeat(Repeat<Part>),
}

/// `$( … ) separator operator`
#[derive(Debug)]
pub(super) struct Repeat<P> {
    pub inside: Vec<P>,
    /// The tokens between two turns: an index and the one past the last.
    pub separator: (usize, usize),
    pub times_min: usize,
    pub times_max: usize,
    /// The variables inside.
    pub variables: Vec<usize>,
}

impl Rules {
    /// `macro_rules! name { (…) => {…}; … }`
    fn read(text: Arc<str>) -> Option<Rules> {
        let tokens = Tokens::read(text)?;
        let mut at = 0;
        while tokens.word_at(at) != "macro_rules" {
            tokens.get(at)?;
            at += 1;
        }
        let mut rules = Rules { tokens, arms: Vec::new() };
        let body = at + 3;
        let (mut at, end) = (body + 1, rules.tokens.tree(body, rules.tokens.len())? - 1);
        while at < end && rules.arms.len() < ARMS_MAX {
            if !rules.tokens.is_kind(at, Kind::Open) {
                return Some(rules);
            }
            let arrow = rules.tokens.tree(at, end)?;
            if !rules.tokens.is_operator(arrow, "=>") || !rules.tokens.is_kind(arrow + 2, Kind::Open) {
                return Some(rules);
            }
            rules.arms.extend(arm(&rules.tokens, at, arrow + 2));
            at = rules.tokens.tree(arrow + 2, end)?;
            while rules.tokens.is_punct(at, ';') || rules.tokens.is_punct(at, ',') {
                at += 1;
            }
        }
        Some(rules)
    }
}

/// The arm whose pattern and body open at these indices; none where it is not understood.
fn arm(tokens: &Tokens<Arc<str>>, pattern: usize, body: usize) -> Option<Arm> {
    let mut reader = Reader { tokens, variables: Vec::new() };
    let inside = |at: usize| Some((at + 1, tokens.get(at)?.partner as usize));
    let (start, end) = inside(pattern)?;
    let pattern = reader.pattern(start, end, 0)?;
    let (start, end) = inside(body)?;
    let from = tokens.get(body)?.end;
    let until = tokens.get(end)?.start;
    let body = reader.body(start, end, from, until, 0)?;
    Some(Arm { variables: reader.variables, pattern, body })
}

struct Reader<'a> {
    tokens: &'a Tokens<Arc<str>>,
    variables: Vec<Box<str>>,
}

impl Reader<'_> {
    fn pattern(&mut self, mut at: usize, end: usize, depth: u32) -> Option<Vec<Pattern>> {
        if depth > DEPTH_MAX {
            return None;
        }
        let mut pieces = Vec::new();
        while at < end {
            let token = self.tokens.get(at)?;
            if token.kind == Kind::Open {
                let close = token.partner as usize;
                pieces.push(Pattern::Group(at, self.pattern(at + 1, close, depth + 1)?));
                at = close + 1;
            } else if self.tokens.is_punct(at, '$') && self.tokens.opens(at + 1, "(") {
                let close = self.tokens.get(at + 1)?.partner as usize;
                let first = self.variables.len();
                let inside = self.pattern(at + 2, close, depth + 1)?;
                let (repeat, past) = self.repeat(inside, close + 1, end)?;
                let variables = (first..self.variables.len()).collect();
                pieces.push(Pattern::Repeat(Repeat { variables, ..repeat }));
                at = past;
            } else if self.tokens.is_punct(at, '$')
                && self.tokens.is_kind(at + 1, Kind::Word)
                && self.tokens.is_punct(at + 2, ':')
            {
                let fragment = Fragment::named(self.tokens.word_at(at + 3))?;
                pieces.push(Pattern::Variable(self.variables.len(), fragment));
                self.variables.push(self.tokens.word_at(at + 1).into());
                at += 4;
            } else {
                pieces.push(Pattern::Token(at));
                at += 1;
            }
        }
        Some(pieces)
    }

    /// The part of a body from byte `from` to `until`, which holds the tokens `at..end`.
    fn body(
        &mut self,
        mut at: usize,
        end: usize,
        mut from: u32,
        until: u32,
        depth: u32,
    ) -> Option<Vec<Part>> {
        if depth > DEPTH_MAX {
            return None;
        }
        let mut parts = Vec::new();
        while at < end {
            let (part, past) = match self.special(at, end, depth)? {
                Some(special) => special,
                None => {
                    at += 1;
                    continue;
                }
            };
            parts.push(Part::Text(from, self.tokens.get(at)?.start));
            parts.push(part);
            from = self.tokens.get(past - 1)?.end;
            at = past;
        }
        parts.push(Part::Text(from, until));
        parts.retain(|part| !matches!(part, Part::Text(from, until) if from == until));
        Some(parts)
    }

    /// What a `$` at `at` stands for, and the index past it. A name that the pattern does not have
    /// is text: a macro that this one defines may mean it.
    fn special(&mut self, at: usize, end: usize, depth: u32) -> Option<Option<(Part, usize)>> {
        if !self.tokens.is_punct(at, '$') || at + 1 >= end {
            return Some(None);
        }
        if self.tokens.opens(at + 1, "(") {
            let token = self.tokens.get(at + 1)?;
            let (close, from) = (token.partner as usize, token.end);
            let until = self.tokens.get(close)?.start;
            let inside = self.body(at + 2, close, from, until, depth + 1)?;
            let variables = variables_of(&inside);
            if variables.is_empty() {
                return Some(None);
            }
            let (repeat, past) = self.repeat(inside, close + 1, end)?;
            return Some(Some((Part::Repeat(Repeat { variables, ..repeat }), past)));
        }
        let word = self.tokens.word_at(at + 1);
        if word == "crate" {
            return Some(Some((Part::Crate, at + 2)));
        }
        let variable = self.variables.iter().rposition(|name| **name == *word);
        Some(variable.map(|variable| (Part::Variable(variable), at + 2)))
    }

    /// The separator and the operator from `at` on.
    fn repeat<P>(&self, inside: Vec<P>, at: usize, end: usize) -> Option<(Repeat<P>, usize)> {
        let times = |at: usize| match self.tokens.word_at(at) {
            "*" => Some((0, usize::MAX)),
            "+" => Some((1, usize::MAX)),
            "?" => Some((0, 1)),
            _ => None,
        };
        let separator_end = if times(at).is_some() { at } else { self.tokens.tree(at, end)? };
        let (times_min, times_max) = (separator_end < end).then(|| times(separator_end)).flatten()?;
        let separator = (at, separator_end);
        Some((Repeat { inside, separator, times_min, times_max, variables: Vec::new() }, separator_end + 1))
    }
}

fn variables_of(parts: &[Part]) -> Vec<usize> {
    let mut variables = Vec::new();
    for part in parts {
        match part {
            Part::Variable(one) => variables.push(*one),
            Part::Repeat(repeat) => variables.extend(&repeat.variables),
            Part::Text(..) | Part::Crate => {}
        }
    }
    variables.sort_unstable();
    variables.dedup();
    variables
}
