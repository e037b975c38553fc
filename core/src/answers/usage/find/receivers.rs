//! Expressions: whether one is of the type that a method hangs on.

use super::Finder;
use crate::answers::usage::names::Written;
use crate::answers::usage::sheet::plain;
use crate::answers::wanted::key;

impl<'t> Finder<'_, 't> {
    /// Whether the expression that ends at a token is of the type that the item hangs on; none where that
    /// cannot be told.
    pub(super) fn is_owner(&self, end: usize, fuel: usize) -> Option<bool> {
        let fuel = fuel.checked_sub(1)?;
        let sheet = self.sheet;
        let owner = self.wanted.owner.as_ref()?;
        let leaf = sheet.leaves.get(end)?;
        match sheet.word(end) {
            "?" => self.is_owner(end.checked_sub(1)?, fuel),
            "await" if end >= 2 && sheet.word(end - 1) == "." => self.is_owner(end - 2, fuel),
            "self" if owner.is_trait => None,
            "self" => {
                let types = self.names.implementing(leaf.implementation, 0);
                (!types.is_empty()).then(|| types.iter().any(|path| owner.paths.contains(&key(path))))
            }
            "}" => {
                let path = self.names.path_to(sheet.opening(end)?.checked_sub(1)?)?;
                Some(self.is_path_of_owner(&path))
            }
            ")" => self.is_made(end, fuel),
            _ if sheet.is_name(end) => self.is_bound(end, fuel),
            _ => None,
        }
    }

    /// The same of a call, or of what stands in parentheses.
    pub(super) fn is_made(&self, close: usize, fuel: usize) -> Option<bool> {
        let sheet = self.sheet;
        let owner = self.wanted.owner.as_ref()?;
        let Some(callee) = self.callee(close)? else {
            return self.is_owner(close.checked_sub(1)?, fuel);
        };
        if callee >= 2 && sheet.word(callee - 1) == "." {
            let method = plain(sheet.word(callee));
            let receiver = self.is_owner(callee - 2, fuel);
            let same = matches!(
                method,
                "unwrap"
                    | "expect"
                    | "unwrap_or_default"
                    | "unwrap_or_else"
                    | "clone"
                    | "as_ref"
                    | "as_mut"
                    | "borrow"
                    | "borrow_mut"
                    | "by_ref"
                    | "to_owned"
                    | "context"
                    | "with_context"
                    | "map_err"
            );
            let of_owner = |path: &String| owner.makers.contains(&format!("{path}::{method}"));
            return match receiver {
                Some(true) if same || owner.paths.iter().any(of_owner) => Some(true),
                _ => None,
            };
        }
        let path = self.names.path_to(callee)?;
        let meanings = self.names.meanings(&path);
        let makes = |path: &Vec<String>| {
            let whole = key(path);
            let (outer, last) = whole.rsplit_once("::").unwrap_or(("", &whole));
            owner.makers.contains(&whole)
                || owner.paths.contains(&whole)
                || (owner.paths.contains(outer) && matches!(last, "default" | "from"))
        };
        if meanings.iter().any(makes) {
            return Some(true);
        }
        // `Other::new()` makes another.
        let last = path.segments.last()?;
        let starts_large = |name: &&&str| name.starts_with(char::is_uppercase);
        let typed = path.segments.iter().rev().nth(1).filter(starts_large).is_some();
        (typed && matches!(*last, "new" | "default" | "from" | "with_capacity")).then_some(false)
    }

    /// The last name of what is called by the parentheses that close at a token; `Some(None)` where nothing is.
    pub(super) fn callee(&self, close: usize) -> Option<Option<usize>> {
        let sheet = self.sheet;
        let mut callee = sheet.opening(close)?.checked_sub(1)?;
        self.spend(close - callee)?;
        if sheet.word(callee) == ">" {
            let opens = |at: &usize| sheet.word(*at) == "<" && sheet.past_angles(*at) == Some(callee + 1);
            let angle = (0..callee).rev().take(64).find(opens)?;
            callee = angle.checked_sub(2).filter(|_| sheet.word(angle - 1) == "::")?;
        }
        Some(sheet.is_name(callee).then_some(callee))
    }

    /// Whether the call that ends at a token gives out a tuple that has one at a place.
    pub(super) fn gives(&self, end: usize, place: usize, fuel: usize) -> Option<bool> {
        let fuel = fuel.checked_sub(1)?;
        match self.sheet.word(end) {
            "?" => return self.gives(end.checked_sub(1)?, place, fuel),
            "await" => return self.gives(end.checked_sub(2)?, place, fuel),
            ")" => {}
            _ => return None,
        }
        let owner = self.wanted.owner.as_ref()?;
        let path = self.names.path_to(self.callee(end)??)?;
        let makes = |path: &Vec<String>| owner.makers.contains(&format!("{}#{place}", key(path)));
        self.names.meanings(&path).iter().any(makes).then_some(true)
    }

    /// Whether a type, from its first token on, is the one that the item hangs on, or a pointer to it.
    pub(super) fn is_owner_type(&self, at: usize, fuel: usize) -> Option<bool> {
        let fuel = fuel.checked_sub(1)?;
        let sheet = self.sheet;
        let word = sheet.word(at);
        if matches!(word, "&" | "*" | "mut" | "const" | "dyn" | "impl") || word.starts_with('\'') {
            return self.is_owner_type(at + 1, fuel);
        }
        let path = self.names.path_at(at)?;
        if self.is_path_of_owner(&path) {
            return Some(true);
        }
        let pointer =
            matches!(*path.segments.last()?, "Arc" | "Rc" | "Box" | "Pin" | "Ref" | "RefMut" | "MutexGuard");
        match pointer && sheet.word(path.last + 1) == "<" {
            true => self.is_owner_type(path.last + 2, fuel),
            false => Some(false),
        }
    }

    pub(super) fn is_path_of_owner(&self, path: &Written<'_>) -> bool {
        let Some(owner) = &self.wanted.owner else { return false };
        let meanings = self.names.meanings(path);
        meanings.iter().any(|path| {
            let whole = key(path);
            // A variant's or an associated function's path leads through it.
            owner.paths.contains(&whole)
        })
    }
}
