//! Claims: won once, told who holds them, taken over from the dead.

use zenith_core::catalog::{Catalog, ClaimOutcome, Status};
use zenith_core::identity::{Identity, Scope};
use zenith_core::package::PackageId;

use crate::support::{block_on, finished};

fn package() -> PackageId {
    PackageId::rust("tokio", "1.0.0").unwrap()
}

async fn claim(catalog: &Catalog, holder: &str, anew: bool, gone: &str) -> ClaimOutcome {
    let outcomes =
        catalog.claim(&Scope::Public, &[package()], holder, anew, |who| who == gone).await.unwrap();
    outcomes[0].clone()
}

#[test]
fn a_claim_is_won_by_one_of_many_connections() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        drop(Catalog::open(&path).await.unwrap());
        let racers = (0..16).map(|racer| {
            let path = path.clone();
            tokio::spawn(async move {
                let catalog = Catalog::open(&path).await.unwrap();
                claim(&catalog, &format!("holder{racer}"), false, "").await
            })
        });
        let mut won = 0;
        let mut holders = std::collections::BTreeSet::new();
        for racer in racers.collect::<Vec<_>>() {
            match racer.await.unwrap() {
                ClaimOutcome::Won => won += 1,
                ClaimOutcome::Held(claim) => drop(holders.insert(claim.holder)),
                ClaimOutcome::Ready => panic!("nobody finished it"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(holders.len(), 1, "the losers name one winner: {holders:?}");
    });
}

#[test]
fn the_claim_of_a_dead_holder_is_taken_over_and_the_dead_cannot_finish() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(&folder.path().join("catalog.db")).await.unwrap();
        assert_eq!(claim(&catalog, "first", false, "").await, ClaimOutcome::Won);
        // A statement that was done and not answered is sent again.
        assert_eq!(claim(&catalog, "first", false, "").await, ClaimOutcome::Won);
        assert!(
            matches!(claim(&catalog, "second", false, "").await, ClaimOutcome::Held(held) if held.holder == "first")
        );
        assert_eq!(claim(&catalog, "second", false, "first").await, ClaimOutcome::Won);

        let package = finished(&Scope::Public, &package());
        assert_eq!(catalog.finish(std::slice::from_ref(&package), "first").await.unwrap(), [Err(())]);
        assert_eq!(catalog.finish(&[package], "second").await.unwrap(), [Ok(None)]);
        assert_eq!(claim(&catalog, "third", false, "").await, ClaimOutcome::Ready);
    });
}

#[test]
fn a_ready_package_stays_ready_while_it_is_indexed_anew() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(&folder.path().join("catalog.db")).await.unwrap();
        let first = finished(&Scope::Public, &package());
        claim(&catalog, "first", false, "").await;
        catalog.finish(std::slice::from_ref(&first), "first").await.unwrap();

        assert_eq!(claim(&catalog, "second", true, "").await, ClaimOutcome::Won);
        let status = async || catalog.packages(&Identity::Anonymous).await.unwrap()[0].status;
        assert_eq!(status().await, Status::Ready);
        catalog.fail(&Scope::Public, &package(), "second", "the disk is full").await.unwrap();
        assert_eq!(status().await, Status::Ready, "a failure keeps what was there");

        assert_eq!(claim(&catalog, "third", true, "").await, ClaimOutcome::Won);
        let mut next = first.clone();
        next.dataset = format!("{}-next", first.dataset);
        assert_eq!(catalog.finish(&[next], "third").await.unwrap(), [Ok(Some(first.dataset))]);
    });
}

#[test]
fn a_released_claim_leaves_nothing_behind() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(&folder.path().join("catalog.db")).await.unwrap();
        claim(&catalog, "first", false, "").await;
        catalog.release_all("first").await.unwrap();
        assert!(catalog.packages(&Identity::Anonymous).await.unwrap().is_empty());
    });
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_stays() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        std::fs::write(&path, "this is somebody's text, and much longer than a header of a hundred bytes is, so that it is read as one".repeat(40)).unwrap();
        let error = Catalog::open(&path).await.err().unwrap().to_string();
        assert!(error.contains("catalog.db"), "{error}");
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("this is"));
    });
}
