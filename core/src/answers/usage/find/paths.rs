//! Paths that name the item: where one stands, and in which way it uses it.

use super::{Finder, How, Spot};
use crate::answers::usage::names::Written;
use crate::answers::usage::sheet::plain;

impl<'t> Finder<'_, 't> {
    /// A `use` declaration that names the item.
    pub(super) fn import(&mut self, start: usize, end: usize, scope: usize) -> Option<Spot> {
        let range = self.sheet.leaf_at(start)..self.sheet.leaf_at(end);
        let named: Vec<usize> = range.filter(|&at| plain(self.sheet.word(at)) == self.wanted.name).collect();
        let leaf = *named.last()?;
        let (names, wanted) = (self.names, self.wanted);
        let brings = || names.imported_in(scope).any(|path| wanted.is(&path));
        let here = *self.imports.entry(scope).or_insert_with(brings);
        here.then_some(Spot { leaf, how: How::Import, certain: true })
    }

    pub(super) fn path(&mut self, path: &Written<'t>) -> Option<Spot> {
        let sheet = self.sheet;
        if !path.segments.iter().any(|segment| self.called.contains(segment) || *segment == "Self") {
            return None;
        }
        let before = path.first.checked_sub(1).map_or("", |before| sheet.word(before));
        if is_declared_after(before) || self.is_in_use(path.first) {
            return None;
        }
        let after = sheet.word(path.last + 1);
        let alone = path.segments.len() == 1;
        if alone && after == ":" && self.wanted.kind != "trait" {
            return None;
        }
        let leaf = sheet.leaves.get(path.first)?;
        if alone && self.wanted.kind == "fn" && self.binds(leaf.function, path.segments.first()?) {
            return None;
        }
        let bang = after == "!" && matches!(sheet.word(path.last + 2), "(" | "[" | "{");
        let derives = leaf.in_attribute && self.derives(path.first);
        let attribute = leaf.in_attribute;
        let is_macro = self.wanted.kind == "macro";
        if bang != (is_macro && !attribute) {
            return None;
        }
        let covered = self.covers(path)?;
        let how = match () {
            () if derives => How::Derive,
            () if attribute => How::Attribute,
            () if self.implements(path, leaf.implementation) => How::Implementation,
            () if bang || (after == "(" && covered) || (after == "::" && covered) => How::Call,
            () => How::Mention,
        };
        Some(Spot { leaf: path.first, how, certain: true })
    }

    /// Whether a path leads to the item: `true` where it ends there, `false` where it goes on.
    pub(super) fn covers(&self, path: &Written<'_>) -> Option<bool> {
        for means in self.names.meanings(path) {
            if self.wanted.is(&means) {
                return Some(true);
            }
            if self.wanted.is_passed_through() {
                // What is written of the path stands at its end.
                let least = (means.len() + 1).saturating_sub(path.segments.len()).max(1);
                let parts = (least..means.len()).filter_map(|end| means.get(..end));
                if parts.into_iter().any(|part| self.wanted.is(part)) {
                    return Some(false);
                }
            }
        }
        None
    }

    /// Whether a token stands in the list of a `derive`.
    pub(super) fn derives(&self, at: usize) -> bool {
        let start = at.saturating_sub(64);
        let open = (start..at).rev().find(|&at| self.sheet.word(at) == "(");
        open.and_then(|open| open.checked_sub(1)).is_some_and(|before| self.sheet.word(before) == "derive")
    }

    /// Whether a path is the trait of an `impl`.
    pub(super) fn implements(&self, path: &Written<'_>, implementation: usize) -> bool {
        let one = self.sheet.implementations.get(implementation);
        let Some((start, end)) = one.and_then(|one| one.of_trait) else { return false };
        let byte = |at: usize| self.sheet.leaves.get(at).map(|leaf| leaf.start);
        let first = self.sheet.leaf_at(start);
        let inside = byte(path.first).is_some_and(|byte| (start..end).contains(&byte));
        // Not an argument of the trait.
        inside && path.first <= first + usize::from(path.rooted) + usize::from(self.sheet.word(first) == "!")
    }

    /// Whether a name is a variable in a function.
    pub(super) fn binds(&self, function: usize, name: &str) -> bool {
        let Some(&(start, end)) = self.sheet.functions.get(function) else { return false };
        let mut range = self.sheet.leaf_at(start)..self.sheet.leaf_at(end);
        if self.spend(range.len()).is_none() {
            return false;
        }
        range.any(|at| {
            self.sheet.word(at) == name && self.sheet.word(at + 1) != "(" && self.begins_binding(at)
        })
    }
}

/// Keywords that a declaration's own name follows.
fn is_declared_after(word: &str) -> bool {
    matches!(word, "fn" | "struct" | "enum" | "union" | "trait" | "mod" | "type" | "const" | "static" | "let")
}
