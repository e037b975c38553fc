//! The connection is cut, an answer is lost, a server fails: at each request of an export and an import.

use zenith_core::lake::export::ExportMode;
use zenith_core::package::Tier;
use zenith_harness::lab::{Fault, FaultPlan};

use super::{World, own};
use crate::support::Place;

/// What happens once, and what happens from then on.
fn plans(at: u64) -> Vec<FaultPlan> {
    vec![
        FaultPlan::once(at, Fault::CutBefore),
        FaultPlan::once(at, Fault::CutAfter),
        FaultPlan::once(at, Fault::CutWithin),
        FaultPlan::once(at, Fault::Answer(503)),
        FaultPlan::from(at, Fault::CutBefore),
        FaultPlan::from(at, Fault::CutAfter),
    ]
}

#[test]
fn an_export_that_fails_anywhere_leaves_the_old_one_or_the_new() {
    let world = World::new();
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    let zenith = world.open(place.data());
    world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
    let (_, expected) = world.contents(&own());
    world.forget_verdicts(&place);
    world.bucket.reset();
    world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
    let requests = world.bucket.count().requests();
    assert!(requests > 8, "{requests}");
    let (mut failed, mut went_on) = (0, 0);
    for plan in (0..requests).flat_map(plans) {
        let (before, _) = world.contents(&own());
        world.forget_verdicts(&place);
        world.bucket.set_faults(Some(plan.clone()));
        let outcome = world.export(&zenith, Tier::Private, ExportMode::Full);
        world.bucket.set_faults(None);
        let (after, contents) = world.contents(&own());
        assert_eq!(contents, expected, "{plan:?}");
        match outcome {
            Ok(report) => {
                went_on += 1;
                assert_eq!(after, before + 1, "{plan:?}: {report:?}");
            }
            Err(error) => {
                failed += 1;
                assert!(after == before || after == before + 1, "{plan:?}: {before} to {after}");
                assert!(error.to_string().contains("run the command again"), "{plan:?}: {error}");
            }
        }
    }
    assert!(failed > 0 && went_on > 0, "{failed} failed, {went_on} went on all the same");
    world.export(&zenith, Tier::Private, ExportMode::Full).unwrap();
    assert_eq!(world.contents(&own()).1, expected);
}

/// A delta whose answer was lost is in the export once.
#[test]
fn a_lost_answer_to_the_swap_is_looked_up() {
    let world = World::new();
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    let zenith = world.open(place.data());
    world.bucket.reset();
    world.export(&zenith, Tier::Private, ExportMode::Incremental).unwrap();
    let requests = world.bucket.count().requests();
    for at in 0..requests {
        std::fs::remove_file(world.object(super::MANIFEST)).unwrap();
        world.bucket.set_faults(Some(FaultPlan::once(at, Fault::CutAfter)));
        let outcome = world.export(&zenith, Tier::Private, ExportMode::Incremental);
        world.bucket.set_faults(None);
        if outcome.is_err() {
            world.export(&zenith, Tier::Private, ExportMode::Incremental).unwrap();
        }
        let (sequence, contents) = world.contents(&own());
        assert_eq!((sequence, contents.len()), (1, 2), "at request {at}: {outcome:?}");
    }
}

#[test]
fn an_import_that_fails_anywhere_leaves_packages_whole_or_absent() {
    let world = World::new();
    let place = Place::with_workspace(3);
    place.run(&["index"]).ok();
    let exporting = world.open(place.data());
    world.export(&exporting, Tier::Private, ExportMode::Full).unwrap();
    let first = world.newcomer("first");
    world.bucket.reset();
    world.import(&first, Tier::Private).unwrap();
    let requests = world.bucket.count().requests();
    assert!(requests >= 3, "{requests}");
    let mut failed = 0;
    for (number, plan) in (0..requests).flat_map(plans).enumerate() {
        let zenith = world.newcomer(&format!("newcomer{number}"));
        world.bucket.set_faults(Some(plan.clone()));
        let outcome = world.import(&zenith, Tier::Private);
        world.bucket.set_faults(None);
        let found = world.found(&zenith).len();
        match outcome {
            Ok(report) => assert_eq!(found, report.imported, "{plan:?}"),
            Err(error) => {
                failed += 1;
                assert!(error.to_string().contains("run the command again"), "{plan:?}: {error}");
            }
        }
        let again = world.import(&zenith, Tier::Private).unwrap();
        assert_eq!((again.imported + found, world.found(&zenith).len()), (3, 3), "{plan:?}");
        let claimed = world.runtime.block_on(zenith.packages()).unwrap();
        assert!(claimed.iter().all(|entry| entry.claim.is_none()), "{plan:?}");
    }
    assert!(failed > 0);
}
