//! T5: a schedule fires when an independent program, and a walk over every minute, say that it does.
//!
//! Why: who keeps a job believes that it runs at the time that they wrote. Where clocks change, libraries differ, and
//! their own examples do not show it.
//!
//! Method: 3,000 schedules in 20 zones were asked of cronsim (fixtures/jobs/vectors.py), half of them near a change of
//! the clock; the product answers the same. Then each minute of three years is looked at in the 20 zones, by Debian's
//! rule as it is written down, and compared with what the product steps to.
//!
//! Accept when no answer differs.

use anyhow::Context;
use futures::FutureExt;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use zenith_core::jobs::{Schedule, zone};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

const FIXED: &str = "zone-taken-for-its-offset";

pub const SPIKE: Spike = Spike {
    id: "T5",
    title: "a schedule fires when cronsim and a walk over every minute say so",
    group: Group::Tenancy,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("answers that differ from cronsim's", 0.0, Unit::Count),
        Target::gate("answers that differ from the walk's", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: FIXED, what: "New York is taken for its offset of today" }],
    run: |trial| run(trial).boxed(),
};

const VECTORS: &str = include_str!("../../../fixtures/jobs/vectors.jsonl");
/// 2026-01-01.
const FIRST_S: i64 = 1_767_225_600;
const YEARS_S: i64 = 3 * 365 * 24 * 60 * 60;
/// At a time of night that changes of the clock leave out or show twice.
const MINUTE: i8 = 30;
const HOURS: [i8; 4] = [0, 1, 2, 3];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let is_faulty = trial.has_fault(FIXED);
    let (differ, walked, zones) = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        let (mut differ, mut zones) = (0, std::collections::BTreeSet::new());
        for line in VECTORS.lines() {
            let (text, name, after, expected): (String, String, i64, Vec<i64>) = serde_json::from_str(line)?;
            let schedule: Schedule = text.parse()?;
            let fires = schedule.fires(
                Timestamp::from_second(after * 60)?,
                &zone_of(&name, is_faulty)?,
                expected.len(),
            );
            let found: Vec<i64> = fires.iter().map(|at| at.as_second() / 60 - after).collect();
            differ += u64::from(found != expected);
            zones.insert(name);
        }
        let mut walked = 0;
        for name in &zones {
            walked += walk(&zone(name)?, &zone_of(name, is_faulty)?)?;
        }
        Ok((differ, walked, zones.len()))
    })
    .await??;
    evidence.count("answers that differ from cronsim's", differ, Unit::Count);
    evidence.count("answers that differ from the walk's", walked, Unit::Count);
    evidence.check_eq("vectors", VECTORS.lines().count(), 3000);
    evidence.check_eq("zones", zones, 20);
    Ok(evidence)
}

fn zone_of(name: &str, is_faulty: bool) -> anyhow::Result<TimeZone> {
    let zone = zone(name)?;
    Ok(match is_faulty && name == "America/New_York" {
        true => zone.to_offset(Timestamp::from_second(FIRST_S)?).to_time_zone(),
        false => zone,
    })
}

/// How many fires of nightly schedules differ from what clocks show, minute by minute, in a zone.
fn walk(real: &TimeZone, asked: &TimeZone) -> anyhow::Result<u64> {
    let mut differ = 0;
    let minute = SignedDuration::from_mins(1);
    let (first, end) = (Timestamp::from_second(FIRST_S)?, Timestamp::from_second(FIRST_S + YEARS_S)?);
    let mut shown: Vec<Vec<Timestamp>> = vec![Vec::new(); HOURS.len()];
    let mut at = first;
    let mut last = [None; HOURS.len()];
    let mut before = real.to_datetime(at - minute);
    while at < end {
        let now = real.to_datetime(at);
        let usual = before.checked_add(minute)?;
        for (place, hour) in HOURS.into_iter().enumerate() {
            let time = now.date().at(hour, MINUTE, 0, 0);
            // It is shown, or the clock passed over it.
            let is_due = now == time || (usual <= time && time < now);
            if is_due && last[place] != Some(time) {
                shown[place].push(at);
                last[place] = Some(time);
            }
        }
        before = now;
        at += minute;
    }
    for (hour, shown) in HOURS.into_iter().zip(shown) {
        let schedule: Schedule = format!("{MINUTE} {hour} * * *").parse()?;
        let from = first.checked_sub(minute).context("no minute before")?;
        let fires = schedule.fires(from, asked, shown.len());
        differ += fires.iter().zip(&shown).filter(|(fire, shown)| fire != shown).count() as u64;
        differ += shown.len().abs_diff(fires.len()) as u64;
    }
    Ok(differ)
}
