//! Which changes one's own code touches.

use super::ItemChange;
use crate::ingest::Uses;

/// Keeps the changes of what some code names by its imports, or calls as a method in a file that names something
/// of the same crate. Whose method it is, the code's types would say, and those are not known here: so more is
/// kept than is touched, rather than less.
pub fn keep_used(changes: &mut Vec<ItemChange>, code: &[Uses]) {
    changes.retain(|change| code.iter().any(|uses| change.is_named(uses)));
}

impl ItemChange {
    fn is_named(&self, uses: &Uses) -> bool {
        self.paths.iter().any(|path| {
            let (outer, name) = path.rsplit_once("::").unwrap_or(("", path));
            let by_glob = || uses.globs.contains(outer) && uses.words.contains(name);
            let called = || {
                let root = path.split("::").next().unwrap_or_default();
                let is_of_crate = |one: &str| {
                    one == root || one.strip_prefix(root).is_some_and(|rest| rest.starts_with("::"))
                };
                self.kind == "method"
                    && uses.methods.contains(name)
                    && uses.paths.iter().chain(&uses.globs).any(|one| is_of_crate(one))
            };
            uses.paths.contains(path) || by_glob() || called()
        })
    }
}
