//! Processes that die in the middle, and disks that are full.

use zenith_core::lake::export::ExportMode;
use zenith_core::package::Tier;
use zenith_harness::lab::{Fault, FaultPlan};

use super::{World, own};
use crate::support::{Place, Run, kill_at, limited};

#[test]
fn an_export_killed_at_any_request_leaves_the_old_one_or_the_new() {
    let world = World::new();
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    let arguments = ["export", "--tier", "private"];
    Run::of(world.command(&place, &arguments).output().unwrap()).ok();
    let (_, expected) = world.contents(&own());
    world.bucket.reset();
    Run::of(world.command(&place, &arguments).output().unwrap()).ok();
    for at in 0..world.bucket.count().requests() {
        for fault in [Fault::HangBefore, Fault::HangAfter] {
            let (before, _) = world.contents(&own());
            kill_at(
                &world.runtime,
                &world.bucket,
                world.command(&place, &arguments),
                FaultPlan::once(at, fault),
            );
            let (after, contents) = world.contents(&own());
            assert!(after == before || after == before + 1, "{at} {fault:?}: {before} to {after}");
            assert_eq!(contents, expected, "{at} {fault:?}");
        }
    }
    Run::of(world.command(&place, &arguments).output().unwrap()).ok();
    assert_eq!(world.contents(&own()).1, expected);
}

#[test]
fn an_import_killed_at_any_request_goes_on_where_it_ended() {
    let world = World::new();
    let one = Place::with_workspace(2);
    one.run(&["index"]).ok();
    world.export(&world.open(one.data()), Tier::Private, ExportMode::Full).unwrap();
    let arguments = ["import", "--tier", "private"];
    world.bucket.reset();
    world.import(&world.newcomer("newcomer"), Tier::Private).unwrap();
    for at in 0..world.bucket.count().requests() {
        let other = Place::new();
        kill_at(
            &world.runtime,
            &world.bucket,
            world.command(&other, &arguments),
            FaultPlan::once(at, Fault::HangAfter),
        );
        for finding in other.run(&["doctor", "--json"]).json() {
            let harmless = finding["part"] == "claims" || finding["part"] == "leftovers";
            assert!(harmless || finding["state"] == "ok", "killed at {at}: {finding}");
        }
        Run::of(world.command(&other, &arguments).output().unwrap()).ok();
        assert_eq!(other.run(&["packages", "--json"]).ok().each("status"), ["ready", "ready"]);
        let hits = other.run(&["search", "do_part1", "--limit", "1", "--json"]).ok();
        assert_eq!(hits.each("name"), ["do_part1"]);
        other.run(&["doctor", "--repair"]).ok();
        other.run(&["doctor"]).ok();
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_ends_an_export_and_an_import_and_the_next_run_heals_them() {
    let one = Place::with_workspace(3);
    one.run(&["index"]).ok();
    let export = ["export", "--tier", "private"];
    let manifest = one.data().join("store/packages/private/local/manifest.json");
    for kib in [0, 1, 2, 8, 32] {
        let run = Run::of(limited(&one.command(&export), kib).output().unwrap());
        if run.code == Some(0) {
            continue;
        }
        assert_eq!(run.code, Some(1), "{kib} KiB: {run:#?}");
        assert!(!run.err.is_empty() && !run.err.contains("panicked"), "{run:#?}");
        assert!(!manifest.exists() || std::fs::read(&manifest).unwrap().ends_with(b"}"), "{kib} KiB");
    }
    one.run(&export).ok();

    let store = one.data().join("store");
    let mut failed = 0;
    for kib in [8, 40, 64, 128, 256] {
        let other = Place::new();
        let import = ["import", "--tier", "private"];
        let run =
            Run::of(limited(&other.command(&import), kib).env("ZENITH_STORE", &store).output().unwrap());
        assert!(matches!(run.code, Some(0 | 1)) && !run.err.contains("panicked"), "{kib} KiB: {run:#?}");
        failed += usize::from(run.code == Some(1));
        Run::of(other.command(&import).env("ZENITH_STORE", &store).output().unwrap()).ok();
        assert_eq!(other.run(&["packages", "--json"]).ok().each("status"), vec!["ready"; 3], "{kib} KiB");
        other.run(&["doctor", "--repair"]).ok();
        other.run(&["doctor"]).ok();
    }
    assert!(failed > 0);
}
