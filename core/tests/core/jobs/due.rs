//! Every due instant has one row that says what became of it.

use std::time::Duration;

use zenith_core::jobs::{JobChange, Missed, OnLost, Overlap, Place, RunStatus, SchedulerEvent, Trigger};

use super::world::{AT_ONCE, Hand, World, minute, ms};
use crate::support::block_on;

use RunStatus::{Failed, Lost, Queued, Running, SkippedOverlap, Stopped, Succeeded};

fn rows(expected: &[(&str, RunStatus)]) -> Vec<(String, RunStatus)> {
    expected.iter().map(|(at, status)| (at.to_string(), *status)).collect()
}

#[test]
fn a_due_job_runs_once_and_its_row_says_so() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        let job = world.add("tidy", "5 12 * * *", |_| {}).await;
        assert_eq!(job.next_due_ms, Some(ms("2026-06-01T12:05:00Z")));
        let mut hand = Hand::over(world.again().await);
        hand.round().await;
        assert!(world.history("tidy").await.is_empty(), "it is not due yet");
        world.set("2026-06-01T12:05:02Z");
        hand.round().await;
        assert_eq!(world.history("tidy").await, rows(&[("01 12:05", Running)]));
        hand.end("tidy", Succeeded).await;
        hand.round().await;
        let run = world.last("tidy").await;
        assert_eq!(
            (run.status, run.output_head.as_str(), run.key.trigger),
            (Succeeded, "done", Trigger::Due)
        );
        assert_eq!(run.started_ms, Some(ms("2026-06-01T12:05:02Z")));
        assert_eq!(world.store.get("tidy").await.unwrap().next_due_ms, Some(ms("2026-06-02T12:05:00Z")));
        assert_eq!(world.history("tidy").await.len(), 1);
    });
}

/// Whoever ran it may be gone: somebody has to look after it when its lease ends, long before anything is due again.
#[test]
fn what_runs_is_to_be_looked_at_when_its_lease_ends() {
    block_on(async {
        // Leases go by the database's clock, which is this machine's.
        let world = World::at("2090-06-01T12:00:30Z").await;
        world.add("yearly", "@yearly", |_| {}).await;
        let due = async || world.store.next_due(Place::Machine).await.unwrap();
        assert_eq!(due().await, Some(ms("2091-01-01T00:00:00Z")));
        world.store.run_now("yearly").await.unwrap();
        assert_eq!(due().await, Some(0), "it waits to start");
        let mut hand = Hand::over(world.again().await);
        hand.round().await;
        assert_eq!(world.last("yearly").await.status, Running);
        let left = due().await.unwrap() - jiff::Timestamp::now().as_millisecond();
        assert!((1..=30_000).contains(&left), "{left} ms");
        hand.end("yearly", Succeeded).await;
        assert_eq!(due().await, Some(ms("2091-01-01T00:00:00Z")));
    });
}

#[test]
fn a_run_that_takes_long_is_not_run_twice_and_each_instant_says_why() {
    block_on(async {
        for (overlap, expected) in [
            (Overlap::Skip, [Running, SkippedOverlap, SkippedOverlap, SkippedOverlap]),
            (Overlap::QueueOne, [Running, Queued, SkippedOverlap, SkippedOverlap]),
        ] {
            let world = World::at("2026-06-01T12:00:30Z").await;
            world.add("slow", "* * * * *", |job| job.overlap = overlap).await;
            let mut hand = Hand::over(world.again().await);
            for _ in 0..4 {
                world.pass(60);
                hand.round().await;
            }
            let found: Vec<RunStatus> =
                world.history("slow").await.into_iter().map(|(_, status)| status).collect();
            assert_eq!(found, expected, "{overlap:?}");
            assert_eq!(hand.executor.running().len(), 1);
            hand.end("slow", Succeeded).await;
            hand.round().await;
            let waited = world.store.runs("slow", 10).await.unwrap().iter().any(|run| run.status == Running);
            assert_eq!(waited, overlap == Overlap::QueueOne, "what waited runs next");
        }
    });
}

#[test]
fn the_run_before_is_stopped_where_the_policy_says_so() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        world.add("latest", "* * * * *", |job| job.overlap = Overlap::CancelPrevious).await;
        let mut hand = Hand::over(world.again().await);
        world.pass(60);
        hand.round().await;
        world.pass(60);
        hand.round().await;
        // Told to stop in the next round, it ends; the one after it starts what waited.
        hand.scheduler.settle().await.unwrap();
        hand.round().await;
        assert_eq!(world.history("latest").await, rows(&[("01 12:01", Stopped), ("01 12:02", Running)]));
    });
}

