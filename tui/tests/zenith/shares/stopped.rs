//! Ctrl-C while the store or the catalog does not answer.

use zenith_core::catalog::Status;
use zenith_harness::lab::{CutAt, Fault, FaultPlan};

use super::Team;
use crate::support::{Place, Run, stopped};

fn from(at: u64) -> Option<FaultPlan> {
    Some(FaultPlan::from(at, Fault::HangBefore))
}

#[test]
fn a_push_that_is_stopped_ends_and_goes_on_where_it_ended() {
    let Some(team) = Team::start() else { return };
    let place = team.with_index(1);
    team.bucket.reset();
    team.run(&place, &["push"]).ok();
    let mut times = 0;
    for at in 0..team.bucket.count().requests() {
        team.forget();
        team.bucket.set_faults(from(at));
        let hangs = team.bucket.hanging();
        let run = team.runtime.block_on(stopped(team.command(&place, &["push"]), hangs));
        team.bucket.set_faults(None);
        let Some(run) = run else { continue };
        times += 1;
        assert_eq!(run.code, Some(1), "{at}: {run:#?}");
        assert!(team.shared().is_empty(), "{at}");
        pushes(&team, &place, &format!("stopped at request {at} to the store"));
    }
    assert!(times > 4, "{times}");
}

#[test]
fn a_push_ends_that_is_stopped_while_the_catalog_is_silent() {
    let Some(team) = Team::start() else { return };
    let place = team.with_index(1);
    let before = team.wire.requests();
    team.run(&place, &["push"]).ok();
    let mut times = 0;
    for at in 0..team.wire.requests() - before {
        team.forget();
        team.wire.hang_once(at, CutAt::Request);
        let hangs = team.wire.hanging();
        let run = team.runtime.block_on(stopped(team.command(&place, &["push"]), hangs));
        team.wire.mend();
        let Some(run) = run else { continue };
        times += 1;
        assert_eq!(run.code, Some(1), "{at}: {run:#?}");
        assert!(!run.err.contains("token"), "{at}: {run:#?}");
        pushes(&team, &place, &format!("stopped at request {at} to the catalog"));
    }
    assert!(times > 2, "{times}");
}

/// The next push makes it whole.
fn pushes(team: &Team, place: &Place, what: &str) {
    let again = team.run(place, &["push", "--json"]);
    assert_eq!(again.code, Some(0), "{what}: {again:#?}");
    assert_eq!(team.shared().len(), 1, "{what}");
}

#[test]
fn a_pull_that_is_stopped_ends_and_goes_on_where_it_ended() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    team.run(&one, &["push"]).ok();
    let member = team.member();
    team.bucket.reset();
    team.run(&member, &["pull", "--all"]).ok();
    for at in 0..team.bucket.count().requests() {
        let member = team.member();
        team.bucket.set_faults(from(at));
        let hangs = team.bucket.hanging();
        let run = team.runtime.block_on(stopped(team.command(&member, &["pull", "--all"]), hangs));
        team.bucket.set_faults(None);
        let run = run.expect("a pull makes the same requests each time");
        assert_eq!(run.code, Some(1), "{at}: {run:#?}");
        let here = team.runtime.block_on(team.open(&member).packages()).unwrap();
        assert!(here.iter().all(|entry| entry.status != Status::Ready), "{at}");
        team.run(&member, &["pull", "--all"]).ok();
    }
}

#[test]
fn a_search_and_a_sync_end_that_are_stopped() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    team.run(&one, &["push"]).ok();
    let member = team.member();
    team.bucket.set_faults(from(0));
    let search = team.command(&member, &["search", "do part"]);
    let run: Run = team.runtime.block_on(stopped(search, team.bucket.hanging())).unwrap();
    team.bucket.set_faults(None);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{run:#?}");

    team.wire.hang_once(0, CutAt::Request);
    let sync = team.command(&member, &["sync", "--deadline", "600"]);
    let run = team.runtime.block_on(stopped(sync, team.wire.hanging())).unwrap();
    team.wire.mend();
    assert_eq!(run.code, Some(1), "{run:#?}");
    team.run(&member, &["sync"]).ok();
    team.run(&member, &["search", "do part"]).ok();
    team.run(&member, &["doctor"]).ok();
}
