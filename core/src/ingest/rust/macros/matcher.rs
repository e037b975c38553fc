//! Whether an arm's pattern takes a call's argument, and what its variables then stand for.
//!
//! The compiler follows all ways through a pattern at once and refuses a call for which two are
//! open. So the first way that fits is the only one: a repetition goes on as long as it can.

use std::sync::Arc;

use super::grammar::Within;
use super::rules::{Pattern, Repeat};
use super::tokens::{Kind, Tokens};
use super::{Fuel, Spent};

/// What a variable stands for.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    /// Tokens of the argument.
    Fragment(usize, usize),
    /// One a turn of the repetition that the variable stands in.
    Many(Vec<Bound>),
}

pub(super) struct Matcher<'a> {
    /// The macro's own tokens, and the argument's.
    pub rules: &'a Tokens<Arc<str>>,
    pub input: &'a Tokens<&'a str>,
    pub fuel: &'a Fuel,
}

/// By variable.
pub(super) type Bounds = Vec<Option<Bound>>;

impl Matcher<'_> {
    /// What the variables of a pattern that takes the whole argument stand for.
    pub fn matches(&mut self, pattern: &[Pattern], variables: usize) -> Result<Option<Bounds>, Spent> {
        let mut bounds = vec![None; variables];
        let end = self.input.len();
        let past = self.sequence(pattern, 0, end, &mut bounds)?;
        Ok((past == Some(end)).then_some(bounds))
    }

    /// Where the tokens end that `pattern` takes from `at` on.
    fn sequence(
        &mut self,
        pattern: &[Pattern],
        mut at: usize,
        end: usize,
        bounds: &mut Bounds,
    ) -> Result<Option<usize>, Spent> {
        for piece in pattern {
            self.fuel.burn(1)?;
            let past = match piece {
                Pattern::Token(token) => self.token(*token, at, end),
                Pattern::Group(open, inside) => self.group(*open, inside, at, end, bounds)?,
                Pattern::Variable(variable, fragment) => {
                    let past = Within { tokens: self.input, end, fuel: self.fuel }.fragment(*fragment, at);
                    if let (Some(past), Some(slot)) = (past, bounds.get_mut(*variable)) {
                        self.fuel.burn(past - at)?;
                        *slot = Some(Bound::Fragment(at, past));
                    }
                    past
                }
                Pattern::Repeat(repeat) => self.repeat(repeat, at, end, bounds)?,
            };
            match past {
                Some(past) => at = past,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    fn token(&self, token: usize, at: usize, end: usize) -> Option<usize> {
        let (wanted, found) = (self.rules.get(token)?, self.input.get(at).filter(|_| at < end)?);
        let same = wanted.kind == found.kind && self.rules.word(wanted) == self.input.word(found);
        same.then_some(at + 1)
    }

    fn group(
        &mut self,
        open: usize,
        inside: &[Pattern],
        at: usize,
        end: usize,
        bounds: &mut Bounds,
    ) -> Result<Option<usize>, Spent> {
        let bracket = self.rules.word_at(open);
        let found = self.input.get(at).filter(|one| at < end && one.kind == Kind::Open);
        let Some(close) = found.filter(|one| self.input.word(one) == bracket).map(|one| one.partner as usize)
        else {
            return Ok(None);
        };
        let past = self.sequence(inside, at + 1, close, bounds)?;
        Ok((past == Some(close)).then_some(close + 1))
    }

    fn repeat(
        &mut self,
        repeat: &Repeat<Pattern>,
        start: usize,
        end: usize,
        bounds: &mut Bounds,
    ) -> Result<Option<usize>, Spent> {
        let mut turns: Vec<Vec<Bound>> = repeat.variables.iter().map(|_| Vec::new()).collect();
        let (mut at, mut times) = (start, 0);
        let (from, until) = repeat.separator;
        while times < repeat.times_max {
            self.fuel.burn(1 + repeat.variables.len())?;
            let mut next = Some(at);
            if times > 0 {
                for token in from..until {
                    next = next.and_then(|at| self.token(token, at, end));
                }
            }
            let Some(next) = next else { break };
            for &variable in &repeat.variables {
                if let Some(slot) = bounds.get_mut(variable) {
                    *slot = None;
                }
            }
            let Some(past) = self.sequence(&repeat.inside, next, end, bounds)? else { break };
            if past == at {
                break;
            }
            for (turn, &variable) in turns.iter_mut().zip(&repeat.variables) {
                turn.extend(bounds.get_mut(variable).and_then(Option::take));
            }
            (at, times) = (past, times + 1);
        }
        for (turn, &variable) in turns.into_iter().zip(&repeat.variables) {
            if let Some(slot) = bounds.get_mut(variable) {
                *slot = Some(Bound::Many(turn));
            }
        }
        Ok((times >= repeat.times_min).then_some(at))
    }
}
