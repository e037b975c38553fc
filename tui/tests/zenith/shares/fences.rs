//! What keeps the shared and one's own apart: rows that belong elsewhere, copies that are only read, rows that
//! are held, stores that break their promises.

use std::time::Duration;

use zenith_core::catalog::{CatalogEntry, DatabaseRole, Finished};
use zenith_core::identity::Scope;
use zenith_core::package::PackageId;
use zenith_core::search::SearchRequest;
use zenith_harness::lab::Promise;

use super::{TEAM, Team, team as scope};

/// A row as whoever can write the team's catalog would forge it.
async fn plant(team: &Team, entry: &CatalogEntry, scope: Scope, name: &str) {
    let id = PackageId::rust(name, "1.0.0").unwrap();
    let catalog = team.catalog().await;
    catalog.claim(&scope, std::slice::from_ref(&id), "forger", true, |_| true).await.unwrap();
    let forged = Finished {
        scope,
        id,
        description: None,
        repo_url: None,
        symbol_count: entry.symbol_count,
        chunk_count: entry.chunk_count,
        dataset: entry.dataset.clone().unwrap(),
        embedding_model: entry.embedding_model.clone().unwrap(),
        indexed_at_ms: Some(1),
    };
    catalog.finish(&[forged], "forger").await.unwrap();
}

#[test]
fn a_row_counts_only_in_the_database_that_its_scope_belongs_in() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    team.run(&one, &["push"]).ok();
    let entry = team.shared().remove(0);
    team.runtime.block_on(async {
        for (whose, name) in [
            (Scope::Public, "forged-public"),
            (Scope::Private("local".to_string()), "forged-local"),
            (Scope::Private("user_rita".to_string()), "forged-own"),
            (Scope::Team("org_other".to_string()), "forged-other"),
        ] {
            plant(&team, &entry, whose, name).await;
        }
        plant(&team, &entry, scope(), "of-the-team").await;
    });
    let member = team.member();
    let zenith = team.open(&member);
    let wanted = [PackageId::rust("forged-public", "1.0.0").unwrap()];
    let found = team.runtime.block_on(zenith.catalogued(&wanted)).unwrap().found;
    let names: Vec<&str> = found.iter().map(|found| found.entry.id.name()).collect();
    assert_eq!(names, ["of-the-team", "part0"]);
}

#[test]
fn the_copy_of_a_shared_catalog_takes_no_row() {
    let Some(team) = Team::start() else { return };
    let place = team.member();
    let zenith = team.open(&place);
    let member = zenith.federation.members().iter().find(|member| member.role != DatabaseRole::Global);
    let replica = &member.unwrap().replica;
    let id = PackageId::rust("mine", "1.0.0").unwrap();
    team.runtime.block_on(async {
        let catalog = replica.catalog().await.unwrap().unwrap();
        let claimed = catalog.claim(&scope(), &[id], "me", true, |_| true).await;
        assert!(claimed.is_err(), "{claimed:?}");
    });
}

#[test]
fn what_is_held_is_let_go_of_when_it_is_no_longer_shared_and_with_the_program() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(2);
    team.run(&one, &["push"]).ok();
    let other = team.member();
    let zenith = team.open(&other);
    let request = SearchRequest { query: "do_part0".to_string(), limit: 5, ..SearchRequest::default() };
    let reach = || {
        let reached = team.runtime.block_on(zenith.reach(&request, None, Duration::from_secs(60)));
        let found = team.runtime.block_on(zenith.search(request.clone(), None)).unwrap();
        (reached.unwrap().held, found.packages)
    };
    assert_eq!(reach(), (2, 2));
    let entry = team.shared().into_iter().find(|entry| entry.id.name() == "part0").unwrap();
    team.runtime.block_on(async { team.catalog().await.remove(&entry.scope, &entry.id).await.unwrap() });
    team.run(&other, &["sync"]).ok();
    assert_eq!(reach(), (1, 1));
    let held = other.data().join("held");
    let folders = || std::fs::read_dir(&held).unwrap().flatten().filter(|one| one.path().is_dir()).count();
    assert_eq!(folders(), 1);
    drop(zenith);
    assert_eq!(folders(), 0);
}

#[test]
fn nothing_is_pushed_to_a_store_that_breaks_a_promise() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    for broken in Promise::ALL {
        team.bucket.set_broken(&[broken]);
        let push = team.run(&one, &["push"]);
        assert_eq!(push.code, Some(1), "{broken:?}: {push:#?}");
        assert!(!team.object("lance").exists(), "{broken:?}");
    }
    team.bucket.set_broken(&[]);
    assert!(team.shared().is_empty());
    team.run(&one, &["push"]).ok();
    assert_eq!(team.shared().len(), 1);
    assert_eq!(team.shared()[0].scope, Scope::Team(TEAM.to_string()));
}