#[test]
fn an_absence_leaves_a_row_for_each_instant_and_runs_what_the_policy_says() {
    block_on(async {
        for (missed, run) in [(Missed::Latest, 1), (Missed::Skip, 0), (Missed::All, 4)] {
            let world = World::at("2026-06-01T08:30:00Z").await;
            world.add("hourly", "0 * * * *", |job| job.missed = missed).await;
            world.set("2026-06-01T12:30:00Z");
            let mut hand = Hand::over(world.again().await);
            hand.round().await;
            let history = world.history("hourly").await;
            let due: Vec<_> = history.iter().map(|(at, _)| at.as_str()).collect();
            assert_eq!(due, ["01 09:00", "01 10:00", "01 11:00", "01 12:00"], "{missed:?}");
            let count = history.iter().filter(|(_, status)| *status != RunStatus::Missed).count();
            assert_eq!(count, run, "{missed:?}: {history:?}");
            for _ in 0..run {
                hand.end("hourly", Succeeded).await;
                hand.round().await;
            }
            let ended = world.history("hourly").await;
            assert_eq!(ended.iter().filter(|(_, status)| *status == Succeeded).count(), run, "{missed:?}");
            assert_eq!(
                world.store.get("hourly").await.unwrap().next_due_ms,
                Some(ms("2026-06-01T13:00:00Z"))
            );
        }
        // Too late to be caught up with.
        let world = World::at("2026-06-01T08:30:00Z").await;
        world.add("hourly", "0 * * * *", |job| job.catchup_s = 600).await;
        world.set("2026-06-01T12:30:00Z");
        Hand::over(world.again().await).round().await;
        assert!(world.history("hourly").await.iter().all(|(_, status)| *status == RunStatus::Missed));
    });
}

#[test]
fn a_long_absence_is_counted_in_one_row_and_bounded() {
    block_on(async {
        let world = World::at("2026-06-01T00:00:30Z").await;
        world.add("often", "* * * * *", |_| {}).await;
        world.set("2026-06-02T00:00:10Z");
        let mut hand = Hand::over(world.again().await);
        hand.scheduler.round().await.unwrap();
        let runs = world.store.runs("often", 1000).await.unwrap();
        let covered: i64 = runs.iter().map(|run| run.covers).sum();
        assert_eq!(
            (runs.len(), covered),
            (51, 24 * 60),
            "every minute of a day, and one row for the most of them"
        );
        let (first, rest) = (runs.last().unwrap(), runs[runs.len() - 2].key.scheduled_ms);
        assert_eq!(minute(first.key.scheduled_ms), "01 00:01");
        assert_eq!(first.covers_until_ms + 60_000, rest, "no minute lies between");
        assert_eq!(runs[0].status, Running);
        assert_eq!(minute(runs[0].key.scheduled_ms), "02 00:00");
    });
}

#[test]
fn a_clock_that_is_set_forth_and_back_runs_nothing_twice() {
    block_on(async {
        let world = World::at("2026-06-01T15:00:30Z").await;
        world.add("hourly", "0 * * * *", |_| {}).await;
        let mut hand = Hand::over(world.again().await);
        world.set("2026-06-01T17:00:10Z");
        hand.round().await;
        hand.end("hourly", Succeeded).await;
        world.set("2026-06-01T15:01:00Z");
        hand.round().await;
        for hour in ["16", "17"] {
            world.set(&format!("2026-06-01T{hour}:00:05Z"));
            hand.round().await;
        }
        assert_eq!(
            world.history("hourly").await,
            rows(&[("01 16:00", RunStatus::Missed), ("01 17:00", Succeeded)])
        );
        world.set("2026-06-01T18:00:05Z");
        hand.round().await;
        assert_eq!(world.history("hourly").await.last().unwrap(), &("01 18:00".to_string(), Running));
    });
}

