//! What a schedule comes to, before it is saved: the next fires in its zone and in UTC, and what the clock changes
//! of the coming year do to it.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::error::JobError;
use super::schedule::{Schedule, instant_of};
use super::zone::zone;

/// How many of the next fires are shown.
const FIRES: usize = 5;
/// A zone has two changes a year, and some have four.
const CHANGES_MAX: usize = 12;
/// Fires that one change concerns and that are named; the rest is counted.
const NAMED_MAX: usize = 3;
const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What a schedule comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub zone: String,
    pub fires: Vec<Fire>,
    pub changes: Vec<Change>,
}

impl Preview {
    /// What a schedule in a zone comes to after a moment (milliseconds since 1970), before any job has it.
    pub fn of(schedule: &str, timezone: &str, after_ms: i64) -> Result<Preview, JobError> {
        let (schedule, zone) = (schedule.parse::<Schedule>()?, zone(timezone)?);
        Ok(schedule.preview(Timestamp::from_millisecond(after_ms).unwrap_or_default(), &zone))
    }
}

/// An instant, by both clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fire {
    /// Milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// `2026-03-29 03:00+02:00`
    pub local: String,
    /// `2026-03-29 01:00Z`
    pub utc: String,
}

/// A change of the clock, and the fires that it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When the clock changes.
    pub at: Fire,
    pub effect: Effect,
    /// Times of the wall's clock that it concerns, the first few.
    pub times: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// What a change of the clock does to fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The wall's clock leaves the time out: it runs once, at the change.
    Moved,
    /// The wall's clock shows the time twice: it runs the first time.
    Once,
    /// The schedule follows the time that passes, and the time does not come.
    Skipped,
    /// The schedule follows the time that passes, and runs both times.
    Twice,
}

impl Effect {
    /// What becomes of fires, after "at 02:30 it …".
    pub fn told(self) -> &'static str {
        match self {
            Effect::Moved => "runs once, right after the gap",
            Effect::Once => "runs the first time alone",
            Effect::Skipped => "does not run",
            Effect::Twice => "runs both times",
        }
    }
}

impl Fire {
    /// Milliseconds since 1970 by both clocks; `None` in a zone that there is not.
    pub fn at(at_ms: i64, timezone: &str) -> Option<Fire> {
        Some(Fire::of(Timestamp::from_millisecond(at_ms).ok()?, &zone(timezone).ok()?))
    }

    pub fn of(at: Timestamp, zone: &TimeZone) -> Fire {
        let offset = zone.to_offset(at);
        Fire {
            at_ms: at.as_millisecond(),
            local: format!("{}{}", minute(offset.to_datetime(at)), written(offset)),
            utc: format!("{}Z", minute(Offset::UTC.to_datetime(at))),
        }
    }
}

impl Schedule {
    /// What it comes to after `after`.
    pub fn preview(&self, after: Timestamp, zone: &TimeZone) -> Preview {
        Preview {
            zone: zone.iana_name().unwrap_or("UTC").to_string(),
            fires: self.fires(after, zone, FIRES).into_iter().map(|at| Fire::of(at, zone)).collect(),
            changes: self.changes(after, zone),
        }
    }

    /// The same from milliseconds since 1970 on.
    pub fn preview_from_ms(&self, after_ms: i64, zone: &TimeZone) -> Preview {
        self.preview(Timestamp::from_millisecond(after_ms).unwrap_or_default(), zone)
    }

    /// The next fires, at most so many.
    pub fn fires(&self, after: Timestamp, zone: &TimeZone, most: usize) -> Vec<Timestamp> {
        std::iter::successors(self.next(after, zone), |at| self.next(*at, zone)).take(most).collect()
    }

    fn changes(&self, after: Timestamp, zone: &TimeZone) -> Vec<Change> {
        let until = after.checked_add(YEAR).unwrap_or(Timestamp::MAX);
        let following = zone.following(after).take(CHANGES_MAX);
        let within = following.map(|change| change.timestamp()).take_while(|at| *at <= until);
        within.filter_map(|at| self.change(at, zone)).collect()
    }

    fn change(&self, at: Timestamp, zone: &TimeZone) -> Option<Change> {
        let before = zone.to_offset(at.checked_sub(SignedDuration::from_secs(1)).ok()?);
        let (from, to) = (before.to_datetime(at), zone.to_offset(at).to_datetime(at));
        let (first, end, effect) = match (from < to, self.follows_time()) {
            (true, false) => (from, to, Effect::Moved),
            (true, true) => (from, to, Effect::Skipped),
            (false, false) => (to, from, Effect::Once),
            (false, true) => (to, from, Effect::Twice),
        };
        let step = SignedDuration::from_mins(1);
        let next = |time: &DateTime| self.civil_from(time.checked_add(step).ok()?);
        let times: Vec<DateTime> = std::iter::successors(self.civil_from(first), next)
            .take_while(|time| *time < end)
            .filter(|time| effect != Effect::Moved || instant_of(*time, zone) == Some(at))
            .collect();
        (!times.is_empty()).then(|| Change {
            at: Fire::of(at, zone),
            effect,
            count: times.len(),
            times: times.into_iter().take(NAMED_MAX).map(minute).collect(),
        })
    }
}

fn minute(time: DateTime) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

fn written(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
