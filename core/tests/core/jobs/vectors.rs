//! What an independent program answers: fixtures/jobs/vectors.py says how it was asked.

use jiff::Timestamp;
use zenith_core::jobs::{Schedule, zone};

#[test]
fn fires_are_those_that_cronsim_finds() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/jobs/vectors.jsonl"))
            .unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in text.lines() {
        let (text, name, after, expected): (String, String, i64, Vec<i64>) =
            serde_json::from_str(line).unwrap();
        let schedule: Schedule = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let zone = zone(&name).unwrap();
        let instant = Timestamp::from_second(after * 60).unwrap();
        let fires = schedule.fires(instant, &zone, expected.len());
        let found: Vec<i64> = fires.iter().map(|at| at.as_second() / 60 - after).collect();
        if found != expected {
            wrong.push(format!("{line}: found {found:?}"));
        }
        count += 1;
    }
    assert!(count >= 3000, "{count} vectors");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}
