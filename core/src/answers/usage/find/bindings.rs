//! Variables and fields: whether one is of the type that a method hangs on, by where it is bound.

use super::Finder;
use crate::answers::usage::sheet::plain;

/// Names in one tuple that is bound.
const TUPLE_TOKENS_MAX: usize = 64;

impl<'t> Finder<'_, 't> {
    /// Whether the variable or field that a token names is of the type, by where it is bound in its function.
    pub(super) fn is_bound(&self, at: usize, fuel: usize) -> Option<bool> {
        let sheet = self.sheet;
        if at > 1 && sheet.word(at - 1) == "." {
            return if sheet.word(at - 2) == "self" { self.is_field(at, fuel) } else { None };
        }
        if at > 0 && sheet.word(at - 1) == "::" {
            return None;
        }
        let (name, function) = (sheet.word(at), sheet.leaves.get(at)?.function);
        let first = sheet.functions.get(function).map_or(0, |(start, _)| sheet.leaf_at(*start));
        for place in (first..at).rev() {
            self.spend(1)?;
            if sheet.word(place) != name {
                continue;
            }
            if let Some((part, from)) = self.in_tuple(place) {
                return self.gives(self.statement_end(from)?.checked_sub(1)?, part, fuel);
            }
            if !self.begins_binding(place) {
                continue;
            }
            return match sheet.word(place + 1) {
                ":" => self.is_owner_type(place + 2, fuel),
                "=" => {
                    let end = self.statement_end(place + 2)?;
                    self.is_owner(end.checked_sub(1)?, fuel)
                }
                _ => None,
            };
        }
        None
    }

    /// Of `let (a, b) = …`: the place of the name at a token, and where the expression begins.
    pub(super) fn in_tuple(&self, at: usize) -> Option<(usize, usize)> {
        let sheet = self.sheet;
        let (mut open, mut place) = (at.checked_sub(1)?, 0);
        while at - open < TUPLE_TOKENS_MAX
            && (matches!(sheet.word(open), "," | "mut" | "_") || sheet.is_name(open))
        {
            place += usize::from(sheet.word(open) == ",");
            open = open.checked_sub(1)?;
        }
        if sheet.word(open) != "(" || sheet.word(open.checked_sub(1)?) != "let" {
            return None;
        }
        let close = sheet.closing(open)?;
        self.spend(close - open)?;
        let binds = sheet.word(close + 1) == "=";
        binds.then_some((place, close + 2))
    }

    /// The same of `self.field`, where the text declares the type that `self` is of.
    pub(super) fn is_field(&self, at: usize, fuel: usize) -> Option<bool> {
        let sheet = self.sheet;
        let implementation = sheet.implementations.get(sheet.leaves.get(at)?.implementation)?;
        let name = self.names.path_at(sheet.leaf_at(implementation.on_type.0))?;
        let struct_name = *name.segments.last()?;
        let is_it =
            |place: &usize| sheet.word(*place) == "struct" && plain(sheet.word(place + 1)) == struct_name;
        self.spend(sheet.leaves.len())?;
        let declared = (0..sheet.leaves.len()).find(is_it)?;
        let open =
            (declared..sheet.leaves.len()).find(|&place| matches!(sheet.word(place), "{" | ";" | "("))?;
        let close = sheet.closing(open)?;
        let field = sheet.word(at);
        let typed = |place: &usize| sheet.word(*place) == field && sheet.word(place + 1) == ":";
        let place = (open..close).find(typed)?;
        self.is_owner_type(place + 2, fuel)
    }

    pub(super) fn begins_binding(&self, place: usize) -> bool {
        let before = place.checked_sub(1).map_or("", |before| self.sheet.word(before));
        match self.sheet.word(place + 1) {
            ":" => matches!(before, "let" | "mut" | "(" | "," | "|" | "ref"),
            "=" => matches!(before, "let" | "mut" | "ref"),
            _ => before == "let" || before == "mut",
        }
    }

    /// The `;` that ends a statement, or the `else` of a `let … else`.
    pub(super) fn statement_end(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while at < self.sheet.leaves.len() {
            match self.sheet.word(at) {
                ";" | "else" => return Some(at),
                "(" | "[" | "{" => {
                    let close = self.sheet.closing(at)?;
                    self.spend(close - at)?;
                    at = close;
                }
                ")" | "]" | "}" => return None,
                _ => self.spend(1)?,
            }
            at += 1;
        }
        None
    }
}
