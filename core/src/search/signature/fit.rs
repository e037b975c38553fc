//! How well a function's signature fits the one that is looked for.
//!
//! As rustdoc does it: what goes in may stand in any order, a variable stands for one other variable, and
//! what the query leaves out is not held against anyone. Beyond it, what would go in or come out by a common
//! conversion fits too, for a price.

use super::query::Wanted;
use super::types::{By, Head, Signature, TUPLE, Type, VARIABLES_MAX, family, is_callable};

/// What each difference costs. Judgement: what one would not even notice in a call costs least.
const OTHER_REFERENCE: u32 = 1;
const OTHER_OF_FAMILY: u32 = 1;
const BOUNDED: u32 = 1;
const CONVERTED: u32 = 2;
const MISSING_ARGUMENT: u32 = 2;
/// A function's variable stands for a type that was asked for, for each part of that type: `Vec<T>` is nearer
/// to `Vec<u8>` than `T`. Less is lost than by the reverse.
pub const TYPE_FOR_VARIABLE: u32 = 3;
const VARIABLE_FOR_TYPE: u32 = 4;
const UNBOXED: u32 = 5;
const EXTRA_INPUT: u32 = 5;
/// What the second reading of a query costs.
pub const SECOND_READING: u32 = 1;

/// Comparisons of two types for one signature: the orders of many equal inputs are more than are worth it.
const STEPS_MAX: u32 = 2_000;
/// Comparisons within comparisons: a bound may speak of its own variable.
const DEPTH_MAX: u32 = 32;

/// What may be given where only its content was asked for, and is hardly noticed.
const WRAPPERS: [&str; 14] = [
    "arc",
    "box",
    "cow",
    "future",
    "iterator",
    "mutexguard",
    "nonnull",
    "nonzero",
    "option",
    "pin",
    "poll",
    "rc",
    "result",
    "vec",
];
/// Traits of what can be made into their argument.
const CONVERSIONS: [&str; 8] =
    ["asmut", "asref", "borrow", "borrowmut", "equivalent", "into", "intoiterator", "tryinto"];

/// What the variables of both sides stand for.
#[derive(Clone, Copy)]
struct Bindings<'t> {
    wanted: [Option<&'t Type<'t>>; VARIABLES_MAX],
    given: [Option<&'t Type<'t>>; VARIABLES_MAX],
}

struct Fit<'t> {
    wanted: &'t Signature<'t>,
    given: &'t Signature<'t>,
    steps: u32,
    depth: u32,
    best: Option<u32>,
}

/// What is between them, 0 where nothing is; `None` where they do not fit.
pub fn fit<'t>(wanted: &'t Wanted<'t>, given: &'t Signature<'t>) -> Option<u32> {
    let inputs = wanted.signature.inputs.len();
    let extra = given.inputs.len().checked_sub(inputs)?;
    let extra = if wanted.says_inputs { u32::try_from(extra).ok()? * EXTRA_INPUT } else { 0 };
    let mut fit = Fit { wanted: &wanted.signature, given, steps: 0, depth: 0, best: None };
    let none = Bindings { wanted: [None; VARIABLES_MAX], given: [None; VARIABLES_MAX] };
    // The output first: there is one place for it.
    let (cost, bound) = match (&wanted.signature.output, &given.output) {
        (Some(wanted), Some(given)) => fit.compare(wanted, given, none)?,
        _ => (0, none),
    };
    fit.place(0, 0, bound, extra + cost);
    fit.best
}

impl<'t> Fit<'t> {
    /// Tries each place that is not in `used` for the input number `at`, and goes on with those behind it.
    fn place(&mut self, at: usize, used: u32, bound: Bindings<'t>, cost: u32) {
        if self.best.is_some_and(|best| cost >= best) {
            return;
        }
        let (wanted, given) = (self.wanted, self.given);
        let Some(input) = wanted.inputs.get(at) else {
            self.best = Some(cost);
            return;
        };
        for (place, candidate) in given.inputs.iter().enumerate().take(u32::BITS as usize) {
            if used & 1 << place == 0
                && let Some((more, bound)) = self.compare(input, candidate, bound)
            {
                self.place(at + 1, used | 1 << place, bound, cost + more);
            }
        }
    }

    /// What is between two types, and what the variables stand for if they are taken for one.
    fn compare(
        &mut self,
        wanted: &'t Type<'t>,
        given: &'t Type<'t>,
        bound: Bindings<'t>,
    ) -> Option<(u32, Bindings<'t>)> {
        self.steps += 1;
        if self.steps > STEPS_MAX || self.depth > DEPTH_MAX {
            return None;
        }
        self.depth += 1;
        let found = self.compare_here(wanted, given, bound);
        self.depth -= 1;
        found
    }