#[test]
fn an_edit_counts_from_now_on_and_what_was_due_before_has_its_row() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:00Z").await;
        world.add("report", "0 23 * * *", |_| {}).await;
        let change = JobChange { schedule: Some("0 5 * * *".to_string()), ..JobChange::default() };
        let changed = world.store.change("report", &change).await.unwrap();
        assert_eq!(changed.next_due_ms, Some(ms("2026-06-02T05:00:00Z")), "not for a time before the change");
        let zone = |zone: &str| JobChange {
            schedule: Some("0 9 * * *".to_string()),
            timezone: Some(zone.to_string()),
            ..JobChange::default()
        };
        let berlin = world.store.change("report", &zone("Europe/Berlin")).await.unwrap();
        assert_eq!(berlin.next_due_ms, Some(ms("2026-06-02T07:00:00Z")));
        let new_york = world.store.change("report", &zone("America/New_York")).await.unwrap();
        assert_eq!(new_york.next_due_ms, Some(ms("2026-06-01T13:00:00Z")));
        // Nobody took what was due before the next change.
        world.set("2026-06-01T13:00:05Z");
        world.store.change("report", &change).await.unwrap();
        assert_eq!(world.history("report").await, rows(&[("01 13:00", RunStatus::Missed)]));
        assert!(world.last("report").await.why.unwrap().contains("changed"));
        // What does not concern the time leaves it as it is.
        let next = world.store.get("report").await.unwrap().next_due_ms;
        let renamed = JobChange { name: Some("letter".to_string()), ..JobChange::default() };
        assert_eq!(world.store.change("report", &renamed).await.unwrap().next_due_ms, next);
    });
}

#[test]
fn a_pause_makes_nothing_up() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        world.add("often", "* * * * *", |_| {}).await;
        let paused = world.store.pause("often", "olive").await.unwrap();
        assert_eq!(
            (paused.enabled, paused.paused_by.as_deref(), paused.next_due_ms),
            (false, Some("olive"), None)
        );
        let mut hand = Hand::over(world.again().await);
        world.pass(101 * 60);
        hand.round().await;
        let resumed = world.store.resume("often").await.unwrap();
        assert_eq!(resumed.next_due_ms, Some(ms("2026-06-01T13:42:00Z")));
        world.pass(30);
        hand.round().await;
        assert_eq!(world.history("often").await, rows(&[("01 13:42", Running)]));
    });
}

#[test]
fn a_run_by_hand_takes_no_due_instant_and_obeys_the_overlap() {
    block_on(async {
        let world = World::at("2026-06-01T16:06:00Z").await;
        world.add("daily", "30 15 * * *", |_| {}).await;
        let asked = world.store.run_now("daily").await.unwrap();
        assert_eq!((asked.status, asked.key.trigger), (Queued, Trigger::Manual));
        let mut hand = Hand::over(world.again().await);
        hand.round().await;
        assert_eq!(world.last("daily").await.status, Running);
        let second = world.store.run_now("daily").await.unwrap();
        assert_eq!(second.status, SkippedOverlap, "the first one runs");
        hand.end("daily", Succeeded).await;
        world.set("2026-06-02T15:30:05Z");
        hand.round().await;
        assert_eq!(world.history("daily").await.last().unwrap(), &("02 15:30".to_string(), Running));
    });
}

#[test]
fn a_user_stops_what_runs_and_what_waits() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        world.add("slow", "* * * * *", |job| job.overlap = Overlap::QueueOne).await;
        let mut hand = Hand::over(world.again().await);
        world.pass(60);
        hand.round().await;
        world.pass(60);
        hand.round().await;
        assert_eq!(world.store.stop("slow").await.unwrap(), 2);
        hand.round().await;
        hand.scheduler.settle().await.unwrap();
        assert_eq!(world.history("slow").await, rows(&[("01 12:01", Stopped), ("01 12:02", Stopped)]));
        assert_eq!(world.store.get("slow").await.unwrap().failures, 0, "what is stopped did not fail");
    });
}

#[test]
fn a_failed_run_is_tried_again_later_and_a_failing_job_is_paused() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        world.add("flaky", "1 12 * * *", |job| job.retries = 1).await;
        let mut hand = Hand::over(world.again().await);
        world.pass(40);
        hand.round().await;
        hand.end("flaky", Failed).await;
        hand.round().await;
        let waiting = world.last("flaky").await;
        assert_eq!((waiting.key.attempt, waiting.status), (2, Queued), "not at once");
        world.pass(60);
        hand.round().await;
        assert_eq!(world.last("flaky").await.status, Running);
        hand.end("flaky", Failed).await;
        world.pass(600);
        hand.round().await;
        assert_eq!(world.history("flaky").await, rows(&[("01 12:01", Failed), ("01 12:01", Failed)]));

        world.add("hopeless", "* * * * *", |job| job.pause_after = 2).await;
        for _ in 0..2 {
            world.pass(60);
            hand.round().await;
            hand.end("hopeless", Failed).await;
        }
        let paused = world.store.get("hopeless").await.unwrap();
        assert_eq!((paused.enabled, paused.paused_by.as_deref()), (false, Some("its failures")));
    });
}

