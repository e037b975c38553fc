//! What a clock tells, as people do.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::text;

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// How long ago something was. A clock that was set back is no error.
pub fn ago(at_ms: i64, now_ms: i64) -> String {
    text::ago(Duration::from_millis(u64::try_from(now_ms.saturating_sub(at_ms)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_two_clocks() {
        assert_eq!(ago(1_000, 62_000), "1 minute ago");
        assert_eq!(ago(10, 0), "just now", "a clock that was set back is no error");
    }
}