    fn compare_here(
        &mut self,
        wanted: &'t Type<'t>,
        given: &'t Type<'t>,
        bound: Bindings<'t>,
    ) -> Option<(u32, Bindings<'t>)> {
        let by = if wanted.by == By::Value || wanted.by == given.by { 0 } else { OTHER_REFERENCE };
        let itself = match (&wanted.head, &given.head) {
            (Head::Any, _) | (_, Head::Any) => Some((0, bound)),
            (Head::Variable(one), Head::Variable(other)) => {
                let cost = if self.bounds_of(*other).is_empty() { 0 } else { BOUNDED };
                match stands_for(bound, Some((*one, given)), Some((*other, wanted))) {
                    Some(bound) => Some((cost, bound)),
                    None => self.by_conversion(wanted, *other, bound),
                }
            }
            (Head::Variable(one), Head::Name(_)) => {
                stands_for(bound, Some((*one, given)), None).map(|bound| (VARIABLE_FOR_TYPE, bound))
            }
            (Head::Name(_), Head::Variable(other)) => self.as_variable(wanted, given, *other, bound),
            (Head::Name(one), Head::Name(other)) if one == other => self.inside(wanted, given, bound, 0),
            (Head::Name(one), Head::Name(other)) if family(one) == family(other) => {
                self.inside(wanted, given, bound, OTHER_OF_FAMILY)
            }
            (Head::Name(_), Head::Name(_)) => None,
        };
        if let Some((cost, bound)) = itself {
            return Some((cost + by, bound));
        }
        let content =
            given.name().filter(|name| WRAPPERS.binary_search(name).is_ok()).and(given.inner.first())?;
        self.compare(wanted, content, bound).map(|(cost, bound)| (cost + UNBOXED, bound))
    }

    /// A type where the function has a variable: its trait, what converts into it, or any at all.
    fn as_variable(
        &mut self,
        wanted: &'t Type<'t>,
        given: &'t Type<'t>,
        variable: u8,
        bound: Bindings<'t>,
    ) -> Option<(u32, Bindings<'t>)> {
        let bounds = self.bounds_of(variable);
        for of in bounds {
            if let (Some(one), Some(other)) = (wanted.name(), of.name())
                && family(one) == family(other)
            {
                return self.compare(wanted, of, bound);
            }
        }
        if let Some(converted) = self.by_conversion(wanted, variable, bound) {
            return Some(converted);
        }
        let is_called = |of: &Type<'_>| of.name().is_some_and(is_callable);
        if bounds.iter().any(is_called) || is_called(wanted) {
            return None;
        }
        let cost = TYPE_FOR_VARIABLE * parts_of(wanted) + if bounds.is_empty() { 0 } else { BOUNDED };
        let other = if let Head::Variable(other) = given.head { Some((other, wanted)) } else { None };
        stands_for(bound, None, other).map(|bound| (cost, bound))
    }

    /// A type that the variable's bounds say it converts into: `Path` for `P: AsRef<Path>`.
    fn by_conversion(
        &mut self,
        wanted: &'t Type<'t>,
        variable: u8,
        bound: Bindings<'t>,
    ) -> Option<(u32, Bindings<'t>)> {
        let converts =
            |of: &&Type<'_>| of.name().is_some_and(|name| CONVERSIONS.binary_search(&name).is_ok());
        // Into a variable anything may convert, which says no more than the variable itself.
        let says = |target: &&Type<'_>| wanted.name().is_none() || target.name().is_some();
        let targets = self.bounds_of(variable).iter().filter(converts).filter_map(|of| of.inner.first());
        let mut targets = targets.filter(says);
        let (cost, bound) = targets.find_map(|target| self.compare(wanted, target, bound))?;
        Some((cost + CONVERTED, bound))
    }

    /// What is between the contents of two types of one name.
    fn inside(
        &mut self,
        wanted: &'t Type<'t>,
        given: &'t Type<'t>,
        mut bound: Bindings<'t>,
        mut cost: u32,
    ) -> Option<(u32, Bindings<'t>)> {
        let all = matches!(wanted.name(), Some(name) if name == TUPLE || is_callable(name));
        if all && wanted.inner.len() != given.inner.len() {
            return None;
        }
        for (number, one) in wanted.inner.iter().enumerate() {
            let more = match given.inner.get(number) {
                Some(other) => self.compare(one, other, bound)?,
                // An alias like `io::Result` hides all but the first.
                None if number > 0 => (MISSING_ARGUMENT, bound),
                None => return None,
            };
            (cost, bound) = (cost + more.0, more.1);
        }
        if let (Some(one), Some(other)) = (&wanted.output, &given.output) {
            let more = self.compare(one, other, bound)?;
            (cost, bound) = (cost + more.0, more.1);
        }
        Some((cost, bound))
    }

    fn bounds_of(&self, variable: u8) -> &'t [Type<'t>] {
        self.given.bounds.get(usize::from(variable)).map_or(&[], Vec::as_slice)
    }
}

/// How many types a type consists of.
fn parts_of(of: &Type<'_>) -> u32 {
    1 + of.inner.iter().map(parts_of).sum::<u32>()
}

/// The bindings with one more on each side, where that contradicts none.
fn stands_for<'t>(
    mut bound: Bindings<'t>,
    wanted: Option<(u8, &'t Type<'t>)>,
    given: Option<(u8, &'t Type<'t>)>,
) -> Option<Bindings<'t>> {
    for (side, new) in [(&mut bound.wanted, wanted), (&mut bound.given, given)] {
        let Some((variable, stands_for)) = new else { continue };
        let known = side.get_mut(usize::from(variable))?;
        match known {
            Some(known) if !is_same(known, stands_for) => return None,
            _ => *known = Some(stands_for),
        }
    }
    Some(bound)
}

/// Whether two types of one side are one, however they are handed over.
fn is_same(one: &Type<'_>, other: &Type<'_>) -> bool {
    one.head == other.head
        && one.inner.len() == other.inner.len()
        && one.inner.iter().zip(&other.inner).all(|(one, other)| is_same(one, other))
        && match (&one.output, &other.output) {
            (Some(one), Some(other)) => is_same(one, other),
            (one, other) => one.is_none() == other.is_none(),
        }
}
