//! The oracle: every minute is looked at, one after the other, by the rule as it is written down.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use zenith_core::jobs::{Schedule, zone};

const ZONES: [&str; 20] = [
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Santiago",
    "America/Sao_Paulo",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Beirut",
    "Asia/Jerusalem",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Chatham",
    "Pacific/Auckland",
];

/// A schedule as the sets that it means, beside its text.
#[derive(Clone, Debug)]
struct Meant {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Option<Vec<i8>>,
    weekdays: Option<Vec<i8>>,
    every_minute: bool,
    every_hour: bool,
}

impl Meant {
    fn text(&self) -> String {
        let list = |set: &[i8]| set.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
        let or_star = |set: &Option<Vec<i8>>| set.as_deref().map_or("*".to_string(), list);
        let minutes = if self.every_minute { "*".to_string() } else { list(&self.minutes) };
        let hours = if self.every_hour { "*".to_string() } else { list(&self.hours) };
        format!("{minutes} {hours} {} * {}", or_star(&self.days), or_star(&self.weekdays))
    }

    fn matches(&self, at: DateTime) -> bool {
        let day = self.days.as_ref().map(|days| days.contains(&at.day()));
        let weekday = at.weekday().to_sunday_zero_offset();
        let weekday = self.weekdays.as_ref().map(|weekdays| weekdays.contains(&weekday));
        let is_day = match (day, weekday) {
            (Some(day), Some(weekday)) => day || weekday,
            (day, weekday) => day.unwrap_or(true) && weekday.unwrap_or(true),
        };
        is_day
            && (self.every_minute || self.minutes.contains(&at.minute()))
            && (self.every_hour || self.hours.contains(&at.hour()))
    }

    /// Whether it fires at an instant, looking at nothing but clocks.
    fn fires(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let minute = SignedDuration::from_mins(1);
        let shown = zone.to_datetime(at);
        if self.every_minute || self.every_hour {
            return self.matches(shown);
        }
        // Was this time of the wall's clock shown before?
        let is_again = (1..=180).any(|back| zone.to_datetime(at - minute * back) == shown);
        if self.matches(shown) && !is_again {
            return true;
        }
        // Were times left out between the minute before and this one?
        let mut left_out = zone.to_datetime(at - minute) + minute;
        while left_out < shown {
            if self.matches(left_out) {
                return true;
            }
            left_out = left_out + minute;
        }
        false
    }
}

fn set(low: i8, high: i8) -> impl Strategy<Value = Vec<i8>> {
    proptest::collection::btree_set(low..=high, 1..4).prop_map(|set| set.into_iter().collect())
}

fn meant() -> impl Strategy<Value = Meant> {
    let night = prop_oneof![set(0, 3), set(0, 23)];
    let days = proptest::option::of(set(1, 31));
    let weekdays = proptest::option::of(set(0, 6));
    (set(0, 59), night, days, weekdays, proptest::bool::weighted(0.15), proptest::bool::weighted(0.3))
        .prop_map(|(minutes, hours, days, weekdays, every_minute, every_hour)| Meant {
            minutes,
            hours,
            days,
            weekdays,
            every_minute,
            every_hour,
        })
}

/// An hour of three years, or one near a change of the clock.
fn begin(zone: &TimeZone, hour: i64, change: Option<usize>) -> Timestamp {
    let first = Timestamp::from_second(1_767_225_600).unwrap();
    let near =
        change.and_then(|change| zone.following(first).nth(change % 6)).map(|change| change.timestamp());
    match near {
        Some(near) if near < Timestamp::from_second(1_900_000_000).unwrap() => {
            near - SignedDuration::from_hours(20)
        }
        _ => first + SignedDuration::from_hours(hour),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn fires_are_those_that_a_walk_over_every_minute_finds(
        meant in meant(),
        name in proptest::sample::select(&ZONES[..]),
        hour in 0i64..(3 * 365 * 24),
        change in proptest::option::weighted(0.7, 0usize..6),
    ) {
        let zone = zone(name).unwrap();
        let schedule: Schedule = meant.text().parse().unwrap();
        let begin = begin(&zone, hour, change);
        let minutes = 40 * 60;
        let minute = SignedDuration::from_mins(1);
        let walked: Vec<Timestamp> =
            (1..=minutes).map(|step| begin + minute * step).filter(|at| meant.fires(*at, &zone)).collect();
        let end = begin + minute * minutes;
        let found: Vec<Timestamp> = schedule
            .fires(begin, &zone, 3000)
            .into_iter()
            .take_while(|at| *at <= end)
            .collect();
        prop_assert_eq!(found, walked, "{} in {} from {}", meant.text(), name, begin);
    }
}
