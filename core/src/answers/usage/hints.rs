//! What a package calls by the type that a method is of: fields, variables and functions whose type names it. A method
//! that is called on one of that name, in another file, may be the one that is looked for.

use std::collections::HashSet;

use super::names::Names;
use super::sheet::{Sheet, plain};
use crate::answers::wanted::{Wanted, key};

/// Tokens of one type.
const TYPE_TOKENS_MAX: usize = 48;
/// Names of one package; more of them tell nothing.
pub const HINTS_MAX: usize = 500;
/// What is called between the value and the method, and leaves it what it is or holds.
const PASSES: [&str; 26] = [
    "as_deref",
    "as_mut",
    "as_ref",
    "borrow",
    "borrow_mut",
    "by_ref",
    "clone",
    "context",
    "deref",
    "expect",
    "first",
    "get",
    "get_mut",
    "last",
    "load_full",
    "lock",
    "map_err",
    "ok",
    "ok_or_else",
    "read",
    "to_owned",
    "unwrap",
    "unwrap_or_default",
    "upgrade",
    "with_context",
    "write",
];

/// Methods that many types have: that a text names one of these types says nothing of a call.
const COMMON: [&str; 60] = [
    "add",
    "all",
    "append",
    "as_bytes",
    "as_mut",
    "as_ptr",
    "as_ref",
    "as_slice",
    "as_str",
    "build",
    "clear",
    "clone",
    "close",
    "cmp",
    "contains",
    "count",
    "drain",
    "end",
    "eq",
    "extend",
    "filter",
    "find",
    "first",
    "flush",
    "fmt",
    "get",
    "get_mut",
    "id",
    "index",
    "insert",
    "into_inner",
    "is_empty",
    "iter",
    "join",
    "keys",
    "kind",
    "last",
    "len",
    "lock",
    "map",
    "name",
    "next",
    "open",
    "parse",
    "path",
    "poll",
    "pop",
    "push",
    "read",
    "remove",
    "send",
    "set",
    "size",
    "split",
    "start",
    "take",
    "to_string",
    "update",
    "values",
    "write",
];

/// Whether many types have a method of a name.
pub fn is_common(name: &str) -> bool {
    COMMON.contains(&name)
}

/// The names in a text whose declared type names what the item hangs on.
pub fn hints(names: &Names<'_, '_>, wanted: &Wanted) -> HashSet<String> {
    let Some(owner) = wanted.owner.as_ref() else { return HashSet::new() };
    let sheet = names.sheet;
    let leading = names.leading_to(owner);
    let is_owner = |at: usize| {
        let path = names.path_at(at)?;
        path.segments.iter().find(|segment| leading.contains(**segment))?;
        let meanings = names.meanings(&path);
        meanings.iter().any(|means| owner.paths.contains(&key(means))).then_some(())
    };
    let typed = (0..sheet.leaves.len()).filter_map(|at| is_owner(at).and_then(|()| declared(sheet, at)));
    typed.take(HINTS_MAX).collect()
}

/// The name that has the type in which a token stands: `name: Arc<Type>`, `fn name(…) -> Option<Type>`.
fn declared(sheet: &Sheet<'_>, at: usize) -> Option<String> {
    let mut before = at.checked_sub(1)?;
    for _ in 0..TYPE_TOKENS_MAX {
        match sheet.word(before) {
            ":" => {
                let name = before.checked_sub(1).filter(|&name| sheet.is_name(name))?;
                return Some(plain(sheet.word(name)).to_owned());
            }
            "->" => {
                let mut name = sheet.opening(before.checked_sub(1)?)?.checked_sub(1)?;
                if sheet.word(name) == ">" {
                    let opens =
                        |at: &usize| sheet.word(*at) == "<" && sheet.past_angles(*at) == Some(name + 1);
                    name = (0..name).rev().take(TYPE_TOKENS_MAX).find(opens)?.checked_sub(1)?;
                }
                let is_function = sheet.word(name.checked_sub(1)?) == "fn";
                return is_function.then(|| plain(sheet.word(name)).to_owned());
            }
            "<" | "&" | "*" | "mut" | "const" | "dyn" | "impl" | "," | "(" | "[" | "::" | "=" => {}
            word if sheet.is_name(before) || word.starts_with('\'') => {}
            _ => return None,
        }
        before = before.checked_sub(1)?;
    }
    None
}

/// Whether the expression that ends at a token is, or comes of, something with one of the names.
pub fn is_hinted(sheet: &Sheet<'_>, mut end: usize, is_hint: &dyn Fn(&str) -> bool) -> bool {
    const STEPS_MAX: usize = 16;
    for _ in 0..STEPS_MAX {
        let step = match sheet.word(end) {
            "?" => end.checked_sub(1),
            "await" => end.checked_sub(2),
            "]" => sheet.opening(end).and_then(|open| open.checked_sub(1)),
            ")" => match sheet.opening(end).and_then(|open| open.checked_sub(1)) {
                Some(callee) if sheet.is_name(callee) => {
                    let name = plain(sheet.word(callee));
                    if is_hint(name) {
                        return true;
                    }
                    let is_method = callee >= 2 && sheet.word(callee - 1) == ".";
                    (is_method && PASSES.contains(&name)).then(|| callee - 2)
                }
                // What stands in parentheses.
                _ => end.checked_sub(1),
            },
            word => return sheet.is_name(end) && is_hint(plain(word)),
        };
        match step {
            Some(step) => end = step,
            None => return false,
        }
    }
    false
}
