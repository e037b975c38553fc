//! Ctrl-C while the store does not answer: an export and an import end, and leave what is whole.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use zenith_core::lake::export::ExportMode;
use zenith_core::package::Tier;
use zenith_harness::lab::{Fault, FaultPlan};

use super::{World, own};
use crate::support::{Place, Run, interrupt, stopped};

const EXPORT: [&str; 3] = ["export", "--tier", "private"];

/// Every request of a run may be the one that hangs: before it is done, or after.
fn fault(at: u64) -> FaultPlan {
    FaultPlan::from(at, if at.is_multiple_of(2) { Fault::HangBefore } else { Fault::HangAfter })
}

#[test]
fn an_export_that_is_stopped_ends_and_leaves_the_old_one_or_the_new() {
    let world = World::new();
    let place = Place::with_workspace(2);
    place.run(&["index"]).ok();
    Run::of(world.command(&place, &EXPORT).output().unwrap()).ok();
    let (_, expected) = world.contents(&own());
    world.bucket.reset();
    Run::of(world.command(&place, &EXPORT).output().unwrap()).ok();
    let mut times = 0;
    for at in 0..world.bucket.count().requests() {
        let (before, _) = world.contents(&own());
        world.bucket.set_faults(Some(fault(at)));
        let hangs = world.bucket.hanging();
        let run = world.runtime.block_on(stopped(world.command(&place, &EXPORT), hangs));
        world.bucket.set_faults(None);
        let Some(run) = run else { continue };
        times += 1;
        assert!(run.err.contains("stopping"), "{at}: {run:#?}");
        let (after, contents) = world.contents(&own());
        assert!(after == before || after == before + 1, "{at}: {before} to {after}");
        assert_eq!(contents, expected, "{at}");
        // What is tidied up after the export is not waited for.
        assert!(run.code == Some(1) || (run.code == Some(0) && after == before + 1), "{at}: {run:#?}");
    }
    assert!(times > 4, "{times}");
    Run::of(world.command(&place, &EXPORT).output().unwrap()).ok();
}

#[test]
fn a_second_time_ends_it_at_once() {
    let world = World::new();
    let place = Place::with_workspace(1);
    place.run(&["index"]).ok();
    let mut command = world.command(&place, &EXPORT);
    Run::of(command.output().unwrap()).ok();
    world.bucket.reset();
    Run::of(command.output().unwrap()).ok();
    let swap = world.bucket.requests().iter().rposition(|request| {
        request.kind == zenith_harness::lab::RequestKind::Put && request.target.contains("manifest.json")
    });
    let swap = u64::try_from(swap.expect("an export puts a manifest")).unwrap();
    world.bucket.set_faults(Some(FaultPlan::from(swap, Fault::HangBefore)));
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let status = world.runtime.block_on(async {
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
        world.bucket.hanging().await;
        interrupt(child.id().unwrap());
        // The swap is waited for, since only its answer says whether it was done.
        while let Some(line) = told.next_line().await.unwrap() {
            if line.contains("stopping") {
                break;
            }
        }
        interrupt(child.id().unwrap());
        tokio::time::timeout(Duration::from_secs(40), child.wait()).await.expect("it ends").unwrap()
    });
    // By the signal itself: at the end of its grace the program would have ended with 1.
    assert_eq!((status.signal(), status.code()), (Some(2), None));
}

#[test]
fn an_import_that_is_stopped_ends_and_goes_on_where_it_ended() {
    let world = World::new();
    let one = Place::with_workspace(2);
    one.run(&["index"]).ok();
    world.export(&world.open(one.data()), Tier::Private, ExportMode::Full).unwrap();
    world.bucket.reset();
    world.import(&world.newcomer("newcomer"), Tier::Private).unwrap();
    for at in 0..world.bucket.count().requests() {
        let other = Place::new();
        let arguments = ["import", "--tier", "private"];
        world.bucket.set_faults(Some(fault(at)));
        let hangs = world.bucket.hanging();
        let run = world.runtime.block_on(stopped(world.command(&other, &arguments), hangs));
        world.bucket.set_faults(None);
        let run = run.expect("an import makes the same requests each time");
        assert_eq!(run.code, Some(1), "{at}: {run:#?}");
        other.run(&["doctor"]).ok();
        Run::of(world.command(&other, &arguments).output().unwrap()).ok();
        assert_eq!(other.run(&["packages", "--json"]).ok().each("status"), ["ready", "ready"], "{at}");
    }
}
