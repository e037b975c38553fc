//! The rules by named cases, and what is refused.

use jiff::Timestamp;
use proptest::prelude::*;
use zenith_core::jobs::{Field, Problem, Schedule, ScheduleError, zone};

/// The next fires after an instant, in the zone.
fn fires(schedule: &str, name: &str, after: &str, count: usize) -> Vec<String> {
    let schedule: Schedule = schedule.parse().unwrap();
    let zone = zone(name).unwrap();
    let after: Timestamp = after.parse().unwrap();
    let fires = schedule.fires(after, &zone, count);
    fires.iter().map(|at| at.to_zoned(zone.clone()).strftime("%m-%d %H:%M%:z").to_string()).collect()
}

/// The days of 2026 that a schedule fires on, in UTC.
fn days(schedule: &str) -> Vec<String> {
    let schedule: Schedule = schedule.parse().unwrap();
    let zone = zone("UTC").unwrap();
    let fires = schedule.fires("2025-12-31T23:59:00Z".parse().unwrap(), &zone, 400);
    let days = fires.iter().map(|at| at.to_zoned(zone.clone()));
    days.take_while(|at| at.year() == 2026).map(|at| at.strftime("%m-%d").to_string()).collect()
}

fn refused(text: &str) -> ScheduleError {
    text.parse::<Schedule>().expect_err(text)
}

