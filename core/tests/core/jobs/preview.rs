//! What is shown before a job is saved.

use zenith_core::jobs::{Effect, Schedule, zone};

fn changes(schedule: &str, name: &str) -> Vec<(String, Effect, Vec<String>, usize)> {
    let schedule: Schedule = schedule.parse().unwrap();
    let preview = schedule.preview("2026-01-10T12:00:00Z".parse().unwrap(), &zone(name).unwrap());
    preview
        .changes
        .into_iter()
        .map(|change| (change.at.utc, change.effect, change.times, change.count))
        .collect()
}

#[test]
fn the_next_five_are_told_in_the_zone_and_in_utc() {
    let schedule: Schedule = "30 2 * * *".parse().unwrap();
    let preview = schedule.preview("2026-03-27T12:00:00Z".parse().unwrap(), &zone("Europe/Berlin").unwrap());
    let local: Vec<_> = preview.fires.iter().map(|fire| fire.local.as_str()).collect();
    assert_eq!(
        local,
        [
            "2026-03-28 02:30+01:00",
            "2026-03-29 03:00+02:00",
            "2026-03-30 02:30+02:00",
            "2026-03-31 02:30+02:00",
            "2026-04-01 02:30+02:00",
        ]
    );
    let utc: Vec<_> = preview.fires.iter().map(|fire| fire.utc.as_str()).collect();
    assert_eq!(
        utc,
        [
            "2026-03-28 01:30Z",
            "2026-03-29 01:00Z",
            "2026-03-30 00:30Z",
            "2026-03-31 00:30Z",
            "2026-04-01 00:30Z",
        ]
    );
    assert_eq!((preview.zone.as_str(), preview.fires[0].at_ms), ("Europe/Berlin", 1_774_661_400_000));
}

#[test]
fn what_the_clock_changes_of_the_coming_year_do_is_told() {
    assert_eq!(
        changes("30 2 * * *", "Europe/Berlin"),
        [
            ("2026-03-29 01:00Z".to_string(), Effect::Moved, vec!["2026-03-29 02:30".to_string()], 1),
            ("2026-10-25 01:00Z".to_string(), Effect::Once, vec!["2026-10-25 02:30".to_string()], 1),
        ]
    );
    let follows = changes("*/20 2 * * *", "Europe/Berlin");
    assert_eq!(follows.iter().map(|change| change.1).collect::<Vec<_>>(), [Effect::Skipped, Effect::Twice]);
    assert_eq!(follows[0].3, 3);
    assert!(changes("0 9 * * *", "Europe/Berlin").is_empty());
    assert!(changes("30 2 * * *", "UTC").is_empty());
}
