//! What a clock tells, as people do.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::text::counted;

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// How long ago something was.
pub fn ago(at_ms: i64, now_ms: i64) -> String {
    let seconds = u64::try_from(now_ms.saturating_sub(at_ms)).unwrap_or(0) / 1000;
    match seconds {
        0..60 => "just now".to_string(),
        60..3600 => format!("{} ago", counted(seconds / 60, "minute")),
        3600..86_400 => format!("{} ago", counted(seconds / 3600, "hour")),
        _ => format!("{} ago", counted(seconds / 86_400, "day")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_do() {
        let ago = |seconds: i64| ago(0, seconds * 1000);
        assert_eq!(
            (ago(5), ago(61), ago(7300)),
            ("just now".into(), "1 minute ago".into(), "2 hours ago".into())
        );
        assert_eq!(super::ago(10, 0), "just now", "a clock that was set back is no error");
    }
}
