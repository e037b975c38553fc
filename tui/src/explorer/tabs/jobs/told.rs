//! Jobs and runs in words and signs.

use zenith_core::jobs::{Change, Fire, Run, RunStatus, Trigger};

use crate::explorer::parts::theme::Role;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// From the shortest to the longest.
const LENGTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How long until something, in its largest unit that tells enough.
pub fn within(ms: i64) -> String {
    match ms {
        ..=0 => "now".to_string(),
        1..MINUTE_MS => "in < 1 min".to_string(),
        _ => match unit(ms) {
            MINUTE_MS => format!("in {} min", ms / MINUTE_MS),
            HOUR_MS => format!("in {} h", ms / HOUR_MS),
            _ => format!("in {} days", ms / DAY_MS),
        },
    }
}

/// When that would be told in other words, counted from now.
pub fn within_changes_in(ms: i64) -> Option<i64> {
    (ms > 0).then(|| ms % unit(ms) + 1)
}

fn unit(ms: i64) -> i64 {
    match ms {
        ..7_200_000 => MINUTE_MS,
        7_200_000..172_800_000 => HOUR_MS,
        _ => DAY_MS,
    }
}

/// How long something took.
pub fn took(ms: i64) -> String {
    match ms.max(0) {
        ms @ ..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        ms @ 60_000..3_600_000 => format!("{} min {} s", ms / MINUTE_MS, ms % MINUTE_MS / 1000),
        ms => format!("{} h {} min", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS),
    }
}

/// An instant by the clock of a zone, without the year: `11-27 02:30+01:00`.
pub fn day_and_time(at_ms: i64, zone: &str) -> String {
    let fire = Fire::at(at_ms, zone).or_else(|| Fire::at(at_ms, "UTC"));
    fire.and_then(|fire| fire.local.get(5..).map(String::from)).unwrap_or_default()
}

/// The same whole, and in UTC beside it.
pub fn both_clocks(at_ms: i64, zone: &str) -> String {
    match Fire::at(at_ms, zone) {
        Some(fire) => format!("{} · {}", fire.local, fire.utc),
        None => Fire::at(at_ms, "UTC").map(|fire| fire.utc).unwrap_or_default(),
    }
}

/// What a change of the clock does to what is due then.
pub fn clock_change(change: &Change) -> String {
    format!("{}, when the clock changes: what is due then {}", change.at.local, change.effect.told())
}

/// What became of a run, in a word.
pub fn outcome(status: RunStatus) -> &'static str {
    match status {
        RunStatus::TimedOut => "timed out",
        RunStatus::SkippedOverlap => "skipped",
        status => status.as_str(),
    }
}

pub fn role(status: RunStatus) -> Role {
    match status {
        RunStatus::Succeeded => Role::Good,
        RunStatus::Failed | RunStatus::TimedOut | RunStatus::Lost => Role::Bad,
        RunStatus::Queued | RunStatus::Running => Role::Accent,
        RunStatus::Stopped | RunStatus::SkippedOverlap | RunStatus::Missed => Role::Warning,
    }
}

pub fn is_bad(status: RunStatus) -> bool {
    role(status) == Role::Bad
}

/// Why a run is as it is. What a program answered says why it failed, where nothing else does.
pub fn why(run: &Run) -> Option<String> {
    let answered =
        || run.exit.filter(|_| run.status == RunStatus::Failed).map(|exit| format!("it ended with {exit}"));
    run.why.clone().or_else(answered)
}

pub fn trigger(run: &Run) -> &'static str {
    match run.key.trigger {
        Trigger::Due => "it was due",
        Trigger::Manual => "asked for by hand",
    }
}

/// How long after it was due it started.
pub fn delay_ms(run: &Run) -> Option<i64> {
    run.started_ms.map(|started| started - run.key.scheduled_ms)
}

pub fn took_ms(run: &Run) -> Option<i64> {
    Some(run.finished_ms? - run.started_ms?)
}

/// What a program wrote and is not kept, in bytes.
pub fn left_out(run: &Run) -> i64 {
    let kept = i64::try_from(run.output_head.len() + run.output_tail.len()).unwrap_or(i64::MAX);
    run.output_bytes.saturating_sub(kept).max(0)
}

/// A sign for each run, the oldest first: how long those took that succeeded, beside the longest of them, and what
/// became of the others, so that it is seen without colour.
pub fn sparks(runs: &[Run]) -> Vec<(char, Role)> {
    let succeeded =
        |run: &Run| (run.status == RunStatus::Succeeded).then(|| took_ms(run).unwrap_or(0).max(0));
    let longest = runs.iter().filter_map(succeeded).max().unwrap_or(0).max(1);
    let steps = i64::try_from(LENGTHS.len() - 1).unwrap_or(0);
    let sign = |run: &Run| match run.status {
        RunStatus::Succeeded => {
            let step = usize::try_from(succeeded(run).unwrap_or(0) * steps / longest).unwrap_or(0);
            LENGTHS.get(step).copied().unwrap_or('█')
        }
        RunStatus::Failed => '✗',
        RunStatus::TimedOut => '!',
        RunStatus::Lost => '?',
        RunStatus::Stopped => '■',
        RunStatus::Queued => '…',
        RunStatus::Running => '▸',
        RunStatus::SkippedOverlap | RunStatus::Missed => '·',
    };
    runs.iter().rev().map(|run| (sign(run), role(run.status))).collect()
}
