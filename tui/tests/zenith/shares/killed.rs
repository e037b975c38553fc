//! Processes that die in the middle, two at once, and a disk that is full.

use std::process::Stdio;
use std::time::Duration;

use zenith_harness::lab::{CutAt, Fault, FaultPlan};

use super::Team;
use crate::support::{Place, Run, kill_at};

#[test]
fn a_push_killed_at_any_request_goes_on_where_it_ended() {
    let Some(team) = Team::start() else { return };
    let place = team.with_index(1);
    team.bucket.reset();
    team.run(&place, &["push"]).ok();
    let requests = team.bucket.count().requests();
    let mut spared = 0;
    for at in 0..requests {
        for fault in [Fault::HangBefore, Fault::HangAfter] {
            team.forget();
            // The bucket is asked again what it promises.
            let _ = std::fs::remove_dir_all(place.data().join("probed"));
            kill_at(&team.runtime, &team.bucket, team.command(&place, &["push"]), FaultPlan::once(at, fault));
            assert!(team.shared().is_empty(), "{at} {fault:?}");
            let again = team.run(&place, &["push", "--json"]).ok();
            assert_eq!((again.each("pushed"), again.each("held")), (vec!["1".into()], vec!["0".into()]));
            spared += again.each("files_before")[0].parse::<usize>().unwrap();
            assert_eq!(team.shared().len(), 1, "{at} {fault:?}");
        }
    }
    assert!(spared > 0, "no file was spared");
}

#[test]
fn a_push_killed_at_any_request_to_the_catalog_goes_on_where_it_ended() {
    let Some(team) = Team::start() else { return };
    let place = team.with_index(1);
    let before = team.wire.requests();
    team.run(&place, &["push"]).ok();
    let requests = team.wire.requests() - before;
    assert!(requests >= 5, "{requests}");
    for (at, cut) in (0..requests).flat_map(|at| [(at, CutAt::Request), (at, CutAt::Answer)]) {
        team.forget();
        team.wire.hang_once(at, cut);
        let mut command = team.command(&place, &["push"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        team.runtime.block_on(async {
            let mut child = tokio::process::Command::from(command).spawn().unwrap();
            // Nobody waits for the answer to the last request.
            let ended = tokio::time::timeout(Duration::from_secs(60), async {
                tokio::select! {
                    () = team.wire.hanging() => {}
                    status = child.wait() => assert!(status.unwrap().success(), "{at} {cut:?}"),
                }
            });
            ended.await.expect("the program makes this request");
            child.kill().await.unwrap();
        });
        team.wire.mend();
        let shared = team.shared().len();
        let again = team.run(&place, &["push", "--json"]).ok();
        let expected = (1 - shared).to_string();
        assert_eq!(
            (again.each("pushed"), again.each("held")),
            (vec![expected], vec!["0".into()]),
            "{at} {cut:?}"
        );
        assert_eq!(team.shared().len(), 1, "{at} {cut:?}");
    }
}

#[test]
fn a_pull_killed_at_any_request_goes_on_where_it_ended() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(1);
    team.run(&one, &["push"]).ok();
    let first = team.member();
    team.bucket.reset();
    let whole: u64 = team.run(&first, &["pull", "--all", "--json"]).ok().each("bytes")[0].parse().unwrap();
    let mut spared = 0;
    for at in 0..team.bucket.count().requests() {
        let other = team.member();
        kill_at(
            &team.runtime,
            &team.bucket,
            team.command(&other, &["pull", "--all"]),
            FaultPlan::once(at, Fault::HangAfter),
        );
        for finding in other.run(&["doctor", "--json"]).json() {
            let harmless = finding["part"] == "claims" || finding["part"] == "leftovers";
            assert!(harmless || finding["state"] == "ok", "killed at {at}: {finding}");
        }
        let again = team.run(&other, &["pull", "--all", "--json"]).ok();
        assert_eq!(again.each("pulled"), ["1"], "{at}");
        spared += u64::from(again.each("bytes")[0].parse::<u64>().unwrap() < whole);
        let hits = other.run(&["search", "do_part0", "--limit", "1", "--json"]).ok();
        assert_eq!(hits.each("name"), ["do_part0"]);
        other.run(&["doctor", "--repair"]).ok();
        other.run(&["doctor"]).ok();
    }
    assert!(spared > 0, "nothing was spared");
}

/// Two of a team push the same packages, and two processes pull into one folder, at the same time.
#[test]
fn of_two_at_once_nothing_is_lost() {
    let Some(team) = Team::start() else { return };
    let (one, other) = (team.with_index(3), team.with_index(3));
    team.bucket.set_delay(Duration::from_millis(3));
    let spawn = |place: &Place, arguments: &[&str]| {
        let mut command = team.command(place, arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for child in [spawn(&one, &["push", "--json"]), spawn(&other, &["push", "--json"])] {
        Run::of(child.wait_with_output().unwrap()).ok();
    }
    assert_eq!(team.shared().len(), 3);
    let reader = team.member();
    for child in [spawn(&reader, &["pull", "--all", "--json"]), spawn(&reader, &["pull", "--all", "--json"])]
    {
        Run::of(child.wait_with_output().unwrap()).ok();
    }
    team.run(&reader, &["pull", "--all"]).ok();
    assert_eq!(reader.run(&["packages", "--json"]).ok().each("status"), vec!["ready"; 3]);
    for part in ["do_part0", "do_part1", "do_part2"] {
        assert_eq!(reader.run(&["search", part, "-n", "1", "--json"]).ok().each("name"), [part]);
    }
    reader.run(&["doctor"]).ok();
}

#[cfg(unix)]
#[test]
fn a_full_disk_ends_a_pull_and_the_next_run_heals_it() {
    let Some(team) = Team::start() else { return };
    let one = team.with_index(2);
    team.run(&one, &["push"]).ok();
    let mut failed = 0;
    for kib in [8, 40, 64, 128, 256] {
        let other = team.member();
        let pull = ["pull", "--all"];
        let run = Run::of(crate::support::limited(&team.command(&other, &pull), kib).output().unwrap());
        assert!(matches!(run.code, Some(0 | 1)) && !run.err.contains("panicked"), "{kib} KiB: {run:#?}");
        failed += usize::from(run.code == Some(1));
        team.run(&other, &pull).ok();
        assert_eq!(other.run(&["packages", "--json"]).ok().each("status"), vec!["ready"; 2], "{kib} KiB");
        other.run(&["doctor", "--repair"]).ok();
        other.run(&["doctor"]).ok();
    }
    assert!(failed > 0);
}