#[test]
fn a_run_whose_scheduler_died_is_lost_and_tried_again_only_where_the_job_says_so() {
    block_on(async {
        for (on_lost, attempts) in [(OnLost::Leave, 1), (OnLost::Retry, 2)] {
            let world = World::at("2026-06-01T12:00:30Z").await;
            world.add("fragile", "1 12 * * *", |job| job.on_lost = on_lost).await;
            let mut dead = Hand::over(world.again().await);
            dead.scheduler = dead.scheduler.with_lease(Duration::ZERO);
            world.pass(40);
            // Its lease is over as soon as it is taken: it claims nothing by it.
            dead.round().await;
            assert!(world.history("fragile").await.is_empty());
            let mut first = Hand::over(world.again().await);
            first.round().await;
            assert_eq!(world.last("fragile").await.status, Running);
            // As if it had been stopped for longer than its lease.
            let lapse = "UPDATE job_runs SET lease_until = 0; UPDATE scheduler SET lease_until = 0";
            world.connection().await.execute_batch(lapse).await.unwrap();
            let mut second = Hand::over(world.again().await);
            second.round().await;
            let history = world.history("fragile").await;
            assert_eq!(history[0].1, Lost, "{on_lost:?}");
            assert_eq!(history.len(), attempts, "{on_lost:?}: {history:?}");
            // The late one comes back, and changes nothing.
            first.executor.end("fragile", Succeeded).await;
            first.scheduler.settle().await.unwrap();
            assert!(matches!(first.told().last(), Some(SchedulerEvent::TooLate { .. })));
            assert_eq!(world.history("fragile").await[0].1, Lost);
        }
    });
}

#[test]
fn of_two_schedulers_one_stands_by() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        world.add("tidy", "1 12 * * *", |_| {}).await;
        let (mut one, mut other) = (Hand::over(world.again().await), Hand::over(world.again().await));
        one.round().await;
        world.pass(40);
        other.round().await;
        assert_eq!(other.told(), [SchedulerEvent::StandingBy { told: "a test".to_string() }]);
        assert!(world.history("tidy").await.is_empty(), "the other one claims nothing");
        one.round().await;
        assert_eq!(world.history("tidy").await, rows(&[("01 12:01", Running)]));
    });
}

#[test]
fn a_scheduler_that_ends_stops_its_runs_and_gives_the_lease_back() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        world.add("slow", "1 12 * * *", |_| {}).await;
        world.pass(40);
        let hand = Hand::over(world.again().await);
        let stop = tokio_util::sync::CancellationToken::new();
        let (scheduler, stopping) = (hand.scheduler, stop.clone());
        let serving = tokio::spawn(async move { scheduler.serve(&stopping).await });
        let mut events = hand.events;
        while !matches!(events.recv().await, Some(SchedulerEvent::Started { .. })) {}
        stop.cancel();
        serving.await.unwrap();
        assert_eq!(world.history("slow").await, rows(&[("01 12:01", Stopped)]));
        let place = zenith_core::jobs::Place::Machine;
        assert_eq!(world.store.watch(place).await.unwrap(), None, "nobody schedules");
    });
}

#[test]
fn of_what_is_due_at_one_time_as_much_begins_as_may_and_the_rest_says_why_it_waits() {
    block_on(async {
        let world = World::at("2026-06-01T12:00:30Z").await;
        for number in 0..AT_ONCE + 3 {
            world.add(&format!("job {number:02}"), "5 12 * * *", |_| {}).await;
        }
        let mut hand = Hand::over(world.again().await);
        hand.round().await;
        world.set("2026-06-01T12:05:00Z");
        hand.round().await;
        let state = async || {
            let runs = world.store.recent(1).await.unwrap();
            let of = |status| runs.iter().filter(move |run| run.status == status);
            assert!(of(Queued).all(|run| run.why.as_deref().is_some_and(|why| why.contains("at one time"))));
            (of(Running).count(), of(Queued).count(), of(Succeeded).count())
        };
        assert_eq!(state().await, (AT_ONCE, 3, 0));
        for ended in 1..=3 {
            hand.executor.end(&world.running().await, Succeeded).await;
            // What ended is written by the round that hears of it.
            while state().await.2 < ended {
                hand.round().await;
            }
            assert_eq!(state().await, (AT_ONCE, 3 - ended, ended), "one that ends makes room for another");
        }
    });
}
