//! Which changes one's own code touches.

use std::collections::BTreeSet;

use super::ItemChange;
use crate::ingest::Uses;

/// Keeps the changes of what some code names by its imports, or calls as a method in a file that names something
/// of the same crate, which may have other names there. Whose method it is, the code's types would say, and those
/// are not known here: so more is kept than is touched, rather than less.
pub fn keep_used(changes: &mut Vec<ItemChange>, names: &BTreeSet<String>, code: &[Uses]) {
    let is_used = |change: &ItemChange, path: &str| code.iter().any(|uses| change.is_named(path, uses));
    changes.retain(|change| {
        change.paths.iter().any(|path| {
            let rest = path.find("::").and_then(|end| path.get(end..)).unwrap_or_default();
            is_used(change, path) || names.iter().any(|name| is_used(change, &format!("{name}{rest}")))
        })
    });
}

impl ItemChange {
    fn is_named(&self, path: &str, uses: &Uses) -> bool {
        let (outer, name) = path.rsplit_once("::").unwrap_or(("", path));
        let by_glob = || uses.globs.contains(outer) && uses.words.contains(name);
        let called = || {
            let root = path.split("::").next().unwrap_or_default();
            let is_of_crate =
                |one: &str| one == root || one.strip_prefix(root).is_some_and(|rest| rest.starts_with("::"));
            // Who calls a method writes no path to it that could be gone.
            self.kind == "method"
                && self.stays_at.is_none()
                && uses.methods.contains(name)
                && uses.paths.iter().chain(&uses.globs).any(|one| is_of_crate(one))
        };
        uses.paths.contains(path) || by_glob() || called()
    }
}
