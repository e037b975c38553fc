//! What a clock tells, as people do.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::text;

/// What turns while something is at work.
const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠹"];
/// What stands in its place where nothing moves.
pub const STILL: &str = "•";
/// A step of it.
const STEP_MS: u128 = 250;

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// How long ago something was. A clock that was set back is no error.
pub fn ago(at_ms: i64, now_ms: i64) -> String {
    text::ago(Duration::from_millis(u64::try_from(now_ms.saturating_sub(at_ms)).unwrap_or(0)))
}

/// The time of day at which something was, where local time is so much ahead of UTC.
pub fn time_of_day(at_ms: i64, offset_s: i32) -> String {
    let seconds = (at_ms.div_euclid(1000) + i64::from(offset_s)).rem_euclid(24 * 60 * 60);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Whole seconds between two moments: `12 s`, `2 min 5 s`.
pub fn elapsed(since: Instant, now: Instant) -> String {
    let seconds = now.saturating_duration_since(since).as_secs();
    match seconds / 60 {
        0 => format!("{seconds} s"),
        minutes => format!("{minutes} min {} s", seconds % 60),
    }
}

pub fn spinner(since: Instant, now: Instant) -> &'static str {
    let steps = now.saturating_duration_since(since).as_millis() / STEP_MS;
    SPINNER[usize::try_from(steps % 8).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_two_clocks() {
        assert_eq!(ago(1_000, 62_000), "1 minute ago");
        assert_eq!(ago(10, 0), "just now", "a clock that was set back is no error");
    }

    #[test]
    fn the_time_of_day_is_local() {
        assert_eq!(time_of_day(0, 0), "00:00:00");
        assert_eq!(time_of_day(86_399_999, 3600), "00:59:59");
        assert_eq!(time_of_day(1_000_180_000, -5 * 3600), "08:49:40");
        assert_eq!(time_of_day(-1, 0), "23:59:59", "before 1970");
    }

    #[test]
    fn time_is_told_in_whole_seconds_and_turns_the_spinner() {
        let now = Instant::now();
        let after = |seconds| elapsed(now, now + Duration::from_secs(seconds));
        assert_eq!([after(0), after(59), after(125)], ["0 s", "59 s", "2 min 5 s"]);
        assert_ne!(spinner(now, now), spinner(now, now + Duration::from_millis(300)));
        assert_eq!(elapsed(now + Duration::from_secs(1), now), "0 s", "a clock never goes back");
    }
}
