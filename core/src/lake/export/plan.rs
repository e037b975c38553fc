//! What an export has to add and to remove, given what is exported already.

use std::collections::BTreeSet;

use super::manifest::{ExportedPackage, Manifest};
use crate::catalog::{CatalogEntry, Status};
use crate::identity::Scope;
use crate::lake::{attempt_of, is_fetched};
use crate::package::PackageId;

/// What this data folder has to say to what stands.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan<'a> {
    pub write: Vec<&'a CatalogEntry>,
    pub removed: Vec<PackageId>,
}

/// The entries that a data folder may export: ready, of the scope, and indexed here. What it fetched
/// is somebody else's to export.
pub fn indexed_here<'a>(entries: &'a [CatalogEntry], scope: &Scope) -> Vec<&'a CatalogEntry> {
    let is_own = |entry: &&CatalogEntry| {
        entry.scope == *scope
            && entry.status == Status::Ready
            && entry.dataset.as_deref().is_some_and(|dataset| !is_fetched(dataset))
    };
    let mut own: Vec<&CatalogEntry> = entries.iter().filter(is_own).collect();
    own.sort_by(|a, b| a.id.cmp(&b.id));
    own
}

/// What differs: packages that are new or were indexed later, and those that only this exporter brought
/// and no longer has. `all` writes what stands already as well.
pub(super) fn plan<'a>(
    own: &[&'a CatalogEntry],
    stands: Option<&Manifest>,
    exporter: &str,
    all: bool,
) -> Plan<'a> {
    let live = stands.map(Manifest::live).unwrap_or_default();
    let write = own.iter().copied().filter(|entry| match live.get(&entry.id) {
        None => true,
        Some((_, there)) => {
            let same = there.attempt == attempt_of(entry.dataset.as_deref().unwrap_or_default());
            let newer = entry.indexed_at_ms.unwrap_or(0) > there.indexed_at_ms;
            // A clock that was set back must not hide what the same folder indexed again.
            if same { all } else { newer || there.exported_by == exporter }
        }
    });
    let mine: BTreeSet<&PackageId> = own.iter().map(|entry| &entry.id).collect();
    let gone = |(_, there): &&(&super::Segment, &ExportedPackage)| {
        there.exported_by == exporter && !mine.contains(&there.id)
    };
    let removed = live.values().filter(gone).map(|(_, there)| there.id.clone()).collect();
    Plan { write: write.collect(), removed }
}

/// What the manifest says of an entry, before its rows are counted and packed.
pub(super) fn described(entry: &CatalogEntry, exporter: &str) -> ExportedPackage {
    ExportedPackage {
        id: entry.id.clone(),
        symbol_count: 0,
        chunk_count: 0,
        attempt: attempt_of(entry.dataset.as_deref().unwrap_or_default()).to_string(),
        indexed_at_ms: entry.indexed_at_ms.unwrap_or(0),
        embedding_model: entry.embedding_model.clone(),
        description: entry.description.clone(),
        repo_url: entry.repo_url.clone(),
        exported_by: exporter.to_string(),
        symbols: None,
        chunks: None,
        left_out: None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::Segment;
    use super::*;
    use crate::lake::{Lake, imported_attempt, pulled_attempt};

    fn entry(name: &str, attempt: &str) -> CatalogEntry {
        let id = PackageId::rust(name, "1.0.0").unwrap();
        CatalogEntry {
            dataset: Some(Lake::place(&Scope::Public, &id, attempt)),
            indexed_at_ms: Some(5),
            ..CatalogEntry::ready(Scope::Public, id)
        }
    }

    fn names<'a>(packages: impl IntoIterator<Item = &'a PackageId>) -> Vec<&'a str> {
        packages.into_iter().map(PackageId::name).collect()
    }

    #[test]
    fn what_was_fetched_is_somebody_elses_to_export() {
        let claimed = CatalogEntry { status: Status::Claimed, ..entry("claimed", "a") };
        let elsewhere = CatalogEntry { scope: Scope::Team("acme".to_string()), ..entry("teams", "a") };
        let entries = [
            entry("own", "a"),
            entry("imported", &imported_attempt("a")),
            entry("pulled", &pulled_attempt("a")),
            claimed,
            elsewhere,
        ];
        let own = indexed_here(&entries, &Scope::Public);
        assert_eq!(names(own.iter().map(|entry| &entry.id)), ["own"]);
    }

    #[test]
    fn only_what_one_brought_is_taken_away() {
        let mut base = Segment::new(DateTime::UNIX_EPOCH);
        base.packages = vec![
            described(&entry("kept", "a"), "me"),
            described(&entry("gone", "a"), "me"),
            described(&entry("theirs", "a"), "them"),
        ];
        let stands = Manifest::new(&Scope::Public, 1, DateTime::UNIX_EPOCH, base, Vec::new());
        let (kept, new) = (entry("kept", "a"), entry("new", "a"));
        for all in [false, true] {
            let plan = plan(&[&kept, &new], Some(&stands), "me", all);
            assert_eq!(names(&plan.removed), ["gone"]);
            let written = names(plan.write.iter().map(|entry| &entry.id));
            assert_eq!(written, if all { vec!["kept", "new"] } else { vec!["new"] });
        }
    }
}
