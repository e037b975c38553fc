//! Methods that are called by the name of the item: whether the receiver is of its type, or may be.

use super::{Finder, How, Spot};
use crate::answers::usage::hints::{is_common, is_hinted};
use crate::answers::usage::sheet::{NONE, plain};
use crate::answers::wanted::key;

/// Expressions that lead to one another before a receiver's type is given up.
const FUEL: usize = 12;

impl<'t> Finder<'_, 't> {
    /// `.name(…)`.
    pub(super) fn method(&mut self, at: usize) -> Option<Spot> {
        let sheet = self.sheet;
        let owner = self.wanted.owner.as_ref().filter(|_| self.wanted.kind == "method")?;
        let dot = at.checked_sub(1)?;
        if sheet.word(dot) != "." || plain(sheet.word(at)) != self.wanted.name {
            return None;
        }
        let calls = sheet.word(at + 1) == "(" || (sheet.word(at + 1) == "::" && sheet.word(at + 2) == "<");
        if !calls {
            return None;
        }
        let function = sheet.leaves.get(at)?.function;
        let certain = match self.is_owner(dot.checked_sub(1)?, FUEL) {
            Some(true) => true,
            Some(false) if !owner.is_trait => return None,
            Some(false) | None => {
                let may =
                    self.sees_owner(function) || self.is_hinted(dot - 1) || self.may_be_in_text(dot - 1);
                if !may {
                    return None;
                }
                false
            }
        };
        Some(Spot { leaf: at, how: How::Call, certain })
    }

    /// Whether the receiver that ends at a token bears the name of something that is of the type elsewhere.
    pub(super) fn is_hinted(&self, end: usize) -> bool {
        is_hinted(self.sheet, end, &|name| self.hints.contains(name))
    }

    /// Whether the text names the type, and the method is none that many types have, or is called on what the item's
    /// package gives out.
    pub(super) fn may_be_in_text(&mut self, end: usize) -> bool {
        let Some(owner) = self.wanted.owner.as_ref() else { return false };
        let makes = || is_hinted(self.sheet, end, &|name| owner.maker_names.contains(name));
        let may = !is_common(&self.wanted.name) || makes();
        may && self.sees_owner(NONE)
    }

    /// Whether a function, or what is outside of all, names the owner or something that makes one; for a
    /// trait, whether the text names it at all.
    pub(super) fn sees_owner(&mut self, function: usize) -> bool {
        let Some(owner) = self.wanted.owner.as_ref() else { return false };
        let function = if owner.is_trait { NONE } else { function };
        if let Some(&seen) = self.seen.get(&function) {
            return seen;
        }
        let bytes = self.sheet.functions.get(function).copied();
        let range = bytes.map_or(0..self.sheet.leaves.len(), |(start, end)| {
            self.sheet.leaf_at(start)..self.sheet.leaf_at(end)
        });
        let mut seen = owner.is_trait && self.brings_trait();
        for at in range {
            if seen {
                break;
            }
            let Some(path) = self.names.path_at(at) else { continue };
            if !path.segments.iter().any(|segment| self.leading.contains(*segment)) {
                continue;
            }
            seen = self.names.meanings(&path).iter().any(|means| {
                let whole = key(means);
                let through = whole.rsplit_once("::").is_some_and(|(outer, _)| owner.paths.contains(outer));
                let makes = |end: &str| owner.makers.contains(&format!("{whole}{end}"));
                owner.paths.contains(&whole) || ["", "#0", "#1"].into_iter().any(makes) || through
            });
        }
        self.seen.insert(function, seen);
        seen
    }

    /// Whether a trait is in scope by the text's imports.
    pub(super) fn brings_trait(&self) -> bool {
        let Some(owner) = self.wanted.owner.as_ref() else { return false };
        let by_glob = |glob: Vec<String>| owner.paths.contains(&format!("{}::{}", key(&glob), owner.name));
        self.names.imported().any(|(_, path)| owner.paths.contains(&key(&path)))
            || self.names.globs().any(by_glob)
    }
}
