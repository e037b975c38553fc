//! Items that a macro names: calls of declarative macros where items stand are expanded.
//!
//! A call's argument is matched against the arms of the macro that the call names ([`names`]), and
//! what the arm stands for becomes a text of its own, which is parsed like a file and hung where the
//! call stands: in a module, an impl, a trait, an extern block. What that text calls or defines is
//! expanded in turn. Rows of what it declares say the line of the call where the item or its name
//! stands, or else where the call begins.
//!
//! **An expander of our own, not rust-analyzer's.** `ra_ap_mbe` and the crates below it (`ra_ap_tt`,
//! `ra_ap_parser`, `ra_ap_syntax_bridge`, `ra_ap_span`, and salsa) are released every week as 0.0.x without
//! a promise of compatibility, follow the newest compiler, want spans and a salsa database to be
//! handed in, and stop a runaway parse by a panic. Here nothing hygienic is needed: only which names
//! come out, as text for the parser that reads all else. So a fragment need not be parsed but only its end be
//! found ([`grammar`]), and every step can be paid for from a purse that a hostile package cannot
//! overdraw ([`Fuel`]). What that gives up: a fragment that was parsed once is not opaque to the
//! next macro, `${…}` metavariable expressions are not known, and of two ways through a pattern
//! the greedy one is taken.
//!
//! **What is not by `macro_rules!`, or lies out of reach**, is known by its shape ([`shapes`]): `cfg_if!`
//! and `cfg_select!`, whose branches keep their conditions; `paste!`; `pin_project!`, which makes what it is given;
//! `bitflags!`, whose own expansion is a hundred times the text; and `lazy_static!` where its crate is
//! not at hand. Of the call of any other
//! macro that nobody can expand, the argument is read as items, and those that are plainly
//! public count.

mod branches;
mod calls;
mod definition;
mod grammar;
mod lines;
mod matcher;
mod names;
mod rules;
mod shapes;
mod tokens;
mod transcribe;

use std::cell::Cell;
use std::ops;
use std::sync::Arc;

use tree_sitter::{Node, Range};

use super::attributes::Facts;
use super::extract::{Extractor, Place};
use super::fragment::{Pending, Wanted};

pub(super) use self::definition::Macro;
pub(super) use self::lines::Lines;
pub(super) use self::names::{Means, Names};
pub(super) use self::rules::Definition;

/// Steps that one call may take.
const STEPS_MAX: usize = 4_000_000;

/// The words without which a text cannot hold an item.
const ITEM_WORDS: [&str; 12] = [
    "macro_rules!",
    "fn ",
    "struct ",
    "enum ",
    "union ",
    "trait ",
    "mod ",
    "use ",
    "const ",
    "static ",
    "type ",
    "impl",
];

/// A macro called where items stand.
#[derive(Debug)]
pub(super) struct Call {
    /// The macro's name as it is written, without spaces.
    pub path: Box<str>,
    /// What stands in its brackets.
    pub argument: Arc<str>,
    pub origin: Origin,
    /// The text that holds it: a file of the model, and the position in it.
    pub file: u32,
    pub at: u32,
}

/// Where a text comes from that no file holds.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// The lines of those of its parts that were handed to a macro.
    pub lines: Lines,
    /// Those of the call in the file: its first and its last.
    pub first: u32,
    pub last: u32,
}

/// What a call stands for.
pub(super) struct Made {
    pub text: Arc<str>,
    pub lines: Lines,
}

/// More work than any honest macro makes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spent;

/// What a call may still cost.
#[derive(Debug)]
struct Fuel(Cell<usize>);

impl Fuel {
    fn burn(&self, steps: usize) -> Result<(), Spent> {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or(0));
        left.map(drop).ok_or(Spent)
    }
}

impl Definition {
    /// What a call of this macro stands for; none where no arm takes the argument. `$crate` stands
    /// for `home`.
    pub fn expand(&self, argument: &str, lines: &Lines, home: &str) -> Result<Option<Made>, Spent> {
        let Some(rules) = self.rules() else { return Ok(None) };
        let Some(input) = tokens::Tokens::read(argument) else { return Ok(None) };
        let fuel = Fuel(Cell::new(STEPS_MAX));
        for arm in &rules.arms {
            let mut matcher = matcher::Matcher { rules: &rules.tokens, input: &input, fuel: &fuel };
            let Some(bounds) = matcher.matches(&arm.pattern, arm.variables.len())? else { continue };
            let mut transcriber = transcribe::Transcriber {
                rules: &rules.tokens,
                input: &input,
                lines,
                home,
                fuel: &fuel,
                out: String::new(),
                made: Lines::default(),
                last: None,
            };
            let bounds: Vec<_> = bounds.iter().map(Option::as_ref).collect();
            let done = transcriber.parts(&arm.body, &bounds)?;
            let (text, lines) = (Arc::from(transcriber.out), transcriber.made);
            return Ok(done.map(|()| Made { text, lines }));
        }
        Ok(None)
    }
}

impl Origin {
    /// Of a call in this text, and of its argument `within`.
    fn of_call(&self, call: &ops::Range<usize>, within: &ops::Range<usize>) -> Origin {
        let (first, last) = match self.lines.at(call.start as u32) {
            Some(first) => (first, self.lines.at(call.end as u32 - 1).unwrap_or(first).max(first)),
            None => (self.first, self.last),
        };
        Origin { lines: self.lines.slice(within.start as u32, within.end as u32), first, last }
    }

