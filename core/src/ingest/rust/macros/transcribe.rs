//! What a call stands for, as text: an arm's body with what its variables stand for in their places.
//!
//! Spaces and comments stay as they were written, so that what is shown of an item reads as its
//! author wrote it, and each part that was handed to the macro keeps its line.

use std::sync::Arc;

use super::lines::Lines;
use super::matcher::Bound;
use super::rules::{Part, Repeat};
use super::tokens::{Doc, Tokens};
use super::{Fuel, Spent};

/// Text that a call stands for; a macro that doubles what it is given would fill the memory.
const TEXT_BYTES_MAX: usize = 1 << 20;

pub(super) struct Transcriber<'a> {
    /// The macro's own tokens, and the argument's.
    pub rules: &'a Tokens<Arc<str>>,
    pub input: &'a Tokens<&'a str>,
    pub lines: &'a Lines,
    /// What `$crate` stands for.
    pub home: &'a str,
    pub fuel: &'a Fuel,
    pub out: String,
    pub made: Lines,
    /// Past the token that was written last, where it came from the argument.
    pub last: Option<usize>,
}

impl Transcriber<'_> {
    pub fn parts(&mut self, parts: &[Part], bounds: &[Option<&Bound>]) -> Result<Option<()>, Spent> {
        for part in parts {
            match part {
                Part::Text(from, until) => {
                    let text = self.rules.slice(*from, *until);
                    if !text.trim().is_empty() {
                        self.last = None;
                    }
                    self.space_before(text);
                    self.push(text)?;
                }
                Part::Crate => {
                    self.space_before(self.home);
                    self.push(self.home)?;
                    self.last = None;
                }
                Part::Variable(variable) => match bounds.get(*variable).copied().flatten() {
                    Some(&Bound::Fragment(from, until)) => self.fragment(from, until)?,
                    // It stands for several, and no repetition says which.
                    _ => return Ok(None),
                },
                Part::Repeat(repeat) => {
                    if self.repeat(repeat, bounds)?.is_none() {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(()))
    }

    fn repeat(&mut self, repeat: &Repeat<Part>, bounds: &[Option<&Bound>]) -> Result<Option<()>, Spent> {
        let turns = |variable: &usize| match bounds.get(*variable).copied().flatten() {
            Some(Bound::Many(turns)) => Some(turns),
            _ => None,
        };
        let repeated: Vec<(usize, &Vec<Bound>)> =
            repeat.variables.iter().filter_map(|one| Some((*one, turns(one)?))).collect();
        let Some(times) = repeated.iter().map(|(_, turns)| turns.len()).min() else { return Ok(None) };
        if repeated.iter().any(|(_, turns)| turns.len() != times) {
            return Ok(None);
        }
        self.fuel.burn(bounds.len())?;
        let mut inside = bounds.to_vec();
        for turn in 0..times {
            self.fuel.burn(1 + repeat.variables.len())?;
            for (variable, turns) in &repeated {
                if let Some(slot) = inside.get_mut(*variable) {
                    *slot = turns.get(turn);
                }
            }
            if turn > 0 {
                let (from, until) = repeat.separator;
                for at in from..until {
                    let word = self.rules.word_at(at);
                    self.push(word)?;
                    self.last = None;
                }
            }
            if self.parts(&repeat.inside, &inside)?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// The tokens `from..until` of the argument; a visibility may be none.
    fn fragment(&mut self, from: usize, until: usize) -> Result<(), Spent> {
        if until <= from {
            return Ok(());
        }
        let (Some(&first), Some(&last)) = (self.input.get(from), self.input.get(until.wrapping_sub(1)))
        else {
            return Ok(());
        };
        let doc = |token: &super::tokens::Token| token.doc;
        match self.last.filter(|&last| last == from).and_then(|last| self.input.get(last.checked_sub(1)?)) {
            // What was apart in the argument stays apart as it was.
            Some(before) if before.end <= first.start => self.copy(before.end, first.start)?,
            Some(_) => {}
            None => {
                let word = self.input.word(&first);
                self.space_before(word);
            }
        }
        let cut_before = doc(&first).is_some_and(|one| one > Doc::Hash || !self.whole_comment(from, until));
        let cut_after = doc(&last).is_some_and(|one| one < Doc::Close);
        if cut_before || cut_after {
            self.documentation(from, until)?;
        } else {
            self.copy(first.start, last.end)?;
            if last.doc.is_some() {
                self.push("\n")?;
            }
        }
        self.last = Some(until);
        Ok(())
    }

    /// Whether all tokens of the comment that begins at `from` are there.
    fn whole_comment(&self, from: usize, until: usize) -> bool {
        let comment = self.input.get(from).map(|token| token.start);
        self.input.get(until).is_none_or(|next| Some(next.start) != comment)
            || self.input.get(until.saturating_sub(1)).is_some_and(|token| token.doc == Some(Doc::Close))
    }

    /// Tokens of which some are a part of a comment: those as an attribute's.
    fn documentation(&mut self, from: usize, until: usize) -> Result<(), Spent> {
        for at in from..until {
            let Some(&token) = self.input.get(at) else { continue };
            self.fuel.burn(1)?;
            match token.doc {
                Some(Doc::Text) => {
                    let (start, end) = (token.start, token.end);
                    let text = attribute_text(self.input.slice(start, end));
                    let to = self.out.len() as u32;
                    self.push(&text)?;
                    self.made.copy(self.lines, start, start + 1, to);
                }
                Some(_) => {
                    let word = self.input.word(&token);
                    self.push(word)?;
                    if matches!(token.doc, Some(Doc::Name | Doc::Equals)) {
                        self.push(" ")?;
                    }
                }
                None => {
                    let word = self.input.word(&token);
                    self.space_before(word);
                    self.copy(token.start, token.end)?;
                }
            }
        }
        Ok(())
    }

    /// Copies a part of the argument.
    fn copy(&mut self, start: u32, end: u32) -> Result<(), Spent> {
        let to = self.out.len() as u32;
        let text = self.input.slice(start, end);
        self.push(text)?;
        self.made.copy(self.lines, start, end, to);
        Ok(())
    }

    fn push(&mut self, text: &str) -> Result<(), Spent> {
        self.fuel.burn(text.len() / 16)?;
        if self.out.len() + text.len() > TEXT_BYTES_MAX {
            return Err(Spent);
        }
        self.out.push_str(text);
        Ok(())
    }

    /// Keeps apart what would read as one token.
    fn space_before(&mut self, text: &str) {
        let (Some(last), Some(next)) = (self.out.chars().next_back(), text.chars().next()) else { return };
        let word = |one: char| one.is_alphanumeric() || one == '_' || one == '"' || one == '\'';
        let sign = |one: char| "<>&|-+=*/.:!^%~?@".contains(one);
        if (word(last) && word(next)) || (sign(last) && sign(next)) {
            self.out.push(' ');
        }
    }
}

/// A comment as the string of `#[doc = …]`.
fn attribute_text(comment: &str) -> String {
    let text = comment.get(3..).unwrap_or_default();
    let text = if comment.starts_with("/*") { text.strip_suffix("*/").unwrap_or(text) } else { text };
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    let text = text.replace('\r', "");
    format!("r{hashes}\"{text}\"{hashes}")
}
