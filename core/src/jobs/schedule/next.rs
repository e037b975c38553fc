//! The next instant of a schedule in a zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::Schedule;

/// A schedule that matches nothing in a hundred years never does. The rarest days that come, a fifth Friday of
/// February, are forty years apart.
const MONTHS_SEARCHED: u32 = 100 * 12;
/// Clock changes within the search that a schedule may fall between.
const CHANGES_MAX: usize = 1000;
const MINUTE_S: i64 = 60;

impl Schedule {
    /// The first instant after `after`; none where the calendar of the library ends before.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self.follows_time() {
            true => self.next_by_time(after, zone),
            false => self.next_by_wall(after, zone),
        }
    }

    /// By the time that passes: each span between two changes of the clock has its own offset.
    fn next_by_time(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut changes = zone.following(after);
        let mut from = after;
        // An instant at which the clock changes is the first of its span.
        let mut is_first = false;
        for _ in 0..CHANGES_MAX {
            let offset = zone.to_offset(from);
            let until = changes.next().map(|change| change.timestamp());
            let civil = match is_first {
                true => minute_from(offset.to_datetime(from))?,
                false => minute_after(offset.to_datetime(from))?,
            };
            let found = self.civil_from(civil)?;
            // Near the calendar's end an instant may lie beyond it.
            let found = offset.to_timestamp(found).ok()?;
            match until {
                Some(until) if found >= until => (from, is_first) = (until, true),
                _ => return Some(found),
            }
        }
        None
    }

    /// By the wall's clock: its times go by in order, each at the first instant that shows it, or right after the
    /// gap that it falls into.
    fn next_by_wall(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut civil = minute_after(zone.to_datetime(after))?;
        loop {
            civil = self.civil_from(civil)?;
            let instant = instant_of(civil, zone)?;
            if instant > after {
                return Some(instant);
            }
            // It was shown before, ahead of a fold or within the gap that ended with `after`.
            civil = minute_after(civil)?;
        }
    }

    /// The first time of the wall's clock that matches, from a full minute on.
    pub(in crate::jobs) fn civil_from(&self, from: DateTime) -> Option<DateTime> {
        let mut month = Date::new(from.year(), from.month(), 1).ok()?;
        let mut days = self.days_of(month) & (u32::MAX << from.day());
        for _ in 0..MONTHS_SEARCHED {
            while days != 0 {
                let date = Date::new(month.year(), month.month(), i8::try_from(days.trailing_zeros()).ok()?);
                let date = date.ok()?;
                let clock = match date == from.date() {
                    true => self.clock_from(from.hour().unsigned_abs(), from.minute().unsigned_abs()),
                    false => self.clock_from(0, 0),
                };
                if let Some(clock) = clock {
                    return Some(date.to_datetime(clock));
                }
                days &= days - 1;
            }
            month = match month.month() {
                12 => Date::new(month.year().checked_add(1)?, 1, 1).ok()?,
                number => Date::new(month.year(), number + 1, 1).ok()?,
            };
            days = self.days_of(month);
        }
        None
    }

    /// Whether the calendar has any of its days.
    pub(super) fn ever_fires(&self) -> bool {
        self.civil_from(DateTime::constant(2026, 1, 1, 0, 0, 0, 0)).is_some()
    }

    /// The first matching time of a day from a minute on.
    fn clock_from(&self, hour: u8, minute: u8) -> Option<Time> {
        let time = |hour: u32, minute: u32| {
            Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
        };
        let minutes = self.minutes & (u64::MAX << minute);
        if self.hours & (1 << hour) != 0 && minutes != 0 {
            return time(u32::from(hour), minutes.trailing_zeros());
        }
        let hours = self.hours & (u32::MAX << hour << 1);
        if hours == 0 || self.minutes == 0 {
            return None;
        }
        time(hours.trailing_zeros(), self.minutes.trailing_zeros())
    }

    /// The matching days of the month that begins with `first`, a bit each.
    fn days_of(&self, first: Date) -> u32 {
        if self.months & (1 << first.month()) == 0 {
            return 0;
        }
        let month = Month::of(first);
        let mut days = self.days;
        if self.has(Schedule::LAST) {
            days |= 1 << month.length;
        }
        if self.has(Schedule::LAST_WORKING) {
            days |= 1 << month.near(month.length);
        }
        let mut near = self.near & month.all();
        while near != 0 {
            days |= 1 << month.near(near.trailing_zeros());
            near &= near - 1;
        }
        let mut of_week = 0;
        for weekday in (0..7).filter(|weekday| self.weekdays & (1 << weekday) != 0) {
            of_week |= month.each(weekday);
        }
        let mut nth = self.nth;
        while nth != 0 {
            let bit = nth.trailing_zeros();
            let each = month.each(bit % 7);
            // A month has four or five of each weekday.
            of_week |= match bit / 7 {
                5 => 1 << (31 - each.leading_zeros()),
                which => (1 << (each.trailing_zeros() + 7 * which)) & each,
            };
            nth &= nth - 1;
        }
        month.all() & if self.has(Schedule::BOTH) { days & of_week } else { days | of_week }
    }
}

/// What of a month decides its days.
struct Month {
    length: u32,
    /// The weekday of its first day, from Sunday on.
    first: u32,
}

impl Month {
    fn of(first: Date) -> Month {
        Month {
            length: u32::from(first.days_in_month().unsigned_abs()),
            first: u32::from(first.weekday().to_sunday_zero_offset().unsigned_abs()),
        }
    }

    fn all(&self) -> u32 {
        (u32::MAX >> (31 - self.length)) & !1
    }

    /// Every day of a weekday.
    fn each(&self, weekday: u32) -> u32 {
        let day = 1 + (weekday + 7 - self.first) % 7;
        (0x1020_4081 << day) & self.all()
    }

    /// The working day of this month that is nearest to a day of it.
    fn near(&self, day: u32) -> u32 {
        match (self.first + day - 1) % 7 {
            6 if day == 1 => 3,
            6 => day - 1,
            0 if day == self.length => day - 2,
            0 => day + 1,
            _ => day,
        }
    }
}

/// The first instant that shows a time of the wall's clock, or the end of the gap that it falls into.
pub(in crate::jobs) fn instant_of(civil: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(civil).ok()
        }
        AmbiguousOffset::Gap { before, .. } => {
            let beyond = before.to_timestamp(civil).ok()?;
            let beyond = Timestamp::from_second(beyond.as_second().checked_add(1)?).ok()?;
            Some(zone.preceding(beyond).next()?.timestamp())
        }
    }
}

fn minute_after(civil: DateTime) -> Option<DateTime> {
    let floor = floor(civil)?;
    floor.checked_add(jiff::SignedDuration::from_secs(MINUTE_S)).ok()
}

/// The minute itself where it is a full one, else the next.
fn minute_from(civil: DateTime) -> Option<DateTime> {
    let floor = floor(civil)?;
    if floor == civil { Some(floor) } else { minute_after(civil) }
}

fn floor(civil: DateTime) -> Option<DateTime> {
    Some(civil.date().to_datetime(Time::new(civil.hour(), civil.minute(), 0, 0).ok()?))
}
