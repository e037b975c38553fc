//! Numbers, times and lengths as people read them.

use std::time::Duration;

/// A number as people read it: `1,234,567`.
pub fn grouped(number: impl TryInto<u64>) -> String {
    group(&number.try_into().unwrap_or(u64::MAX).to_string())
}

/// Digits in groups of three.
pub(crate) fn group(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 package`, `2 packages`.
pub fn counted(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// How long ago something was: `just now`, `2 hours ago`.
pub fn ago(age: Duration) -> String {
    match age.as_secs() {
        0..60 => "just now".to_string(),
        seconds @ 60..3600 => format!("{} ago", counted(seconds / 60, "minute")),
        seconds @ 3600..86_400 => format!("{} ago", counted(seconds / 3600, "hour")),
        seconds => format!("{} ago", counted(seconds / 86_400, "day")),
    }
}

/// Text of at most this many characters, its end replaced by `…` where it is longer.
pub fn fit(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_string();
    }
    let mut short: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let numbers = [0_u64, 999, 1_000, 12_345, 1_234_567];
        assert_eq!(numbers.map(grouped), ["0", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!([1_usize, 2].map(|count| counted(count, "package")), ["1 package", "2 packages"]);
    }

    #[test]
    fn times_are_told_as_people_do() {
        let ages = [5, 61, 7300, 200_000].map(|seconds| ago(Duration::from_secs(seconds)));
        assert_eq!(ages, ["just now", "1 minute ago", "2 hours ago", "2 days ago"]);
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("abcd", 0), "…");
    }
}