#[test]
fn what_falls_into_a_gap_runs_right_after_it() {
    let new_york = fires("30 2 * * *", "America/New_York", "2026-03-07T17:00:00Z", 2);
    assert_eq!(new_york, ["03-08 03:00-04:00", "03-09 02:30-04:00"]);
    assert_eq!(fires("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", 1), ["09-06 01:00-03:00"]);
    assert_eq!(fires("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", 1), ["04-24 01:00+03:00"]);
    assert_eq!(fires("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 1), ["10-04 02:30+11:00"]);
    // Two times of one gap, and the gap's very end, are one run.
    let once = fires("0,30 2,3 * * *", "America/New_York", "2026-03-08T06:59:00Z", 2);
    assert_eq!(once, ["03-08 03:00-04:00", "03-08 03:30-04:00"]);
    // A day that a country left out.
    assert_eq!(
        fires("0 12 * * *", "Pacific/Apia", "2011-12-30T00:00:00Z", 2),
        ["12-31 00:00+14:00", "12-31 12:00+14:00"]
    );
}

#[test]
fn what_comes_twice_runs_the_first_time() {
    let new_york = |schedule| fires(schedule, "America/New_York", "2026-10-31T16:00:00Z", 2);
    assert_eq!(new_york("30 1 * * *"), ["11-01 01:30-04:00", "11-02 01:30-05:00"]);
    let list = fires("0,30 1 * * *", "America/New_York", "2026-10-31T16:00:00Z", 3);
    assert_eq!(list, ["11-01 01:00-04:00", "11-01 01:30-04:00", "11-02 01:00-05:00"]);
    assert_eq!(
        fires("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", 2),
        ["04-05 01:45+11:00", "04-06 01:45+10:30"]
    );
    // Asked within the second showing, the first one is over.
    assert_eq!(fires("30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", 1), ["11-02 01:30-05:00"]);
}

#[test]
fn a_star_in_minute_or_hour_follows_the_time_that_passes() {
    let gap = fires("*/20 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 1);
    assert_eq!(gap, ["03-30 02:00+02:00"], "the hour does not come");
    let fold = fires("*/20 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 7);
    assert_eq!(fold[..6].iter().filter(|at| at.starts_with("10-25")).count(), 6, "{fold:?}");
    assert!(fold[6].starts_with("10-26"), "{fold:?}");
    let hourly = fires("30 * * * *", "America/New_York", "2026-11-01T04:00:00Z", 4);
    assert_eq!(hourly, ["11-01 00:30-04:00", "11-01 01:30-04:00", "11-01 01:30-05:00", "11-01 02:30-05:00"]);
}

#[test]
fn rare_days_come_and_impossible_ones_are_refused() {
    let leap: Schedule = "0 0 29 2 *".parse().unwrap();
    let next = leap.next("2096-03-01T00:00:00Z".parse().unwrap(), &zone("UTC").unwrap()).unwrap();
    assert_eq!(next.to_string(), "2104-02-29T00:00:00Z");
    let fifth: Schedule = "0 0 * 2 FRI#5".parse().unwrap();
    assert!(fifth.next("2081-01-01T00:00:00Z".parse().unwrap(), &zone("UTC").unwrap()).is_some());
    for never in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30W 2 *"] {
        assert_eq!(refused(never).problem, Problem::NeverFires, "{never}");
    }
}

#[test]
fn two_restrictions_of_days_are_either_and_a_star_makes_them_both() {
    assert_eq!(days("0 0 13 * 5").len(), 61);
    assert_eq!(days("0 0 */2 6 *").len(), 15);
    let ambiguous = refused("0 0 */2 * 1");
    assert_eq!(
        (ambiguous.problem, ambiguous.field, ambiguous.at),
        (Problem::Ambiguous, Some(Field::Day), 4..7)
    );
    assert_eq!(ambiguous.instead.as_deref(), Some("1-31/2"));
    assert_eq!(refused("0 0 1 * */2").instead.as_deref(), Some("0-6/2"));
    assert_eq!(
        days("0 0 1-31/2 6 1"),
        [
            "06-01", "06-03", "06-05", "06-07", "06-08", "06-09", "06-11", "06-13", "06-15", "06-17",
            "06-19", "06-21", "06-22", "06-23", "06-25", "06-27", "06-29"
        ]
    );
}

#[test]
fn nearest_working_days_stay_within_their_month() {
    assert_eq!(days("0 0 31W * *"), ["01-30", "03-31", "05-29", "07-31", "08-31", "10-30", "12-31"]);
    assert_eq!(days("0 0 1W 8 *"), ["08-03"]);
    assert_eq!(days("0 0 LW * *")[..5], ["01-30", "02-27", "03-31", "04-30", "05-29"]);
    assert_eq!(days("0 0 L 2,12 *"), ["02-28", "12-31"]);
    assert_eq!(days("0 0 * 1 5L,MON#2"), ["01-12", "01-30"]);
}

#[test]
fn ranges_steps_and_names_are_read_as_vixie_reads_them() {
    assert_eq!("0 0 * * 5-7".parse::<Schedule>(), "0 0 * * FRI,SAT,SUN".parse());
    assert_eq!("0 0 * * 7".parse::<Schedule>(), "0 0 * * sun".parse());
    assert_eq!("5-59/15 * * * *".parse::<Schedule>(), "5,20,35,50 * * * *".parse());
    assert_eq!(" 0\t9 *  * mon ".parse::<Schedule>(), "0 9 * * 1".parse());
    assert_eq!("@DAILY".parse::<Schedule>(), "0 0 * * *".parse());
    assert_eq!("@weekly".parse::<Schedule>(), "0 0 * * SUN".parse());
}

/// Text, the part of it that is to blame, why, and what to write instead.
const REFUSED: &[(&str, &str, Problem, Option<&str>)] = &[
    ("", "", Problem::Empty, Some("0 9 * * *")),
    ("0 9 * *", "0 9 * *", Problem::Fields(4), None),
    ("5 0 9 * * 1", "5 0 9 * * 1", Problem::Fields(6), Some("0 9 * * 1")),
    ("0 9 * * SAT-MON", "SAT-MON", Problem::Backwards, Some("SAT,SUN,MON")),
    ("0 23-2 * * *", "23-2", Problem::Backwards, Some("23,0-2")),
    ("0 0 * * 7-0", "7-0", Problem::Backwards, Some("0")),
    ("0 0 * * 7-2", "7-2", Problem::Backwards, Some("0-2")),
    ("50-10/5 * * * *", "50-10/5", Problem::Backwards, Some("50-59/5,0-10/5")),
    ("5/15 * * * *", "5/15", Problem::StepOfOne, Some("5-59/15")),
    ("*/0 * * * *", "0", Problem::ZeroStep, None),
    ("*/90 * * * *", "*/90", Problem::NeverSteps, Some("0")),
    ("0 9 MON * *", "MON", Problem::Misplaced(Field::Weekday), None),
    ("0 9 * * JAN", "JAN", Problem::Misplaced(Field::Month), None),
    ("0 9 * * MONDAY", "MONDAY", Problem::Unknown, Some("MON")),
    ("0 9 * * MON_FRI", "MON_FRI", Problem::Unknown, None),
    ("0 9 ? * 1", "?", Problem::Unknown, Some("*")),
    ("60 * * * *", "60", Problem::Beyond { first: 0, last: 59 }, None),
    ("0 24 * * *", "24", Problem::Beyond { first: 0, last: 23 }, None),
    ("0 0 0 * *", "0", Problem::Beyond { first: 1, last: 31 }, None),
    ("0 0 * * 8", "8", Problem::Beyond { first: 0, last: 7 }, None),
    ("0 0 * * 1#6", "6", Problem::Beyond { first: 1, last: 5 }, None),
    ("0 0 * * *,1", "*,1", Problem::StarInList, Some("*")),
    ("1,,2 * * * *", "", Problem::Unknown, None),
    ("-5 * * * *", "", Problem::Unknown, None),
    ("@reboot", "@reboot", Problem::Reboot, None),
    ("@every 5m", "@every 5m", Problem::Every, Some("*/5 * * * *")),
    ("@often", "@often", Problem::Alias, None),
    ("0 9 * * *\n* * * * *", "\n", Problem::Character, None),
    ("0 9 * * *\u{202e}", "\u{202e}", Problem::Character, None),
];

#[test]
fn what_is_refused_names_its_place_and_what_to_write_instead() {
    for (text, part, problem, instead) in REFUSED {
        let error = refused(text);
        let (at, told) = (error.at.clone(), error.to_string());
        assert_eq!(&text[at], *part, "{text}: {told}");
        assert_eq!(&error.problem, problem, "{text}: {told}");
        assert_eq!(error.instead.as_deref(), *instead, "{text}: {told}");
    }
    let told = refused("0 23-2 * * *").to_string();
    assert_eq!(told, "hour: the range ends before it begins; write `23,0-2`");
    assert_eq!(refused(&"1,".repeat(200)).problem, Problem::TooLong);
}

#[test]
fn zones_are_named_as_iana_names_them() {
    assert!(zone("europe/berlin").is_ok());
    assert_eq!(zone("Berlin").unwrap_err().near, Some("Europe/Berlin"));
    assert_eq!(zone("new york").unwrap_err().near, Some("America/New_York"));
    for none in ["", "CEST+1", "../../etc/passwd", "Local", "posixrules", "Mars/Olympus"] {
        assert!(zone(none).is_err(), "{none}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_at_a_place_of_it(text in "[-0-9*/,#LW?@A-Za-z \t\n\u{e9}]{0,40}") {
        if let Err(error) = text.parse::<Schedule>() {
            prop_assert!(text.get(error.at.clone()).is_some(), "{text:?}: {error:?}");
        }
    }

    #[test]
    fn what_to_write_instead_is_read(text in r"[0-9*]{1,2}(-[0-9]{1,2})?(/[0-9]{1,2})? [0-9*]{1,2}(-[0-9]{1,2})? \* \* (MON|[0-7]-[0-7]|SAT-TUE|\*)") {
        let Err(error) = text.parse::<Schedule>() else { return Ok(()) };
        let Some(instead) = &error.instead else { return Ok(()) };
        let mut better = text.clone();
        better.replace_range(error.at.clone(), instead);
        // Another field may be wrong as well, or the step that was kept; that place is right now.
        if let Err(next) = better.parse::<Schedule>() {
            let is_elsewhere = next.at.start >= error.at.start + instead.len() || next.at.end <= error.at.start;
            let is_step = matches!(next.problem, Problem::NeverSteps | Problem::ZeroStep | Problem::Unknown);
            prop_assert!(is_elsewhere || is_step, "{text:?}: {error} then {better:?}: {next}");
        }
    }
}
