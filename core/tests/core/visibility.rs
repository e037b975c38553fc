//! Who sees what, held to an oracle that shares no code with the predicate.

use std::collections::BTreeSet;

use proptest::prelude::*;
use zenith_core::identity::{Identity, Scope};
use zenith_core::search::SearchRequest;

use crate::support::{Folder, block_on};

/// A package in somebody's tier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    tier: &'static str,
    whose: &'static str,
    package: &'static str,
}

/// All there is to the rule.
fn may_see(row: &Row, subject: Option<&str>, organisation: Option<&str>) -> bool {
    match row.tier {
        "public" => true,
        "team" => organisation == Some(row.whose),
        _ => subject == Some(row.whose),
    }
}

fn rows() -> impl Strategy<Value = BTreeSet<Row>> {
    let row = (
        prop::sample::select(vec!["public", "team", "private"]),
        prop::sample::select(vec!["ann", "bob", "acme", "local"]),
        prop::sample::select(vec!["alpha", "beta", "gamma"]),
    );
    let row = row.prop_map(|(tier, whose, package)| Row {
        tier,
        whose: if tier == "public" { "" } else { whose },
        package,
    });
    prop::collection::btree_set(row, 0..12)
}

fn asker() -> impl Strategy<Value = (Option<&'static str>, Option<&'static str>)> {
    let subject = prop::option::of(prop::sample::select(vec!["ann", "bob", "acme"]));
    let organisation = prop::option::of(prop::sample::select(vec!["acme", "ann", "other"]));
    (subject, organisation).prop_map(|(subject, organisation)| (subject, subject.and(organisation)))
}

fn identity(subject: Option<&str>, organisation: Option<&str>) -> Identity {
    match subject {
        None => Identity::Anonymous,
        Some(subject) => Identity::user(subject, organisation.map(str::to_string)).unwrap(),
    }
}

fn scope(row: &Row) -> Scope {
    match row.tier {
        "public" => Scope::Public,
        "team" => Scope::Team(row.whose.to_string()),
        _ => Scope::Private(row.whose.to_string()),
    }
}

fn seen(scope: &Scope, package: &str) -> Row {
    let whose = scope.owner().or(scope.team()).unwrap_or_default();
    let known = ["ann", "bob", "acme", "local", ""].into_iter().find(|known| *known == whose).unwrap();
    let package = ["alpha", "beta", "gamma"].into_iter().find(|known| *known == package).unwrap();
    Row { tier: scope.tier().as_str(), whose: known, package }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_catalog_shows_exactly_what_the_oracle_allows(rows in rows(), (subject, organisation) in asker()) {
        block_on(async {
            let folder = Folder::new().await;
            for row in &rows {
                folder.put(&scope(row), row.package, &["thing"]).await;
            }
            let zenith = folder.open_as(identity(subject, organisation)).await;
            let visible: BTreeSet<Row> =
                zenith.packages().await.unwrap().iter().map(|entry| seen(&entry.scope, entry.id.name())).collect();
            let allowed: BTreeSet<Row> =
                rows.iter().filter(|row| may_see(row, subject, organisation)).cloned().collect();
            prop_assert_eq!(visible, allowed);
            Ok(())
        })?;
    }

    /// A search gives the same hits, scores and order whether or not there are rows that the asker
    /// may not see.
    #[test]
    fn what_may_not_be_seen_changes_nothing(rows in rows(), (subject, organisation) in asker()) {
        block_on(async {
            let (full, bare) = (Folder::new().await, Folder::new().await);
            for row in &rows {
                let names = ["spawn_task", "join_handle", row.package];
                full.put(&scope(row), row.package, &names).await;
                if may_see(row, subject, organisation) {
                    bare.put(&scope(row), row.package, &names).await;
                }
            }
            let full = full.open_as(identity(subject, organisation)).await;
            let bare = bare.open_as(identity(subject, organisation)).await;
            let sure = ["spawn task", "spawn_task", "alpha", "", "handle of a joined thread"];
            for query in sure.into_iter().chain(["sp_ta", "spwan_tsak", "alhpa"]) {
                let request = SearchRequest { query: query.to_string(), limit: 50, ..SearchRequest::default() };
                let with = full.search(request.clone(), None).await.unwrap();
                let without = bare.search(request, None).await.unwrap();
                prop_assert_eq!(with, without, "for {:?}", query);
            }
            Ok(())
        })?;
    }
}