    /// The lines of an item: where it was handed to the macro, where its name was, or the call's.
    pub fn lines_of(&self, start: usize, name: usize, end: usize) -> (u32, u32) {
        let at = |position: usize| self.lines.at(u32::try_from(position).unwrap_or(u32::MAX));
        match (at(start), at(name)) {
            (Some(first), _) => (first, at(end.saturating_sub(1)).unwrap_or(first).max(first)),
            (None, Some(line)) => (line, line),
            (None, None) => (self.first, self.last),
        }
    }
}

/// Whether a text may hold an item.
pub(super) fn may_hold_items(text: &str) -> bool {
    ITEM_WORDS.iter().any(|word| text.contains(word))
}

impl Extractor<'_> {
    /// A macro called where items stand.
    pub(super) fn macro_call(&mut self, call: Node, place: &Place) {
        let Some(name) = call.child_by_field_name("macro").map(|node| self.text(node)) else { return };
        let mut cursor = call.walk();
        let Some(tree) = call.children(&mut cursor).find(|child| child.kind() == "token_tree") else {
            return;
        };
        let within = inside_brackets(tree);
        let argument = self.slice(within.start_byte, within.end_byte);
        let path: String = name.split_whitespace().collect();
        match path.rsplit("::").next().unwrap_or(&path) {
            "cfg_if" => self.branches(&branches::of_cfg_if(self.text, tree), place),
            "cfg_select" => self.branches(&branches::of_cfg_select(self.text, tree), place),
            "include" => self.include(argument, place),
            _ => {
                let origin = self.origin_of(call, within, argument);
                let (argument, at) = (Arc::from(argument), call.start_byte() as u32);
                let call = Call { path: path.into(), argument, origin, file: self.file, at };
                self.want(place, Wanted::Macro(call));
            }
        }
    }

    /// Where the argument of a call comes from.
    fn origin_of(&self, call: Node, within: Range, argument: &str) -> Origin {
        match self.origin {
            Some(origin) => origin.of_call(&call.byte_range(), &(within.start_byte..within.end_byte)),
            None => Origin {
                lines: Lines::of(argument, within.start_point.row as u32 + 1),
                first: call.start_position().row as u32 + 1,
                last: call.end_position().row as u32 + 1,
            },
        }
    }

    /// Reads a text that calls macros and holds nothing else. False where it is another one.
    pub(super) fn calls_alone(&mut self, place: &Place) -> bool {
        let Some(origin) = self.origin else { return false };
        let Some(bare) = calls::only(self.text) else { return false };
        let name = |one: &calls::Bare| {
            let path = self.slice(one.path.start, one.path.end);
            path.rsplit("::").next().unwrap_or(path)
        };
        // These are not looked up but read where they stand.
        if bare.iter().any(|one| matches!(name(one), "cfg_if" | "cfg_select" | "include")) {
            return false;
        }
        for calls::Bare { path, within } in bare {
            let start = path.start;
            let call = Call {
                path: self.slice(start, path.end).into(),
                argument: Arc::from(self.slice(within.start, within.end)),
                origin: origin.of_call(&(start..within.end + 1), &within),
                file: self.file,
                at: start as u32,
            };
            self.want(place, Wanted::Macro(call));
        }
        true
    }

    pub(super) fn want(&mut self, place: &Place, what: Wanted) {
        let (context, inherited) = (place.context.clone(), place.inherited);
        self.out.pending.push(Pending {
            module: place.module,
            parent: place.parent,
            inherited,
            what,
            context,
        });
    }

    /// Parses a part of the text as items, and takes those that parse.
    fn items_within(&mut self, within: Range, place: Place) {
        let Some(tree) = self.syntax.parse(self.text, self.gaps, within) else { return };
        let root = tree.root_node();
        self.walk(root, Place { depth: place.depth + 1, doubtful: root.has_error(), ..place });
    }

    /// Reads items of which the compiler keeps one branch, each under its own condition and those of the
    /// branches before it turned over.
    fn branches(&mut self, branches: &[(Option<String>, Node)], place: &Place) {
        let mut earlier: Vec<&str> = Vec::new();
        for (own, items) in branches {
            let own = own.as_deref();
            let mut parts: Vec<String> = earlier.iter().map(|cfg| format!("not({cfg})")).collect();
            parts.extend(own.map(str::to_owned));
            let cfg = if parts.len() == 1 { parts.concat() } else { format!("all({})", parts.join(", ")) };
            let facts = Facts {
                off: super::cfg::off(&cfg, self.features),
                off_anyway: super::cfg::off_anyway(&cfg),
                test_only: super::cfg::only_in_tests(&cfg),
                cfg: Some(cfg),
                ..Facts::default()
            };
            if self.tests || !facts.test_only {
                let place = self.inside(place, &facts);
                self.items_within(inside_brackets(*items), place);
            }
            earlier.extend(own);
        }
    }
}

/// A bracketed node's range without its brackets.
fn inside_brackets(tree: Node) -> Range {
    let mut range = tree.range();
    range.start_byte += 1;
    range.start_point.column += 1;
    range.end_byte = range.end_byte.saturating_sub(1).max(range.start_byte);
    range.end_point.column = range.end_point.column.saturating_sub(1);
    range
}
