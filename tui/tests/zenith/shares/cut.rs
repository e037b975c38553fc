//! The connection is cut, an answer is lost, a server fails: at each request of a push and a pull, to the
//! store and to the catalog.

use zenith_core::Zenith;
use zenith_core::catalog::Status;
use zenith_harness::lab::{CutAt, Fault, FaultPlan};

use super::Team;
use crate::support::Place;

/// What happens once, and what happens from then on.
fn plans(at: u64) -> Vec<FaultPlan> {
    vec![
        FaultPlan::once(at, Fault::CutBefore),
        FaultPlan::once(at, Fault::CutAfter),
        FaultPlan::once(at, Fault::CutWithin),
        FaultPlan::once(at, Fault::Answer(503)),
        FaultPlan::from(at, Fault::CutBefore),
    ]
}

#[test]
fn a_push_that_fails_at_any_request_to_the_store_shows_nothing_that_is_not_whole() {
    let Some(team) = Team::start() else { return };
    let place = team.with_index(1);
    team.bucket.reset();
    team.push(&team.open(&place)).unwrap();
    let requests = team.bucket.count().requests();
    assert!(requests > 10, "{requests}");
    let (mut failed, mut went_on) = (0, 0);
    for plan in (0..requests).flat_map(plans) {
        team.forget();
        // Opened anew: the store is asked again what it promises.
        let zenith = team.open(&place);
        team.bucket.set_faults(Some(plan.clone()));
        let outcome = team.push(&zenith);
        team.bucket.set_faults(None);
        let shared = team.shared().len();
        match &outcome {
            Ok(report) => {
                went_on += 1;
                assert_eq!((report.pushed, shared), (1, 1), "{plan:?}: {report:?}");
            }
            Err(error) => {
                failed += 1;
                assert!(error.to_string().contains("run the command again"), "{plan:?}: {error}");
            }
        }
        heals(&team, &zenith, 1 - shared, &format!("{plan:?}"));
    }
    assert!(failed > 0 && went_on > 0, "{failed} failed, {went_on} went on all the same");
}

#[test]
fn a_push_that_fails_at_any_request_to_the_catalog_shows_nothing_that_is_not_whole() {
    let Some(team) = Team::start() else { return };
    let place = team.with_index(1);
    let zenith = team.open(&place);
    let before = team.wire.requests();
    team.push(&zenith).unwrap();
    let requests = team.wire.requests() - before;
    assert!(requests >= 4, "{requests}");
    let mut failed = 0;
    let cuts = [Some(CutAt::Request), Some(CutAt::Answer), None];
    for (at, cut) in (0..requests).flat_map(|at| cuts.map(|cut| (at, cut))) {
        team.forget();
        match cut {
            Some(cut) => team.wire.cut_once(at, cut),
            None => team.wire.cut_from(at),
        }
        let outcome = team.push(&zenith);
        team.wire.mend();
        let shared = team.shared().len();
        if let Err(error) = &outcome {
            failed += 1;
            let told = error.to_string();
            assert!(!told.contains("token"), "{at} {cut:?}: {told}");
            assert!(told.contains("run the command again"), "{at} {cut:?}: {told}");
        }
        heals(&team, &zenith, 1 - shared, &format!("request {at} of the catalog, {cut:?}: {outcome:?}"));
    }
    assert!(failed > 0);
}

/// The next push makes it whole, whatever was left behind; and is then done.
fn heals(team: &Team, zenith: &Zenith, expected: usize, what: &str) {
    let healed = team.push(zenith).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!((healed.pushed, healed.held), (expected, 0), "{what}: {healed:?}");
    assert_eq!(team.shared().len(), 1, "{what}");
}

#[test]
fn a_pull_that_fails_at_any_request_leaves_packages_whole_or_absent() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    team.push(&team.open(&one)).unwrap();
    let member = || -> (Place, Zenith) {
        let place = team.member();
        let zenith = team.open(&place);
        (place, zenith)
    };
    let (_first, zenith) = member();
    team.bucket.reset();
    team.pull(&zenith).unwrap();
    let requests = team.bucket.count().requests();
    assert!(requests >= 6, "{requests}");
    let mut failed = 0;
    for plan in (0..requests).flat_map(plans) {
        let (_place, zenith) = member();
        team.bucket.set_faults(Some(plan.clone()));
        let outcome = team.pull(&zenith);
        team.bucket.set_faults(None);
        let here = team.runtime.block_on(zenith.packages()).unwrap();
        let here = here.iter().filter(|entry| entry.status == Status::Ready).count();
        match outcome {
            Ok(report) => assert_eq!(here, report.pulled, "{plan:?}"),
            Err(error) => {
                failed += 1;
                assert!(error.to_string().contains("run the command again"), "{plan:?}: {error}");
            }
        }
        let again = team.pull(&zenith).unwrap();
        assert_eq!((again.pulled + here, again.held), (1, 0), "{plan:?}: {again:?}");
    }
    assert!(failed > 0);
}
